"""Images in another size: copied or blended pixels, regions, borders, pixels exchanged for channels."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter

from engine.layers.base import Layer
from gui.diagrams.base import Diagram, Known, arrow, caption, cell, line_colour, solid
from gui.diagrams.options import numbers, said, space_of
from gui.theme import mix, theme

GAP = 46.0
SHADES = (1.0, 0.62, 0.4, 0.22)
Shades = tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Pictures(Diagram):
    """Two small pictures in shades of the kind's colour; a shade below 0 is a cell of the border."""

    before: Shades = ()
    after: Shades = ()
    caption: str = ""

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        rect = caption(painter, rect, self.caption)
        columns = len(self.before[0]) + len(self.after[0])
        side = min(22.0, (rect.width() - GAP) / columns, rect.height() / max(len(self.before), len(self.after)))
        left = rect.center().x() - (columns * side + GAP) / 2
        end = self._picture(painter, self.before, left, rect.center().y(), side)
        arrow(painter, QPointF(end + 10, rect.center().y()), QPointF(end + GAP - 10, rect.center().y()))
        self._picture(painter, self.after, end + GAP, rect.center().y(), side)

    def _picture(self, painter: QPainter, shades: Shades, left: float, middle: float, side: float) -> float:
        top = middle - len(shades) * side / 2
        for r, row in enumerate(shades):
            for c, shade in enumerate(row):
                where = QRectF(left + c * side + 1, top + r * side + 1, side - 2, side - 2)
                cell(painter, where, self._colour(shade), line_colour() if shade < 0 else None, shade < 0)
        return left + len(shades[0]) * side

    def _colour(self, shade: float) -> QColor:
        if shade < 0:
            return theme().bg.field if shade == -1 else mix(solid(self.category), theme().bg.field, -shade)
        return mix(solid(self.category), theme().bg.field, shade)


def resample_diagram(layer: Layer, known: Known) -> Diagram | None:
    """For layers that make images larger, smaller or rearrange their pixels."""
    key = type(layer).key
    flat = space_of(layer) == 1
    if layer.category == "pooling" and "output_size" in layer.params and "Unpool" not in key:
        return _regions(layer, flat)
    if "Pad" in key and "padding" in layer.params and layer.category == "shape":
        return _padded(layer, key, flat)
    if key == "PixelShuffle":
        return _shuffled(layer, False)
    if key == "PixelUnshuffle":
        return _shuffled(layer, True)
    if key.startswith("Upsampl") or key == "Interpolate":
        return _enlarged(layer, key)
    return None


def _regions(layer: Layer, flat: bool) -> Pictures:
    count = 6
    sizes = numbers(layer, "output_size", space_of(layer), 1)[-2:]
    rows, columns = (1 if flat else min(3, sizes[0])), min(3, sizes[-1])
    shades = [[0.85, 0.3, 0.6], [0.3, 0.6, 0.85], [0.6, 0.85, 0.3]]
    after = tuple(tuple(shades[r][c] for c in range(columns)) for r in range(rows))
    high = 1 if flat else count
    before = tuple(tuple(after[r * rows // high][c * columns // count] for c in range(count)) for r in range(high))
    size = said(layer, "output_size")
    what = "maximum" if "Max" in type(layer).key else "mean"
    text = f"each region becomes its {what}" + ("" if size == "none" else f", to a size of {size}")
    return Pictures(layer.category, text.capitalize() + ".", 140.0 if not flat else 70.0, before, after, text)


def _padded(layer: Layer, key: str, flat: bool) -> Pictures:
    inner: Shades = ((1.0, 0.62, 0.4), (0.4, 1.0, 0.62), (0.62, 0.4, 1.0))
    inner = inner[:1] if flat else inner
    mode = getattr(layer, "mode", "")
    kind = next((m for m in ("reflect", "replicat", "circular") if m in key.lower() or m in str(mode)), "constant")
    rows = range(1) if flat else range(-1, 4)
    shown = tuple(tuple(_border(inner, r, c, kind) for c in range(-1, 4)) for r in rows)
    words = {
        "reflect": "the border mirrors what is inside",
        "replicat": "the border repeats the edge",
        "circular": "the border continues from the other side",
    }.get(kind, "the border is one number")
    return Pictures(layer.category, words.capitalize() + ".", 134.0 if not flat else 68.0, inner, shown, words)


def _border(inner: Shades, row: int, column: int, kind: str) -> float:
    high, wide = len(inner), len(inner[0])
    if 0 <= row < high and 0 <= column < wide:
        return inner[row][column]
    if kind == "constant":
        return -1.0
    move = {
        "reflect": lambda i, n: -i if i < 0 else 2 * n - 2 - i if i >= n else i,
        "circular": lambda i, n: i % n,
    }.get(kind, lambda i, n: min(max(i, 0), n - 1))
    return -inner[move(row, high)][move(column, wide)] * 0.55


def _shuffled(layer: Layer, back: bool) -> Pictures:
    channels = tuple((shade,) * 2 for shade in SHADES for _ in range(2))
    image = tuple(tuple(SHADES[2 * (r % 2) + c % 2] for c in range(4)) for r in range(4))
    stacked = tuple(tuple(row) for row in channels)
    words = "pixels become channels" if back else "channels become pixels: four of them one patch of 2 × 2"
    pair = (image, stacked) if back else (stacked, image)
    return Pictures(layer.category, words.capitalize() + ".", 176.0, *pair, words)


def _enlarged(layer: Layer, key: str) -> Pictures:
    small = ((1.0, 0.3), (0.3, 0.7))
    mode = str(getattr(layer, "mode", "bilinear" if "linear" in key else "nearest"))
    blends = "nearest" not in mode
    large = tuple(tuple(_sampled(small, r, c, blends) for c in range(4)) for r in range(4))
    words = "new pixels blend between the old ones" if blends else "every pixel is copied"
    return Pictures(layer.category, words.capitalize() + ".", 126.0, small, large, f"{mode}: {words}")


def _sampled(small: Shades, row: int, column: int, blends: bool) -> float:
    if not blends:
        return small[row // 2][column // 2]
    y, x = (min(1.0, max(0.0, (i + 0.5) / 2 - 0.5)) for i in (row, column))
    (a, b), (c, d) = small
    return (a * (1 - x) + b * x) * (1 - y) + (c * (1 - x) + d * x) * y
