"""Schedules that are made of others: one after another, or all at once."""

from __future__ import annotations

from typing import Annotated

from engine.numbers import common
from engine.recipe.base import Members, Moves, Schedule
from engine.recipe.schedules import Cosine
from engine.recipe.schedules_more import LR, Exponential, Linear
from engine.spec import IntList, param

Several = Annotated[tuple[Schedule, ...], Members(Schedule)]


class _Joined(Schedule, abstract=True):
    """What holds for every schedule that is made of others."""

    def parts(self) -> tuple[Schedule, ...]:
        parts: tuple[Schedule, ...] = self.schedulers  # type: ignore[attr-defined]
        return parts

    def moved(self) -> Moves:
        return common(part.moved() for part in self.parts()) or "epoch"

    def why_not(self, steps: int) -> tuple[str, str] | None:
        if len(self.parts()) < 2:
            return f"{self.title} is made of two schedules or more.", "Add one."
        for part in self.parts():
            if part.moved() in ("never", "loss"):
                return f"{part.title} cannot be a part of {self.title}.", "Take another schedule for it."
        if common(part.moved() for part in self.parts()) is None:
            return f"The parts of {self.title} do not count the same.", "Set per of each to epoch, or of each to step."
        return next((unfit for part in self.parts() if (unfit := part.why_not(steps))), None)


class Sequential(_Joined):
    """One schedule after another: each begins at its milestone."""

    title = "One after another"
    target = f"{LR}SequentialLR"
    aliases = ("sequentiallr", "then", "warm-up and cosine")
    schedulers: Several = param((Linear(), Cosine()), required=True, help="The schedules in their order.", literal=True)
    milestones: IntList = param(
        (5,), min=1, required=True, help="The epochs, or steps, after which the next one begins.", main=True
    )

    def inner(self, span: str) -> tuple[tuple[Schedule, str], ...]:
        starts = (0, *self.milestones)
        ends = (*self.milestones, None)
        spans = [
            str(end - start) if end is not None else f"{span} - {start}" if start else span
            for start, end in zip(starts, ends)
        ]
        return tuple(zip(self.schedulers, spans))

    def why_not(self, steps: int) -> tuple[str, str] | None:
        if len(self.milestones) != len(self.schedulers) - 1:
            message = f"{len(self.schedulers)} schedules one after another need {len(self.schedulers) - 1} milestones"
            return f"{message}, not {len(self.milestones)}.", "Write where each after the first begins."
        if list(self.milestones) != sorted(set(self.milestones)):
            return "The milestones of the schedule are not in order.", "Write the smallest first."
        return super().why_not(steps)


class Chained(_Joined):
    """Several schedules at once: the learning rate is multiplied by all of them."""

    title = "All at once"
    target = f"{LR}ChainedScheduler"
    aliases = ("chainedscheduler", "product", "together")
    schedulers: Several = param((Linear(), Exponential()), required=True, help="The schedules.", literal=True)

    def inner(self, span: str) -> tuple[tuple[Schedule, str], ...]:
        return tuple((part, span) for part in self.schedulers)
