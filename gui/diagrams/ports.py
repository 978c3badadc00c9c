"""The plainest picture: a layer between what goes in and what comes out. For layers that no other family fits."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from engine.layers.base import Layer
from gui.diagrams.base import Diagram, Known, arrow, named_box, sizes_of, solid, text, text_width
from gui.theme import metrics

ROW = 30.0
LONGEST = 6


@dataclass(frozen=True)
class Ports(Diagram):
    """Names of ports with their shapes, on both sides of a box with the layer's name."""

    title: str = ""
    inputs: tuple[tuple[str, str], ...] = ()
    outputs: tuple[tuple[str, str], ...] = ()

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        wide = min(rect.width() * 0.36, max(84.0, text_width(self.title, "heading") + 24))
        high = max(40.0, ROW * max(len(self.inputs), len(self.outputs)) - 4)
        middle = QRectF(rect.center().x() - wide / 2, rect.center().y() - high / 2, wide, high)
        named_box(painter, middle, self.title, solid(self.category), "caption_strong")
        room = (rect.width() - wide) / 2 - metrics().space.s
        self._side(painter, middle, self.inputs, rect.left(), room, into=True)
        self._side(painter, middle, self.outputs, middle.right() + metrics().space.s, room, into=False)

    def _side(
        self, painter: QPainter, box: QRectF, ports: tuple[tuple[str, str], ...], left: float, room: float, into: bool
    ) -> None:
        for i, (name, shape) in enumerate(ports):
            y = box.center().y() + (i - (len(ports) - 1) / 2) * ROW
            ends = (box.left() - 28, box.left() - 3) if into else (box.right() + 3, box.right() + 28)
            arrow(painter, QPointF(ends[0], y), QPointF(ends[1], y))
            space = room - 28
            start = left if into else left + 28
            align = Qt.AlignmentFlag.AlignRight if into else Qt.AlignmentFlag.AlignLeft
            text(painter, QRectF(start, y - 15, space, 14), name, "caption", None, align)
            if shape:
                text(painter, QRectF(start, y - 1, space, 14), shape, "caption_strong", None, align)


def ports_diagram(layer: Layer, known: Known) -> Ports:
    """The picture for any layer."""
    shapes_in, shapes_out = dict(known.inputs), dict(known.outputs)
    required = [p for p in layer.ports_in() if p.kind != "optional" or p.name in shapes_in][:LONGEST]
    into = tuple((p.name, sizes_of(s) if (s := shapes_in.get(p.name)) else "") for p in required)
    out = tuple((p.name, sizes_of(s) if (s := shapes_out.get(p.name)) else "") for p in layer.ports_out()[:LONGEST])
    named_in = ", ".join(name for name, _ in into) or "nothing"
    named_out = ", ".join(name for name, _ in out) or "nothing"
    high = max(72.0, ROW * max(len(into), len(out)) + 24)
    return Ports(layer.category, f"Goes in: {named_in}. Comes out: {named_out}.", high, layer.title, into, out)
