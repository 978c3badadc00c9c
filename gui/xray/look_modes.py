"""Modes of the X-ray that show what goes through the network, as the looks of a run told."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from engine.training.history import History
from engine.training.looked import FIGURES
from gui.plots.heat import Kind
from gui.xray.modes import Mode, Reading, register

BOTH = "seconds and backward"
GOES_BACK = ("time_back", "time_both")
"""Modes for which a look has to go backward, too."""


def _read(figure: str, history: History, scale: float = 1.0) -> list[Reading]:
    """A figure of every value of the last look; not of what goes from one repeat of a row to the next."""
    last = history.looks.last
    if last is None or last.figures is None:
        return []
    column = last.figures[:, FIGURES.index("seconds" if figure == BOTH else figure)]
    if figure in (BOTH, "backward"):
        back = last.figures[:, FIGURES.index("backward")]
        if np.isnan(back).all():  # nobody has asked for it yet
            return []
        column = np.where(np.isnan(back), column, column + back) if figure == BOTH else back
    shallow: dict[tuple[tuple[str, str], ...], int] = {}
    for spot in last.spots:
        depth = len(spot.module.split(".")) if spot.module else 0
        shallow[spot.path] = min(depth, shallow.get(spot.path, depth))
    return [
        Reading(spot.path, spot.module or spot.port, float(value) * scale)
        for spot, value in zip(last.spots, column.tolist())
        if (len(spot.module.split(".")) if spot.module else 0) == shallow[spot.path]
    ]


def _mode(key: str, title: str, label: str, kind: Kind, figure: str, unit: str = "", about: str = "") -> Mode:
    scale = {"ms": 1e3, "kB": 1e-3}.get(unit, 1.0)
    read: Callable[[History], list[Reading]] = partial(_read, figure, scale=scale)
    return register(Mode(key, title, label, kind, read, unit, about, why_not=_why_not))


def _why_not(history: History) -> str:
    is_going = history.started is not None and history.over is None  # to choose it begins to look
    return "" if is_going or history.looks.last is not None else "Nobody has looked into the layers yet: press F9."


LOOKS = {
    mode.key: mode
    for mode in (
        _mode("mean", "Activation mean", "mean", "signed", "mean",
              about="The mean of what comes out of a layer for a batch of samples."),
        _mode("std", "Activation spread", "spread", "size", "std",
              about="The standard deviation of what comes out of a layer for a batch of samples."),
        _mode("dead", "Dead units", "dead", "share", "dead",
              about="The share of units that are zero for every sample and at every place."),
        _mode("time", "Time per layer, forward", "forward", "size", "seconds", "ms",
              "How long the layer takes forward for a batch."),
        _mode("time_back", "Time per layer, backward", "backward", "size", "backward", "ms",
              "How long the layer takes backward for a batch, its parameters' gradients included."),
        _mode("time_both", "Time per layer, both ways", "both ways", "size", BOTH, "ms",
              "How long the layer takes forward and backward for a batch."),
        _mode("memory", "Memory per layer", "memory", "size", "bytes", "kB", "How large its result is for a batch."),
    )
}  # fmt: skip
"""By their keys: what one has to look for."""
