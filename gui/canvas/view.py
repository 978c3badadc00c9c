"""The canvas as the window holds it: the stage, its gestures, what lies over it, and every command as a method."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRectF, QSizeF, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QPainter,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from engine.document.diff import Change
from engine.errors import Problem
from engine.graph.graph import Edge, NodeId
from engine.layers.base import Layer
from engine.training.events import Event, Failed
from gui.canvas.adding import add_layer
from gui.canvas.aligning import Aligning
from gui.canvas.bookmarks import Bookmarks
from gui.canvas.cards import ProblemCard
from gui.canvas.changes import Changes
from gui.canvas.choosing import Choosing
from gui.canvas.commands import Commands
from gui.canvas.editing import Editing
from gui.canvas.empty_hint import EmptyHint
from gui.canvas.find_list import FindList
from gui.canvas.gestures import Gestures
from gui.canvas.iced import Iced
from gui.canvas.layer_search import LayerSearch
from gui.canvas.minimap import Minimap
from gui.canvas.overlays import Breadcrumb, Plaque, Tip, ZoomBar
from gui.canvas.palette_drop import PaletteDrop
from gui.canvas.probes import Probes
from gui.canvas.stage import Stage
from gui.canvas.swap_list import SwapList
from gui.canvas.wire_list import WireList
from gui.canvas.xray import XRay
from gui.session import Session
from gui.theme import metrics
from gui.widgets.focus_order import in_reading_order


class CanvasView(Stage):
    """The block on screen, to look at and to edit.

    help_wanted(layer key), examples_wanted(), zoom_changed(zoom),
    menu_wanted(global point): the right button, with what was under it selected.
    """

    help_wanted = Signal(str)
    examples_wanted = Signal()
    menu_wanted = Signal(QPoint)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        self.gestures: Gestures | None = None
        super().__init__(session, parent)
        self.setAccessibleName("Canvas")
        self.setAcceptDrops(True)
        self.surface.viewport().setAcceptDrops(False)
        self.surface.setAcceptDrops(False)
        self.editing = Editing(self)
        self.search = LayerSearch(self)
        self.commands, self.drop = Commands(self), PaletteDrop(self)
        self.choosing, self.aligning = Choosing(self), Aligning(self)
        self.finder, self.changes, self.swapping = FindList(self), Changes(self), SwapList(self)
        self.bookmarks, self.wiring, self.probes = Bookmarks(self), WireList(self), Probes(self)
        self.iced = Iced(self)
        self.gestures = Gestures(self, self.search, self.editing, self.commands)
        self.breadcrumb, self.zoom_bar = Breadcrumb(self), ZoomBar(self)
        self.tip, self.problem_card = Tip(self), ProblemCard(self)
        self.minimap, self.xray = Minimap(self), XRay(self, self.tip)
        self._hint: EmptyHint | None = None
        self._wire_up()
        self.after_change()
        self.zoom_changed.emit(self.zoom)

    def _wire_up(self) -> None:
        self.search.help_wanted.connect(self.help_wanted)
        self.zoom_bar.less.clicked.connect(self.zoom_out)
        self.zoom_bar.more.clicked.connect(self.zoom_in)
        self.zoom_bar.reset.clicked.connect(self.zoom_reset)
        self.zoom_bar.whole.clicked.connect(lambda: self.fit())
        self.zoom_changed.connect(self.zoom_bar.show_zoom)
        self.surface.moved.connect(self.problem_card.follow)
        self.surface.moved.connect(self.editing.close)
        self.breadcrumb.chosen.connect(self.session.leave)
        self.session.runner.events.connect(self.follow_run)

    @property
    def hint(self) -> EmptyHint:
        """What an empty canvas says."""
        if self._hint is None:
            hint = self._hint = EmptyHint(self)
            hint.layer_chosen.connect(lambda key: self.add_layer(key))
            hint.examples_wanted.connect(self.examples_wanted)
            self._place_hint()
        return self._hint

    def _place_hint(self) -> None:
        if self._hint is not None:
            room = self.size() - self._hint.size()
            self._hint.move(room.width() // 2, room.height() // 2)

    def paint_gesture(self, painter: QPainter, rect: QRectF, zoom: float) -> None:
        if self.gestures is not None:
            self.gestures.paint(painter, rect, zoom)

    def plaques(self) -> list[Plaque]:
        """What lies over the canvas and takes keys, from above: Tab on the canvas itself opens the list of layers."""
        seen = [plaque for plaque in self.findChildren(Plaque) if plaque.isVisible() and any(in_reading_order(plaque))]
        return sorted(seen, key=lambda plaque: (plaque.y(), plaque.x()))

    def show_tip(self, text: str, pos: QPointF) -> None:
        self.tip.say(text or self.xray.look_at(self.marks.hover), pos.toPoint())

    def give_way(self, pos: QPoint | None) -> None:
        self.minimap.fade(pos is not None and self.minimap.geometry().contains(pos))

    def follow_run(self, events: list[Event]) -> None:
        """Mark the layer at which a run failed, and look at it once."""
        for event in events:
            if isinstance(event, Failed) and event.node:
                self.session.reveal(event.block, event.node)
                if NodeId(event.node) in self.drawing.faces:
                    self.drawing.mark_failure(NodeId(event.node), Problem("error", event.message, event.hint))
                    self.scene.redraw()
                    self.after_change()

    def follow_project(self, change: Change) -> None:
        super().follow_project(change)
        if self.gestures is not None:
            self.gestures.interrupt()

    def follow_block(self) -> None:
        if self.gestures is not None:
            self.gestures.interrupt()
            self.editing.cancel()
        super().follow_block()

    def after_change(self) -> None:
        """Breadcrumb, minimap, card and hint say what is on screen now."""
        if self.gestures is None or not hasattr(self, "problem_card"):
            return
        session = self.session
        names = [block.name for block in (session.project.block(), *session.inside())]
        self.breadcrumb.show_path(names)
        self.minimap.follow()
        is_empty = not self.drawing.faces and not self.drawing.frames
        if is_empty or self._hint is not None:
            self.hint.examples.setVisible(not session.path)
            self.hint.setVisible(is_empty and not self.search.is_open)
        self.minimap.setVisible(bool(self.drawing.faces))
        self.problem_card.show_for(self._node_in_trouble())

    def _node_in_trouble(self) -> NodeId | None:
        """The node whose problem is spelled out: the hovered one, else the only selected one."""
        if self.gestures is not None and self.gestures.tool is not None:
            return None
        hover, chosen = self.marks.hover, self.session.selection
        for node in (hover, chosen[0] if len(chosen) == 1 else None):
            if node and self.drawing.problems.get(node):
                return node
        return None

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.gestures is None or not hasattr(self, "problem_card"):
            return
        gap, width, height = metrics().canvas.overlay_gap, self.width(), self.height()
        self.breadcrumb.move(gap, gap)
        self.changes.place()
        self.minimap.move(width - gap - self.minimap.width(), height - gap - self.minimap.height())
        self.zoom_bar.adjustSize()
        top = self.minimap.y() - metrics().space.s - self.zoom_bar.height()
        self.zoom_bar.move(width - gap - self.zoom_bar.width(), top)
        self.xray.place()
        self._place_hint()
        self.problem_card.follow()

    def room_for(self, bounds: QRectF) -> tuple[int, int, int, int]:
        """None, unless the minimap and the zoom bar would then lie over nodes."""
        if not hasattr(self, "minimap"):
            return 0, 0, 0, 0
        covered = self.minimap.geometry().united(self.zoom_bar.geometry())
        free = (0, 0, 0, 0)
        choices = (free, (0, 0, self.width() - covered.left(), 0), (0, 0, 0, self.height() - covered.top()))

        def hidden(room: tuple[int, int, int, int]) -> bool:
            zoom, centre = self.surface.fitting(bounds, room)
            corner = centre - QPointF(self.width(), self.height()) / 2 / zoom
            lying = QRectF(corner + QPointF(covered.topLeft()) / zoom, QSizeF(covered.size()) / zoom)
            return bool(self.drawing.nodes_in(lying))

        good = [room for room in choices if not hidden(room)]
        return max(good, key=lambda room: self.surface.fitting(bounds, room)[0], default=free)

    def light_up_paths(self, lit: bool) -> None:
        """Whether pointing at a node, or selecting one, lights its way through the network."""
        self.marks.lights_paths = lit
        self.scene.redraw()

    # Commands, as the menus call them

    def delete_selection(self) -> None:
        self.commands.delete()

    def duplicate(self) -> None:
        self.commands.duplicate()

    def copy(self) -> None:
        self.commands.copy()

    def cut(self) -> None:
        self.commands.cut()

    def paste(self) -> None:
        self.commands.paste()

    def select_all(self) -> None:
        self.choosing.everything()

    def group(self) -> None:
        self.commands.group()

    def ungroup(self) -> None:
        self.commands.ungroup()

    def arrange(self) -> None:
        self.commands.arrange()

    def arrange_folded(self) -> None:
        """Lay the layers out in lines that read like text."""
        self.commands.arrange(folded=True)

    def arrange_selection(self) -> None:
        self.commands.arrange_selection()

    def connect_selection(self) -> None:
        self.commands.connect_selection()

    def add_frame(self) -> None:
        self.commands.add_frame()

    def add_note(self) -> None:
        self.commands.add_note()

    def write_note(self) -> None:
        """Add a note, and write into it."""
        self.add_note()
        self.rename()

    def rename(self) -> None:
        """Edit the name of the selected node, or of the frame that was clicked, in place."""
        if self.session.selection:
            self.editing.rename(self.session.selection[-1])
        elif self.marks.chosen_frame:
            self.editing.edit_frame(self.marks.chosen_frame)

    def enter_selected(self) -> None:
        """Show the inside of the selected block."""
        if self.session.selection:
            self.session.enter(self.session.selection[-1])

    def leave(self) -> None:
        """Back to the block around this one."""
        self.session.leave()

    def open_search(self) -> None:
        if self.gestures is not None:
            self.gestures.open_search()

    def add_layer(self, layer: str | Layer, pos: QPointF | None = None, wire: Edge | None = None) -> NodeId | None:
        """Add a layer by its key, or "block:<id>": at a point of the scene, on a wire, else behind what is selected."""
        return add_layer(self, layer, pos, wire)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The right button selects what is under it, unless that is selected already, and asks for a menu.

        The key for menus asks for that of what is selected.
        """
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            self.menu_wanted.emit(self.mapToGlobal(self._menu_point()))
            return
        if self.gestures is not None and (self.gestures.gave_up or self.gestures.tool is not None):
            return
        pos = self.surface.mapToScene(event.pos())
        point = self.point_under(pos)
        node = None if point else self.node_under(pos)
        if point is not None:
            if point not in self.marks.points:
                self.select((), (point,))
        elif node is not None and node not in self.session.selection:
            self.session.select([node])
        elif node is None:
            wire = self.wire_under(pos)
            frame = None if wire else self.frame_under(pos)
            if frame is None or frame.id not in self.marks.frames:
                self.choose(wire, frame.id if frame else None)
        self.menu_wanted.emit(event.globalPos())

    def _menu_point(self) -> QPoint:
        """Where the menu of what is marked opens without a mouse: at it, or at the edge beyond which it lies."""
        chosen, marks, drawing = self.session.selection, self.marks, self.drawing
        point = drawing.point(min(marks.points)) if marks.points else None
        frame = next((f for f in drawing.frames if f.id in marks.frames), None)
        room = self.rect()
        if chosen:
            at = self.node_point(chosen[-1])
        elif point is not None:
            at = self.to_view(QPointF(point.x, point.y))
        elif marks.chosen_wire is not None:
            at = self.to_view(drawing.wires[marks.chosen_wire].route.path.pointAtPercent(0.5))
        elif frame is not None:
            at = self.to_view(QPointF(frame.x + metrics().space.l, frame.y + metrics().node.frame_title / 2))
        else:
            return room.center()
        return QPoint(min(max(at.x(), 0), room.right()), min(max(at.y(), 0), room.bottom()))

    # Dropped from the palette

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self.drop.enter(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self.drop.move(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.drop.leave()

    def dropEvent(self, event: QDropEvent) -> None:
        self.drop.drop(event)
