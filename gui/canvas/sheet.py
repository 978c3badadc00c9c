"""What the canvas shows as it was painted last: who looks elsewhere pays only for the strips that come into view."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPixmap, QRegion, QTransform

from gui.canvas.levels import Level, Levels
from gui.canvas.making import Making, Painting
from gui.canvas.regions import parts_of, pixels_of, units_of

Paint = Callable[[QPainter, QRectF, float], None]
Rough = Callable[[QPainter, Sequence[QRectF], float], None]
AROUND = 2  # pixels that antialiasing reaches beyond what is painted
BUDGET = 0.005  # of a frame, for painting another zoom
MOST_SMOOTH = 4_000_000  # pixels that are stretched in a part of a frame; more of them are stretched coarsely


class Sheet:
    """A picture of a part of a scene. What `spoil` was not told of looks as before.

    paint: paints a rectangle of the scene, given the zoom; the same pixels whatever rectangle it is asked for.
    is_clear: whether it paints no ground, so that one sees what lies under the sheet.
    slowly: does what `paint` does in steps. rough: paints much less of it, quickly, and may reach beyond what it is
    asked for. With both of them pictures of other zooms are kept, and a zoom that cannot be painted in one frame is
    shown by these, stretched, until it is. budget: seconds of a frame for that. reach: pixels that a change may reach
    beyond its rectangle at a zoom that is not on screen.
    """

    def __init__(
        self,
        paint: Paint,
        is_clear: bool = False,
        slowly: Painting | None = None,
        rough: Rough | None = None,
        budget: float = BUDGET,
        reach: int = AROUND,
    ) -> None:
        self._paint, self._is_clear, self._slowly, self._rough = paint, is_clear, slowly, rough
        self._picture = QPixmap()
        self._view = self._wanted = QTransform()
        self._stale = QRegion()
        self._making: Making | None = None
        self._spare = QPixmap()
        self._reach, self._levels = reach, Levels(reach)
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

    @property
    def kept(self) -> int:
        """How many pictures of other zooms there are."""
        return len(self._levels)

    def spoil(self, rect: QRectF | None = None) -> None:
        """A rectangle of the scene looks different now, or everything."""
        whole = QRect(QPoint(0, 0), self._picture.size())
        if rect is None:
            self.forget()
            self._stale, self._is_old = QRegion(whole), True
            return
        self._stale += self._pixels(rect, self._view).intersected(whole)
        if self._making is not None:
            self._making.stale += self._pixels(rect, self._making.view, self._reach).intersected(whole)
        self._levels.spoil(rect)

    def forget(self) -> None:
        """Forget the pictures of other zooms, and that in the making: what they show is no longer there."""
        self._give_up()
        self._levels.forget()

    def _give_up(self) -> None:
        if self._making is not None:
            self._spare, self._making = self._making.picture, None

    def rest(self) -> None:
        """Nobody zooms any more: keep no other pictures, nor room for one."""
        self._spare = QPixmap()
        self._levels.forget()

    def zoom_like(self, zoom: float) -> float:
        """The zoom at which something has been painted already, where it is the same but for rounding."""
        return self._levels.zoom_like(zoom)

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
        if not self._is_old and not _same_scale(view, self._view):
            self._take_back(view)
        if may_wait and not self._is_old and not _same_scale(view, self._view):
            self._make(view, max(self.budget - self._stretching, self.budget / 3))
            if self._making is not None:
                self._stretch(painter, view)
                return
        self._give_up()
        if self._rough is not None and not self._is_old and not _same_scale(view, self._view):
            self._put(Level(self._blank(), view, QRegion(QRect(QPoint(0, 0), pixels))), view)
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

    def _take_back(self, view: QTransform) -> None:
        """Show a picture again that was kept, if it shows nearly all of a view."""
        level = self._levels.take(view)
        if level is not None:
            self._give_up()
            self._put(level, view)

    def _put(self, level: Level, view: QTransform) -> None:
        """Replace the picture that is shown, which is kept, or painted over by a later one."""
        before = Level(self._picture, self._view, self._stale)
        self._picture, self._view, self._stale = level.picture, level.view, level.stale
        self._spare = self._levels.keep(before, view) or self._spare

    def _make(self, view: QTransform, seconds: float) -> None:
        """Go on with the picture in the making, or begin one; it is finished even if one has zoomed on meanwhile."""
        assert self._slowly is not None
        self._wanted, until = view, time.perf_counter() + seconds
        for _ in range(2):
            if self._making is None:
                self._making = Making(self._slowly, view, self._blank(), AROUND / self._picture.devicePixelRatio())
            if not self._making.go_on(until):
                return
            made, self._making = self._making, None
            self._put(Level(made.picture, made.view, made.stale), view)
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
        """Show the pictures there are as they would look in a view, and what they do not reach roughly."""
        assert self._rough is not None
        begun = time.perf_counter()
        size = self._picture.size()
        whole = units_of(QRect(QPoint(0, 0), size), self._picture.devicePixelRatio()).toAlignedRect()
        shown = self._levels.instead(Level(self._picture, self._view, QRegion()), view, whole)
        there, reach = shown.covers(view)
        painter.save()
        is_smooth = size.width() * size.height() <= MOST_SMOOTH
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, is_smooth)
        painter.setTransform(there)
        painter.drawPixmap(0, 0, shown.picture)
        bare = self._levels.paint(painter, view, QRegion(whole) - reach)  # type: ignore[operator]
        if not bare.isEmpty():
            painter.setTransform(view)
            back = view.inverted()[0]
            self._rough(painter, [back.mapRect(QRectF(part)) for part in bare], view.m11())  # type: ignore[attr-defined]
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

    def _pixels(self, rect: QRectF, view: QTransform, around: int = AROUND) -> QRect:
        return pixels_of(rect, view, self._picture.devicePixelRatio(), around)

    def _mend(self) -> None:
        """Paint what is stale, of the scene a little more, so that nothing ends at an edge."""
        parts, ratio = parts_of(self._stale), self._picture.devicePixelRatio()
        self._stale, self._is_old = QRegion(), False
        painter, (back, _) = QPainter(self._picture), self._view.inverted()
        for part in parts:
            place = units_of(part, ratio)
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
