"""Numbers or channels that are left out: dropout, and masks over steps."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from engine.layers.base import Layer
from gui.diagrams.base import Diagram, Known, arrow, caption, cell, ground, line, line_colour, solid, text
from gui.diagrams.options import number
from gui.figures import percent
from gui.theme import theme

ROWS, COLUMNS, SIDE = 4, 6, 17.0
GAP = 46.0
STEPS = 7


@dataclass(frozen=True)
class Dropped(Diagram):
    """The same grid before and after: what is crossed out is 0 while training. `planes`: whole channels go."""

    share: float = 0.5
    planes: bool = False

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        what = "whole channels" if self.planes else "numbers"
        rect = caption(painter, rect, f"while training {percent(self.share)} of the {what} become 0")
        wide = 2 * COLUMNS * SIDE + GAP
        left = rect.center().x() - wide / 2
        top = rect.center().y() - ROWS * SIDE / 2
        self._grid(painter, left, top, frozenset())
        y = rect.center().y()
        arrow(painter, QPointF(left + COLUMNS * SIDE + 10, y), QPointF(left + COLUMNS * SIDE + GAP - 10, y))
        self._grid(painter, left + COLUMNS * SIDE + GAP, top, self._lost())

    def _lost(self) -> frozenset[tuple[int, int]]:
        draw = Random(4)
        if not self.planes:
            every = [(r, c) for r in range(ROWS) for c in range(COLUMNS)]
            return frozenset(draw.sample(every, round(self.share * len(every))))
        channels = [(r, c) for r in range(0, ROWS, 2) for c in range(0, COLUMNS, 2)]
        gone = draw.sample(channels, round(self.share * len(channels)))
        return frozenset((r + i, c + j) for r, c in gone for i in range(2) for j in range(2))

    def _grid(self, painter: QPainter, left: float, top: float, lost: frozenset[tuple[int, int]]) -> None:
        for row in range(ROWS):
            for column in range(COLUMNS):
                spread = (column // 2, row // 2) if self.planes else (0, 0)
                at = QPointF(left + column * SIDE + spread[0] * 3, top + row * SIDE + spread[1] * 3)
                box = QRectF(at.x() + 1, at.y() + 1, SIDE - 2, SIDE - 2)
                is_lost = (row, column) in lost
                cell(painter, box, theme().bg.field if is_lost else solid(self.category), line_colour(), is_lost)
                if is_lost:
                    inner = box.adjusted(4, 4, -4, -4)
                    line(painter, inner.topLeft(), inner.bottomRight(), line_colour(), 1.2)
                    line(painter, inner.topRight(), inner.bottomLeft(), line_colour(), 1.2)


@dataclass(frozen=True)
class Triangle(Diagram):
    """A square over steps and steps, of which one side of the diagonal is kept."""

    upper: bool = False
    caption: str = ""

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        rect = caption(painter, rect, self.caption)
        side = SIDE
        left, top = rect.center().x() - STEPS * side / 2, rect.center().y() - STEPS * side / 2
        for row in range(STEPS):
            for column in range(STEPS):
                kept = column >= row if self.upper else column <= row
                box = QRectF(left + column * side + 1, top + row * side + 1, side - 2, side - 2)
                cell(painter, box, solid(self.category) if kept else ground())
        text(painter, QRectF(left - 92, rect.center().y() - 8, 84, 16), "step that looks")
        text(painter, QRectF(left + STEPS * side + 6, rect.center().y() - 8, 92, 16), "looked at →")


def mask_diagram(layer: Layer, known: Known) -> Diagram | None:
    """For dropout, told by its kind and its share, and for triangular masks."""
    key = type(layer).key
    if layer.category == "regularisation" and ("p" in layer.params or "drop" in key.lower()):
        share = min(1.0, max(0.0, number(layer, "p", 0.5)))
        planes = any(sign in key for sign in ("1d", "2d", "3d", "Feature", "Block", "Channel"))
        return Dropped(layer.category, f"{percent(share)} are left out at random.", 116.0, share, planes)
    if "Causal" in key:
        said = "a step looks at itself and at those before it"
        return Triangle(layer.category, f"A triangle: {said}.", 148.0, False, said)
    if key in ("Tril", "Triu"):
        said = "kept below the diagonal" if key == "Tril" else "kept above the diagonal"
        return Triangle(layer.category, f"A triangle: {said}.", 148.0, key == "Triu", said)
    return None
