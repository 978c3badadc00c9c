"""The ground of the canvas: its colour, and the grid as dots on whole pixels."""

from __future__ import annotations

import math
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from gui.theme import metrics, theme

RUN = 64  # dots in a row that are one picture


def paint_ground(painter: QPainter, rect: QRectF, zoom: float) -> None:
    """A rectangle of the scene; the same dots at the same pixels whichever rectangle it is."""
    painter.fillRect(rect, theme().bg.canvas)
    grid, c = metrics().node.grid, metrics().canvas
    if zoom < c.grid_off:
        return
    view = painter.worldTransform()
    target, origin, step = view.mapRect(rect), view.map(QPointF(0, 0)), grid * zoom
    painter.save()
    painter.resetTransform()
    row = _dots(step, c.grid_dot, theme().canvas.grid.rgba(), painter.device().devicePixelRatio())
    first, last = ((x - origin.x()) / (step * RUN) for x in (target.left() - step, target.right() + step))
    top, bottom = ((y - origin.y()) / step for y in (target.top() - step, target.bottom() + step))
    xs = [_whole(origin.x() + i * step * RUN - c.grid_dot) for i in range(math.floor(first), math.ceil(last))]
    for j in range(math.floor(top), math.ceil(bottom) + 1):
        y = _whole(origin.y() + j * step - c.grid_dot)
        for x in xs:
            painter.drawPixmap(QPointF(x, y), row)
    painter.restore()


def _whole(at: float) -> int:
    """The nearest whole pixel; unlike what `round` does, the same for all that are a half."""
    return math.floor(at + 0.5)


@lru_cache(maxsize=16)
def _dots(step: float, size: float, rgba: int, ratio: float) -> QPixmap:
    """A run of one row of the grid as a picture, its first dot `size` from the left."""
    height = 2 * size
    picture = QPixmap(math.ceil((RUN * step + height) * ratio), math.ceil(height * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor.fromRgba(rgba))
    for i in range(RUN):
        painter.drawEllipse(QPointF(size + i * step, size), size / 2, size / 2)
    painter.end()
    return picture
