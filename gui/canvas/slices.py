"""Something long that only the window's own thread can do, done between two frames."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Literal

from PySide6.QtCore import QObject, QTimer

from gui.canvas.steps import Steps
from gui.theme import Scheme, in_colours

SLICE = 0.006  # seconds


class Slices(QObject):
    """Takes steps a few milliseconds at a time. One thing at once."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._steps: Steps[Any] | None = None
        self._done: Callable[[Any], object] = lambda _: None
        self._told: Callable[[int], object] = lambda _: None
        self._colours: Scheme | Literal[""] = ""
        self._count = 0
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._go_on)

    def start(
        self,
        steps: Steps[Any],
        done: Callable[[Any], object],
        told: Callable[[int], object] = lambda _: None,
        colours: Scheme | Literal[""] = "",
    ) -> None:
        """Begin, and leave what was going on. told: hears how many steps were taken. colours: the theme to paint in."""
        self.stop()
        self._steps, self._done, self._told, self._colours, self._count = steps, done, told, colours, 0
        self._timer.start()

    def stop(self) -> None:
        """Leave it undone."""
        self._timer.stop()
        if self._steps is not None:
            self._steps.close()
            self._steps = None

    def _go_on(self) -> None:
        assert self._steps is not None
        until = time.perf_counter() + SLICE
        try:
            with in_colours(self._colours):
                while time.perf_counter() < until:
                    next(self._steps)
                    self._count += 1
        except StopIteration as over:
            self.stop()
            self._done(over.value)
        else:
            self._told(self._count)
