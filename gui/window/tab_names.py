"""Names of projects in as little room as a tab has: what tells them apart stays."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import takewhile
from pathlib import Path

ELLIPSIS = "…"


def told_apart(name: str, others: Iterable[str], room: float, width: Callable[[str], float]) -> str:
    """As much of a name as has room: its beginning, and of its end all that the others have otherwise, word by word.

    width: of a text, in the unit of `room`.
    """
    if width(name) <= room:
        return name
    for start in sorted({_word(name, _shared(name, other)) for other in others if other != name} - {0}):
        if width(f"{name[0]}{ELLIPSIS}{name[start:]}") <= room:
            return _filled(name, start, room, width)
    tail = next((n for n in range(len(name) // 2, 0, -1) if width(name[:n] + ELLIPSIS + name[-n:]) <= room), 0)
    return _filled(name, len(name) - tail, room, width)


def _shared(a: str, b: str) -> int:
    """How many letters two names begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(a, b, strict=False)))


def _word(name: str, place: int) -> int:
    """Where the word begins that a place is in."""
    return max((found.start() for found in re.finditer(r"[^\W_]+", name) if found.start() <= place), default=0)


def _filled(name: str, start: int, room: float, width: Callable[[str], float]) -> str:
    """The end of a name from a place on, and as much of its beginning as there is room for."""
    head = next((n for n in range(start - 1, 0, -1) if width(name[:n] + ELLIPSIS + name[start:]) <= room), 0)
    return name[:head].rstrip("_- ") + ELLIPSIS + name[start:]


def folder_of(path: Path, others: Iterable[Path]) -> str:
    """The folder of a file, with as many of those around it as tell it from the folders of others of its name."""
    parts, rest = path.parent.parts, [other.parent.parts for other in others if other != path]
    for count in range(1, len(parts) + 1):
        if all(parts[-count:] != other[-count:] for other in rest):
            return "/".join(parts[-count:])
    return str(path.parent)
