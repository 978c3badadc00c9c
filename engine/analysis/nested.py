"""Instances of blocks: the values of their parameters, rows of them, and what sharing weights asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.errors import LayerError
from engine.expr import Expr
from engine.graph.block import Block
from engine.graph.shapes import BlockShapes, NodeShapes
from engine.kinds import KindError
from engine.layers.block import BlockLayer

REPEAT = "i"
"""The name that counts the repeats in the arguments of a repeated block."""


def arguments(block: Block, layer: BlockLayer, scope: Mapping[str, Any]) -> dict[str, Any]:
    """A value for every parameter of the block. Raises: LayerError, ExprError."""
    declared = {p.name: p for p in block.params}
    values = block.defaults()
    for name, value in layer.args.items():
        if name not in declared:
            known = ", ".join(declared) or "none"
            raise LayerError(f"{block.name} has no parameter {name}.", f"Its parameters: {known}.", port="args")
        if isinstance(value, Expr):
            if layer.shared and REPEAT in value.names() and REPEAT not in scope:
                hint = "Use the same value for every repeat, or weights of their own."
                raise LayerError(f"{name} cannot depend on {REPEAT} when the weights are shared.", hint, port="args")
            value = value.evaluate(scope)
        try:
            values[name] = declared[name].value_kind.check(value)
        except KindError as wrong:
            raise LayerError(f"{name} of {block.name} must be {wrong}, not {value!r}.", port="args") from None
    return values


def repeated_problem(layer: BlockLayer, block: Block, repeats: tuple[BlockShapes, ...]) -> tuple[str, str] | None:
    """Message and hint if the block cannot stand in a row of itself."""
    if layer.repeat == 1:
        return None
    if not block.inputs or not block.outputs:
        return f"{block.name} cannot stand in a row.", "It needs an input and an output for the next one to go on from."
    if not layer.shared:
        return None
    comes, gives = repeats[0].inputs[0], repeats[0].outputs[0]
    if comes is None or gives is None or comes == gives:
        return None
    message = f"{block.name} is applied {layer.repeat} times with the same weights: it takes {comes} and gives {gives}."
    return message, "What it gives must be what it takes, or each repeat needs weights of its own."


def same_derived(here: NodeShapes, there: NodeShapes, path: str = "") -> str:
    """ "in_features 20 instead of 10" where two uses of the same weights need different ones, else nothing."""
    for name, value in there.derived.items():
        if here.derived.get(name) != value:
            return f"{path}{name} {here.derived.get(name)} instead of {value}"
    for mine, other in zip(here.repeats, there.repeats):
        if mine is other:
            continue
        for id, node in other.nodes.items():
            found = same_derived(mine.nodes[id], node, f"{path}{id}.") if id in mine.nodes else ""
            if found:
                return found
    return ""
