"""One curve: its numbers, its part in the plot, and how that part is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen

from engine.training.curve_log import CurveLog
from gui.plots.thinning import Floats, breaks, envelope, means
from gui.theme import faded, metrics, theme

Part = Literal["raw", "smooth", "epoch", "validation", "learning_rate", "other"]

COLOUR_OF_PART = {"raw": 0, "smooth": 0, "epoch": 0, "validation": 1, "learning_rate": 3, "other": 5}
ORDER = ("other", "raw", "learning_rate", "smooth", "epoch", "validation")  # from the back
DASHES = {"validation": (4.0, 2.5), "learning_rate": (1.0, 2.0)}
FAINT = ("raw", "other")
PER_COLUMN = 4  # so many spans of a long curve are looked at for every column of pixels
SMOOTH_PITCH = 3  # px between two points of a smooth curve: its wide pen costs milliseconds
PIECES_OF_A_DECADE = 2  # steps on a logarithmic axis are thinned piece by piece
EVERYTHING = 1 << 62
ROUNDS = ((), (4.0, 2.5), (1.0, 2.0))  # dashes of the colours of the theme, and of those that begin anew with them


@dataclass(frozen=True)
class Series:
    """A curve by its name. `colour` is a place among the theme's series colours, so that colours can follow a run."""

    name: str
    part: Part
    colour: int

    @property
    def own_scale(self) -> bool:
        """Whether it is of another unit than its neighbours, and drawn from 0 to its own greatest value."""
        return self.part == "learning_rate"

    @property
    def strong(self) -> bool:
        """Whether it may be two px wide and antialiased: smoothed, or of few points."""
        few = self.count <= metrics().plot.few_points
        return self.part == "smooth" or (few and self.part not in (*FAINT, "learning_rate"))

    def ink(self) -> QColor:
        """The colour of this moment's theme."""
        colours = theme().plot.series
        base = colours[self.colour % len(colours)]
        return faded(base, metrics().plot.raw_alpha) if self.part in FAINT else QColor(base)

    def pen(self) -> QPen:
        """A cosmetic pen: wide antialiased ones cost milliseconds, so only strong curves have them."""
        pen = QPen(self.ink(), metrics().plot.strong if self.strong else metrics().line.plot)
        pen.setCosmetic(True)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        if dashes := DASHES.get(self.part) or dashes_of(self.colour):
            pen.setDashPattern(dashes)
        return pen

    @property
    def count(self) -> int:
        """How many values it has."""
        raise NotImplementedError

    @property
    def ends(self) -> tuple[float, float]:
        """Its first and last step; both 0 while it has none."""
        raise NotImplementedError

    def thinned(self, span: tuple[float, float], columns: int) -> tuple[Floats, Floats]:
        """What is drawn of it in a span of steps, for so many columns of pixels."""
        raise NotImplementedError

    def at(self, step: float) -> float | None:
        """The value at the last point that is not after `step`; None before the first."""
        raise NotImplementedError

    def breaks(self, most: int) -> list[tuple[float, float]]:
        """Where it stops being finite, and what it is there."""
        raise NotImplementedError

    def numbers(self) -> tuple[Floats, Floats]:
        """All of it, as it is kept, for a table."""
        raise NotImplementedError


