"""What the script of one project needs, worked out once: names, outputs and their losses, sizes of batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.codegen.names import RESERVED, SCRIPT, Namespace
from engine.document.project import Project
from engine.graph.shapes import Analysis
from engine.recipe.base import Features, Loss, Metric, Target
from engine.recipe.recipe import Recipe
from engine.tensor import TensorSpec

TINY_FLOPS = 10_000_000
"""Below this a step (forward, whole batch) is over before its work has been shared out between threads."""
EVALUATION_BYTES = 256 * 2**20
EVALUATION_BATCH = 1024
_LOCAL = """model train_data validation_data optimizer schedule scaler stopping seed device epochs epoch first_epoch
loss step_loss total figures outputs targets predicted part parts validation data samples labels batch is_over
name every sample tensor"""
SCRIPT_NAMES = SCRIPT | frozenset(_LOCAL.split())


@dataclass(frozen=True)
class OutputPlan:
    """One output of the network: the target it is held against, and how.

    like_output: one number a sample comes out as a column, so the target is made one too.
    """

    name: str
    target: Target
    loss: Loss
    metrics: tuple[Metric, ...]
    like_output: bool


@dataclass(frozen=True)
class Plan:
    """A recipe matched with a network. `inputs` and the names of outputs are variables of the text.

    threads: how many the text asks for, None for all but one of the machine's. taken: names of the model's text.
    """

    recipe: Recipe
    features: Features
    model: str
    inputs: tuple[str, ...]
    outputs: tuple[OutputPlan, ...]
    threads: int | None
    evaluation_batch: int
    parameters: int
    taken: frozenset[str] = frozenset()

    @property
    def targets(self) -> tuple[str, ...]:
        return tuple(o.name for o in self.outputs)

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
    def autocasts(self) -> bool:
        return self.recipe.precision != "float32"

    @property
    def scales(self) -> bool:
        """Gradients of float16 underflow; only CUDA trains in it with a scaler."""
        return self.recipe.precision == "float16" and self.recipe.device in ("auto", "cuda")

    @property
    def stratified(self) -> str:
        """The target whose classes are to be alike in both parts of the data, if there is one."""
        return next((o.name for o in self.outputs if o.target.kind == "class"), "")

    def fields(self) -> tuple[str, ...]:
        """What `setup` returns and `train` takes, in order; only what this recipe needs."""
        found = {
            "model": True,
            "train_data": True,
            "validation_data": self.validates,
            "optimizer": True,
            "schedule": self.recipe.schedule.moves != "never",
            "scaler": self.scales,
            "stopping": self.recipe.patience > 0,
            "seed": self.recipe.shuffle,
        }
        return tuple(name for name, needed in found.items() if needed)


def plan_of(project: Project, analysis: Analysis, model: str, taken: Sequence[str] = ()) -> Plan:
    """Match the recipe with the network, in which inference has found no error. `taken`: names of the model's text.

    Raises: DataError when data is missing.
    """
    recipe = project.recipe
    features = recipe.features()
    names = Namespace((*RESERVED, *SCRIPT_NAMES, *taken))
    inputs = tuple(names.add(i.name) for i in features.inputs)
    pairs = zip(features.targets, recipe.losses, analysis.main.outputs)
    outputs = tuple(_output(names.add(t.name), t, loss, spec, recipe) for t, loss, spec in pairs)
    tiny = analysis.flops * recipe.batch_size <= TINY_FLOPS
    room = EVALUATION_BYTES // max(1, analysis.main.activation_bytes)
    large = max(recipe.batch_size, min(EVALUATION_BATCH, 2 ** max(0, room.bit_length() - 1)))
    return Plan(
        recipe, features, model, inputs, outputs, 1 if tiny else None, large, analysis.parameters, frozenset(taken)
    )


def _output(name: str, target: Target, loss: Loss, spec: TensorSpec | None, recipe: Recipe) -> OutputPlan:
    metrics = tuple(m for m in recipe.metrics if m.suits(loss.form))
    column = loss.wants != "class" and spec is not None and spec.rank == len(target.shape) + 2 and spec.shape[-1] == 1
    return OutputPlan(name, target, loss, metrics, column)
