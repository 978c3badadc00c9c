"""Lanes: level runs between nodes at which a wire passes what stands in its way, shared by wires of one output."""

from __future__ import annotations

import itertools
import math
from collections.abc import Hashable, Iterable, Sequence

import numpy as np

Xy = tuple[float, float]
MARGIN = 10.0  # between a lane and a node
TRACK = 8.0  # between lanes of different outputs
TURN = 24.0  # what a further pair of corners costs, in units of length
_STEPS = np.arange(-4, 5) * TRACK
_CELL = 16.0
_NEAR = TRACK - 1.0
_MANY = 64  # changes that a table of all runs takes in; after more of them it is made anew
_FEW = 8  # heights that are looked at one by one, which is quicker while they are free


class Tracks:
    """Which level and upright runs are taken, and by which output; wires of one output may lie on one another."""

    def __init__(self) -> None:
        self._cells: dict[tuple[int, int], list[tuple[float, float, float, Hashable]]] = {}
        self._owned: dict[Hashable, list[tuple[int, int]]] = {}
        self._table: tuple[np.ndarray, np.ndarray] | None = None
        self._new: list[tuple[int, float, float, float, int]] = []
        self._gone: set[int] = set()

    def add(self, corners: Sequence[Xy], owner: Hashable) -> None:
        """Take the straight pieces of a course."""
        for (x0, y0), (x1, y1) in itertools.pairwise(corners):
            if y0 == y1:
                self._take(0, y0, x0, x1, owner)
            elif x0 == x1:
                self._take(1, x0, y0, y1, owner)

    def _take(self, axis: int, at: float, a: float, b: float, owner: Hashable) -> None:
        cell = axis, math.floor(at / _CELL)
        self._cells.setdefault(cell, []).append((at, min(a, b), max(a, b), owner))
        self._owned.setdefault(owner, []).append(cell)
        if self._table is not None:
            self._new.append((axis, at, min(a, b), max(a, b), hash(owner)))

    def release(self, owner: Hashable) -> None:
        """What an output had taken is free again."""
        cells = set(self._owned.pop(owner, ()))
        if len(self._new) + len(self._gone) > _MANY:
            self._table = None
        elif cells and self._table is not None:
            self._new = [run for run in self._new if run[4] != hash(owner)]
            self._gone.add(hash(owner))
        for cell in cells:
            self._cells[cell] = [run for run in self._cells[cell] if run[3] != owner]

    def is_free(self, axis: int, at: float, a: float, b: float, owner: Hashable) -> bool:
        """Whether no other output runs there, or nearly: axis 0 level at y, axis 1 upright at x, from a to b."""
        low, high = min(a, b) - 1.0, max(a, b) + 1.0
        for cell in range(math.floor((at - _NEAR) / _CELL), math.floor((at + _NEAR) / _CELL) + 1):
            for there, begin, end, other in self._cells.get((axis, cell), ()):
                if abs(there - at) < _NEAR and begin < high and end > low and other != owner:
                    return False
        return True

    def first_free(self, heights: np.ndarray, a: float, b: float, owner: Hashable) -> float | None:
        """The first of these at which no other output runs level, or nearly, from a to b."""
        for y in heights[:_FEW].tolist():
            if self.is_free(0, y, a, b, owner):
                return float(y)
        rest = heights[_FEW:]
        if not len(rest):
            return None
        places, owners = self._level_runs()
        others = (places[:, 1] < max(a, b) + 1.0) & (places[:, 2] > min(a, b) - 1.0) & (owners != hash(owner))
        taken = np.concatenate(((-np.inf,), np.sort(places[others, 0]), (np.inf,)))
        above = np.searchsorted(taken, rest)
        free = np.flatnonzero((rest - taken[above - 1] >= _NEAR) & (taken[above] - rest >= _NEAR))
        return float(rest[free[0]]) if len(free) else None

    def _level_runs(self) -> tuple[np.ndarray, np.ndarray]:
        """Height, left and right of all that run level, shape (N, 3), and numbers of their outputs."""
        if self._table is None:
            self._table = np.zeros((0, 3)), np.zeros(0, np.int64)
            self._gone.clear()
            runs = ((cell[0], *run) for cell, there in self._cells.items() for run in there)
            self._new = [(axis, at, begin, end, hash(owner)) for axis, at, begin, end, owner in runs]
        if self._gone:
            stays = ~np.isin(self._table[1], np.array(list(self._gone), np.int64))
            self._table = self._table[0][stays], self._table[1][stays]
            self._gone.clear()
        if self._new:
            level = [run for run in self._new if run[0] == 0]
            places = np.array([run[1:4] for run in level], float).reshape(-1, 3)
            owners = np.array([run[4] for run in level], np.int64)
            self._table = np.concatenate((self._table[0], places)), np.concatenate((self._table[1], owners))
            self._new = []
        return self._table


