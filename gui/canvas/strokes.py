"""Many wires as one path of straight pieces, for a look from far away: made with numpy, drawn in one call."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QByteArray, QDataStream
from PySide6.QtGui import QPainterPath

from gui.canvas.wires import BERNSTEIN, SAMPLES, Route, Xy, controls
from gui.theme import metrics

STEP = SAMPLES // 6
_ELEMENT = np.dtype([("kind", ">i4"), ("x", ">f8"), ("y", ">f8")])
_MOVE, _LINE = 0, 1


def strokes(routes: Sequence[Route]) -> QPainterPath:
    """The straight pieces of all these courses; those of a long curve stay as near to it as it is drawn nearby."""
    curves = [r for r in routes if type(r) is Route and is_long(r.start, r.end)]
    bent = [r.corners for r in routes if type(r) is not Route or not is_long(r.start, r.end)]
    ends = np.array([(*r.start, *r.end) for r in curves]).reshape(-1, 4)
    rows: np.ndarray = np.append(np.arange(0, SAMPLES, STEP), SAMPLES)
    points = BERNSTEIN[rows] @ controls(ends, np.array([r.run for r in curves]))
    points = np.concatenate((ends[:, None, :2], points), axis=1)
    firsts = np.arange(len(curves)) * points.shape[1]
    lengths = np.array([len(corners) for corners in bent], np.int64)
    more = np.array([xy for corners in bent for xy in corners]).reshape(-1, 2)
    begins = points.shape[0] * points.shape[1] + np.cumsum(lengths) - lengths
    return path_of(np.concatenate((points.reshape(-1, 2), more)), np.concatenate((firsts, begins)))


def is_long(start: Xy, end: Xy) -> bool:
    """Whether a curve is more from far away than a straight line."""
    return end[0] - start[0] > metrics().node.width_max and start[1] != end[1]


def path_of(points: np.ndarray, firsts: np.ndarray) -> QPainterPath:
    """A path through points, shape (N, 2), lifted before each whose number is among `firsts`.

    Qt reads it as if from a file: a call for each point would cost a hundred times as much.
    """
    path = QPainterPath()
    if not len(points):
        return path
    elements: np.ndarray = np.empty(len(points), _ELEMENT)
    elements["kind"], elements["x"], elements["y"] = _LINE, points[:, 0], points[:, 1]
    elements["kind"][firsts] = _MOVE
    head, tail = (
        np.array([len(points)], ">i4"),
        np.array([firsts[-1], 1], ">i4"),
    )  # the last piece's begin; winding
    stream = QDataStream(QByteArray(head.tobytes() + elements.tobytes() + tail.tobytes()))
    stream >> path
    return path
