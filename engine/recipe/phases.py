"""Phases of a step: parts of one network that are trained in turn, each by an optimizer of its own."""

from __future__ import annotations

import keyword
from dataclasses import dataclass
from typing import Annotated, Any

from engine.kinds import Kind, KindError
from engine.recipe.base import Loss, Member, Members, Optimizer, Schedule
from engine.recipe.losses import CrossEntropyLoss
from engine.recipe.optimizers import Adam
from engine.recipe.schedules import Constant
from engine.spec import Identifier, Spec, param


@dataclass(frozen=True)
class Layers(Kind):
    """Names of layers and blocks, in order."""

    name = "names"

    def check(self, value: Any) -> tuple[str, ...]:
        if not isinstance(value, (list, tuple)):
            raise KindError("names of layers")
        for name in value:
            if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
                raise KindError("names of layers, such as generator")
        return tuple(value)

    def parse(self, text: str) -> tuple[str, ...]:
        return self.check([part.strip() for part in text.split(",") if part.strip()])

    def show(self, value: Any) -> str:
        return ", ".join(value)


class Phase(Spec, family=True):
    """A part of every step."""


class Part(Phase):
    """Trains some layers of the network on losses of its own, while the others stay as they are."""

    key = "Phase"
    title = "Phase"
    name: Identifier = param("part", help="What it is called in the code and in figures.", main=True, literal=True)
    trains: Annotated[tuple[str, ...], Layers()] = param(
        (), help="The layers and blocks that learn in it, by their names; empty: all.", main=True, literal=True
    )
    losses: Annotated[tuple[Loss, ...], Members(Loss)] = param(
        (CrossEntropyLoss(),), help="What is made small: one per output, in order.", literal=True
    )
    optimizer: Annotated[Optimizer, Member(Optimizer)] = param(
        Adam(), help="How its parameters follow their gradients.", literal=True
    )
    schedule: Annotated[Schedule, Member(Schedule)] = param(
        Constant(), help="How its learning rate changes.", literal=True
    )
    every: int = param(
        1, min=1, help="In how many steps once: 5 for one step of this after five of others.", literal=True
    )
