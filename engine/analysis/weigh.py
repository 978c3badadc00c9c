"""What a layer's own settings make of its parameters: how many there are and are trained, and what cannot be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

import torch
from torch import nn
from torch.nn.utils import parametrizations

from engine.analysis.record import Record, problem
from engine.errors import Problem
from engine.graph.graph import BlockId, Graph, Node, NodeId
from engine.graph.shapes import ITSELF
from engine.recipe.initialisation import Initialisation
from engine.recipe.parametrisation import Parametrisation
from engine.recipe.weights import Weights

Sizes = Mapping[str, tuple[int, ...]]


def counts(weights: Weights, named: Sizes, parameters: int, trainable: int) -> tuple[int, int]:
    """Parameters as torch counts them, and how many of them are trained."""
    for computed in weights.parametrisations:
        more = _more(computed, named[computed.name]) if computed.name in named else 0
        parameters, trainable = parameters + more, trainable + more
    return parameters, 0 if weights.frozen else trainable


@lru_cache(1024)
def _more(computed: Parametrisation, shape: tuple[int, ...]) -> int:
    """Learned numbers beyond those that the parameter itself had."""
    if computed.why_not(shape) or computed.function != "weight_norm":
        return 0  # the others learn one number in the place of each
    module = nn.Module()
    module.weight = nn.Parameter(torch.empty(shape, device="meta"))
    options = {name: value for name, value in computed.arguments().items() if name != "name"}
    getattr(parametrizations, computed.function)(module, **options)
    return sum(p.numel() for p in module.parameters()) - torch.Size(shape).numel()


def weight_problems(block: BlockId, node: Node, weights: Weights, named: Sizes) -> Iterator[Problem]:
    """Everything that cannot be said of a layer with these parameters; what names none of them means nothing."""
    for name, start in weights.init.items():
        yield from _problems(block, node, start, name, f"init.{name}", named)
    seen: set[str] = set()
    for computed in weights.parametrisations:
        yield from _problems(block, node, computed, computed.name, "parametrisations", named)
        if computed.function == "orthogonal" and computed.name in seen:
            message = f"{node.name}: {computed.name} is computed already, and Orthogonal has to come first."
            yield problem(block, node, message, "Put Orthogonal first, or take one away.", port="parametrisations")
        seen.add(computed.name)


def _problems(
    block: BlockId, node: Node, part: Initialisation | Parametrisation, name: str, option: str, named: Sizes
) -> Iterator[Problem]:
    if name not in named:
        hint = f"It has {', '.join(named)}." if named else "Clear its weights."
        message = f"{node.name} has no {'parameter ' + name if named else 'parameters'}."
        yield problem(block, node, message, hint, port=option, severity="warning")
    elif unfit := part.why_not(named[name]):
        what = node.name if name == ITSELF else f"{node.name}.{name}"
        sizes = " × ".join(map(str, named[name])) or "one number"
        yield problem(block, node, f"{part.title} needs {unfit[0]}; {what} is {sizes}.", unfit[1], port=option)


def tied_records(block: BlockId, graph: Graph, records: Mapping[NodeId, Record]) -> dict[NodeId, Record]:
    """Layers that use the weight of another: it is counted there, and has to have the size that is needed here."""
    found = {}
    for id in graph.marked:
        node = graph.nodes[id]
        if not node.weights.tied or (record := records.get(id)) is None:
            continue
        lender, other = graph.nodes.get(NodeId(node.weights.tied)), records.get(NodeId(node.weights.tied))
        needs = record.shapes.named.get("weight")
        if lender is None or other is None:
            wrong = problem(block, node, f"{node.name} is tied to a layer that is not there.", "Untie it.", port="tied")
        elif not record.shapes.named or not other.shapes.named:
            continue  # one of them is not known yet
        elif (has := other.shapes.named.get("weight")) is None or needs is None:
            without = node.name if needs is None else lender.name
            wrong = problem(block, node, f"{without} has no weight that could be shared.", "Untie it.", port="tied")
        elif needs != has:
            sizes = [" × ".join(map(str, size)) for size in (needs, has)]
            message = f"{node.name} needs a weight of {sizes[0]}; that of {lender.name} is {sizes[1]}."
            wrong = problem(block, node, message, "Make the sizes the same, or untie it.", port="tied")
        else:
            count = torch.Size(needs).numel()
            trainable = 0 if node.weights.frozen else record.shapes.trainable - count
            shapes = replace(record.shapes, parameters=record.shapes.parameters - count, trainable=trainable)
            found[id] = replace(record, shapes=shapes)
            continue
        found[id] = replace(record, problems=(*record.problems, wrong))
    return found
