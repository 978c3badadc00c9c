"""The lines of many statements in runs of some dozens: an edit has those joined anew in which it changes a line."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, compress, count
from operator import ne
from typing import Any

from engine.codegen.source import Line, Run

MOST = 96
"""Statements in a run: ten thousand of them are a hundred runs to join, and an edit joins one of them anew."""
_STRETCH = 256  # compared in one step, which takes as long as three in steps of their own


class Runs:
    """Runs of statements, in their order, each statement with its lines."""

    def __init__(self) -> None:
        self._order: Sequence[Any] = ()
        self._starts: list[int] = []
        self._runs: list[Run] = []

    def follow(
        self,
        order: Sequence[Any],
        place: Mapping[Any, int],
        lines: Mapping[Any, Sequence[Line]],
        news: Iterable[Any],
    ) -> Sequence[Run]:
        """The runs as they are now. place: of each statement in the order. news: those that have other lines."""
        old, end = set() if order is self._order else self._cut(order), len(order)
        places = (at for key in news if (at := place.get(key, end)) < end)
        touched = {bisect_right(self._starts, at) - 1 for at in places}
        ends = [*self._starts, end]
        for at in old | touched:
            keys = order[ends[at] : ends[at + 1]]
            self._runs[at] = Run(chain.from_iterable(map(lines.__getitem__, keys)))
        return self._runs

    def _cut(self, order: Sequence[Any]) -> set[int]:
        """Lay the part of the order that is another one out in new runs. Returns: which those are."""
        before, starts = self._order, self._starts
        start, end = differing(before, order)
        more = len(order) - len(before)
        low = max(0, bisect_right(starts, start) - 1)
        high = min(len(starts), max(low + 1, bisect_left(starts, end - more)))
        first = starts[low] if starts else 0
        last = (starts[high] if high < len(starts) else len(before)) + more
        parts = -(-(last - first) // MOST)
        cuts = [first + (last - first) * part // parts for part in range(parts)]
        self._order = order
        self._starts = [*starts[:low], *cuts, *(at + more for at in starts[high:])]
        self._runs = [*self._runs[:low], *(Run(()) for _ in cuts), *self._runs[high:]]
        return set(range(low, low + parts))


def differing(before: Sequence[Any], after: Sequence[Any]) -> tuple[int, int]:
    """The part of `after` that is another one in `before`: from which place on, and up to which."""
    most = min(len(before), len(after))
    start = _alike(before, after, most)
    same = _alike(before[: start - len(before) - 1 : -1], after[: start - len(after) - 1 : -1], most - start)
    return start, len(after) - same


def _alike(one: Sequence[Any], other: Sequence[Any], most: int) -> int:
    """How many of the first are the same."""
    for at in range(0, most, _STRETCH):
        end = min(at + _STRETCH, most)
        if one[at:end] != other[at:end]:
            return next(compress(count(at), map(ne, one[at:end], other[at:end])))
    return most
