"""A picture of what a view shows, painted a little at a time, so that no frame waits for all of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPixmap, QRegion, QTransform

Painting = Callable[[QPainter, QRectF, float], Iterator[None]]
"""Paints a rectangle of a scene, given the zoom, and stops for breath where nothing of the painter is saved."""


class Making:
    """What is painted of a view so far. stale: the pixels that changed meanwhile."""

    def __init__(self, paint: Painting, view: QTransform, picture: QPixmap, around: float) -> None:
        """picture: to be painted over. around: as many units of the view more are painted at each side."""
        self.view, self.stale, self.picture = view, QRegion(), picture
        whole = QRectF(QPointF(0, 0), picture.deviceIndependentSize())
        rect = view.inverted()[0].mapRect(whole.adjusted(-around, -around, around, around))
        self._painter = QPainter()
        self._steps = paint(self._painter, rect, view.m11())
        self._kept: tuple[object, ...] | None = None

    def go_on(self, until: float) -> bool:
        """Paint at least a step, and on until a time on the performance counter. Returns: whether all is painted."""
        painter = self._painter
        painter.begin(self.picture)
        painter.setTransform(self.view)
        if self._kept is not None:
            hints, pen, brush = self._kept
            painter.setRenderHints(painter.renderHints(), False)
            painter.setRenderHints(hints)  # type: ignore[arg-type]
            painter.setPen(pen)  # type: ignore[call-overload]
            painter.setBrush(brush)  # type: ignore[call-overload]
        while not (is_done := next(self._steps, self) is self) and time.perf_counter() < until:
            pass
        self._kept = painter.renderHints(), painter.pen(), painter.brush()
        painter.end()
        return is_done
