"""What the canvas shows as it was painted last: who looks elsewhere pays only for the strips that come into view."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QPoint, QRect, QRectF, QSize
from PySide6.QtGui import QPainter, QPixmap, QRegion, QTransform

Paint = Callable[[QPainter, QRectF, float], None]
AROUND = 2  # pixels that antialiasing reaches beyond what is painted
MOST_PARTS = 4  # pieces that are painted one by one; more of them are painted as one


class Sheet:
    """A picture of a part of a scene. What `spoil` was not told of looks as before.

    paint: paints a rectangle of the scene, given the zoom; the same pixels whatever rectangle it is asked for.
    """

    def __init__(self, paint: Paint) -> None:
        self._paint = paint
        self._picture = QPixmap()
        self._view = QTransform()
        self._stale = QRegion()

    def spoil(self, rect: QRectF | None = None) -> None:
        """A rectangle of the scene looks different now, or everything."""
        whole = QRect(QPoint(0, 0), self._picture.size())
        self._stale += whole if rect is None else self._pixels(rect).intersected(whole)

    def show(self, painter: QPainter, view: QTransform, size: QSize, ratio: float) -> None:
        """Paint what `view` shows of the scene in a widget of a size; ratio: pixels of the screen for one unit."""
        pixels = QSize(math.ceil(size.width() * ratio), math.ceil(size.height() * ratio))
        if pixels.isEmpty():
            return
        if pixels != self._picture.size() or ratio != self._picture.devicePixelRatio():
            self._picture = QPixmap(pixels)
            self._picture.setDevicePixelRatio(ratio)
            self._view = view
            self.spoil()
        self._look(view)
        if not self._stale.isEmpty():
            self._mend()
        painter.save()
        painter.resetTransform()
        painter.drawPixmap(0, 0, self._picture)
        painter.restore()

    def _look(self, view: QTransform) -> None:
        """Shift what is there, where that is by whole pixels, else nothing of it can be used."""
        before, self._view = self._view, view
        whole = QRect(QPoint(0, 0), self._picture.size())
        ratio = self._picture.devicePixelRatio()
        across, down = (view.dx() - before.dx()) * ratio, (view.dy() - before.dy()) * ratio
        dx, dy = round(across), round(down)
        is_whole = abs(across - dx) < 1e-3 and abs(down - dy) < 1e-3
        if not is_whole or (view.m11(), view.m22()) != (before.m11(), before.m22()):
            self._stale = QRegion(whole)
        elif dx or dy:
            self._stale = self._stale.translated(dx, dy) & whole
            if whole.intersects(whole.translated(dx, dy)):
                self._picture.scroll(dx, dy, whole)
            self._stale += QRegion(whole) - QRegion(whole.translated(dx, dy))

    def _pixels(self, rect: QRectF) -> QRect:
        found, ratio = self._view.mapRect(rect), self._picture.devicePixelRatio()
        left, top = math.floor(found.left() * ratio) - AROUND, math.floor(found.top() * ratio) - AROUND
        right, bottom = math.ceil(found.right() * ratio) + AROUND, math.ceil(found.bottom() * ratio) + AROUND
        return QRect(left, top, right - left, bottom - top)

    def _mend(self) -> None:
        """Paint what is stale, of the scene a little more, so that nothing ends at an edge."""
        parts = list(self._stale)  # type: ignore[call-overload]
        self._stale, ratio = QRegion(), self._picture.devicePixelRatio()
        painter, (back, _) = QPainter(self._picture), self._view.inverted()
        for part in parts if len(parts) <= MOST_PARTS else [_around(parts)]:
            place = QRectF(part.x() / ratio, part.y() / ratio, part.width() / ratio, part.height() / ratio)
            painter.save()
            painter.setClipRect(place)
            painter.setTransform(self._view)
            room = AROUND / ratio
            self._paint(painter, back.mapRect(place.adjusted(-room, -room, room, room)), self._view.m11())
            painter.restore()
        painter.end()


def _around(parts: list[QRect]) -> QRect:
    found = QRect()
    for part in parts:
        found = found.united(part)
    return found
