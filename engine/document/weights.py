"""Which layers can have weights of their own to say something about."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from engine.errors import EditError
from engine.graph.graph import Graph, Node, NodeId
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


def need_tie(graph: Graph, node: Node, weights: Weights) -> None:
    """Raises: EditError unless the layer whose weight it is to use can lend it."""
    if not weights.tied:
        return
    other = graph.nodes.get(NodeId(weights.tied))
    if other is None or other.id == node.id:
        raise EditError(f"There is no layer {weights.tied} whose weight {node.name} could use.")
    if isinstance(other.layer, Holder) or not may_hold_weights(other.layer):
        raise EditError(f"{other.name} has no weight of its own that {node.name} could use.")
    if other.weights.tied:
        lender = graph.nodes.get(NodeId(other.weights.tied), other)
        raise EditError(f"{other.name} itself uses the weight of {lender.name}.", f"Tie {node.name} to that.")
    users = [n.name for n in graph.nodes.values() if n.weights.tied == node.id]
    if users:
        raise EditError(f"{users[0]} uses the weight of {node.name}.", "Untie that first.")


def retied(node: Node, ids: Mapping[NodeId, NodeId]) -> Weights:
    """The weights of a copied node, tied to the copy of the other layer; free where that was not copied."""
    tied = ids.get(NodeId(node.weights.tied), "") if node.weights.tied else ""
    return node.weights if tied == node.weights.tied else node.weights.with_(tied=tied)


def untied(graph: Graph, gone: Collection[NodeId]) -> Graph:
    """The graph where nothing uses the weight of layers that go."""
    lost = [n for n in graph.nodes.values() if n.weights.tied and n.weights.tied in gone]
    return graph.with_nodes(replace(n, weights=n.weights.with_(tied="")) for n in lost) if lost else graph


def suited_to(layer: Layer, weights: Weights) -> Weights:
    """What of it still means something at another layer."""
    if not may_hold_weights(layer):
        return PLAIN
    return weights.for_a_block() if isinstance(layer, Holder) else weights
