"""A text by its lines, none of which is kept by itself: of the ten thousand of a long script some forty are seen."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

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
        all_letters = np.frombuffer(_encoded(text), np.uint16)
        if len(all_letters) != len(text):  # some take two units
            all_letters = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)  # type: ignore[assignment]
        breaks = np.flatnonzero(all_letters == ord("\n"))
        self._starts = np.concatenate(([0], breaks + 1)).astype(np.uint32)
        lengths = np.diff(self._starts, append=len(text) + 1)
        if (odd := np.flatnonzero((all_letters >= WIDE) | (all_letters == ord("\t")))).size:
            lengths = lengths + np.bincount(np.searchsorted(self._starts, odd, "right") - 1, None, len(lengths)) * TAB
        self.longest: list[int] = np.argsort(lengths)[: -LONGEST - 1 : -1].tolist()
        """The lines with the most letters."""
        self._states: tuple[list[int], list[int]] | None = None

    def __len__(self) -> int:
        return len(self._starts)

    def line(self, number: int) -> str:
        """A line without its end."""
        return self.text[self.start(number) : self.end(number)]

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
        if self._states is None:
            self._states = self._followed()
        at = bisect_left(self._states[0], number) - 1
        return self._states[1][at] if at >= 0 else -1

    def _followed(self) -> tuple[list[int], list[int]]:
        """The lines in which long strings may begin or end, and the state after each."""
        numbers = sorted({self.of(place) for quotes in _QUOTES for place in _places(self.text, quotes)})
        states: list[int] = []
        for number in numbers:
            states.append(coloured(self.line(number), states[-1] if states else -1)[1])
        return numbers, states


def _places(text: str, part: str) -> Iterator[int]:
    """Where a part of a text stands, for an eighth of what a pattern takes that has to look at every letter."""
    place = text.find(part)
    while place >= 0:
        yield place
        place = text.find(part, place + len(part))


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
