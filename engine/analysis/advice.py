"""What runs but hardly does what was meant: a softmax too many, scores for probabilities, channels last."""

from __future__ import annotations

from collections.abc import Iterator

from engine.document.project import Project
from engine.errors import Problem
from engine.graph.block import Block
from engine.graph.graph import Node
from engine.graph.shapes import BlockShapes
from engine.layers.base import Layer
from engine.layers.convolution import Convolution
from engine.layers.io import Input, Output
from engine.recipe.base import Loss
from engine.tensor import TensorSpec

TO_PROBABILITIES = ("Softmax", "LogSoftmax", "Sigmoid", "LogSigmoid", "Softmin")
_LEARNED = ("linear", "convolution")
_COLOURS = (1, 3, 4)
Advice = tuple[str, str]


def advise(project: Project, block: Block, main: BlockShapes) -> list[Problem]:
    """Warnings about the main block, each at the node that it is about."""
    losses = project.recipe.losses
    found = []
    for node, loss in zip(block.outputs, losses):
        before = _before(block, node)
        said = _of_loss(node, before, loss) if before is not None else None
        if said:
            found.append((node, said))
    found += _channels_last(block, main)
    return [Problem("warning", message, hint, block.id, node.id, "", node.name) for node, (message, hint) in found]


def _before(block: Block, node: Node) -> Node | None:
    """The layer that makes what comes out."""
    edges = block.graph.into(node.id)
    before = block.graph.nodes.get(edges[0].source) if len(edges) == 1 else None
    return before if before is not None and not isinstance(before.layer, (Input, Output)) else None


def _of_loss(node: Node, before: Node, loss: Loss) -> Advice | None:
    """Message and hint if the loss wants other numbers than this layer makes."""
    key, named = before.layer.key, f"{before.name} ({before.layer.title})"
    itself = f"Delete {before.name}: the loss does this itself."
    if loss.key == "CrossEntropyLoss" and key in ("Softmax", "LogSoftmax", "Sigmoid"):
        return f"{loss.title} takes scores, but {named} makes probabilities of them, so it learns slowly.", itself
    if loss.key == "BCEWithLogitsLoss" and key in ("Sigmoid", "Softmax", "LogSigmoid"):
        return f"{loss.title} takes scores, but {named} makes probabilities of them, so it learns slowly.", itself
    if loss.key == "BCELoss" and _gives_anything(before.layer):
        hint = f"Take BCEWithLogitsLoss, or put a Sigmoid before {node.name}."
        return f"{loss.title} needs numbers between 0 and 1, and {named} gives any.", hint
    if loss.key == "NLLLoss" and (_gives_anything(before.layer) or key == "Softmax"):
        hint = f"Take CrossEntropyLoss, or put a LogSoftmax before {node.name}."
        return f"{loss.title} needs the logarithms of probabilities, and {named} gives others.", hint
    return None


def _gives_anything(layer: Layer) -> bool:
    return layer.category in _LEARNED


def _channels_last(block: Block, main: BlockShapes) -> Iterator[tuple[Node, Advice]]:
    """A convolution right after the input whose channels seem to stand at the end."""
    after = (edge.target for node in block.inputs for edge in block.graph.out_of(node.id))
    for node in (block.graph.nodes[id] for id in after if id in block.graph.nodes):
        shapes = main.nodes.get(node.id)
        x = shapes.inputs.get("x") if shapes else None
        if not isinstance(node.layer, Convolution) or not isinstance(x, TensorSpec) or x.rank != 4:
            continue
        _, channels, height, width = x.shape
        if width in _COLOURS and channels == height and channels not in _COLOURS:
            message = f"{x} has {channels} channels of {height} × {width} pixels: they seem to stand last."
            yield node, (message, "A convolution wants (B, C, H, W): put a Permute before it.")
