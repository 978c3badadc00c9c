"""How layers that look at a whole sequence are wired inside: recurrence, attention, transformer layers."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import exp

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from engine.layers.base import Layer
from gui.diagrams.base import Diagram, Known, arrow, bent_arrow, caption, cell, joined, named_box, soft, solid, text
from gui.diagrams.options import number
from gui.theme import mix, theme

CELL_W, CELL_H, STEP = 58.0, 34.0, 104.0
BOX_W, BOX_H, BOX_GAP = 136.0, 24.0, 15.0


@dataclass(frozen=True)
class Unrolled(Diagram):
    """The same cell at three steps, with what it hands on."""

    title: str = ""
    states: tuple[str, ...] = ("h",)
    steps: int = 3
    backwards: bool = False
    caption: str = ""

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        rect = caption(painter, rect, self.caption)
        count = self.steps
        scale = min(1.0, rect.width() / (STEP * count + 20))
        step, middle = STEP * scale, rect.center().y()
        left = rect.center().x() - step * (count - 1) / 2
        names = ("t − 1", "t", "t + 1") if count > 1 else ("t",)
        for i, name in enumerate(names):
            x = left + i * step
            box = QRectF(x - CELL_W * scale / 2, middle - CELL_H / 2, CELL_W * scale, CELL_H)
            self._hand_on(painter, box, step, i)
            named_box(painter, box, self.title, solid(self.category), "caption_strong")
            arrow(painter, QPointF(x, box.bottom() + 22), QPointF(x, box.bottom() + 3))
            arrow(painter, QPointF(x, box.top() - 3), QPointF(x, box.top() - 22))
            text(painter, QRectF(x - 40, box.bottom() + 22, 80, 15), f"x at {name}")
            text(painter, QRectF(x - 40, box.top() - 37, 80, 15), f"out at {name}")

    def _hand_on(self, painter: QPainter, box: QRectF, step: float, place: int) -> None:
        """Arrows from the cell before, and into the one after the last."""
        rows = len(self.states)
        for row, name in enumerate(self.states):
            y = box.center().y() + (row - (rows - 1) / 2) * 13
            start, end = box.left() - (step - box.width()), box.left() - 2
            back = self.backwards and row == rows - 1
            ends = (QPointF(end, y), QPointF(start, y)) if back else (QPointF(start, y), QPointF(end, y))
            if place or self.steps == 1:
                arrow(painter, *ends)
                text(painter, QRectF(start, y - 14, end - start, 13), name)


@dataclass(frozen=True)
class Looking(Diagram):
    """How much each step looks at each: a square of shades. Behind it, the other heads."""

    heads: int = 1
    rows: int = 6
    columns: int = 6
    caption: str = ""

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        rect = caption(painter, rect, self.caption)
        side, behind = 17.0, min(3, self.heads) - 1
        wide, high = self.columns * side, self.rows * side
        left = rect.center().x() - wide / 2 - behind * 5
        top = rect.center().y() - high / 2 + behind * 5
        for i in range(behind, 0, -1):
            back = QRectF(left + i * 10, top - i * 10, wide, high)
            painter.setPen(theme().border.strong)
            painter.setBrush(soft(self.category, 0.2))
            painter.drawRoundedRect(back, 3, 3)
        painter.fillRect(QRectF(left - 1, top - 1, wide + 2, high + 2), theme().bg.field)
        for row in range(self.rows):
            for column in range(self.columns):
                share = 0.08 + 0.92 * exp(-(((column - row * 0.9 - 0.6) ** 2) / 1.9)) * (
                    0.6 + 0.4 * ((row + column) % 2)
                )
                box = QRectF(left + column * side + 1, top + row * side + 1, side - 2, side - 2)
                cell(painter, box, mix(solid(self.category), theme().bg.field, min(1.0, share)))
        text(painter, QRectF(left - 76, top + high / 2 - 8, 70, 16), "query step")
        text(painter, QRectF(left, top + high + 2, wide, 14), "key step")


@dataclass(frozen=True)
class Stages(Diagram):
    """Parts one above the other, read from below, with the skip connections beside them."""

    parts: tuple[str, ...] = ()
    sides: tuple[tuple[int, str], ...] = ()
    """What comes in from the side at which part: (1, "memory")."""

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        x = rect.center().x()
        y = rect.bottom() - 18
        boxes = []
        for part in self.parts:
            y -= BOX_H + BOX_GAP
            boxes.append((part, QRectF(x - BOX_W / 2, y + 4, BOX_W, BOX_H)))
        text(painter, QRectF(x - 30, rect.bottom() - 15, 60, 15), "x")
        arrow(painter, QPointF(x, rect.bottom() - 16), QPointF(x, boxes[0][1].bottom() + 2))
        for (_, lower), (_, upper) in pairwise(boxes):
            arrow(painter, QPointF(x, lower.top() - 1), QPointF(x, upper.bottom() + 2))
        arrow(painter, QPointF(x, boxes[-1][1].top() - 1), QPointF(x, boxes[-1][1].top() - 15))
        for i, (part, box) in enumerate(boxes):
            joins = part.startswith("Add")
            named_box(painter, box, part, soft(self.category) if joins else solid(self.category), "caption_strong")
            if joins and i:
                self._skip(painter, boxes[i - 1][1], box)
        for place, name in self.sides:
            box = boxes[place][1]
            arrow(painter, QPointF(box.left() - 36, box.center().y()), QPointF(box.left() - 2, box.center().y()))
            text(painter, QRectF(box.left() - 96, box.center().y() - 8, 58, 16), name)

    def _skip(self, painter: QPainter, over: QRectF, into: QRectF) -> None:
        x, y = over.center().x(), over.bottom() + BOX_GAP / 2
        right = over.right() + 20
        points = (QPointF(x, y), QPointF(right, y), QPointF(right, into.center().y()))
        bent_arrow(painter, (*points, QPointF(into.right() + 2, into.center().y())))


def wiring_diagram(layer: Layer, known: Known) -> Diagram | None:
    """For recurrent and attention layers, told by their ports and options."""
    key = type(layer).key
    ports = [port.name for port in layer.ports_in()]
    if layer.category == "recurrent":
        return _unrolled(layer, key)
    if "nhead" in layer.params or key.startswith("Transformer"):
        return _stages(layer, key)
    if layer.category == "attention" and "Causal" not in key and ("query" in ports or "num_heads" in layer.params):
        heads = int(number(layer, "num_heads", 1))
        said = joined((f"{heads} heads" if heads > 1 else "", "the shares of a row sum to 1"))
        return Looking(layer.category, f"Every step looks at every step: {said}.", 160.0, heads, caption=said)
    return None


def _unrolled(layer: Layer, key: str) -> Unrolled:
    names = [port.name for port in (*layer.ports_in(), *layer.ports_out())]
    states = ("h", "c") if any(name.startswith("c") for name in names) else ("h",)
    backwards = getattr(layer, "bidirectional", False) is True
    layers = int(number(layer, "num_layers", 1))
    facts = joined((f"{layers} layers" if layers > 1 else "", "read from both ends" if backwards else ""))
    one = "Cell" in key
    words = (
        "The same cell at every step, with its state handed on." if not one else "One step: a state in, a state out."
    )
    shown = (*states, "h back") if backwards else states
    title = key.removesuffix("Cell")
    said = facts or ("one step" if one else "the same weights at every step")
    return Unrolled(layer.category, words, 142.0, title, shown, 1 if one else 3, backwards, said)


def _stages(layer: Layer, key: str) -> Stages:
    decodes = "Decoder" in key or key == "Transformer"
    first = getattr(layer, "norm_first", False) is True
    join = "Add" if first else "Add and norm"
    parts = ["Self-attention", join, *(("Cross-attention", join) if decodes else ()), "Feed-forward", join]
    sides: tuple[tuple[int, str], ...] = ((2, "memory"),) if decodes else ()
    high = len(parts) * (BOX_H + BOX_GAP) + 34
    return Stages(layer.category, f"From below: {', '.join(parts).lower()}.", high, tuple(parts), sides)
