"""What runs a block of its own: over steps, again and again, or one of two; and layers made of parts in a row."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from engine.layers.base import Layer
from gui.diagrams.base import Diagram, Known, arrow, bent_arrow, caption, named_box, soft, solid, text
from gui.diagrams.wiring import Stages, Unrolled

WIDE, HIGH = 92.0, 34.0
PARTS = {
    "SqueezeExcitation": ("Mean over pixels", "1 × 1 conv, ReLU", "1 × 1 conv, sigmoid", "Multiply by x"),
    "PerceptronRow": ("Linear", "Norm, activation", "Dropout", "and so on"),
}


@dataclass(frozen=True)
class Again(Diagram):
    """A block whose result goes back into it until something holds."""

    caption: str = ""

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        rect = caption(painter, rect, self.caption)
        box = QRectF(rect.center().x() - WIDE / 2, rect.center().y() - HIGH / 2 + 14, WIDE, HIGH)
        named_box(painter, box, "block", solid(self.category), "caption_strong")
        y, up = box.center().y(), box.top() - 26
        arrow(painter, QPointF(box.left() - 70, y), QPointF(box.left() - 3, y))
        arrow(painter, QPointF(box.right() + 3, y), QPointF(box.right() + 70, y))
        right, left = QPointF(box.right() + 26, y), QPointF(box.left() - 26, y - 1)
        bent_arrow(painter, (right, QPointF(right.x(), up), QPointF(left.x(), up), left))
        text(painter, QRectF(box.left() - 20, up - 18, WIDE + 40, 16), "again")


@dataclass(frozen=True)
class Fork(Diagram):
    """Two blocks, of which one runs."""

    names: tuple[str, str] = ("then", "otherwise")
    caption: str = ""

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        rect = caption(painter, rect, self.caption)
        middle = rect.center()
        for i, name in enumerate(self.names):
            y = middle.y() + (i - 0.5) * 48
            box = QRectF(middle.x() - WIDE / 2, y - HIGH / 2, WIDE, HIGH)
            named_box(painter, box, name, solid(self.category) if not i else soft(self.category), "caption_strong")
            start, end = QPointF(box.left() - 44, middle.y()), QPointF(box.right() + 44, middle.y())
            bent_arrow(painter, (start, QPointF(start.x(), y), QPointF(box.left() - 3, y)))
            bent_arrow(painter, (QPointF(box.right() + 2, y), QPointF(end.x(), y), end))
        arrow(painter, QPointF(middle.x() - 150, middle.y()), QPointF(middle.x() - 93, middle.y()))
        arrow(painter, QPointF(middle.x() + 91, middle.y()), QPointF(middle.x() + 150, middle.y()))


def flow_diagram(layer: Layer, known: Known) -> Diagram | None:
    """For loops and branches, and for a few layers that are rows of others."""
    key = type(layer).key
    if key == "Scan":
        said = "one block at every step, its state handed on"
        return Unrolled(layer.category, f"A loop: {said}.", 142.0, "block", ("state",), 3, False, said)
    if key == "While":
        said = f"until it is enough, at most {getattr(layer, 'limit', 10)} times"
        return Again(layer.category, f"A loop: {said}.", 122.0, said)
    if key == "Branch":
        return Fork(layer.category, "One of two blocks runs.", 134.0, ("then", "otherwise"), "one of the two runs")
    if key in PARTS:
        return Stages(layer.category, f"From below: {', '.join(PARTS[key])}.", 200.0, PARTS[key])
    return None
