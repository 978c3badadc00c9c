"""The rectangle of a plot that holds curves: a pyqtgraph view box with our grid below and our crosshair above."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from gui.plots.axis import Axis
from gui.plots.series import Series
from gui.plots.thinning import TINY, Floats
from gui.theme import font, metrics, theme

pg.setConfigOption("exitCleanup", False)  # it walks every object of the process, torch's too, at exit

LEAST_ZOOM = 4  # steps


@dataclass(frozen=True)
class Reading:
    """One line of the crosshair's box."""

    text: str
    ink: QColor


class PlotArea(pg.GraphicsView):
    """Shows thinned curves over a span of steps. The wheel zooms in time, a drag pans, a double click shows all."""

    pointed = Signal(object)  # the step under the pointer, or None when it has left
    span_changed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, background=None)
        self.box = pg.ViewBox(enableMenu=False, defaultPadding=0)
        self.box.setMouseEnabled(x=True, y=False)
        self.box.disableAutoRange()
        self.setCentralItem(self.box)
        self.setFrameStyle(0)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAntialiasing(False)
        self.setCacheMode(self.CacheModeFlag.CacheNone)  # the ground is two fills, and changes with the theme
        self.axis = Axis(0.0, 1.0, ())
        self._curves: dict[str, pg.PlotCurveItem] = {}
        self._discs: dict[str, pg.ScatterPlotItem] = {}
        self._whole = (0.0, 1.0)
        self.paint_s = 0.0  # what the last painting cost
        self.overlay = Overlay(self)
        self.box.sigXRangeChanged.connect(self._tell_span)

    def span(self) -> tuple[float, float]:
        """The steps that are shown now."""
        low, high = self.box.viewRange()[0]
        return float(low), float(high)

    def set_whole(self, high: float) -> None:
        """Show steps from 0 to `high`, unless the user has zoomed into a part of them."""
        zoomed = self.zoomed()
        self._whole = (0.0, max(high, 1.0))
        self.box.setLimits(xMin=0.0, xMax=self._whole[1], minXRange=min(LEAST_ZOOM, self._whole[1]))
        if not zoomed:
            self.show_all()

    def show_all(self) -> None:
        """Undo a zoom."""
        self.box.setXRange(*self._whole, padding=0)

    def zoomed(self) -> bool:
        """Whether a part of the steps is shown."""
        return not np.allclose(self.span(), self._whole)

    def set_axis(self, axis: Axis) -> None:
        self.axis = axis
        self.box.setYRange(axis.low, axis.high, padding=0)

    def draw(self, key: str, curve: Series, xs: Floats, ys: Floats, discs: bool) -> None:
        """Show these points, already in the axis's own units."""
        item = self._curves.get(key)
        if item is None:
            item = self._curves[key] = pg.PlotCurveItem(connect="finite", skipFiniteCheck=False)
            self.box.addItem(item, ignoreBounds=True)
        pen = curve.pen()
        if curve.strong:  # a cosmetic width counts in the screen's own pixels
            pen.setWidthF(pen.widthF() * self.devicePixelRatioF())
        item.setPen(pen)
        item.setData(xs, ys, connect="finite", antialias=curve.strong)
        self._draw_discs(key, curve, xs, ys, discs)

    def keep_only(self, keys: Sequence[str]) -> None:
        """Take away the curves that are no longer there, and lay the others over one another in this order."""
        for key in set(self._curves) - set(keys):
            self.box.removeItem(self._curves.pop(key))
            if key in self._discs:
                self.box.removeItem(self._discs.pop(key))
        for height, key in enumerate(keys):
            for items in (self._curves, self._discs):
                if key in items:
                    items[key].setZValue(height)

    def x_at(self, step: float) -> float:
        """The pixel of a step."""
        low, high = self.span()
        return (step - low) / max(high - low, TINY) * self.width()

    def drawBackground(self, painter: QPainter, rect: QRectF) -> None:
        colours, line = theme().plot, metrics().line.hairline
        painter.resetTransform()
        painter.fillRect(self.rect(), colours.background)
        for mark, _ in self.axis.ticks:
            share = (mark - self.axis.low) / (self.axis.high - self.axis.low)
            y = min(round((1 - share) * self.height()), self.height() - line)
            painter.fillRect(QRectF(0, y, self.width(), line), colours.grid)

    def paintEvent(self, event: QPaintEvent) -> None:
        start = perf_counter()
        super().paintEvent(event)
        self.paint_s = perf_counter() - start

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        low, high = self.span()
        self.pointed.emit(low + event.position().x() / max(self.width(), 1) * (high - low))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.show_all()
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.pointed.emit(None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if hasattr(self, "overlay"):
            self.overlay.setGeometry(self.rect())

    def _tell_span(self) -> None:
        self.span_changed.emit()

    def _draw_discs(self, key: str, curve: Series, xs: Floats, ys: Floats, discs: bool) -> None:
        item = self._discs.get(key)
        if item is None:
            if not discs:
                return
            item = self._discs[key] = pg.ScatterPlotItem(pen=None, size=2 * metrics().plot.disc_r, antialias=True)
            self.box.addItem(item, ignoreBounds=True)
        shown = np.isfinite(ys) if discs else np.zeros(len(ys), dtype=bool)
        item.setData(xs[shown], ys[shown], brush=curve.ink())


class Overlay(QWidget):
    """What lies over the curves: events with their labels, and the crosshair with its readings."""

    def __init__(self, area: PlotArea) -> None:
        super().__init__(area)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._area = area
        self._events: list[tuple[float, str]] = []
        self._breaks: list[tuple[float, str]] = []
        self._step: float | None = None
        self._readings: Callable[[float], list[Reading]] = lambda step: []

    def set_events(self, events: list[tuple[float, str]]) -> None:
        self._events = events
        self.update()

    def set_breaks(self, places: list[tuple[float, str]]) -> None:
        """Steps at which a curve stops being finite, and what it is there."""
        self._breaks = places
        self.update()

    def set_crosshair(self, step: float | None, readings: Callable[[float], list[Reading]]) -> None:
        self._step, self._readings = step, readings
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(font("caption"))
        for step, label in self._events:
            self._paint_event(painter, self._area.x_at(step), label)
        for step, label in self._breaks:
            self._paint_break(painter, self._area.x_at(step), label)
        if self._step is not None:
            self._paint_crosshair(painter, self._area.x_at(self._step), self._readings(self._step))

    def _paint_event(self, painter: QPainter, x: float, label: str) -> None:
        if not 0 <= x <= self.width():
            return
        self._paint_line(painter, x, theme().plot.event, dashed=True)
        if label:
            self._paint_box(painter, x, 0, [Reading(label, theme().text.secondary)])

    def _paint_break(self, painter: QPainter, x: float, label: str) -> None:
        if not 0 <= x <= self.width():
            return
        colours = theme().heat.not_finite
        self._paint_line(painter, x, colours.fill, dashed=False)
        self._paint_box(painter, x, self.height(), [Reading(label, colours.on)], colours.fill)

    def _paint_crosshair(self, painter: QPainter, x: float, readings: list[Reading]) -> None:
        if not 0 <= x <= self.width():
            return
        self._paint_line(painter, x, theme().plot.crosshair, dashed=False)
        if readings:
            self._paint_box(painter, x, self.height() / 2, readings)

    def _paint_line(self, painter: QPainter, x: float, colour: QColor, dashed: bool) -> None:
        pen = QPen(colour, metrics().line.plot)
        if dashed:
            pen.setDashPattern([3, 3])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(pen)
        painter.drawLine(QPointF(round(x), 0), QPointF(round(x), self.height()))

    def _paint_box(
        self, painter: QPainter, x: float, y: float, lines: list[Reading], ground: QColor | None = None
    ) -> None:
        """A box beside `x`, on the side where there is room, with its middle as near to `y` as the edges allow."""
        room, line = metrics().space, QFontMetricsF(painter.font())
        pitch = line.height()
        width = max(line.horizontalAdvance(reading.text) for reading in lines) + 2 * room.s
        height = pitch * len(lines) + room.xs
        left = x + room.s if x + room.s + width <= self.width() else x - room.s - width
        top = max(min(y - height / 2, self.height() - height - room.xs), room.xs)
        rect = QRectF(max(left, 0), top, width, height)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen if ground else theme().border.default)
        painter.setBrush(ground or theme().bg.raised)
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), metrics().radius.field, metrics().radius.field)
        for row, reading in enumerate(lines):
            painter.setPen(reading.ink)
            place = QRectF(rect.x() + room.s, rect.y() + room.xs / 2 + row * pitch, width, pitch)
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, reading.text)
