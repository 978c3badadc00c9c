"""Where the time of steps went, over a whole run."""

from __future__ import annotations

from engine.training.curve_log import CurveLog
from engine.training.events import PARTS_OF_A_STEP, Timed


class StepTimes:
    """parts: seconds, by the names of `PARTS_OF_A_STEP`. memory: bytes. last: None before the first."""

    def __init__(self) -> None:
        self.parts = {part: CurveLog() for part in PARTS_OF_A_STEP}
        self.memory = CurveLog()
        self.last: Timed | None = None

    def append(self, event: Timed) -> None:
        """Take in what was measured."""
        for part, log in self.parts.items():
            log.append([event.step], [event.seconds[part]])
        self.memory.append([event.step], [event.used.memory])
        self.last = event
