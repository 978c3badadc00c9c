"""Nodes as boxes that wires go round, found by where they are, for all wires at once."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from gui.canvas.steps import Steps, at_once

BAND = 512.0
MOST_PAIRS = 15_000  # of rectangles and boxes, which are looked through within a few milliseconds
MOST_POINTS = 40_000  # of courses, each held against one box
CLEAR = 3.0  # as near a wire may come to a box that it does not belong to


class Obstacles:
    """Boxes (left, top, right, bottom) in bands across, in each of them sorted by their left edges."""

    def __init__(self, boxes: np.ndarray) -> None:
        self.boxes = boxes.reshape(-1, 4)
        count = len(self.boxes)
        if not count:
            return
        first, last = (np.floor(self.boxes[:, side] / BAND).astype(np.int64) for side in (1, 3))
        rows, step = _spread(last - first + 1)
        self._bands = int(first.min()), int(last.max())
        self._left = float(self.boxes[:, 0].min())
        self._span = float(self.boxes[:, 2].max()) - self._left + 1.0
        self._widest = float((self.boxes[:, 2] - self.boxes[:, 0]).max())
        key = (first[rows] + step) * self._span + (self.boxes[rows, 0] - self._left)
        order = np.argsort(key, kind="stable")
        self._key, self._rows = key[order], rows[order]

    def near(self, bounds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Pairs of a rectangle's number and that of a box that it touches; a pair may come twice. bounds: (N, 4)."""
        return at_once(self.nearing(bounds))

    def nearing(self, bounds: np.ndarray) -> Steps[tuple[np.ndarray, np.ndarray]]:
        """The same in steps."""
        none: np.ndarray = np.zeros(0, np.int64)
        if not len(self.boxes) or not len(bounds):
            return none, none
        first = np.maximum(np.floor(bounds[:, 1] / BAND).astype(np.int64), self._bands[0])
        last = np.minimum(np.floor(bounds[:, 3] / BAND).astype(np.int64), self._bands[1])
        bands: np.ndarray = np.maximum(last - first + 1, 0)
        which, step = _spread(bands)
        base = (first[which] + step) * self._span
        begin = base + np.clip(bounds[which, 0] - self._widest - self._left, 0.0, self._span)
        end = base + np.clip(bounds[which, 2] - self._left, -0.5, self._span - 0.5)
        low = np.asarray(np.searchsorted(self._key, begin))
        counts: np.ndarray = np.maximum(np.searchsorted(self._key, end, side="right") - low, 0)
        found: list[tuple[np.ndarray, np.ndarray]] = []
        for some in _portions(counts, MOST_PAIRS):
            if found:
                yield
            found.append(self._touching(bounds, which[some], low[some], counts[some]))
        rectangles, boxes = zip(*found, strict=True)
        return (np.concatenate(rectangles), np.concatenate(boxes)) if len(found) > 1 else found[0]

    def _touching(
        self, bounds: np.ndarray, which: np.ndarray, low: np.ndarray, counts: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Pairs of a rectangle and a box that meet, of those in so many rows from the lowest on."""
        part, step = _spread(counts)
        found, box = which[part], self._rows[low[part] + step]
        a, b = bounds[found], self.boxes[box]
        meet = (a[:, 0] <= b[:, 2]) & (a[:, 2] >= b[:, 0]) & (a[:, 1] <= b[:, 3]) & (a[:, 3] >= b[:, 1])
        return found[meet], box[meet]

    def within(self, left: float, top: float, right: float, bottom: float) -> np.ndarray:
        """The numbers of the boxes that touch a rectangle, each once."""
        return np.unique(self.near(np.array(((left, top, right, bottom),)))[1])

    def crossed(self, courses: np.ndarray, own: np.ndarray, without: np.ndarray | None = None) -> np.ndarray:
        """Which courses of straight pieces run through a box that is not theirs, shape (N,).

        courses: (N, points, 2). own: (N, 2), the numbers of the boxes at both ends. without: boxes that are not there,
        (boxes,).
        """
        return at_once(self.crossing(courses, own, without))

    def crossing(self, courses: np.ndarray, own: np.ndarray, without: np.ndarray | None = None) -> Steps[np.ndarray]:
        """The same in steps."""
        result: np.ndarray = np.zeros(len(courses), bool)
        if not len(courses):
            return result
        bounds = np.concatenate((courses.min(1) - CLEAR, courses.max(1) + CLEAR), axis=1)
        which, box = yield from self.nearing(bounds)
        foreign = (box != own[which, 0]) & (box != own[which, 1])
        if without is not None:
            foreign &= ~without[box]
        which, box = which[foreign], box[foreign]
        most = MOST_POINTS // courses.shape[1]
        for i in range(0, len(which), most):
            if i:
                yield
            pairs, boxes = which[i : i + most], self.boxes[box[i : i + most]]
            result[pairs[_meet(courses[pairs], boxes)]] = True
        return result


def _meet(courses: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Whether any piece of each course meets the box of the same number: by separating axes, no division."""
    middle = (courses[:, :-1] + courses[:, 1:]) / 2 - ((boxes[:, :2] + boxes[:, 2:]) / 2)[:, None]
    half = (courses[:, 1:] - courses[:, :-1]) / 2
    room = ((boxes[:, 2:] - boxes[:, :2]) / 2 + CLEAR)[:, None]
    reach = np.abs(half)
    over = (np.abs(middle) < room + reach).all(2)
    turned = np.abs(middle[..., 0] * half[..., 1] - middle[..., 1] * half[..., 0])
    over &= turned < room[..., 0] * reach[..., 1] + room[..., 1] * reach[..., 0] + 1e-9
    return over.any(1)


def _spread(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each number as often as it is counted, and how often it came before: [2, 1] -> [0, 0, 1], [0, 1, 0]."""
    which: np.ndarray = np.repeat(np.arange(len(counts)), counts)
    return which, np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)


def _portions(counts: np.ndarray, most: int) -> Iterator[slice]:
    """Parts of these, each with about so much in it; one at least."""
    number = np.cumsum(counts) // most
    cuts = [0, *(np.flatnonzero(np.diff(number)) + 1).tolist(), len(counts)]
    for first, last in pairwise(cuts):
        yield slice(first, last)
