"""Normalisation: a cube of samples, channels and places, with the numbers that are brought to one scale together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from engine.layers.base import Layer
from gui.diagrams.base import Diagram, Known, caption, ground, solid, text
from gui.diagrams.options import number
from gui.theme import mix, theme

COUNT = 4  # cells along each side of the cube
SIDE = 19.0
SLANT = (0.5, -0.42)  # where the axis into the depth goes, for each cell
Member = Callable[[int, int, int], bool]


@dataclass(frozen=True)
class Cube(Diagram):
    """Columns are samples, depth is channels, rows are places; `members` are normalised as one."""

    members: frozenset[tuple[int, int, int]] = frozenset()
    caption: str = ""
    places: str = "places"

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        rect = caption(painter, rect, self.caption)
        wide = SIDE * COUNT * (1 + SLANT[0])
        high = SIDE * COUNT * (1 - SLANT[1])
        origin = QPointF(rect.center().x() - wide / 2, rect.center().y() + high / 2 - SIDE * COUNT)
        for channel in reversed(range(COUNT)):
            for place in reversed(range(COUNT)):
                for sample in range(COUNT):
                    if self._is_seen(sample, channel, place):
                        self._block(painter, origin, sample, channel, place)
        self._names(painter, origin)

    def _is_seen(self, sample: int, channel: int, place: int) -> bool:
        return channel == 0 or place == 0 or sample == COUNT - 1

    def _block(self, painter: QPainter, origin: QPointF, sample: int, channel: int, place: int) -> None:
        chosen = (sample, channel, place) in self.members
        colour = solid(self.category) if chosen else ground()
        front = _corner(origin, sample, channel, place)
        across, down = QPointF(SIDE, 0), QPointF(0, SIDE)
        deep = QPointF(SIDE * SLANT[0], SIDE * SLANT[1])
        faces = (
            (0.0, (front, front + across, front + across + down, front + down)),
            (0.18, (front, front + deep, front + deep + across, front + across)),
            (0.34, (front + across, front + across + deep, front + across + deep + down, front + across + down)),
        )
        for shade, corners in faces:
            painter.setPen(QPen(theme().bg.field, 1.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.setBrush(mix(theme().bg.field, colour, shade))
            painter.drawPolygon(QPolygonF(list(corners)))

    def _names(self, painter: QPainter, origin: QPointF) -> None:
        corner = _corner(origin, 0, 0, 0)
        size = SIDE * COUNT
        text(painter, QRectF(corner.x(), corner.y() + size + 1, size, 14), "samples")
        middle = corner.y() + size / 2 - 7
        align = Qt.AlignmentFlag.AlignRight
        text(painter, QRectF(corner.x() - 84, middle, 78, 14), self.places, align=align)
        edge = _corner(origin, COUNT, 0, COUNT)
        where = QRectF(edge.x() + size * SLANT[0] / 2 + 10, edge.y() + size * SLANT[1] / 2 - 4, 84, 14)
        text(painter, where, "channels", align=Qt.AlignmentFlag.AlignLeft)


def _corner(origin: QPointF, sample: int, channel: int, place: int) -> QPointF:
    return origin + QPointF(
        SIDE * (sample + channel * SLANT[0]),
        SIDE * (place + channel * SLANT[1]),
    )


def _set(member: Member) -> frozenset[tuple[int, int, int]]:
    every = range(COUNT)
    return frozenset((s, c, p) for s in every for c in every for p in every if member(s, c, p))


def axes_diagram(layer: Layer, known: Known) -> Diagram | None:
    """For every layer that normalises, told by its name and options."""
    if layer.category != "normalisation":
        return None
    key, last = type(layer).key, COUNT - 1
    members, said = _set(lambda s, c, p: s == last), "each sample by itself"
    if "BatchNorm" in key:
        members, said = _set(lambda s, c, p: c == 0), "each channel, over all samples and places"
    elif "InstanceNorm" in key:
        members, said = _set(lambda s, c, p: c == 0 and s == last), "each channel of each sample by itself"
    elif "num_groups" in layer.params:
        each = max(1, COUNT // 2)
        members = _set(lambda s, c, p: s == last and c < each)
        said = f"{number(layer, 'num_groups', 2):g} groups of channels, each sample by itself"
    elif "size" in layer.params or "LRN" in key:
        members, said = _set(lambda s, c, p: s == last and p == 0 and c < 3), "each place, over neighbouring channels"
    elif number(layer, "dims", 1) == 1 and "dims" in layer.params:
        members, said = _set(lambda s, c, p: s == last and p == 0), "the features of each sample and step by themselves"
    elif "dim" in layer.params:
        members, said = _set(lambda s, c, p: s == last and p == 0), f"along dimension {number(layer, 'dim', 1):g}"
    words = f"Brought to one scale together: {said}."
    return Cube(layer.category, words, 172.0, members, said, "steps" if "dims" in layer.params else "places")
