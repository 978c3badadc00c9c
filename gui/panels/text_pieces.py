"""What differs between two texts, line by line, found in a time that grows with the text and no faster."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import accumulate

SMALL = 600  # lines: up to so many are compared thoroughly
REACH = 48  # lines: as far is looked for where two texts agree again
ALIKE = 2  # lines in a row that must be the same for that

Span = tuple[int, int, int, int]
"""From and to of the lines before, and of those after."""


def replacements(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int, str]]:
    """What to replace by what, in characters of the text before, from the end to the beginning: places stay true.

    A layer stands in two places of a text: what lies between them is left alone, with its colours.
    """
    places = [0, *accumulate(map(len, before))]
    spans = list(differing(before, after))
    return [(places[i], places[j], "".join(after[k:m])) for i, j, k, m in reversed(spans)]


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
