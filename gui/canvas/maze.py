"""A way between nodes where no single lane leads through: the shortest level and upright one with few corners."""

from __future__ import annotations

import numpy as np

from gui.canvas.lanes import joined
from gui.canvas.steps import Steps, at_once

Xy = tuple[float, float]
Cell = tuple[int, int]
CORNER = 24.0  # what a corner costs, in units of length
MARGINS = (10.0, 5.0, 3.5)  # distances from nodes, the wider first
MOST_BOXES = 120
_FAR = 1e8  # further than any way is long
_SAME = 1e-3  # as much rounding is no difference between two ways


def way(boxes: np.ndarray, start: Xy, end: Xy, leaves: bool = True, arrives: bool = True) -> tuple[Xy, ...] | None:
    """The corners of a way from one point to another round boxes, both ends included; None if there is none.

    leaves: it sets out to the right. arrives: it comes from the left. boxes: (N, 4).
    """
    return at_once(finding(boxes, start, end, leaves, arrives))


def finding(
    boxes: np.ndarray, start: Xy, end: Xy, leaves: bool = True, arrives: bool = True
) -> Steps[tuple[Xy, ...] | None]:
    """The same in steps."""
    if len(boxes) > MOST_BOXES:
        return None
    widest, *closer, closest = MARGINS
    if (found := (yield from _found(boxes, widest, start, end, leaves, arrives))) is not None:
        return found
    if (last := (yield from _found(boxes, closest, start, end, leaves, arrives))) is None:
        return None  # what is shut even so near to the nodes is shut at any distance
    for margin in closer:
        if (found := (yield from _found(boxes, margin, start, end, leaves, arrives))) is not None:
            return found
    return last


def _found(
    boxes: np.ndarray, margin: float, start: Xy, end: Xy, leaves: bool, arrives: bool
) -> Steps[tuple[Xy, ...] | None]:
    grown = boxes + np.array((-margin, -margin, margin, margin))
    if _is_inside(grown, start) or _is_inside(grown, end):
        return None
    field = Field(grown, start, end)
    yield
    return (yield from field.crossed(leaves, arrives))


def _is_inside(boxes: np.ndarray, at: Xy) -> bool:
    x, y = at
    return bool(((boxes[:, 0] < x) & (x < boxes[:, 2]) & (boxes[:, 1] < y) & (y < boxes[:, 3])).any())


