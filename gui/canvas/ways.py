"""How wires get past what stands between their ends: along a lane close by, together where they can, else anyhow."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from engine.graph.graph import Edge
from gui.canvas.lanes import MARGIN, TRACK, TURN, Tracks, joined, lane, reaches
from gui.canvas.maze import MOST_BOXES, finding
from gui.canvas.obstacles import CLEAR, Obstacles
from gui.canvas.steps import Steps, parts
from gui.theme import metrics

Xy = tuple[float, float]
Corners = tuple[Xy, ...]
TIGHT = 12.0  # the shortest straight piece at a port where there is little room
FAR_ASIDE = 2000.0  # lanes further up or down than this are not looked for
MAZE_ASIDE = 240.0


PATIENCE = 2000.0  # about as many milliseconds as are given to ways that are hard to find,
PATIENCE_EACH = 1.5  # and as many more for every wire
_LANE_COSTS, _MAZE_COSTS = 0.3, 4e-4  # a search for a lane; one in a maze, for every pair of its boxes


class Patience:
    """How much is still done for ways that are hard to find. Where layers lie in heaps, it comes to an end.

    It is counted, not measured, so that the same network has the same courses on every machine.
    """

    def __init__(self, wires: int) -> None:
        self._left = PATIENCE + PATIENCE_EACH * wires

    @property
    def is_over(self) -> bool:
        return self._left <= 0

    def take(self, cost: float) -> None:
        self._left -= cost


class Leg(NamedTuple):
    """A wire, or a piece of one, that is to get from one place to another.

    run: how far it should go straight at first. own: the boxes at its ends, -1 where it has none there.
    """

    edge: Edge
    start: Xy
    end: Xy
    run: float
    own: tuple[int, int]

    @property
    def owner(self) -> Hashable:
        return self.edge.source, self.edge.source_port


class Ways:
    """Finds ways between boxes. without: boxes that are not there for now."""

    def __init__(
        self, obstacles: Obstacles, tracks: Tracks, without: np.ndarray | None, patience: Patience | None = None
    ) -> None:
        self._obstacles, self._tracks, self._without = obstacles, tracks, without
        self._patience = patience or Patience(1)

    def shut(self, legs: Sequence[Leg]) -> Steps[np.ndarray]:
        """Which legs begin or end under a box that is not theirs, as in a heap: no way is free of it, shape (N,)."""
        points = np.array([end for leg in legs for end in (leg.start, leg.end)]).reshape(-1, 2)
        own = np.repeat(np.array([leg.own for leg in legs], np.int64).reshape(-1, 2), 2, axis=0)
        which, box = yield from self._obstacles.nearing(np.concatenate((points - CLEAR, points + CLEAR), axis=1))
        foreign = (box != own[which, 0]) & (box != own[which, 1])
        if self._without is not None:
            foreign &= ~self._without[box]
        result: np.ndarray = np.zeros(len(legs), bool)
        result[which[foreign] // 2] = True
        return result

    def past(self, legs: Sequence[Leg]) -> Steps[list[Corners | None]]:
        """A way for each leg by itself, None where nothing leads there; shorter ones first, so that they lie inside."""
        result: list[Corners | None] = [None] * len(legs)
        second: dict[int, Corners] = {}
        heights = yield from self._heights(legs)
        order = sorted(range(len(legs)), key=lambda i: legs[i].end[0] - legs[i].start[0])
        for kind in range(4):
            for left in parts([i for i in order if result[i] is None]):
                courses, fits = yield from self._tries([legs[i] for i in left], heights[left], kind)
                for row, i in enumerate(left):
                    result[i] = self._first_free(courses[row][fits[row]], legs[i].owner, second, i)
                yield
        for i in order:
            if result[i] is None and (found := (yield from self._alone(legs[i])) or second.get(i)) is not None:
                result[i] = found
                self._tracks.add(found, legs[i].owner)
                yield
        return result

    def _first_free(self, courses: np.ndarray, owner: Hashable, second: dict[int, Corners], i: int) -> Corners | None:
        """The first course on which nobody else runs, which is then taken; else the first is remembered."""
        for course in courses.tolist():
            corners = joined(map(tuple, course))
            if self._is_free(corners, owner):
                self._tracks.add(corners, owner)
                return corners
            second.setdefault(i, corners)
        return None

    def _heights(self, legs: Sequence[Leg]) -> Steps[np.ndarray]:
        """Lanes that one would try first, the nearest first: level with an end, or over or under what is in the way.

        Returns: shape (legs, 6).
        """
        ends, own = np.array([(*leg.start, *leg.end) for leg in legs]), np.array([leg.own for leg in legs])
        ends, own = ends.reshape(-1, 4), own.reshape(-1, 2)
        low, high = ends[:, [1, 3]].min(1), ends[:, [1, 3]].max(1)
        bounds = np.stack((ends[:, 0], low - MARGIN, ends[:, 2], high + MARGIN), axis=1)
        which, box = yield from self._obstacles.nearing(bounds)
        foreign = (box != own[which, 0]) & (box != own[which, 1])
        if self._without is not None:
            foreign &= ~self._without[box]
        above, below = low.copy(), high.copy()
        np.minimum.at(above, which[foreign], self._obstacles.boxes[box[foreign], 1] - MARGIN)
        np.maximum.at(below, which[foreign], self._obstacles.boxes[box[foreign], 3] + MARGIN)
        lanes = np.stack((ends[:, 1], ends[:, 3], above, below, above - TRACK, below + TRACK), axis=1)
        cost = np.abs(lanes - ends[:, 1:2]) + np.abs(lanes - ends[:, 3:4]) + np.array((0, 0, 1, 1, 1, 1)) * TURN
        return np.take_along_axis(lanes, np.argsort(cost, axis=1, kind="stable"), axis=1)

    def _tries(self, legs: Sequence[Leg], heights: np.ndarray, kind: int) -> Steps[tuple[np.ndarray, np.ndarray]]:
        """Courses along these lanes, shape (legs, lanes, 6, 2), and which of them go through nothing."""
        own = np.array([leg.own for leg in legs])
        stubs = [(leg, self._stubs(leg)[kind]) for leg in legs]
        xs = np.array(
            [(x0, x0 + out, x0 + out, x1 - into, x1 - into, x1) for ((_, (x0, _), (x1, _), _, _), (out, into)) in stubs]
        )
        ys = np.array([(leg.start[1], leg.end[1]) for leg in legs])
        lanes = heights.shape[1]
        courses = np.empty((len(legs), lanes, 6, 2))
        courses[..., 0] = xs[:, None]
        courses[..., :2, 1], courses[..., 4:, 1] = ys[:, None, :1], ys[:, None, 1:]
        courses[..., 2:4, 1] = heights[..., None]
        flat, ends = courses.reshape(-1, 6, 2), np.repeat(own, lanes, axis=0)
        bad = yield from self._obstacles.crossing(flat[:, 2:4], ends, self._without)  # most are barred there
        left = np.flatnonzero(~bad)
        bad[left] = yield from self._obstacles.crossing(flat[left], ends[left], self._without)
        return courses, ~bad.reshape(-1, lanes) & (xs[:, 1] <= xs[:, 3])[:, None]

    def _stubs(self, leg: Leg) -> tuple[tuple[float, float], ...]:
        """How far from its ends a wire may turn, the more generous first."""
        w = metrics().wire
        generous, into = leg.run + w.back_out, float(w.back_in)
        return (generous, into), (leg.run + TIGHT, into), (float(w.back_out), into), (TIGHT, TIGHT)

    def _course(self, leg: Leg, out: float, y: float, into: float) -> Corners:
        (_, y0), (_, y1) = leg.start, leg.end
        return joined((leg.start, (out, y0), (out, y), (into, y), (into, y1), leg.end))

    def _is_free(self, corners: Corners, owner: Hashable) -> bool:
        """Whether no wire of another output runs where this one turns; its ends at the ports are its own."""
        for (x0, y0), (x1, y1) in pairwise(corners[1:-1]):
            if not self._tracks.is_free(*((0, y0, x0, x1) if y0 == y1 else (1, x0, y0, y1)), owner):
                return False
        return True

    def together(self, legs: Sequence[Leg]) -> Steps[list[Corners | None]]:
        """Ways for legs of one output along one lane, or along one for each half of them, and so on."""
        if len(legs) == 1:
            return (yield from self.past(legs))
        if (bundle := (yield from self._bundle(legs))) is not None:
            for course in bundle:
                self._tracks.add(course, legs[0].owner)
            return list(bundle)
        order = sorted(range(len(legs)), key=lambda i: legs[i].end[1])
        result: list[Corners | None] = [None] * len(legs)
        for part in (order[: len(order) // 2], order[len(order) // 2 :]):
            found = yield from self.together([legs[i] for i in part])
            for i, corners in zip(part, found, strict=True):
                result[i] = corners
        return result

    def _bundle(self, legs: Sequence[Leg]) -> Steps[list[Corners] | None]:
        """Courses of these legs along the best lane, None if there is none."""
        (x0, y0), owner = legs[0].start, legs[0].owner
        right = max(leg.end[0] for leg in legs)
        ys = [y0, *(leg.end[1] for leg in legs)]
        found = self._obstacles.within(x0, min(ys) - FAR_ASIDE, right, max(ys) + FAR_ASIDE)
        if self._without is not None:
            found = found[~self._without[found]]
        boxes = self._obstacles.boxes[found]
        own = np.array([leg.own for leg in legs])
        for out, into in () if self._patience.is_over else dict.fromkeys(self._stubs(legs[0])):
            ends = [(leg.end[0] - into, leg.end[1]) for leg in legs]
            room = reaches(boxes, ends)
            for aside in (0.0, TRACK, 2 * TRACK, 3 * TRACK):
                x = x0 + out + aside
                if room is None or x > min(end[0] for end in ends):
                    break
                y = lane(boxes, (x, y0), ends, room, self._tracks, owner)
                self._patience.take(_LANE_COSTS)
                yield
                if y is None or not self._tracks.is_free(1, x, y0, y, owner):
                    continue
                corners = [self._branch(leg, x, y, end[0]) for leg, end in zip(legs, ends, strict=True)]
                padded = np.array([(*c, *((c[-1],) * (6 - len(c)))) for c in corners])
                if not (yield from self._obstacles.crossing(padded, own, self._without)).any():
                    return corners
        return None

    def _branch(self, leg: Leg, out: float, y: float, into: float) -> Corners:
        """The course that leaves the lane before its target, aside of those of other outputs where there is room."""
        for aside in (0.0, TRACK, 2 * TRACK):
            if into - aside >= out and self._tracks.is_free(1, into - aside, y, leg.end[1], leg.owner):
                return self._course(leg, out, y, into - aside)
        return self._course(leg, out, y, into)

    def _alone(self, leg: Leg) -> Steps[Corners | None]:
        """A way for one leg, by the lane that is nearest and free, else through the maze."""
        bundle = (yield from self._bundle([leg])) if leg.end[0] > leg.start[0] else None
        return bundle[0] if bundle is not None else (yield from self.through(leg))

    def through(self, leg: Leg, leaves: bool = True, arrives: bool = True) -> Steps[Corners | None]:
        """Any way at all, however it winds. leaves, arrives: it begins at an output, it ends at an input.

        None while something is dragged: a search at every step would hold up the hand. It is made when that is let go.
        """
        if self._without is not None or self._patience.is_over or (yield from self.shut([leg]))[0]:
            return None
        w = metrics().wire
        stubs = ((leg.run + w.back_out, float(w.back_in)), (float(w.back_out), float(w.back_in)), (TIGHT, TIGHT))
        for out, into in stubs if leaves or arrives else ((0.0, 0.0),):
            begin = (leg.start[0] + out * leaves, leg.start[1])
            end = (leg.end[0] - into * arrives, leg.end[1])
            for aside in (MAZE_ASIDE, 4 * MAZE_ASIDE):
                boxes = self._around(begin, end, aside)
                if len(boxes) > MOST_BOXES:
                    break
                found = yield from finding(boxes, begin, end, leaves, arrives)
                self._patience.take(_MAZE_COSTS * len(boxes) ** 2)
                if found is None:
                    break  # what a few nodes shut is shut by more of them as well
                corners = joined((leg.start, *found, leg.end))
                if not self._obstacles.crossed(np.array((corners,)), np.array((leg.own,)), self._without).any():
                    return corners
                yield
        return None

    def _around(self, begin: Xy, end: Xy, aside: float) -> np.ndarray:
        left, right = min(begin[0], end[0]), max(begin[0], end[0])
        top, bottom = min(begin[1], end[1]), max(begin[1], end[1])
        found = self._obstacles.within(left - aside, top - aside, right + aside, bottom + aside)
        if self._without is not None:
            found = found[~self._without[found]]
        return self._obstacles.boxes[found]


def straight(leg: Leg) -> float:
    """How far a wire that simply bends goes straight at first: under its chip, as far as its curve leaves room."""
    c, (x0, y0), (x1, y1) = metrics().canvas, leg.start, leg.end
    bend = min(max(c.chip_room, abs(y1 - y0) / 2), c.bend_room)
    return max(0.0, min(leg.run, x1 - x0 - bend))
