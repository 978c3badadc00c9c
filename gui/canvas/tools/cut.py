"""Alt-drag: a line that cuts every wire it crosses. Alt-click: a point on the wire under the pointer."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPen, QPolygonF

from engine.document.edits import Batch, Disconnect
from engine.graph.graph import Edge
from gui.canvas.rerouting import Rerouting
from gui.canvas.stage import Stage
from gui.canvas.tools.base import Tool
from gui.theme import metrics, theme


class CutWires(Tool):
    """Wires that the line crosses are marked while one drags, and gone when it ends: one step of undo."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, stage: Stage, start: QPointF) -> None:
        super().__init__(stage, start)
        self._line = [start]

    def move(self, pos: QPointF, event: QMouseEvent) -> None:
        stage, before = self.stage, self._line[-1]
        self._line.append(pos)
        new = QRectF(before, pos).normalized().adjusted(-1, -1, 1, 1)
        crossed = {w.edge for w in stage.drawing.wires_in(new) if crosses(w.route.samples, before, pos)}
        if crossed - stage.marks.cut:
            stage.marks.cut |= crossed
            stage.redraw_wires(crossed)
        margin = 2 / stage.zoom
        stage.scene.redraw_gesture(new.adjusted(-margin, -margin, margin, margin))

    def finish(self, pos: QPointF, event: QMouseEvent) -> None:
        session, crossed = self.stage.session, sorted(self.stage.marks.cut)
        self.cancel()
        if crossed:
            label = "Cut wire" if len(crossed) == 1 else f"Cut {len(crossed)} wires"
            edits = tuple(Disconnect(edge, session.block_id) for edge in crossed)
            session.apply(Batch(label, edits))

    def click(self, pos: QPointF, event: QMouseEvent) -> None:
        self.cancel()
        if (wire := self.stage.wire_under(self.start)) is not None:
            Rerouting(self.stage).add(wire, self.start)

    def cancel(self) -> None:
        self.stage.marks.cut = frozenset[Edge]()
        self._line = self._line[:1]
        self.stage.scene.redraw()

    def paint(self, painter: QPainter, rect: QRectF, zoom: float) -> None:
        pen = QPen(theme().wire.invalid, metrics().line.selection, Qt.PenStyle.DashLine)
        pen.setCosmetic(True)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(pen)
        painter.drawPolyline(QPolygonF(self._line))


def crosses(course: np.ndarray, a: QPointF, b: QPointF) -> bool:
    """Whether the line from a to b crosses a course of straight pieces, shape (N, 2)."""
    p, q = course[:-1], course[1:]
    s, t = np.array((a.x(), a.y())), np.array((b.x(), b.y()))

    def side(origin: np.ndarray, end: np.ndarray, point: np.ndarray) -> np.ndarray:
        along, away = end - origin, point - origin
        return np.sign(along[..., 0] * away[..., 1] - along[..., 1] * away[..., 0])

    return bool(((side(s, t, p) != side(s, t, q)) & (side(p, q, s) != side(p, q, t))).any())
