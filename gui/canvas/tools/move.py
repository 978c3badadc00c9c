"""Moving nodes: on the grid, many at once, drawn at their new places while dragged, one step of undo when dropped."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent

from engine.document.edits import Batch, Disconnect, MoveNodes
from engine.document.edits import Connect as ConnectEdit
from engine.graph.graph import Edge, NodeId
from gui.canvas.stage import Stage
from gui.canvas.tools.base import Tool, snapped
from gui.canvas.tools.select import adds, toggled


class MoveNodesTool(Tool):
    """Press selects, drag moves. A node without wires that is dropped on a wire goes into it."""

    cursor = Qt.CursorShape.SizeAllCursor

    def __init__(self, stage: Stage, start: QPointF, node: NodeId, event: QMouseEvent) -> None:
        super().__init__(stage, start)
        self._node = node
        self._adds = adds(event)
        self._was_selected = node in stage.session.selection
        stage.marks.focus = node
        if self._adds:
            stage.session.select(toggled(stage.session.selection, node))
        elif not self._was_selected:
            stage.session.select([node])
        self._from: dict[NodeId, tuple[float, float]] = {}

    def click(self, pos: QPointF, event: QMouseEvent) -> None:
        if self._was_selected and not self._adds:
            self.stage.session.select([self._node])

    def begin(self, event: QMouseEvent) -> None:
        chosen = self.stage.session.selection if self._node in self.stage.session.selection else (self._node,)
        self._from = {n: self.stage.drawing.at[n] for n in chosen}
        self.stage.marks.dragged = frozenset(chosen)

    def move(self, pos: QPointF, event: QMouseEvent) -> None:
        drawing = self.stage.drawing
        x0, y0 = self._from[self._node] if self._node in self._from else next(iter(self._from.values()))
        away = pos - self.start
        dx, dy = snapped(x0 + away.x()) - x0, snapped(y0 + away.y()) - y0
        places = {n: (x + dx, y + dy) for n, (x, y) in self._from.items()}
        if any(drawing.at[n] != place for n, place in places.items()):
            self.stage.redraw_nodes(self._from)
            drawing.shift(places)
            self.stage.redraw_nodes(self._from)
        self._mark_wire(pos)

    def _mark_wire(self, pos: QPointF) -> None:
        """The wire that a lone node would go into."""
        marks, drawing = self.stage.marks, self.stage.drawing
        found: Edge | None = None
        if len(self._from) == 1:
            face, graph = drawing.faces[self._node], drawing.graph
            if face.ins and face.outs and not graph.into(self._node) and not graph.out_of(self._node):
                header = drawing.rect(self._node)
                found = drawing.wire_at(QPointF(header.center().x(), header.top() + face.ins[0].y), face.ins[0].y)
        if found != marks.drop_wire:
            self.stage.redraw_wires([marks.drop_wire, found])
            marks.drop_wire = found

    def finish(self, pos: QPointF, event: QMouseEvent) -> None:
        stage, wire = self.stage, self.stage.marks.drop_wire
        places = {n: stage.drawing.at[n] for n in self._from}
        self._clear()
        move = MoveNodes(places, stage.session.block_id)
        if wire is None:
            stage.session.apply(move)
            return
        face, block = stage.drawing.faces[self._node], stage.session.block_id
        into = Edge(wire.source, wire.source_port, self._node, face.ins[0].port.name)
        out = Edge(self._node, face.outs[0].port.name, wire.target, wire.target_port, wire.slot)
        edits = (move, Disconnect(wire, block), ConnectEdit(into, block), ConnectEdit(out, block))
        if not stage.session.apply(Batch(f"Insert {face.name}", edits)):
            self._restore()

    def cancel(self) -> None:
        self._clear()
        self._restore()

    def _restore(self) -> None:
        self.stage.drawing.shift_back(self._from)
        self.stage.scene.redraw()

    def _clear(self) -> None:
        self.stage.marks.dragged = frozenset()
        self.stage.marks.drop_wire = None
        self.stage.scene.redraw()
