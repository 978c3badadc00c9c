"""One curve: its numbers, its part in the plot, and how that part is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen

from gui.plots.thinning import Floats, envelope, means
from gui.theme import faded, metrics, theme

Part = Literal["raw", "smooth", "epoch", "validation", "learning_rate"]

COLOUR_OF_PART = {"raw": 0, "smooth": 0, "epoch": 0, "validation": 1, "learning_rate": 3}
ORDER = ("raw", "learning_rate", "smooth", "epoch", "validation")  # from the back
DASHES = {"validation": (4.0, 2.5), "learning_rate": (1.0, 2.0)}


@dataclass(frozen=True)
class Series:
    """Numbers over steps. `colour` is a place among the theme's series colours, so that colours can follow a run."""

    name: str
    x: Floats
    y: Floats
    part: Part
    colour: int

    @property
    def own_scale(self) -> bool:
        """Whether it is of another unit than its neighbours, and drawn from 0 to its own greatest value."""
        return self.part == "learning_rate"

    @property
    def strong(self) -> bool:
        """Whether it may be two px wide and antialiased: smoothed, or of few points."""
        return self.part == "smooth" or (self.part != "raw" and len(self.x) <= metrics().plot.few_points)

    def ink(self) -> QColor:
        """The colour of this moment's theme."""
        colours = theme().plot.series
        base = colours[self.colour % len(colours)]
        return faded(base, metrics().plot.raw_alpha) if self.part == "raw" else QColor(base)

    def pen(self) -> QPen:
        """A cosmetic pen: wide antialiased ones cost milliseconds, so only strong curves have them."""
        pen = QPen(self.ink(), metrics().plot.strong if self.strong else metrics().line.plot)
        pen.setCosmetic(True)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        if self.part in DASHES:
            pen.setDashPattern(DASHES[self.part])
        return pen

    def thinned(self, span: tuple[float, float], columns: int) -> tuple[Floats, Floats]:
        """What is drawn of it: at most two points for each column of pixels, one for every other where it is smooth."""
        if self.part == "smooth":
            return means(self.x, self.y, span, max(columns // 2, 1))
        return envelope(self.x, self.y, span, columns)

    def at(self, step: float) -> float | None:
        """The value at the last point that is not after `step`; None before the first."""
        place = int(np.searchsorted(self.x, step, side="right")) - 1
        return None if place < 0 else float(self.y[place])


def series(name: str, x: Floats, y: Floats, part: Part, colour: int | None) -> Series:
    """A checked series. Raises: ValueError if the columns differ in length or the part is unknown."""
    if part not in COLOUR_OF_PART:
        raise ValueError(f"{name}: the part of a curve must be one of {', '.join(COLOUR_OF_PART)}, but is {part!r}.")
    xs, ys = np.asarray(x), np.asarray(y)
    if xs.ndim != 1 or xs.shape != ys.shape:
        raise ValueError(f"{name}: x and y must be columns of one length, but are {xs.shape} and {ys.shape}.")
    return Series(name, xs, ys, part, COLOUR_OF_PART[part] if colour is None else colour)
