"""What became of every parameter when weights were carried over into an edited network. Plain data, torch-free."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import prod
from typing import Any, Literal

How = Literal["copied", "widened", "cut", "identity", "zero", "neighbour", "fresh", "dropped"]
WORDS: Mapping[str, str] = {
    "copied": "as it was",
    "widened": "widened",
    "cut": "cut to size",
    "identity": "new, gives what it takes",
    "zero": "new, adds nothing yet",
    "neighbour": "new, as the repeat before it",
    "fresh": "new, starts anew",
    "dropped": "no longer there",
}
"""What is said of each, in the order in which they are shown."""


@dataclass(frozen=True)
class Row:
    """One parameter or buffer. name: in the new network, for what was dropped in the old; node: names on the way.

    block, id: of the node in the new network. before, after: sizes. keeps: the function of its layer stays what it was.
    was: its name before, where that was another. moments: what the optimizer knows of it went along.
    """

    name: str
    node: str
    how: How
    before: tuple[int, ...] | None = None
    after: tuple[int, ...] | None = None
    keeps: bool = False
    was: str = ""
    block: str = ""
    id: str = ""
    moments: bool = False
    learned: bool = True

    @property
    def words(self) -> str:
        """What happened to it, for people."""
        kept = ", same function" if self.how == "widened" and self.keeps else ""
        return WORDS[self.how] + kept

    @property
    def count(self) -> int:
        """Numbers in it."""
        shape = self.after if self.after is not None else self.before
        return prod(shape or ())


@dataclass(frozen=True)
class Report:
    """Everything that was carried over, and what was not.

    run, step, epoch: where it comes from. changes: layers at which the function of the network changes, with why.
    difference: the largest difference of the outputs before the first step, relative to the largest output, measured
    on samples by chance; None where that could not be tried. notes: what else one should know.
    """

    rows: tuple[Row, ...]
    run: str = ""
    step: int = 0
    epoch: int = 0
    changes: tuple[str, ...] = ()
    difference: float | None = None
    notes: tuple[str, ...] = ()
    optimizers: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)

    def count(self, *hows: str) -> int:
        """Learned numbers of these kinds."""
        return sum(row.count for row in self.rows if row.how in hows and row.learned)

    @property
    def keeps_function(self) -> bool:
        """Whether the edited network gives what the one before gave."""
        return self.difference is not None and self.difference < 1e-4

    def summary(self) -> str:
        """One or two sentences for people."""
        kept, new = self.count("copied", "widened", "cut"), self.count("identity", "zero", "neighbour", "fresh")
        words = f"{kept:,} of {kept + new:,} learned numbers go along"
        if gone := self.count("dropped"):
            words += f", {gone:,} are dropped"
        if self.difference is None:
            return f"{words}."
        if self.keeps_function:
            apart = f"{self.difference:.0e}".replace("e-0", "e-")
            return f"{words}. Before its first step the network gives what it gave: {apart} apart at most."
        where = f" at {', '.join(self.changes[:3])}" if self.changes else ""
        return f"{words}. The network gives something else than before{where}."

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Report:
        """Raises: ValueError, TypeError, KeyError for a text that is none."""
        data = json.loads(text)
        rows = tuple(
            Row(**{**row, "before": _sizes(row["before"]), "after": _sizes(row["after"])}) for row in data.pop("rows")
        )
        for name in ("changes", "notes", "optimizers"):
            data[name] = tuple(data[name])
        return cls(rows, **data)


def _sizes(value: Any) -> tuple[int, ...] | None:
    return None if value is None else tuple(int(size) for size in value)
