"""Where wires run: a curve forwards, and round corners between the rows of nodes backwards."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QPainterPath

from engine.graph.graph import Edge
from gui.theme import metrics

Xy = tuple[float, float]
SAMPLES = 24


@dataclass(frozen=True)
class Route:
    """The course of one wire. `run`: how far it goes straight at first, under the chip. `lane`: the height at which
    it runs back, None if it runs forwards. `left`: how far to the left it goes back."""

    start: Xy
    end: Xy
    run: float = 0.0
    lane: float | None = None
    left: float = 0.0

    @cached_property
    def corners(self) -> tuple[Xy, ...]:
        """The points it goes through, straight or nearly."""
        (x0, y0), (x1, y1) = self.start, self.end
        if self.lane is None:
            return ((x0, y0), (x0 + self.run, y0), (x1, y1)) if self.run else ((x0, y0), (x1, y1))
        w = metrics().wire
        right, left = x0 + self.run + w.back_out, min(self.left, x1 - w.back_in)
        return ((x0, y0), (right, y0), (right, self.lane), (left, self.lane), (left, y1), (x1, y1))

    @cached_property
    def path(self) -> QPainterPath:
        if self.lane is not None:
            return rounded(self.corners, metrics().wire.corner)
        (x0, y0), (x1, y1) = self.start, self.end
        path = QPainterPath(QPointF(x0, y0))
        x0 += self.run
        if self.run:
            path.lineTo(x0, y0)
        bend = control(x1 - x0)
        path.cubicTo(x0 + bend, y0, x1 - bend, y1, x1, y1)
        return path

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom, wide enough for every state it is drawn in."""
        xs, ys = [p[0] for p in self.corners], [p[1] for p in self.corners]
        slack = metrics().wire.ctrl_min if self.lane is None else 0
        return min(xs) - slack, min(ys) - 4, max(xs) + slack, max(ys) + 4

    @property
    def rect(self) -> QRectF:
        left, top, right, bottom = self.bounds
        return QRectF(left, top, right - left, bottom - top)

    @cached_property
    def samples(self) -> np.ndarray:
        """Points along it, for finding what is under the pointer."""
        if self.lane is not None:
            return np.array(self.corners)
        points = [self.path.pointAtPercent(i / SAMPLES) for i in range(SAMPLES + 1)]
        return np.array([(p.x(), p.y()) for p in points])

    def distance(self, x: float, y: float) -> float:
        """From a point to the wire."""
        a, b = self.samples[:-1], self.samples[1:]
        along, point = b - a, np.array((x, y))
        length = np.maximum((along**2).sum(1), 1e-9)
        share = np.clip(((point - a) * along).sum(1) / length, 0, 1)[:, None]
        return float(np.sqrt((((a + share * along) - point) ** 2).sum(1).min()))

    @cached_property
    def lines(self) -> tuple[QLineF, ...]:
        """Straight pieces, for a look from far away."""
        corners = self.corners
        return tuple(QLineF(*a, *b) for a, b in pairwise(corners))

    @property
    def middle(self) -> tuple[QPointF, float]:
        """The middle of its longest level run, and that run's length."""
        if self.lane is None:
            return self.path.pointAtPercent(0.5), 0.0
        (right, _), (left, _) = self.corners[2], self.corners[3]
        return QPointF((right + left) / 2, self.lane), abs(right - left)


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


@dataclass(frozen=True)
class Wire:
    """An edge and its course."""

    edge: Edge
    route: Route
