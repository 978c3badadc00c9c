"""The curve of a learning-rate range test: loss over the rate, both logarithmic where that helps."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from engine.training.range_curve import RangeCurve, Suggestion
from gui.plots.axis import scientific
from gui.theme import font, metrics, theme, theme_changed

ROOM_ABOVE = 0.25  # of the range up to where the curve began: a loss that runs away is cut off there
MOST_LABELS = 5  # of the loss


class RatePlot(QWidget):
    """Raw losses faint, their running mean strong, and a line at the rate that is suggested."""

    def __init__(self, low: float, high: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Loss over the learning rate")
        self._low, self._high = math.log10(low), math.log10(high)
        self._curve: RangeCurve | None = None
        self._found: Suggestion | None = None
        self.setMinimumHeight(metrics().widget.range_plot)
        theme_changed.connect(self.update)

    def show_curve(self, curve: RangeCurve, found: Suggestion | None) -> None:
        """Show what is known by now."""
        self._curve, self._found = curve, found
        said = f"suggested {found.rate:g}" if found else f"{len(curve.rates)} steps"
        self.setAccessibleDescription(said)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(metrics().popup.dialog_w, metrics().widget.range_plot)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(font("caption"))
        area = self._area(painter)
        low, high = self._limits()
        self._paint_axes(painter, area, low, high)
        if self._curve is None or len(self._curve.rates) < 2:
            return
        painter.setClipRect(area)
        self._paint_line(painter, area, self._curve.losses, low, high, faint=True)
        self._paint_line(painter, area, self._curve.smoothed, low, high, faint=False)
        painter.setClipping(False)
        if self._found is not None:
            self._paint_mark(painter, area, self._found.rate)

    def _area(self, painter: QPainter) -> QRectF:
        m, digits = metrics().plot, QFontMetricsF(font("caption"))
        left = digits.horizontalAdvance("00.000") + m.label_gap
        return QRectF(left, m.label_gap, self.width() - left - m.right, self.height() - m.footer - 2 * m.label_gap)

    def _limits(self) -> tuple[float, float]:
        curve = self._curve
        if curve is None or not curve.smoothed:
            return 0.0, 1.0
        lowest, begin = min(curve.smoothed), curve.smoothed[0]
        reach = max(begin - lowest, 0.05 * abs(begin), 1e-9)
        top = begin + ROOM_ABOVE * reach if curve.is_diverged or max(curve.smoothed) > begin + reach else None
        return lowest - 0.1 * reach, top if top is not None else max(curve.smoothed) + 0.1 * reach

    def _x(self, area: QRectF, rate: float) -> float:
        return area.left() + area.width() * (math.log10(rate) - self._low) / (self._high - self._low)

    def _paint_axes(self, painter: QPainter, area: QRectF, low: float, high: float) -> None:
        t, m = theme(), metrics()
        muted, line = QPen(t.text.muted), QPen(t.border.subtle, m.line.hairline)
        for power in range(math.ceil(self._low), math.floor(self._high) + 1):
            x = self._x(area, 10.0**power)
            painter.setPen(line)
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            painter.setPen(muted)
            box = QRectF(x - area.width() / 2, area.bottom() + m.plot.label_gap, area.width(), m.plot.footer)
            shown = str(10**power) if 0 <= power <= 2 else f"1e{power}"
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, shown)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for mark in round_losses(low, high):
            y = area.bottom() - area.height() * (mark - low) / (high - low)
            painter.setPen(line)
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(muted)
            box = QRectF(0, y - m.plot.footer / 2, area.left() - m.plot.label_gap, m.plot.footer)
            painter.drawText(box, right, f"{mark:.4g}")

    def _paint_line(
        self, painter: QPainter, area: QRectF, values: list[float], low: float, high: float, *, faint: bool
    ) -> None:
        assert self._curve is not None
        colour = theme().plot.series[0]
        if faint:
            colour = type(colour)(colour)
            colour.setAlphaF(metrics().plot.raw_alpha)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, not faint)
        painter.setPen(QPen(colour, metrics().line.border if faint else metrics().plot.strong))
        points = [
            QPointF(self._x(area, rate), area.bottom() - area.height() * (value - low) / (high - low))
            for rate, value in zip(self._curve.rates, values)
        ]
        painter.drawPolyline(QPolygonF(points))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_mark(self, painter: QPainter, area: QRectF, rate: float) -> None:
        t, m, x = theme(), metrics(), round(self._x(area, rate))
        painter.setPen(QPen(t.accent.base, m.line.border, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        words = scientific(rate, 2)
        box = QRectF(x + m.plot.label_gap, area.top(), area.width(), m.plot.footer)
        painter.setPen(QPen(t.text.primary))
        painter.setFont(font("caption_strong"))
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, words)


def round_losses(low: float, high: float) -> list[float]:
    """Where the loss is labelled: multiples of 1, 2 or 5 times a power of ten, as many as there is room for."""
    power = math.floor(math.log10((high - low) / MOST_LABELS))
    for step in (factor * 10.0 ** (power + more) for more in (0, 1) for factor in (1, 2, 5)):
        marks = [round(i * step, 12) for i in range(math.ceil(low / step), math.floor(high / step) + 1)]
        if len(marks) <= MOST_LABELS:
            return marks
    return []
