"""How often something is measured, so that it costs no more than a share of the time of the steps."""

from __future__ import annotations

LONGEST = 1 << 16
ROOM = 0.4  # of the allowed cost: twice as often must still be within it, with some to spare
FRESH = 0.3  # how much of an average a new figure is
TRIED = 3  # the first figures pay for what is done once


class Pace:
    """A stride in steps, a power of two, that follows what measuring costs and how long a step takes.

    It grows as soon as measuring is too dear and shrinks only when there is room for twice as much, so that it comes
    to rest. share: of the time of the steps that measuring may take.
    """

    def __init__(self, share: float) -> None:
        self.share = share
        self.stride = 1
        self._cost = self._step = 0.0
        self._heard = 0

    def is_due(self, step: int) -> bool:
        """Whether this step is one of those that are measured."""
        return not step % self.stride

    @property
    def seconds(self) -> float:
        """After how long it may be measured again, whatever the step: a step that is made by hand is measured, too."""
        return self._cost / self.share

    def settle(self, cost: float, step: float) -> None:
        """Take in what measuring a step cost lately, and how long steps took, both in seconds."""
        self._cost = _moved(self._cost, cost)
        self._step = _moved(self._step, step)
        self._heard += 1
        if self._heard < TRIED:
            return
        wanted = self._cost / (self.share * self._step) if self._step else 1.0
        while self.stride < min(wanted, LONGEST):
            self.stride *= 2
        if self.stride > 1 and wanted < ROOM * self.stride:
            self.stride //= 2


def _moved(before: float, now: float) -> float:
    return now if not before else before + FRESH * (now - before)
