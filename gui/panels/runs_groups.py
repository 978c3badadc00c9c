"""Runs that belong together, such as those of a sweep, as one line that can be opened."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from engine.training.store import RunRecord
from engine.training.store_columns import clock, title_of, value_of, written
from gui.figures import plural
from gui.plots.axis import reading

SMALL = ("loss", "mae", "rmse", "mse", "error", "perplexity")


@dataclass(frozen=True)
class Group:
    """Two runs or more of one group. lead: the one by which the line has its place."""

    name: str
    members: tuple[RunRecord, ...]
    lead: RunRecord
    is_open: bool = False

    @property
    def id(self) -> str:
        return f"group:{self.name}"


Line = RunRecord | Group


def lines_of(rows: Sequence[RunRecord], key: str, opened: Collection[str]) -> list[Line]:
    """The rows, those of each group of several under a line that stands where its best stands, or else its first.

    key: the column that the rows are sorted by.
    """
    members: dict[str, list[RunRecord]] = {}
    for row in rows:
        if row.group:
            members.setdefault(row.group, []).append(row)
    groups = {name: found for name, found in members.items() if len(found) > 1}
    if not groups:
        return list(rows)
    leads = {name: best_of(found, key) or found[0] for name, found in groups.items()}
    lines: list[Line] = []
    for row in rows:
        found = groups.get(row.group)
        if found is None:
            lines.append(row)
        elif leads[row.group] is row:
            is_open = row.group in opened
            lines.append(Group(row.group, tuple(found), row, is_open))
            lines += found if is_open else ()
    return lines


def best_of(members: Sequence[RunRecord], key: str) -> RunRecord | None:
    """The run with the best figure of a column; None where the column is no figure, or nobody has one."""
    if not key.startswith("metrics.") or key == "metrics.lr":
        return None
    known = [(v, r) for r in members if isinstance(v := value_of(r, key), int | float) and v - v == 0]
    if not known:
        return None
    choose = min if is_small_good(key) else max
    return choose(known, key=lambda pair: pair[0])[1]


def is_small_good(key: str) -> bool:
    """Whether less is better of a figure."""
    return any(word in key.lower() for word in SMALL)


def text_of_group(group: Group, key: str) -> str:
    """What a cell says: the best figure, what all have in common, or from where to where it goes."""
    if key == "name":
        return f"{group.name} ({plural(len(group.members), 'run')})"
    if key == "state":
        states = [record.state for record in group.members]
        return ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
    if key == "duration":
        return clock(sum(record.duration for record in group.members))
    if key in ("id", "seed", "created", "parent", "message", "notes", "tags"):
        return ""
    if (best := best_of(group.members, key)) is not None:
        return reading(float(value_of(best, key)))
    return _common([value_of(record, key) for record in group.members])


def tip_of_group(group: Group, key: str) -> str:
    """What a cell says to the pointer."""
    if (best := best_of(group.members, key)) is not None:
        return f"the best {title_of(key)}: {value_of(best, key)!r} of {best.name} {best.id[-3:]}"
    if key == "name":
        return f"{text_of_group(group, key)}\nRight and Left, or a click on the triangle, open and close it"
    return text_of_group(group, key)


def _common(values: list[Any]) -> str:
    """One value that all have, or the least and the greatest of numbers."""
    if all(value == values[0] for value in values):
        return written(values[0])
    numbers = [v for v in values if isinstance(v, int | float) and not isinstance(v, bool) and v - v == 0]
    return f"{reading(min(numbers))} – {reading(max(numbers))}" if len(numbers) == len(values) else "several"
