"""Plain data, checked piece by piece: every refusal names its place in the file."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

from engine.errors import FileError

FAR = 1e7  # scene units; no canvas draws beyond
DEEPEST = 40
LARGEST = 2**63


def keys(raw: Any, place: str, need: Collection[str], may: Collection[str] = ()) -> Mapping[str, Any]:
    """A table that has all keys of `need` and none beyond `may`. Raises: FileError."""
    data = table(raw, place)
    for name in need:
        if name not in data:
            raise FileError(f'{place}: "{name}" is missing.')
    for name in data:
        if name not in need and name not in may:
            raise FileError(f'{place}: "{short(name)}" means nothing here.', f"Allowed: {', '.join((*need, *may))}.")
    return data


def table(raw: Any, place: str) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise FileError(f"{place}: must be a table in braces, not {short(raw)}.")
    return raw


def rows(raw: Any, place: str) -> list[Any]:
    if not isinstance(raw, list):
        raise FileError(f"{place}: must be a list in brackets, not {short(raw)}.")
    return raw


def text(raw: Any, place: str) -> str:
    if not isinstance(raw, str):
        raise FileError(f"{place}: must be text in quotes, not {short(raw)}.")
    return raw


def whole(raw: Any, place: str) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or not 0 <= raw < 2**53:
        raise FileError(f"{place}: must be a whole number of at least 0, not {short(raw)}.")
    return raw


def number(raw: Any, place: str) -> float:
    if isinstance(raw, bool) or not isinstance(raw, (int, float)) or not abs(raw) <= FAR:
        raise FileError(f"{place}: must be a number of at most {FAR:.0f}, not {short(raw)}.")
    return float(raw)


def short(value: Any) -> str:
    """A value as it is shown in a message."""
    shown = str(value) if isinstance(value, str) else repr(value)
    return shown if len(shown) <= 60 else shown[:57] + "..."


def need_plain(data: Any) -> None:
    """Raises: FileError for data that is nested too deep, or holds numbers or text that no file should."""
    waiting = [(data, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > DEEPEST:
            raise FileError(f"The project file is nested more than {DEEPEST} deep.", "It is no file of Netsmith's.")
        if isinstance(value, dict):
            waiting += [(item, depth + 1) for item in (*value.keys(), *value.values())]
        elif isinstance(value, list):
            waiting += [(item, depth + 1) for item in value]
        elif isinstance(value, str):
            _need_text(value)
        elif isinstance(value, (int, float)):
            _need_number(value)


def _need_number(value: float) -> None:
    if (isinstance(value, int) and abs(value) >= LARGEST) or (isinstance(value, float) and not math.isfinite(value)):
        raise FileError(f"The project file holds the number {short(value)}.", "It is too large.")


def _need_text(value: str) -> None:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise FileError("The project file holds half a character (a lone surrogate).", "Text is Unicode.") from None
