"""The rectangle of a plot that holds curves: a pyqtgraph view box with our grid below and our crosshair above."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from gui.plots.axis import Axis
from gui.plots.overlay import Overlay
from gui.plots.series import Series
from gui.plots.thinning import TINY, Floats
from gui.theme import metrics, theme

pg.setConfigOption("exitCleanup", False)  # it walks every object of the process, torch's too, at exit

LEAST_ZOOM = 4  # steps
LEAST_DECADES = 0.02  # the same on a logarithmic axis
NOTCH = 120.0  # of a wheel, in eighths of a degree


class PlotArea(pg.GraphicsView):
    """Shows thinned curves over a span of steps, linear or logarithmic.

    The wheel zooms in time, with Ctrl in value, a drag pans, a double click shows all.
    """

    pointed = Signal(object)  # the step under the pointer, or None when it has left
    span_changed = Signal()
    values_zoomed = Signal(float, float)  # notches of the wheel, and the height that stays, 0 below to 1 above
    reset = Signal()

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
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)  # the plot's menu
        self.setCacheMode(self.CacheModeFlag.CacheNone)  # the ground is two fills, and changes with the theme
        self.axis = Axis(0.0, 1.0, ())
        self._curves: dict[str, pg.PlotCurveItem] = {}
        self._discs: dict[str, pg.ScatterPlotItem] = {}
        self._whole = (0.0, 1.0)
        self.paint_s = 0.0  # what the last painting cost
        self.log_steps = False
        self.overlay = Overlay(self, self.x_at)
        self.box.sigXRangeChanged.connect(self._tell_span)

    def set_log_steps(self, log: bool) -> None:
        """Give early steps as much room as late ones, or all the same."""
        if log != self.log_steps:
            self.log_steps = log
            self._limit()
            self.show_all()

    def span(self) -> tuple[float, float]:
        """The steps that are shown now."""
        low, high = self.box.viewRange()[0]
        return (10.0**low, 10.0**high) if self.log_steps else (float(low), float(high))

    def set_whole(self, high: float) -> None:
        """Show steps from 0 to `high`, unless the user has zoomed into a part of them."""
        zoomed = self.zoomed()
        self._whole = (0.0, max(high, 1.0))
        self._limit()
        if not zoomed:
            self.show_all()

    def set_span(self, low: float, high: float) -> None:
        """Show these steps."""
        low, high = max(low, self._whole[0]), min(high, self._whole[1])
        if high > low:
            self.box.setXRange(*(float(self.placed(x)) for x in (low, high)), padding=0)

    def show_all(self) -> None:
        """Undo a zoom."""
        self.box.setXRange(*(float(self.placed(x)) for x in self._whole), padding=0)

    def placed(self, x: Floats | float) -> Floats:
        """Steps in the box's own units."""
        return np.log10(np.maximum(x, 1.0)) if self.log_steps else np.asarray(x, float)

    def _limit(self) -> None:
        low, high = (float(self.placed(x)) for x in self._whole)
        least = LEAST_DECADES if self.log_steps else LEAST_ZOOM
        self.box.setLimits(xMin=low, xMax=max(high, low + least), minXRange=min(least, max(high - low, TINY)))

    def zoomed(self) -> bool:
        """Whether a part of the steps is shown."""
        return not np.allclose(self.box.viewRange()[0], self.placed(np.array(self._whole)))

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
        xs = self.placed(xs)
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
        low, high = self.box.viewRange()[0]
        return (float(self.placed(step)) - low) / max(high - low, TINY) * self.width()

    def step_at(self, x: float) -> float:
        """The step of a pixel."""
        low, high = self.box.viewRange()[0]
        place = low + x / max(self.width(), 1) * (high - low)
        return float(10.0**place if self.log_steps else place)

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
        self.pointed.emit(self.step_at(event.position().x()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.values_zoomed.emit(event.angleDelta().y() / NOTCH, 1 - event.position().y() / max(self.height(), 1))
            event.accept()
        else:
            super().wheelEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.show_all()
        self.reset.emit()
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
