"""Whether the network and the recipe fit together: inputs against the data, outputs against targets and losses."""

from __future__ import annotations

from dataclasses import dataclass

from engine.document.project import Project
from engine.errors import EngineError, Problem
from engine.graph.block import Block, may_be_left_out
from engine.graph.graph import Node
from engine.graph.shapes import BlockShapes
from engine.layers.io import Input
from engine.recipe.base import Features, Loss, Target
from engine.recipe.recipe import Recipe
from engine.tensor import NumberSpec, TensorSpec


@dataclass(frozen=True)
class Data:
    """What the main block's inputs are given: from the data where it can be read. features: None where it cannot."""

    inputs: tuple[TensorSpec | None, ...]
    features: Features | None
    problems: tuple[Problem, ...] = ()
    absent: frozenset[str] = frozenset()
    """Inputs that may be left out, and that the data does not give."""


def read_data(project: Project, block: Block) -> Data:
    """The tensors that the data gives to the Input nodes, in their order."""
    try:
        features = project.recipe.features()
    except EngineError as error:
        node = next((n for n in block.inputs if _declared(n) is None), None)
        place = (node.id, "", node.name) if node else ("", "", "")
        problem = Problem("error", error.message, error.hint, block.id, *place, detail=error.detail)
        return Data(tuple(None for _ in block.inputs), None, (problem,))
    title = project.recipe.dataset.title
    given = [TensorSpec(("B", *f.shape), f.dtype) for f in features.inputs]
    inputs: list[TensorSpec | None] = []
    problems = []
    for index, node in enumerate(block.inputs):
        comes = given[index] if index < len(given) else None
        declared = _declared(node)
        inputs.append(comes if declared is None else None)
        if comes is not None and declared is not None and not _accepts(declared, comes):
            message = f"{node.name} takes {declared}, but {title} gives {comes}."
            hint = "Clear its shape to take what the data gives, or choose other data."
            problems.append(_problem(block, node, message, hint, "shape"))
    absent = frozenset(n.name for n in block.inputs[len(given) :] if may_be_left_out(n))
    return Data(tuple(inputs), features, (*problems, *_counted(block, features, title)), absent)


def _counted(block: Block, features: Features, title: str) -> list[Problem]:
    offered = len(features.inputs)
    needed = [node for node in block.inputs if not may_be_left_out(node)]
    if len(needed) > offered:
        extra = needed[offered]
        message = f"{title} gives {_count(offered, 'input')}, the network has {len(block.inputs)}."
        return [_problem(block, extra, message, f"Delete {extra.name}, or choose other data.")]
    if len(block.inputs) < offered and block.graph.nodes:
        missing = ", ".join(f.name for f in features.inputs[len(block.inputs) :])
        message = f"{title} gives {missing}, which the network does not take."
        return [Problem("error", message, "Add an Input for each.", block.id)]
    return []


def _problem(block: Block, node: Node, message: str, hint: str, port: str = "") -> Problem:
    return Problem("error", message, hint, block.id, node.id, port, node.name)


def _count(number: int, what: str) -> str:
    ending = "" if number == 1 else "es" if what.endswith("s") else "s"
    return f"{number} {what}{ending}"


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
    recipe, outputs = project.recipe, block.outputs
    if not outputs:
        return []
    problems = []
    if len(recipe.losses) != len(outputs):
        message = f"The network has {_count(len(outputs), 'output')}, the recipe {_count(len(recipe.losses), 'loss')}."
        problems.append(Problem("error", message, "Each output needs one loss, in order.", block.id))
    if features is None:
        return problems
    title = recipe.dataset.title
    if len(outputs) != len(features.targets):
        names = ", ".join(t.name for t in features.targets) or "nothing"
        message = f"The network has {_count(len(outputs), 'output')}, but {title} has {names} to predict."
        problems.append(Problem("error", message, "Each output is trained on one target, in order.", block.id))
    for node, spec, target, loss in zip(outputs, main.outputs, features.targets, recipe.losses):
        found = _unfit_loss(target, loss, recipe) or (_unfit_shape(node, spec, target, loss, title) if spec else None)
        if found:
            problems.append(_problem(block, node, *found))
    return problems


Unfit = tuple[str, str]


def _unfit_loss(target: Target, loss: Loss, recipe: Recipe) -> Unfit | None:
    """Message and hint if this loss cannot be used for this target, whatever the network gives."""
    title = recipe.dataset.title
    if (target.kind == "value") != (loss.wants == "value"):
        kind = "a class" if target.kind == "class" else "a number"
        wanted = "classes" if target.kind == "class" else "numbers"
        return (
            f"{loss.title} cannot be used for {target.name} of {title}, which is {kind}.",
            f"Take a loss for {wanted}.",
        )
    if loss.wants == "binary" and target.classes != 2:
        message = f"{loss.title} tells two classes apart, but {target.name} of {title} has {target.classes}."
        return message, "Take CrossEntropyLoss."
    if loss.form == "probability" and recipe.precision != "float32":
        return (
            f"{loss.title} is not exact enough for {recipe.precision}.",
            "Take BCEWithLogitsLoss without the Sigmoid.",
        )
    return None


def _unfit_shape(node: Node, spec: TensorSpec, target: Target, loss: Loss, title: str) -> Unfit | None:
    """Message and hint if the loss cannot compare what this output gives with the target."""
    if isinstance(spec, NumberSpec):
        return f"{node.name} gives the number {spec}, but {loss.title} needs a tensor.", "Wire a layer into it."
    if not spec.is_floating:
        return f"{node.name} gives {spec}, but {loss.title} needs numbers with a fraction.", "Take another layer."
    if loss.wants == "class":
        return _unfit_classes(node, spec, target, title)
    wanted = TensorSpec(("B", *target.shape))
    if spec.shape in (wanted.shape, (*wanted.shape, 1)):
        return None
    if spec.rank == wanted.rank + 1 and spec.shape[:-1] == wanted.shape:
        message = f"{node.name} gives {spec}, but {target.name} of {title} is one number."
        return message, "The last layer needs 1 output."
    return f"{node.name} gives {spec}, but {target.name} of {title} is {wanted}.", "Change the last layer's size."


def _unfit_classes(node: Node, spec: TensorSpec, target: Target, title: str) -> Unfit | None:
    wanted = TensorSpec(("B", target.classes, *target.shape))
    if spec.shape == wanted.shape:
        return None
    if spec.rank == wanted.rank and spec.shape[0] == "B" and spec.shape[2:] == wanted.shape[2:]:
        message = f"{node.name} gives {spec}, but {title} has {target.classes} classes."
        return message, f"The last layer needs {target.classes} outputs, one score for each class."
    message = f"{node.name} gives {spec}, but {target.name} of {title} needs {wanted}, one score for each class."
    return message, "Flatten or pool down to one row for each sample."
