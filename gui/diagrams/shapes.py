"""A shape before and after, axis by axis: what is joined, split, moved, added or taken away."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPainterPath

from engine.layers.base import Layer
from engine.tensor import TensorSpec
from gui.diagrams.base import Diagram, Known, box, caption, soft, solid, text, text_width
from gui.diagrams.options import axis_of
from gui.theme import theme

CHIP_H, GAP = 26.0, 8.0
PAD = 16.0
SMALLEST = 28.0
Link = tuple[tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True)
class AxisMap(Diagram):
    """Axes as chips in two rows, with ribbons from what goes in to what becomes of it."""

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    caption: str = ""

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        if self.caption:
            rect = caption(painter, rect, self.caption)
        top = _row(rect, self.before, rect.top())
        bottom = _row(rect, self.after, rect.bottom() - CHIP_H)
        for number, (sources, targets) in enumerate(self.links):
            if sources and targets:
                self._ribbon(painter, [top[i] for i in sources], [bottom[i] for i in targets], number)
        kept_above = {i for sources, targets in self.links if targets for i in sources}
        kept_below = {i for sources, targets in self.links if sources for i in targets}
        for boxes, words, kept in ((top, self.before, kept_above), (bottom, self.after, kept_below)):
            for i, (where, word) in enumerate(zip(boxes, words, strict=True)):
                edge = solid(self.category)
                box(painter, where, soft(self.category) if i in kept else theme().bg.field, edge, 5.0)
                text(painter, where, word, "caption_strong", theme().text.primary)

    def _ribbon(self, painter: QPainter, above: list[QRectF], below: list[QRectF], number: int) -> None:
        colour = soft(self.category, 0.22 if number % 2 else 0.14)
        colour.setAlphaF(0.9)
        top, bottom = above[0].bottom(), below[0].top()
        middle = (top + bottom) / 2
        path = QPainterPath(QPointF(min(b.left() for b in above), top))
        a, b = min(x.left() for x in below), max(x.right() for x in below)
        path.cubicTo(QPointF(path.currentPosition().x(), middle), QPointF(a, middle), QPointF(a, bottom))
        path.lineTo(b, bottom)
        right = max(x.right() for x in above)
        path.cubicTo(QPointF(b, middle), QPointF(right, middle), QPointF(right, top))
        path.closeSubpath()
        painter.setPen(theme().bg.field)
        painter.setBrush(colour)
        painter.drawPath(path)


def _row(rect: QRectF, words: tuple[str, ...], top: float) -> list[QRectF]:
    widths = [max(SMALLEST, text_width(word, "caption_strong") + PAD) for word in words]
    scale = min(1.0, rect.width() / max(1.0, sum(widths) + GAP * max(0, len(words) - 1)))
    left = rect.center().x() - (sum(widths) + GAP * max(0, len(words) - 1)) * scale / 2
    boxes = []
    for width in widths:
        boxes.append(QRectF(left, top, width * scale, CHIP_H))
        left += (width + GAP) * scale
    return boxes


def shapes_diagram(layer: Layer, known: Known) -> Diagram | None:
    """For layers that give the same numbers another shape, and for those that take some of them."""
    if layer.category != "shape" or not known.inputs or not known.outputs:
        return None
    before, after = known.inputs[0][1], known.outputs[0][1]
    if not before.rank or not after.rank:
        return None
    links = _links(layer, before, after)
    words = f"From {before} to {after}."
    said = "" if before.dtype == after.dtype else f"{before.dtype} becomes {after.dtype}"
    above, below = _names(before), _names(after)
    return AxisMap(layer.category, words, 118.0 if not said else 138.0, above, below, links, said)


def _names(spec: TensorSpec) -> tuple[str, ...]:
    return tuple(str(size).replace(" * ", "·") for size in spec.shape) or ("one value",)


def _links(layer: Layer, before: TensorSpec, after: TensorSpec) -> tuple[Link, ...]:
    """Which axes become which, told by the options where they say it, else by the sizes."""
    rank = before.rank
    order = getattr(layer, "dims", None)
    if isinstance(order, tuple) and len(order) == rank == after.rank:
        moved = [axis_of(d, rank) for d in order]
        return tuple(((old,), (new,)) for new, old in enumerate(moved) if old is not None)
    one, other = (axis_of(getattr(layer, name, None), rank) for name in ("dim0", "dim1"))
    if one is not None and other is not None and after.rank == rank:
        exchanged = {one: other, other: one}
        return tuple(((i,), (exchanged.get(i, i),)) for i in range(rank))
    if after.rank == rank and (before.shape == after.shape or not _is_refilled(before, after)):
        return tuple(((i,), (i,)) for i in range(rank))
    dim = axis_of(getattr(layer, "dim", None), max(rank, after.rank))
    if dim is not None and abs(rank - after.rank) == 1 and "unflattened_size" not in layer.params:
        return _without(rank, dim) if rank > after.rank else tuple((b, a) for a, b in _without(after.rank, dim))
    return _grouped(before, after)


def _without(rank: int, dim: int) -> tuple[Link, ...]:
    kept = [i for i in range(rank) if i != dim]
    return (*(((old,), (new,)) for new, old in enumerate(kept)), ((dim,), ()))


def _is_refilled(before: TensorSpec, after: TensorSpec) -> bool:
    """Whether the same numbers fill other sizes."""
    return _count(before, list(range(before.rank))) == _count(after, list(range(after.rank)))


def _matched(before: TensorSpec, after: TensorSpec) -> tuple[Link, ...]:
    """Axes of the same size in the same order; the others come or go."""
    links: list[Link] = []
    start = 0
    for new, size in enumerate(after.shape):
        old = next((i for i in range(start, before.rank) if before.shape[i] == size), None)
        if old is not None:
            links.append(((old,), (new,)))
            start = old + 1
    return tuple(links)


def _grouped(before: TensorSpec, after: TensorSpec) -> tuple[Link, ...]:
    """Axes side by side that hold as many numbers as others: joined, split, or both."""
    if not _is_refilled(before, after):
        return _matched(before, after)
    links: list[Link] = []
    i = j = 0
    while i < before.rank and j < after.rank:
        a, b = [i], [j]
        while (left := _count(before, a)) != (right := _count(after, b)):
            grows = right if left is None or (right is not None and left < right) else left
            if grows is right and a[-1] + 1 < before.rank:
                a.append(a[-1] + 1)
            elif b[-1] + 1 < after.rank:
                b.append(b[-1] + 1)
            else:
                return (*links, (tuple(range(i, before.rank)), tuple(range(j, after.rank))))
        links.append((tuple(a), tuple(b)))
        i, j = a[-1] + 1, b[-1] + 1
    if links and (i < before.rank or j < after.rank):
        above, below = links.pop()
        links.append(((*above, *range(i, before.rank)), (*below, *range(j, after.rank))))
    return tuple(links)


def _count(spec: TensorSpec, axes: list[int]) -> int | None:
    """How many numbers these axes hold, a free size standing for a large prime."""
    free = {name: 9973 + 2 * k for k, name in enumerate(sorted({str(s) for s in spec.shape if isinstance(s, str)}))}
    return prod(free[str(s)] if isinstance(s, str) else s for s in (spec.shape[i] for i in axes))
