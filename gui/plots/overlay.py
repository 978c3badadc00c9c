"""What lies over the curves of a plot: events with their labels, breaks, and the crosshair with its readings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gui.theme import font, metrics, theme


@dataclass(frozen=True)
class Reading:
    """One line of the crosshair's box."""

    text: str
    ink: QColor


class Overlay(QWidget):
    """What lies over the curves: events with their labels, and the crosshair with its readings."""

    def __init__(self, area: QWidget, x_at: Callable[[float], float]) -> None:
        super().__init__(area)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._x_at = x_at
        self._events: list[tuple[float, str]] = []
        self._ticks: list[float] = []
        self._breaks: list[tuple[float, str]] = []
        self._step: float | None = None
        self._readings: Callable[[float], list[Reading]] = lambda step: []

    def set_events(self, events: list[tuple[float, str]]) -> None:
        self._events = events
        self.update()

    def set_ticks(self, steps: list[float]) -> None:
        """Steps that are marked without words."""
        self._ticks = steps
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
        self._paint_ticks(painter)
        self._paint_events(painter)
        for step, label in self._breaks:
            self._paint_break(painter, self._x_at(step), label)
        if self._step is not None:
            self._paint_crosshair(painter, self._x_at(self._step), self._readings(self._step))

    def _paint_ticks(self, painter: QPainter) -> None:
        painter.setPen(QPen(theme().plot.axis, metrics().line.plot))
        for x in {round(self._x_at(step)) for step in self._ticks}:
            painter.drawLine(QPointF(x, self.height() - metrics().plot.tick), QPointF(x, self.height()))

    def _paint_events(self, painter: QPainter) -> None:
        """Every line, and of words that would lie over one another the last: it says what holds now."""
        places = [(self._x_at(step), label) for step, label in self._events]
        places = [(x, label) for x, label in places if 0 <= x <= self.width()]
        for x, _ in places:
            self._paint_line(painter, x, theme().plot.event, dashed=True)
        taken: list[QRectF] = []
        for x, label in reversed(places):
            lines = [Reading(label, theme().text.secondary)]
            box = self._box_at(painter, x, 0, lines)
            if label and not any(box.intersects(other) for other in taken):
                taken.append(box)
                self._paint_box(painter, x, 0, lines)

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

    def _box_at(self, painter: QPainter, x: float, y: float, lines: list[Reading]) -> QRectF:
        room, line = metrics().space, QFontMetricsF(painter.font())
        pitch = line.height()
        width = max(line.horizontalAdvance(reading.text) for reading in lines) + 2 * room.s
        height = pitch * len(lines) + room.xs
        left = x + room.s if x + room.s + width <= self.width() else x - room.s - width
        top = max(min(y - height / 2, self.height() - height - room.xs), room.xs)
        return QRectF(max(left, 0), top, width, height)

    def _paint_box(
        self, painter: QPainter, x: float, y: float, lines: list[Reading], ground: QColor | None = None
    ) -> None:
        """A box beside `x`, on the side where there is room, with its middle as near to `y` as the edges allow."""
        room, pitch = metrics().space, QFontMetricsF(painter.font()).height()
        rect = self._box_at(painter, x, y, lines)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen if ground else theme().border.default)
        painter.setBrush(ground or theme().bg.raised)
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), metrics().radius.field, metrics().radius.field)
        for row, reading in enumerate(lines):
            painter.setPen(reading.ink)
            place = QRectF(rect.x() + room.s, rect.y() + room.xs / 2 + row * pitch, rect.width(), pitch)
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, reading.text)
