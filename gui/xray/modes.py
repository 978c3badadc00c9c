"""The modes of the X-ray: each says what it shows, on which scale, and reads it from a run's history.

Who measures something more adds a mode with `register(Mode(...))` at import; the legend on the canvas, the menu and the
command palette then offer it, and blocks and repeats are summed up by the rules that hold for its scale.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from engine.graph.graph import NodeId
from engine.training.events import NodePath, Started
from engine.training.history import History
from gui.plots.heat import IDEAL_RATIO, HeatScale, Kind
from gui.plots.thinning import NOTHING
from gui.xray.rows import Rows, rows_of
from gui.xray.rows_over_time import RowFeed

Sum = Literal["worst", "mean"]
SUMS: dict[Sum, str] = {"worst": "Repeats and blocks: the worst", "mean": "Repeats and blocks: the mean"}


@dataclass(frozen=True)
class Reading:
    """One value of a node. path: from the main block down to the node. name: of the module, "stage.3.conv".

    Several readings of one path are repeats of it. value: NaN where there is none, infinite where it was not finite.
    """

    path: NodePath
    name: str
    value: float


@dataclass(frozen=True)
class Mode:
    """What nodes and wires are coloured by.

    key: as preferences and commands know it. title: "Gradient norm", as legend and menu say it. label: one short word
    for the plate on a node. unit: "ms", "" for none. kind: of the scale: "size" for what spans decades (norms, times,
    memory), "ratio" for what should be near 1e-3, "share" for 0 to 1, "signed" for what may be on either side of 0.
    of_parameters: whether layers that share weights share its values, too.
    read: from a history the readings of all nodes, in any order; an empty result means that there is nothing to show.
    why_not: why the mode has nothing to show of this run, "" if it has or will have. about: one sentence for people.
    """

    key: str
    title: str
    label: str
    kind: Kind
    read: Callable[[History], Sequence[Reading]]
    unit: str = ""
    about: str = ""
    of_parameters: bool = False
    why_not: Callable[[History], str] = lambda history: ""


@dataclass(frozen=True)
class Heat:
    """What the canvas shows now. values: of every node on screen that has one. parts: what each was summed up from.

    centre: what is usual in this network, against which sizes are judged. why: why nothing is shown, "" if it is.
    cost: what it costs to measure, in words, "" where it costs nothing of its own.
    """

    mode: Mode
    values: Mapping[NodeId, float]
    scale: HeatScale
    parts: Mapping[NodeId, tuple[Reading, ...]]
    sum: Sum = "worst"
    centre: float = 1.0
    why: str = ""
    cost: str = ""


MODES: dict[str, Mode] = {}


def register(mode: Mode) -> Mode:
    """Offer one more mode, after those that are there."""
    assert mode.key not in MODES or MODES[mode.key].read is mode.read, f"two modes are called {mode.key}"
    MODES[mode.key] = mode
    return mode


def by_node(readings: Iterable[Reading], way: NodePath) -> dict[NodeId, list[Reading]]:
    """Readings by the node on screen under which they stand. way: to the block on screen; () is the main block."""
    found: dict[NodeId, list[Reading]] = {}
    for reading in readings:
        path = reading.path
        if len(path) > len(way) and tuple(path[: len(way)]) == tuple(way):
            found.setdefault(NodeId(path[len(way)][1]), []).append(reading)
    return found


def summed(values: Sequence[float], how: Sum, kind: Kind, centre: float = 1.0) -> float:
    """One value for several repeats or parts: their mean, or the one that is worst.

    Worst is what is not finite, then: of shares and signed values the largest, of ratios the farthest from 1e-3 in
    decades, of sizes the farthest from `centre`, which is what is usual in this network. NaN if none has a value.
    The mean of sizes and ratios is geometric, as their scale is.
    """
    known = [v for v in values if not math.isnan(v)]
    if not known:
        return math.nan
    if not all(map(math.isfinite, known)):
        return math.inf
    if how == "mean":
        return _mean(known, kind)
    return max(known, key=lambda value: badness(value, kind, centre))


def badness(value: float, kind: Kind, centre: float = 1.0) -> float:
    """How far a value is off, to sort by: see `summed`. Below zero where there is none."""
    if math.isnan(value):
        return -1.0
    if not math.isfinite(value):
        return math.inf
    if kind in ("share", "signed"):
        return abs(value)
    off = IDEAL_RATIO if kind == "ratio" else centre
    return abs(math.log10(value / off)) if value > 0 else sys.float_info.max


def usual(readings: Iterable[Reading]) -> float:
    """The size in the middle of all that are finite and not zero, 1 if there are none."""
    sizes = [r.value for r in readings if 0 < r.value < math.inf]
    return float(np.median(sizes)) if sizes else 1.0


def _mean(values: Sequence[float], kind: Kind) -> float:
    if kind in ("share", "signed") or min(values) <= 0:
        return sum(values) / len(values)
    return 10.0 ** (sum(map(math.log10, values)) / len(values))


@lru_cache(maxsize=4)
def _rows(started: Started) -> Rows:
    return rows_of(started)


def _norm_reader(quantity: str) -> Callable[[History], list[Reading]]:
    def read(history: History) -> list[Reading]:
        if history.started is None or quantity not in history.norm_log.quantities:
            return []
        rows = _rows(history.started)
        values = RowFeed(rows, quantity).latest(history.norm_log)
        values = np.where(values == NOTHING, np.nan, values).tolist()
        return [Reading(*each) for each in zip(rows.nodes, rows.names, values)]

    return read


def _unclipped(history: History) -> str:
    started = history.started is not None and history.norm_log.quantities
    return "This recipe does not clip gradients." if started and "before" not in history.norm_log.quantities else ""


def _of_norms(
    key: str, title: str, label: str, kind: Kind, about: str, why_not: Callable[[History], str] = lambda history: ""
) -> Mode:
    return register(Mode(key, title, label, kind, _norm_reader(key), about=about, of_parameters=True, why_not=why_not))


GRADIENT = _of_norms(
    "gradient",
    "Gradient norm",
    "gradient",
    "size",
    "How large the gradient was that the optimizer used: unscaled and clipped.",
)
BEFORE = _of_norms(
    "before",
    "Gradient norm before clipping",
    "unclipped",
    "size",
    "How large the gradient was before all of them were clipped together.",
    _unclipped,
)
WEIGHT = _of_norms("weight", "Weight norm", "weights", "size", "How large the parameters are, after the last step.")
RATIO = _of_norms(
    "ratio",
    "Update / weight",
    "update",
    "ratio",
    "How far a step moved the parameters in proportion to their size; about 1e-3 is usual.",
)
