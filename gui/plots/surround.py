"""What stands around the curves of a plot: its title, the names of the curves, the labels of both axes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from gui.plots.axis import Axis
from gui.plots.series import Series
from gui.theme import font, metrics, theme

V_CENTRE = Qt.AlignmentFlag.AlignVCenter


def paint_title(painter: QPainter, area: QRect, title: str) -> float:
    """Returns: where the title ends."""
    face = font("small", 600)
    painter.setFont(face)
    painter.setPen(theme().text.primary)
    place = QRectF(area.left(), 0, area.width(), metrics().plot.header - metrics().space.xs)
    painter.drawText(place, Qt.AlignmentFlag.AlignLeft | V_CENTRE, title)
    return area.left() + QFontMetricsF(face).horizontalAdvance(title)


def paint_legend(painter: QPainter, curves: Sequence[Series], left: float, right: float) -> None:
    """The names of the curves, right-aligned in the header, each with a piece of its line; the last ones first."""
    m, line = metrics().plot, QFontMetricsF(font("caption"))
    painter.setFont(font("caption"))
    middle = (m.header - metrics().space.xs) / 2
    named = {curve.name: curve for curve in curves}
    for name, curve in reversed(named.items()):
        room = right - left - m.label_gap - m.legend_line - m.legend_gap
        shown = line.elidedText(
            name, Qt.TextElideMode.ElideMiddle, min(line.horizontalAdvance(name) + 1, m.legend_most)
        )
        width = line.horizontalAdvance(shown)
        if width > room:
            continue  # a shorter one may still fit
        painter.setPen(theme().text.secondary)
        place = QRectF(right - width, 0, width, 2 * middle)
        painter.drawText(place, Qt.AlignmentFlag.AlignRight | V_CENTRE, shown)
        pen = QPen(curve.pen())
        pen.setWidthF(m.strong)
        pen.setCosmetic(False)  # else it is thinner where pixels are smaller
        painter.setPen(pen)
        start = right - width - m.label_gap - m.legend_line
        painter.drawLine(QPointF(start, middle), QPointF(start + m.legend_line, middle))
        right = start - m.legend_gap


def paint_values(painter: QPainter, area: QRect, axis: Axis) -> None:
    """The labels of the values, left of the area."""
    painter.setFont(font("caption"))
    painter.setPen(theme().plot.axis)
    half = QFontMetricsF(painter.font()).height() / 2
    for mark, label in axis.ticks:
        y = area.top() + (1 - (mark - axis.low) / (axis.high - axis.low)) * area.height()
        place = QRectF(0, y - half, area.left() - metrics().plot.label_gap, 2 * half)
        painter.drawText(place, Qt.AlignmentFlag.AlignRight | V_CENTRE, label)


def paint_steps(painter: QPainter, area: QRect, low: float, middle: float, high: float, unit: str) -> None:
    """First, middle and last step; the middle only where it is a whole one with room for it."""
    painter.setFont(font("caption"))
    painter.setPen(theme().plot.axis)
    below = QRectF(area.left(), area.bottom() + 1, area.width(), metrics().plot.footer)
    first, between, last = f"{low:,.0f}", f"{middle:,.0f}", f"{high:,.0f} {unit}".strip()
    labels = [(first, Qt.AlignmentFlag.AlignLeft), (last, Qt.AlignmentFlag.AlignRight)]
    wide = QFontMetricsF(painter.font()).horizontalAdvance
    has_room = wide(between) + 2 * max(wide(first), wide(last)) + 2 * metrics().plot.label_gap <= area.width()
    if has_room and not unit and (high - low >= 100 or middle == round(middle)):
        labels.append((between, Qt.AlignmentFlag.AlignHCenter))
    for text, align in labels:
        painter.drawText(below, align | V_CENTRE, text)
