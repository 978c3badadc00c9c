"""Curves over training steps: loss, accuracy, whatever grows a point at a time."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import numpy as np
from PySide6.QtCore import QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QToolButton, QWidget

from engine.training.curve_log import CurveLog
from gui.glyphs import bind_icon
from gui.plots.area import PlotArea
from gui.plots.axis import Axis, reading, scientific, value_axis, zoomed_axis
from gui.plots.curve_menu import CurveMenu
from gui.plots.options import CurveOptions
from gui.plots.overlay import Reading
from gui.plots.series import FAINT, ORDER, Logged, Part, Series, checked, series, thinned_by_decades
from gui.plots.surround import paint_legend, paint_steps, paint_title, paint_values
from gui.plots.thinning import Floats
from gui.theme import font, metrics, theme, theme_changed

SECOND_MS = 1000
MOST_SHARE = 0.04  # of the window's time: a plot that costs more draws less often, and leaves the rest to training
MOST_BREAKS = 5  # marks of values that are not finite; the first of them matters
ZOOM_NOTCH = 0.8
SMALL_RATE = 0.01  # smaller ones are written with an exponent
STRIDES = 50  # an arrow key moves the crosshair by such a part of what is shown


class CurvePlot(QWidget):
    """A title, a legend and curves over the whole planned run, so that the room left is the time left.

    Columns may grow between two calls of `set_series`; the plot redraws at most twenty times a second, less often
    if that is dear, and only while it can be seen. Keys: arrows move the crosshair, + and − zoom, 0 shows all.
    """

    hovered = Signal(object)  # the step (int) under the pointer, or None when it has left
    options_changed = Signal(object)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self._unit = ""
        self._planned = 0.0
        self._series: dict[str, Series] = {}
        self._events: list[tuple[float, str]] = []
        self._ticks: list[float] = []
        self._fresh = True
        self._options = CurveOptions()
        self._heights: tuple[float, float] | None = None  # of the axis, while a part of the values is shown
        self._crosshair: float | None = None
        self.setAccessibleName(title)
        self.setMinimumSize(140, 100)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._area = PlotArea(self)
        self._area.pointed.connect(self.show_pointer)
        self._area.span_changed.connect(self.redraw)
        self._area.values_zoomed.connect(self.zoom_values)
        self._area.reset.connect(self.show_all)
        self.menu = CurveMenu(self, self.curves, lambda: self.options, self.set_options, self.show_all)
        self._button = QToolButton(self)
        self._button.setAccessibleName(f"Options of {title}")
        self._button.setToolTip("Smoothing, axes, save")
        self._button.setFixedSize(metrics().plot.header, metrics().plot.header - metrics().space.xs)
        bind_icon(self._button, "dots-three")
        self._button.clicked.connect(lambda: self.open_menu(self._button.geometry().bottomRight()))
        self._pause = QTimer(self, singleShot=True)
        self._pause.timeout.connect(self.refresh)
        theme_changed.connect(self.redress)

    @property
    def options(self) -> CurveOptions:
        """How its curves are looked at."""
        return self._options

    def set_options(self, options: CurveOptions) -> None:
        """Look at the curves in another way."""
        if options == self._options:
            return
        if options.values != self._options.values:
            self._heights = None
        self._options = options
        self._area.set_log_steps(options.steps == "log")
        self.options_changed.emit(options)
        self.redress()

    def set_series(self, name: str, x: Floats, y: Floats, part: Part, colour: int | None = None) -> None:
        """Show `y` over `x` (ascending steps) as this part: "raw", "smooth", "epoch", "validation", "learning_rate".

        A raw and a smooth series may share a name. `colour` is a place among the theme's series colours.
        """
        self._series[f"{name}\n{part}"] = series(name, x, y, part, colour)
        self.redraw()

    def set_log(self, name: str, log: CurveLog, part: Part, keep: float = 0.0, colour: int | None = None) -> None:
        """Show a log of any length as this part, a smooth one with this `keep` unless the person chose another."""
        usual = checked(name, part)
        self._series[f"{name}\n{part}"] = Logged(name, part, usual if colour is None else colour, log, keep)
        self.redraw()

    def remove(self, name: str) -> None:
        """Take away the curves of a name."""
        for key in [key for key in self._series if key.rpartition("\n")[0] == name]:
            del self._series[key]
        self.redraw()

    def set_title(self, title: str) -> None:
        """Name the plot anew, once it is known what is measured."""
        if title != self._title:
            self._title = title
            self.setAccessibleName(title)
            self._button.setAccessibleName(f"Options of {title}")
            self.update()

    def clear(self) -> None:
        """Take away every curve and event."""
        self._series.clear()
        self._events.clear()
        self._ticks.clear()
        self._area.overlay.set_ticks([])
        self._heights = None
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

    def add_tick(self, x: float) -> None:
        """Mark a step without words: a short stroke at the lower edge."""
        self._ticks.append(x)
        self._area.overlay.set_ticks(self._ticks)

    def set_crosshair(self, step: float | None) -> None:
        """Show every curve's value at a step, or nothing."""
        self._crosshair = step
        self._area.overlay.set_crosshair(step, self.readings)

    def readings(self, step: float) -> list[Reading]:
        """What the crosshair says at a step: the step itself, then each curve."""
        lines = [Reading(f"{self._unit.rstrip('s') or 'step'} {step:,.0f}", theme().text.muted)]
        shown = self.curves()
        smooth = {curve.name for curve in shown if curve.part == "smooth"}
        for curve in shown:
            value = None if curve.part == "raw" and curve.name in smooth else curve.at(step)
            if value is not None:
                write = scientific if curve.own_scale and abs(value) < SMALL_RATE else reading
                ink = theme().text.secondary if curve.part == "other" else theme().text.primary
                lines.append(Reading(f"{curve.name} {write(value)}", ink))
        return lines

    def curves(self) -> list[Series]:
        """What is shown, from the back: smoothed as the person chose."""
        keep, found = self._options.smoothing, []
        for curve in sorted(self._series.values(), key=lambda curve: ORDER.index(curve.part)):
            if isinstance(curve, Logged) and curve.part == "smooth" and keep is not None:
                if keep == 0.0:
                    continue
                curve = replace(curve, keep=keep)
            elif curve.part == "raw" and keep == 0.0:
                curve = replace(curve, part="epoch")
            found.append(curve)
        return found

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

    def show_all(self) -> None:
        """Undo every zoom."""
        self._heights = None
        self._area.show_all()
        self.redraw()

    def zoom_values(self, notches: float, height: float) -> None:
        """Show fewer values, more with negative notches; the one at a height, 0 below to 1 above, stays where it is."""
        axis = self._area.axis
        factor = ZOOM_NOTCH**notches
        fixed = axis.low + height * (axis.high - axis.low)
        self._heights = fixed + (axis.low - fixed) * factor, fixed + (axis.high - fixed) * factor
        self.redress()

    def open_menu(self, place: QPoint) -> None:
        """Show what can be chosen."""
        self.menu.popup(self.mapToGlobal(place))

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

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.open_menu(event.pos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        low, high = self._area.span()
        here = self._crosshair if self._crosshair is not None else (low + high) / 2
        stride = max(1.0, (high - low) / STRIDES)
        moves = {Qt.Key.Key_Left: -stride, Qt.Key.Key_Right: stride}
        zooms = {Qt.Key.Key_Plus: ZOOM_NOTCH, Qt.Key.Key_Equal: ZOOM_NOTCH, Qt.Key.Key_Minus: 1 / ZOOM_NOTCH}
        key = Qt.Key(event.key())
        if key in moves:
            self.show_pointer(min(max(here + moves[key], low), high))
        elif key in zooms:
            self._area.set_span(here + (low - here) * zooms[key], here + (high - here) * zooms[key])
        elif key == Qt.Key.Key_0:
            self.show_all()
        elif key == Qt.Key.Key_Escape and self._crosshair is not None:
            self.show_pointer(None)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, area = QPainter(self), self._area.geometry()
        left = paint_title(painter, area, self._title)
        paint_legend(painter, self.curves(), left, self._button.x() - metrics().space.xs)
        paint_values(painter, area, self._area.axis)
        low, high = self._area.span()
        paint_steps(painter, area, low, self._area.step_at(area.width() / 2), high, self._unit)

    def refresh(self) -> None:
        """Thin every curve to the pixels there are, choose the axes, hand over what is left."""
        if not self._fresh or not self.isVisible():
            return
        self._fresh = False
        start = perf_counter()
        curves = {f"{curve.name}\n{curve.part}": curve for curve in self.curves()}
        self._area.box.blockSignals(True)
        self._area.set_whole(max([self._planned, *(curve.ends[1] for curve in curves.values())]) or 1.0)
        self._area.box.blockSignals(False)
        span, columns = self._area.span(), max(round(self._area.width() * self.devicePixelRatioF()), 1)
        points = {key: self._thinned(curve, span, columns) for key, curve in curves.items()}
        axis = self._axis([ys for key, (_, ys) in points.items() if not curves[key].own_scale])
        if axis != self._area.axis:
            self._area.set_axis(axis)
            self._place()
        for key, (xs, ys) in points.items():
            self._draw(key, curves[key], xs, ys, axis, span)
        self._area.keep_only(list(points))
        self._show_breaks(list(curves.values()))
        self._area.viewport().update()
        self.update()
        cost_s = perf_counter() - start + self._area.paint_s
        self._pause.start(max(SECOND_MS // metrics().motion.plot_hz, round(cost_s / MOST_SHARE * SECOND_MS)))

    def _thinned(self, curve: Series, span: tuple[float, float], columns: int) -> tuple[Floats, Floats]:
        if self._area.log_steps:
            return thinned_by_decades(curve, span, columns)
        return curve.thinned(span, columns)

    def _axis(self, shared: list[Floats]) -> Axis:
        scale = self._options.values
        values = np.concatenate([np.empty(0), *(ys[np.isfinite(ys)] for ys in shared)])
        if scale == "log":
            values = values[values > 0]
        if not len(values):
            return Axis(0, 1, ())
        axis = value_axis(values.min(), values.max(), bool((values > 0).all()), scale)
        return zoomed_axis(axis, *self._heights) if self._heights else axis

    def _draw(self, key: str, curve: Series, xs: Floats, ys: Floats, axis: Axis, span: tuple[float, float]) -> None:
        if curve.own_scale:
            top = np.nanmax(np.abs(ys)) if np.isfinite(ys).any() else 1.0
            ys = axis.low + (axis.high - axis.low) * ys / (top or 1.0)
        elif axis.log:
            ys = np.log10(np.where(ys > 0, ys, np.nan))
        first, last = curve.ends
        pitch = self._area.width() * (last - first) / max(span[1] - span[0], 1)
        roomy = pitch >= metrics().plot.disc_pitch * (curve.count - 1)
        few = 0 < curve.count <= metrics().plot.few_points
        self._area.draw(key, curve, xs, ys, curve.part not in (*FAINT, "smooth", "learning_rate") and few and roomy)

    def _show_breaks(self, curves: list[Series]) -> None:
        found = [place for curve in curves if curve.part != "other" for place in curve.breaks(MOST_BREAKS)]
        self._area.overlay.set_breaks([(step, scientific(value)) for step, value in sorted(set(found))[:MOST_BREAKS]])

    def _place(self) -> None:
        """Lay the area between the header and the labels of both axes."""
        m, line = metrics().plot, QFontMetricsF(font("caption"))
        widest = max((line.horizontalAdvance(label) for _, label in self._area.axis.ticks), default=0.0)
        left = max(round(widest), line.horizontalAdvance("0.00")) + m.label_gap
        width, height = self.width() - left - m.right, self.height() - m.header - m.footer
        self._area.setGeometry(round(left), m.header, max(round(width), 1), max(height, 1))
        self._button.move(self._area.geometry().right() + 1 - self._button.width(), 0)
