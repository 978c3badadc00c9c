"""Rectangles of a scene as pixels of a picture of it, and which of them are painted together."""

from __future__ import annotations

import math

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QRegion, QTransform

MOST_PARTS = 4  # pieces that are painted one by one; more of them are painted as one
AS_LARGE = 2  # times as much may be painted as has to be, where it is painted as one: each piece costs by itself


def pixels_of(rect: QRectF, view: QTransform, ratio: float, around: int) -> QRect:
    """All pixels of a rectangle in a picture of a view, and so many more at each side."""
    found = view.mapRect(rect)
    left, top = math.floor(found.left() * ratio) - around, math.floor(found.top() * ratio) - around
    right, bottom = math.ceil(found.right() * ratio) + around, math.ceil(found.bottom() * ratio) + around
    return QRect(left, top, right - left, bottom - top)


def parts_of(region: QRegion) -> list[QRect]:
    """The rectangles in which a region is painted: its own, or one around all of them where there are many, or where
    it is hardly larger."""
    parts, around = list(region), region.boundingRect()  # type: ignore[call-overload]
    needed = sum(part.width() * part.height() for part in parts)
    is_one = len(parts) > MOST_PARTS or around.width() * around.height() <= AS_LARGE * needed
    return [around] if is_one and parts else parts


def units_of(part: QRect, ratio: float) -> QRectF:
    """Pixels as units of a widget that has so many pixels for each."""
    return QRectF(part.x() / ratio, part.y() / ratio, part.width() / ratio, part.height() / ratio)
