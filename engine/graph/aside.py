"""A group of boxes that keeps clear of others: the shortest way aside, to one side, up or down."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

Box = tuple[float, float, float, float]
_MOST_PAIRS = 200_000


def aside(group: Sequence[Box], others: Sequence[Box], apart: float, grid: float) -> tuple[float, float]:
    """How far to move a group as a whole so that it comes no nearer than `apart` to any other box; 0, 0 if it is clear.

    Boxes are left, top, right, bottom. The way is level or upright, the shorter of the two, in steps of the grid.
    """
    if not group or not others:
        return 0.0, 0.0
    if len(group) * len(others) > _MOST_PAIRS:
        lefts, tops, rights, bottoms = zip(*group, strict=True)
        group = [(min(lefts), min(tops), max(rights), max(bottoms))]
    across, down = (_nearest(_barred(group, others, apart, axis), grid) for axis in (0, 1))
    return (across, 0.0) if abs(across) < abs(down) else (0.0, down)


def _barred(group: Sequence[Box], others: Sequence[Box], apart: float, axis: int) -> Iterable[tuple[float, float]]:
    """The ways along an axis that would bring a box of the group upon another."""
    other = 1 - axis
    for a in group:
        for b in others:
            if a[other] - apart < b[other + 2] and b[other] - apart < a[other + 2]:
                yield b[axis] - a[axis + 2] - apart, b[axis + 2] - a[axis] + apart


def _nearest(barred: Iterable[tuple[float, float]], grid: float) -> float:
    """The way nearest to none that lies in none of the open intervals."""
    low = high = 0.0
    spans = sorted(barred)
    for begin, end in spans:
        if begin < high < end:
            high = math.ceil(end / grid) * grid
    for begin, end in sorted(spans, key=lambda span: -span[1]):
        if begin < low < end:
            low = math.floor(begin / grid) * grid
    return high if high <= -low else low
