"""Putting values in the place of block parameters, wherever expressions mention them."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.errors import ExprError, SpecError
from engine.expr import Expr
from engine.graph.graph import Graph, Node
from engine.layers.base import Layer, source
from engine.layers.block import BlockLayer, with_held
from engine.recipe.weights import Weights


def substituted(expression: Expr, values: Mapping[str, Any]) -> Any:
    """The expression with literals or expressions for some of its names; a literal where no name is left."""
    values = {name: value for name, value in values.items() if value != Expr(name)}
    if not expression.names() & values.keys():
        return expression
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
    """The layer with the values put into every option, and into the arguments of a block."""
    changes = {name: substituted(expr, values) for name, expr in layer.expressions().items()}

    def changed(instance: BlockLayer) -> BlockLayer:
        args = {k: substituted(v, values) if isinstance(v, Expr) else v for k, v in instance.args.items()}
        return instance if args == dict(instance.args) else instance.with_(args=args)

    layer = with_held(layer, changed)
    for name, value in changes.items():
        try:
            layer = layer.with_(**{name: value})
        except SpecError:  # 64 / 2 is 32.0, which counts nothing: the text stays and the analysis says so
            layer = layer.with_(**{name: Expr(source(value))})
    return layer


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
