"""What a run tells: frozen, plain data, the same from a thread and from a process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from engine.training.bad import BadNode

NodePath = tuple[tuple[str, str], ...]
"""Ids (block, node) from the main block down to the node itself; empty where no node is known."""


@dataclass(frozen=True)
class Event:
    """Something that happened in a run. Steps and epochs count from 1."""


@dataclass(frozen=True)
class Preparing(Event):
    """Before the first step; `stage` is for people: "Loading data"."""

    stage: str


@dataclass(frozen=True)
class Started(Event):
    """Everything is ready and the first step comes next.

    parameters: names in the order of `named_parameters()`, the columns of `Norms.values`.
    nodes: for each parameter the node that holds it. first_epoch: epochs already behind a resumed run.
    first_step: steps behind it. parent: the run it goes on from, "" for none; parent_step: after which of its steps.
    Where weights were carried over, the parent's steps are not counted: the first step of this run is 1.
    """

    run_id: str
    parameters: tuple[str, ...]
    nodes: tuple[NodePath, ...]
    epochs: int
    steps_per_epoch: int
    batch_size: int
    device: str
    first_epoch: int = 0
    count: int = 0
    """Learned numbers altogether."""
    phases: tuple[str, ...] = ()
    """Names of the phases of a step, the columns of `Steps.parts`; none where a step has one loss."""
    first_step: int = 0
    parent: str = ""
    parent_step: int = 0


@dataclass(frozen=True, eq=False)
class Steps(Event):
    """Some optimizer steps, about 50 ms of them: losses[i] belongs to step `first + i`.

    losses: shape (S,), float32.
    measuring_share: time spent on measuring, as a share of the time of these steps; waiting for the processor while
    they are told of is not spent on measuring.
    parts: shape (S, K), the loss of every phase, whose sum is in `losses`; None where a step has one loss.
    rates: the learning rate after the last of these steps, of every phase if there are several.
    """

    first: int
    losses: np.ndarray
    samples_per_second: float
    measuring_share: float
    parts: np.ndarray | None = None
    rates: tuple[float, ...] = ()


Quantity = Literal["gradient", "before", "weight", "ratio"]


@dataclass(frozen=True, eq=False)
class Norms(Event):
    """How large something of every parameter was at some steps: values[i] belongs to step `steps[i]`.

    quantity: "gradient", the L2 norm of the gradient as the optimizer used it: of all batches that a step accumulates,
    unscaled, clipped. "before": the same before clipping, only where gradients are clipped. "weight": the L2 norm of
    the parameter after the step. "ratio": the norm of what the step changed, divided by that of the parameter after it.
    steps: shape (M,), ascending. values: shape (M, P), float32: NaN where there is nothing to measure (frozen, not
    part of this step, a step that was left out), infinite where it was not finite.
    stride: every how many steps it is measured now.
    """

    quantity: Quantity
    steps: np.ndarray
    values: np.ndarray
    stride: int = 1


@dataclass(frozen=True)
class Skipped(Event):
    """Steps that an optimizer left out because gradients of float16 were too large for that type.

    The loss scaler goes on with a smaller scale; a few at the beginning of a run are as it should be.
    """

    steps: tuple[int, ...]

    @property
    def step(self) -> int:
        """The first of them."""
        return self.steps[0]


@dataclass(frozen=True)
class Evaluated(Event):
    """The end of an epoch: figures by name, in the order in which they are printed.

    line: the epoch as the script prints it. seconds: since the last step, the time that measuring them took.
    """

    epoch: int
    step: int
    figures: Mapping[str, float]
    seconds: float = 0.0
    line: str = ""


@dataclass(frozen=True)
class Checkpointed(Event):
    """The state after `step` is on disk; `epoch` epochs were whole. hand: it was asked for. epoch: every so many."""

    path: str
    kind: Literal["last", "best", "hand", "epoch"]
    epoch: int = 0
    step: int = 0
    name: str = ""


@dataclass(frozen=True)
class Steered(Event):
    """Something was changed by hand after `step`.

    name: lr, weight_decay, clip, dropout, frozen, batch_size, accumulate or epochs; "generator_lr" where it is that of
    a phase. node: the layer it concerns, empty for all. before, after: 0 and 1 for what is not frozen and what is.
    epoch: the epoch that had just ended, where it was changed between two; -1 in the midst of one.
    code: the statements that made the change, of a `run: Setup` and of the script's globals; helpers: functions that
    they call, by their names in `engine.codegen.steering_text`.
    """

    step: int
    name: str
    before: float
    after: float
    node: NodePath = ()
    epoch: int = -1
    code: str = field(default="", compare=False)
    helpers: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Awaited(Event):
    """Something was asked for that takes effect when the epoch ends; then `Steered` says so."""

    step: int
    name: str
    value: float


@dataclass(frozen=True)
class Steerable(Event):
    """What of the run can be changed, told once, when everything is ready.

    values: what they are, by names as in `Steered`. refused: why others cannot be changed, in a sentence and a hint.
    dropouts: every layer that leaves something out, and its share; `nodes` are theirs.
    """

    values: Mapping[str, float]
    refused: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    dropouts: tuple[tuple[str, float], ...] = ()
    nodes: tuple[NodePath, ...] = ()


@dataclass(frozen=True)
class Planned(Event):
    """From here on the run has other epochs, or other steps in each, after `epoch` epochs that ended at `step`."""

    epoch: int
    step: int
    epochs: int
    steps_per_epoch: int
    batch_size: int


PARTS_OF_A_STEP = ("data", "forward", "backward", "optimizer", "rest")
"""In the order in which they follow one another."""


@dataclass(frozen=True)
class Used:
    """What the process of a run takes of the machine.

    cpu: processors kept busy, of `cores`. memory: bytes in RAM, of `memory_total`. gpu: share of time that it is busy,
    None where that cannot be asked. gpu_memory: the most bytes that tensors took at once; gpu_taken: by all programs.
    """

    cpu: float
    cores: int
    memory: int
    memory_total: int
    gpu: float | None = None
    gpu_memory: int = 0
    gpu_taken: int = 0
    gpu_total: int = 0


@dataclass(frozen=True)
class Timed(Event):
    """Where the time of a step goes: seconds by `PARTS_OF_A_STEP`, the mean of the steps measured since the last."""

    step: int
    seconds: Mapping[str, float]
    used: Used


@dataclass(frozen=True)
class InputFigures:
    """What the values of one input of the network are like, in one batch of training samples."""

    mean: float
    std: float
    low: float
    high: float


@dataclass(frozen=True)
class Checked(Event):
    """A look at the whole network that comes rarely and by itself, for what a diagnosis needs.

    dead: by node the share of units that are zero for every sample of a batch. saturated: the share of values at the
    ends of a function that has ends. inputs: those that are floating point, in order. classes: samples of each.
    """

    step: int
    dead: Mapping[NodePath, float]
    saturated: Mapping[NodePath, float]
    inputs: tuple[InputFigures, ...]
    classes: tuple[int, ...] = ()


@dataclass(frozen=True)
class NodeTime:
    """What a node took in a step of a trace, all of what is inside it included.

    path: its ids from the main block down. name: "stage.0.conv1". forward, backward: seconds of the processor.
    device_forward, device_backward: seconds of the GPU, 0 without one. calls: times it was executed.
    """

    path: NodePath
    name: str
    forward: float
    backward: float
    calls: float
    device_forward: float = 0.0
    device_backward: float = 0.0


@dataclass(frozen=True)
class Traced(Event):
    """Some steps were recorded operation by operation, into a file that Perfetto and Chrome open.

    nodes: means of a step. seconds: a step while recording; it takes longer than another one.
    """

    step: int
    steps: int
    path: str
    nodes: tuple[NodeTime, ...]
    seconds: float


@dataclass(frozen=True)
class Paused(Event):
    """No further step is taken until one is asked for."""

    step: int


@dataclass(frozen=True)
class Resumed(Event):
    """Steps are taken again."""

    step: int


@dataclass(frozen=True)
class Warned(Event):
    """Something went wrong that training can do without, such as a checkpoint for which the disk has no space."""

    message: str
    hint: str = ""


@dataclass(frozen=True)
class Ended(Event):
    """The last event of a run that did not fail. "early": its patience ran out."""

    reason: Literal["finished", "stopped", "early"]
    figures: Mapping[str, float] = field(default_factory=dict)
    run_id: str = ""


@dataclass(frozen=True)
class Failed(Event):
    """The last event of a run that cannot go on, in the user's words.

    block, node: ids of the node at fault, "" where unknown. detail: the traceback, shown only on request.
    bad: where numbers stopped being finite, if it was that: its path from the main block down, and what it was given.
    """

    message: str
    hint: str = ""
    block: str = ""
    node: str = ""
    detail: str = ""
    run_id: str = ""
    bad: BadNode | None = None

    @property
    def path(self) -> NodePath:
        """The bad node with the blocks that it stands in, empty where there is none."""
        return self.bad.path if self.bad is not None else ()
