"""Fewer points than pixels: what is drawn of a long column, never losing a spike.

Columns only grow: what was handed over once is not looked at again.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

Floats: TypeAlias = np.ndarray  # a column or a table of numbers

NOTHING = -1.0  # a size is never negative, so this says "no value here"; not a number says just that
TINY = 1e-300  # keeps a division by the length of an empty span finite


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
