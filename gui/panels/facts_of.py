"""What is known of a layer, a block and a recipe, as names and values for people."""

from __future__ import annotations

from engine.costs.memory import training_memory
from engine.costs.nodes import NodeCost
from engine.graph.graph import Graph, NodeId
from engine.graph.shapes import Analysis, BlockShapes, NodeShapes
from engine.layers.base import input_list
from engine.layers.block import BlockLayer
from engine.layers.control import Scan
from engine.layers.merge import ElementwiseMany, ElementwisePair
from engine.recipe.recipe import Recipe
from engine.tensor import NumberSpec, TensorSpec
from gui.figures import count, flops, size

Facts = list[tuple[str, str]]
UNKNOWN = "unknown"


def layer_facts(node: NodeId, shapes: NodeShapes, graph: Graph, cost: NodeCost | None = None) -> Facts:
    """Shapes in and out, parameters, FLOPs and memory for one sample, and how much of the input it sees."""
    found: Facts = []
    for port, spec in shapes.inputs.items():
        if isinstance(spec, tuple):
            found += _many(spec, [graph.nodes[edge.source].name for edge in graph.feeding(node, port)])
        else:
            free = "begins with zeros" if isinstance(shapes.layer, Scan) else "not wired"
            is_free = spec is None and not graph.feeding(node, port)
            found.append((_side("in", port, len(shapes.inputs)), free if is_free else _shown(spec)))
    found += [(_side("out", port, len(shapes.outputs)), _shown(spec)) for port, spec in shapes.outputs.items()]
    found += [("stretched", text) for text in stretched(shapes)]
    repeats = len(shapes.repeats) if isinstance(shapes.layer, BlockLayer) else 1
    total = count(shapes.parameters)
    found.append(("parameters", f"{total} in {repeats} repeats" if repeats > 1 else _or_unknown(shapes, total)))
    if shapes.flops:
        found.append(("compute", f"{flops(shapes.flops)} per sample"))
    if shapes.backward[0]:
        found.append(("and back", f"{flops(shapes.backward[0])} per sample"))
    if cost is not None and cost.kept:
        found.append(("kept", f"{size(cost.kept)} per sample for the pass back"))
    elif shapes.activation_bytes:
        found.append(("memory", f"{size(shapes.activation_bytes)} per sample"))
    if cost is not None and cost.views and shapes.known:
        found.append(("sees", ", ".join(map(str, cost.views))))
    return found


def _side(side: str, port: str, ports: int) -> str:
    """ "in", or "in query" where there are several."""
    return side if ports == 1 or port == side else f"{side} {port}"


def stretched(shapes: NodeShapes) -> list[str]:
    """Inputs of an operator that are smaller than its result, which torch repeats without a word: "b, 8"."""
    result = next(iter(shapes.outputs.values()), None)
    if not isinstance(shapes.layer, (ElementwiseMany, ElementwisePair)) or result is None:
        return []
    found = []
    for port, given in shapes.inputs.items():
        many = isinstance(given, tuple)
        for place, spec in enumerate(input_list(given)):
            if not isinstance(spec, NumberSpec) and spec.shape != result.shape:
                found.append(f"{place + 1 if many else port}: {spec} to {result}")
    return found


def block_facts(shapes: BlockShapes) -> Facts:
    """How large a block is."""
    found = [("layers", f"{len(shapes.nodes):,}"), ("parameters", count(shapes.parameters))]
    return [*found, ("compute", f"{flops(shapes.flops)} per sample")]


def training_facts(analysis: Analysis, recipe: Recipe) -> Facts:
    """The recipe in a few words, and what training takes."""
    ways = [(phase.name, phase.losses, phase.optimizer) for phase in recipe.parts()]
    rows = []
    for name, losses, optimizer in ways or [("", recipe.losses, recipe.optimizer)]:
        rate = getattr(optimizer, "lr", None)
        words = ", ".join(loss.title for loss in losses if loss.key != "NoLoss") or "none"
        rows.append((f"{name} loss".strip(), words))
        rows.append(
            (f"{name} optimizer".strip(), optimizer.title if rate is None else f"{optimizer.title}, lr {rate:g}")
        )
    return [
        ("data", recipe.dataset.title),
        *rows,
        ("epochs", f"{recipe.epochs:,}, batches of {recipe.batch_size:,}"),
        ("compute", f"{flops(analysis.training_flops)} per sample, forward and back"),
        ("memory", f"{size(analysis.training_bytes)} to train"),
    ]


def _many(specs: tuple[TensorSpec, ...], names: list[str]) -> Facts:
    """One row for each wire into a port that takes several; the wires may be newer than what is known of them."""
    if not specs:
        return [("in", "not connected")]
    sources = [f", {name}" for name in names] if len(names) == len(specs) else [""] * len(specs)
    return [(f"in {i + 1}{source}", _shown(spec)) for i, (source, spec) in enumerate(zip(sources, specs, strict=True))]


def _shown(spec: TensorSpec | None) -> str:
    return str(spec) if spec is not None else UNKNOWN


def _or_unknown(shapes: NodeShapes, total: str) -> str:
    return total if shapes.known or shapes.parameters else UNKNOWN


def memory_parts(analysis: Analysis, recipe: Recipe) -> str:
    """What a step of training takes, part by part."""
    memory = training_memory(analysis.main, analysis.held, recipe)
    rows = [
        ("parameters", memory.parameters),
        ("gradients", memory.gradients),
        (f"state of {recipe.optimizer.title}", memory.state),
        ("copies in half precision", memory.copies),
        ("the batch", memory.data),
        ("kept for the pass back", memory.activations),
        ("passing", memory.passing),
    ]
    return "\n".join(f"{name}: {size(value)}" for name, value in rows if value)