def reach(boxes: np.ndarray, x: float, y: float) -> tuple[float, float] | None:
    """How far up and down one can go at x from y without coming near a box; None where y itself is too near."""
    over = boxes[(boxes[:, 0] - MARGIN < x) & (boxes[:, 2] + MARGIN > x)]
    tops, bottoms = over[:, 1] - MARGIN, over[:, 3] + MARGIN
    if ((tops < y) & (bottoms > y)).any():
        return None
    above, below = bottoms[bottoms <= y], tops[tops >= y]
    return float(above.max(initial=-math.inf)), float(below.min(initial=math.inf))


def reaches(boxes: np.ndarray, places: Sequence[Xy]) -> tuple[float, float] | None:
    """How far up and down one can go at each of these places; None where one of them is too near a box."""
    low, high = -math.inf, math.inf
    for x, y in places:
        found = reach(boxes, x, y)
        if found is None:
            return None
        low, high = max(low, found[0]), min(high, found[1])
    return low, high


def gaps(boxes: np.ndarray, left: float, right: float) -> np.ndarray:
    """Heights at which one can go level from left to right without coming near a box, shape (gaps, 2)."""
    over = boxes[(boxes[:, 0] - MARGIN < right) & (boxes[:, 2] + MARGIN > left)]
    if not len(over):
        return np.array(((-math.inf, math.inf),))
    order = np.argsort(over[:, 1])
    tops, bottoms = over[order, 1] - MARGIN, np.maximum.accumulate(over[order, 3]) + MARGIN
    free = np.stack((np.append(-math.inf, bottoms), np.append(tops, math.inf)), axis=1)
    return free[free[:, 0] <= free[:, 1]]


def lane(
    boxes: np.ndarray, begin: Xy, ends: Sequence[Xy], room: tuple[float, float], tracks: Tracks, owner: Hashable
) -> float | None:
    """The best height at which wires that begin to turn at one point get to where each turns again; None without one.

    begin: where they leave their source's height. ends: where each comes to its target's height. room: how far up and
    down one can go there.
    """
    (x0, y0), right = begin, max(x for x, _ in ends)
    here = reach(boxes, x0, y0)
    if here is None:
        return None
    low, high = max(room[0], here[0]), min(room[1], here[1])
    if low > high:
        return None
    wanted = np.array((y0, *(y for _, y in ends)))
    free = gaps(boxes, x0, right)
    edges = free[np.isfinite(free)]
    tries = np.unique(np.concatenate((wanted, np.add.outer(np.append(edges, wanted), _STEPS).ravel())))
    tries = tries[(tries >= low) & (tries <= high)]
    place = np.searchsorted(free[:, 0], tries, side="right") - 1
    tries = tries[(place >= 0) & (tries <= free[np.maximum(place, 0), 1])]
    away = np.abs(tries[:, None] - wanted[None])
    cost = away.sum(1) + TURN * (away > 0).sum(1)
    return tracks.first_free(tries[np.argsort(cost, kind="stable")], x0, right, owner)


def joined(corners: Iterable[Xy]) -> tuple[Xy, ...]:
    """A course without points that repeat or lie on a straight piece."""
    found: list[Xy] = []
    for x, y in corners:
        if found and abs(found[-1][0] - x) < 0.01 and abs(found[-1][1] - y) < 0.01:
            continue
        while len(found) > 1 and _straight(found[-2], found[-1], (x, y)):
            found.pop()
        found.append((x, y))
    return tuple(found)


def _straight(a: Xy, b: Xy, c: Xy) -> bool:
    level = abs(a[1] - b[1]) < 0.01 and abs(b[1] - c[1]) < 0.01 and (b[0] - a[0]) * (c[0] - b[0]) >= 0
    upright = abs(a[0] - b[0]) < 0.01 and abs(b[0] - c[0]) < 0.01 and (b[1] - a[1]) * (c[1] - b[1]) >= 0
    return level or upright
