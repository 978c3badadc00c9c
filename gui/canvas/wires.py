"""Where wires run: a curve forwards, round corners past nodes and back between their rows, and through points."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath

from engine.graph.graph import Edge
from gui.theme import metrics

Xy = tuple[float, float]
SAMPLES = 24
SLACK = 6.0  # half the widest stroke, and the rounding of a curve
_SHARES = np.linspace(0.0, 1.0, SAMPLES + 1)
BERNSTEIN = np.stack(
    [
        (1 - _SHARES) ** 3,
        3 * (1 - _SHARES) ** 2 * _SHARES,
        3 * (1 - _SHARES) * _SHARES**2,
        _SHARES**3,
    ],
    axis=1,
)
"""Weights of the four points of a cubic at every sample, shape (SAMPLES + 1, 4)."""


class Route:
    """The course of one wire; it never changes, and makes its path when it is first painted. This one simply bends.

    run: how far it goes straight at first, under the chip. corners: the points it goes through, straight or nearly.
    lane: the height of its longest level run, None if it has none.
    """

    __slots__ = ("_path", "_samples", "_x0", "_x1", "_y0", "_y1", "run")

    def __init__(self, start: Xy, end: Xy, run: float = 0.0) -> None:
        (self._x0, self._y0), (self._x1, self._y1) = start, end  # a pair takes as much room as all the rest
        self.run = run
        self._path: QPainterPath | None = None
        self._samples: np.ndarray | None = None

    @property
    def start(self) -> Xy:
        return self._x0, self._y0

    @property
    def end(self) -> Xy:
        return self._x1, self._y1

    @property
    def corners(self) -> tuple[Xy, ...]:
        (x, y), run = self.start, self.run
        return (self.start, (x + run, y), self.end) if run else (self.start, self.end)

    @property
    def lane(self) -> float | None:
        return None

    @property
    def path(self) -> QPainterPath:
        if self._path is None:
            self._path = self._drawn()
        return self._path

    def _drawn(self) -> QPainterPath:
        path = QPainterPath(QPointF(*self.start))
        a, b, c, d = self.bend()
        if self.run:
            path.lineTo(*a)
        path.cubicTo(*b, *c, *d)
        return path

    def bend(self) -> tuple[Xy, Xy, Xy, Xy]:
        """The four points of its cubic, after the straight run."""
        (x0, y0), (x1, y1) = self.start, self.end
        x0 += self.run
        reach = control(x1 - x0)
        return (x0, y0), (x0 + reach, y0), (x1 - reach, y1), (x1, y1)

    def moved(self, dx: float, dy: float) -> Route:
        """The same course elsewhere."""
        (x0, y0), (x1, y1) = self.start, self.end
        result = Route((x0 + dx, y0 + dy), (x1 + dx, y1 + dy), self.run)
        result._path = self._path.translated(dx, dy) if self._path is not None else None
        return result

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom, wide enough for every state it is drawn in."""
        x0, y0, x1, y1 = self._x0, self._y0, self._x1, self._y1
        left, right = (x0, x1) if x0 < x1 else (x1, x0)
        top, bottom = (y0, y1) if y0 < y1 else (y1, y0)
        return left - SLACK, top - SLACK, right + SLACK, bottom + SLACK

    @property
    def rect(self) -> QRectF:
        left, top, right, bottom = self.bounds
        return QRectF(left, top, right - left, bottom - top)

    @property
    def samples(self) -> np.ndarray:
        """Points along it, for finding what is under the pointer and what it goes through."""
        if self._samples is None:
            self._samples = self._sampled()
        return self._samples

    def _sampled(self) -> np.ndarray:
        curve = BERNSTEIN @ np.array(self.bend())
        return np.concatenate((np.array((self.start,)), curve)) if self.run else curve

    def distance(self, x: float, y: float) -> float:
        """From a point to the wire."""
        return self.nearest(x, y)[0]

    def nearest(self, x: float, y: float) -> tuple[float, float]:
        """How far a point is from the wire, and how far along the wire from its start that is."""
        a, b = self.samples[:-1], self.samples[1:]
        along, point = b - a, np.array((x, y))
        squares = (along**2).sum(1)
        share = np.clip(((point - a) * along).sum(1) / np.maximum(squares, 1e-9), 0, 1)
        away = np.sqrt((((a + share[:, None] * along) - point) ** 2).sum(1))
        i = int(away.argmin())
        lengths = np.sqrt(squares)
        return float(away[i]), float(lengths[:i].sum() + lengths[i] * share[i])

    @property
    def middle(self) -> tuple[QPointF, float]:
        """The middle of its longest level run, and that run's length; the middle of the wire and 0 if it only bends."""
        return self.path.pointAtPercent(0.5), 0.0


