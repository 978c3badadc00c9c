"""Which target each loss is held against: the next one in order, one by name, or a constant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.recipe.base import Loss, Target

CONSTANTS = ("ones", "zeros")


@dataclass(frozen=True)
class Held:
    """What a loss is held against. constant: "ones" or "zeros". missing: what it asks for and is not there.

    wanted: whether it wants anything at all.
    """

    wanted: bool = True
    target: Target | None = None
    constant: str = ""
    missing: str = ""


def wants_target(loss: Loss) -> bool:
    """Whether a loss, or the metrics on its output, are held against something."""
    return loss.wants != "nothing" or loss.measured() != "none"


def takes_next(loss: Loss) -> bool:
    """Whether it takes the next target in order."""
    return wants_target(loss) and not loss.against


def held_against(losses: Iterable[Loss], targets: Sequence[Target]) -> list[Held]:
    """What each of the losses is held against."""
    named = {target.name: target for target in targets}
    left = iter(targets)
    found = []
    for loss in losses:
        if not wants_target(loss):
            found.append(Held(wanted=False))
        elif loss.against in CONSTANTS:
            found.append(Held(constant=loss.against))
        elif loss.against:
            target = named.get(loss.against)
            found.append(Held(target=target, missing="" if target else loss.against))
        else:
            target = next(left, None)
            found.append(Held(target=target, missing="" if target else "a target"))
    return found
