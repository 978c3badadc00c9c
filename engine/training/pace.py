"""How often something is measured, so that it costs no more than a share of the time of the steps."""

from __future__ import annotations

from collections import deque

LONGEST = 1 << 16
TINY = 1e-9  # seconds
ROOM = 0.4  # of the allowed cost: twice as often must still be within it, with some to spare
TRIED = 3  # the first figures pay for what is done once
LATELY = 9  # figures whose middle is believed: what another program took of the machine is no cost of ours


class Pace:
    """A stride in steps, a power of two, that follows what measuring costs and how long a step takes.

    It grows as soon as measuring is too dear and shrinks only when there is room for twice as much, so that it comes
    to rest. share: of the time of the steps that measuring may take.
    """

    def __init__(self, share: float) -> None:
        self.share = share
        self.stride = 1
        self._costs: deque[float] = deque(maxlen=LATELY)
        self._steps: deque[float] = deque(maxlen=LATELY)

    def is_due(self, step: int) -> bool:
        """Whether this step is one of those that are measured."""
        return not step % self.stride

    def next(self, step: int) -> int:
        """The first step after this one that is due."""
        return step - step % self.stride + self.stride

    @property
    def seconds(self) -> float:
        """After how long it may be measured again, whatever the number of the step."""
        return _middle(self._costs) / self.share

    def settle(self, cost: float, step: float) -> None:
        """Take in what measuring a step cost lately, and how long steps took, both in seconds."""
        self._costs.append(cost)
        self._steps.append(step)
        if len(self._costs) < TRIED:
            return
        wanted = min(_middle(self._costs) / (self.share * max(_middle(self._steps), TINY)), LONGEST)
        while self.stride < wanted:
            self.stride *= 2
        if self.stride > 1 and wanted < ROOM * self.stride:
            self.stride //= 2


def _middle(figures: deque[float]) -> float:
    return sorted(figures)[len(figures) // 2] if figures else 0.0
