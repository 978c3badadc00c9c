"""The canvas without its gestures: it draws the block on screen, follows the session, and knows what is marked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QPainter
from PySide6.QtWidgets import QWidget

from engine.document.diff import Change
from engine.document.project import Frame
from engine.graph.graph import Edge, NodeId
from gui.canvas import face, speech, texts
from gui.canvas.along import load_of
from gui.canvas.detail import reach
from gui.canvas.drawing import Drawing, is_another
from gui.canvas.face import Spot, end_of
from gui.canvas.gliding import Gliding
from gui.canvas.layers import LayeredScene, Picture
from gui.canvas.look import Marks
from gui.canvas.settling import Settling
from gui.canvas.surface import Surface
from gui.session import Session
from gui.snapping import snapping
from gui.theme import metrics, theme_changed

Home = tuple[QPointF, float]
SEEN_AT_ONCE = 60  # nodes


class Stage(QWidget):
    """Draws `session.block` and keeps it in step: `changed` when the project did, `analysed` when shapes are known.

    zoom_changed(zoom). shown(): another block or another project is on screen. chosen(): a wire or frame was marked.
    """

    zoom_changed = Signal(float)
    shown = Signal()
    chosen = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.picture = Picture(self._fresh_drawing())
        self.scene = LayeredScene(self.picture, self.paint_gesture)
        self.surface = Surface(self.scene, self)
        self.surface.setAccessibleName("Canvas")
        self.setFocusProxy(self.surface)
        self._homes: dict[tuple[Any, ...], Home] = {}
        self._path = session.path
        self._fitted = False
        self._stand: Home | None = None
        self.gliding = Gliding(self, self)
        self.settling = Settling(self, self)
        self.settling.settled.connect(self._show_settled)
        self.beside: Stage | None = None
        """The other side of a split view, to which layers can be dragged."""
        session.changed.connect(self.follow_project)
        session.analysed.connect(self.follow_analysis)
        session.completed.connect(self._follow_part)
        session.selection_changed.connect(self.follow_selection)
        session.block_changed.connect(self.follow_block)
        session.revealed.connect(self.reveal)
        self.surface.moved.connect(lambda: self.zoom_changed.emit(self.zoom))
        theme_changed.connect(self.follow_theme)
        self.follow_selection()
        self.settling.start()

    @property
    def drawing(self) -> Drawing:
        return self.picture.drawing

    @property
    def marks(self) -> Marks:
        return self.picture.marks

    @property
    def zoom(self) -> float:
        return self.surface.zoom

    def _fresh_drawing(self) -> Drawing:
        session = self.session
        return Drawing(session.project, session.block_id, session.analysis, session.trusted, hurry=True)

    def paint_gesture(self, painter: QPainter, rect: QRectF, zoom: float) -> None:
        """What the gesture that goes on draws over everything."""

    # What the session says

    def follow_project(self, change: Change) -> None:
        """The project is another value: draw what differs."""
        self.gliding.stop()
        if self.drawing.block != self.session.block_id or is_another(change, self.drawing.block):
            self.start_afresh()
            return
        version = self.drawing.version
        self.drawing.sync(self.session.project, change.blocks.get(self.drawing.block), hurry=True)
        self.settling.start()
        self._forget_marks()
        self._redraw_since(version)
        self.after_change()

    def _redraw_since(self, version: int) -> None:
        """Paint anew what looks different than in an earlier version of the drawing."""
        where = self.drawing.since(version)
        if where is None or self.marks.lights_paths:  # which wires are lit depends on all of them
            self.scene.redraw()
            return
        room = reach(self.zoom)
        for rect in where:
            self.scene.redraw(rect.adjusted(-room, -room, room, room))

    def show_tip(self, text: str, pos: QPointF) -> None:
        """Say a little more of what is under the pointer, at a point of the view."""

    def give_way(self, pos: QPoint | None) -> None:
        """Something is dragged here: what lies over it fades. None: nothing is dragged any more."""

    def after_change(self) -> None:
        """What stands beside the drawing follows."""

    def follow_analysis(self) -> None:
        """Shapes and problems of the project as it is now."""
        version = self.drawing.version
        if self.session.analysis is not None:
            self.drawing.learn(self.session.analysis, self.session.trusted, hurry=True)
            if not self.drawing.is_settled:
                self.drawing.see(self.drawing.nodes_in(self.surface.visible())[:SEEN_AT_ONCE])
                self.settling.start()
            self._redraw_since(version)
        self.describe_focus()
        self.after_change()

    def _show_settled(self) -> None:
        """All that is known shows, and every wire has its course."""
        self.scene.redraw()
        self.after_change()

    def _follow_part(self, part: str) -> None:
        if part == "repairs":
            self.follow_analysis()

    def select(self, nodes: Iterable[NodeId], points: Iterable[str] = (), frames: Iterable[str] = ()) -> None:
        """Select layers, points of wires, and frames and notes, and nothing else."""
        self.session.select(nodes)
        wanted, framed = frozenset(points), frozenset(frames)
        if (wanted, framed) != (self.marks.points, self.marks.frames):
            self.marks.points, self.marks.frames = wanted, framed
            if wanted or framed:
                self.marks.chosen_wire = None
            self.scene.redraw()
            self.describe_focus()
            self.chosen.emit()

    def mark(self, nodes: tuple[NodeId, ...], points: frozenset[str], frames: frozenset[str]) -> None:
        """Show as selected what `select` is told later: nobody but the canvas hears of it."""
        self.scene.redraw_looks(self.marks.take(nodes, points, frames), self.zoom)

    def follow_selection(self) -> None:
        changed = self.marks.choose(self.session.selection)
        self.describe_focus()
        self.scene.redraw_looks(changed, self.zoom)
        self.after_change()

    def follow_block(self) -> None:
        """Another block: remember where one stood in the old one, and glide into the new one."""
        self.gliding.stop()
        before, path = self._path, self.session.path
        deeper = len(path) > len(before)
        self._homes[before] = (self.surface.centre, self.surface.zoom)
        entered = self._node_rect(path[len(before)][1] if path[: len(before)] == before and deeper else None)
        place = self.view_rect(entered)
        self._path = path
        self.picture.drawing = self._fresh_drawing()
        self.settling.start()
        self.picture.marks = Marks(lights_paths=self.marks.lights_paths)
        self.picture.heat = {}
        home = self._homes.get(self._path)
        if home and not deeper:
            self.surface.look_at(*home)
        else:
            self.fit(animate=False)
        if deeper:
            self.surface.sweep(self.drawing.bounds(), place)
        elif before[: len(path)] == path:
            self.surface.sweep(self._node_rect(before[len(path)][1]), QRectF(self.surface.viewport().rect()))
        self.scene.redraw()
        self.shown.emit()
        self.after_change()

    def _node_rect(self, node: NodeId | None) -> QRectF:
        return self.drawing.rect(node) if node is not None and node in self.drawing.faces else QRectF()

    def choose(self, wire: Edge | None = None, frame: str | None = None) -> None:
        """Mark a wire or a frame instead of layers, for what is done next; neither, and nothing is marked."""
        self.session.select(())
        self.marks.points, self.marks.frames = frozenset(), frozenset({frame} if frame else ())
        self.marks.chosen_wire = wire
        self.describe_focus()
        self.scene.redraw()
        self.chosen.emit()

    def follow_theme(self) -> None:
        texts.forget()
        face.forget()
        self.drawing.rebuild(hurry=True)
        self.settling.start()
        self.scene.redraw()

    def start_afresh(self) -> None:
        """Another project is open."""
        self.picture.drawing = self._fresh_drawing()
        self.settling.start()
        self.picture.marks = Marks(selected=frozenset(self.session.selection), lights_paths=self.marks.lights_paths)
        self.picture.heat = {}
        self._homes.clear()
        self._stand = None
        self._path = self.session.path
        self.fit(animate=False)
        self.scene.redraw()
        self.shown.emit()
        self.after_change()

    def reveal(self, node: str) -> None:
        """Bring a node of this block to where it can be seen."""
        found = NodeId(node)
        if found not in self.drawing.faces:
            return
        self.marks.focus = found
        rect = self.drawing.rect(found)
        margin = metrics().canvas.fit_margin / self.zoom
        if self.zoom < metrics().lod.compact or not self.surface.visible().adjusted(
            margin, margin, -margin, -margin
        ).contains(rect):
            self.surface.look_at(rect.center(), max(self.zoom, metrics().lod.full), animate=True)
        self.scene.redraw()

    def _forget_marks(self) -> None:
        """Nothing that is gone stays marked."""
        marks, drawing = self.marks, self.drawing
        marks.hover = marks.hover if marks.hover in drawing.faces else None
        marks.focus = marks.focus if marks.focus in drawing.faces else None
        marks.selected = frozenset(n for n in self.session.selection if n in drawing.faces)
        for name in ("hover_wire", "drop_wire", "chosen_wire"):
            if getattr(marks, name) not in drawing.wires:
                setattr(marks, name, None)
        marks.frames &= {f.id for f in drawing.frames}
        there = {r.id for r in drawing.reroutes}
        marks.points &= there
        marks.hover_point = marks.hover_point if marks.hover_point in there else None

    # Where one looks

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self.surface.setGeometry(self.rect())
        if not self._fitted:
            self.look_first()

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        if not self._fitted:
            self._fitted = True
            self.look_first()

    def look_first(self) -> None:
        """What is seen at first: everything, or what was on screen when it was last open."""
        self.surface.look_at(*self._stand) if self._stand is not None else self.fit(animate=False)

    def stand_at(self, centre: QPointF, zoom: float) -> None:
        """Look again as when it was last open."""
        self._stand = centre, zoom
        self.look_first()

    def fit(self, animate: bool = True) -> None:
        """Show everything."""
        bounds = self.drawing.bounds()
        if bounds.isEmpty():
            self.surface.look_at(QPointF(0, 0), 1.0, animate)
        else:
            self.surface.fit(bounds, animate, self.room_for(bounds))

    def room_for(self, bounds: QRectF) -> tuple[int, int, int, int]:
        """What is to be kept free at left, top, right and bottom when this is fitted into the view."""
        return 0, 0, 0, 0

    def fit_selection(self) -> None:
        """Show what is selected, or everything."""
        marks = self.marks
        load = load_of(self.drawing, marks.selected, marks.points, marks.frames)
        self.surface.fit(load.bounds(self.drawing), animate=True) if load.nodes or load.frames else self.fit()

    def zoom_in(self) -> None:
        self.surface.zoom_at(QPointF(self.surface.viewport().rect().center()), metrics().lod.zoom_step ** 2)

    def zoom_out(self) -> None:
        self.surface.zoom_at(QPointF(self.surface.viewport().rect().center()), metrics().lod.zoom_step ** -2)

    def zoom_reset(self) -> None:
        """Life size."""
        self.surface.zoom_at(QPointF(self.surface.viewport().rect().center()), 1 / self.zoom)

    def to_view(self, pos: QPointF) -> QPoint:
        """A point of the scene in this widget's coordinates."""
        return self.surface.mapFromScene(pos)

    def view_rect(self, rect: QRectF) -> QRectF:
        """A rectangle of the scene in this widget's coordinates."""
        return self.surface.viewportTransform().mapRect(rect)

    def node_point(self, node: NodeId | str) -> QPoint:
        """The middle of a node's header in this widget's coordinates."""
        rect = self.drawing.rect(NodeId(node))
        return self.to_view(QPointF(rect.center().x(), rect.top() + metrics().node.header / 2))

    def port_point(self, node: NodeId | str, side: str, port: str) -> QPoint:
        """The middle of a port in this widget's coordinates."""
        spot = self.drawing.faces[NodeId(node)].spot(side, port)
        assert spot is not None, f"no port {port}"
        return self.to_view(end_of(spot, self.drawing.at[NodeId(node)]))

    def snap(self, value: float, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> float:
        """The place on the grid nearest to one, while things snap to it; Shift or Alt turns that round for as long."""
        step = metrics().node.snap if self.snaps(keys) else 1
        return float(round(value / step) * step)

    def snaps(self, keys: Qt.KeyboardModifier) -> bool:
        """Whether things snap to the grid while these keys are held."""
        return snapping.is_on != bool(keys & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.AltModifier))

    # What is pointed at

    def spot_at(self, pos: QPointF) -> Spot | None:
        """The port under a point; ports are only there at the full level of detail."""
        if self.zoom < metrics().lod.full:
            return None
        return self.drawing.port_at(pos, metrics().node.port_hit / 2)

    def node_under(self, pos: QPointF) -> NodeId | None:
        return self.drawing.node_at(pos, above=self.marks.selected)

    def wire_under(self, pos: QPointF) -> Edge | None:
        return self.drawing.wire_at(pos, metrics().canvas.pick / self.zoom)

    def point_under(self, pos: QPointF) -> str | None:
        """The point of a wire under a point of the scene; from far away there are none to take hold of."""
        if self.zoom < metrics().lod.compact:
            return None
        return self.drawing.point_at(pos, metrics().control.target_min / 2 / max(self.zoom, 1.0))

    def frame_under(self, pos: QPointF) -> Frame | None:
        """The frame whose title or edge is under a point, or the note anywhere on it."""
        frame, m = self.drawing.frame_at(pos), metrics()
        if frame is None or frame.kind == "note":
            return frame
        edge = m.canvas.frame_edge / self.zoom
        inner = QRectF(frame.x, frame.y, frame.width, frame.height).adjusted(edge, m.node.frame_title, -edge, -edge)
        return None if inner.contains(pos) else frame

    def redraw_nodes(self, nodes: Iterable[NodeId | None]) -> None:
        """Paint these nodes anew, with their wires and chips."""
        m = metrics()
        nodes, dirty = list(nodes), QRectF()
        if len(nodes) > m.canvas.redraw_most or self.marks.lights_paths:  # the wires that are lit may lead anywhere
            self.scene.redraw()
            return
        for node in nodes:
            if node is None or node not in self.drawing.faces:
                continue
            margin = reach(self.zoom)
            dirty = dirty.united(self.drawing.rect(node).adjusted(-margin, -margin, margin + m.node.width, margin))
            graph = self.drawing.graph
            for edge in (*graph.into(node), *graph.out_of(node)):
                if edge in self.drawing.wires:
                    dirty = dirty.united(self.drawing.wires[edge].route.rect)
        self.scene.redraw(dirty)

    def redraw_points(self, points: Iterable[str]) -> None:
        """Paint these points of wires anew, with their wires."""
        drawing = self.drawing
        for id in points:
            if (point := drawing.point(id)) is not None:
                self.redraw_wires(point.wires)

    def redraw_wires(self, edges: Iterable[Edge | None]) -> None:
        for edge in edges:
            if edge in self.drawing.wires:
                room = metrics().wire.reroute_r + metrics().node.selection_outset + 4
                self.scene.redraw(self.drawing.wires[edge].route.rect.adjusted(-room, -room, room, room))

    def describe_focus(self) -> None:
        """Tell a screen reader what the node, wire, frame or point in focus is: as the description, and aloud."""
        words = speech.of_focus(self.drawing, self.marks, self.picture.iced)
        if words == self.surface.accessibleDescription():
            return
        self.surface.setAccessibleDescription(words)
        if words and QAccessible.isActive() and self.surface.hasFocus():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.surface, words))
