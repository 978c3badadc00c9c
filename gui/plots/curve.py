"""Curves over training steps: loss, accuracy, whatever grows a point at a time."""

from __future__ import annotations

from time import perf_counter

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from gui.plots.area import PlotArea, Reading
from gui.plots.axis import Axis, reading, scientific, value_axis
from gui.plots.series import ORDER, Part, Series, series
from gui.plots.thinning import Floats, breaks
from gui.theme import font, metrics, theme, theme_changed

SECOND_MS = 1000
MOST_SHARE = 0.04  # of the window's time: a plot that costs more draws less often, and leaves the rest to training
MOST_BREAKS = 5  # marks of values that are not finite; the first of them matters


class CurvePlot(QWidget):
    """A title, a legend and curves over the whole planned run, so that the room left is the time left.

    Columns may grow between two calls of `set_series`; the plot redraws at most twenty times a second, less often
    if that is dear, and only while it can be seen.
    """

    hovered = Signal(object)  # the step (int) under the pointer, or None when it has left

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self._unit = ""
        self._planned = 0.0
        self._series: dict[str, Series] = {}
        self._events: list[tuple[float, str]] = []
        self._fresh = True
        self.setAccessibleName(title)
        self.setMinimumSize(140, 100)
        self._area = PlotArea(self)
        self._area.pointed.connect(self.show_pointer)
        self._area.span_changed.connect(self.redraw)
        self._pause = QTimer(self, singleShot=True)
        self._pause.timeout.connect(self.refresh)
        theme_changed.connect(self.redress)

    def set_series(self, name: str, x: Floats, y: Floats, part: Part, colour: int | None = None) -> None:
        """Show `y` over `x` (ascending steps) as this part: "raw", "smooth", "epoch", "validation", "learning_rate".

        A raw and a smooth series may share a name. `colour` is a place among the theme's series colours.
        """
        self._series[f"{name}\n{part}"] = series(name, x, y, part, colour)
        self.redraw()

    def set_title(self, title: str) -> None:
        """Name the plot anew, once it is known what is measured."""
        if title != self._title:
            self._title = title
            self.setAccessibleName(title)
            self.update()

    def clear(self) -> None:
        """Take away every curve and event."""
        self._series.clear()
        self._events.clear()
        self._area.overlay.set_events([])
        self.redraw()

    def set_range(self, x_max: float, unit: str = "") -> None:
        """The steps (or epochs, then with `unit`) of the whole planned run."""
        self._planned, self._unit = x_max, unit
        self.redraw()

    def add_event(self, x: float, label: str) -> None:
        """Mark a step with a dashed line and a word: what was changed, or what happened."""
        self._events.append((x, label))
        self._area.overlay.set_events(list(self._events))

    def set_crosshair(self, step: float | None) -> None:
        """Show every curve's value at a step, or nothing."""
        self._area.overlay.set_crosshair(step, self.readings)

    def readings(self, step: float) -> list[Reading]:
        """What the crosshair says at a step: the step itself, then each curve."""
        lines = [Reading(f"{self._unit.rstrip('s') or 'step'} {step:,.0f}", theme().text.muted)]
        for curve in self._ordered():
            value = curve.at(step)
            if value is not None and not (curve.part == "raw" and f"{curve.name}\nsmooth" in self._series):
                write = scientific if curve.own_scale else reading
                lines.append(Reading(f"{curve.name} {write(value)}", theme().text.primary))
        return lines

    def redraw(self) -> None:
        """There is something new: draw it now, or as soon as the last drawing is old enough."""
        self._fresh = True
        if self.isVisible() and not self._pause.isActive():
            self.refresh()

    def show_pointer(self, step: float | None) -> None:
        """Show the crosshair under the pointer and tell who listens."""
        whole = None if step is None else round(step)
        self.set_crosshair(whole)
        self.hovered.emit(whole)

    def redress(self) -> None:
        """Draw everything in the new theme at once, so that no moment shows half of each."""
        self._fresh = True
        self.refresh()

    def sizeHint(self) -> QSize:
        return QSize(270, 180)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._place()
        self.redraw()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()
        self.redraw()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        left = self._paint_title(painter)
        self._paint_legend(painter, left)
        self._paint_labels(painter)

    def refresh(self) -> None:
        """Thin every curve to the pixels there are, choose the axes, hand over what is left."""
        if not self._fresh or not self.isVisible():
            return
        self._fresh = False
        start = perf_counter()
        self._area.box.blockSignals(True)
        reached = [float(curve.x[-1]) for curve in self._series.values() if len(curve.x)]
        self._area.set_whole(max([self._planned, *reached]) or 1.0)
        self._area.box.blockSignals(False)
        span, columns = self._area.span(), max(round(self._area.width() * self.devicePixelRatioF()), 1)
        points = {key: self._series[key].thinned(span, columns) for key in self._keys()}
        shared = [ys[np.isfinite(ys)] for key, (_, ys) in points.items() if not self._series[key].own_scale]
        values = np.concatenate([np.empty(0), *shared])
        axis = value_axis(values.min(), values.max(), bool((values > 0).all())) if len(values) else Axis(0, 1, ())
        if axis != self._area.axis:
            self._area.set_axis(axis)
            self._place()
        for key, (xs, ys) in points.items():
            self._draw(key, self._series[key], xs, ys, axis, span)
        self._area.keep_only(list(points))
        self._show_breaks()
        self._area.viewport().update()
        self.update()
        cost_s = perf_counter() - start + self._area.paint_s
        self._pause.start(max(SECOND_MS // metrics().motion.plot_hz, round(cost_s / MOST_SHARE * SECOND_MS)))

    def _draw(self, key: str, curve: Series, xs: Floats, ys: Floats, axis: Axis, span: tuple[float, float]) -> None:
        if curve.own_scale:
            top = np.nanmax(np.abs(ys)) if np.isfinite(ys).any() else 1.0
            ys = axis.low + (axis.high - axis.low) * ys / (top or 1.0)
        elif axis.log:
            ys = np.log10(ys)
        pitch = self._area.width() * (curve.x[-1] - curve.x[0]) / max(span[1] - span[0], 1) if len(curve.x) else 0
        roomy = pitch >= metrics().plot.disc_pitch * (len(curve.x) - 1)
        few = len(curve.x) <= metrics().plot.few_points
        self._area.draw(key, curve, xs, ys, curve.part in ("epoch", "validation") and few and roomy)

    def _show_breaks(self) -> None:
        found = [place for curve in self._series.values() for place in breaks(curve.x, curve.y, MOST_BREAKS)]
        self._area.overlay.set_breaks([(step, scientific(value)) for step, value in sorted(set(found))[:MOST_BREAKS]])

    def _keys(self) -> list[str]:
        return sorted(self._series, key=lambda key: ORDER.index(self._series[key].part))

    def _ordered(self) -> list[Series]:
        return [self._series[key] for key in self._keys()]

    def _place(self) -> None:
        """Lay the area between the header and the labels of both axes."""
        m, line = metrics().plot, QFontMetricsF(font("caption"))
        widest = max((line.horizontalAdvance(label) for _, label in self._area.axis.ticks), default=0.0)
        self._left = max(round(widest), line.horizontalAdvance("0.00")) + m.label_gap
        width, height = self.width() - self._left - m.right, self.height() - m.header - m.footer
        self._area.setGeometry(round(self._left), m.header, max(round(width), 1), max(height, 1))

    def _paint_title(self, painter: QPainter) -> float:
        """Returns: where the title ends."""
        face = font("small", 600)
        painter.setFont(face)
        painter.setPen(theme().text.primary)
        area = self._area.geometry()
        place = QRectF(area.left(), 0, area.width(), metrics().plot.header - metrics().space.xs)
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._title)
        return area.left() + QFontMetricsF(face).horizontalAdvance(self._title)

    def _paint_legend(self, painter: QPainter, left: float) -> None:
        """The names of the curves, right-aligned in the header, each with a piece of its line; the last ones first."""
        m, line = metrics().plot, QFontMetricsF(font("caption"))
        painter.setFont(font("caption"))
        middle = (m.header - metrics().space.xs) / 2
        right = float(self._area.geometry().right() + 1)
        named = {curve.name: curve for curve in self._ordered()}
        for name, curve in reversed(named.items()):
            width = line.horizontalAdvance(name)
            start = right - width - m.label_gap - m.legend_line
            if start < left + m.legend_gap:
                return
            painter.setPen(theme().text.secondary)
            place = QRectF(right - width, 0, width, 2 * middle)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, name)
            pen = QPen(curve.pen())
            pen.setWidthF(m.strong)
            pen.setCosmetic(False)  # else it is thinner where pixels are smaller
            painter.setPen(pen)
            painter.drawLine(QPointF(start, middle), QPointF(start + m.legend_line, middle))
            right = start - m.legend_gap

    def _paint_labels(self, painter: QPainter) -> None:
        axis, area = self._area.axis, self._area.geometry()
        painter.setFont(font("caption"))
        painter.setPen(theme().plot.axis)
        half = QFontMetricsF(painter.font()).height() / 2
        for mark, label in axis.ticks:
            y = area.top() + (1 - (mark - axis.low) / (axis.high - axis.low)) * area.height()
            place = QRectF(0, y - half, area.left() - metrics().plot.label_gap, 2 * half)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, label)
        below = QRectF(area.left(), area.bottom() + 1, area.width(), metrics().plot.footer)
        for text, align in self._step_labels():
            painter.drawText(below, align | Qt.AlignmentFlag.AlignVCenter, text)

    def _step_labels(self) -> list[tuple[str, Qt.AlignmentFlag]]:
        """First, middle and last step; the middle only where it is a whole one and the unit leaves room."""
        low, high = self._area.span()
        end = f"{high:,.0f} {self._unit}".strip()
        labels = [(f"{low:,.0f}", Qt.AlignmentFlag.AlignLeft), (end, Qt.AlignmentFlag.AlignRight)]
        middle = (low + high) / 2
        if not self._unit and (high - low >= 100 or middle == round(middle)):
            labels.insert(1, (f"{middle:,.0f}", Qt.AlignmentFlag.AlignHCenter))
        return labels
