"""Layers and networks computed for real, on the CPU, beside which inferred shapes are held."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from engine.codegen.calls import call_text
from engine.codegen.memo import option_texts
from engine.document.project import Project
from engine.graph.shapes import BlockShapes, NodeShapes
from engine.layers.base import Layer, Names
from engine.layers.block import BlockLayer, Holder, Shared
from engine.layers.io import Input, Output
from engine.tensor import Dim, NumberSpec, TensorSpec
from tests.laws.control_meaning import meaning

SIZES = {"B": 3, "T": 11, "S": 6, "H": 10, "W": 12}


def size(dim: Dim, sizes: dict[str, int] = SIZES) -> int:
    return dim if isinstance(dim, int) else eval(dim, {"__builtins__": {}}, sizes)


def shape(spec: TensorSpec, sizes: dict[str, int] = SIZES) -> tuple[int, ...]:
    return tuple(size(dim, sizes) for dim in spec.shape)


def tensor(spec: TensorSpec, sizes: dict[str, int] = SIZES) -> Any:
    """A tensor of that shape and type; whole numbers are 0, so that they are an index of everything. Or the number."""
    if isinstance(spec, NumberSpec):
        return spec.at(sizes)
    dtype = getattr(torch, spec.dtype)
    return (
        torch.rand(shape(spec, sizes)).to(dtype) if spec.is_floating else torch.zeros(shape(spec, sizes), dtype=dtype)
    )


def compute(layer: Layer, derived: dict[str, Any], inputs: dict[str, Any]) -> tuple[dict[str, Any], nn.Module]:
    """Run a layer's text on tensors. Returns: its outputs by port, and a module that holds its weights as `layer`."""
    holder = nn.Module()
    space: dict[str, Any] = {"torch": torch, "nn": nn, "F": nn.functional, "self": holder}
    for text in (*layer.imports(), *layer.definitions()):
        exec(text, space)
    call = layer.build(derived)
    if call is not None:
        holder.layer = eval(call_text(call), space)
    wires: dict[str, Any] = {}
    for port, given in inputs.items():
        many = given if isinstance(given, tuple) else (given,)
        names = tuple(f"{port}_{i}" for i in range(len(many)))
        space.update(zip(names, many))
        wires[port] = "None" if given is None else names if isinstance(given, tuple) else names[0]
    outputs = {port.name: f"out_{port.name}" for port in layer.ports_out()}
    options = option_texts(layer, wires)
    for statement in layer.emit(Names("self.layer", wires, outputs, options)):
        exec(statement, space)
    return {port: space[name] for port, name in outputs.items()}, holder


def is_as_inferred(value: Any, spec: TensorSpec | None, sizes: dict[str, int] = SIZES) -> bool:
    """Whether a tensor has the shape and type that was inferred, or a number the value and type."""
    if isinstance(spec, NumberSpec):
        is_known = spec.value is None or value == spec.at(sizes)
        return type(value).__name__ == spec.kind and is_known
    return spec is not None and shape(spec, sizes) == tuple(value.shape) and f"torch.{spec.dtype}" == str(value.dtype)


class Network:
    """A project computed node by node, every output held beside the inferred one."""

    def __init__(self, project: Project, sizes: dict[str, int] = SIZES) -> None:
        self._project, self._sizes = project, sizes
        self.weights = 0
        self.compared = 0

    def run(self, shapes: BlockShapes, inputs: list[torch.Tensor], owns: bool = True) -> list[torch.Tensor]:
        """The outputs of one instance of a block; `owns`: its weights are counted."""
        graph = self._project.blocks[shapes.block].graph
        waiting = list(inputs)
        taken = {n.id: waiting.pop(0) for n in graph.nodes.values() if isinstance(n.layer, Input)}
        values: dict[tuple[str, str], torch.Tensor] = {}
        results: dict[str, torch.Tensor] = {}
        for id in graph.order():
            node = shapes.nodes[id]
            given = {}
            for port, spec in node.inputs.items():
                wires = tuple(values[e.source, e.source_port] for e in graph.feeding(id, port))
                given[port] = wires if isinstance(spec, tuple) else wires[0] if wires else None
            if isinstance(node.layer, Output):
                results[id] = given["x"]
                continue
            owner = owns and not isinstance(graph.nodes[id].layer, Shared)
            outputs = {"out": taken[id]} if isinstance(node.layer, Input) else self._node(node, given, owner)
            self._compare(node, outputs)
            values.update({(id, port): value for port, value in outputs.items()})
        return [results[n.id] for n in graph.nodes.values() if isinstance(n.layer, Output)]

    def _node(self, node: NodeShapes, given: dict[str, Any], owns: bool) -> dict[str, torch.Tensor]:
        if not node.repeats:
            outputs, holder = compute(node.layer, dict(node.derived), given)
            weights = sum(p.numel() for p in holder.parameters())
            assert not owns or weights == node.parameters
            self.weights += weights if owns else 0
            return outputs
        if isinstance(node.layer, Holder) and not isinstance(node.layer, BlockLayer):
            return self._control(node, node.layer, given, owns)
        wires = list(given.values())
        for index, instance in enumerate(node.repeats):
            results = self.run(instance, wires, owns and not (node.layer.shared and index))
            wires = [results[0], *wires[1:]]
        return dict(zip(node.outputs, results))

    def _control(self, node: NodeShapes, layer: Holder, given: dict[str, Any], owns: bool) -> dict[str, torch.Tensor]:
        inner = self._project.inner_ports(layer) or []
        counted: set[int] = set()

        def run(part: int, inputs: dict[str, torch.Tensor]) -> list[torch.Tensor]:
            first = owns and part not in counted
            counted.add(part)
            return self.run(node.repeats[part], [inputs[p.name] for p in inner[part][0]], first)

        def zeros(state: str) -> torch.Tensor:
            spec = node.repeats[0].inputs[[p.name for p in inner[0][0]].index(state)]
            assert spec is not None
            return torch.zeros(shape(spec, self._sizes), dtype=getattr(torch, spec.dtype))

        return meaning(layer, inner, run, given, zeros=zeros)

    def _compare(self, node: NodeShapes, outputs: dict[str, torch.Tensor]) -> None:
        for port, value in outputs.items():
            spec = node.outputs[port]
            assert spec is not None, f"{node.layer} has an unknown output"
            assert tuple(value.shape) == shape(spec, self._sizes), node.layer
            assert str(value.dtype) == f"torch.{spec.dtype}", node.layer
            self.compared += 1
