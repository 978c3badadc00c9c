"""What would keep a run from going well although everything fits together: known before it begins."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from engine.analysis.fit_optimizers import fit_optimizers
from engine.analysis.machine import memory_bytes, readable
from engine.costs.memory import Memory
from engine.document.project import Project
from engine.errors import Problem
from engine.graph.block import Block
from engine.graph.graph import NodeId
from engine.graph.shapes import BlockShapes, NodeShapes
from engine.layers.block import instance_names
from engine.recipe.base import Features
from engine.recipe.recipe import Recipe
from engine.tensor import TensorSpec

Met = tuple[str, NodeId, str, NodeShapes]
"""A node as it is met from the main block: the block it stands in, its id, its path, its shapes."""


def fit_training(
    project: Project, block: Block, main: BlockShapes, features: Features | None, memory: Memory
) -> list[Problem]:
    """Nothing to learn or to validate on, a sample alone in its batch, options that exclude each other, memory."""
    recipe, problems = project.recipe, []
    if block.outputs and main.known and not any(node.trainable for node in main.nodes.values()):
        all_frozen = "Everything that could learn is frozen.", "Unfreeze a layer."
        nothing = "There is nothing to train.", "Add a layer that learns, such as Linear."
        problems.append(all_frozen if main.parameters else nothing)
    if features is not None:
        kept = int(features.samples * recipe.validation)
        if recipe.validation and not 0 < kept < features.samples:
            message = f"{features.samples} samples leave {kept} for validation at a share of {recipe.validation:g}."
            problems.append((message, "Set validation to 0, or use more data."))
    found = [Problem("error", message, hint, block.id) for message, hint in problems]
    samples = training_samples(features, recipe) if features is not None else None
    found += fit_optimizers(project, block, main, samples)
    if features is not None:
        found += _alone(project, main, features)
    return found + _memory(project, main, memory)


def training_samples(features: Features, recipe: Recipe) -> int:
    """Samples that are left for training."""
    return features.samples - int(features.samples * recipe.validation)


def leaves_one_alone(samples: int, batch_size: int) -> bool:
    """Whether a batch of one sample comes up."""
    return batch_size == 1 or samples % batch_size == 1


def _alone(project: Project, main: BlockShapes, features: Features) -> list[Problem]:
    """A batch of one sample where a layer compares the samples of a batch."""
    recipe = project.recipe
    samples = training_samples(features, recipe)
    if not leaves_one_alone(samples, recipe.batch_size):
        return []
    for block, node, path, shapes in _met(project, main):
        spec = shapes.inputs.get("x")
        compares = shapes.layer.key.startswith("BatchNorm") and isinstance(spec, TensorSpec)
        if compares and isinstance(spec, TensorSpec) and spec.count() == spec.shape[1]:
            which = "Every sample" if recipe.batch_size == 1 else f"The last of {samples} training samples"
            message = (
                f"{which} is alone in a batch (batch_size {recipe.batch_size}), "
                f"where {shapes.layer.title} has nothing to compare it with."
            )
            return [Problem("error", message, "Set batch_size to another number.", block, node, "", path)]
    return []


def _memory(project: Project, main: BlockShapes, memory: Memory) -> list[Problem]:
    """On the CPU, want of memory may end the whole program; a graphics card refuses in words when it comes to that."""
    there = memory_bytes()
    needed, held = memory.total, memory.model
    if there is None or needed <= there or not _is_on_cpu(project.recipe):
        return []
    if held <= there:
        message = f"A step may need {readable(needed)}, this machine has {readable(there)} of memory."
        return [Problem("warning", message, "Make the batch or the network smaller.", project.main)]
    block, node, path, shapes = max(_met(project, main), key=lambda met: met[3].parameters)
    message = (
        f"The network needs {readable(held)} with its gradients, this machine has {readable(there)} of memory; "
        f"{shapes.parameters:,} of its {main.parameters:,} parameters are here."
    )
    return [Problem("error", message, "Make it smaller.", block, node, "", path)]


def _is_on_cpu(recipe: Recipe) -> bool:
    return recipe.device == "cpu" or (
        recipe.device == "auto" and torch.accelerator.current_accelerator(check_available=True) is None
    )


def _met(project: Project, shapes: BlockShapes, prefix: str = "", seen: set[int] | None = None) -> Iterator[Met]:
    """Every node of every distinct instance, inner ones of a block after the block."""
    seen = set() if seen is None else seen
    seen.add(id(shapes))
    for node, record in shapes.nodes.items():
        path = prefix + project.blocks[shapes.block].graph.nodes[node].name
        if not record.repeats:
            yield shapes.block, node, path, record
        for place, inner in zip(instance_names(path, record.layer, len(record.repeats)), record.repeats):
            if id(inner) not in seen:
                yield from _met(project, inner, f"{place}.", seen)
