"""What stands in one table otherwise than in another, found at the pace of the interpreter's own loops."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import compress
from operator import is_not
from typing import Any, Protocol, TypeVar
from weakref import ref

Key = TypeVar("Key")


class Tabled(Protocol):
    """What has a table of nodes, and is a frozen value."""

    @property
    def nodes(self) -> Mapping[Any, Any]: ...


def others(before: Mapping[Key, Any], after: Mapping[Key, Any]) -> set[Key]:
    """The keys under which the second table has another object than the first, or the first has none."""
    if before is after:
        return set()
    if len(before) == len(after) and [*before] == [*after]:  # no key is looked up, which takes most of the time
        return set(compress(after, map(is_not, before.values(), after.values())))
    return set(compress(after, map(is_not, map(before.get, after), after.values())))


def gone(before: Mapping[Key, Any], after: Mapping[Key, Any], changed: Collection[Key]) -> set[Key]:
    """The keys that only the first table has. changed: `others` of both."""
    fresh = sum(key not in before for key in changed)
    return before.keys() - after.keys() if len(before) + fresh != len(after) else set()


def difference(before: Tabled, after: Tabled) -> tuple[frozenset[Any], frozenset[Any]]:
    """`others` and `gone` of the nodes of two values. Several ask one after the other, so it is found once."""
    known = after.__dict__.get("_difference")
    if known is None or known[0]() is not before:
        changed = others(before.nodes, after.nodes)
        known = ref(before), frozenset(changed), frozenset(gone(before.nodes, after.nodes, changed))
        after.__dict__["_difference"] = known
    return known[1], known[2]
