"""Which gesture a press begins, what hovering marks, and what keys do on the canvas itself."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter

from engine.document.project import Frame
from engine.graph.graph import NodeId
from engine.layers.block import BlockLayer, held
from gui.canvas.adding import Purpose
from gui.canvas.cards import PointerCard
from gui.canvas.commands import Commands
from gui.canvas.edge_pan import EdgePan
from gui.canvas.editing import Editing
from gui.canvas.face import Row
from gui.canvas.layer_search import LayerSearch
from gui.canvas.look import PortKey
from gui.canvas.rerouting import Rerouting
from gui.canvas.speech import tip
from gui.canvas.stage import Stage
from gui.canvas.tools.base import Tool
from gui.canvas.tools.connect import ConnectTool
from gui.canvas.tools.cut import CutWires
from gui.canvas.tools.fields import FieldTool, WordTool, is_number
from gui.canvas.tools.frames import frame_cursor, frame_tool
from gui.canvas.tools.move import MoveNodesTool, MovePointsTool
from gui.canvas.tools.move_wires import MoveWires
from gui.canvas.tools.select import BoxSelect, ChooseWire, Lasso, adds
from gui.canvas.walking import neighbour
from gui.theme import metrics

Arrow = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
BARE = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier


class Gestures(QObject):
    """Holds the one tool that is at work."""

    def __init__(self, stage: Stage, search: LayerSearch, editing: Editing, commands: Commands) -> None:
        super().__init__(stage)
        self._stage, self._search, self._editing, self._commands = stage, search, editing, commands
        self.card, self.rerouting = PointerCard(stage), Rerouting(stage)
        self.tool: Tool | None = None
        self.gave_up = False
        """Whether the last press of another button only ended a gesture: it asks for no menu."""
        surface = stage.surface
        self.edge = EdgePan(surface)
        surface.pressed.connect(self.press)
        surface.dragged.connect(self.drag)
        surface.released.connect(self.release)
        surface.hovered.connect(self.hover)
        surface.double_clicked.connect(self.double_click)
        surface.left.connect(self.leave)
        surface.key_pressed.connect(self.key)

    def paint(self, painter: QPainter, rect: QRectF, zoom: float) -> None:
        if self.tool is not None:
            self.tool.paint(painter, rect, zoom)

    def press(self, pos: QPointF, event: QMouseEvent) -> None:
        self._editing.close()
        self._stage.gliding.stop()
        self._stage.marks.shows_focus = False
        self._stage.show_tip("", pos)
        self.gave_up = self.cancel()  # another button, or the left one again where its release was lost
        if event.button() != Qt.MouseButton.LeftButton or (self.gave_up and event.buttons() != event.button()):
            return
        self.tool = self._tool_at(pos, event)
        if self.tool.cursor is not None:
            self._stage.surface.viewport().setCursor(self.tool.cursor)

    def _tool_at(self, pos: QPointF, event: QMouseEvent) -> Tool:
        stage, keys = self._stage, event.modifiers()
        if keys & Qt.KeyboardModifier.AltModifier:
            return CutWires(stage, pos)
        if keys & Qt.KeyboardModifier.ShiftModifier and (spot := stage.spot_at(pos)) is not None and spot.wires:
            return MoveWires(stage, pos, spot, self.card)
        if not adds(event) and (spot := stage.spot_at(pos)) is not None:
            return ConnectTool(stage, pos, spot, self.card, self.search_from)
        if (point := stage.point_under(pos)) is not None:
            return MovePointsTool(stage, pos, point, event)
        if (node := stage.node_under(pos)) is not None:
            row = self.row_at(node, pos)
            if row is not None and not adds(event):
                tool = FieldTool if is_number(row) else WordTool
                return tool(stage, pos, event, node, row, self._editing)
            return MoveNodesTool(stage, pos, node, event)
        if stage.wire_under(pos) is not None and not adds(event):
            return ChooseWire(stage, pos)
        if (frame := stage.frame_under(pos)) is not None:
            return frame_tool(stage, pos, frame, event)
        if keys & Qt.KeyboardModifier.ControlModifier:
            return Lasso(stage, pos, bool(keys & Qt.KeyboardModifier.ShiftModifier))
        return BoxSelect(stage, pos, adds(event))

    def row_at(self, node: NodeId, pos: QPointF) -> Row | None:
        """The option whose value is under a point, at the level of detail that shows it."""
        if self._stage.zoom < metrics().lod.full:
            return None
        local = pos - QPointF(*self._stage.drawing.at[node])
        half = (metrics().control.target_min - metrics().node.field_h) / 2
        rows = self._stage.drawing.faces[node].rows
        return next((r for r in rows if r.field.adjusted(0, -half, 0, half).contains(local)), None)

    def drag(self, pos: QPointF, event: QMouseEvent) -> None:
        if self.tool is not None:
            was_drag = self.tool.is_drag
            self.tool.drag(pos, event)
            if not was_drag and self.tool is not None and self.tool.is_drag:
                self._stage.after_change()  # what is said of a layer makes room for the gesture
            is_drag = self.tool is not None and self.tool.is_drag
            self._stage.give_way(event.position().toPoint() if is_drag else None)
            if is_drag and self.tool is not None and self.tool.pans and not self._is_beside(event):
                self.edge.follow(event)
            else:
                self.edge.stop()

    def _is_beside(self, event: QMouseEvent) -> bool:
        """Whether the pointer is over the other side of a split view."""
        other = self._stage.beside
        if other is None:
            return False
        return other.surface.rect().contains(other.surface.mapFromGlobal(event.globalPosition()).toPoint())

    def release(self, pos: QPointF, event: QMouseEvent) -> None:
        if self.tool is not None and event.button() == Qt.MouseButton.LeftButton:
            self._put_down().drop(pos, event)
            self._stage.after_change()

    def _put_down(self) -> Tool:
        """Nothing is in the hand any more. Returns: what was."""
        tool, self.tool = self.tool, None
        assert tool is not None
        self.edge.stop()
        self._stage.surface.viewport().unsetCursor()
        self._stage.give_way(None)
        return tool

    def interrupt(self) -> None:
        """The project changed under the gesture, by an undo or from a panel: it no longer means what it did."""
        if self.tool is not None and not self.tool.is_editing:
            self._put_down().interrupt()
            self._stage.after_change()

    def cancel(self) -> bool:
        """Escape: end what goes on without a trace. Returns: whether anything went on."""
        if self.tool is None:
            return False
        self._put_down().cancel()
        self._stage.after_change()
        return True

    def hover(self, pos: QPointF, event: QMouseEvent) -> None:
        """Mark what is under the pointer. Nothing changes its size."""
        self.cancel()  # no button is held: its release was lost
        stage, marks = self._stage, self._stage.marks
        spot = stage.spot_at(pos)
        port = (spot.node, spot.side, spot.port.name) if spot else None
        point = None if port else stage.point_under(pos)
        node = None if point else stage.node_under(pos)
        wire = None if node or port or point else stage.wire_under(pos)
        frame = None if node or port or wire or point else stage.frame_under(pos)
        if port != marks.hover_port or node != marks.hover:
            stage.redraw_nodes([marks.hover, node, marks.hover_port[0] if marks.hover_port else None])
            marks.hover_port, marks.hover = port, node
            stage.redraw_nodes([node, port[0] if port else None])
            stage.after_change()
        if wire != marks.hover_wire:
            stage.redraw_wires([marks.hover_wire, wire])
            marks.hover_wire = wire
            stage.after_change()
        if point != marks.hover_point:
            before, marks.hover_point = marks.hover_point, point
            stage.redraw_points([p for p in (before, point) if p])
        if (frame.id if frame else None) != marks.hover_frame:
            marks.hover_frame = frame.id if frame else None
            stage.scene.redraw()
        row = self.row_at(node, pos) if node and not port else None
        stage.show_tip(tip(stage.drawing, marks, row, stage.zoom), event.position())
        self._show_cursor(pos, row, port, frame, point)

    def _show_cursor(
        self, pos: QPointF, row: Row | None, port: PortKey | None, frame: Frame | None, point: str | None
    ) -> None:
        viewport = self._stage.surface.viewport()
        if point:
            viewport.setCursor(Qt.CursorShape.SizeAllCursor)
        elif port:
            viewport.setCursor(Qt.CursorShape.CrossCursor)
        elif row is not None:
            viewport.setCursor(Qt.CursorShape.SizeHorCursor if is_number(row) else Qt.CursorShape.IBeamCursor)
        elif frame is not None:
            viewport.setCursor(frame_cursor(self._stage, pos, frame))
        else:
            viewport.unsetCursor()

    def leave(self) -> None:
        marks = self._stage.marks
        self._stage.show_tip("", QPointF())
        hovered = marks.hover or marks.hover_wire or marks.hover_port or marks.hover_frame or marks.hover_point
        if self.tool is None and hovered:
            marks.hover = marks.hover_wire = marks.hover_port = marks.hover_frame = marks.hover_point = None
            self._stage.scene.redraw()
            self._stage.after_change()

    def double_click(self, pos: QPointF, event: QMouseEvent) -> None:
        """What has no meaning of its own is a second press, which may begin a drag."""
        stage = self._stage
        if event.modifiers() or stage.point_under(pos) is not None or stage.spot_at(pos) is not None:
            self.press(pos, event)
        elif (node := stage.node_under(pos)) is not None:
            if not self._double_click_node(node, pos):
                self.press(pos, event)
        elif (wire := stage.wire_under(pos)) is not None:
            if self.rerouting.add(wire, pos):
                self.press(pos, event)  # the new point is in the hand
        elif (frame := stage.frame_under(pos)) is not None:
            self._editing.edit_frame(frame.id)
        else:
            self._search.open(Purpose(pos), stage.to_view(pos))

    def _double_click_node(self, node: NodeId, pos: QPointF) -> bool:
        """How often a block stands, a name, the inside of a block. Returns: whether it meant any of it."""
        stage, local = self._stage, pos - QPointF(*self._stage.drawing.at[node])
        layer, face = stage.drawing.graph.nodes[node].layer, stage.drawing.faces[node]
        is_full = stage.zoom >= metrics().lod.full
        if self.row_at(node, pos) is not None:
            return False
        if is_full and isinstance(layer, BlockLayer) and face.pill_rect.contains(local):
            self._editing.edit_repeat(node)
        elif is_full and face.name_rect.contains(local):
            self._editing.rename(node)
        elif held(layer):
            stage.session.enter(node)
        else:
            return False
        return True

    def search_from(self, pos: QPointF, port: PortKey) -> None:
        """A wire was dropped on the empty canvas: what could stand at its end?"""
        point = self._stage.to_view(pos)
        point.setY(point.y() + metrics().space.l)
        self._search.open(Purpose(pos, port=port), point)

    def key(self, event: QKeyEvent) -> None:
        """Tab, arrows and Escape; everything else belongs to the menus."""
        key, stage = Qt.Key(event.key()), self._stage
        if key == Qt.Key.Key_Escape:
            event.setAccepted(self.escape())
        elif self.tool is not None:
            return  # one thing after the other
        elif key == Qt.Key.Key_Tab:
            self.open_search()
            event.accept()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and event.modifiers() in BARE:
            self._edit_focus()
            event.accept()
        elif key in Arrow:
            dx, dy = Arrow[key]
            is_alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
            if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self._commands.nudge(dx, dy)
            elif (is_alt and self._commands.resize_frame(dx, dy)) or self._step_points(dx):
                pass
            elif (found := neighbour(stage.drawing, stage.marks.focus, dx, dy)) is not None:
                adding = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
                stage.marks.focus, stage.marks.shows_focus = found, True
                stage.session.select([*stage.session.selection, found] if adding else [found])
                stage.reveal(found)
                stage.describe_focus()
            event.accept()

    def _step_points(self, dx: int) -> bool:
        """From a point of a wire to the next one, or to the layer at its end. Returns: whether it was done."""
        stage, points = self._stage, self._stage.marks.points
        if not dx or len(points) != 1 or stage.session.selection or stage.marks.frames:
            return False
        point = stage.drawing.point(next(iter(points)))
        if point is None:
            return False
        edge = min(point.wires)
        course = [r.id for r in stage.drawing.reroutes if edge in r.wires]
        place = course.index(point.id) + dx
        if 0 <= place < len(course):
            stage.select((), (course[place],))
        else:
            end = edge.target if dx > 0 else edge.source
            stage.marks.focus, stage.marks.shows_focus = end, True
            stage.select([end])
            stage.reveal(end)
        stage.describe_focus()
        return True

    def _edit_focus(self) -> None:
        """Enter: the first option of the selected node, or its name; the words of a frame or a note."""
        chosen, frame = self._stage.session.selection, self._stage.marks.chosen_frame
        if frame and not chosen:
            self._editing.edit_frame(frame)
        if chosen:
            rows = self._stage.drawing.faces[chosen[-1]].rows
            self._editing.edit_option(chosen[-1], rows[0].name) if rows else self._editing.rename(chosen[-1])

    def escape(self) -> bool:
        """The gesture, else the selection, else nothing."""
        stage = self._stage
        if self.cancel():
            return True
        marks = stage.marks
        if stage.session.selection or marks.chosen_wire or marks.frames or marks.points:
            stage.choose()
            return True
        return False

    def open_search(self) -> None:
        """The list, for a layer behind the one that is selected, else in the middle of the screen."""
        stage = self._stage
        chosen = stage.session.selection
        port = None
        if (wire := stage.marks.chosen_wire) is not None:
            middle = stage.drawing.wires[wire].route.path.pointAtPercent(0.5)
            self._search.open(Purpose(middle, wire=wire), stage.to_view(middle))
            return
        if len(chosen) == 1 and (outs := stage.drawing.faces[chosen[0]].outs):
            port = (chosen[0], "out", outs[0].port.name)
            at = stage.to_view(stage.drawing.rect(chosen[0]).bottomLeft())
            at.setY(at.y() + metrics().space.m)
            self._search.open(Purpose(port=port), at)
            return
        at = stage.rect().center()
        at.setX(at.x() - metrics().popup.search_w // 2)
        at.setY(stage.height() // 5)
        self._search.open(Purpose(stage.surface.centre), at)
