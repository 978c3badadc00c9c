"""What a heat map shows of its table: rows in an order, as many as there are pixels, each cell in its colour."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtGui import QImage

from gui.plots.heat import HeatScale, Kind
from gui.plots.step_grid import StepGrid
from gui.plots.thinning import NOTHING, Floats
from gui.theme import theme

ARGB = QImage.Format.Format_ARGB32
SAMPLES = 160  # rows and columns that a scale is fitted to: its percentiles need no more


class HeatCells:
    """Rows and columns of a `StepGrid` as a picture, brought up to date at the cost of what is new.

    order: which row stands where. Where there are more rows or columns than pixels, the greatest of several is shown.
    """

    def __init__(self, rows: int = 0, kind: Kind = "size") -> None:
        self.grid = StepGrid(rows)
        self.rows, self.kind = rows, kind
        self.order: np.ndarray = np.arange(rows)
        self.scale = HeatScale.fitting(np.empty(0), kind)
        self.image = QImage()
        self.pitch = self.width = 1  # how many rows and columns are one cell of the picture
        self._pixels: np.ndarray = np.empty((0, 0), np.uint32)
        self._drawn: object = None
        self._changed = 0

    def sort(self, order: np.ndarray) -> None:
        """Show the rows in this order, from the top."""
        if not np.array_equal(order, self.order):
            self.order, self._drawn = order, None

    def fold(self, steps: Floats, values: Floats) -> None:
        """Take in columns, shapes (S,) and (rows, S); see `StepGrid.fold`."""
        span = self.grid.span
        changed = self.grid.fold(steps, values)
        self._changed = min(self._changed, changed) if span == self.grid.span else 0

    def sample(self) -> Floats:
        """Enough of what is there to fit a scale to."""
        cells = self.grid.columns
        rows, columns = (max(1, n // SAMPLES) for n in cells.shape)
        return cells[::rows, ::columns]

    def draw(self, wide: int, high: int, *, keep_scale: bool) -> None:
        """Bring the picture up to date for an area of this many pixels."""
        cells = self.grid.columns
        if not cells.size:
            self.image = QImage()
            return
        if not keep_scale:
            self.scale = HeatScale.fitting(self.sample(), self.kind)
        self.pitch = max(1, math.ceil(self.rows / max(high, 1)))
        self.width = 1
        while math.ceil(cells.shape[1] / self.width) > max(wide, 1):
            self.width *= 2
        drawn = (self.scale, self.pitch, self.width, self.grid.span, theme().scheme)
        first = 0 if drawn != self._drawn else self._changed // self.width
        self._drawn, self._changed = drawn, cells.shape[1]
        shown = self._gathered(first)
        count = first + shown.shape[1]
        if first == 0 or count > self._pixels.shape[1]:
            there = self._pixels.shape[1]
            wanted = there if count <= there else max(count, 2 * there)  # room to grow, but not with every new scale
            room: np.ndarray = np.zeros((shown.shape[0], wanted), np.uint32)
            kept = min(first, self._pixels.shape[1])
            room[:, :kept] = self._pixels[:, :kept] if kept else 0
            self._pixels = room
        self._pixels[:, first:count] = self.scale.argb(shown)
        flat = np.ascontiguousarray(self._pixels[:, :count])
        # Copied: the picture must not outlive the numbers that it was made of.
        self.image = QImage(flat.data, count, flat.shape[0], 4 * count, ARGB).copy()

    def value(self, row: int, column: int) -> float:
        """What a cell of the picture stands for: the greatest of its rows and columns."""
        cells = self.grid.columns[self.rows_of(row), column * self.width : (column + 1) * self.width]
        return float(cells.max()) if cells.size else NOTHING

    def rows_of(self, row: int) -> np.ndarray:
        """The rows of the table that a row of the picture shows."""
        return self.order[row * self.pitch : (row + 1) * self.pitch]

    def worst_of(self, row: int, column: int | None) -> int:
        """The row of the table that gave a row of the picture its colour."""
        rows = self.rows_of(row)
        if len(rows) == 1 or column is None or not self.grid.columns.size:
            return int(rows[0])
        cells = self.grid.columns[rows, column * self.width : (column + 1) * self.width].max(axis=1)
        return int(rows[int(np.argmax(np.nan_to_num(cells, nan=np.inf)))])

    def place_of(self, row: int) -> int:
        """Where a row of the table stands, counted in rows of the table."""
        return int(np.flatnonzero(self.order == row)[0])

    def step_of(self, column: int) -> int:
        """The step at which a column of the picture begins."""
        return self.grid.step_of(column * self.width)

    def column_of(self, step: int) -> int:
        """The column of the picture in which a step is."""
        return self.grid.column_of(step) // self.width

    def _gathered(self, first: int) -> Floats:
        block = self.grid.columns[:, first * self.width :][self.order]
        if self.pitch > 1:
            block = np.maximum.reduceat(block, np.arange(0, len(block), self.pitch), axis=0)
        if self.width > 1:
            block = np.maximum.reduceat(block, np.arange(0, block.shape[1], self.width), axis=1)
        return block
