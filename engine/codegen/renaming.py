"""A layer with another name in a class that is written: what is called after it, and who reads that."""

from __future__ import annotations

from collections.abc import Iterable

from engine.codegen.forward import CHAIN, LOOP, Forward
from engine.codegen.scope import ATTRIBUTE_NAMES, Scope
from engine.codegen.statements import each
from engine.graph.graph import Node, NodeId
from engine.layers.io import Output
from engine.recipe.weights import PLAIN


def renamed(scope: Scope, forward: Forward | None, before: Node, after: Node) -> set[NodeId] | None:
    """Call the variable of a layer by its new name, if it was called after it, in what `forward` remembers.

    Returns: the nodes that read it, whose lines are others now; None where a new name may change more than that.
    """
    said = forward.said.get(after.id) if forward else None
    if forward is None or said is None or not _is_alone(scope, before, after):
        return None
    own = {name for name in said.targets.values() if name not in CHAIN and name != "_"}
    if not own:
        return set()
    readers = {edge.target for edge in scope.block.graph.out_of(after.id)}
    if any(isinstance(scope.block.graph.nodes[id].layer, Output) or id not in forward.said for id in readers):
        return None
    if own != {before.name} or not _is_free(forward, before.name, after.name):
        return None
    _call(forward, after.id, before.name, after.name, readers)
    return readers


def _is_alone(scope: Scope, before: Node, after: Node) -> bool:
    """Whether the name alone differs, and every attribute is called as its layer, with the new name as well."""
    graph = scope.block.graph
    if before.layer is not after.layer or before.muted or after.muted or graph.marked or after.weights is not PLAIN:
        return False
    if after.name in ATTRIBUTE_NAMES or after.name in scope.attributes.values():
        return False
    plain = all(scope.attributes[node.id] == node.name for node in graph.nodes.values())
    return plain and all(len(row) == 1 for row in scope.modules.values())


def _is_free(forward: Forward, before: str, name: str) -> bool:
    """Whether a variable that is called after its node could as well have this name, and no other one for it."""
    nodes = forward.graph.nodes
    plain = all(v in CHAIN or v == nodes[id].name or v.startswith("self.") for (id, _), v in forward.values.items())
    return plain and before in forward.locals and name not in forward.locals and name != LOOP


def _call(forward: Forward, node: NodeId, before: str, name: str, readers: Iterable[NodeId]) -> None:
    """Give a variable another name, where it is assigned and where it is read."""
    forward.locals.taken -= {before}
    forward.locals.taken |= {name}
    forward.values |= {key: name for key, v in forward.values.items() if key[0] == node and v == before}
    forward.held[name] = forward.held.pop(before, -1)
    said = forward.said[node]
    forward.said[node] = said._replace(targets={p: name if v == before else v for p, v in said.targets.items()})
    for reader in readers:
        wires: dict[str, str | tuple[str, ...]] = {}
        for port, wire in forward.said[reader].wires.items():
            read = tuple(name if v == before else v for v in each(wire))
            wires[port] = read if isinstance(wire, tuple) else read[0]
        forward.said[reader] = forward.said[reader]._replace(wires=wires)
