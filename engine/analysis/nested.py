"""Instances of blocks: the values of their parameters, rows of them, and what sharing weights asks for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from engine.analysis.record import Record, problem
from engine.errors import EngineError, LayerError
from engine.expr import Expr
from engine.graph.block import Block
from engine.graph.graph import BlockId, Graph, NodeId
from engine.graph.shapes import BlockShapes, NodeShapes
from engine.kinds import KindError
from engine.layers.base import Layer
from engine.layers.block import REPEAT, BlockLayer, Shared
from engine.layers.chosen import Chosen, expressions_in, same_ports

_DEEPEST = 40


def arguments(block: Block, layer: BlockLayer, scope: Mapping[str, Any]) -> dict[str, Any]:
    """A value for every parameter of the block. Raises: LayerError, ExprError."""
    declared = {p.name: p for p in block.params}
    values = block.defaults()
    for name, value in layer.args.items():
        if name not in declared:
            known = ", ".join(declared) or "none"
            raise LayerError(f"{block.name} has no parameter {name}.", f"Its parameters: {known}.", port="args")
        if layer.shared and REPEAT not in scope and any(REPEAT in e.names() for e in expressions_in({name: value})):
            hint = "Use the same value for every repeat, or weights of their own."
            raise LayerError(f"{name} cannot depend on {REPEAT} when the weights are shared.", hint, port="args")
        if isinstance(value, Expr):
            value = value.evaluate(scope)
        elif isinstance(value, Layer):
            value = value.resolve(scope)
        try:
            values[name] = declared[name].value_kind.check(value)
        except KindError as wrong:
            raise LayerError(f"{name} of {block.name} must be {wrong}, not {value!r}.", port="args") from None
        if isinstance(value, Layer) and not same_ports(value, declared[name].default):
            raise _other_ports(block, name, value, declared[name].default)
    return values


def _other_ports(block: Block, name: str, layer: Layer, default: Layer) -> LayerError:
    sides = [", ".join(p.name for p in side) for side in (default.ports_in(), default.ports_out())]
    return LayerError(
        f"{name} of {block.name} cannot be {layer.title}, which has other inputs and outputs.",
        f"It has to take {sides[0]} and give {sides[1]} as {default.title} does.",
        port="args",
    )


def chosen_layer(block: Block, layer: Chosen, args: Mapping[str, Any]) -> Layer:
    """The layer that a parameter of the block says. Raises: LayerError if it is no kind of layer."""
    value = args.get(layer.param)
    if block.choice(layer.param) is None or not isinstance(value, Layer):
        known = ", ".join(p.name for p in block.params if p.kind == "layer") or "none"
        message = f"{block.name} has no parameter {layer.param or 'for it'} that is a kind of layer."
        raise LayerError(message, f"Its kinds of layers: {known}.", port="param")
    return value


def sizes_as_default(block: Block, name: str, layer: Layer, specs: Mapping[str, Any], own: Mapping[str, Any]) -> Any:
    """The sizes with which the chosen layer is called in the text: those the default takes, for one that ignores them.

    Raises: LayerError if it takes none where the default takes some, or the other way round: one call serves all.
    """
    default = block.choice(name)
    if default is None or type(default) is type(layer):
        return own
    try:
        wanted = default.derive(**specs)
    except EngineError:  # the default does not fit here, and is not what stands here
        return own
    if len(wanted) == len(own):
        return own
    if getattr(layer, "takes_anything", False):
        return wanted
    pairs = ((layer, own), (default, wanted))
    needs = [f"{kind.title} is made with {', '.join(sizes) or 'no sizes'}" for kind, sizes in pairs]
    raise LayerError(
        f"{name} is {layer.title} here and {default.title} by default: {' and '.join(needs)}.",
        "One call has to make both. Identity goes for every layer.",
        port="param",
    )


def same_blocks(before: Mapping[BlockId, Block | None], after: Mapping[BlockId, Block | None]) -> bool:
    """Whether two looks found the very same blocks."""
    return before.keys() == after.keys() and all(before[b] is after[b] for b in after)


def holding(graph: Graph, blocks: Collection[BlockId]) -> list[NodeId]:
    """The nodes that hold an instance of one of these blocks."""
    return list(dict.fromkeys(id for block in blocks for id in graph.holders.get(block, ())))


def refusal(block: Block | None, layer: BlockLayer, stack: tuple[BlockId, ...]) -> tuple[str, str] | None:
    """Message and hint if the block cannot stand here at all; `stack` are those around it."""
    if block is None:
        return f"There is no block {layer.block or 'for it'}.", "Choose another block, or delete this layer."
    if block.id in stack:
        return f"{block.name} would contain itself.", "A block can hold other blocks, but never in a circle."
    if len(stack) >= _DEEPEST:
        return f"Blocks are nested more than {_DEEPEST} deep.", "Ungroup some of them."
    return None


def repeated_problem(layer: BlockLayer, block: Block, repeats: tuple[BlockShapes, ...]) -> tuple[str, str] | None:
    """Message and hint if the block cannot stand in a row of itself."""
    if layer.repeat == 1:
        return None
    if not block.inputs or not block.outputs:
        return f"{block.name} cannot stand in a row.", "It needs an input and an output for the next one to go on from."
    if layer.carry > min(len(block.inputs), len(block.outputs)):
        counted = f"{len(block.inputs)} inputs and {len(block.outputs)} outputs"
        message = f"{block.name} has {counted}, so it cannot hand {layer.carry} tensors on to the next."
        return message, f"Set carry to {min(len(block.inputs), len(block.outputs))} or less."
    if not layer.shared:
        return None
    for comes, gives in zip(repeats[0].inputs[: layer.carry], repeats[0].outputs):
        if comes is not None and gives is not None and comes != gives:
            times = f"{block.name} is applied {layer.repeat} times with the same weights"
            hint = "What it gives must be what it takes, or each repeat needs weights of its own."
            return f"{times}: it takes {comes} and gives {gives}.", hint
    return None


def unlike_shared(block: BlockId, graph: Graph, records: Mapping[NodeId, Record]) -> dict[NodeId, Record]:
    """Layers used twice that would need other sizes the second time: one set of weights has one set of sizes."""
    found = {}
    for id in graph.of_kind(Shared):
        node = graph.nodes[id]
        assert isinstance(node.layer, Shared)
        here, there = records[id], records.get(NodeId(node.layer.node))
        if there is None or here.root is not None or there.root is not None:
            continue
        if differs := same_derived(here.shapes, there.shapes):
            original = graph.nodes[NodeId(node.layer.node)].name
            message = f"{node.name} uses the weights of {original}, but needs {differs}."
            wrong = problem(block, node, message, "Wire in the same sizes, or use a layer of its own.")
            found[id] = Record(here.shapes, (*here.problems, wrong), None)
    return found


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


def culprit(repeats: Sequence[BlockShapes]) -> str:
    """Where the trouble lies inside a block, and what has to happen: "conv1 fits"."""
    for index, shapes in enumerate(repeats):
        place = f"{index}." if len(repeats) > 1 else ""
        for wrong in shapes.problems:
            if wrong.severity == "info" and " until " in wrong.message:
                return place + wrong.message.split(" until ")[1].rstrip(".")
            if wrong.severity == "error":
                return f"{place}{wrong.path} fits"
    return "its outputs are connected"
