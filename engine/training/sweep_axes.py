"""What a sweep goes over: options of the recipe and parameters of the network, each with choices or a range."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.document.paths import set_by_path
from engine.document.project import Project
from engine.errors import EngineError, TrainingError

POINTS = 5
"""Values that a grid takes of a range."""

Point = Mapping[str, str]
"""A value for every axis, written as --set takes it."""


@dataclass(frozen=True)
class Axis:
    """One option by its path: "recipe.optimizer.lr", "params.width", "stem.out_channels".

    choices: what it may be, as text. Without any, numbers from low to high: whole ones if `whole`, and if `log` as many
    between 0.001 and 0.01 as between 0.01 and 0.1.
    """

    path: str
    choices: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    whole: bool = False

    def at(self, share: float) -> str:
        """The value at a share of the way, 0 to 1."""
        if self.choices:
            return self.choices[min(int(share * len(self.choices)), len(self.choices) - 1)]
        if self.log:
            value = math.exp(math.log(self.low) + share * (math.log(self.high) - math.log(self.low)))
        else:
            value = self.low + share * (self.high - self.low)
        return str(round(value)) if self.whole else f"{value:.4g}"

    def grid(self) -> tuple[str, ...]:
        """All choices, or some values of a range with its ends."""
        if self.choices:
            return self.choices
        return tuple(dict.fromkeys(self.at(i / (POINTS - 1)) for i in range(POINTS)))


def axis_of(text: str) -> Axis:
    """Read "params.width=32,64,128", "recipe.optimizer.lr=1e-4..1e-1:log" or "recipe.batch_size=16..128".

    A range of two whole numbers has whole numbers only. Raises: TrainingError saying what is missing.
    """
    path, equals, values = (part.strip() for part in text.partition("="))
    hint = "Write params.width=32,64,128 or recipe.optimizer.lr=1e-4..1e-1:log."
    if not equals or not path or not values:
        raise TrainingError(f"{text} says not what is tried.", hint)
    if ".." not in values:
        return Axis(path, tuple(dict.fromkeys(value.strip() for value in values.split(",") if value.strip())))
    span, _, scale = values.partition(":")
    first, _, last = (part.strip() for part in span.partition(".."))
    try:
        low, high = float(first), float(last)
    except ValueError:
        raise TrainingError(f"{values} is no range of numbers.", hint) from None
    if not low < high or not (math.isfinite(low) and math.isfinite(high)):
        raise TrainingError(f"{values} is no range: {first} must be less than {last}.", hint)
    if scale.strip() not in ("", "log", "linear"):
        raise TrainingError(f"A range may be log or linear, not {scale.strip()}.", hint)
    if scale.strip() == "log" and low <= 0:
        raise TrainingError(f"{values}: a logarithmic range begins above 0.", hint)
    whole = all(part.lstrip("+-").isdigit() for part in (first, last))
    return Axis(path, (), low, high, scale.strip() == "log", whole)


def grid(axes: Sequence[Axis]) -> Iterator[Point]:
    """Every combination, the last axis fastest."""
    for values in itertools.product(*(axis.grid() for axis in axes)):
        yield dict(zip((axis.path for axis in axes), values, strict=True))


def drawn(axes: Sequence[Axis], seed: int) -> Iterator[Point]:
    """Points drawn at random, without end (Bergstra and Bengio 2012: better than a grid where few axes matter)."""
    source = random.Random(seed)
    while True:
        yield {axis.path: axis.at(source.random()) for axis in axes}


def at(project: Project, point: Point) -> Project:
    """The project with a point's values. Raises: TrainingError naming the option that does not take its value."""
    for path, value in point.items():
        try:
            project = set_by_path(project, f"{path}={value}")(project)
        except EngineError as error:
            raise TrainingError(f"{path} cannot be {value}: {error.message}", error.hint) from error
    return project


def number(value: str) -> float | str:
    """A value of a point as a number, where it is one."""
    try:
        return float(value)
    except ValueError:
        return value


def written(point: Point) -> str:
    """lr 0.01, width 64."""
    return ", ".join(f"{path.rpartition('.')[2]} {value}" for path, value in point.items())
