"""Whether the network and the recipe fit together: inputs against the data, outputs against targets and losses."""

from __future__ import annotations

from dataclasses import dataclass

from engine.document.project import Project
from engine.errors import EngineError, Problem
from engine.graph.block import Block
from engine.graph.graph import Node
from engine.graph.shapes import BlockShapes
from engine.layers.io import Input
from engine.recipe.base import Features, Loss, Target
from engine.tensor import TensorSpec


@dataclass(frozen=True)
class Data:
    """What the main block's inputs are given: from the data where it can be read. features: None where it cannot."""

    inputs: tuple[TensorSpec | None, ...]
    features: Features | None
    problems: tuple[Problem, ...] = ()


def read_data(project: Project, block: Block) -> Data:
    """The tensors that the data set gives to the Input nodes, in their order."""
    dataset = project.recipe.dataset
    try:
        features = dataset.features()
    except EngineError as error:
        node = next((n for n in block.inputs if _declared(n) is None), None)
        problem = Problem("error", error.message, error.hint, block.id, *_place(node), detail=error.detail)
        return Data(tuple(None for _ in block.inputs), None, (problem,))
    given = [TensorSpec(("B", *f.shape), f.dtype) for f in features.inputs]
    inputs: list[TensorSpec | None] = []
    problems = []
    for index, node in enumerate(block.inputs):
        comes = given[index] if index < len(given) else None
        declared = _declared(node)
        inputs.append(comes if declared is None else None)
        if comes is not None and declared is not None and not _accepts(declared, comes):
            message = f"{node.name} takes {declared}, but {dataset.title} gives {comes}."
            hint = "Clear its shape to take what the data gives, or choose other data."
            problems.append(_problem(block, node, message, hint, "shape"))
    if len(block.inputs) > len(given):
        extra = block.inputs[len(given)]
        message = f"{dataset.title} gives {_count(len(given), 'tensor')}, the network has {len(block.inputs)} inputs."
        problems.append(_problem(block, extra, message, f"Delete {extra.name}, or choose other data."))
    elif block.inputs and len(block.inputs) < len(given):
        missing = ", ".join(f.name for f in features.inputs[len(block.inputs) :])
        message = f"{dataset.title} also gives {missing}, which the network does not take."
        problems.append(Problem("error", message, "Add an Input for each.", block.id))
    return Data(tuple(inputs), features, tuple(problems))


def _place(node: Node | None) -> tuple[str, str, str]:
    """node, port and path of a Problem."""
    return (node.id, "", node.name) if node else ("", "", "")


def _problem(block: Block, node: Node, message: str, hint: str, port: str = "") -> Problem:
    return Problem("error", message, hint, block.id, node.id, port, node.name)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _declared(node: Node) -> TensorSpec | None:
    layer = node.layer
    if not isinstance(layer, Input) or layer.shape is None:
        return None
    sizes = layer.shape if isinstance(layer.shape, tuple) else (layer.shape,)
    return TensorSpec(("B", *sizes), layer.dtype)


def _accepts(declared: TensorSpec, comes: TensorSpec) -> bool:
    """A name takes any size."""
    if declared.dtype != comes.dtype or declared.rank != comes.rank:
        return False
    return all(isinstance(mine, str) or mine == size for mine, size in zip(declared.shape, comes.shape))


def fit_recipe(project: Project, block: Block, main: BlockShapes, features: Features | None) -> list[Problem]:
    """What keeps the network's outputs from being trained on the targets by the losses."""
    outputs, losses = block.outputs, project.recipe.losses
    title = project.recipe.dataset.title
    problems = []
    if outputs and len(losses) != len(outputs):
        message = f"The network has {_count(len(outputs), 'output')}, the recipe has {_count(len(losses), 'loss')}."
        message = message.replace("losss", "losses")
        problems.append(Problem("error", message, "Each output needs one loss, in order.", block.id))
    if features is None or not outputs:
        return problems
    targets = features.targets
    if len(outputs) != len(targets):
        names = ", ".join(t.name for t in targets) or "nothing"
        message = (
            f"The network has {_count(len(outputs), 'output')}, {title} has {_count(len(targets), 'target')}: {names}."
        )
        problems.append(Problem("error", message, "Each output is trained on one target, in order.", block.id))
    for node, spec, target, loss in zip(outputs, main.outputs, targets, losses):
        found = _unfit(node, spec, target, loss, title) if spec is not None else None
        if found:
            problems.append(_problem(block, node, *found, port="x"))
    return problems


def _unfit(node: Node, spec: TensorSpec, target: Target, loss: Loss, title: str) -> tuple[str, str] | None:
    """Message and hint if this output cannot be trained on this target with this loss."""
    if not spec.is_floating:
        return f"{node.name} gives {spec}, but {loss.title} needs numbers with a fraction.", "Choose another layer."
    if loss.wants == "class" and target.kind == "class":
        return _unfit_classes(node, spec, target, title)
    if loss.wants == "class":
        return f"{loss.title} needs classes, but {target.name} of {title} is a number.", "Choose a loss for values."
    if target.kind == "class" and loss.wants == "value":
        return f"{loss.title} needs numbers, but {target.name} of {title} is a class.", "Choose a loss for classes."
    return _unfit_values(node, spec, target, title)


def _unfit_classes(node: Node, spec: TensorSpec, target: Target, title: str) -> tuple[str, str] | None:
    wanted = TensorSpec(("B", target.classes, *target.shape))
    if spec.shape == wanted.shape:
        return None
    if spec.rank == wanted.rank and spec.shape[0] == "B" and spec.shape[2:] == wanted.shape[2:]:
        message = f"{node.name} gives {spec}, but {title} has {target.classes} classes."
        return message, f"The last layer needs {target.classes} outputs, one score for each class."
    message = f"{node.name} gives {spec}, but {target.name} of {title} needs {wanted}: one score for each class."
    return message, "Flatten or pool down to one row for each sample."


def _unfit_values(node: Node, spec: TensorSpec, target: Target, title: str) -> tuple[str, str] | None:
    wanted = TensorSpec(("B", *target.shape))
    if spec.shape in (wanted.shape, (*wanted.shape, 1)):
        return None
    return f"{node.name} gives {spec}, but {target.name} of {title} is {wanted}.", "Change the last layer's size."
