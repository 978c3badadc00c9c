"""Scores turned into shares: softmax and its kin; and a half that lets the other half pass."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from engine.layers.base import Layer
from gui.diagrams.base import (
    Diagram,
    Known,
    arrow,
    box,
    caption,
    ground,
    line,
    line_colour,
    named_box,
    soft,
    solid,
    text,
)

SCORES = (1.6, -0.4, 2.3, 0.3, -1.2)
BAR, ROOM, GAP = 15.0, 22.0, 54.0


@dataclass(frozen=True)
class Bars(Diagram):
    """The same five entries before and after."""

    before: tuple[float, ...] = SCORES
    after: tuple[float, ...] = ()
    caption: str = ""

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        rect = caption(painter, rect, self.caption)
        wide = ROOM * len(self.before)
        left = rect.center().x() - wide - GAP / 2
        self._bars(painter, QRectF(left, rect.top(), wide, rect.height()), self.before, ground())
        y = rect.center().y()
        arrow(painter, QPointF(left + wide + 12, y), QPointF(left + wide + GAP - 12, y))
        right = QRectF(left + wide + GAP, rect.top(), ROOM * len(self.after), rect.height())
        self._bars(painter, right, self.after, solid(self.category))

    def _bars(self, painter: QPainter, where: QRectF, values: tuple[float, ...], colour) -> None:  # type: ignore[no-untyped-def]
        low, high = min(0.0, *values), max(0.0, *values)
        inner = where.adjusted(0, 16, 0, -16)
        scale = inner.height() / max(high - low, 1e-9)
        zero = inner.bottom() + low * scale
        for i, value in enumerate(values):
            x = inner.left() + i * ROOM + (ROOM - BAR) / 2
            top = zero - max(value, 0.0) * scale
            box(painter, QRectF(x, top, BAR, max(1.5, abs(value) * scale)), colour, radius=2.0)
            y = top - 15 if value >= 0 else zero + abs(value) * scale
            text(painter, QRectF(x - 10, y, BAR + 20, 15), f"{value:.2g}" if abs(value) >= 0.01 else "0")
        line(painter, QPointF(inner.left(), zero), QPointF(inner.right(), zero), line_colour(), 1)


@dataclass(frozen=True)
class Gate(Diagram):
    """Two halves, one of which decides how much of the other passes."""

    gate: str = "σ"

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        rect = caption(painter, rect, "the second half decides how much of the first passes")
        x, y = rect.center().x(), rect.center().y()
        first, second = QRectF(x - 130, y - 34, 74, 26), QRectF(x - 130, y + 8, 74, 26)
        named_box(painter, first, "first half", solid(self.category))
        named_box(painter, second, "second half", soft(self.category))
        gate, times = QRectF(x - 18, y + 8, 30, 26), QRectF(x + 48, y - 15, 30, 30)
        named_box(painter, gate, self.gate, soft(self.category), "heading")
        named_box(painter, times, "×", solid(self.category), "heading")
        arrow(painter, QPointF(second.right() + 2, y + 21), QPointF(gate.left() - 3, y + 21))
        arrow(painter, QPointF(first.right() + 2, y - 21), QPointF(times.left() - 3, y - 5))
        arrow(painter, QPointF(gate.right() + 2, y + 21), QPointF(times.left() - 3, y + 5))
        arrow(painter, QPointF(times.right() + 2, y), QPointF(times.right() + 36, y))


def shares_diagram(layer: Layer, known: Known) -> Diagram | None:
    """For softmax and its kin, and for gated units."""
    key = type(layer).key
    if layer.category != "activation":
        return None
    if "GLU" in key:
        return Gate(layer.category, "The second half decides how much of the first passes.", 112.0)
    if "oftm" not in key:
        return None
    sign = -1.0 if "Softmin" in key else 1.0
    total = sum(exp(sign * s) for s in SCORES)
    shares = tuple(exp(sign * s) / total for s in SCORES)
    after = tuple(log(s) for s in shares) if key.startswith("Log") else shares
    said = "logarithms of shares" if key.startswith("Log") else "shares: positive, and 1 together"
    return Bars(layer.category, f"Scores become {said}.", 150.0, SCORES, after, f"scores become {said}")
