"""The wires of a network from far away: thin straight lines, kept as a table and drawn at once."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from gui.canvas.carry import Carry, Part
from gui.canvas.drawing import Drawing
from gui.canvas.look import Marks
from gui.canvas.strokes import Strokes, strokes
from gui.theme import metrics, theme

FEW = 200  # where no more than these are seen they are drawn without what is kept of all; after an edit, up to a half


class FarWires:
    """The wires of a drawing as they are drawn from far away, worked out anew only when they run elsewhere.

    What is kept has everything where it was before something of it was carried.
    """

    def __init__(self, drawing: Drawing) -> None:
        self._drawing = drawing
        self._strokes = Strokes(())
        self._laid = -1
        self._wholes: dict[float, QPainterPath] = {}

    def paint(self, painter: QPainter, marks: Marks, rect: QRectF, zoom: float, part: Part = "all") -> None:
        """Every wire of a part that touches a rectangle as straight lines, one pixel wide, without antialiasing.

        Of a network so large that it is seen whole from further away than others, only those that are more than dots.
        """
        t, m, drawing = theme(), metrics(), self._drawing
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(cosmetic(t.wire.rest, m.canvas.far_wire))
        rows = np.array(drawing.wire_rows(rect, part), np.int64)
        with carried(painter, drawing.carry, part):
            for path in self._paths(rows, part, _shortest(zoom)):
                painter.drawPath(path)
        if marks.hover_wire in drawing.wires and part in ("all", "border"):
            painter.setPen(cosmetic(t.wire.hover, m.line.wire))
            painter.drawPath(strokes([drawing.wires[marks.hover_wire].route]))

    def _among(self, rows: np.ndarray, shortest: float) -> np.ndarray:
        """Those of these wires that are no shorter."""
        if not shortest:
            return rows
        bounds = self._drawing.spans()[1][rows]
        return rows[np.maximum(bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1]) >= shortest]

    def _paths(self, rows: np.ndarray, part: Part, shortest: float) -> Iterator[QPainterPath]:
        """The lines of wires of a part, those that are no shorter; of what is in the hand where it was taken up."""
        drawing, carry = self._drawing, self._drawing.carry
        edges = drawing.spans()[0]
        is_most = 2 * len(rows) > len(edges)
        is_loose = carry.loose[rows] if carry else np.zeros(len(rows), bool)
        if len(rows) <= FEW or (carry is None and self._laid != drawing.laid and not is_most):
            is_loose[:] = True
        if is_loose.any():
            wires = carry.wires.laid if carry and part == "hand" else drawing.wires
            yield strokes([wires[edges[i]].route for i in self._among(rows[is_loose], shortest).tolist()])
        if is_loose.all():
            return
        self._refresh()
        every: np.ndarray = np.arange(len(edges))
        if not (carry.spans.all() if carry else is_most):
            yield self._strokes.path(self._among(rows[~is_loose], shortest))
            return
        if shortest not in self._wholes:
            self._wholes[shortest] = self._strokes.path(self._among(every, shortest))
        yield self._wholes[shortest]

    def _refresh(self) -> None:
        """Make the table anew if wires have been laid since."""
        drawing, carry = self._drawing, self._drawing.carry
        laid = carry.laid if carry else drawing.laid
        if laid != self._laid:
            wires = carry.wires.at_first() if carry else drawing.wires.values()  # in the order of their rows
            self._laid, self._strokes, self._wholes = laid, Strokes([wire.route for wire in wires]), {}


@contextmanager
def carried(painter: QPainter, carry: Carry | None, part: Part) -> Iterator[None]:
    """Paint what is in the hand so far away as it has gone since it was taken up."""
    if part != "hand" or carry is None:
        yield
        return
    painter.save()
    painter.translate(carry.dx, carry.dy)
    yield
    painter.restore()


def cosmetic(colour: QColor, width: float) -> QPen:
    """A pen that is as wide at any zoom."""
    pen = QPen(colour, width)
    pen.setCosmetic(True)
    return pen


def _shortest(zoom: float) -> float:
    """How long a wire has to be in the scene to be drawn at this zoom: a power of two, so that it is seldom another."""
    return 2.0 ** round(math.log2(metrics().canvas.far_wire_min / zoom)) if zoom < metrics().lod.zoom_min else 0.0
