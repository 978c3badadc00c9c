"""The loss over a growing learning rate, and the rate that it suggests. Torch-free.

The test is that of Leslie N. Smith, "Cyclical Learning Rates for Training Neural Networks" (2015, WACV 2017). What is
read off the curve follows fastai's `lr_find`: a tenth of the rate at which the loss is least, and the rate at which it
falls most steeply. The test ends where the smoothed loss is about four times its least, as there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

KEEP = 0.9  # share of the running mean that is left one step later
DIVERGED = 4.0  # times the least loss
BEFORE, BEHIND = 5, 3  # points at the ends that say little: the mean is not settled yet, the loss runs away
FEWEST = 12
TENTH = 0.1


@dataclass(frozen=True)
class Suggestion:
    """Learning rates read off a curve. rate: the one to take, the smaller of the two."""

    rate: float
    steepest: float
    least: float
    """The rate at which the smoothed loss is least; a tenth of it is the other one."""


class RangeCurve:
    """Grows a point a step. is_diverged: the loss has run away, so that larger rates are not worth trying."""

    def __init__(self) -> None:
        self.rates: list[float] = []
        self.losses: list[float] = []
        self.smoothed: list[float] = []
        self.is_diverged = False
        self._mean = 0.0

    def add(self, rate: float, loss: float) -> None:
        """The loss of a step made at this rate."""
        if not math.isfinite(loss):
            self.is_diverged = True
            return
        self.rates.append(rate)
        self.losses.append(loss)
        self._mean = KEEP * self._mean + (1 - KEEP) * loss
        self.smoothed.append(self._mean / (1 - KEEP ** len(self.rates)))
        floor = min(self.smoothed)
        first = self.smoothed[0]
        # A loss may be negative or end at zero, hence the room is measured from where it began as well.
        room = max((DIVERGED - 1) * abs(floor), abs(first - floor))
        self.is_diverged = len(self.rates) > FEWEST and self.smoothed[-1] - floor > room and self.smoothed[-1] > first

    def suggestion(self) -> Suggestion | None:
        """None while there are too few points, or where the loss never falls."""
        if len(self.rates) < FEWEST:
            return None
        rates, smoothed = np.array(self.rates), np.array(self.smoothed)
        lowest = int(np.argmin(smoothed))
        if lowest <= BEFORE:
            return None
        until = max(BEFORE + 2, min(lowest + 1, len(rates) - BEHIND if self.is_diverged else len(rates)))
        slopes = np.gradient(smoothed[:until], np.log(rates[:until]))
        place = BEFORE + int(np.argmin(slopes[BEFORE:]))
        if slopes[place] >= 0:
            return None
        steepest, least = float(rates[place]), float(rates[lowest])
        return Suggestion(rounded(min(steepest, least * TENTH)), steepest, least)


def rounded(rate: float) -> float:
    """Two figures are more than the curve knows."""
    return float(f"{rate:.1e}")


def rates_between(low: float, high: float, steps: int) -> list[float]:
    """So many rates, each larger than the one before by the same factor."""
    return [float(rate) for rate in np.geomspace(low, high, steps)]
