"""Very many layers on their way from one place to another: all of them as tables, and their wires as plain curves."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from engine.graph.graph import NodeId
from gui.canvas.placed import Placed, Xy
from gui.canvas.strokes import path_of
from gui.canvas.wires import BERNSTEIN, SAMPLES, controls
from gui.theme import metrics, theme

_ROWS: np.ndarray = np.append(np.arange(0, SAMPLES, SAMPLES // 6), SAMPLES)


class Flight:
    """Shows a drawing on its way to where it is: nodes elsewhere, and every wire simply bent from port to port.

    Wires keep the courses that they have at the end, and run along them again once all have landed.
    """

    def __init__(self, drawing: Placed, before: Mapping[NodeId, Xy]) -> None:
        """before: where nodes were."""
        self._drawing = drawing
        ids, boxes = drawing.boxes()
        self._boxes = boxes.copy()
        self._away = np.array([before.get(node, drawing.at[node]) for node in ids]).reshape(-1, 2) - boxes[:, :2]
        row = {node: i for i, node in enumerate(ids)}
        wires = list(drawing.wires.values())
        ends = [(row[w.edge.source], row[w.edge.target], *w.route.start, *w.route.end, w.route.run) for w in wires]
        table = np.array(ends, float).reshape(-1, 7)
        self._rows, self._ends, self._runs = table[:, :2].astype(np.int64), table[:, 2:6], table[:, 6]
        self._back = self._away
        drawing.flight = self

    def show(self, share: float) -> None:
        """All have come so far."""
        if self._drawing.flight is self:
            self._back = self._away * (1 - share)
            self._drawing.slide(self._boxes + np.tile(self._back, 2))

    def land(self) -> None:
        """All are where they belong."""
        if self._drawing.flight is self:
            self._drawing.flight = None
            self._drawing.slide(self._boxes)

    def path(self, rect: QRectF) -> QPainterPath:
        """The wires that may touch a rectangle."""
        ends = self._ends + self._back[self._rows].reshape(-1, 4)
        low, high = np.minimum(ends[:, :2], ends[:, 2:]), np.maximum(ends[:, :2], ends[:, 2:])
        room = metrics().wire.ctrl_max
        near = (low[:, 0] <= rect.right() + room) & (high[:, 0] >= rect.left() - room)
        near &= (low[:, 1] <= rect.bottom()) & (high[:, 1] >= rect.top())
        points = BERNSTEIN[_ROWS] @ controls(ends[near], np.zeros(int(near.sum())))
        return path_of(points.reshape(-1, 2), np.arange(len(points)) * len(_ROWS))

    def paint(self, painter: QPainter, rect: QRectF, zoom: float) -> None:
        """The wires, as thin as they are at this zoom."""
        m, far = metrics(), zoom < metrics().lod.compact
        pen = QPen(theme().wire.rest, m.canvas.far_wire if far else m.line.wire)
        pen.setCosmetic(far)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, not far)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen)
        painter.drawPath(self.path(rect))
