"""Features joined by weights, and vectors looked up in a table."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from engine.layers.base import Layer
from gui.diagrams.base import (
    Diagram,
    Known,
    arrow,
    box,
    caption,
    cell,
    ground,
    line,
    line_colour,
    soft,
    solid,
    text,
)
from gui.diagrams.options import number
from gui.theme import theme

MOST, PITCH, DOT = 6, 19.0, 5.5
ROWS, WIDTH, SIDE = 6, 5, 15.0
LOOKED_UP = (3, 0, 4)


@dataclass(frozen=True)
class Connected(Diagram):
    """Every feature that comes in joined to every one that goes out; the lines to one of them are strong."""

    columns: tuple[tuple[str, int], ...] = ()
    """Names and numbers of features: what comes in (one column or two), and what goes out last."""
    more: bool = False

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        rect = caption(painter, rect, "every line is a weight")
        *sources, (name, count) = self.columns
        out = self._column(rect, count, rect.center().x() + 70)
        share = rect.height() / len(sources)
        starts: list[QPointF] = []
        for i, (label, size) in enumerate(sources):
            part = QRectF(rect.left(), rect.top() + i * share, rect.width(), share)
            found = self._column(part, size if len(sources) == 1 else min(size, 3), rect.center().x() - 70)
            starts += found
            where = QRectF(rect.center().x() - 170, part.center().y() - 8, 84, 16)
            text(painter, where, label, align=Qt.AlignmentFlag.AlignRight)
        chosen = len(out) // 2
        for j, end in enumerate(out):
            for start in starts:
                line(painter, start, end, solid(self.category) if j == chosen else ground(), 1.6 if j == chosen else 1)
        for j, point in enumerate((*starts, *out)):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(solid(self.category) if j >= len(starts) else theme().text.secondary)
            painter.drawEllipse(point, DOT, DOT)
        where = QRectF(rect.center().x() + 86, rect.center().y() - 8, 100, 16)
        text(painter, where, name, align=Qt.AlignmentFlag.AlignLeft)

    def _column(self, rect: QRectF, count: int, x: float) -> list[QPointF]:
        shown = max(1, min(MOST, count))
        pitch = min(PITCH, rect.height() / shown)
        first = rect.center().y() - (shown - 1) * pitch / 2
        return [QPointF(x, first + i * pitch) for i in range(shown)]


@dataclass(frozen=True)
class Table(Diagram):
    """Indices, the rows of a table that they name, and those rows one after another, or their mean."""

    bag: bool = False
    rows: str = ""
    width: str = ""

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        rect = caption(painter, rect, f"a table of {self.rows} learned vectors of {self.width} numbers")
        middle, table = rect.center().y(), QRectF(0, 0, WIDTH * SIDE, ROWS * SIDE)
        table.moveCenter(rect.center())
        for row in range(ROWS):
            named = row in LOOKED_UP
            for column in range(WIDTH):
                where = QRectF(table.left() + column * SIDE + 1, table.top() + row * SIDE + 1, SIDE - 2, SIDE - 2)
                cell(painter, where, solid(self.category) if named else ground())
            text(painter, QRectF(table.right() + 2, table.top() + row * SIDE, 16, SIDE), str(row))
        left, right = table.left() - 88, table.right() + 58
        results = 1 if self.bag else len(LOOKED_UP)
        for i, index in enumerate(LOOKED_UP):
            y = middle + (i - 1) * 26
            chip = QRectF(left, y - 10, 26, 20)
            box(painter, chip, soft(self.category), solid(self.category))
            text(painter, chip, str(index), "caption_strong", theme().text.primary)
            end = QPointF(table.left() - 4, table.top() + (index + 0.5) * SIDE)
            arrow(painter, QPointF(chip.right() + 3, y), end, line_colour(), 1.2)
        for i in range(results):
            y = middle + (i - (results - 1) / 2) * 26
            arrow(painter, QPointF(table.right() + 22, y), QPointF(right - 6, y), line_colour(), 1.2)
            for column in range(WIDTH):
                cell(painter, QRectF(right + column * 10, y - 6, 9, 12), solid(self.category))
        if self.bag:
            text(painter, QRectF(right - 10, middle + 8, 70, 16), "combined")


def dense_diagram(layer: Layer, known: Known) -> Diagram | None:
    """For layers with a matrix of weights, and for lookups."""
    if "num_embeddings" in layer.params:
        rows, width = (f"{number(layer, n, 0):,.0f}" for n in ("num_embeddings", "embedding_dim"))
        words = "Every index names a row of a learned table."
        return Table(layer.category, words, 128.0, "Bag" in type(layer).key, rows, width)
    if "out_features" not in layer.params:
        return None
    out = int(number(layer, "out_features", MOST))
    sizes = [(name, _last(spec.shape)) for name, spec in known.inputs]
    into = [(f"{count} {name}" if count else name, count or MOST) for name, count in sizes]
    ports = [port.name for port in layer.ports_in() if port.kind == "required"]
    columns = (*(into or [(name, MOST) for name in ports]), (f"{out:,} out", out))
    return Connected(layer.category, f"Every feature is joined to each of {out} outputs.", 138.0, columns)


def _last(shape: tuple[int | str, ...]) -> int:
    return shape[-1] if shape and isinstance(shape[-1], int) else 0
