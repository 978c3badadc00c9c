"""What is in the hand, painted once as it was taken up, and shown where it is now over all that stays."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QTransform

from gui.canvas.carry import Carry, Part
from gui.canvas.detail import reach
from gui.canvas.drawing import Drawing
from gui.canvas.sheet import Sheet
from gui.theme import metrics


class Painted(Protocol):
    """A picture of a drawing."""

    drawing: Drawing

    def paint_part(self, painter: QPainter, rect: QRectF, zoom: float, part: Part) -> None: ...


class Hand:
    """The nodes and wires of a carry. The wires between them and what stays are drawn anew at each step."""

    def __init__(self, picture: Painted, carry: Carry) -> None:
        self._picture, self.carry = picture, carry
        self._sheet = Sheet(self._paint, is_clear=True)
        boxes = np.concatenate((picture.drawing.boxes()[1][carry.boxes], picture.drawing.spans()[1][carry.spans]))
        self._at_first = np.concatenate((boxes[:, :2].min(0), boxes[:, 2:].max(0)))[None] - (carry.dx, carry.dy) * 2

    def show(self, painter: QPainter, view: QTransform, size: QSize, ratio: float, rect: QRectF) -> None:
        """Paint as much of it as is in a rectangle of the scene."""
        painter.save()
        self._picture.paint_part(painter, rect, view.m11(), "border")
        painter.restore()
        dx, dy = (round(d * view.m11() * ratio) / ratio for d in (self.carry.dx, self.carry.dy))
        there = QTransform(view.m11(), 0, 0, view.m22(), view.dx() + dx, view.dy() + dy)
        self._sheet.show(painter, there, size, ratio)

    def spoil(self, rect: QRectF | None) -> None:
        """What of it is in a rectangle of the scene looks different now, or everything."""
        self._sheet.spoil(None if rect is None else rect.translated(-self.carry.dx, -self.carry.dy))

    def bounds(self, zoom: float) -> QRectF:
        """Where it is now, with the wires to what stays."""
        border, carry = self._picture.drawing.spans()[1][self.carry.border], self.carry
        all_of_it = np.concatenate((self._at_first + (carry.dx, carry.dy) * 2, border))
        (left, top), (right, bottom) = all_of_it[:, :2].min(0).tolist(), all_of_it[:, 2:].max(0).tolist()
        room = reach(zoom)
        return QRectF(left, top, right - left, bottom - top).adjusted(-room, -room, room + metrics().node.width, room)

    @property
    def count(self) -> int:
        """How many nodes and wires it has."""
        return len(self.carry.nodes) + int((self.carry.spans | self.carry.border).sum())

    def places(self, zoom: float) -> list[QRectF]:
        """Where each of its nodes and wires is, with room for shadows and chips."""
        drawing, carry, m = self._picture.drawing, self.carry, metrics()
        room = reach(zoom)
        nodes = drawing.boxes()[1][carry.boxes] + (-room, -room, room + m.node.width, room)
        boxes = np.concatenate((nodes, drawing.spans()[1][carry.spans | carry.border]))
        return [QRectF(a, b, c - a, d - b) for a, b, c, d in boxes.tolist()]

    def _paint(self, painter: QPainter, rect: QRectF, zoom: float) -> None:
        """As if it still were where it was taken up."""
        dx, dy = self.carry.dx, self.carry.dy
        painter.translate(-dx, -dy)
        self._picture.paint_part(painter, rect.translated(dx, dy), zoom, "hand")