class Bent(Route):
    """A course of straight pieces with round corners."""

    __slots__ = ("_corners",)

    def __init__(self, corners: Sequence[Xy], run: float = 0.0) -> None:
        super().__init__(corners[0], corners[-1], run)
        self._corners = tuple(corners)

    @property
    def corners(self) -> tuple[Xy, ...]:
        return self._corners

    @property
    def lane(self) -> float | None:
        a, b = self._longest()
        return a[1] if a[1] == b[1] else None

    def moved(self, dx: float, dy: float) -> Route:
        return Bent([(x + dx, y + dy) for x, y in self.corners], self.run)

    def _longest(self) -> tuple[Xy, Xy]:
        """The longest of its level pieces."""
        return max(
            pairwise(self.corners), key=lambda piece: (piece[0][1] == piece[1][1]) * abs(piece[1][0] - piece[0][0])
        )

    def _drawn(self) -> QPainterPath:
        return rounded(self.corners, metrics().wire.corner)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        xs, ys = [p[0] for p in self.corners], [p[1] for p in self.corners]
        return min(xs) - SLACK, min(ys) - SLACK, max(xs) + SLACK, max(ys) + SLACK

    def _sampled(self) -> np.ndarray:
        return np.array(self.corners)

    @property
    def middle(self) -> tuple[QPointF, float]:
        (x0, y0), (x1, y1) = self._longest()
        return QPointF((x0 + x1) / 2, (y0 + y1) / 2), abs(x1 - x0)


