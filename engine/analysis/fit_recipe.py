"""Whether the network and the recipe fit together: inputs against the data, outputs against targets and losses."""

from __future__ import annotations

from dataclasses import dataclass

from engine.analysis.fit_loss import count, fit_counts, fit_losses, target_spec
from engine.document.project import Project
from engine.errors import EngineError, Problem
from engine.graph.block import Block, may_be_left_out
from engine.graph.graph import Node, NodeId
from engine.graph.shapes import BlockShapes
from engine.layers.io import Input
from engine.recipe.base import Features
from engine.tensor import TensorSpec


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
    given = iter([TensorSpec(("B", *f.shape), f.dtype) for f in features.inputs])
    targets = iter([target_spec(target) for target in features.targets])
    inputs: list[TensorSpec | None] = []
    problems = []
    for node in block.inputs:
        comes = next(targets if is_target(node) else given, None)
        declared = _declared(node)
        inputs.append(comes if declared is None else None)
        if comes is not None and declared is not None and not _accepts(declared, comes):
            message = f"{node.name} takes {declared}, but {title} gives {comes}."
            hint = "Clear its shape to take what the data gives, or choose other data."
            problems.append(_problem(block, node, message, hint, "shape"))
    fed = fed_inputs(block, features)
    absent = frozenset(n.name for n in block.inputs if n.id not in fed and may_be_left_out(n))
    return Data(tuple(inputs), features, (*problems, *_counted(block, features, title)), absent)


def fed_inputs(block: Block, features: Features) -> tuple[NodeId, ...]:
    """The Input nodes that the data feeds."""
    taking = [node.id for node in block.inputs if not is_target(node)][: len(features.inputs)]
    held = [node.id for node in block.inputs if is_target(node)][: len(features.targets)]
    return (*taking, *held)


def is_target(node: Node) -> bool:
    """Whether an Input of the main block is fed by what is to be predicted."""
    return isinstance(node.layer, Input) and node.layer.source == "targets"


def _counted(block: Block, features: Features, title: str) -> list[Problem]:
    """As many Inputs as the data has inputs, and no more of targets than it has."""
    taking = [node for node in block.inputs if not is_target(node)]
    held = [node for node in block.inputs if is_target(node)]
    for nodes, offered, what in ((taking, features.inputs, "input"), (held, features.targets, "target")):
        needed = [node for node in nodes if not may_be_left_out(node)]
        if len(needed) > len(offered):
            extra = needed[len(offered)]
            message = f"{title} gives {count(len(offered), what)}, the network has {len(nodes)}."
            hint = f"Delete {extra.name}, or choose other data."
            if what == "input" and len(held) < len(features.targets):
                hint += f" If {extra.name} takes what is to be predicted, set its source to targets."
            return [_problem(block, extra, message, hint)]
    if len(taking) < len(features.inputs) and block.graph.nodes:
        missing = ", ".join(f.name for f in features.inputs[len(taking) :])
        message = f"{title} gives {missing}, which the network does not take."
        return [Problem("error", message, "Add an Input for each.", block.id)]
    return []


def _problem(block: Block, node: Node, message: str, hint: str, port: str = "") -> Problem:
    return Problem("error", message, hint, block.id, node.id, port, node.name)


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
    """What keeps the network's outputs from being trained on the targets by the losses of the recipe, or of a phase."""
    recipe = project.recipe
    if not block.outputs:
        return []
    if features is None:
        return fit_counts(recipe.losses, block) if not recipe.phases else []
    if not recipe.phases:
        return fit_losses(recipe, recipe.losses, block, main, features)
    return [
        wrong
        for phase in recipe.parts()
        for wrong in fit_losses(recipe, phase.losses, block, main, features, phase.name)
    ]
