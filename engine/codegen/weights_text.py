"""The text of how parameters begin: what they start from, what computes them, which of them stay as they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.codegen.layout import statement_lines
from engine.codegen.scope import BODY, Scope
from engine.codegen.source import Line
from engine.graph.block import Block
from engine.graph.graph import NodeId
from engine.graph.shapes import ITSELF
from engine.layers.block import Holder
from engine.recipe.parametrisation import Parametrisation


def constructed(scope: Scope, node: NodeId, text: str) -> str:
    """A layer's constructor call within what computes its parameters, where that can be said at once."""
    if scope.block.graph.nodes[node].weights.is_plain:
        return text
    for computed in _at_once(scope, node):
        given = [text, *_arguments(scope, computed.arguments())]
        text = f"{computed.function}({', '.join(given)})"
    return text


def weight_lines(scope: Scope) -> list[Line]:
    """The statements below the layers: what single parameters start from, what computes them, what is frozen."""
    found: list[Line] = []
    for node in _marked(scope.block):
        if not scope.block.graph.nodes[node].weights.is_plain:
            statements = [line for text in _statements(scope, node) for line in statement_lines(text, BODY)]
            found += [scope.line(line, node) for line in statements]
    return [*found, *_ties(scope)]


def _ties(scope: Scope) -> list[Line]:
    """`self.head.weight = self.embedding.weight`, below everything that these start from."""
    graph, found = scope.block.graph, []
    for node in _marked(scope.block):
        tied = graph.nodes[node].weights.tied
        if tied in graph.nodes and all("weight" in _known(scope, n) for n in (node, NodeId(tied))):
            text = f"{scope.me(node)}.weight = {scope.me(NodeId(tied))}.weight"
            found += [scope.line(line, node, NodeId(tied)) for line in statement_lines(text, BODY)]
    return found


def _marked(block: Block) -> list[NodeId]:
    """The nodes whose weights may be set in some way, in the order in which they are computed."""
    rank = block.graph.wiring.rank
    return sorted((id for id in block.graph.marked if id in rank), key=rank.__getitem__)


def import_lines(blocks: Iterable[Block]) -> tuple[str, ...]:
    """The import lines that the weights of these blocks need."""
    nodes = (block.graph.nodes[id] for block in blocks for id in block.graph.marked)
    return tuple(dict.fromkeys(c.import_line() for node in nodes for c in node.weights.parametrisations))


def _statements(scope: Scope, node: NodeId) -> list[str]:
    known, weights = _known(scope, node), scope.block.graph.nodes[node].weights
    me = scope.me(node)
    found = []
    for name, start in weights.init.items():
        if name in known:
            parameter = me if name == ITSELF else f"{me}.{name}"
            found.append(f"{start.target}({', '.join([parameter, *_arguments(scope, start.arguments())])})")
    if not _at_once(scope, node):
        for computed in weights.parametrisations:
            if computed.name in known:
                module = f"{me}.{computed.part}" if computed.part else me
                given = [module, *_arguments(scope, computed.arguments())]
                found.append(f"{computed.function}({', '.join(given)})")
    if weights.frozen:
        found += [f"{module}.requires_grad_(False)" for module in _modules(scope, node, me)]
    return found


def _modules(scope: Scope, node: NodeId, me: str) -> list[str]:
    """The attributes that hold a node's parameters: one for each block that it holds."""
    layer = scope.block.graph.nodes[node].layer
    if isinstance(layer, Holder):
        return [f"{me}_{part}" if part else me for part in layer.parts()]
    return [me] if _known(scope, node) else []


def _at_once(scope: Scope, node: NodeId) -> tuple[Parametrisation, ...]:
    """What computes parameters, if it can be said around the constructor call: nothing may be set below it."""
    weights = scope.block.graph.nodes[node].weights
    known = _known(scope, node)
    if weights.init or any(c.part or c.name not in known for c in weights.parametrisations):
        return ()
    return weights.parametrisations


def _known(scope: Scope, node: NodeId) -> Mapping[str, Any]:
    """The node's own parameters, as soon as any instance of the block has shown them."""
    records = (instance.nodes.get(node) for instance in scope.instances)
    return next((record.named for record in records if record is not None and record.named), {})


def _arguments(scope: Scope, options: Mapping[str, Any]) -> list[str]:
    """Options as source: the one that torch requires without its name."""
    written = {name: scope.value(value) for name, value in options.items()}
    return [text if name in ("val", "sparsity") else f"{name}={text}" for name, text in written.items()]