class Curved(Route):
    """A curve between two points with a direction at each: one leg of a wire that is led through points."""

    __slots__ = ("_corners", "_ways")

    def __init__(self, start: Xy, end: Xy, run: float, leaving: Xy, arriving: Xy) -> None:
        super().__init__(start, end, run)
        self._ways = leaving, arriving
        self._corners: tuple[Xy, ...] = tuple((float(x), float(y)) for x, y in self.samples[:: SAMPLES // 6])
        if self._corners[-1] != end:
            self._corners += (end,)

    @property
    def corners(self) -> tuple[Xy, ...]:
        return self._corners

    def bend(self) -> tuple[Xy, Xy, Xy, Xy]:
        (x0, y0), (x1, y1) = self.start, self.end
        (ax, ay), (bx, by) = self._ways
        x0 += self.run
        reach = min(control(x1 - x0), max(abs(x1 - x0), abs(y1 - y0)) / 2)
        return (x0, y0), (x0 + ax * reach, y0 + ay * reach), (x1 - bx * reach, y1 - by * reach), (x1, y1)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        left, top = self.samples.min(0).tolist()
        right, bottom = self.samples.max(0).tolist()
        return left - SLACK, top - SLACK, right + SLACK, bottom + SLACK


class Led(Route):
    """A course through points: its legs one after the other."""

    __slots__ = ("legs",)

    def __init__(self, legs: Sequence[Route]) -> None:
        self.legs = tuple(legs)
        super().__init__(legs[0].start, legs[-1].end, legs[0].run)

    @property
    def corners(self) -> tuple[Xy, ...]:
        return (*(p for leg in self.legs for p in leg.corners[:-1]), self.end)

    @property
    def lane(self) -> float | None:
        longest = max(self.legs, key=lambda leg: leg.middle[1])
        return longest.lane

    def _drawn(self) -> QPainterPath:
        path = QPainterPath(self.legs[0].path)
        for leg in self.legs[1:]:
            path.connectPath(leg.path)
        return path

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        parts = np.array([leg.bounds for leg in self.legs])
        left, top = parts[:, :2].min(0).tolist()
        right, bottom = parts[:, 2:].max(0).tolist()
        return left, top, right, bottom

    def _sampled(self) -> np.ndarray:
        return np.concatenate([leg.samples for leg in self.legs])

    @property
    def middle(self) -> tuple[QPointF, float]:
        longest = max((leg.middle for leg in self.legs), key=lambda found: found[1])
        return longest if longest[1] else super().middle


def back(start: Xy, end: Xy, run: float, lane: float, left: float) -> Bent:
    """A course that turns and runs back at a height, as far as `left`, before it enters from the left."""
    (x0, y0), (x1, y1) = start, end
    w = metrics().wire
    right, left = x0 + run + w.back_out, min(left, x1 - w.back_in)
    return Bent((start, (right, y0), (right, lane), (left, lane), (left, y1), end), run)


def draft(start: Xy, end: Xy, own: QRectF, gives: bool) -> QPainterPath:
    """The wire that is being dragged: as wires are drawn, and where it runs back close by the node that it belongs to.

    own: that node. gives: the wire begins at it; else it ends there.
    """
    if not runs_back(start, end):
        return Route(start, end).path
    w = metrics().wire
    y = end[1] if gives else start[1]
    lane = own.top() - w.back_in if y < own.center().y() else own.bottom() + w.back_in
    right, left = start[0] + w.back_out, end[0] - w.back_in
    if own.top() - w.back_in < y < own.bottom() + w.back_in:  # level with the node: round it, not through it
        right, left = max(right, own.right() + w.back_out), min(left, own.left() - w.back_in)
    return rounded((start, (right, start[1]), (right, lane), (left, lane), (left, end[1]), end), w.corner)


def led(start: Xy, end: Xy, run: float, points: Sequence[Xy]) -> list[Curved]:
    """The legs of a wire through points: at each it goes on as it came, to the right where that is its way."""
    knots = [start, *points, end]
    ways: list[Xy] = [(1.0, 0.0)]
    for before, here, after in zip(knots, knots[1:], knots[2:], strict=False):
        if before[0] <= here[0] <= after[0] or before[0] >= here[0] >= after[0]:
            ways.append((1.0 if before[0] <= after[0] else -1.0, 0.0))
        else:
            dx, dy = after[0] - before[0], after[1] - before[1]
            length = max((dx * dx + dy * dy) ** 0.5, 1e-9)
            ways.append((dx / length, dy / length))
    ways.append((1.0, 0.0))
    first = max(0.0, min(run, knots[1][0] - start[0] - metrics().canvas.chip_room))
    return [Curved(a, b, 0.0 if i else first, ways[i], ways[i + 1]) for i, (a, b) in enumerate(pairwise(knots))]


def controls(ends: np.ndarray, runs: np.ndarray) -> np.ndarray:
    """The points of many plain curves at once, shape (N, 4, 2), from where they begin and end, shape (N, 4)."""
    w = metrics().wire
    begin = ends[:, 0] + runs
    reach = np.clip(np.abs(ends[:, 2] - begin) / 2, w.ctrl_min, w.ctrl_max)
    xs = np.stack((begin, begin + reach, ends[:, 2] - reach, ends[:, 2]), axis=1)
    ys = ends[:, [1, 1, 3, 3]]
    return np.stack((xs, ys), axis=2)


def control(dx: float) -> float:
    """The bend of a curve, clamped: unclamped, a long edge blows its bounds up by its own length."""
    w = metrics().wire
    return min(max(abs(dx) / 2, w.ctrl_min), w.ctrl_max)


def runs_back(start: Xy, end: Xy) -> bool:
    """Whether a wire cannot simply bend forwards."""
    return end[0] - start[0] < metrics().wire.ctrl_min


def lane_between(source: QRectF, target: QRectF) -> float:
    """The height at which a wire runs back: between the two nodes where there is room, else below both."""
    gap = metrics().node.gap_y / 2
    if target.top() - source.bottom() >= gap:
        return (target.top() + source.bottom()) / 2 if target.top() - source.bottom() < 2 * gap else target.top() - gap
    if source.top() - target.bottom() >= gap:
        return (source.top() + target.bottom()) / 2
    return max(source.bottom(), target.bottom()) + gap


def free_lane(boxes: np.ndarray, across: Xy, wanted: float, within: Xy) -> float:
    """The height nearest to the wanted one at which a wire runs across without going through a node.

    across: from where to where it runs. within: the heights it may take. Where none is free, the wanted one.
    """
    gap = metrics().node.gap_y / 2
    over = boxes[(boxes[:, 0] < across[1]) & (boxes[:, 2] > across[0])]
    order = np.argsort(over[:, 1])
    tops, bottoms = over[order, 1] - gap / 2, np.maximum.accumulate(over[order, 3]) + gap / 2
    tries = np.concatenate(((wanted,), over[:, 1] - gap, over[:, 3] + gap))
    tries = tries[(tries == wanted) | ((tries >= within[0]) & (tries <= within[1]))]
    above = np.searchsorted(tops, tries)  # how many nodes begin over each of them
    free = tries[(above == 0) | (np.append(-np.inf, bottoms)[above] <= tries)]
    return float(free[np.abs(free - wanted).argmin()]) if len(free) else wanted


def rounded(corners: tuple[Xy, ...], radius: float) -> QPainterPath:
    """A path through the points with its corners rounded."""
    path = QPainterPath(QPointF(*corners[0]))
    for before, here, after in zip(corners, corners[1:], corners[2:], strict=False):
        a, b = _towards(here, before, radius), _towards(here, after, radius)
        path.lineTo(*a)
        path.quadTo(*here, *b)
    path.lineTo(*corners[-1])
    return path


def _towards(here: Xy, there: Xy, distance: float) -> Xy:
    dx, dy = there[0] - here[0], there[1] - here[1]
    length = (dx * dx + dy * dy) ** 0.5
    share = min(distance, length / 2) / length if length else 0.0
    return here[0] + dx * share, here[1] + dy * share


class Wire(NamedTuple):
    """An edge and its course."""

    edge: Edge
    route: Route
