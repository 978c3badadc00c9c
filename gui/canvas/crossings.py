"""Which wires could cross one of another output; worked out for those one asks for, and kept while wires lie still."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

Owners = Callable[[np.ndarray], np.ndarray]
"""Tells of wires by their rows a number of the output that each comes from."""


class Crossings:
    """What is known of wires that lie as they lie."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._known: np.ndarray = np.zeros(count, bool)
        self._crossed: np.ndarray = np.zeros(count, bool)

    def among(self, rows: Sequence[int], spans: np.ndarray, owners: Owners) -> frozenset[int]:
        """The rows of those of these wires whose bounds meet those of a wire of another output."""
        asked = np.array(rows, np.int64)
        new = asked[~self._known[asked]]
        if len(new):
            self._crossed[new] = _crossed(new, spans, owners)
            self._known[new] = True
        return frozenset(asked[self._crossed[asked]].tolist())


def _crossed(rows: np.ndarray, spans: np.ndarray, owners: Owners) -> np.ndarray:
    bounds = spans[rows]
    (low, top_most), (high, bottom_most) = bounds[:, :2].min(0), bounds[:, 2:].max(0)
    near = np.flatnonzero(
        (spans[:, 0] < high) & (spans[:, 2] > low) & (spans[:, 1] < bottom_most) & (spans[:, 3] > top_most)
    )
    left, top, right, bottom = spans[near].T
    over = owners(rows)[:, None] != owners(near)
    over &= (bounds[:, 0, None] < right) & (bounds[:, 2, None] > left)
    over &= (bounds[:, 1, None] < bottom) & (bounds[:, 3, None] > top)
    found: np.ndarray = over.any(1)
    return found
