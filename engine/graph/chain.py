"""Blocks that are one layer after the other, which torch has a class for: `nn.Sequential`."""

from __future__ import annotations

from collections.abc import Callable

from engine.graph.block import Block
from engine.graph.graph import Node
from engine.layers.base import ModuleLayer, Port
from engine.layers.block import BlockLayer
from engine.layers.chosen import Chosen

PortsOf = Callable[[Node], tuple[tuple[Port, ...], tuple[Port, ...]]]


def chain_of(block: Block) -> tuple[Node, ...]:
    """The layers between the input and the output of a block, in their order."""
    ends = {node.id for node in (*block.inputs, *block.outputs)}
    return tuple(block.graph.nodes[node] for node in block.graph.order() if node not in ends)


def is_row(block: Block) -> bool:
    """Whether the only layer is a block several times in a row: the sequence is that row."""
    chain = chain_of(block)
    layer = chain[0].layer if len(chain) == 1 else None
    return isinstance(layer, BlockLayer) and layer.repeat != 1 and not layer.shared


def why_no_chain(block: Block, ports: PortsOf) -> str:
    """Why a block cannot be an `nn.Sequential`, in words, "" if it can."""
    if len(block.inputs) != 1 or len(block.outputs) != 1:
        return f"{block.name} has more than one input and one output."
    layers = chain_of(block)
    if not layers:
        return f"{block.name} has no layers yet."
    if len(layers) + 2 != len(block.graph.nodes):
        return f"In {block.name} data goes round in a circle."
    before = block.inputs[0]
    for node in (*layers, block.outputs[0]):
        into = block.graph.into(node.id)
        if len(into) != 1 or into[0].source != before.id or len(block.graph.out_of(before.id)) != 1:
            return f"{node.name} does not follow {before.name} alone."
        if node is not block.outputs[0] and (reason := _why_no_link(node, ports)):
            return reason
        before = node
    return ""


def _why_no_link(node: Node, ports: PortsOf) -> str:
    layer = node.layer
    into, out = ports(node)
    if sum(p.kind != "optional" for p in into) != 1 or len(out) != 1 or into[0].kind != "required":
        return f"{node.name} does not take one tensor and give one."
    if isinstance(layer, BlockLayer):
        return f"{node.name} is applied several times." if layer.shared and layer.repeat != 1 else ""
    if isinstance(layer, Chosen) or (isinstance(layer, ModuleLayer) and layer.is_plain_call()):
        return ""
    return f"{node.name} is a calculation, no module."
