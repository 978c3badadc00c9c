"""Motion on the canvas that is over in time, however long a frame takes."""

from __future__ import annotations

from PySide6.QtCore import QObject, QVariantAnimation

from gui.theme import easing


class Motion(QVariantAnimation):
    """Goes from 0 to 1. It is at 1 with the last frame that is seen within its length, instead of some frame later."""

    def __init__(self, length: int, parent: QObject) -> None:
        """length: in ms."""
        super().__init__(parent)
        self._before = 0
        self.setDuration(length)
        self.setEasingCurve(easing())
        self.setStartValue(0.0)
        self.setEndValue(1.0)

    def updateCurrentTime(self, now: int) -> None:
        """A frame is due. It is seen about as much later as it comes after the one before, and the next one so too."""
        frame, self._before = now - self._before, now
        if 0 < now < self.duration() < now + 2 * frame:
            self.setCurrentTime(self.duration())
        else:
            super().updateCurrentTime(now)
