"""Many wires as one path of straight pieces, for a look from far away: made with numpy, drawn in one call."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QByteArray, QDataStream
from PySide6.QtGui import QPainterPath

from gui.canvas.wires import BERNSTEIN, SAMPLES, Route, controls
from gui.theme import metrics

_ROWS: np.ndarray = np.append(np.arange(0, SAMPLES, SAMPLES // 6), SAMPLES)
_ELEMENT = np.dtype([("kind", ">i4"), ("x", ">f8"), ("y", ">f8")])
_MOVE, _LINE = 0, 1


class Strokes:
    """The straight pieces of many courses as one table, of which those of any are made a path at once.

    Those of a long curve stay as near to it as it is drawn nearby.
    """

    def __init__(self, routes: Sequence[Route]) -> None:
        is_plain: np.ndarray = np.array([type(r) is Route for r in routes], bool)
        ends = np.array([(*r.start, *r.end, r.run) for r in routes if type(r) is Route], float).reshape(-1, 5)
        bent = [r.corners for r in routes if type(r) is not Route]
        ends, runs = ends[:, :4], ends[:, 4]
        long = (ends[:, 2] - ends[:, 0] > metrics().node.width_max) & (ends[:, 1] != ends[:, 3])
        curves = np.concatenate((ends[long, None, :2], BERNSTEIN[_ROWS] @ controls(ends[long], runs[long])), axis=1)
        short = ends[~long][:, [0, 1, 0, 1, 2, 3]]
        short[:, 2] += runs[~long]
        parts = curves.reshape(-1, 2), short.reshape(-1, 2), np.array([xy for corners in bent for xy in corners])
        self._points = np.concatenate([part.reshape(-1, 2) for part in parts])
        lengths = [curves.shape[1]] * len(curves) + [3] * len(short) + [len(corners) for corners in bent]
        plain = np.flatnonzero(is_plain)
        order = np.concatenate((plain[long], plain[~long], np.flatnonzero(~is_plain)))
        self._counts: np.ndarray = np.zeros(len(routes), np.int64)
        self._counts[order] = lengths
        self._firsts: np.ndarray = np.zeros(len(routes), np.int64)
        self._firsts[order] = np.cumsum(self._counts[order]) - self._counts[order]

    def path(self, rows: np.ndarray) -> QPainterPath:
        """Of those courses that have these numbers."""
        counts = self._counts[rows]
        firsts = np.cumsum(counts) - counts
        points: np.ndarray = np.repeat(self._firsts[rows] - firsts, counts)
        return path_of(self._points[points + np.arange(len(points))], firsts)


def strokes(routes: Sequence[Route]) -> QPainterPath:
    """The straight pieces of all these courses."""
    return Strokes(routes).path(np.arange(len(routes)))


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
