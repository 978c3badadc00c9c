"""A function of one number, plotted with its derivative: activations, and formulas element by element."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from engine.layers.base import Layer
from gui.diagrams.base import LINE, Diagram, Known, line, solid, text, text_width
from gui.theme import metrics, theme

KINDS = ("activation", "merge", "linear")
STEEPEST = 6.0  # what is drawn of a curve that runs away, in y
JUMP = 0.5  # a step of y between two points that is a jump, not a slope


@dataclass(frozen=True)
class CurvePlot(Diagram):
    """x, y and slope, over axes through 0; without points the axes alone."""

    points: tuple[tuple[float, ...], ...] = ()
    name: str = "function"

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        legend = self._legend(painter, rect)
        if not self.points:
            return
        x, y, slope = self.points
        inside = rect.adjusted(metrics().space.xl, legend + metrics().space.xs, -metrics().space.s, -LINE)
        low = max(min(*y, *slope, 0.0), -STEEPEST / 2)
        high = min(max(*y, *slope, 0.0), STEEPEST)
        room = max(0.5, high - low) * 0.06
        frame = (x[0], x[-1], low - room, high + room)
        self._axes(painter, inside, frame)
        painter.save()
        painter.setClipRect(inside)
        self._curve(painter, inside, frame, slope, QPen(theme().text.muted, 1.5, Qt.PenStyle.DashLine))
        self._curve(painter, inside, frame, y, QPen(solid(self.category), 2.5))
        painter.restore()

    def _legend(self, painter: QPainter, rect: QRectF) -> float:
        left, align = rect.left(), Qt.AlignmentFlag.AlignLeft
        for name, pen in (
            (self.name, QPen(solid(self.category), 2.5)),
            ("slope", QPen(theme().text.muted, 1.5, Qt.PenStyle.DashLine)),
        ):
            painter.setPen(pen)
            painter.drawLine(QPointF(left, rect.top() + LINE / 2), QPointF(left + 18, rect.top() + LINE / 2))
            text(painter, QRectF(left + 24, rect.top(), 160, LINE), name, align=align)
            left += 24 + text_width(name) + metrics().space.l
        return LINE

    def _axes(self, painter: QPainter, inside: QRectF, frame: tuple[float, ...]) -> None:
        step = 1 if frame[3] - frame[2] < 5 else 2
        for value in range(-8, 9):
            if frame[0] <= value <= frame[1]:
                at = _at(inside, frame, value, 0).x()
                strong = value == 0
                colour = theme().border.strong if strong else theme().plot.grid
                line(painter, QPointF(at, inside.top()), QPointF(at, inside.bottom()), colour, 1)
                if value % 2 == 0:
                    text(painter, QRectF(at - 20, inside.bottom(), 40, LINE), str(value))
            if frame[2] <= value <= frame[3] and value % step == 0:
                at = _at(inside, frame, 0, value).y()
                colour = theme().border.strong if value == 0 else theme().plot.grid
                line(painter, QPointF(inside.left(), at), QPointF(inside.right(), at), colour, 1)
                where = QRectF(inside.left() - 28, at - LINE / 2, 22, LINE)
                text(painter, where, str(value), align=Qt.AlignmentFlag.AlignRight)

    def _curve(
        self, painter: QPainter, inside: QRectF, frame: tuple[float, ...], values: tuple[float, ...], pen: QPen
    ) -> None:
        x = self.points[0]
        path = QPainterPath(_at(inside, frame, x[0], values[0]))
        for (_, before), (place, value) in pairwise(zip(x, values, strict=True)):
            point = _at(inside, frame, place, value)
            if abs(value - before) > JUMP:
                path.moveTo(point)
            else:
                path.lineTo(point)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)


def _at(inside: QRectF, frame: tuple[float, ...], x: float, y: float) -> QPointF:
    left, right, low, high = frame
    return QPointF(
        inside.left() + (x - left) / (right - left) * inside.width(),
        inside.bottom() - (y - low) / (high - low) * inside.height(),
    )


def curve_diagram(layer: Layer, known: Known) -> Diagram | None:
    """For a layer that has a curve, and for an activation that may have one as soon as it is computed."""
    if layer.category not in KINDS:
        return None
    alone = [p for p in layer.ports_in() if p.kind != "optional"]
    if known.points or (layer.category == "activation" and len(alone) == 1 and "dim" not in layer.params):
        if not known.points and (known.outputs or "2d" in layer.key):
            return None  # worked out, and it has none
        words = f"The curve of {layer.title}, and its slope dashed."
        name = "loss over a prediction" if layer.key.endswith("Loss") else "function"
        return CurvePlot(layer.category, words, 190.0, known.points, name)
    return None
