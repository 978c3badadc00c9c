"""Several tensors into one, one into several, and many numbers into few: small grids beside one another."""

from __future__ import annotations

import operator
from cmath import rect
from dataclasses import dataclass
from itertools import accumulate
from math import cos, pi, sin

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter

from engine.layers.base import Layer
from gui.diagrams.base import Diagram, Known, caption, cell, ground, line_colour, soft, solid, text, text_width
from gui.diagrams.options import number
from gui.diagrams.shares import Bars
from gui.theme import mix, theme

SIDE, SIGN, LABEL = 16.0, 34.0, 15.0
ROWS, COLUMNS = 4, 4
SIGNS = {
    "Add": "+",
    "Subtract": "−",
    "Multiply": "×",
    "Divide": "÷",
    "Concat": "│",
    "Stack": "⊞",
    "MatMul": "@",
    "Power": "^",
    "FloorDivide": "//",
    "Remainder": "mod",
    "Maximum": "max",
    "Minimum": "min",
}


@dataclass(frozen=True)
class Grid:
    """rows × columns of cells. marked: those in the full colour; ghost: those that are only stretched copies."""

    name: str
    rows: int
    columns: int
    tint: int = 0
    marked: frozenset[tuple[int, int]] = frozenset()
    ghost: frozenset[tuple[int, int]] = frozenset()
    parts: tuple[int, ...] = ()
    """Columns at which another tint begins."""


@dataclass(frozen=True)
class Row(Diagram):
    """Grids with signs between them."""

    grids: tuple[Grid, ...] = ()
    signs: tuple[str, ...] = ()
    caption: str = ""

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        rect = caption(painter, rect, self.caption)
        sign = max(SIGN, max((text_width(s, "heading") for s in self.signs), default=0) + 14)
        wide = sum(g.columns for g in self.grids) * SIDE + sign * len(self.signs)
        scale = min(1.0, rect.width() / wide)
        left, side = rect.center().x() - wide * scale / 2, SIDE * scale
        middle = rect.center().y() - LABEL / 2
        for i, grid in enumerate(self.grids):
            top = middle - grid.rows * side / 2
            self._grid(painter, grid, left, top, side)
            below = QRectF(left - 20, top + grid.rows * side + 2, grid.columns * side + 40, LABEL)
            text(painter, below, grid.name)
            left += grid.columns * side
            if i < len(self.signs):
                where = QRectF(left, middle - 12, sign * scale, 24)
                text(painter, where, self.signs[i], "heading", theme().text.primary)
                left += sign * scale

    def _grid(self, painter: QPainter, grid: Grid, left: float, top: float, side: float) -> None:
        for row in range(grid.rows):
            for column in range(grid.columns):
                box = QRectF(left + column * side + 1, top + row * side + 1, side - 2, side - 2)
                ghost = (row, column) in grid.ghost
                colour = self._colour(grid, row, column)
                cell(painter, box, theme().bg.field if ghost else colour, line_colour() if ghost else None, ghost)

    def _colour(self, grid: Grid, row: int, column: int) -> QColor:
        if (row, column) in grid.marked:
            return solid(self.category)
        if grid.marked:
            return ground()
        tint = grid.tint + sum(1 for part in grid.parts if column >= part)
        third = mix(theme().text.muted, theme().bg.field, 0.4)
        return (solid(self.category), soft(self.category, 0.45), third)[tint % 3]


def _square(name: str, tint: int = 0) -> Grid:
    return Grid(name, ROWS, COLUMNS, tint)


def merge_diagram(layer: Layer, known: Known) -> Diagram | None:
    """For layers that join, split, combine or reduce."""
    if layer.category != "merge":
        return None
    key, title = type(layer).key, layer.title
    into = layer.ports_in()
    if key in ("Concat", "Stack", "Split", "Chunk", "Unbind"):
        return _along(layer, key, known)
    if key in ("MatMul", "Einsum"):
        return _product(layer)
    if key in ("FFT", "STFT", "Sort", "TopK"):
        return _sequence(layer, key)
    if key.startswith("Cum") and len(into) == 1:
        return _running(layer, key)
    if "keepdim" in layer.params and len(into) == 1:
        return _reduced(layer, known)
    if not _is_elementwise(known) and key not in SIGNS and "Distance" not in key and "Similarity" not in key:
        return None
    if len(into) == 3 and into[0].kind == "required":
        grids = tuple(Grid(port.name, ROWS, 3, i) for i, port in enumerate(into))
        words = f"{title} works number by number on three tensors."
        return Row(layer.category, words, 118.0, (*grids, Grid("out", ROWS, 3)), (",", ",", "→"), "number by number")
    many = bool(into) and into[0].kind == "many"
    if len(into) == 2 or many:
        sign = SIGNS.get(key, title if len(title) < 9 else "·")
        names = ("first", "second") if many else (into[0].name, into[1].name)
        words = f"{title} works number by number; a size of 1 is stretched."
        return Row(layer.category, words, 118.0, *_pair(known, names, sign, key))
    return None


