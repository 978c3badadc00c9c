"""A run and an epoch as the store keeps them: plain values, and how they lie in the table."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

UNFINISHED = ("preparing", "running")
NAME_LENGTH = 120
NOTES_LENGTH = 20_000


@dataclass(frozen=True)
class RunRecord:
    """One run. state: preparing, running, finished, stopped, early, failed, or interrupted if its process died.

    created: ISO time, UTC. duration: seconds. epochs: done, of `planned`. metrics: figures of the last epoch.
    parameters: learned numbers. parent: the run it went on from. message: why it failed. steps: of the optimizer, done.
    group: what belongs together, such as the runs of one sweep. options: of the recipe and of the main block, by path
    ("optimizer.lr", "params.width"). extremes: least and greatest of every figure so far. deleted: when, or "".
    """

    id: str
    name: str
    created: str
    state: str
    seed: int | None = None
    device: str | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    duration: float = 0.0
    epochs: int = 0
    planned: int = 0
    metrics: Mapping[str, float] = field(default_factory=dict)
    parameters: int | None = None
    parent: str | None = None
    message: str = ""
    steps: int = 0
    tags: tuple[str, ...] = ()
    notes: str = ""
    group: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    extremes: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    deleted: str = ""
    number: int = 0
    """Counts the runs of a store in the order in which they began: never written, and the same for as long as it is."""

    @property
    def is_unfinished(self) -> bool:
        """Whether it is going on."""
        return self.state in UNFINISHED

    @cached_property
    def words(self) -> str:
        """Everything of it that a word is looked for in, in small letters."""
        told = [v for v in self.options.values() if isinstance(v, str)]
        parts = (self.name, self.id, self.state, self.group, self.device or "", *self.tags, self.notes, *told)
        return "\n".join(parts).lower()


@dataclass(frozen=True)
class EpochRecord:
    """The figures after one epoch."""

    epoch: int
    step: int
    figures: Mapping[str, float]
    seconds: float = 0.0


COLUMNS = tuple(f.name for f in fields(RunRecord) if f.name != "number")
SQL_COLUMNS = tuple(f'"{name}"' for name in COLUMNS)  # one of them is a word of SQL's own
_TABLES = ("versions", "metrics", "options", "extremes")


def stored(value: Any) -> Any:
    """A value as it lies in the table."""
    if isinstance(value, Mapping):
        return json.dumps({k: list(v) if isinstance(v, tuple) else v for k, v in value.items()})
    return json.dumps(list(value)) if isinstance(value, tuple) else value


def read_row(row: Iterable[Any]) -> RunRecord:
    """A run from its number and the columns of `COLUMNS`."""
    facts = dict(zip(("number", *COLUMNS), row, strict=True))
    for name in _TABLES:
        facts[name] = json.loads(facts[name] or "{}")
    facts["tags"] = tuple(json.loads(facts["tags"] or "[]"))
    facts["extremes"] = {name: (low, high) for name, (low, high) in facts["extremes"].items()}
    return RunRecord(**facts)


def tags_in(text: str) -> tuple[str, ...]:
    """The tags that a person wrote: "fast, wide" or "#fast #wide", each once."""
    words = text.replace(",", " ").split()
    return tuple(dict.fromkeys(tag for word in words if (tag := word.strip("#"))))


def widened(
    extremes: Mapping[str, tuple[float, float]], figures: Mapping[str, float]
) -> dict[str, tuple[float, float]]:
    """The extremes with more figures taken in; a figure that is no number changes nothing."""
    found = dict(extremes)
    for name, value in figures.items():
        if value - value == 0:  # finite
            low, high = found.get(name, (value, value))
            found[name] = (min(low, value), max(high, value))
    return found
