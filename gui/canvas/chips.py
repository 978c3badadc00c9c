"""The shape that leaves a port, as it stands on its wire: sizes this node changed are strong."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from engine.tensor import NumberSpec, TensorSpec
from gui.canvas import texts
from gui.theme import metrics, theme

BY = " × "


@dataclass(frozen=True, slots=True)
class Chip:
    """A shape in pieces of text, each strong or not, and the width of the pill they need."""

    parts: tuple[tuple[str, bool], ...]
    width: float

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.parts)


@lru_cache(maxsize=4096)
def chip_of(spec: TensorSpec | None, before: TensorSpec | None) -> Chip:
    """The chip of an output, of which the node had `before` as its first input."""
    if spec is None:
        return _measured((("?", False),))
    if isinstance(spec, NumberSpec):
        return _measured(((str(spec), False),))
    parts: list[tuple[str, bool]] = [] if spec.is_floating else [(f"{spec.dtype} ", False)]
    sizes = [str(size).replace(" * ", "·") for size in spec.shape]
    for i, size in enumerate(sizes):
        if i:
            parts.append((BY, False))
        parts.append((size, _is_changed(spec, before, i)))
    return _measured(tuple(parts or (("one value", False),)))


def _is_changed(spec: TensorSpec, before: TensorSpec | None, place: int) -> bool:
    if before is None or place == 0:
        return False
    return before.rank != spec.rank or before.shape[place] != spec.shape[place]


def _measured(parts: tuple[tuple[str, bool], ...]) -> Chip:
    wide = sum(texts.width(text, "caption", 600 if strong else None) for text, strong in parts)
    return Chip(parts, max(wide + 2 * metrics().node.chip_pad, float(metrics().node.chip_h)))


@lru_cache(maxsize=4096)
def without_batch(chip: Chip) -> Chip:
    """The chip as it stands in a narrow place: the sizes of one sample."""
    return _measured(chip.parts[2:]) if chip.parts[:2] == (("B", False), (BY, False)) else chip


def sample_text(spec: TensorSpec | None) -> str:
    """The shape of one sample, as it stands on a small node: 32 × 8 × 8."""
    if spec is None:
        return ""
    if isinstance(spec, NumberSpec):
        return str(spec)
    return BY.join(str(size).replace(" * ", "·") for size in spec.shape[1:])


def chip_rect(chip: Chip, port: QPointF) -> QRectF:
    """Where the chip stands: right of the port it belongs to."""
    n = metrics().node
    return QRectF(port.x() + n.port_r + n.chip_gap, port.y() - n.chip_h / 2, chip.width, n.chip_h)


def paint_chip(painter: QPainter, chip: Chip, rect: QRectF, danger: bool = False) -> None:
    """The pill with its text; in danger where the wire joins a shape error."""
    t, m = theme(), metrics()
    painter.setPen(QPen(t.status.danger if danger else t.wire.chip_border, m.line.border))
    painter.setBrush(t.status.danger_soft if danger else t.wire.chip_fill)
    radius = rect.height() / 2
    painter.drawRoundedRect(rect, radius, radius)
    wide = sum(texts.width(text, "caption", 600 if strong else None) for text, strong in chip.parts)
    x = rect.left() + (rect.width() - wide) / 2
    for text, strong in chip.parts:
        weight = 600 if strong else None
        colour = t.wire.chip_changed if strong else t.wire.chip_text
        if text == BY:
            colour = t.text.muted
        texts.draw(painter, x, texts.middle(rect.center().y(), "caption", weight), text, colour, "caption", weight)
        x += texts.width(text, "caption", weight)
    painter.setBrush(Qt.BrushStyle.NoBrush)
