"""A window that slides over a grid: convolutions, pooling, patches; and the window that writes instead of reading."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from engine.layers.base import Layer
from gui.diagrams.base import CELL, Diagram, Known, arrow, caption, cell, ground, joined, line_colour, soft, solid
from gui.diagrams.options import numbers, said, space_of
from gui.theme import theme

MOST = 9  # cells along one side
LARGEST = 5  # of a window
GAP = 44.0


@dataclass(frozen=True)
class Sliding(Diagram):
    """Input and output as grids; the window at two neighbouring places, and what it gives there.

    Sizes are (rows, columns). `border` cells on each side are padding. writes: the window is on the output.
    """

    caption: str = ""
    source: tuple[int, int] = (5, 5)
    border: tuple[int, int] = (0, 0)
    kernel: tuple[int, int] = (3, 3)
    stride: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)
    result: tuple[int, int] = (3, 3)
    writes: bool = False

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        rect = caption(painter, rect, self.caption)
        wide = (self.source[0] + 2 * self.border[0], self.source[1] + 2 * self.border[1])
        columns, rows = wide[1] + self.result[1], max(wide[0], self.result[0])
        side = min(CELL * 1.4, (rect.width() - GAP) / columns, rect.height() / rows)
        left = rect.center().x() - (columns * side + GAP) / 2
        first = QRectF(left, rect.center().y() - wide[0] * side / 2, wide[1] * side, wide[0] * side)
        top = rect.center().y() - self.result[0] * side / 2
        second = QRectF(first.right() + GAP, top, self.result[1] * side, self.result[0] * side)
        read, written = (self._grids_writing if self.writes else self._grids_reading)()
        self._grid(painter, first, wide, side, read, self.border)
        self._grid(painter, second, self.result, side, written, (0, 0))
        arrow(
            painter,
            QPointF(first.right() + 10, rect.center().y()),
            QPointF(second.left() - 10, rect.center().y()),
        )

    def _window(self, place: tuple[int, int]) -> set[tuple[int, int]]:
        rows = [place[0] * self.stride[0] + i * self.dilation[0] for i in range(self.kernel[0])]
        columns = [place[1] * self.stride[1] + i * self.dilation[1] for i in range(self.kernel[1])]
        return {(r, c) for r in rows for c in columns}

    def _places(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Two places of the window beside one another."""
        count = self.source if self.writes else self.result
        return (0, 0), (0, 1) if count[1] > 1 else (min(1, count[0] - 1), 0)

    def _grids_reading(self) -> tuple[dict[tuple[int, int], int], dict[tuple[int, int], int]]:
        now, then = self._places()
        read = dict.fromkeys(self._window(then), 1) | dict.fromkeys(self._window(now), 2)
        return read, {then: 1, now: 2}

    def _grids_writing(self) -> tuple[dict[tuple[int, int], int], dict[tuple[int, int], int]]:
        now, then = self._places()
        written = dict.fromkeys(self._window(then), 1) | dict.fromkeys(self._window(now), 2)
        return {then: 1, now: 2}, written

    def _grid(
        self,
        painter: QPainter,
        where: QRectF,
        count: tuple[int, int],
        side: float,
        marked: dict[tuple[int, int], int],
        border: tuple[int, int],
    ) -> None:
        colours = {0: ground(), 1: soft(self.category), 2: solid(self.category)}
        for row in range(count[0]):
            for column in range(count[1]):
                inner = border[0] <= row < count[0] - border[0] and border[1] <= column < count[1] - border[1]
                box = QRectF(where.left() + column * side + 1, where.top() + row * side + 1, side - 2, side - 2)
                mark = marked.get((row, column), 0)
                plain = colours[0] if inner else theme().bg.field
                cell(painter, box, colours[mark] if mark else plain, None if inner else line_colour(), not inner)


def window_diagram(layer: Layer, known: Known) -> Diagram | None:
    """For layers with a kernel."""
    if "kernel_size" not in layer.params or layer.category not in ("convolution", "pooling", "shape"):
        return None
    writes = "Transpose" in layer.key or layer.key == "Fold" or "Unpool" in layer.key
    return _sliding(layer, writes)


def _sliding(layer: Layer, writes: bool) -> Sliding:
    space = min(space_of(layer), 2)
    whole = space_of(layer)
    kernel = tuple(min(LARGEST, k) for k in numbers(layer, "kernel_size", whole, 3))[-space:]
    usual = 1 if layer.category == "convolution" else 0
    stride = numbers(layer, "stride", whole, usual)[-space:]
    stride = tuple(min(3, s or k) for s, k in zip(stride, kernel, strict=True))
    dilation = tuple(min(2, d) for d in numbers(layer, "dilation", whole, 1)[-space:])
    covers = tuple((k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True))
    if writes:
        source = tuple(3 if s > 1 else 4 for s in stride)
        border = (0,) * space
        result = tuple(min(MOST, (n - 1) * s + c) for n, s, c in zip(source, stride, covers, strict=True))
    else:
        border = _border(layer, covers, numbers(layer, "padding", whole, 0)[-space:])
        source = tuple(
            min(MOST - 2 * b, max(4, c + 2 * s - 2 * b)) for c, s, b in zip(covers, stride, border, strict=True)
        )
        result = tuple(
            max(1, (n + 2 * b - c) // s + 1) for n, b, c, s in zip(source, border, covers, stride, strict=True)
        )
    names = ("kernel_size", "stride", "padding", "dilation")
    shown = [n for n in names if n in layer.params and _matters(layer, n)]
    facts = [f"{n.removesuffix('_size')} {said(layer, n)}" for n in shown]
    does = "writes" if writes else "reads"
    words = f"A window {does} {_by(kernel)} values at a time and moves by {_by(stride)}."
    facts += ["and the same in depth"] if whole == 3 else []
    high = 156.0 if space == 2 else 92.0
    return Sliding(
        layer.category,
        words,
        high,
        caption=joined(facts),
        source=_pair(source, 1),
        border=_pair(border, 0),
        kernel=_pair(kernel, 1),
        stride=_pair(stride, 1),
        dilation=_pair(dilation, 1),
        result=_pair(result, 1),
        writes=writes,
    )


def _matters(layer: Layer, name: str) -> bool:
    return name == "kernel_size" or getattr(layer, name) not in ((None, 0) if name == "stride" else (0, 1))


def _by(sizes: tuple[int, ...]) -> str:
    return " × ".join(map(str, sizes))


def _pair(values: tuple[int, ...], first: int) -> tuple[int, int]:
    return (values[0], values[1]) if len(values) > 1 else (first, values[0])


def _border(layer: Layer, covers: tuple[int, ...], padding: tuple[int, ...]) -> tuple[int, ...]:
    """Padding in cells, at most two on each side."""
    if getattr(layer, "padding", 0) == "same":
        return tuple(min(2, c // 2) for c in covers)
    return tuple(min(2, p) for p in padding)
