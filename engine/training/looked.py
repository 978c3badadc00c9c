"""What is asked of a look into the network and what it tells: frozen, plain data, free of torch."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.training.events import Event, NodePath

FIGURES = (
    "mean", "std", "low", "high", "bad", "zeros", "dead", "saturated", "gradient", "seconds", "bytes", "backward",
)  # fmt: skip
"""Columns of `Looked.figures`; what each means is said in `look_figures`, seconds are forward and backward."""
LINEAR_BINS = 128
LEAST_OCTAVE, GREATEST_OCTAVE = -39, 16
OCTAVES = GREATEST_OCTAVE - LEAST_OCTAVE + 1

ALONE = threading.Lock()
"""Held while a look runs the script of a network that nobody trains: it draws from the random numbers that runs of this
program draw from, hence no run begins meanwhile."""

Kind = Literal["weights", "gradients", "updates", "activations"]
Mode = Literal["use", "training"]
Part = Literal["validation", "training"]


@dataclass(frozen=True)
class Watch:
    """A value to be looked at closely: what comes out of a node. port: "" for every output of the node.

    path: the node's, or the end of it: ((block, node),) stands for the node in all instances of its block.
    """

    path: NodePath
    port: str = ""


@dataclass(frozen=True)
class Look:
    """What somebody wants to see.

    sample: which one, counted from 0; those after it make up the batch. part: of which data.
    layer: the node whose distributions and pictures are made. watched: probes. figures: of every node.
    gradients: also go backward. times: so that it is known how long each layer takes there.
    embedding: where many samples lie in the layer's result.
    mode: dropout and batch statistics as when the network is used, or as in training. every: seconds, at the least.
    """

    sample: int = 0
    part: Part = "validation"
    layer: NodePath = ()
    watched: tuple[Watch, ...] = ()
    figures: bool = True
    gradients: bool = False
    embedding: bool = False
    mode: Mode = "use"
    every: float = 1.0
    times: bool = False


@dataclass(frozen=True)
class Spot:
    """One value of a pass: an output of a node, of which repeat and in which turn of a loop.

    module: the name of the module whose `forward` it stands in, or that gave it: "stage.1". turn: from 0.
    """

    path: NodePath
    port: str
    module: str = ""
    turn: int = 0


@dataclass(frozen=True, eq=False)
class Histogram:
    """How the elements of a tensor lie. Bins are fixed, so that histograms can be added.

    linear: counts in 128 equal bins from -2**exponent to 2**exponent. octaves: counts of sizes, bin i from
    2**(LEAST_OCTAVE - 1 + i) to twice that, the ends open. zeros, bad: how many are zero, or not finite.
    """

    exponent: int
    linear: np.ndarray
    octaves: np.ndarray
    zeros: int = 0
    bad: int = 0

    @property
    def count(self) -> int:
        """All elements, those that are not finite among them."""
        return int(self.linear.sum()) + self.bad

    def widened(self, exponent: int) -> Histogram:
        """The same elements in the bins of a greater range."""
        linear = self.linear
        for _ in range(exponent - self.exponent):
            wide = np.zeros_like(linear)
            quarter = LINEAR_BINS // 4
            wide[quarter : LINEAR_BINS - quarter] = linear.reshape(-1, 2).sum(axis=1)
            linear = wide
        return Histogram(max(exponent, self.exponent), linear, self.octaves, self.zeros, self.bad)

    def __add__(self, other: Histogram) -> Histogram:
        exponent = max(self.exponent, other.exponent)
        one, two = self.widened(exponent), other.widened(exponent)
        return Histogram(
            exponent, one.linear + two.linear, one.octaves + two.octaves, one.zeros + two.zeros, one.bad + two.bad
        )


@dataclass(frozen=True, eq=False)
class Picture:
    """A tensor, or that part of it which belongs to one sample, small enough to be sent.

    tiles: values (K, h, w) as 1 to 255 between low and high, 0 where not finite. colour: values (h, w, 3).
    curve: float32 (n,). shape: of what is shown. of: how many tiles or numbers there are; the first of them are here.
    """

    kind: Literal["tiles", "colour", "curve"]
    values: np.ndarray
    low: float
    high: float
    shape: tuple[int, ...]
    of: int
    columns: int = 0
    """Tiles side by side, 0 for as many as fit."""


@dataclass(frozen=True, eq=False)
class Seen:
    """A value that is watched. whole: whether the picture shows all of it rather than one sample's part."""

    spot: Spot
    shape: tuple[int, ...]
    dtype: str
    device: str
    figures: dict[str, float]
    histogram: Histogram | None
    picture: Picture | None
    whole: bool = False


@dataclass(frozen=True, eq=False)
class Embedding:
    """Where samples lie in the space of a layer's result, on its two main axes.

    places: (N, 2). labels: (N,) integers, or None. share: of the variance that each axis holds.
    """

    places: np.ndarray
    labels: np.ndarray | None
    share: tuple[float, float]
    spot: Spot


@dataclass(frozen=True, eq=False)
class Sample:
    """The sample that was looked at. answer: the network's first output for it, at most some numbers."""

    index: int
    count: int
    part: Part
    inputs: tuple[Picture, ...]
    target: str
    answer: np.ndarray
    batch: int = 1


@dataclass(frozen=True, eq=False)
class Looked(Event):
    """One look: what went through the network, after `step`.

    figures: shape (N, len(FIGURES)), a row a spot. seen: what is watched; filters and attention: of the layer.
    seconds: what it cost. problem: why there is nothing, "" if there is.
    """

    step: int
    spots: tuple[Spot, ...] = ()
    figures: np.ndarray | None = None
    sample: Sample | None = None
    seen: tuple[Seen, ...] = ()
    layer: NodePath = ()
    filters: tuple[Picture, ...] = ()
    attention: tuple[Picture, ...] = ()
    embedding: Embedding | None = None
    seconds: float = 0.0
    problem: str = ""


@dataclass(frozen=True, eq=False)
class Spread(Event):
    """How the elements of something lay at a step. name: of the parameter, or the port of an activation."""

    step: int
    path: NodePath
    name: str
    kind: Kind
    histogram: Histogram
