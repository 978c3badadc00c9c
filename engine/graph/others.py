"""What stands in one table otherwise than in another, found at the pace of the interpreter's own loops."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import compress
from operator import is_not
from typing import Any, Protocol, TypeVar
from weakref import ref

Key = TypeVar("Key")
Found = TypeVar("Found")
MOST = 1000  # things that differ; of two values that have little in common, what differs is not worth keeping


class Tabled(Protocol):
    """What has a table of nodes, and is a frozen value."""

    @property
    def nodes(self) -> Mapping[Any, Any]: ...


class Wired(Protocol):
    """What has wires, and is a frozen value."""

    @property
    def edges(self) -> frozenset[Any]: ...


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
    """`others` and `gone` of the nodes of two values. Several ask one after the other, so few are found once."""

    def found() -> tuple[frozenset[Any], frozenset[Any]]:
        changed = others(before.nodes, after.nodes)
        return frozenset(changed), frozenset(gone(before.nodes, after.nodes, changed))

    return _once("_difference", before, after, found)


def tell(before: Tabled, after: Tabled, changed: Iterable[Any]) -> None:
    """Say what `difference` would find, where it is known: other values at these nodes, and none gone."""
    _once("_difference", before, after, lambda: (frozenset(changed), frozenset()))


def rewired(before: Wired, after: Wired) -> frozenset[Any]:
    """The wires that only one of two values has, found once as well."""
    if before.edges is after.edges:
        return frozenset()
    return _once("_rewired", before, after, lambda: before.edges ^ after.edges)


def numbered(things: Collection[Key]) -> dict[Key, int]:
    """The place of each thing in their order. All tables share their numbers, each of which takes as much as a row."""
    return dict(zip(things, numbers(len(things)), strict=True))


def numbers(count: int) -> list[int]:
    """So many numbers from 0 on, the same objects for all who ask."""
    global _numbers
    if len(_numbers) < count:
        _numbers = [*_numbers, *range(len(_numbers), count)]  # a new list: another thread may go through the old one
    return _numbers[:count]


_numbers: list[int] = []


class _Between:
    """What lies between two values. The first is not kept alive, and of a copy in another process nothing is known."""

    def __init__(self, before: Any = None, found: Any = None) -> None:
        self.before, self.found = None if before is None else ref(before), found

    def __reduce__(self) -> tuple[Any, ...]:
        return _Between, ()


def _once(what: str, before: Any, after: Any, found: Callable[[], Found]) -> Found:
    """What lies between two values, kept with the second until it is laid beside another one."""
    known = after.__dict__.get(what)
    if known is None or known.before is None or known.before() is not before:
        known = _Between(before, found())
        if _size(known.found) <= MOST:
            after.__dict__[what] = known
    return known.found  # type: ignore[no-any-return]


def _size(found: Any) -> int:
    return sum(map(len, found)) if isinstance(found, tuple) else len(found)
