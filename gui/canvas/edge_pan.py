"""The picture moves along while something is dragged to the edge of the view, the faster the farther out."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent

from gui.canvas.surface import Surface
from gui.theme import metrics

FRAME_MS = 16
NO_KEYS = Qt.KeyboardModifier.NoModifier


class EdgePan(QObject):
    """Told of every step of a drag; between them it moves the view and tells the gesture what is under the pointer."""

    def __init__(self, surface: Surface) -> None:
        super().__init__(surface)
        self._surface = surface
        self._pos, self._keys = QPointF(), NO_KEYS
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self.step)

    @property
    def is_going_on(self) -> bool:
        return self._timer.isActive()

    def follow(self, event: QMouseEvent) -> None:
        """The pointer of a drag is here now."""
        self._pos, self._keys = event.position(), event.modifiers()
        if self._way().isNull():
            self._timer.stop()
        elif not self._timer.isActive():
            self._timer.start()

    def stop(self) -> None:
        """Nothing is dragged any more, or not here."""
        self._timer.stop()

    def step(self) -> None:
        """One frame of it."""
        self._surface.pan(self._way())
        self._surface.drag_on(self._pos, Qt.MouseButton.LeftButton, self._keys)

    def _way(self) -> QPointF:
        """How far the picture moves in a frame, px on the screen."""
        size, c = self._surface.viewport().size(), metrics().canvas

        def along(at: float, length: int) -> float:
            out = max(c.edge_pan - at, 0.0) - max(at - (length - 1 - c.edge_pan), 0.0)
            return max(-c.edge_pan_most, min(c.edge_pan_most, out / 2))

        return QPointF(along(self._pos.x(), size.width()), along(self._pos.y(), size.height()))
