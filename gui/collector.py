"""When cycles of garbage are looked for: in the GUI thread, which alone may delete Qt's objects, and never for long."""

from __future__ import annotations

import gc
from collections.abc import Callable, Hashable

from PySide6.QtCore import QObject, QTimer

TICK_MS = 2000
FEW = 15_000  # objects that are walked in some 5 ms
REST = 30  # ticks without anything happening, after which a tenth of a second disturbs nobody
SELDOM = 300  # ticks between two thorough looks while nothing happens


class Collector(QObject):
    """Looks every two seconds among what is new, and puts what stays aside, so that it is not walked again.

    A large network that was just opened is put aside unseen: walking it would hold the window up. What became garbage
    among what was put aside is found when nothing has happened for a minute.

    scene: what is shown, and what changes whenever a person does something.
    """

    def __init__(self, scene: Callable[[], tuple[object, Hashable]], parent: QObject) -> None:
        super().__init__(parent)
        self._scene = scene
        self._shown: object = None
        self._seen: Hashable = None
        self._still = 0
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self.tick)

    def start(self) -> None:
        """From now on nothing is collected but here: no training thread may break a cycle of Qt objects."""
        gc.disable()
        self._timer.start()

    def tick(self) -> None:
        """Look among what is new, unless that is much; among everything if a person has been resting."""
        shown, seen = self._scene()
        is_another = shown is not self._shown
        self._still = 0 if is_another or seen != self._seen else self._still + 1
        self._shown, self._seen = shown, seen
        if self._still % SELDOM == REST:
            gc.unfreeze()
            gc.collect()
        elif not is_another and gc.get_count()[0] <= FEW:  # `get_objects` would break tuples that a thread is making
            gc.collect()
        gc.freeze()
