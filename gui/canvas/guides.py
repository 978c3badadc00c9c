"""Lines that show what a dragged layer is level with, and the last few pixels that bring it there."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QPainter, QPen

from engine.document.project import Frame
from gui.canvas.along import Load, carried
from gui.canvas.placed import Xy
from gui.canvas.stage import Stage
from gui.theme import metrics, theme

MIDDLE = 1
SAME = 0.5  # scene units within which two edges count as level
Box = tuple[float, float, float, float]


class Guides:
    """Holds what is dragged against the layers on screen that stay: left, middle and right edges, and upper, middle and
    lower ones. Edges are compared with edges of their own kind, so that few lines appear, and those mean something."""

    def __init__(self, stage: Stage, moved: Load) -> None:
        """moved: what is dragged; layers in a frame that is dragged have no edges of their own. Points of wires
        alone are held against other points and the ends of their wires as well."""
        boxes, row = stage.drawing.boxes()[1], stage.drawing.place_of
        frames = list(moved.frames.values())
        stays: np.ndarray = np.ones(len(boxes), bool)
        stays[[row(node) for node in moved.nodes]] = False
        own = ~stays
        own[[row(node) for frame in frames for node in carried(stage.drawing, frame).nodes]] = False
        mine = np.concatenate((boxes[own], np.array([(f.x, f.y, *_end(f)) for f in frames]).reshape(-1, 4)))
        others = boxes[stays]
        if not len(mine):
            mine = np.array([(x, y, x, y) for x, y in moved.points.values()])
            others = np.concatenate((others, _knots(stage, moved)))
        self._box: Box = (*mine[:, :2].min(0).tolist(), *mine[:, 2:].max(0).tolist())
        left, top, right, bottom = self._box
        beside = [
            (f.x, f.y, *_end(f))
            for f in stage.drawing.frames
            if f.id not in moved.frames
            and not (f.x < right and f.y < bottom and _end(f)[0] > left and _end(f)[1] > top)
        ]
        self._stage, self._others = stage, np.concatenate((others, np.array(beside).reshape(-1, 4)))
        self.lines: tuple[QLineF, ...] = ()

    def place(self, away: Xy, otherwise: Xy) -> Xy:
        """How far the layers go: to what they are nearly level with, else as far as the grid says, each way by itself.

        away: how far the pointer has gone. otherwise: the same on the grid.
        """
        if self._stage.zoom < metrics().lod.compact:  # where layers are but coloured blocks nothing is placed finely
            return otherwise
        others = self._seen()
        reach = metrics().canvas.guide_reach / self._stage.zoom
        found = [self._nearest(others, axis, away[axis], reach) for axis in (0, 1)]
        x, y = (there if there is not None else otherwise[axis] for axis, there in enumerate(found))
        self._show((*self._lines(others, 0, x, y), *self._lines(others, 1, x, y)))
        return x, y

    def clear(self) -> None:
        """Nothing is level with anything any more."""
        self._show(())

    def _seen(self) -> np.ndarray:
        """The boxes of the others on screen, shape (N, 4)."""
        part, boxes = self._stage.surface.visible(), self._others
        across = (boxes[:, 0] <= part.right()) & (boxes[:, 2] >= part.left())
        return boxes[across & (boxes[:, 1] <= part.bottom()) & (boxes[:, 3] >= part.top())]

    def _nearest(self, others: np.ndarray, axis: int, away: float, reach: float) -> float | None:
        """How far it is along this axis to what is nearly level; None where nothing is."""
        if not len(others):
            return None
        to = _edges(others, axis) - _edges(np.array([self._box]), axis)
        best = float(to.flat[np.abs(to - away).argmin()])
        return best if abs(best - away) <= reach else None

    def _lines(self, others: np.ndarray, axis: int, x: float, y: float) -> list[QLineF]:
        """From each edge that is level to the nearest layer that has the same."""
        left, top, right, bottom = self._box
        here = np.array([[left + x, top + y, right + x, bottom + y]])
        mine, theirs = _edges(here, axis)[0], _edges(others, axis)
        start, end = (1, 3) if axis == 0 else (0, 2)
        gaps = np.maximum(others[:, start] - here[0, end], here[0, start] - others[:, end])
        lines = []
        for edge in range(3):
            level = np.flatnonzero(np.abs(theirs[:, edge] - mine[edge]) < SAME)
            if len(level):
                other = others[level[gaps[level].argmin()]]
                a, b = min(here[0, start], other[start]), max(here[0, end], other[end])
                at = float(mine[edge])
                if edge == MIDDLE:  # between the two, not across what they say
                    a, b = min(here[0, end], other[end]), max(here[0, start], other[start])
                    if a >= b:
                        continue
                lines.append(QLineF(at, a, at, b) if axis == 0 else QLineF(a, at, b, at))
        return lines

    def _show(self, lines: tuple[QLineF, ...]) -> None:
        before, self.lines = self.lines, lines
        room = 2 / self._stage.zoom
        for line in (*before, *lines) if before != lines else ():
            rect = QRectF(line.p1(), line.p2()).normalized()
            self._stage.scene.redraw_gesture(rect.adjusted(-room, -room, room, room))

    def paint(self, painter: QPainter) -> None:
        """The lines, as thin at every zoom."""
        pen = QPen(theme().accent.base, metrics().line.border)
        pen.setCosmetic(True)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)  # one pixel, not two faint ones
        painter.setPen(pen)
        painter.drawLines(list(self.lines))


def _knots(stage: Stage, moved: Load) -> np.ndarray:
    """The points that stay and the ports at the ends of the wires that move, as boxes without a size."""
    drawing = stage.drawing
    wires = {edge for r in drawing.reroutes if r.id in moved.points for edge in r.wires if edge in drawing.wires}
    knots = [(r.x, r.y) for r in drawing.reroutes if r.id not in moved.points]
    knots += [end for edge in wires for end in drawing.ends(edge)]
    return np.array([(x, y, x, y) for x, y in knots]).reshape(-1, 4)


def _end(frame: Frame) -> Xy:
    return frame.x + frame.width, frame.y + frame.height


def _edges(boxes: np.ndarray, axis: int) -> np.ndarray:
    """Left, middle and right, or top, middle and bottom. Shape (N, 3)."""
    low, high = boxes[:, axis], boxes[:, axis + 2]
    return np.stack((low, (low + high) / 2, high), axis=1)
