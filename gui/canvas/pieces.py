"""Of each wire the piece that lies in a rectangle: to draw a long one whole for a narrow strip costs much."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath

from gui.canvas.wires import BERNSTEIN, SAMPLES, SLACK, Route, Wire, controls

FLAT = SLACK + 4.0  # as near to the rectangle as something is that is drawn, a casing included
FLATNESS = 700.0  # a curve is nearer to the straight pieces between its samples than its length by this
WHOLE = 16  # pieces of a wire, of which it is drawn whole


class Piece(NamedTuple):
    """A wire, as much of its path as is to be seen, and its row among the spans of the drawing."""

    wire: Wire
    path: QPainterPath
    row: int


def pieces(rect: QRectF, rows: list[int], wires: list[Wire]) -> list[Piece]:
    """Of wires whose bounds touch a rectangle what comes near it; all that lies in it is the same as of the whole."""
    plain = [i for i, wire in enumerate(wires) if type(wire.route) is Route]
    paths: list[QPainterPath | None] = [None if type(wire.route) is Route else wire.route.path for wire in wires]
    if plain:
        for i, path in zip(plain, _paths(rect, [wires[i].route for i in plain]), strict=True):
            paths[i] = path
    found = zip(wires, paths, rows, strict=True)
    return [Piece(wire, path, row) for wire, path, row in found if path is not None]


def _paths(rect: QRectF, routes: list[Route]) -> list[QPainterPath | None]:
    """What is to be drawn of plain curves, None of those that stay away from the rectangle."""
    ends = np.array([(*route.start, *route.end) for route in routes])
    points = controls(ends, np.array([route.run for route in routes]))
    courses = np.concatenate((ends[:, None, :2], BERNSTEIN @ points), axis=1)
    low, high = np.minimum(courses[:, :-1], courses[:, 1:]), np.maximum(courses[:, :-1], courses[:, 1:])
    room = (FLAT + np.abs(ends[:, 2:] - ends[:, :2]).max(1) / FLATNESS)[:, None]
    near = (low[..., 0] < rect.right() + room) & (high[..., 0] > rect.left() - room)
    near &= (low[..., 1] < rect.bottom() + room) & (high[..., 1] > rect.top() - room)
    first, last = near.argmax(1), SAMPLES - near[:, ::-1].argmax(1)
    parts = _parts(points, (first - 1) / SAMPLES, last / SAMPLES).tolist()
    whole = ((first == 0) | (last - first >= WHOLE)).tolist()
    found = zip(routes, near.any(1).tolist(), whole, parts, strict=True)
    return [
        None if not is_near else route.path if is_whole else _cubic(part) for route, is_near, is_whole, part in found
    ]


def _parts(points: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Cubics from one share of each to another, shape (N, 4, 2): the same curves, with points of their own."""
    result = np.empty_like(points)
    for i in range(4):
        left = points
        for share in (*(a,) * (3 - i), *(b,) * i):
            by = share[:, None, None]
            left = left[:, :-1] * (1 - by) + left[:, 1:] * by
        result[:, i] = left[:, 0]
    return result


def _cubic(points: list[list[float]]) -> QPainterPath:
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = points
    path = QPainterPath(QPointF(x0, y0))
    path.cubicTo(x1, y1, x2, y2, x3, y3)
    return path
