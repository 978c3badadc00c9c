"""Which layers can have weights of their own to say something about."""

from __future__ import annotations

from engine.errors import EditError
from engine.graph.graph import Node
from engine.layers.base import FunctionLayer, Layer
from engine.layers.block import Holder, Shared
from engine.layers.io import Input, Output
from engine.recipe.weights import PLAIN, Weights

_NEVER = (Input, Output, Shared, FunctionLayer)


def may_hold_weights(layer: Layer) -> bool:
    """Whether a layer can have parameters of its own, as far as its kind says."""
    return not isinstance(layer, _NEVER)


def need_weights(node: Node, weights: Weights) -> None:
    """Raises: EditError if this cannot be said of the node's parameters, whatever their sizes."""
    if weights.is_plain:
        return
    if isinstance(node.layer, Shared):
        raise EditError(f"{node.name} uses the weights of another layer.", "Set this at that layer.")
    if not may_hold_weights(node.layer):
        raise EditError(f"{node.name} has no weights.", "Only a layer that learns something has.")
    if isinstance(node.layer, Holder) and weights != weights.for_a_block():
        raise EditError(
            f"{node.name} holds a block: it has no parameters of its own that could start otherwise.",
            "Set that at the layers inside it.",
        )


def suited_to(layer: Layer, weights: Weights) -> Weights:
    """What of it still means something at another layer."""
    if not may_hold_weights(layer):
        return PLAIN
    return weights.for_a_block() if isinstance(layer, Holder) else weights
