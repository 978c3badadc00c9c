"""What differs between two texts, line by line, found in a time that grows with the text and no faster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import accumulate

SMALL = 600  # lines: up to so many are compared thoroughly
REACH = 48  # lines: as far is looked for where two texts agree again
ALIKE = 2  # lines in a row that must be the same for that

PIECE = 4096  # characters that are compared at once

Span = tuple[int, int, int, int]
"""From and to of the lines before, and of those after."""


def replacements(before: str, after: str) -> list[tuple[int, int, str]]:
    """What to replace by what, in places of the text before, from the end to the beginning: places stay true.

    Places count as Qt does, in units of UTF-16. A layer stands in two places of a text: what lies between them is left
    alone, with its colours; and where a line becomes another one, only what differs within the line is replaced, so
    that no other line is laid out or painted again.
    """
    start = before.rfind("\n", 0, _common(before, after)) + 1
    end = _common_end(before, after, min(len(before), len(after)) - start)
    last, final = len(before) - end, len(after) - end
    if not all(place == start or text[place - 1] == "\n" for place, text in ((last, before), (final, after))):
        found = before.find("\n", last)
        end = len(before) - found - 1 if found >= 0 else 0
    old = before[start : len(before) - end].splitlines(keepends=True)
    new = after[start : len(after) - end].splitlines(keepends=True)
    size = len if _units(before) == len(before) else _units
    places = list(accumulate((size(before[:start]), *map(size, old))))
    pieces: list[tuple[int, int, str]] = []
    for i, j, k, m in differing(old, new):
        if j - i == m - k:
            pieces += (_within(places[i + n], old[i + n], new[k + n], size) for n in range(j - i))
        else:
            pieces.append((places[i], places[j], "".join(new[k:m])))
    return pieces[::-1]


def _within(place: int, old: str, new: str, size: Callable[[str], int]) -> tuple[int, int, str]:
    """What to replace of a line that stands at a place."""
    start = _common(old, new)
    end = _common_end(old, new, min(len(old), len(new)) - start)
    return place + size(old[:start]), place + size(old[: len(old) - end]), new[start : len(new) - end]


def _common(a: str, b: str) -> int:
    """How many characters two texts have in common from the beginning on."""
    low, high = 0, min(len(a), len(b))
    while low < high and a[low : low + PIECE] == b[low : low + PIECE]:
        low += PIECE
    high = min(high, low + PIECE)
    while low < high:  # they are known to agree up to low, and cannot beyond high
        middle = (low + high + 1) // 2
        low, high = (middle, high) if a[low:middle] == b[low:middle] else (low, middle - 1)
    return high


def _common_end(a: str, b: str, most: int) -> int:
    """How many characters two texts have in common at their ends, of no more than so many."""
    low, high = 0, most
    while low + PIECE < high and _back(a, low, low + PIECE) == _back(b, low, low + PIECE):
        low += PIECE
    high = min(high, low + PIECE)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _back(a, low, middle) == _back(b, low, middle) else (low, middle - 1)
    return high


def _back(text: str, start: int, end: int) -> str:
    """The characters between two places that are counted from the end."""
    return text[len(text) - end : len(text) - start]


def _units(text: str) -> int:
    """How long Qt says that a text is."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def differing(before: Sequence[str], after: Sequence[str]) -> Iterator[Span]:
    """The spans of lines that differ, in their order."""
    start = _agreeing(before, after)
    end = _agreeing(before[: start - 1 if start else None : -1], after[: start - 1 if start else None : -1])
    i, k, last, final = start, start, len(before) - end, len(after) - end
    if max(last - i, final - k) <= SMALL:
        steps = SequenceMatcher(None, before[i:last], after[k:final], autojunk=False).get_opcodes()
        yield from ((i + a, i + b, k + c, k + d) for tag, a, b, c, d in steps if tag != "equal")
        return
    while i < last and k < final:
        if before[i] == after[k]:
            i, k = i + 1, k + 1
            continue
        found = _next_agreement(before[i : min(last, i + REACH)], after[k : min(final, k + REACH)])
        if found is None:
            break
        yield i, i + found[0], k, k + found[1]
        i, k = i + found[0], k + found[1]
    if i < last or k < final:
        yield i, last, k, final


def _agreeing(a: Sequence[str], b: Sequence[str]) -> int:
    """How many lines are the same from the beginning on."""
    return next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _next_agreement(a: Sequence[str], b: Sequence[str]) -> tuple[int, int] | None:
    """How many lines to pass over in both until some are the same again, as few as can be; None if there are none."""
    for total in range(1, len(a) + len(b) - 1):
        for i in range(max(0, total - len(b) + 1), min(total, len(a) - 1) + 1):
            k = total - i
            if a[i : i + ALIKE] == b[k : k + ALIKE]:
                return i, k
    return None
