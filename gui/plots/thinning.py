"""Fewer points than pixels: what is drawn of a long column, never losing a spike.

Columns only grow: what was handed over once is not looked at again.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

Floats: TypeAlias = np.ndarray  # a column or a table of numbers

NOTHING = -1.0  # a size is never negative, so this says "no value here"; not a number says just that
TINY = 1e-300  # keeps a division by the length of an empty span finite
MOST_BINS = 4096  # twice as many as a map is wide in pixels, so that halving loses nothing that could be seen


def envelope(x: Floats, y: Floats, span: tuple[float, float], columns: int) -> tuple[Floats, Floats]:
    """The least and the greatest of `y` in each of `columns` equal parts of `span`, and one point beyond either end.

    `x` ascends. A part where nothing is finite gives nan, so that the line is broken there.
    """
    x, y = _within(x, y, span)
    if len(x) <= 2 * columns:
        return np.asarray(x, dtype=float), np.where(np.isfinite(y), y, np.nan)
    starts = _starts(x, columns)
    least, most = np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts)
    if not (np.isfinite(least).all() and np.isfinite(most).all()):
        finite = np.isfinite(y)
        least = np.minimum.reduceat(np.where(finite, y, np.inf), starts)
        most = np.maximum.reduceat(np.where(finite, y, -np.inf), starts)
        empty = ~np.isfinite(least)
        least[empty] = most[empty] = np.nan
    xs: Floats = np.repeat(np.asarray(x[starts], dtype=float), 2)
    ys: Floats = np.empty(2 * len(starts))
    ys[0::2], ys[1::2] = least, most
    return xs, ys


def means(x: Floats, y: Floats, span: tuple[float, float], columns: int) -> tuple[Floats, Floats]:
    """The mean of a smooth column in each of `columns` equal parts of `span`; nan where any value is not finite."""
    x, y = _within(x, y, span)
    if len(x) <= columns:
        return np.asarray(x, dtype=float), np.where(np.isfinite(y), y, np.nan)
    starts = _starts(x, columns)
    counts: Floats = np.diff(np.append(starts, len(x)))
    with np.errstate(all="ignore"):
        xs, ys = np.add.reduceat(x, starts, dtype=float) / counts, np.add.reduceat(y, starts, dtype=float) / counts
    xs[0], ys[0], xs[-1], ys[-1] = x[0], y[0], x[-1], y[-1]  # the ends stay where they are
    return xs, np.where(np.isfinite(ys), ys, np.nan)


def _within(x: Floats, y: Floats, span: tuple[float, float]) -> tuple[Floats, Floats]:
    """What lies in `span`, and one point beyond either end."""
    first = max(int(np.searchsorted(x, span[0])) - 1, 0)
    last = min(int(np.searchsorted(x, span[1], side="right")) + 1, len(x))
    return x[first:last], y[first:last]


def _starts(x: Floats, columns: int) -> Floats:
    """Where each of `columns` equal parts of `x` begins; parts without a point are left out."""
    starts = np.unique(np.searchsorted(x, np.linspace(x[0], x[-1], columns, endpoint=False)))
    return starts[starts < len(x)]


def breaks(x: Floats, y: Floats, most: int) -> list[tuple[float, float]]:
    """Where a column stops being finite, with the value found there: at most the first `most` places."""
    with np.errstate(all="ignore"):
        if np.isfinite(np.add.reduce(y)):  # a fifth of the cost of asking each value
            return []
    bad = ~np.isfinite(y)
    starts = np.flatnonzero(bad & ~np.concatenate([[False], bad[:-1]]))[:most]
    return [(float(x[i]), float(y[i])) for i in starts]


class ColumnMaxima:
    """The greatest size per row and span of time, kept up to date at the cost of what is new.

    Rows are layers, columns steps. When there are more spans than `MOST_BINS`, two become one.
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self.steps = 0
        self.width = 1  # steps per bin
        self._bins: Floats = np.empty((0, MOST_BINS), dtype=np.float32)
        self._ends: tuple[Floats, Floats] | None = None

    def update(self, values: Floats, missing: np.ndarray | None = None) -> None:
        """Take in the columns that are new; all of them, if these are not the values seen before."""
        rows, steps = values.shape
        if rows != len(self._bins) or steps < self.steps or not self._continues(values):
            self.clear()
            self._bins = np.full((rows, MOST_BINS), NOTHING, dtype=np.float32)
        if steps == self.steps or rows == 0:
            return
        with np.errstate(over="ignore"):
            new = np.abs(values[:, self.steps :]).astype(np.float32)
        if missing is not None:
            new[np.broadcast_to(missing[:, None] if missing.ndim == 1 else missing[:, self.steps :], new.shape)] = (
                NOTHING
            )
        self._make_room(steps)
        self._fold(new, self.steps, steps)
        self.steps = steps
        self._ends = (values[:, 0].copy(), values[:, -1].copy())

    def columns(self, most: int) -> Floats:
        """At most `most` columns over all steps. Shape: (rows, columns)."""
        filled = self._bins[:, : -(-self.steps // self.width)]
        if filled.shape[1] <= most or filled.shape[0] == 0:
            return filled
        starts = np.linspace(0, filled.shape[1], most, endpoint=False).astype(int)
        return np.maximum.reduceat(filled, starts, axis=1)

    def _continues(self, values: Floats) -> bool:
        """Whether the first and the last column seen stand where they stood."""
        if self._ends is None:
            return True
        first, last = self._ends
        same = np.array_equal(values[:, 0], first, equal_nan=True)
        return same and np.array_equal(values[:, self.steps - 1], last, equal_nan=True)

    def _make_room(self, steps: int) -> None:
        while steps > self.width * MOST_BINS:
            half = MOST_BINS // 2
            self._bins[:, :half] = np.maximum(self._bins[:, 0::2], self._bins[:, 1::2])
            self._bins[:, half:] = NOTHING
            self.width *= 2

    def _fold(self, new: Floats, start: int, stop: int) -> None:
        first, last = start // self.width, (stop - 1) // self.width
        edges = np.maximum(np.arange(first, last + 1) * self.width, start) - start
        folded = np.maximum.reduceat(new, edges, axis=1)
        self._bins[:, first] = np.maximum(self._bins[:, first], folded[:, 0])
        self._bins[:, first + 1 : last + 1] = folded[:, 1:]
