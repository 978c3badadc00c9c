"""Options of a layer as the pictures need them: plain numbers, within what can be drawn."""

from __future__ import annotations

import re
from typing import Any

from engine.layers.base import Layer

_SPACE = re.compile(r"([123])d$")


def space_of(layer: Layer) -> int:
    """Dimensions of space that the layer is for: 1, 2 or 3; 2 where it says nothing."""
    found = _SPACE.search(type(layer).key)
    if found:
        return int(found[1])
    dims = getattr(type(layer), "dims", None)
    return dims if isinstance(dims, int) and dims in (1, 2, 3) and "dims" not in layer.params else 2


def numbers(layer: Layer, name: str, count: int, default: int) -> tuple[int, ...]:
    """One number for each dimension; `default` where the option is not there, or not a number."""
    value: Any = getattr(layer, name, default) if name in layer.params else default
    if isinstance(value, bool) or not isinstance(value, (int, tuple)):
        return (default,) * count
    if isinstance(value, int):
        return (value,) * count
    given = tuple(v if isinstance(v, int) else default for v in value)
    return given if len(given) == count else (default,) * count


def number(layer: Layer, name: str, default: float) -> float:
    """An option that is a number; `default` where it is not there or an expression."""
    value: Any = getattr(layer, name, default) if name in layer.params else default
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else default


def said(layer: Layer, name: str) -> str:
    """The option as a caption has it: "kernel 3 × 3"."""
    value = getattr(layer, name)
    return layer.params[name].show(value).replace(", ", " × ")


def axis_of(dim: Any, rank: int) -> int | None:
    """A dimension counted from the front, None where it is none."""
    return dim % rank if isinstance(dim, int) and -rank <= dim < rank else None
