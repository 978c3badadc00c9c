"""Many samples as points on a plane, coloured by their class."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from engine.training.looked import Embedding
from gui.figures import percent
from gui.plots.heat import HeatScale, heat_colour
from gui.plots.titled import TitledPlot
from gui.theme import font, metrics, theme

NAMED = 12
"""So many classes are named at the side."""


class Scatter(TitledPlot):
    """Where samples lie. Classes have the colours of curves as far as those go, then shades of the map."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._embedding: Embedding | None = None
        self._points: list[QPointF] = []
        self._size = (0, 0)

    def set_embedding(self, embedding: Embedding | None) -> None:
        """Show it; None shows nothing."""
        self._embedding = embedding
        words = ""
        if embedding is not None:
            first, second = embedding.share
            words = (
                f"{len(embedding.places):,} samples · axes hold {percent(first)} and {percent(second)} of the variance"
            )
        self.set_title(self.title, words)
        self.renew()

    def classes(self) -> list[int]:
        """The classes, in their order."""
        labels = self._embedding.labels if self._embedding is not None else None
        return [] if labels is None else [int(each) for each in np.unique(labels)]

    def points(self) -> list[QPointF]:
        """Where every sample is drawn."""
        if self._embedding is None:
            return []
        area, places = self.area(), self._embedding.places
        finite = np.where(np.isfinite(places), places, 0.0)
        low, high = finite.min(axis=0), finite.max(axis=0)
        shares = (finite - low) / np.where(high > low, high - low, 1.0)
        inset = metrics().plot.dot_r
        xs = area.left() + inset + shares[:, 0] * (area.width() - 2 * inset)
        ys = area.bottom() - inset - shares[:, 1] * (area.height() - 2 * inset)
        return [QPointF(float(x), float(y)) for x, y in zip(xs, ys)]

    def area(self) -> QRectF:
        """Where the points are."""
        names = self._names_width()
        return self.room(footer=False).adjusted(0, 0, -names, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self.paint_head(painter)
        painter.fillRect(self.area(), theme().plot.background)
        embedding = self._embedding
        if embedding is None:
            return
        if self._stale or self._size != (self.width(), self.height()):
            self._stale, self._size = False, (self.width(), self.height())
            self._points = self.points()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        classes, radius = self.classes(), metrics().plot.dot_r
        colours = {each: colour_of(i, len(classes)) for i, each in enumerate(classes)}
        labels = embedding.labels.tolist() if embedding.labels is not None else [0] * len(self._points)
        for point, label in zip(self._points, labels):
            painter.setBrush(colours.get(label, theme().plot.series[0]))
            painter.drawEllipse(point, radius, radius)
        self._paint_names(painter, classes, colours)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        QToolTip.showText(event.globalPosition().toPoint(), self.describe(event.position()), self)

    def describe(self, at: QPointF) -> str:
        """What the pointer says of the nearest sample; "" where none is near."""
        if self._embedding is None or not self._points:
            return ""
        apart = [(point - at).manhattanLength() for point in self._points]
        nearest = int(np.argmin(apart))
        if apart[nearest] > 4 * metrics().plot.dot_r:
            return ""
        labels = self._embedding.labels
        return f"sample {nearest}" + (f" · class {int(labels[nearest])}" if labels is not None else "")

    def _names_width(self) -> int:
        return metrics().space.xxl if 0 < len(self.classes()) <= NAMED else 0

    def _paint_names(self, painter: QPainter, classes: list[int], colours: dict[int, QColor]) -> None:
        if not 0 < len(classes) <= NAMED:
            return
        painter.setFont(font("caption"))
        area, m = self.area(), metrics()
        pitch = min(float(painter.fontMetrics().height()), area.height() / len(classes))
        left = area.right() + m.space.s
        for i, each in enumerate(classes):
            middle = area.top() + (i + 0.5) * pitch
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours[each])
            painter.drawEllipse(QPointF(left + m.plot.dot_r, middle), m.plot.dot_r, m.plot.dot_r)
            painter.setPen(theme().text.secondary)
            place = QRectF(left + m.space.m, middle - pitch, m.space.xxl, 2 * pitch)
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, str(each))


def colour_of(place: int, count: int) -> QColor:
    """The colour of one of so many classes."""
    series = theme().plot.series
    if count <= len(series):
        return series[place]
    return heat_colour((place + 0.5) / count, HeatScale(0.0, 1.0, "share"))
