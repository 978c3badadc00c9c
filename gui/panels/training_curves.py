"""The curves of a run's loss, as they go into a plot: one for a step's loss, or one for each phase of a step."""

from __future__ import annotations

import math

import numpy as np

from engine.training.events import Started
from engine.training.history import Column, History
from gui.plots.curve import CurvePlot

SMOOTH_SHARE = 1 / 40  # of the planned steps: what the smoothed curve looks back over
SMOOTH_SPAN = (4, 200)  # steps, the least and the most


class Smoothed:
    """An exponential average without the bias towards its beginning, continued where it was left."""

    def __init__(self, keep: float) -> None:
        self._keep = keep
        self._average = self._weight = 0.0
        self._column = Column()

    @property
    def values(self) -> np.ndarray:
        return self._column.values

    def extend(self, losses: np.ndarray) -> None:
        """Take in what has come since the last time; `losses` are all of them."""
        fresh = losses[len(self._column) :]
        if not len(fresh):
            return
        values: np.ndarray = np.empty(len(fresh), np.float32)
        for index, loss in enumerate(fresh.tolist()):
            if math.isfinite(loss):  # one that is not would spoil all that come after
                self._average = self._keep * self._average + (1 - self._keep) * loss
                self._weight = self._keep * self._weight + (1 - self._keep)
            values[index] = self._average / self._weight if self._weight else loss
        self._column.append(values)


class LossCurves:
    """Feeds the loss plot from a run's history."""

    def __init__(self, plot: CurvePlot) -> None:
        self._plot = plot
        self._phases: tuple[str, ...] = ()
        self._smooth: list[Smoothed] = []

    def begin(self, event: Started) -> None:
        """Curves for a run that begins."""
        least, most = SMOOTH_SPAN
        total = event.epochs * event.steps_per_epoch
        keep = 1 - 1 / min(max(total * SMOOTH_SHARE, least), most)
        self._phases = event.phases
        self._smooth = [Smoothed(keep) for _ in event.phases or ("train",)]

    def forget(self) -> None:
        """No run, no curves."""
        self._phases, self._smooth = (), []

    def show(self, history: History) -> None:
        """Bring the plot up to date."""
        steps = history.steps
        if not len(steps) or not self._smooth:
            return
        if not self._phases:
            self._curve("train", steps, history.losses, self._smooth[0], None)
            self._validation("validation", "val_loss", history, None)
            return
        for index, phase in enumerate(self._phases):
            self._curve(phase, steps, history.parts[:, index], self._smooth[index], index)
            self._validation(phase, f"val_{phase}_loss", history, index)

    def _curve(self, name: str, steps: np.ndarray, losses: np.ndarray, smooth: Smoothed, colour: int | None) -> None:
        smooth.extend(losses)
        self._plot.set_series(name, steps, losses, "raw", colour)
        self._plot.set_series(name, steps, smooth.values, "smooth", colour)

    def _validation(self, name: str, figure: str, history: History, colour: int | None) -> None:
        steps, values = history.figure(figure)
        if len(steps):
            self._plot.set_series(name, steps, values, "validation", colour)
