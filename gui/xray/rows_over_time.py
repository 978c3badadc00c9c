"""What rows measure over time: only what is new since the last time, so that long runs cost no more than short ones."""

from __future__ import annotations

from typing import Literal

import numpy as np

from engine.training.norm_log import NormLog
from gui.plots.heat import IDEAL_RATIO
from gui.plots.thinning import NOTHING, Floats
from gui.xray.rows import Rows

Order = Literal["depth", "size", "trouble"]
ORDERS: dict[Order, str] = {
    "depth": "In the order of the code",
    "size": "The largest first",
    "trouble": "The most off first",
}


class RowFeed:
    """One quantity of rows, column by column. Rows of a run of tensors that follow each other in the code."""

    def __init__(self, rows: Rows, quantity: str) -> None:
        self.rows, self.quantity = rows, quantity
        self._starts = np.array([members[0] for members in rows.members], np.intp)
        self._is_single = all(len(members) == 1 for members in rows.members)
        self._seen = -1

    def fresh(self, log: NormLog) -> tuple[Floats, Floats] | None:
        """Steps (S,) and values (R, S) from the last column that was given on, which may have changed since.

        NOTHING where there is no value. None: the run went back to an earlier step, so that one must begin anew.
        """
        steps = log.steps(self.quantity)
        if len(steps) and int(steps[-1]) < self._seen:
            self._seen = -1
            return None
        first = max(int(np.searchsorted(steps, self._seen, side="right")) - 1, 0)
        self._seen = int(steps[-1]) if len(steps) else -1
        return steps[first:], self._gathered(log, slice(first, len(steps)))

    def latest(self, log: NormLog) -> Floats:
        """Shape (R,): what every row measured last."""
        weights = log.latest("weight")[:, None] if self.quantity == "ratio" else None
        return self._together(log.latest(self.quantity)[:, None], weights)[:, 0]

    def _gathered(self, log: NormLog, columns: slice) -> Floats:
        values = log.values(self.quantity)[:, columns]
        weights = log.values("weight")[:, columns] if self.quantity == "ratio" else None
        return self._together(values, weights)

    def _together(self, values: Floats, weights: Floats | None) -> Floats:
        """Several tensors as one: the root of the sum of squares; of ratios that of the updates by that of weights."""
        if self._is_single or not len(self._starts):
            return np.where(np.isnan(values), np.float32(NOTHING), values)
        missing = np.isnan(values)
        sizes = values if weights is None else np.where(values == 0, 0.0, values * weights)
        found = self._root(np.where(missing, 0.0, sizes))
        if weights is not None:
            whole = self._root(np.where(missing, 0.0, weights))
            with np.errstate(divide="ignore", invalid="ignore"):
                found = np.where(found == 0, 0.0, found / whole)
            found[np.isnan(found)] = np.inf
        found[np.logical_and.reduceat(missing, self._starts, axis=0)] = NOTHING
        return found.astype(np.float32)

    def _root(self, sizes: Floats) -> Floats:
        squares = np.square(sizes, dtype=np.float64)
        return np.sqrt(np.add.reduceat(squares, self._starts, axis=0))


def ordered(values: Floats, how: Order, *, is_ratio: bool) -> np.ndarray:
    """The order of rows by what they measure now. values: shape (R,), NOTHING where there is none; those come last.

    "trouble": what is not finite first, then what is farthest in decades from 1e-3 (ratios) or from the middle of all
    rows (sizes).
    """
    if how == "depth":
        return np.arange(len(values))
    known = values != NOTHING
    finite = np.isfinite(values) & (values > 0) & known
    with np.errstate(divide="ignore"):
        logs = np.log10(np.where(finite, values, 1.0))
    if how == "size":
        key = np.where(known, values, -1.0)
    else:
        middle = np.log10(IDEAL_RATIO) if is_ratio else float(np.median(logs[finite])) if finite.any() else 0.0
        key = np.where(finite, np.abs(logs - middle), np.where(known, np.float64(1e9), -1.0))
        key[known & ~np.isfinite(values)] = 1e10
    return np.argsort(-np.nan_to_num(key, posinf=1e38), kind="stable")
