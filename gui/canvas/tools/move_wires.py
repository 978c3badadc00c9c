"""Shift-drag at a port: all its wires at once go to another port on the same side."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter

from engine.document.replug import Replug, from_port
from engine.errors import EngineError
from engine.graph.graph import Edge, NodeId
from gui.canvas.cards import PointerCard
from gui.canvas.face import Spot, end_of
from gui.canvas.look import PortKey
from gui.canvas.stage import Stage
from gui.canvas.tools.base import Tool
from gui.canvas.wire_paint import paint_draft
from gui.canvas.wires import draft
from gui.theme import metrics


def wires_of(stage: Stage, spot: Spot) -> tuple[Edge, ...]:
    """The wires that begin or end at a port."""
    graph, node = stage.drawing.graph, NodeId(spot.node)
    if spot.side == "in":
        return graph.feeding(node, spot.port.name)
    return tuple(e for e in graph.out_of(node) if e.source_port == spot.port.name)


LEAVE = "Let go on the empty canvas to leave the wires where they are."


class MoveWires(Tool):
    """The wires keep their other ends. Let go anywhere but on a port, they stay where they were."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, stage: Stage, start: QPointF, spot: Spot, card: PointerCard) -> None:
        super().__init__(stage, start)
        self._spot, self._card = spot, card
        self._edges = wires_of(stage, spot)
        self._end = start
        self._target: Spot | None = None
        self._reasons: dict[PortKey, str] = {}

    def begin(self, event: QMouseEvent) -> None:
        marks, drawing = self.stage.marks, self.stage.drawing
        marks.drag_from = (self._spot.node, self._spot.side, self._spot.port.name)
        marks.unplugged = frozenset(self._edges)
        marks.hover = marks.hover_wire = marks.hover_port = None
        ends = {e.target if self._spot.side == "out" else e.source for e in self._edges}
        marks.light(
            (node, spot.side, spot.port.name)
            for node, face in drawing.faces.items()
            if node not in ends
            for spot in (face.outs if self._spot.side == "out" else face.ins)
        )
        self.stage.scene.redraw()

    def move(self, pos: QPointF, event: QMouseEvent) -> None:
        stage, marks = self.stage, self.stage.marks
        reach = metrics().canvas.snap_port / stage.zoom
        side = self._spot.side
        near = stage.drawing.nodes_in(QRectF(pos.x() - reach, pos.y() - reach, 2 * reach, 2 * reach))
        faces = stage.drawing.faces
        keys = [(n, side, s.port.name) for n in near for s in (faces[n].outs if side == "out" else faces[n].ins)]
        self._target = stage.drawing.port_at(pos, reach, keys)
        self._end = end_of(self._target, stage.drawing.at[self._target.node]) if self._target else pos
        reason = self._reason(self._target) if self._target else ""
        marks.refused = _key(self._target) if self._target and reason else None
        self.show_refused(marks.refused is not None)
        if reason:
            node = stage.view_rect(stage.drawing.rect(self._target.node)).toRect() if self._target else QRect()
            self._card.say(stage.to_view(pos), reason, LEAVE, node, side)
        else:
            self._card.hide()
        stage.scene.redraw()

    def _reason(self, spot: Spot) -> str:
        """Why the wires cannot go there: the edit is tried, once for each port."""
        key = _key(spot)
        if key not in self._reasons:
            session = self.stage.session
            try:
                self._edit(spot)(session.project)
                self._reasons[key] = ""
            except EngineError as error:
                self._reasons[key] = error.message
        return self._reasons[key]

    def _edit(self, spot: Spot) -> Replug:
        return Replug(from_port(self._edges, spot.side, spot.node, spot.port.name), self.stage.session.block_id)

    def finish(self, pos: QPointF, event: QMouseEvent) -> None:
        target = self._target
        self.cancel()
        if target is not None and _key(target) != _key(self._spot) and not self._reason(target):
            self.stage.session.apply(self._edit(target))

    def cancel(self) -> None:
        marks = self.stage.marks
        marks.light(None)
        marks.drag_from = marks.refused = None
        marks.unplugged = frozenset()
        self._card.hide()
        self.stage.scene.redraw()

    def paint(self, painter: QPainter, rect: QRectF, zoom: float) -> None:
        if not self.is_drag:
            return
        refused = self.stage.marks.refused is not None
        drawing, tip, gives = self.stage.drawing, (self._end.x(), self._end.y()), self._spot.side == "in"
        for edge in self._edges:
            start, end = drawing.ends(edge)
            own = drawing.rect(edge.source if gives else edge.target)
            path = draft(start, tip, own, gives) if gives else draft(tip, end, own, gives)
            paint_draft(painter, path, self._end, self._target is None, refused)


def _key(spot: Spot) -> PortKey:
    return NodeId(spot.node), spot.side, spot.port.name
