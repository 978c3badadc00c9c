"""How long the way back through each node of a pass takes, from the operations that autograd recorded for it.

An operation belongs to the first value that was there after it. While it goes backward autograd says when it begins an
operation and when it has done it; what is measured is the time between, without what others do with the gradients.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from torch import Tensor

from engine.training.looked import Spot


class BackwardClock:
    """Takes the values of a pass in their order, each by its row; then knows the seconds of each row.

    settle: waits until the device has done what it was told.
    """

    def __init__(self, settle: Callable[[], object] | None = None) -> None:
        self._settle = settle
        self._known: set[Any] = set()
        self._own: dict[int, float] = {}

    def claim(self, row: int, value: Tensor) -> None:
        """All that was recorded on the way to this value since the last one belongs to it."""
        left = [value.grad_fn]
        while left:
            operation = left.pop()
            if operation is None or operation in self._known:
                continue
            self._known.add(operation)  # which keeps it: another one must not get its place in memory
            self._watch(row, operation)
            left += [before for before, _ in operation.next_functions]

    def _watch(self, row: int, operation: Any) -> None:
        began = [0.0]

        def begin(_: Any) -> None:
            began[0] = self._now()

        def end(*_: Any) -> None:
            self._own[row] = self._own.get(row, 0.0) + self._now() - began[0]

        operation.register_prehook(begin)
        operation.register_hook(end)

    def _now(self) -> float:
        if self._settle is not None:
            self._settle()
        return time.perf_counter()

    def seconds(self, spots: Sequence[Spot]) -> np.ndarray:
        """Shape (N,): of every row, those of all that stands inside of it included; NaN where nothing went back."""
        found: np.ndarray = np.full(len(spots), np.nan)
        rows: dict[object, list[int]] = {}
        for row, spot in enumerate(spots):
            rows.setdefault(spot.path, []).append(row)
        for row, spent in self._own.items():
            here = spots[row]
            around = {row: None}
            for depth in range(1, len(here.path) + 1):
                for other in rows.get(here.path[:depth], ()):
                    if _holds(spots[other], here):
                        around[other] = None
            for other in around:
                found[other] = spent + (0.0 if np.isnan(found[other]) else found[other])
        return found


def _holds(outer: Spot, inner: Spot) -> bool:
    """Whether a value comes out of what another one was computed in: a block, or one of its repeats."""
    if len(outer.path) == len(inner.path):
        return inner.module.startswith(f"{outer.module}." if outer.module else "") and inner.module != outer.module
    return not outer.module or inner.module == outer.module or inner.module.startswith(f"{outer.module}.")
