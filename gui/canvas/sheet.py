"""What the canvas shows as it was painted last: who looks elsewhere pays only for the strips that come into view."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPixmap, QRegion, QTransform

from gui.canvas.making import Making, Painting

Paint = Callable[[QPainter, QRectF, float], None]
AROUND = 2  # pixels that antialiasing reaches beyond what is painted
BUDGET = 0.006  # of a frame, for painting another zoom
MOST_PARTS = 4  # pieces that are painted one by one; more of them are painted as one


class Sheet:
    """A picture of a part of a scene. What `spoil` was not told of looks as before.

    paint: paints a rectangle of the scene, given the zoom; the same pixels whatever rectangle it is asked for.
    is_clear: whether it paints no ground, so that one sees what lies under the sheet.
    slowly: does what `paint` does in steps. rough: paints much less of it, quickly, and may reach beyond the rectangle.
    With both of them another zoom that cannot be painted in one frame is shown by the picture there is, stretched,
    until it is. budget: seconds of a frame for that.
    """

    def __init__(
        self,
        paint: Paint,
        is_clear: bool = False,
        slowly: Painting | None = None,
        rough: Paint | None = None,
        budget: float = BUDGET,
    ) -> None:
        self._paint, self._is_clear, self._slowly, self._rough = paint, is_clear, slowly, rough
        self._picture = QPixmap()
        self._view = self._wanted = QTransform()
        self._stale = QRegion()
        self._making: Making | None = None
        self._spare = QPixmap()
        self._stretching = 0.0
        self.budget = budget
        self._is_old = True

    @property
    def picture(self) -> QPixmap:
        """What was painted last."""
        return self._picture

    @property
    def is_unfinished(self) -> bool:
        """Whether what was shown last is a stretched picture."""
        return self._making is not None

    def spoil(self, rect: QRectF | None = None) -> None:
        """A rectangle of the scene looks different now, or everything."""
        whole = QRect(QPoint(0, 0), self._picture.size())
        if rect is None:
            self.give_up()
            self._stale, self._is_old = QRegion(whole), True
            return
        self._stale += self._pixels(rect, self._view).intersected(whole)
        if self._making is not None:
            self._making.stale += self._pixels(rect, self._making.view).intersected(whole)

    def give_up(self) -> None:
        """Forget the picture in the making: what it shows is no longer there."""
        if self._making is not None:
            self._spare, self._making = self._making.picture, None

    def rest(self) -> None:
        """Nobody zooms any more: keep no room for another picture."""
        self._spare = QPixmap()

    def show(self, painter: QPainter, view: QTransform, size: QSize, ratio: float, may_wait: bool = False) -> None:
        """Paint what `view` shows of the scene in a widget of a size; ratio: pixels of the screen for one unit.

        may_wait: whether it may be stretched for some frames, in which one goes on to show it.
        """
        pixels = QSize(math.ceil(size.width() * ratio), math.ceil(size.height() * ratio))
        if pixels.isEmpty():
            return
        if pixels != self._picture.size() or ratio != self._picture.devicePixelRatio():
            self._picture = QPixmap(pixels)
            self._picture.setDevicePixelRatio(ratio)
            if self._is_clear:
                self._picture.fill(Qt.GlobalColor.transparent)
            self._view = view
            self.spoil()
        if may_wait and not self._is_old and not _same_scale(view, self._view):
            self._make(view, max(self.budget - self._stretching, self.budget / 3))
            if self._making is not None:
                self._stretch(painter, view)
                return
        self.give_up()
        self._look(view)
        if not self._stale.isEmpty():
            self._mend()
        painter.save()
        painter.resetTransform()
        painter.drawPixmap(0, 0, self._picture)
        painter.restore()

    def go_on(self) -> bool:
        """Paint on at what is to replace a stretched picture. Returns: whether there is something new to show."""
        before = self._picture
        if self._making is not None:
            self._make(self._wanted, self.budget)
        return self._making is None or self._picture is not before

    def _make(self, view: QTransform, seconds: float) -> None:
        """Go on with the picture in the making, or begin one; it is finished even if one has zoomed on meanwhile."""
        assert self._slowly is not None
        self._wanted, until = view, time.perf_counter() + seconds
        for _ in range(2):
            if self._making is None:
                self._making = Making(self._slowly, view, self._blank(), AROUND / self._picture.devicePixelRatio())
            if not self._making.go_on(until):
                return
            made = self._making
            self._spare, self._making = self._picture, None
            self._picture, self._view, self._stale = made.picture, made.view, made.stale
            if _same_scale(view, self._view):
                return

    def _blank(self) -> QPixmap:
        """A picture to be painted over: the last one but one, since the memory of a new one takes as long to get."""
        blank, self._spare = self._spare, QPixmap()
        if blank.size() != self._picture.size():
            blank = QPixmap(self._picture.size())
        blank.setDevicePixelRatio(self._picture.devicePixelRatio())
        return blank

    def _stretch(self, painter: QPainter, view: QTransform) -> None:
        """Show the picture there is as it would look in a view, and what it does not reach roughly."""
        assert self._rough is not None
        begun = time.perf_counter()
        ratio, there = self._picture.devicePixelRatio(), self._view.inverted()[0] * view
        whole = QRectF(0, 0, self._picture.width() / ratio, self._picture.height() / ratio)
        covered = there.mapRect(whole).adjusted(1, 1, -1, -1).toAlignedRect()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setTransform(there)
        painter.drawPixmap(0, 0, self._picture)
        for bare in QRegion(whole.toAlignedRect()) - covered:  # type: ignore[attr-defined]
            painter.save()
            painter.setTransform(view)
            self._rough(painter, view.inverted()[0].mapRect(QRectF(bare)), view.m11())
            painter.restore()
        painter.restore()
        self._stretching = time.perf_counter() - begun

    def _look(self, view: QTransform) -> None:
        """Shift what is there, where that is by whole pixels, else nothing of it can be used."""
        before, self._view = self._view, view
        whole = QRect(QPoint(0, 0), self._picture.size())
        ratio = self._picture.devicePixelRatio()
        across, down = (view.dx() - before.dx()) * ratio, (view.dy() - before.dy()) * ratio
        dx, dy = round(across), round(down)
        is_whole = abs(across - dx) < 1e-3 and abs(down - dy) < 1e-3
        if not is_whole or not _same_scale(view, before):
            self._stale = QRegion(whole)
        elif dx or dy:
            self._stale = self._stale.translated(dx, dy) & whole
            if whole.intersects(whole.translated(dx, dy)):
                self._picture.scroll(dx, dy, whole)
            self._stale += QRegion(whole) - QRegion(whole.translated(dx, dy))

    def _pixels(self, rect: QRectF, view: QTransform) -> QRect:
        found, ratio = view.mapRect(rect), self._picture.devicePixelRatio()
        left, top = math.floor(found.left() * ratio) - AROUND, math.floor(found.top() * ratio) - AROUND
        right, bottom = math.ceil(found.right() * ratio) + AROUND, math.ceil(found.bottom() * ratio) + AROUND
        return QRect(left, top, right - left, bottom - top)

    def _mend(self) -> None:
        """Paint what is stale, of the scene a little more, so that nothing ends at an edge."""
        parts = list(self._stale)  # type: ignore[call-overload]
        self._stale, self._is_old, ratio = QRegion(), False, self._picture.devicePixelRatio()
        painter, (back, _) = QPainter(self._picture), self._view.inverted()
        for part in parts if len(parts) <= MOST_PARTS else [_around(parts)]:
            place = QRectF(part.x() / ratio, part.y() / ratio, part.width() / ratio, part.height() / ratio)
            painter.save()
            painter.setClipRect(place)
            if self._is_clear:
                painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
                painter.fillRect(place, Qt.GlobalColor.transparent)
                painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
            painter.setTransform(self._view)
            room = AROUND / ratio
            self._paint(painter, back.mapRect(place.adjusted(-room, -room, room, room)), self._view.m11())
            painter.restore()
        painter.end()


def _same_scale(a: QTransform, b: QTransform) -> bool:
    return (a.m11(), a.m22()) == (b.m11(), b.m22())


def _around(parts: list[QRect]) -> QRect:
    found = QRect()
    for part in parts:
        found = found.united(part)
    return found
