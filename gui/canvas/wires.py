"""Where wires run: a curve forwards, and round corners between the rows of nodes backwards."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QPainterPath

from engine.graph.graph import Edge
from gui.theme import metrics

Xy = tuple[float, float]
SAMPLES = 24
SLACK = 6.0  # half the widest stroke, and the rounding of a curve


class Route:
    """The course of one wire; it never changes, and makes its path when it is first painted.

    run: how far it goes straight at first, under the chip. lane: the height at which it runs back, None if it runs
    forwards. left: how far to the left it goes back.
    """

    __slots__ = ("_path", "_samples", "corners", "end", "lane", "run", "start")

    def __init__(self, start: Xy, end: Xy, run: float = 0.0, lane: float | None = None, left: float = 0.0) -> None:
        self.start, self.end, self.run, self.lane = start, end, run, lane
        self.corners = _corners(start, end, run, lane, left)
        self._path: QPainterPath | None = None
        self._samples: np.ndarray | None = None

    @property
    def path(self) -> QPainterPath:
        if self._path is None:
            self._path = self._curve() if self.lane is None else rounded(self.corners, metrics().wire.corner)
        return self._path

    def _curve(self) -> QPainterPath:
        (x0, y0), (x1, y1) = self.start, self.end
        path = QPainterPath(QPointF(x0, y0))
        x0 += self.run
        if self.run:
            path.lineTo(x0, y0)
        bend = control(x1 - x0)
        path.cubicTo(x0 + bend, y0, x1 - bend, y1, x1, y1)
        return path

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom, wide enough for every state it is drawn in."""
        if self.lane is None:
            (x0, y0), (x1, y1) = self.start, self.end
            left, right = (x0, x1) if x0 < x1 else (x1, x0)
            top, bottom = (y0, y1) if y0 < y1 else (y1, y0)
            return left - SLACK, top - SLACK, right + SLACK, bottom + SLACK
        xs, ys = [p[0] for p in self.corners], [p[1] for p in self.corners]
        return min(xs) - SLACK, min(ys) - SLACK, max(xs) + SLACK, max(ys) + SLACK

    @property
    def rect(self) -> QRectF:
        left, top, right, bottom = self.bounds
        return QRectF(left, top, right - left, bottom - top)

    @property
    def samples(self) -> np.ndarray:
        """Points along it, for finding what is under the pointer."""
        if self._samples is None:
            if self.lane is not None:
                self._samples = np.array(self.corners)
            else:
                points = [self.path.pointAtPercent(i / SAMPLES) for i in range(SAMPLES + 1)]
                self._samples = np.array([(p.x(), p.y()) for p in points])
        return self._samples

    def distance(self, x: float, y: float) -> float:
        """From a point to the wire."""
        a, b = self.samples[:-1], self.samples[1:]
        along, point = b - a, np.array((x, y))
        length = np.maximum((along**2).sum(1), 1e-9)
        share = np.clip(((point - a) * along).sum(1) / length, 0, 1)[:, None]
        return float(np.sqrt((((a + share * along) - point) ** 2).sum(1).min()))

    def lines(self) -> list[QLineF]:
        """Straight pieces, for a look from far away."""
        return [QLineF(*a, *b) for a, b in pairwise(self.corners)]

    @property
    def middle(self) -> tuple[QPointF, float]:
        """The middle of its longest level run, and that run's length."""
        if self.lane is None:
            return self.path.pointAtPercent(0.5), 0.0
        (right, _), (left, _) = self.corners[2], self.corners[3]
        return QPointF((right + left) / 2, self.lane), abs(right - left)


def _corners(start: Xy, end: Xy, run: float, lane: float | None, left: float) -> tuple[Xy, ...]:
    """The points it goes through, straight or nearly."""
    (x0, y0), (x1, y1) = start, end
    if lane is None:
        return (start, (x0 + run, y0), end) if run else (start, end)
    w = metrics().wire
    right, left = x0 + run + w.back_out, min(left, x1 - w.back_in)
    return (start, (right, y0), (right, lane), (left, lane), (left, y1), end)


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
    tops, bottoms = over[:, 1] - gap / 2, over[:, 3] + gap / 2
    if not ((tops < wanted) & (wanted < bottoms)).any():
        return wanted
    tries = np.concatenate((over[:, 1] - gap, over[:, 3] + gap))
    tries = tries[(tries >= within[0]) & (tries <= within[1])]
    for y in tries[np.argsort(np.abs(tries - wanted))].tolist():
        if not ((tops < y) & (y < bottoms)).any():
            return float(y)
    return wanted


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
