"""What it costs a run to tell of its steps, without the time in which its thread waited for the processor.

Whoever hears of the steps wakes up just then, and on a busy machine the thread of the run waits for them: by the clock
telling took four times as long there while steps took twice as long. That is no cost of measuring, so that of telling
no more counts than the thread worked, as much slower as the whole went. Two readings of the thread's clock, half a
microsecond each, are made twenty times a second; a step is not timed so, since its parts are slowed down alike.
Where the thread waits for a graphics card it is taken to work, so that there the clock counts.
"""

from __future__ import annotations

from time import perf_counter, thread_time


class Telling:
    """Times what is done in its context since `begin`. seconds: by the clock. Belongs to the thread that uses it."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Count from now on."""
        self.seconds = self._worked = 0.0
        self._since = thread_time()

    def __enter__(self) -> None:
        self._began = perf_counter(), thread_time()

    def __exit__(self, *_: object) -> None:
        self.seconds += perf_counter() - self._began[0]
        self._worked += thread_time() - self._began[1]

    def counted(self, spent: float) -> float:
        """The seconds that count, of so many that all took."""
        return without_waiting(self.seconds, self._worked, spent, thread_time() - self._since)


def without_waiting(seconds: float, worked: float, spent: float, busy: float) -> float:
    """What a part of some time took, without what its thread waited there longer than everywhere.

    seconds: the part, by the clock. worked: as much of it as the thread worked. spent, busy: the same of all.
    """
    return min(seconds, worked * max(1.0, spent / max(busy, 1e-9)))
