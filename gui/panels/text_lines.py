"""A text by its lines, none of which is kept by itself: of the ten thousand of a long script some forty are seen."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from gui.editors.highlighter import coloured

LONGEST = 8  # lines that may be the widest: letters differ in width where a font has to stand in for another
_QUOTES = '"""', "'''"
_WORD = re.compile(r"\w+|[^\w\s]+|\s+")
WIDE = 0x1100  # from here on letters may be twice as wide
TAB = 8


class Lines:
    """Lines are counted from 0, places in the text in characters."""

    def __init__(self, text: str) -> None:
        self.text = text
        all_letters = _numbers(text)
        breaks = np.flatnonzero(all_letters == ord("\n"))
        self._starts = np.concatenate(([0], breaks + 1)).astype(np.uint32)
        lengths = np.diff(self._starts, append=len(text) + 1)
        if "\t" in text or all_letters.itemsize > 1:
            odd = np.flatnonzero((all_letters >= WIDE) | (all_letters == ord("\t")))
            lengths = lengths + np.bincount(np.searchsorted(self._starts, odd, "right") - 1, None, len(lengths)) * TAB
        self.longest: list[int] = np.argpartition(lengths, -min(LONGEST, len(lengths)))[-LONGEST:].tolist()
        """The lines with the most letters."""
        self._quoted: list[int] = []  # lines in which long strings may begin or end, and the state after each
        self._states: list[int] = []
        self._followed = 0

    def __len__(self) -> int:
        return len(self._starts)

    def line(self, number: int) -> str:
        """A line without its end."""
        return self.text[self.start(number) : self.end(number)]

    def some(self, first: int, count: int) -> list[str]:
        """So many lines without their ends, from one on."""
        starts = [*self._starts[first : first + count + 1].tolist(), len(self.text) + 1][: count + 1]
        return [self.text[a : b - 1] for a, b in pairwise(starts)]

    def start(self, number: int) -> int:
        return int(self._starts[number])

    def end(self, number: int) -> int:
        """Where a line ends, before the break."""
        return self.start(number + 1) - 1 if number + 1 < len(self) else len(self.text)

    def of(self, place: int) -> int:
        """The line in which a place is."""
        return int(np.searchsorted(self._starts, place, "right")) - 1

    def word(self, place: int) -> tuple[int, int]:
        """From where to where the word, the signs or the blanks go at a place."""
        number = self.of(place)
        start, end = self.start(number), self.end(number)
        for match in _WORD.finditer(self.text, start, end):
            if match.start() <= place < match.end() or match.end() == place == end:
                return match.span()
        return place, place

    def state(self, number: int) -> int:
        """In which string a line begins, as the highlighter counts them; -1 for none."""
        self._follow(self.start(number))
        at = bisect_left(self._quoted, number) - 1
        return self._states[at] if at >= 0 else -1

    def _follow(self, start: int) -> None:
        """Take in which long strings begin and end before a line that starts there: nobody reads beyond it."""
        if start <= self._followed:
            return
        places = (place for quotes in _QUOTES for place in _places(self.text, quotes, self._followed, start))
        for number in sorted({self.of(place) for place in places}):
            self._quoted.append(number)
            self._states.append(coloured(self.line(number), self._states[-1] if self._states else -1)[1])
        self._followed = start


def _places(text: str, part: str, start: int, end: int) -> Iterator[int]:
    """Where a part of a text stands, for an eighth of what a pattern takes that has to look at every letter."""
    place = text.find(part, start, end)
    while place >= 0:
        yield place
        place = text.find(part, place + len(part), end)


def _numbers(text: str) -> np.ndarray:
    """Each letter as a number, in as few bytes as all of them need."""
    try:
        return np.frombuffer(text.encode("latin-1"), np.uint8)
    except UnicodeEncodeError:
        found: np.ndarray = np.frombuffer(_encoded(text), np.uint16)
    if len(found) != len(text):  # some take two units
        found = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    return found


def units(text: str) -> int:
    """The letters of a text as Qt counts them."""
    return len(text) if text.isascii() else len(_encoded(text)) // 2


def letters(text: str, units: int) -> int:
    """As many letters of a text as these units of Qt are."""
    if text.isascii():
        return units
    return len(_encoded(text)[: 2 * units].decode("utf-16-le", "ignore"))


def _encoded(text: str) -> bytes:
    try:
        return text.encode("utf-16-le")  # twenty times as fast as to let halves of letters pass
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass")