class Field:
    """Where a way can turn: every height and every place across at which a box or the way itself begins or ends.

    How far it is from the start is worked out for all of them at once, with one corner more each time, since that
    takes numpy some milliseconds, where a search from place to place takes a hundred times as long. Tables have the
    shape (places across, heights).
    """

    def __init__(self, boxes: np.ndarray, start: Xy, end: Xy) -> None:
        """boxes: (N, 4)."""
        self._xs = np.unique(np.concatenate((boxes[:, 0], boxes[:, 2], (start[0], end[0]))))
        self._ys = np.unique(np.concatenate((boxes[:, 1], boxes[:, 3], (start[1], end[1]))))
        self._first, self._goal = self._cell(start), self._cell(end)
        level, upright = self._open(boxes)
        self._pieces = level[:-1], upright[:, :-1]
        self._lengths = np.diff(self._xs)[:, None], np.diff(self._ys)[None]
        self._runs: tuple[np.ndarray, np.ndarray] = np.zeros(level.shape), np.zeros(level.shape)
        self._runs[0][1:] = np.cumsum(~level[:-1], axis=0)
        self._runs[1][:, 1:] = np.cumsum(~upright[:, :-1], axis=1)
        self._along = self._xs[:, None] + _FAR * self._runs[0], self._ys[None] + _FAR * self._runs[1]
        self._turned: np.ndarray = np.full(level.shape, _FAR / 2)
        """How far it is to where one comes from above or below."""
        self._straight = self._turned.copy()
        """How far it is to where one comes from a side."""

    def _cell(self, at: Xy) -> Cell:
        return int(np.searchsorted(self._xs, at[0])), int(np.searchsorted(self._ys, at[1]))

    def _open(self, boxes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Which level pieces (from xs[i] to xs[i + 1] at ys[j]) and upright ones go through no box."""
        level: np.ndarray = np.ones((len(self._xs), len(self._ys)), bool)
        upright: np.ndarray = level.copy()
        places = (np.searchsorted(self._xs if side % 2 == 0 else self._ys, boxes[:, side]) for side in range(4))
        for left, top, right, bottom in np.stack(tuple(places), axis=1).tolist():
            level[left:right, top + 1 : bottom] = False
            upright[left + 1 : right, top:bottom] = False
        return level, upright

    def crossed(self, leaves: bool, arrives: bool) -> Steps[tuple[Xy, ...] | None]:
        """The shortest way from the start to the end, as `way` tells it, with one corner more in each step."""
        first, goal = self._first, self._goal
        ahead, behind = self._straight.copy(), self._straight.copy()  # to the right, to the left
        ahead[first] = 0.0
        ahead = np.minimum(ahead, self._gone(ahead, 0))
        if not leaves:
            behind[first] = self._turned[first] = 0.0
            behind = np.minimum(behind, self._gone(behind, 0, back=True))
        while True:
            before = self._straight = np.minimum(ahead, behind)
            enters = before + CORNER
            if not leaves:
                enters[first] = 0.0
            for back in (False, True):
                self._turned = np.minimum(self._turned, self._gone(enters, 1, back))
            yield
            enters = self._turned + CORNER
            ahead = np.minimum(ahead, self._gone(enters, 0))
            behind = np.minimum(behind, self._gone(enters, 0, back=True))
            self._straight = np.minimum(ahead, behind)
            best = min(ahead[goal], enters[goal]) if arrives else min(self._straight[goal], self._turned[goal])
            if not ((self._straight < before - _SAME) & (self._straight < best)).any():
                break
            yield
        return self._told(leaves, arrives) if best < _FAR / 4 else None

    def _gone(self, far: np.ndarray, axis: int, back: bool = False) -> np.ndarray:
        """How far it is to everywhere if one goes straight on, one piece at least, from where it is so far."""
        along, result = self._along[axis], np.full(far.shape, _FAR / 2)
        if back:
            far = np.flip(np.minimum.accumulate(np.flip(far + along, axis), axis=axis), axis) - along
        else:
            far = np.minimum.accumulate(far - along, axis=axis) + along
        upper, lower = (slice(-1), slice(1, None)) if axis == 0 else (np.s_[:, :-1], np.s_[:, 1:])
        here, there = (lower, upper) if back else (upper, lower)
        result[there] = np.where(self._pieces[axis], far[here] + self._lengths[axis], _FAR / 2)
        return result

    def _told(self, leaves: bool, arrives: bool) -> tuple[Xy, ...]:
        """The way, found backwards: from every corner to the one before it that is the nearest to the start."""
        here, found = self._goal, [self._goal]
        is_level = arrives or self._straight[here] <= self._turned[here] + _SAME
        is_first = here == self._first
        while not is_first:
            here, is_first = self._before(here, is_level, leaves, arrives and len(found) == 1)
            found.append(here)
            is_level = not is_level
        return joined((float(self._xs[i]), float(self._ys[j])) for i, j in reversed(found))

    def _before(self, here: Cell, is_level: bool, leaves: bool, ahead: bool) -> tuple[Cell, bool]:
        """The corner before this one, and whether the way begins there.

        is_level: one comes from a side. ahead: from the left, or turns here, at the end.
        """
        (i, j), (first, height) = here, self._first
        if is_level:
            run, at, far = self._runs[0][:, j], self._xs, self._turned[:, j] + CORNER
            if height == j and (not leaves or first <= i):
                far[first] = 0.0
            place = i
        else:
            run, at, far = self._runs[1][i], self._ys, self._straight[i] + CORNER
            if first == i and not leaves:
                far[height] = 0.0
            place = j
        low = int(np.searchsorted(run, run[place]))
        high = place + 1 if ahead else int(np.searchsorted(run, run[place], side="right"))
        cost = far[low:high] + np.abs(at[low:high] - at[place])
        cost[place - low] += 2 * _SAME if ahead else _FAR  # rather turn before the end than at it
        ties: np.ndarray = low + np.flatnonzero(cost <= cost.min() + _SAME)
        best = int(ties[np.abs(ties - place).argmin()])
        corner = (best, j) if is_level else (i, best)
        return corner, corner == self._first and (not is_level or far[best] == 0.0)