@dataclass(frozen=True)
class Points(Series):
    """Numbers over ascending steps. x, y: shape (N,)."""

    x: Floats
    y: Floats

    @property
    def count(self) -> int:
        return len(self.x)

    @property
    def ends(self) -> tuple[float, float]:
        return (float(self.x[0]), float(self.x[-1])) if len(self.x) else (0.0, 0.0)

    def thinned(self, span: tuple[float, float], columns: int) -> tuple[Floats, Floats]:
        if self.part == "smooth":
            return means(self.x, self.y, span, max(columns // SMOOTH_PITCH, 1))
        return envelope(self.x, self.y, span, columns)

    def at(self, step: float) -> float | None:
        place = int(np.searchsorted(self.x, step, side="right")) - 1
        return None if place < 0 else float(self.y[place])

    def breaks(self, most: int) -> list[tuple[float, float]]:
        return breaks(self.x, self.y, most)

    def numbers(self) -> tuple[Floats, Floats]:
        return self.x, self.y


@dataclass(frozen=True)
class Logged(Series):
    """A log of any length. keep: the share of an average that one value later is left of it, 0 for none."""

    log: CurveLog
    keep: float = 0.0

    @property
    def count(self) -> int:
        return len(self.log)

    @property
    def ends(self) -> tuple[float, float]:
        return (self.log.first[0], self.log.last[0]) if self.log.first and self.log.last else (0.0, 0.0)

    def thinned(self, span: tuple[float, float], columns: int) -> tuple[Floats, Floats]:
        if self.part == "smooth":
            points = max(columns // SMOOTH_PITCH, 1)
            return means(*self.log.smoothed(*span, points, self.keep), span, points)
        shown = self.log.stretch(*span, PER_COLUMN * columns)
        if shown.stride == 1:
            return envelope(shown.x, shown.mean, span, columns)
        both: Floats = np.stack([shown.low, shown.high], axis=1).ravel()
        return envelope(np.repeat(shown.x, 2), both, span, columns)

    def at(self, step: float) -> float | None:
        if self.part != "smooth" or not len(self.log) or step < self.ends[0]:
            return self.log.at(step)
        xs, ys = self.log.smoothed(step, step, EVERYTHING, self.keep)
        place = int(np.searchsorted(xs, step, side="right")) - 1
        return None if place < 0 else float(ys[place])

    def breaks(self, most: int) -> list[tuple[float, float]]:
        return self.log.breaks[:most]

    def numbers(self) -> tuple[Floats, Floats]:
        if self.part == "smooth":
            return self.log.smoothed(-np.inf, np.inf, EVERYTHING, self.keep)
        whole = self.log.stretch()
        return whole.x, whole.mean


def thinned_by_decades(curve: Series, span: tuple[float, float], columns: int) -> tuple[Floats, Floats]:
    """What is drawn of a curve whose steps are on a logarithmic axis: early steps have as much room as late ones."""
    low, high = max(span[0], 1.0), max(span[1], 1.0)
    if high <= low:
        return curve.thinned((low, high), columns)
    pieces = max(1, round(PIECES_OF_A_DECADE * np.log10(high / low)))
    edges = np.geomspace(low, high, pieces + 1)
    parts = [curve.thinned(piece, max(1, columns // pieces)) for piece in pairwise(edges.tolist())]
    xs, ys = (np.concatenate(column) for column in zip(*parts))
    inside = (np.maximum.accumulate(xs) == xs) & (xs > 0)  # a piece looks one point beyond its ends
    return xs[inside], ys[inside]


def checked(name: str, part: Part) -> int:
    """The colour of a part. Raises: ValueError if there is no such part."""
    if part not in COLOUR_OF_PART:
        raise ValueError(f"{name}: the part of a curve must be one of {', '.join(COLOUR_OF_PART)}, but is {part!r}.")
    return COLOUR_OF_PART[part]


def dashes_of(colour: int) -> tuple[float, ...]:
    """The dashes of a place among the colours: none for the first eight, and then others for every eight."""
    return ROUNDS[colour // len(theme().plot.series) % len(ROUNDS)]


def legend_pen(colour: int) -> QPen:
    """The line of a place among the colours, as a legend or a table shows a piece of it."""
    colours = theme().plot.series
    pen = QPen(colours[colour % len(colours)], metrics().plot.strong)
    if dashes := dashes_of(colour):
        pen.setDashPattern(dashes)
    return pen


def series(name: str, x: Floats, y: Floats, part: Part, colour: int | None) -> Points:
    """A checked series. Raises: ValueError if the columns differ in length or the part is unknown."""
    usual = checked(name, part)
    xs, ys = np.asarray(x), np.asarray(y)
    if xs.ndim != 1 or xs.shape != ys.shape:
        raise ValueError(f"{name}: x and y must be columns of one length, but are {xs.shape} and {ys.shape}.")
    return Points(name, part, usual if colour is None else colour, xs, ys)
