"""A tensor as people can see it: a grid of images, one picture, or numbers in a row."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from engine.training.looked import Picture
from gui.plots.heat import shades
from gui.plots.titled import TitledPlot, number
from gui.theme import metrics, theme

LEVELS = 254


class ImageGrid(TitledPlot):
    """Tiles, a colour picture or a row of numbers. Dark is small, as everywhere; red is not finite.

    word: what one tile is called: "channel", "head", "filter". is_bare: no title, no range.
    """

    def __init__(
        self, title: str, word: str = "channel", parent: QWidget | None = None, *, is_bare: bool = False
    ) -> None:
        super().__init__(title, parent)
        self._word, self._is_bare = word, is_bare
        self._picture: Picture | None = None
        self._tiles: list[QImage] = []

    def set_picture(self, picture: Picture | None, title: str = "") -> None:
        """Show it; None shows nothing."""
        self._picture = picture
        self.set_title(title or self._title, _aside(picture))
        self.renew()

    def picture(self) -> Picture | None:
        """What is shown."""
        return self._picture

    def refresh(self) -> None:
        picture = self._picture
        self._tiles = []
        if picture is None or picture.kind == "curve":
            return
        if picture.kind == "colour":
            height, width = picture.values.shape[:2]
            values = np.ascontiguousarray(picture.values)
            self._tiles = [QImage(values.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()]
            return
        table = [int(shade) for shade in shades()]
        for tile in np.ascontiguousarray(picture.values):
            height, width = tile.shape
            image = QImage(tile.data, width, height, width, QImage.Format.Format_Indexed8)
            image.setColorTable(table)
            # Copied: the picture must not outlive the numbers that it was made of.
            self._tiles.append(image.convertToFormat(QImage.Format.Format_RGB32))

    def paintEvent(self, event: QPaintEvent) -> None:
        self.fresh()
        painter = QPainter(self)
        if not self._is_bare:
            self.paint_head(painter)
        picture = self._picture
        if picture is None:
            return
        if picture.kind == "curve":
            self._paint_row(painter, picture)
        for place, tile in zip(self.places(), self._tiles, strict=False):
            painter.drawImage(place, tile)
        if not self._is_bare:
            self.paint_foot(painter, self.room(), f"{number(picture.low)} to {number(picture.high)}", "")

    def room(self, left: int = 0, footer: bool = True) -> QRectF:
        return QRectF(self.rect()) if self._is_bare else super().room(left, footer)

    def places(self) -> list[QRectF]:
        """Where the tiles are."""
        picture = self._picture
        if picture is None or picture.kind == "curve" or not picture.values.size:
            return []
        count = 1 if picture.kind == "colour" else len(picture.values)
        height, width = picture.values.shape[:2] if picture.kind == "colour" else picture.values.shape[1:]
        area, gap = self.room(), metrics().plot.tile_gap
        columns = picture.columns or _columns(count, area.width() / area.height() * height / width)
        rows = math.ceil(count / columns)
        scale = min((area.width() + gap) / columns - gap, ((area.height() + gap) / rows - gap) * width / height)
        scale = max(min(scale, metrics().plot.tile_max * max(1.0, width / height)), 1.0)
        wide, high = scale, scale * height / width
        return [
            QRectF(area.left() + (i % columns) * (wide + gap), area.top() + (i // columns) * (high + gap), wide, high)
            for i in range(count)
        ]

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        QToolTip.showText(event.globalPosition().toPoint(), self.describe(event.position()), self)

    def describe(self, at: QPointF) -> str:
        """What the pointer says of a point: which tile, which element and its value; "" beside them."""
        picture = self._picture
        if picture is None:
            return ""
        if picture.kind == "curve":
            area, count = self.room(), len(picture.values)
            place = int((at.x() - area.left()) / area.width() * count)
            return f"{place} · {number(float(picture.values[place]))}" if 0 <= place < count else ""
        for i, rect in enumerate(self.places()):
            if rect.contains(at) and picture.kind == "tiles":
                tile = picture.values[i]
                row = min(int((at.y() - rect.top()) / rect.height() * tile.shape[0]), tile.shape[0] - 1)
                column = min(int((at.x() - rect.left()) / rect.width() * tile.shape[1]), tile.shape[1] - 1)
                name = f"{self._word} {i} · " if len(picture.values) > 1 else ""
                return f"{name}{row}, {column} · {number(value_of(picture, int(tile[row, column])))}"
        return ""

    def _paint_row(self, painter: QPainter, picture: Picture) -> None:
        """Bars from zero, red where not finite."""
        area, values = self.room(), picture.values
        if not len(values):
            return
        low, high = min(0.0, _finite(picture.low)), max(0.0, _finite(picture.high))
        span, pitch = (high - low) or 1.0, area.width() / len(values)
        zero = area.bottom() + low / span * area.height()
        width = max(pitch - metrics().plot.tile_gap, metrics().plot.bar_min)
        for i, value in enumerate(values.tolist()):
            x = area.left() + i * pitch
            if not math.isfinite(value):
                painter.fillRect(QRectF(x, area.top(), width, area.height()), theme().heat.not_finite.fill)
                continue
            y = zero - value / span * area.height()
            painter.fillRect(QRectF(x, min(y, zero), width, max(abs(y - zero), 1)), theme().plot.series[0])
        painter.fillRect(QRectF(area.left(), zero, area.width(), 1), theme().plot.grid)


def value_of(picture: Picture, level: int) -> float:
    """What a level of a tile stands for."""
    return picture.low + (level - 1) / LEVELS * (picture.high - picture.low) if level else math.nan


def _finite(value: float) -> float:
    return value if math.isfinite(value) else 0.0


def _columns(count: int, shape: float) -> int:
    """How many tiles side by side fill an area that is `shape` times as wide as high, in units of tiles."""
    best, found = 0.0, 1
    for columns in range(1, count + 1):
        size = min(shape / columns, 1 / math.ceil(count / columns))
        if size > best + 1e-9:
            best, found = size, columns
    return found


def _aside(picture: Picture | None) -> str:
    if picture is None:
        return ""
    shape = " × ".join(map(str, picture.shape)) or "one number"
    if picture.kind == "colour":
        return shape
    shown = len(picture.values)
    return f"{shape} · {shown} of {picture.of:,}" if shown < picture.of else shape