def _pair(known: Known, names: tuple[str, ...], sign: str, key: str) -> tuple[tuple[Grid, ...], tuple[str, ...], str]:
    shapes = [spec.shape for _, spec in known.inputs[:2]]
    second = Grid(names[1], ROWS, COLUMNS, 1)
    said = "number by number, both of one shape"
    if len(shapes) == 2 and shapes[0] != shapes[1]:
        ghost = frozenset((r, c) for r in range(1, ROWS) for c in range(COLUMNS))
        second = Grid(names[1], ROWS, COLUMNS, 1, ghost=ghost)
        said = "number by number; the smaller one is stretched"
    if "Distance" in key or "Similarity" in key:
        return (_square(names[0]), second, Grid("out", ROWS, 1, 2)), (sign if len(sign) < 4 else "~", "="), "row by row"
    return (_square(names[0]), second, _square("out", 2)), (sign, "="), said


def _along(layer: Layer, key: str, known: Known) -> Row:
    dim = f"along dimension {number(layer, 'dim', 1):g}"
    if key == "Stack":
        grids = (Grid("first", ROWS, 1), Grid("second", ROWS, 1, 1), Grid("out", ROWS, 2, parts=(1,)))
        return Row(layer.category, "Laid side by side.", 118.0, grids, ("", "→"), f"a new dimension, {dim}")
    if key == "Concat":
        grids = (Grid("first", ROWS, 3), Grid("second", ROWS, 2, 1), Grid("out", ROWS, 5, parts=(3,)))
        return Row(layer.category, "One behind the other.", 118.0, grids, ("", "→"), f"one behind the other, {dim}")
    parts = max(2, min(3, len(layer.ports_out())))
    cut = Grid("x", ROWS, 2 * parts, parts=tuple(range(2, 2 * parts, 2)))
    names = [port.name for port in layer.ports_out()[:parts]]
    pieces = tuple(Grid(name, ROWS, 2, i) for i, name in enumerate(names))
    signs = ("→", *("",) * (len(pieces) - 1))
    return Row(layer.category, "Cut into parts.", 118.0, (cut, *pieces), signs, f"cut {dim}")


def _is_elementwise(known: Known) -> bool:
    """Whether what comes out has the shape of all that goes in, stretched to one another."""
    if len(known.inputs) < 2 or len(known.outputs) != 1:
        return False
    shapes = [spec.shape for _, spec in (*known.inputs, *known.outputs)]
    rank = max(map(len, shapes))
    padded = [(1,) * (rank - len(shape)) + shape for shape in shapes]
    return len(padded[-1]) == rank and all(
        len(sizes := set(column) - {1}) < 2 and (not sizes or column[-1] in sizes)
        for column in zip(*padded, strict=True)
    )


def _sequence(layer: Layer, key: str) -> Bars:
    """Sorted entries, or the frequencies of a wave."""
    if "F" not in key:
        entries = (1.0, 2.0, 0.5, 1.5, 1.2)
        after = tuple(sorted(entries, reverse=key == "TopK" or getattr(layer, "descending", False) is True))
        kept = after[:3] if key == "TopK" else after
        return Bars(layer.category, "The entries in order.", 150.0, entries, kept, "the entries in order")
    times = range(6)
    wave = tuple(round(sin(2 * pi * t / 6) + 0.4 * cos(pi * t), 2) for t in times)
    found = tuple(abs(sum(wave[t] * rect(1, -2 * pi * f * t / 6) for t in times)) for f in range(4))
    said = "a signal becomes its frequencies" + (", window by window" if key == "STFT" else "")
    return Bars(layer.category, said.capitalize() + ".", 150.0, wave, found, said)


def _running(layer: Layer, key: str) -> Bars:
    entries = (1.0, 2.0, 0.5, 1.5, 1.0)
    step = operator.mul if "Prod" in key else operator.add
    after = tuple(accumulate(entries, step))
    said = "every entry with all before it"
    return Bars(layer.category, f"{layer.title}: {said}.", 150.0, entries, after, said)


def _product(layer: Layer) -> Row:
    a = Grid("a", 4, 3, marked=frozenset((1, c) for c in range(3)))
    b = Grid("b", 3, 5, marked=frozenset((r, 3) for r in range(3)))
    out = Grid("out", 4, 5, marked=frozenset({(1, 3)}))
    words = "A row of the first and a column of the second give one number."
    return Row(layer.category, words, 118.0, (a, b, out), ("@", "="), "row times column, added up")


def _reduced(layer: Layer, known: Known) -> Row:
    marked = frozenset((1, c) for c in range(6))
    before, after = Grid("x", ROWS, 6, marked=marked), Grid("out", ROWS, 1, marked=frozenset({(1, 0)}))
    dim = layer.params["dim"].show(layer.dim) if hasattr(layer, "dim") else ""  # type: ignore[attr-defined]
    said = f"one number for all along dimension {dim}" if dim else "one number for all"
    return Row(layer.category, f"{layer.title}: {said}.", 118.0, (before, after), (layer.title.lower(),), said)
