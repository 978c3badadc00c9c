"""Where words stand in a long text: all of it is compared at once, letter by letter of what is looked for."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Letters: TypeAlias = NDArray[np.uint32]
_CAPITALS = ord("A"), ord("Z")
_SMALLER = ord("a") - ord("A")
_ASCII = 127


class Matches:
    """Where a query stands in a text, in their order. None overlaps another."""

    def __init__(self, text: Letters, query: Letters) -> None:
        self.length = len(query)
        self.starts = _places(text, query) if len(query) else np.zeros(0, np.uint32)

    def __len__(self) -> int:
        return len(self.starts)

    def span(self, index: int) -> tuple[int, int]:
        start = int(self.starts[index])
        return start, start + self.length

    def at(self, start: int, end: int) -> int:
        """Which of them is exactly there; -1 for none."""
        index = int(np.searchsorted(self.starts, start))
        return index if index < len(self) and self.span(index) == (start, end) else -1

    def after(self, place: int) -> int:
        """The first that begins there or later, else the first of all."""
        index = int(np.searchsorted(self.starts, place))
        return index if index < len(self) else 0

    def before(self, place: int) -> int:
        """The last that begins earlier, else the last of all."""
        index = int(np.searchsorted(self.starts, place)) - 1
        return index if index >= 0 else len(self) - 1

    def within(self, start: int, end: int) -> list[tuple[int, int]]:
        """Those that begin in a part of the text."""
        low, high = (int(np.searchsorted(self.starts, place)) for place in (start, end))
        return [self.span(index) for index in range(low, high)]


def letters_of(text: str, is_exact: bool) -> Letters:
    """The letters of a text as numbers; unless capitals count, small ones for those that have a single small letter."""
    found = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    if is_exact:
        return found
    found = found.copy()
    found[(found >= _CAPITALS[0]) & (found <= _CAPITALS[1])] += _SMALLER
    for letter in np.unique(found[found > _ASCII]).tolist():
        small = chr(letter).lower()
        if len(small) == 1 and ord(small) != letter:
            found[found == letter] = ord(small)
    return found


def _places(text: Letters, query: Letters) -> Letters:
    last = len(text) - len(query) + 1
    found = np.flatnonzero(text[: max(0, last)] == query[0])
    for i in range(1, len(query)):
        found = found[text[found + i] == query[i]]
    if len(found) > 1 and int(np.diff(found).min()) < len(query):
        found = np.array(_apart(found.tolist(), len(query)))
    return found.astype(np.uint32)


def _apart(places: list[int], length: int) -> list[int]:
    """From the first on those that do not overlap the one before."""
    kept: list[int] = []
    free = 0
    for place in places:
        if place >= free:
            kept.append(place)
            free = place + length
    return kept
