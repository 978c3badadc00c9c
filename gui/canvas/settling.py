"""What is known of a large network is taken in between two frames, a few milliseconds at a time."""

from __future__ import annotations

import time
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from gui.canvas.drawing import Drawing
from gui.canvas.look import Marks

SLICE = 0.004  # seconds
PAUSE_MS = 60


class Unsettled(Protocol):
    """What takes its time: a drawing that is looked at."""

    @property
    def drawing(self) -> Drawing: ...

    @property
    def marks(self) -> Marks: ...


class Settling(QObject):
    """Goes on until the drawing is settled, which `settled` tells; not while something is in the hand."""

    settled = Signal()

    def __init__(self, shown: Unsettled, parent: QObject) -> None:
        super().__init__(parent)
        self._shown = shown
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._go_on)

    @property
    def is_going_on(self) -> bool:
        return self._timer.isActive()

    def start(self) -> None:
        """Go on between two frames, if there is anything left to do."""
        if not self._shown.drawing.is_settled:
            self._timer.start(0)

    def finish(self) -> None:
        """Do all that is left now."""
        while not self._shown.drawing.settle():
            pass
        self._timer.stop()
        self.settled.emit()

    def _go_on(self) -> None:
        drawing = self._shown.drawing
        if self._shown.marks.dragged or drawing.carry is not None or drawing.flight is not None:
            self._timer.setInterval(PAUSE_MS)
            return
        self._timer.setInterval(0)
        until = time.perf_counter() + SLICE
        while time.perf_counter() < until:
            if drawing.settle():
                self._timer.stop()
                self.settled.emit()
                return
