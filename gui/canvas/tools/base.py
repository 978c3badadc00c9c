"""What every gesture on the canvas is."""

from __future__ import annotations

import math
from typing import ClassVar

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter

from gui.canvas.stage import Stage
from gui.theme import metrics


class Tool:
    """One gesture: begun by a press, fed by moves, ended by `drop`, or by `cancel`, which leaves no trace."""

    cursor: ClassVar[Qt.CursorShape | None] = None
    pans: ClassVar[bool] = True
    """Whether the picture moves along where the pointer comes to the edge of the view."""

    def __init__(self, stage: Stage, start: QPointF) -> None:
        self.stage, self.start = stage, start
        self.is_drag = self.is_editing = False
        """is_editing: it changes the project itself just now; any other change ends the gesture."""

    def drag(self, pos: QPointF, event: QMouseEvent) -> None:
        """The pointer moved with its button down."""
        if not self.is_drag:
            away = (pos - self.start) * self.stage.zoom
            self.is_drag = math.hypot(away.x(), away.y()) >= metrics().canvas.drag_threshold
            if self.is_drag:
                self.begin(event)
        if self.is_drag:
            self.move(pos, event)

    def begin(self, event: QMouseEvent) -> None:
        """The pointer went far enough to mean a drag."""

    def move(self, pos: QPointF, event: QMouseEvent) -> None:
        """The drag goes on."""

    def drop(self, pos: QPointF, event: QMouseEvent) -> None:
        """The button was let go."""
        if self.is_drag:
            self.finish(pos, event)
        else:
            self.click(pos, event)

    def finish(self, pos: QPointF, event: QMouseEvent) -> None:
        """The drag ended."""

    def click(self, pos: QPointF, event: QMouseEvent) -> None:
        """The button was let go where it was pressed."""

    def cancel(self) -> None:
        """Escape: as if nothing had happened."""

    def show_refused(self, refused: bool) -> None:
        """The pointer says whether letting go here would do anything."""
        shape = Qt.CursorShape.ForbiddenCursor if refused else self.cursor or Qt.CursorShape.ArrowCursor
        self.stage.surface.viewport().setCursor(shape)

    def interrupt(self) -> None:
        """The project changed from elsewhere: end without a further change of it."""
        self.cancel()

    def paint(self, painter: QPainter, rect: QRectF, zoom: float) -> None:
        """Draw over everything, in scene coordinates."""


def snapped(value: float) -> float:
    """The nearest place on the grid."""
    step = metrics().node.snap
    return float(round(value / step) * step)
