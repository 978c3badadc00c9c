"""What a project means, computed node by node, every value kept under its own name: what the text must equal."""

from typing import Any

import torch
from torch import nn

from engine.analysis.infer import infer
from engine.codegen.memo import option_texts
from engine.document.project import Project
from engine.graph.graph import BlockId, NodeId
from engine.layers.base import Names
from engine.layers.block import BlockLayer, Holder, Shared, module_names
from engine.layers.io import Input, Output
from tests.laws.control_meaning import meaning

Tensors = tuple[torch.Tensor, ...]


def walk(project: Project, block: BlockId, module: nn.Module, inputs: Tensors, params: dict[str, Any]) -> Tensors:
    """The outputs of a block whose layers are the attributes of the module."""
    found = project.blocks[block]
    graph = found.graph
    values: dict[tuple[NodeId, str], torch.Tensor] = {}
    values |= {(n.id, "out"): x for n, x in zip(found.inputs, inputs)}
    results = {}
    for node_id in graph.order():
        layer, owner = graph.nodes[node_id].layer, graph.nodes[node_id].name
        if isinstance(layer, Input):
            continue
        if isinstance(layer, Shared):
            original = graph.nodes[NodeId(layer.node)]
            layer, owner = original.layer, original.name
        if isinstance(layer, Output):
            (edge,) = graph.into(node_id)
            results[node_id] = values[edge.source, edge.source_port]
            continue
        part = getattr(module, owner, None)
        if isinstance(layer, BlockLayer):
            inner = project.blocks[BlockId(layer.block)]
            given = [values[e.source, e.source_port] for p in inner.ports_in() for e in graph.feeding(node_id, p.name)]
            outputs = row(project, layer, part, tuple(given), params)
            values |= {(node_id, port.name): x for port, x in zip(inner.ports_out(), outputs)}
            continue
        if isinstance(layer, Holder):
            wired = {e.target_port: values[e.source, e.source_port] for e in graph.into(node_id)}
            modules = [getattr(module, n) for n in module_names(owner, layer)]
            outputs = control(project, layer, modules, wired, params, (block, node_id))
            values |= {(node_id, port): x for port, x in outputs.items()}
            continue
        space: dict[str, Any] = {"torch": torch, "nn": nn, "F": nn.functional, "part": part, "self": module}
        wires: dict[str, Any] = {}
        for port in layer.ports_in():
            edges = graph.feeding(node_id, port.name)
            names = tuple(f"in_{port.name}_{k}" for k in range(len(edges)))
            space |= {name: values[e.source, e.source_port] for name, e in zip(names, edges)}
            wires[port.name] = names if port.kind == "many" else names[0] if names else "None"
        targets = {port.name: f"to_{port.name}" for port in layer.ports_out()}
        resolved = layer.resolve(params)
        options = option_texts(resolved, wires)
        exec("\n".join((*layer.definitions(), *resolved.emit(Names("part", wires, targets, options)))), space)
        values |= {(node_id, port): space[name] for port, name in targets.items()}
    return tuple(results[n.id] for n in found.outputs)


def control(
    project: Project,
    layer: Holder,
    modules: list[Any],
    wired: dict[str, torch.Tensor],
    params: dict[str, Any],
    place: tuple[BlockId, NodeId],
) -> dict[str, torch.Tensor]:
    """A loop or a branch. place: where it stands, in a block of one instance if a state of it begins with zeros."""
    inner = project.inner_ports(layer) or []

    def run(part: int, inputs: dict[str, torch.Tensor]) -> Tensors:
        instance = layer.held()[part]
        args = project.blocks[BlockId(instance.block)].defaults()
        args |= {n: v.evaluate(params) if hasattr(v, "evaluate") else v for n, v in instance.args.items()}
        given = tuple(inputs[p.name] for p in inner[part][0])
        return walk(project, BlockId(instance.block), modules[part], given, args)

    def zeros(state: str) -> torch.Tensor:
        node = infer(project, trusted=True).node(place[1], place[0])
        spec = node.repeats[0].inputs[[p.name for p in inner[0][0]].index(state)] if node else None
        assert spec is not None
        return torch.zeros([3 if isinstance(size, str) else size for size in spec.shape])

    return meaning(layer.resolve(params), inner, run, wired, zeros=zeros, training=modules[0].training)


def row(project: Project, layer: BlockLayer, part: Any, inputs: Tensors, params: dict[str, Any]) -> Tensors:
    """An instance of a block: the first output of one repeat is the first input of the next."""
    outputs: Tensors = ()
    times = layer.resolve(params).repeat
    for k in range(times):
        inner = part[k] if layer.repeat != 1 and not layer.shared else part
        scope = {**params, "i": k}
        args = project.blocks[BlockId(layer.block)].defaults()
        args |= {n: v.evaluate(scope) if hasattr(v, "evaluate") else v for n, v in layer.args.items()}
        outputs = walk(project, BlockId(layer.block), inner, inputs, args)
        inputs = (outputs[0], *inputs[1:])
    return outputs
