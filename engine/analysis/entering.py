"""What enters a block at its Input nodes."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from engine.analysis.record import OUTSIDE, Record, problem
from engine.graph.block import Block
from engine.graph.graph import Node
from engine.graph.shapes import NodeShapes
from engine.layers.io import Input
from engine.tensor import TensorSpec


def input_record(
    block: Block, node: Node, layer: Input, inputs: Sequence[TensorSpec | None], absent: Collection[str]
) -> Record:
    """What is known of an Input node where these tensors are given, and none for the names that are absent."""
    if node.name in absent:
        return Record(NodeShapes(layer), absent=True)
    index = [n.id for n in block.inputs].index(node.id)
    given = inputs[index] if index < len(inputs) else None
    sizes = layer.shape if layer.shape is None or isinstance(layer.shape, tuple) else (layer.shape,)
    declared = TensorSpec(("B", *sizes), layer.dtype) if sizes is not None else None
    spec = given or declared
    bytes_ = spec.bytes() if spec else 0
    shapes = NodeShapes(layer, {}, {"out": spec}, activation_bytes=bytes_)
    if declared is not None and given is not None and declared != given:
        message = f"{node.name} is declared as {declared}, but gets {given}."
        wrong = problem(block.id, node, message, "Clear its shape to take what comes.", port="shape")
        return Record(shapes, (wrong,), None)
    return Record(shapes, (), None if spec else OUTSIDE)
