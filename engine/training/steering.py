"""Changing the learning rate of a run that is under way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor
from torch.optim import Optimizer

from engine.errors import TrainingError
from engine.training.control import Command
from engine.training.events import Steered
from engine.training.running import Member, Running

_RATES = ("lr", "initial_lr", "max_lr", "min_lr")
_LISTS = ("base_lrs", "max_lrs", "_last_lr")


class Steerer(Member):
    """Obeys "set": from the next step on."""

    def __init__(self, run: Running) -> None:
        self._run = run

    def commands(self) -> Mapping[str, Callable[[Command], None]]:
        return {"set": self._set}

    def _set(self, command: Command) -> None:
        phase = command.name.removesuffix("lr").rstrip("_")
        before = steer(self._run.parts, phase, command.value)
        self._run.emit(Steered(self._run.step, command.name, before, command.value))


def learning_rate(optimizer: Optimizer) -> float:
    """The rate of the first group, which is the one that is shown."""
    return float(optimizer.param_groups[0]["lr"])


def steer(parts: Mapping[str, Any], phase: str, rate: float) -> float:
    """Go on with this rate in one phase, or for "" with the first optimizer; the others that belong to it follow in
    proportion.

    parts: what `setup` made, by name. Returns: the rate until now. Raises: TrainingError if there is no such phase.
    """
    names = [name for name, part in parts.items() if isinstance(part, Optimizer)]
    chosen = [name for name in names if name.startswith(f"{phase}_")] if phase else names
    if not chosen:
        raise TrainingError(f"There is no phase {phase} to steer.", "Name one that the recipe has.")
    before = learning_rate(parts[chosen[0]])
    for name in chosen:
        schedule = parts.get(_schedule_of(name))
        now = learning_rate(parts[name])
        set_learning_rate(parts[name], schedule, now * rate / before if before and name != chosen[0] else rate)
    return before


def _schedule_of(optimizer: str) -> str:
    """The field that holds an optimizer's schedule, if it has one."""
    if optimizer.endswith("optimizer"):
        return optimizer.removesuffix("optimizer") + "schedule"
    return f"{optimizer}_schedule"


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
        for name in _LISTS:
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
