"""What a run's looks have told: the last of them, and how distributions went over time, in bounded memory."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.training.events import NodePath
from engine.training.looked import FIGURES, Histogram, Kind, Looked, Spot, Spread

MOST_MOMENTS = 96
MOST_KEPT = 64
"""So many distributions are kept; the one that has not been added to for longest goes first."""
ADDED = ("seconds", "bytes", "backward")
UNKNOWN = ("saturated", "gradient", "seconds", "backward")
"""Figures that not every value has: there NaN says that there is none."""


class SpreadLog:
    """A distribution over time. When there are too many moments, neighbours merge into one that counts both."""

    def __init__(self, most: int = MOST_MOMENTS) -> None:
        self.steps: list[int] = []
        self.histograms: list[Histogram] = []
        self._most = most
        self._merged: list[int] = []
        self._stride = 1

    def __len__(self) -> int:
        return len(self.histograms)

    def append(self, step: int, histogram: Histogram) -> None:
        """Add a moment; `steps` are the first of each. What is told of the last step again takes its place."""
        if self.steps and step == self.steps[-1] and self._merged[-1] == 1:
            self.histograms[-1] = histogram
            return
        if self.histograms and self._merged[-1] < self._stride:
            self.histograms[-1] += histogram
            self._merged[-1] += 1
            return
        if len(self.histograms) >= self._most:
            self._halve()
        self.steps.append(step)
        self.histograms.append(histogram)
        self._merged.append(1)

    def _halve(self) -> None:
        pairs = range(0, len(self.histograms) - 1, 2)
        rest = len(self.histograms) % 2
        joined = [self.histograms[i] + self.histograms[i + 1] for i in pairs]
        self.histograms = [*joined, *self.histograms[len(self.histograms) - rest :]]
        self._merged = [self._merged[i] + self._merged[i + 1] for i in pairs] + self._merged[len(self._merged) - rest :]
        self.steps = self.steps[::2]
        self._stride *= 2

    @property
    def exponent(self) -> int:
        """The range that all moments fit into: from -2**exponent to 2**exponent."""
        return max((h.exponent for h in self.histograms), default=0)

    def linear(self, moments: Sequence[int] | None = None) -> np.ndarray:
        """Shape (T, 128): shares of the elements of these moments, of all by default, in the bins of `exponent`."""
        exponent = self.exponent
        chosen = self.histograms if moments is None else [self.histograms[i] for i in moments]
        return np.array([h.widened(exponent).linear / max(1, h.count) for h in chosen])

    def octaves(self, moments: Sequence[int] | None = None) -> np.ndarray:
        """Shape (T, OCTAVES): shares of the elements by their size; zeros are in none."""
        chosen = self.histograms if moments is None else [self.histograms[i] for i in moments]
        return np.array([h.octaves / max(1, h.count) for h in chosen])


class Looks:
    """Everything the looks of one run have told. version: grows with whatever comes in."""

    def __init__(self) -> None:
        self.last: Looked | None = None
        self.problem = ""
        self.version = 0
        self.seconds = 0.0
        self._logs: dict[tuple[NodePath, str, Kind], SpreadLog] = {}

    def take(self, event: Looked | Spread) -> None:
        """Take in what a look told."""
        self.version += 1
        if isinstance(event, Spread):
            key = (event.path, event.name, event.kind)
            log = self._logs.pop(key, None) or SpreadLog()
            log.append(event.step, event.histogram)
            self._logs[key] = log
            while len(self._logs) > MOST_KEPT:
                del self._logs[next(iter(self._logs))]
            return
        self.problem, self.seconds = event.problem, event.seconds
        if not event.problem:
            self.last = event

    def spreads(self, path: NodePath) -> dict[tuple[str, Kind], SpreadLog]:
        """The distributions of a node, by parameter or port and by kind."""
        return {(name, kind): log for (where, name, kind), log in self._logs.items() if where == path}

    def figure(self, name: str, *, worst: bool = False) -> dict[NodePath, float]:
        """One of FIGURES of the last look for every node: the mean over its repeats and turns, or the largest.

        Seconds and bytes are those of all repeats and turns together, unless the worst is asked for. Of a row, what
        comes out of it counts, not what goes from one to the next.
        """
        found = self._values(name)
        if name in UNKNOWN:
            found = {path: values for path, values in found.items() if not all(np.isnan(v) for v in values)}
        if name in ADDED and not worst:
            return {path: float(np.nansum(values)) for path, values in found.items()}
        return {path: float(max(values) if worst else np.mean(values)) for path, values in found.items()}

    def _values(self, name: str) -> dict[NodePath, list[float]]:
        """The figure of every output of a node, of all its repeats and turns."""
        if self.last is None or self.last.figures is None:
            return {}
        column = self.last.figures[:, FIGURES.index(name)]
        found: dict[NodePath, tuple[int, list[float]]] = {}
        for spot, value in zip(self.last.spots, column, strict=True):
            depth = spot.module.count(".") + 1 if spot.module else 0
            known = found.get(spot.path)
            if known is None or depth < known[0]:
                found[spot.path] = (depth, [float(value)])
            elif depth == known[0]:
                known[1].append(float(value))
        return {path: values for path, (_, values) in found.items()}

    def row(self, spot: Spot) -> dict[str, float] | None:
        """The figures of one value of the last look."""
        if self.last is None or self.last.figures is None or spot not in self.last.spots:
            return None
        values = self.last.figures[self.last.spots.index(spot)]
        return dict(zip(FIGURES, map(float, values), strict=True))
