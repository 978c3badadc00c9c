"""Changing the learning rate of a run that is under way."""

from __future__ import annotations

from typing import Any

from torch import Tensor
from torch.optim import Optimizer

_RATES = ("lr", "initial_lr", "max_lr", "min_lr")


def learning_rate(optimizer: Optimizer) -> float:
    """The rate of the first group, which is the one that is shown."""
    return float(optimizer.param_groups[0]["lr"])


def set_learning_rate(optimizer: Optimizer, schedule: Any, rate: float) -> float:
    """Go on with this rate; a schedule goes on from it, every later rate changed in the same proportion.

    Returns: the rate until now.
    """
    before = learning_rate(optimizer)
    for group in optimizer.param_groups:
        for name in _RATES:
            if name in group:
                group[name] = _scaled(group[name], before, rate)
    for part in _parts(schedule):
        for name in ("base_lrs", "_last_lr"):
            if isinstance(rates := getattr(part, name, None), list):
                setattr(part, name, [_scaled(r, before, rate) for r in rates])
    return before


def _scaled(value: Any, before: float, after: float) -> Any:
    if not before:
        return after  # a rate of zero has no proportion to keep
    if isinstance(value, Tensor):
        return value.mul_(after / before)
    return after if value == before else value * (after / before)


def _parts(schedule: Any) -> list[Any]:
    if schedule is None:
        return []
    return [schedule, *(p for inner in getattr(schedule, "_schedulers", ()) for p in _parts(inner))]
