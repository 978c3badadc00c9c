"""The memory of a training step, by what takes it, and the largest batch that leaves it room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.costs.holding import evaluate
from engine.graph.shapes import BlockShapes, Held
from engine.recipe.recipe import Recipe
from engine.tensor import TensorSpec

_SINGLE = 4
_HALF = 2
_LARGEST_BATCH = 2**24
_PASSING = 2  # the gradient of the largest result, and what it is computed from

CARDS: Mapping[str, int] = {
    "8 GB: RTX 4060": 8,
    "12 GB: RTX 4070": 12,
    "16 GB: T4, RTX 4080": 16,
    "24 GB: RTX 4090, L4": 24,
    "32 GB: RTX 5090": 32,
    "40 GB: A100": 40,
    "48 GB: L40S, A6000": 48,
    "80 GB: A100, H100": 80,
    "141 GB: H200": 141,
}
"""Memory of common graphics cards in GB of 2**30 bytes."""

GIGABYTE = 2**30
USABLE = 0.92
"""The share of a device's memory that a step may take: its driver, libraries and gaps between blocks need the rest."""


@dataclass(frozen=True)
class Memory:
    """Bytes of one training step. Workspace of the libraries that compute it is not in it: they alone know.

    parameters, gradients, state (of the optimizer) and copies (of the parameters in half precision) do not depend on
    the batch. data: the inputs of the batch. activations: what the pass back needs of the pass forward, and the loss.
    passing: what lives for a moment only, about two results of the largest layer.
    """

    parameters: int = 0
    gradients: int = 0
    state: int = 0
    copies: int = 0
    data: int = 0
    activations: int = 0
    passing: int = 0

    @property
    def model(self) -> int:
        """What is needed whatever the batch."""
        return self.parameters + self.gradients + self.state + self.copies

    @property
    def total(self) -> int:
        return self.model + self.data + self.activations + self.passing


def training_memory(shapes: BlockShapes, held: Held, recipe: Recipe, batch: int | None = None) -> Memory:
    """The memory of one step of this instance of the main block; batch: instead of the recipe's size.

    Weights and gradients take four bytes a number, the state four for each number that the optimizer keeps
    (ZeRO, Rajbhandari et al. 2020, section 3.1: the model states). Layers keep what torch's autograd saves, once for
    each tensor. Mixed precision halves that and adds a half-size copy of the weights.
    """
    samples = recipe.batch_size if batch is None else batch
    free = {"B": samples}
    mixed = recipe.precision != "float32"
    learned = shapes.trainable
    half = 2 if mixed else 1
    ends = sum(_bytes(spec, samples) for spec in shapes.outputs)
    return Memory(
        parameters=_SINGLE * shapes.parameters,
        gradients=_SINGLE * learned,
        state=_SINGLE * state_numbers(recipe) * learned,
        copies=_HALF * shapes.parameters if mixed else 0,
        data=evaluate(held.given, free),
        activations=evaluate(held.total, free) // half + (ends if learned else 0),
        passing=_PASSING * evaluate(held.largest, free) // half if learned else 0,
    )


def largest_batch(shapes: BlockShapes, held: Held, recipe: Recipe, room: int) -> int:
    """The most samples whose step takes no more than `room` bytes, 0 if not even one does."""

    def fits(batch: int) -> bool:
        return training_memory(shapes, held, recipe, batch).total <= room

    low, high = 0, 1
    while high < _LARGEST_BATCH and fits(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def is_bounded(held: Held) -> bool:
    """Whether the memory follows from the batch alone: every size but the batch's is fixed."""
    return all(set(names) <= {"B"} for memory in (held.total, held.given, held.largest) for names in memory)


def state_numbers(recipe: Recipe) -> int:
    """How many numbers the optimizer keeps for each that it learns."""
    optimizers = [phase.optimizer for phase in recipe.parts()] or [recipe.optimizer]
    return max(optimizer.kept() for optimizer in optimizers)


def _bytes(spec: TensorSpec | None, samples: int) -> int:
    return spec.bytes(B=samples) if spec is not None else 0
