"""Putting values in the place of block parameters, wherever expressions mention them."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.errors import EditError, ExprError, SpecError
from engine.expr import Expr
from engine.graph.graph import Graph, Node
from engine.layers.base import Layer, source
from engine.layers.block import BlockLayer, with_held
from engine.layers.chosen import Chosen
from engine.recipe.weights import Weights
from engine.tree import Tree


def substituted(expression: Expr, values: Mapping[str, Any]) -> Any:
    """The expression with literals or expressions for some of its names; a literal where no name is left.

    An expression that is nothing but the name of a kind of layer becomes that layer.
    """
    if isinstance(values.get(expression.text), Layer):
        return values[expression.text]
    if any(isinstance(values.get(name), Layer) for name in expression.names()):
        return expression
    values = {name: value for name, value in values.items() if value != Expr(name)}
    if not expression.names() & values.keys():
        return expression
    if isinstance(expression, Tree):
        return expression.with_values({name: values[name] for name in expression.names() & values.keys()})
    texts = {name: value.text if isinstance(value, Expr) else source(value) for name, value in values.items()}
    tree = ast.parse(expression.text, mode="eval")
    result = Expr(
        ast.unparse(_Names({name: ast.parse(text, mode="eval").body for name, text in texts.items()}).visit(tree))
    )
    if result.names():
        return result
    try:
        return result.evaluate({})
    except ExprError:
        return result


class _Names(ast.NodeTransformer):
    def __init__(self, values: Mapping[str, ast.expr]) -> None:
        self.values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.values.get(node.id, node)


def layer_with_values(layer: Layer, values: Mapping[str, Any]) -> Layer:
    """The layer with the values put into every option, and into the arguments of a block.

    Raises: EditError if the kind of a chosen layer would have to be computed.
    """
    if isinstance(layer, Chosen) and layer.param in values:
        return _chosen(layer, values[layer.param])
    values = {name: value for name, value in values.items() if name not in layer.fed_by()}
    changes = {name: substituted(expr, values) for name, expr in layer.expressions().items()}

    def changed(instance: BlockLayer) -> BlockLayer:
        args = {k: argument_with_values(v, values) for k, v in instance.args.items()}
        return instance if args == dict(instance.args) else instance.with_(args=args)

    layer = with_held(layer, changed)
    for name, value in changes.items():
        try:
            layer = layer.with_(**{name: value})
        except SpecError:  # 64 / 2 is 32.0, which counts nothing: the text stays and the analysis says so
            layer = layer.with_(**{name: Expr(source(value))})
    return layer


def argument_with_values(value: Any, values: Mapping[str, Any]) -> Any:
    """An argument of a block with the values put into it, be it an expression or the options of a layer."""
    if isinstance(value, Layer):
        return layer_with_values(value, values)
    return substituted(value, values) if isinstance(value, Expr) else value


def _chosen(layer: Chosen, value: Any) -> Layer:
    if isinstance(value, Layer):
        return value
    if isinstance(value, Expr) and value.text.isidentifier():
        return layer.with_(param=value.text)
    raise EditError(
        f"{layer.param} is {value}, which is worked out for each instance.",
        "Set it to one kind of layer, or to a parameter.",
    )


def weights_with_values(weights: Weights, values: Mapping[str, Any]) -> Weights:
    """How parameters begin, with the values put into every option."""
    if not weights.mentioned() & values.keys():
        return weights
    return weights.changed_by(
        lambda part: part.with_(**{name: substituted(expr, values) for name, expr in part.expressions().items()})
    )


def graph_with_values(graph: Graph, values: Mapping[str, Any]) -> Graph:
    """The graph with the values put into every layer; the very same graph if none mentions them."""
    differing = [changed for node in graph.nodes.values() if (changed := node_with_values(node, values)) is not node]
    return graph.with_nodes(differing) if differing else graph


def node_with_values(node: Node, values: Mapping[str, Any]) -> Node:
    """The node with the values put into its layer and its weights; the very same node if none mentions them."""
    layer, weights = layer_with_values(node.layer, values), weights_with_values(node.weights, values)
    if layer == node.layer and weights is node.weights:
        return node
    return replace(node, layer=layer, weights=weights)


def graph_with_layers(graph: Graph, layers: Mapping[str, Layer]) -> Graph:
    """The graph with these layers where it said that a parameter of the block chooses one."""
    chosen = [(n, layers.get(n.layer.param)) for n in graph.nodes.values() if isinstance(n.layer, Chosen)]
    changed = [replace(node, layer=layer) for node, layer in chosen if layer is not None]
    return graph.with_nodes(changed) if changed else graph
