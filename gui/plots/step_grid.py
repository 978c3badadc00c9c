"""A table of sizes over steps, kept at the resolution of a screen: at the cost of what is new, never losing a spike."""

from __future__ import annotations

import numpy as np

from gui.plots.thinning import NOTHING, Floats

MOST = 2048  # columns: as many as a map is ever wide in pixels


class StepGrid:
    """The greatest size per row and span of steps. Rows are layers; a column stands for `span` steps, a power of two.

    When there are more than `MOST` columns, two become one. What was measured at a step stands for all steps since the
    measurement before it, so that a quantity of every eighth step leaves no gaps.
    """

    def __init__(self, rows: int) -> None:
        self.span = 1
        self.first = 0  # the step of the first column
        self._cells: Floats = np.full((rows, 64), NOTHING, np.float32)
        self._count = 0
        self._steps = self._seen = -1  # first and last step that was taken in
        self._start: Floats = np.empty(0)

    @property
    def columns(self) -> Floats:
        """Shape (rows, C): NOTHING where there is no value, not finite where it was not. A view."""
        return self._cells[:, : self._count]

    @property
    def last(self) -> int:
        """The last step that was taken in."""
        return self._seen

    def step_of(self, column: int) -> int:
        """The step at which a column begins."""
        return self.first + column * self.span

    def column_of(self, step: int) -> int:
        """The column in which a step is."""
        return (step - self.first) // self.span

    def continues(self, steps: Floats, values: Floats) -> bool:
        """Whether these are the columns that were seen, and more behind them. Shapes: steps (S,), values (rows, S)."""
        if not self._count:
            return True
        if not len(steps) or steps[0] != self._steps or steps[-1] < self._seen or len(values) != len(self._cells):
            return False
        return np.array_equal(values[:, 0], self._start, equal_nan=True)

    def fold(self, steps: Floats, values: Floats) -> int:
        """Take in columns: steps (S,) ascending, values (rows, S), NOTHING where there is none.

        The last columns may be given again, when more came to them. Returns: the first column that is another now.
        """
        if not len(steps):
            return self._count
        if not self._count:
            self.first = self._steps = int(steps[0])
            self._start = values[:, 0].copy()
        while self.column_of(int(steps[-1])) >= MOST:
            self._halve()
        places: Floats = (np.asarray(steps, np.int64) - self.first) // self.span
        self._grow(int(places[-1]) + 1)
        before = self.column_of(self._seen) if self._seen >= self.first else -1
        changed = min(before + 1, int(places[0])) if before >= 0 else 0
        starts = np.flatnonzero(np.diff(places, prepend=-1))
        folded = np.maximum.reduceat(np.asarray(values, np.float32), starts, axis=1)
        spots = places[starts]
        # A column without a measurement belongs to the one behind it.
        begins = np.concatenate([[before + 1], spots[:-1] + 1])
        widths = np.maximum(spots - begins + 1, 1)
        if (widths == 1).all():
            self._cells[:, spots] = np.maximum(self._cells[:, spots], folded)
        else:
            targets = np.concatenate([np.arange(s - w + 1, s + 1) for s, w in zip(spots, widths)])
            spread = np.repeat(folded, widths, axis=1)
            self._cells[:, targets] = np.maximum(self._cells[:, targets], spread)
        self._seen = max(self._seen, int(steps[-1]))
        return min(changed, int(spots[0]))

    def _halve(self) -> None:
        count = self._count + self._count % 2
        self._grow(count)
        pairs = self._cells[:, :count].reshape(len(self._cells), count // 2, 2).max(axis=2)
        self._cells[:, : count // 2] = pairs
        self._cells[:, count // 2 :] = NOTHING
        self._count = count // 2
        self.span *= 2

    def _grow(self, needed: int) -> None:
        if needed > self._cells.shape[1]:
            room = min(max(needed, 2 * self._cells.shape[1]), MOST)
            more = np.full((len(self._cells), room - self._cells.shape[1]), NOTHING, np.float32)
            self._cells = np.concatenate([self._cells, more], axis=1)
        self._count = max(self._count, needed)
