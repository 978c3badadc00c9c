"""Long work in steps of a few milliseconds: all at once, or a little at a time between two frames."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")
Steps = Generator[None, None, T]
"""Stops for breath after each step, and returns what was worked out."""
PART = 64


def at_once(steps: Steps[T]) -> T:
    """Take all steps. Returns: what they return."""
    while True:
        try:
            next(steps)
        except StopIteration as done:
            result: T = done.value
            return result


def takes_longer(steps: Steps[T], seconds: float) -> bool:
    """Take steps for so many seconds of the processor. Returns: whether that was not enough, and some are left."""
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        try:
            next(steps)
        except StopIteration:
            return False
    return True


def parts(items: Sequence[T], size: int = PART) -> Iterator[Sequence[T]]:
    """So many at a time."""
    for i in range(0, len(items), size):
        yield items[i : i + size]
