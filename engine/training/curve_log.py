"""Numbers over steps in bounded memory, read at the cost of what is drawn, however many there are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

FOLD = 4
"""So many neighbours become one in the next coarser level."""
MOST = 1 << 18
"""Values kept one by one; of more, the finest level is given up: what is left is still many screens wide."""
MOST_BREAKS = 8
NEGLIGIBLE = 1e-3  # weight in an average, below which what is older is not looked at


@dataclass(frozen=True)
class Stretch:
    """What a curve did in neighbouring spans of steps. All of shape (N,).

    x: the first step of each. low, high, mean: of what is finite there, NaN where nothing is. count: how many are.
    stride: values that each stands for; the last may be fewer.
    """

    x: np.ndarray
    low: np.ndarray
    high: np.ndarray
    mean: np.ndarray
    count: np.ndarray
    stride: int


class CurveLog:
    """One curve: values over ascending steps, in levels of which each is `FOLD` times coarser than the one before.

    Least, greatest and mean of every span are exact at every level. The first and the last value stay as they came.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = max(FOLD * FOLD, most)
        self._levels = [_Level()]
        self._finest = 0  # the levels below keep only what does not fill a span of the next one yet
        self.breaks: list[tuple[float, float]] = []
        self.first: tuple[float, float] | None = None
        self.last: tuple[float, float] | None = None
        self._was_finite = True

    @classmethod
    def of(cls, x: Sequence[float] | np.ndarray, y: Sequence[float] | np.ndarray) -> CurveLog:
        """A curve that is there already."""
        log = cls()
        log.append(x, y)
        return log

    def __len__(self) -> int:
        """How many values were appended."""
        return len(self._levels[0])

    def append(self, x: Sequence[float] | np.ndarray, y: Sequence[float] | np.ndarray) -> None:
        """Add values at the end. x: ascending, shape (S,), all behind those before. y: shape (S,)."""
        xs, ys = np.asarray(x, np.float64), np.asarray(y, np.float64)
        if xs.shape != ys.shape or xs.ndim != 1:
            raise ValueError(f"x and y must be columns of one length, but are {xs.shape} and {ys.shape}.")
        if not len(xs):
            return
        if self.first is None:
            self.first = float(xs[0]), float(ys[0])
        self.last = float(xs[-1]), float(ys[-1])
        finite = np.isfinite(ys)
        self._note_breaks(xs, ys, finite)
        nothing = np.where(finite, ys, np.nan)
        self._levels[0].append((xs, nothing, nothing, np.where(finite, ys, 0.0), finite))
        self._fold()

    def stretch(self, low: float = -math.inf, high: float = math.inf, least: int = MOST) -> Stretch:
        """The curve from step `low` to `high` and one span beyond either end, in the coarsest level of which at least
        `least` spans lie there; in the finest, if there are not so many."""
        x = self._levels[self._finest].x
        begin = max(0, int(np.searchsorted(x, low, side="right")) - 1)
        end = int(np.searchsorted(x, high, side="right")) + 1
        depth, size = self._finest, 1
        while depth + 1 < len(self._levels) and (end - begin) // (size * FOLD) >= least:
            depth, size = depth + 1, size * FOLD
        return self._read(depth, begin // size, -(-end // size))

    def at(self, x: float) -> float | None:
        """The value at the last step that is not after `x`, or the mean of its span; None before the first."""
        if self.first is None or self.last is None or x < self.first[0]:
            return None
        if x >= self.last[0]:
            return self.last[1]
        around = self.stretch(x, x)
        place = int(np.searchsorted(around.x, x, side="right")) - 1
        return float(around.mean[max(0, place)])

    def smoothed(self, low: float, high: float, least: int, keep: float) -> tuple[np.ndarray, np.ndarray]:
        """Steps and an exponential average, without bias towards its beginning, over the spans of `stretch`.

        keep: the share of the average that is left one value later, 0 to 1. What is not finite counts for nothing.
        """
        shown = self.stretch(low, high, least)
        if len(shown.x) < 2 or not 0.0 < keep < 1.0:
            return shown.x, shown.mean
        gap = (shown.x[-1] - shown.x[0]) / (len(shown.x) - 1) / shown.stride
        first = float(shown.x[0])
        before = self.stretch(first - gap * math.log(NEGLIGIBLE) / math.log(keep), first, least)
        older = before.x < first
        means = np.concatenate([before.mean[older], shown.mean])
        counts = np.concatenate([before.count[older], shown.count])
        return shown.x, averaged(means, counts, keep)[int(older.sum()) :]

    def _note_breaks(self, xs: np.ndarray, ys: np.ndarray, finite: np.ndarray) -> None:
        if len(self.breaks) < MOST_BREAKS and not finite.all():
            before = np.concatenate([[self._was_finite], finite[:-1]])
            found = np.flatnonzero(~finite & before)[: MOST_BREAKS - len(self.breaks)]
            self.breaks += [(float(xs[place]), float(ys[place])) for place in found]
        self._was_finite = bool(finite[-1])

    def _fold(self) -> None:
        depth = 0
        while (whole := len(fine := self._levels[depth]) // FOLD) > 0:
            if depth + 1 == len(self._levels):
                self._levels.append(_Level())
            coarse = self._levels[depth + 1]
            if whole == len(coarse):
                break
            coarse.append(_folded(fine.part(len(coarse) * FOLD, whole * FOLD), FOLD))
            if depth < self._finest:
                fine.forget(whole * FOLD)
            depth += 1
        finest = self._levels[self._finest]
        if finest.kept > self._most:
            finest.forget(len(finest) // FOLD * FOLD)
            self._finest += 1

    def _read(self, depth: int, begin: int, end: int) -> Stretch:
        level = self._levels[depth]
        rows = level.part(begin, min(end, len(level)))
        if end > len(level):
            # What does not fill a span yet, the oldest of it in the coarsest level.
            fine = reversed(range(depth))
            rest = _joined(*(self._levels[k].part(len(self._levels[k + 1]) * FOLD, len(self._levels[k])) for k in fine))
            if len(rest[0]):
                rows = _joined(rows, _folded(rest, len(rest[0])))
        x, low, high, total, count = rows
        with np.errstate(invalid="ignore", divide="ignore"):
            return Stretch(x, low, high, total / count, count, FOLD**depth)


Rows = tuple[np.ndarray, ...]
"""x, low, high, total and count of neighbouring spans: columns of one length."""


class _Level:
    """Spans of one size: columns that grow, and may forget their beginning. They are numbered from the very first."""

    def __init__(self) -> None:
        self._room: Rows = tuple(np.empty(0, dtype) for dtype in (np.float64, *[np.float32] * 2, np.float64, np.int64))
        self._forgotten = self.kept = 0

    def __len__(self) -> int:
        return self._forgotten + self.kept

    @property
    def x(self) -> np.ndarray:
        return self._room[0][: self.kept]

    def part(self, begin: int, end: int) -> Rows:
        """A view, valid until the next append."""
        begin, end = max(0, begin - self._forgotten), max(0, end - self._forgotten)
        return tuple(column[: self.kept][begin:end] for column in self._room)

    def append(self, rows: Rows) -> None:
        needed = self.kept + len(rows[0])
        if needed > len(self._room[0]):
            self._make_room(max(needed, 2 * self.kept, FOLD * FOLD))
        for column, fresh in zip(self._room, rows):
            column[self.kept : needed] = fresh
        self.kept = needed

    def forget(self, end: int) -> None:
        """Let go of the spans before number `end`."""
        begin = end - self._forgotten
        left = tuple(column[begin : self.kept].copy() for column in self._room)
        self._room, self._forgotten, self.kept = left, end, self.kept - begin

    def _make_room(self, room: int) -> None:
        grown: Rows = tuple(np.empty(room, column.dtype) for column in self._room)
        for old, new in zip(self._room, grown):
            new[: self.kept] = old[: self.kept]
        self._room = grown


def averaged(means: np.ndarray, counts: np.ndarray, keep: float) -> np.ndarray:
    """An exponential average of values that come in groups, without bias towards its beginning (Kingma, Ba 2015, §3).

    means: shape (N,), of `counts` values each; NaN where there is none, and the average stays as it was.
    keep: the share of the average that is left one value later. Returns: shape (N,), NaN before the first value.
    """
    values: np.ndarray = np.empty(len(means))
    average = weight = 0.0
    for place, (mean, count) in enumerate(zip(means.tolist(), counts.tolist())):
        if count:
            kept = keep**count
            average = kept * average + (1 - kept) * mean
            weight = kept * weight + (1 - kept)
        values[place] = average / weight if weight else math.nan
    return values


def _joined(*parts: Rows) -> Rows:
    return tuple(np.concatenate(columns) for columns in zip(*parts)) if parts else tuple(np.empty((5, 0)))


def _folded(rows: Rows, size: int) -> Rows:
    """Every `size` neighbours as one."""
    x, low, high, total, count = rows
    starts = np.arange(0, len(x), size)
    return (
        x[starts],
        np.fmin.reduceat(low, starts),
        np.fmax.reduceat(high, starts),
        np.add.reduceat(total, starts),
        np.add.reduceat(count, starts),
    )
