"""The runs of this program, and who of them draws from its random numbers: two threads would spoil each other's."""

from __future__ import annotations

import atexit
import threading
import weakref
from typing import Any

STARTING = threading.Lock()
"""Held while a run decides whether it may be a thread."""

RUNS: weakref.WeakSet[Any] = weakref.WeakSet()
PATIENCE_SECONDS = 10.0


def going_on() -> list[Any]:
    """The runs of this program that begin, go on or are paused, in a thread or in a process."""
    return [run for run in list(RUNS) if not run.is_over]


def is_training(but: object = None) -> bool:
    """Whether a run in a thread of this program, another than that, begins or goes on."""
    return any(run.mode == "thread" for run in going_on() if run is not but)


def is_drawing() -> bool:
    """Whether a run in a thread of this program makes steps. One that was told to stop is given time to end."""
    drawing = [run for run in going_on() if run.draws]
    for run in drawing:
        if run.is_stopping:
            run.wait(PATIENCE_SECONDS)
    return any(run.draws for run in drawing)


@atexit.register
def _stop_all() -> None:
    """A thread that is torn down in the middle of a step could take the interpreter with it."""
    for run in list(RUNS):
        if not run.is_over:
            run.close(timeout=5.0)
