"""What the script of one project needs, worked out once: names, what is trained on what, by whom, sizes of batches."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from engine.codegen.names import RESERVED, SCRIPT, Namespace
from engine.codegen.plan_phases import PhasePlan, phase_names, phases_of
from engine.codegen.plan_targets import OutputPlan, TargetPlan, match
from engine.codegen.returned import opened
from engine.document.project import Project
from engine.graph.block import Returns
from engine.graph.shapes import Analysis
from engine.layers.io import Input
from engine.recipe.base import Features
from engine.recipe.recipe import Recipe
from engine.recipe.transforms import Noise

TINY_FLOPS = 10_000_000
"""Below this a step (forward, whole batch) is over before its work has been shared out between threads."""
EVALUATION_BYTES = 256 * 2**20
EVALUATION_BATCH = 1024
_LOCAL = """model train_data validation_data optimizer schedule scaler stopping seed device epochs epoch first_epoch
loss step_loss total figures outputs targets predicted part parts validation data samples labels batch is_over
name every sample tensor step closure group groups others training"""
SCRIPT_NAMES = SCRIPT | frozenset(_LOCAL.split())


@dataclass(frozen=True)
class Plan:
    """A recipe matched with a network. Names are variables of the text.

    inputs: what the data gives. loaded: every target of the data; targets: those that something is held against, or
    that the network takes. arguments: of the model's call, as source over `inputs`, `noise` and `targets`.
    threads: how many the text asks for, None for all but one of the machine's. taken: names of the model's text.
    returns, results: how the network hands out its outputs, and their names.
    """

    recipe: Recipe
    features: Features
    model: str
    inputs: tuple[str, ...]
    loaded: tuple[str, ...]
    held: tuple[TargetPlan, ...]
    arguments: tuple[str, ...]
    noise: tuple[tuple[str, Noise], ...]
    outputs: tuple[OutputPlan, ...]
    phases: tuple[PhasePlan, ...]
    threads: int | None
    evaluation_batch: int
    parameters: int
    taken: frozenset[str] = frozenset()
    returns: Returns = "tuple"
    results: tuple[str, ...] = ()

    def call(self, arguments: str) -> str:
        """The network's one output for these arguments, or all of them in their order."""
        return opened(self.returns, f"model({arguments})", self.results)

    @property
    def targets(self) -> tuple[str, ...]:
        return tuple(target.name for target in self.held)

    @property
    def tensors(self) -> tuple[str, ...]:
        return (*self.inputs, *self.targets)

    @property
    def validates(self) -> bool:
        return self.recipe.validation > 0

    @property
    def streams(self) -> bool:
        return self.recipe.dataset.streams

    @property
    def lengths(self) -> tuple[str, ...]:
        """The inputs whose samples differ in length."""
        loaded = (f for f in self.features.inputs if not f.drawn)
        return tuple(n for n, f in zip(self.inputs, loaded) if any(isinstance(s, str) for s in f.shape))

    @property
    def autocasts(self) -> bool:
        return self.recipe.precision != "float32"

    @property
    def scales(self) -> bool:
        """Gradients of float16 underflow; only CUDA trains in it with a scaler."""
        return self.recipe.precision == "float16" and self.recipe.device in ("auto", "cuda")

    @property
    def stratified(self) -> str:
        """The target whose classes are to be alike in both parts of the data, if there is one."""
        pairs = zip(self.loaded, self.features.targets)
        return next((name for name, target in pairs if target.kind == "class"), "")

    @property
    def has_phases(self) -> bool:
        return bool(self.recipe.phases)

    @property
    def sizes_batch(self) -> str:
        """The tensor whose length is the number of samples."""
        return self.targets[0] if self.targets else self.inputs[0]

    def argument_reads(self) -> tuple[str, ...]:
        """The tensors of the data that the model's call reads, in the order of `tensors`."""
        return tuple(name for name in self.tensors if any(name in _words(text) for text in self.arguments))

    def fields(self) -> tuple[str, ...]:
        """What `setup` returns and `train` takes, in order; only what this recipe needs."""
        optimizers = [o for phase in self.phases for o in phase.optimizers]
        return (
            "model",
            "train_data",
            *(["validation_data"] if self.validates else []),
            *(o.variable for o in optimizers),
            *(o.schedule for o in optimizers if o.schedule),
            *(["scaler"] if self.scales else []),
            *(["stopping"] if self.recipe.patience else []),
            *(["seed"] if self.recipe.shuffle else []),
        )


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.rpartition("=")[2]))


def plan_of(project: Project, analysis: Analysis, model: str, taken: Sequence[str] = ()) -> Plan:
    """Match the recipe with the network, in which inference has found no error. `taken`: names of the model's text.

    Raises: DataError when data is missing.
    """
    recipe = project.recipe
    features = recipe.features()
    names = Namespace((*RESERVED, *SCRIPT_NAMES, *taken, *phase_names(recipe)))
    inputs = tuple(names.add(f.name) for f in features.inputs if not f.drawn)
    loaded = tuple(names.add(target.name) for target in features.targets)
    draws = [t for t in recipe.transforms if isinstance(t, Noise)]
    noise = tuple((names.add(f"draw_{t.name}"), t) for t in draws)
    fed, arguments = _arguments(project, inputs, loaded, noise)
    matched = match(project, analysis, features, loaded, fed, names)
    tiny = analysis.flops * recipe.batch_size <= TINY_FLOPS
    room = EVALUATION_BYTES // max(1, analysis.main.activation_bytes)
    large = max(recipe.batch_size, min(EVALUATION_BATCH, 2 ** max(0, room.bit_length() - 1)))
    return Plan(
        recipe,
        features,
        model,
        inputs,
        loaded,
        matched.targets,
        arguments,
        noise,
        matched.outputs,
        phases_of(project, analysis, matched.phases, taken),
        1 if tiny else None,
        large,
        analysis.parameters,
        frozenset(taken),
        project.block().returns,
        tuple(node.name for node in project.block().outputs),
    )


def _arguments(
    project: Project, inputs: tuple[str, ...], loaded: tuple[str, ...], noise: tuple[tuple[str, Noise], ...]
) -> tuple[frozenset[str], tuple[str, ...]]:
    """The targets that the network itself takes, and its arguments: inputs, noise and targets, each in their order."""
    given = iter((*inputs, *(f"{function}({inputs[0]})" for function, _ in noise)))
    targets = iter(loaded)
    found: list[str] = []
    fed: set[str] = set()
    has_gap = False
    for node in project.block().inputs:
        is_target = isinstance(node.layer, Input) and node.layer.source == "targets"
        name = next(targets if is_target else given, None)
        if name is None:  # one that may be left out
            has_gap = True
            continue
        found.append(f"{node.name}={name}" if has_gap else name)
        if is_target:
            fed.add(name)
    return frozenset(fed), tuple(found)
