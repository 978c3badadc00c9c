"""Pictures of other zooms, kept for a while: who zooms back sees them again, at once and sharp."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QRectF
from PySide6.QtGui import QPainter, QPixmap, QRegion, QTransform

from gui.canvas.regions import parts_of, pixels_of, units_of

MOST, MOST_BYTES = 4, 64_000_000
MOST_STALE = 12  # rectangles; where more has changed a picture is not worth keeping
NEAR = 2.5  # a picture is not enlarged more than so many times
LITTLE = 0.25  # of a picture, which one paints anew without noticing
SAME = 1e-9


@dataclass(slots=True)
class Level:
    """A finished picture, the view that it shows, and the pixels of it that have changed since."""

    picture: QPixmap
    view: QTransform
    stale: QRegion

    @property
    def zoom(self) -> float:
        return float(self.view.m11())

    def covers(self, view: QTransform) -> tuple[QTransform, QRect]:
        """How the picture is to be laid to fit another view, and the whole units of that view which it then covers."""
        there, size = self.view.inverted()[0] * view, self.picture.deviceIndependentSize()
        reach = there.mapRect(QRectF(0, 0, size.width(), size.height()))
        return there, reach.adjusted(1, 1, -1, -1).toAlignedRect()


class Levels:
    """The pictures that are kept, beside the one that is shown. reach: pixels that a change may reach beyond itself."""

    def __init__(self, reach: int) -> None:
        self._reach = reach
        self._kept: list[Level] = []

    def __len__(self) -> int:
        return len(self._kept)

    def forget(self) -> None:
        """Nothing looks as it did."""
        self._kept.clear()

    def spoil(self, rect: QRectF) -> None:
        """A rectangle of the scene looks different now."""
        for level in self._kept:
            size = level.picture.size()
            changed = pixels_of(rect, level.view, level.picture.devicePixelRatio(), self._reach)
            level.stale += changed.intersected(QRect(QPoint(0, 0), size))
        self._kept = [level for level in self._kept if level.stale.rectCount() <= MOST_STALE]

    def keep(self, level: Level, view: QTransform) -> QPixmap | None:
        """Keep a picture while another view is shown. Returns: one that is not kept any more, if there is one."""
        self._kept.append(level)
        size = level.picture.size()
        room = min(MOST, MOST_BYTES // max(1, 4 * size.width() * size.height()))
        if len(self._kept) <= room:
            return None
        least = min(self._kept, key=lambda each: self._worth(each, view))
        self._kept.remove(least)
        return least.picture

    def _worth(self, level: Level, view: QTransform) -> float:
        """The more, the fewer others show about the same."""
        shown = level.covers(view)[1]
        size = level.picture.deviceIndependentSize()
        if not shown.intersects(QRectF(0, 0, size.width(), size.height()).toRect()):
            return 0.0
        zooms = [view.m11(), *(each.zoom for each in self._kept if each is not level)]
        nearest = min(abs(math.log(level.zoom / zoom)) for zoom in zooms)
        return nearest + SAME

    def zoom_like(self, zoom: float) -> float:
        """The zoom of a picture that is kept where it differs by no more than sums of roundings do."""
        return next((each.zoom for each in self._kept if math.isclose(each.zoom, zoom, rel_tol=SAME)), zoom)

    def take(self, view: QTransform) -> Level | None:
        """A picture that shows nearly all of a view at its very zoom; it is no longer kept."""
        for level in self._kept:
            if level.zoom == view.m11() and _missing(level, view) <= LITTLE:
                self._kept.remove(level)
                return level
        return None

    def instead(self, level: Level, view: QTransform, whole: QRect) -> Level:
        """The picture that is stretched least to show a view: a given one, or one of these that shows all of it."""
        found = [each for each in self._kept if each.stale.isEmpty() and each.covers(view)[1].contains(whole)]
        return min((level, *found), key=lambda each: abs(math.log(each.zoom / view.m11())))

    def paint(self, painter: QPainter, view: QTransform, bare: QRegion) -> QRegion:
        """Paint what these pictures show of a part of a view, stretched. Returns: what none of them shows."""
        for level in sorted(self._kept, key=lambda each: abs(math.log(each.zoom / view.m11()))):
            if view.m11() > NEAR * level.zoom:
                continue
            there, reach = level.covers(view)
            found, ratio = bare & reach, level.picture.devicePixelRatio()
            for part in level.stale:  # type: ignore[attr-defined]
                found -= QRegion(there.mapRect(units_of(part, ratio)).adjusted(-1, -1, 1, 1).toAlignedRect())
            if found.isEmpty():
                continue
            painter.save()
            painter.resetTransform()
            painter.setClipRegion(found)
            painter.setTransform(there)
            painter.drawPixmap(0, 0, level.picture)
            painter.restore()
            bare = bare - found
        return bare


def _missing(level: Level, view: QTransform) -> float:
    """The share of a view that would have to be painted anew, if it were shown by a picture of its zoom."""
    ratio, size = level.picture.devicePixelRatio(), level.picture.size()
    dx, dy = ((view.dx() - level.view.dx()) * ratio, (view.dy() - level.view.dy()) * ratio)
    if abs(dx - round(dx)) > SAME or abs(dy - round(dy)) > SAME:
        return 1.0
    whole = QRect(QPoint(0, 0), size)
    lost = QRegion(whole) - QRegion(whole.translated(round(dx), round(dy)))
    lost += level.stale.translated(round(dx), round(dy)) & whole
    return sum(part.width() * part.height() for part in parts_of(lost)) / (size.width() * size.height())
