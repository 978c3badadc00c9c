"""The `__init__` of a class: its parameters, and one attribute a layer."""

from __future__ import annotations

from engine.codegen.control import construction
from engine.codegen.expressions import value_text
from engine.codegen.generalise import Size, needs_sizes
from engine.codegen.instances import Instance, Words
from engine.codegen.layout import definition_lines, exploded_item, statement_lines
from engine.codegen.memo import built
from engine.codegen.remarks import problem_line
from engine.codegen.scope import BODY, METHOD, Scope
from engine.codegen.source import Line
from engine.codegen.weights_text import constructed, weight_lines
from engine.errors import CodeError
from engine.graph.chain import chain_of, is_row
from engine.graph.graph import NodeId
from engine.layers.block import BlockLayer, Holder, Shared
from engine.layers.chosen import Chosen
from engine.layers.code import CodeLayer


def constructor_ends(scope: Scope, is_empty: bool) -> tuple[list[Line], list[Line]]:
    """What stands in the method above and below what it assigns for every node; nothing if nothing is constructed.

    is_empty: nothing is assigned for any node.
    """
    if scope.is_sequence:
        return _sequence_lines(scope), []
    kept = [
        Line(f"{BODY}{kept} = {scope.signature.spelled[name]}")
        for name, kept in scope.kept.items()
        if name in scope.stored
    ]
    below = weight_lines(scope)
    arguments = [*scope.signature.derived, *_declared(scope)]
    if is_empty and not kept and not below and not arguments:
        return [], []
    head = definition_lines("__init__", ["self", *arguments], METHOD)
    return [*map(Line, head), Line(f"{BODY}super().__init__()"), *kept], below


def node_lines(scope: Scope, node: NodeId) -> list[Line]:
    """What the constructor assigns for one node."""
    layer = scope.block.graph.nodes[node].layer
    if isinstance(layer, BlockLayer):
        return _instance_lines(scope, node, layer)
    if isinstance(layer, Holder):
        return _held_lines(scope, node, layer)
    return [] if isinstance(layer, Shared) else _layer_lines(scope, node)


def _sequence_lines(scope: Scope) -> list[Line]:
    """The method of a class that is an `nn.Sequential`: its layers are handed to it one below the other."""
    layers = chain_of(scope.block)
    unknown = [node.id for node in layers if not is_known(scope, node.id)]
    head = definition_lines("__init__", ["self", *scope.signature.derived, *_declared(scope)], METHOD)
    if unknown:
        comments = [problem_line(scope, node, "its sizes are not known yet.") for node in unknown]
        return [*map(Line, head), *comments, Line(f"{BODY}super().__init__()")]
    items = Words.of(scope).items()
    owners = layers * len(items) if is_row(scope.block) else layers
    pairs = zip(items, owners, strict=False)
    body = [scope.line(line, node.id) for item, node in pairs for line in exploded_item(item, BODY + "    ")]
    opened = [*map(Line, head), Line(f"{BODY}super().__init__("), *body, Line(f"{BODY})")]
    return [*opened, *weight_lines(scope)]


def is_known(scope: Scope, node: NodeId) -> bool:
    """Whether every size of a layer of a sequence is known."""
    made, row = scope.signature.built.get(node), scope.signature.rows.get((node, 0))
    if node in scope.problems or (made is None and row is None):
        return False
    sizes = [Size(node, name) for name in made.sizes] if made else []
    sizes += [size for several in row.sizes.values() for size in several] if row else []
    return all(size in scope.signature.found for size in sizes)


def _declared(scope: Scope) -> list[str]:
    return [f"{scope.signature.spelled[p.name]}={value_text(p.default)}" for p in scope.block.params]


def _layer_lines(scope: Scope, node: NodeId) -> list[Line]:
    layer = scope.block.graph.nodes[node].layer
    if node not in scope.signature.built:
        known = [i.nodes.get(node) for i in scope.instances] or [None]
        if isinstance(layer, Chosen) and node not in scope.problems:
            return [problem_line(scope, node, "what it is made with is not known yet.")]
        if not all(needs_sizes(layer, shapes) for shapes in known) or node in scope.problems:
            return []
        return [problem_line(scope, node, "its sizes are not known yet.")]
    call, sizes, text = scope.signature.built[node]
    if isinstance(layer, CodeLayer) and call is not None:  # its class may have needed another name
        call, sizes, text = built(scope.layer(node) or layer, ())
    if call is None:
        return []
    if text and (scope.signature.is_plain or not sizes):
        text = constructed(scope, node, text)
    elif any(Size(node, name) not in scope.signature.found for name in sizes):
        return [problem_line(scope, node, "its sizes are not known yet.")]
    else:
        text = Words.of(scope).item(scope.block.graph.nodes[node])
    return [scope.line(line, node) for line in statement_lines(f"self.{scope.attributes[node]} = {text}", BODY)]


def _instance_lines(scope: Scope, node: NodeId, layer: BlockLayer) -> list[Line]:
    row = scope.signature.rows.get((node, 0))
    if row is None:
        return []  # its block is not there, which `forward` says
    instance = Instance(Words.of(scope), layer, row)
    if not instance.is_known:
        return [problem_line(scope, node, "its sizes are not known yet.")]
    try:
        lines = instance.lines(f"self.{scope.attributes[node]}")
    except CodeError as error:
        return [problem_line(scope, node, error.message)]
    return _with_inside(scope, node, lines, [instance])


def _held_lines(scope: Scope, node: NodeId, layer: Holder) -> list[Line]:
    """The modules of a loop or branch."""
    rows = [scope.signature.rows.get((node, part)) for part in range(len(layer.held()))]
    instances = [Instance(Words.of(scope), i, row) for i, row in zip(layer.held(), rows) if row is not None]
    if not all(instance.is_known for instance in instances):
        return [problem_line(scope, node, "its sizes are not known yet.")]
    try:
        calls = [instance.call(0) for instance in instances]
        lines = construction(scope, node, layer, calls) if all(rows) else []
    except CodeError as error:
        return [problem_line(scope, node, error.message)]
    return _with_inside(scope, node, lines, instances)


def _with_inside(scope: Scope, node: NodeId, lines: list[str], instances: list[Instance]) -> list[Line]:
    """The lines of a node, which are also those of layers that are written here since their block has no class."""
    blocks = [instance.block for instance in instances if instance.block.id in scope.top.in_place]
    inside = tuple((block.id, inner.id) for block in blocks for inner in chain_of(block))
    return [Line(line, (scope.block.id, node), inside) for line in lines]
