"""Nodes as pictures of themselves: one that looks as before is but copied."""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import Protocol

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPixmap, QTransform

from engine.graph.graph import NodeId
from gui.canvas.drawing import Drawing
from gui.canvas.look import Look, Marks
from gui.canvas.placed import Xy
from gui.theme import metrics, theme

MOST_STAMPS = 320


class Painted(Protocol):
    """What paints the nodes of a drawing."""

    drawing: Drawing
    marks: Marks

    def look(self, node: NodeId) -> Look: ...

    def paint_face(self, painter: QPainter, node: NodeId, zoom: float, kind: str) -> None: ...


class Stamps:
    """Nodes on whole pixels, as pictures of themselves that are kept while they look the same: then one is but copied.

    While the zoom changes from one frame to the next nothing is kept, since every picture would serve once only.
    """

    def __init__(self) -> None:
        self._zoom = 0.0
        self._keeps = False
        self._kept: OrderedDict[NodeId, tuple[tuple[object, ...], QPixmap]] = OrderedDict()

    def begin(self, zoom: float) -> None:
        """A part is painted: pictures serve if the one before had the same zoom."""
        self._keeps, self._zoom = zoom == self._zoom, zoom
        if not self._keeps:
            self._kept.clear()

    def paint(self, painter: QPainter, picture: Painted, node: NodeId, zoom: float, kind: str) -> None:
        """A node at its place."""
        painter.save()
        corner = stand(painter, picture.drawing.at[node])
        if self._keeps:
            margin = math.ceil(metrics().canvas.shadow_margin * max(1.0, zoom))
            stamp = self._stamp(picture, node, zoom, kind, painter.device().devicePixelRatio(), margin)
            painter.resetTransform()
            painter.drawPixmap(corner - QPointF(margin, margin), stamp)
        else:
            picture.paint_face(painter, node, zoom, kind)
        painter.restore()

    def _stamp(self, picture: Painted, node: NodeId, zoom: float, kind: str, ratio: float, margin: int) -> QPixmap:
        face, marks = picture.drawing.faces[node], picture.marks
        spots = (*face.inlets, *face.outlets) if kind == "full" else ()
        ports = tuple(marks.port((node, spot.side, spot.port.name)) for spot in spots)
        key = (face, picture.look(node), ports, ratio, theme())
        kept = self._kept.get(node)
        if kept is not None and kept[0][0] is face and kept[0][1:] == key[1:]:
            self._kept.move_to_end(node)
            return kept[1]
        wide, high = face.width * zoom + 2 * margin, face.height * zoom + 2 * margin
        stamp = QPixmap(math.ceil(wide * ratio), math.ceil(high * ratio))
        stamp.setDevicePixelRatio(ratio)
        stamp.fill(Qt.GlobalColor.transparent)
        painter = QPainter(stamp)
        painter.translate(margin, margin)
        painter.scale(zoom, zoom)
        picture.paint_face(painter, node, zoom, kind)
        painter.end()
        self._kept[node] = key, stamp
        while len(self._kept) > MOST_STAMPS:
            self._kept.popitem(last=False)
        return stamp


def stand(painter: QPainter, at: Xy) -> QPointF:
    """Let the painter begin at a place, but on a whole pixel of the screen. Returns: where that is on the device."""
    ratio, view = painter.device().devicePixelRatio(), painter.worldTransform()
    corner = view.map(QPointF(*at))
    x, y = math.floor(corner.x() * ratio + 0.5) / ratio, math.floor(corner.y() * ratio + 0.5) / ratio
    painter.setWorldTransform(QTransform(view.m11(), 0, 0, view.m22(), x, y))
    return QPointF(x, y)
