"""Tensors that are made on the spot: a small grid with the numbers in it."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from engine.layers.base import Layer
from gui.diagrams.base import Diagram, Known, caption, cell, on, solid, text
from gui.diagrams.options import number
from gui.theme import mix, theme

ROWS, COLUMNS, WIDE, HIGH = 3, 5, 38.0, 24.0


@dataclass(frozen=True)
class Numbers(Diagram):
    """Rows of numbers; the larger, the more of the kind's colour."""

    rows: tuple[tuple[float, ...], ...] = ()
    caption: str = ""

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        rect = caption(painter, rect, self.caption)
        least, most = min(map(min, self.rows)), max(map(max, self.rows))
        left = rect.center().x() - len(self.rows[0]) * WIDE / 2
        top = rect.center().y() - len(self.rows) * HIGH / 2
        for r, row in enumerate(self.rows):
            for c, value in enumerate(row):
                share = (value - least) / (most - least) if most > least else 0.35
                colour = mix(solid(self.category), theme().bg.field, 0.12 + 0.8 * share)
                where = QRectF(left + c * WIDE + 1, top + r * HIGH + 1, WIDE - 2, HIGH - 2)
                cell(painter, where, colour)
                text(painter, where, f"{value:.3g}", "caption", on(colour))


def numbers_diagram(layer: Layer, known: Known) -> Diagram | None:
    """For layers that make a tensor out of options, or of a shape alone."""
    key = type(layer).key
    found = _rows(layer, key)
    if found is None:
        return None
    rows, said = found
    return Numbers(layer.category, f"{said.capitalize()}.", HIGH * len(rows) + 40, rows, said)


def _rows(layer: Layer, key: str) -> tuple[tuple[tuple[float, ...], ...], str] | None:
    grid = range(ROWS)
    if key in ("Zeros", "Ones", "Full", "Constant", "Number"):
        value = {"Zeros": 0.0, "Ones": 1.0}.get(key, number(layer, "value", 0.0))
        rows = grid if key != "Number" else range(1)
        return tuple((value,) * (COLUMNS if key != "Number" else 1) for _ in rows), "one number everywhere"
    if key == "Eye":
        return tuple(tuple(float(r == c) for c in range(COLUMNS)) for r in range(COLUMNS)), "1 on the diagonal"
    if key == "Arange":
        start, step = number(layer, "start", 0.0), number(layer, "step", 1.0)
        return (tuple(start + i * step for i in range(COLUMNS)),), f"from {start:g} in steps of {step:g}"
    if key == "Linspace":
        start, end = number(layer, "start", 0.0), number(layer, "end", 1.0)
        steps = tuple(start + (end - start) * i / (COLUMNS - 1) for i in range(COLUMNS))
        return (steps,), f"evenly from {start:g} to {end:g}"
    if key in ("Random", "Noise", "Parameter"):
        draw = Random(7)
        said = "learned, from what it starts with" if key == "Parameter" else "drawn anew every time"
        return tuple(tuple(round(draw.gauss(0, 1), 1) for _ in range(COLUMNS)) for _ in grid), said
    if key == "OneHot":
        return tuple(
            tuple(float(c == chosen) for c in range(COLUMNS)) for chosen in (3, 0, 4)
        ), "a 1 where the index says"
    return None
