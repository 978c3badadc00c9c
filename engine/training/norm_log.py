"""How large every parameter's gradient, weight and update was over time, in bounded memory."""

from __future__ import annotations

from typing import Literal

import numpy as np

from engine.training.events import Norms, Quantity

BYTES = 1 << 24  # of one quantity
COLUMNS = (256, 4096)  # the fewest and the most that are kept
FORGOTTEN = 64  # measurements without a value, after which a parameter has none: it was frozen meanwhile

Name = Quantity | Literal["before"]


class MergedRows:
    """Rows over time in bounded memory, each with the step that it belongs to.

    At most `most` rows are kept: when they are full, neighbours merge into the larger of the two and one row stands
    for twice as many. A million steps of a thousand parameters take 16 MB rather than 4 GB. Nothing that was not
    finite is lost, nor the first or the last step.
    """

    def __init__(self, width: int, most: int = COLUMNS[1]) -> None:
        self.stride = 1
        self._most = most
        self._rows: np.ndarray = np.empty((min(most, 64), width), np.float32)
        self._steps: np.ndarray = np.empty(len(self._rows), np.int64)
        self._count = 0
        self._pending = 0  # how many measurements are in the last row, which is complete with `stride` of them

    @property
    def values(self) -> np.ndarray:
        """Shape (width, C): a view, valid until the next `append`."""
        return self._rows[: self._count].T

    @property
    def steps(self) -> np.ndarray:
        """Shape (C,), ascending: the first step that each column of `values` stands for. A view as well."""
        return self._steps[: self._count]

    def append(self, steps: np.ndarray, rows: np.ndarray) -> None:
        """Add measurements: steps (M,) ascending, rows (M, width). Those of a step already passed replace the past."""
        if not len(steps):
            return
        if self._count and steps[0] <= self._steps[self._count - 1]:
            self.cut(int(steps[0]))
        rows = np.asarray(rows, np.float32)
        while len(rows):
            taken = self._complete_last(rows) or self._add(steps, rows)
            steps, rows = steps[taken:], rows[taken:]

    def cut(self, step: int) -> None:
        """Forget what was measured from this step on; a column that began before it stays."""
        self._count = int(np.searchsorted(self.steps, step))
        self._pending = self.stride

    def _complete_last(self, rows: np.ndarray) -> int:
        """Put rows into the last column as long as it lacks some. Returns: how many."""
        taken = min(self.stride - self._pending, len(rows)) if self._count else 0
        if taken:
            last = self._rows[self._count - 1]
            np.fmax(last, largest_of(rows[:taken], taken)[0], out=last)
            self._pending += taken
        return taken

    def _add(self, steps: np.ndarray, rows: np.ndarray) -> int:
        if self._count == self._most:
            self._merge()
            return 0
        taken = min(len(rows), (self._most - self._count) * self.stride)
        merged = largest_of(rows[:taken], self.stride)
        self._grow(self._count + len(merged))
        place = slice(self._count, self._count + len(merged))
        self._rows[place], self._steps[place] = merged, steps[: taken : self.stride]
        self._count = place.stop
        self._pending = taken - (len(merged) - 1) * self.stride
        return taken

    def _grow(self, needed: int) -> None:
        if needed > len(self._rows):
            room = min(self._most, max(needed, 2 * len(self._rows)))
            self._rows = np.concatenate(
                [self._rows, np.empty((room - len(self._rows), self._rows.shape[1]), np.float32)]
            )
            self._steps = np.concatenate([self._steps, np.empty(room - len(self._steps), np.int64)])

    def _merge(self) -> None:
        merged = largest_of(self._rows[: self._count], 2)
        self._pending += 0 if self._count % 2 else self.stride
        self._rows[: len(merged)] = merged
        self._steps[: len(merged)] = self._steps[: self._count : 2]
        self._count = len(merged)
        self.stride *= 2


def largest_of(rows: np.ndarray, stride: int) -> np.ndarray:
    """The largest of every `stride` rows, NaN left out; the last group may be smaller."""
    if stride == 1 or not len(rows):
        return rows
    return np.fmax.reduceat(rows, np.arange(0, len(rows), stride), axis=0)


class NormLog:
    """What `Norms` events told, by quantity: "gradient", "before" (clipping), "weight", "ratio".

    Every quantity has steps of its own, since each is measured as often as it may cost. A view that shows one asks for
    `values(name)` and `steps(name)`, or for what is the case now: `latest(name)`. Rows are parameters in the order of
    `Started.parameters`. NaN: nothing was measured there (frozen, not part of the step); infinite: not finite.
    """

    def __init__(self, parameters: int) -> None:
        self._parameters = parameters
        self._most = min(max(BYTES // max(4 * parameters, 1), COLUMNS[0]), COLUMNS[1])
        self._rows: dict[str, MergedRows] = {}
        self._latest: dict[str, np.ndarray] = {}
        self._ages: dict[str, np.ndarray] = {}
        self._strides: dict[str, int] = {}

    @property
    def quantities(self) -> tuple[str, ...]:
        """Of which there are values, in the order in which they came."""
        return tuple(self._rows)

    def extend(self, event: Norms) -> None:
        """Take in what was measured."""
        name = event.quantity
        if event.values.shape[1] != self._parameters or not len(event.steps):
            return
        if name not in self._rows:
            self._rows[name] = MergedRows(self._parameters, self._most)
            self._latest[name] = np.full(self._parameters, np.nan, np.float32)
            self._ages[name] = np.zeros(self._parameters, np.int64)
        self._rows[name].append(event.steps, event.values)
        self._strides[name] = event.stride
        self._remember(name, event.values)

    def values(self, name: str) -> np.ndarray:
        """Shape (P, C), a view valid until the next event; (P, 0) where nothing was measured.

        A column stands for one measured step or, in a long run, for `merged(name)` of them: their largest value.
        """
        rows = self._rows.get(name)
        return rows.values if rows else np.empty((self._parameters, 0), np.float32)

    def steps(self, name: str) -> np.ndarray:
        """Shape (C,), ascending: the first step that each column of `values` stands for."""
        rows = self._rows.get(name)
        return rows.steps if rows else np.empty(0, np.int64)

    def merged(self, name: str) -> int:
        """How many measured steps a column of `values` stands for."""
        return self._rows[name].stride if name in self._rows else 1

    def stride(self, name: str) -> int:
        """Every how many steps it is measured now."""
        return self._strides.get(name, 1)

    def latest(self, name: str) -> np.ndarray:
        """Shape (P,): the last value of every parameter; NaN where there was none for long."""
        return self._latest.get(name, np.full(self._parameters, np.nan, np.float32))

    def _remember(self, name: str, values: np.ndarray) -> None:
        latest, ages = self._latest[name], self._ages[name]
        for row in values[-FORGOTTEN:]:
            known = ~np.isnan(row)
            ages[known] = 0
            ages[~known] += 1
            latest[known] = row[known]
        latest[ages > FORGOTTEN] = np.nan
