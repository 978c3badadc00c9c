"""Nodes and edges as a frozen value, indexed once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import filterfalse
from typing import Any, NewType
from weakref import ref

from engine.graph.ordering import Found, Steps, ordered, reordered
from engine.graph.others import difference, numbered, tell
from engine.layers.base import Layer
from engine.layers.block import Holder, held
from engine.recipe.weights import PLAIN, Weights

NodeId = NewType("NodeId", str)
BlockId = NewType("BlockId", str)


@dataclass(frozen=True, slots=True)
class Node:
    """A layer at its place. `id` is its identity and is never shown; `name` is the attribute in the code.

    weights: how its parameters begin and learn, where that is not as the layer and the recipe say.
    muted: it is drawn, and what it is given passes through it unchanged.
    """

    id: NodeId
    name: str
    layer: Layer
    weights: Weights = PLAIN
    muted: bool = False


@dataclass(frozen=True, order=True, slots=True)
class Edge:
    """A wire from an output port to an input port, by name. `slot` orders the wires of a many-port."""

    source: NodeId
    source_port: str
    target: NodeId
    target_port: str
    slot: int = 0
    _hash: int = field(default=0, init=False, repr=False, compare=False)

    def __hash__(self) -> int:
        """Kept once it was asked for: a graph's edges are looked up far more often than they are made."""
        if not self._hash:
            kept = hash((self.source, self.source_port, self.target, self.target_port, self.slot))
            object.__setattr__(self, "_hash", kept)
        return self._hash

    def __reduce__(self) -> tuple[Any, ...]:
        """Without the hash, which is another one in another process."""
        return Edge, (self.source, self.source_port, self.target, self.target_port, self.slot)


@dataclass(frozen=True)
class Graph:
    """Nodes in their order of creation, and the edges between them.

    next_id counts up and never back, so that an id is never used again.
    """

    nodes: Mapping[NodeId, Node] = field(default_factory=dict)
    edges: frozenset[Edge] = frozenset()
    next_id: int = 1

    @cached_property
    def wiring(self) -> Wiring:
        """Everything that follows from ids and edges alone; it survives a change of parameters."""
        return Wiring(tuple(self.nodes), self.edges)

    def with_nodes(self, changed: Iterable[Node]) -> Graph:
        """The same wiring with other names or layers at some nodes."""
        nodes, alike, holds_alike = dict(self.nodes), True, True
        changed = tuple(changed)
        for node in changed:
            assert node.id in nodes, f"{node.id} is not in the graph"
            before = nodes[node.id]
            alike = alike and _is_alike(before, node)
            holds_alike = holds_alike and (before.layer is node.layer or not (held(before.layer) or held(node.layer)))
            nodes[node.id] = node
        result = replace(self, nodes=nodes)
        tell(self, result, (node.id for node in changed if node is not self.nodes[node.id]))
        keeps = (*(("_kinds", "marked") if alike else ()), *(("holders",) if holds_alike else ()))
        for kept in ("wiring", *keeps):
            if kept in self.__dict__:
                result.__dict__[kept] = self.__dict__[kept]
        return result

    def go_on_from(self, before: Graph) -> None:
        """Take over what is known by kind from a graph of which some nodes are gone here, and others are new."""
        changed, gone = difference(before, self)
        fresh = [*self.nodes][len(self.nodes) - sum(id not in before.nodes for id in changed) :]
        if len(fresh) + len(gone) > _FEW or changed != set(fresh):
            return
        less, more = [before.nodes[id] for id in gone], [self.nodes[id] for id in fresh]
        if "marked" in before.__dict__ and not any(map(_is_marked, (*less, *more))):
            self.__dict__["marked"] = before.marked
        if "_kinds" in before.__dict__:
            _keep(self, "_kinds", _table_again(before._kinds, less, more, lambda node: (type(node.layer),)))
        if "holders" in before.__dict__:
            _keep(self, "holders", _table_again(before.holders, less, more, _blocks_in))

    def of_kind(self, *kinds: type[Layer]) -> list[NodeId]:
        """The nodes whose layers are of these classes, in their order of creation."""
        found = [ids for kind, ids in self._kinds.items() if issubclass(kind, kinds)]
        if len(found) < 2:
            return list(found[0]) if found else []
        wanted = {node for ids in found for node in ids}
        return [node for node in self.nodes if node in wanted]

    @property
    def kinds(self) -> Iterable[type[Layer]]:
        """The classes of the layers."""
        return self._kinds.keys()

    @cached_property
    def _kinds(self) -> dict[type[Layer], list[NodeId]]:
        found: dict[type[Layer], list[NodeId]] = {}
        for id, node in self.nodes.items():
            kind = type(node.layer)
            if kind in found:
                found[kind].append(id)
            else:
                found[kind] = [id]
        return found

    @cached_property
    def holders(self) -> Mapping[BlockId, list[NodeId]]:
        """The nodes that hold an instance of a block, by the block."""
        found: dict[BlockId, list[NodeId]] = {}
        for id in self.of_kind(Holder):
            for block in _blocks_in(self.nodes[id]):
                found.setdefault(block, []).append(id)
        return found

    @cached_property
    def marked(self) -> tuple[NodeId, ...]:
        """The nodes that are muted, or whose weights begin or learn in a way of their own."""
        return tuple(id for id, node in self.nodes.items() if _is_marked(node))

    def by_name(self, name: str) -> Node | None:
        """The node of that name."""
        return self._names.get(name)

    @cached_property
    def _names(self) -> dict[str, Node]:
        return {node.name: node for node in self.nodes.values()}

    @property
    def lost(self) -> frozenset[Edge]:
        """The wires that start or end at no node, which only a damaged file can have."""
        return self.wiring.lost

    def order(self) -> tuple[NodeId, ...]:
        """Every node after those that feed it; ties in the order of creation. Nodes on a cycle are left out."""
        return self.wiring.order

    def feeding(self, node: NodeId, port: str) -> tuple[Edge, ...]:
        """The edges into a port, in the order of their slots."""
        return self.wiring.into.get(node, {}).get(port, ())

    def into(self, node: NodeId) -> tuple[Edge, ...]:
        """All edges that end at the node."""
        return tuple(e for edges in self.wiring.into.get(node, {}).values() for e in edges)

    def out_of(self, node: NodeId) -> tuple[Edge, ...]:
        """All edges that start at the node."""
        return self.wiring.out_of.get(node, ())

    def closes_cycle(self, source: NodeId, target: NodeId) -> bool:
        """Whether an edge from source to target would make data go round in a circle."""
        return source == target or source in self.downstream(target)

    def downstream(self, node: NodeId) -> frozenset[NodeId]:
        """Everything the node's outputs reach, without the node."""
        import networkx as nx  # here, because it takes a tenth of the time to the first frame

        return frozenset(nx.descendants(self.wiring.network, node))

    def upstream(self, node: NodeId) -> frozenset[NodeId]:
        """Everything that reaches the node's inputs, without the node."""
        import networkx as nx

        return frozenset(nx.ancestors(self.wiring.network, node))


def _is_alike(before: Node, after: Node) -> bool:
    """Whether a node counts among the same ones as before: what is found by kind or by mark is found again."""
    same = type(before.layer) is type(after.layer) and before.muted == after.muted
    return same and (before.weights is after.weights)


def _is_marked(node: Node) -> bool:
    return node.muted or node.weights is not PLAIN


def _blocks_in(node: Node) -> Iterable[BlockId]:
    """The blocks of which a node holds an instance, each once."""
    return dict.fromkeys(BlockId(instance.block) for instance in held(node.layer))


def _table_again(
    before: Mapping[Any, list[NodeId]], less: list[Node], more: list[Node], of: Callable[[Node], Iterable[Any]]
) -> Mapping[Any, list[NodeId]] | None:
    """A table of nodes without some and with others behind them; None if it would have another order."""
    if not any(of(node) for node in (*less, *more)):
        return before
    found, gone = dict(before), {node.id for node in less}
    for key in {key for node in less for key in of(node)}:
        if found[key][0] in gone:
            return None
        found[key] = [id for id in found[key] if id not in gone]
    for node in more:
        for key in of(node):
            found[key] = [*found.get(key, ()), node.id]
    return found


def _keep(graph: Graph, name: str, value: object) -> None:
    if value is not None:
        graph.__dict__[name] = value


@dataclass(frozen=True)
class Indexes:
    """What follows from ids and edges: the edges at every node, and the order. is_sound: every edge has both ends."""

    ids: tuple[NodeId, ...]
    edges: frozenset[Edge]
    into: dict[NodeId, dict[str, tuple[Edge, ...]]]
    out_of: dict[NodeId, tuple[Edge, ...]]
    found: Found
    is_sound: bool

    @classmethod
    def of(cls, ids: tuple[NodeId, ...], edges: frozenset[Edge]) -> Indexes:
        """From nothing."""
        into: dict[NodeId, list[Edge]] = {}
        out: dict[NodeId, list[Edge]] = {}
        for edge in edges:
            into.setdefault(edge.target, []).append(edge)
            out.setdefault(edge.source, []).append(edge)
        by_port = {node: _by_port(several) for node, several in into.items()}
        out_of = {node: tuple(sorted(several)) for node, several in out.items()}
        there = dict.fromkeys(ids).keys()
        is_sound = by_port.keys() <= there and out_of.keys() <= there
        return cls(ids, edges, by_port, out_of, ordered(ids, *_steps(by_port, out_of)), is_sound)

    def near(self, ids: tuple[NodeId, ...], edges: frozenset[Edge]) -> Indexes | None:
        """Those of a graph that is nearly the same; None if it is not, or if the order of this one says too little."""
        if abs(len(ids) - len(self.ids)) > _FEW or abs(len(edges) - len(self.edges)) > _FEW:
            return None
        if not self.is_sound or len(self.found[0]) < len(self.ids):
            return None
        other, now, kept, gone = self.edges ^ edges, set(ids), self.ids, set[NodeId]()
        if ids[: len(kept)] != kept:
            kept, gone = tuple(filter(now.__contains__, kept)), set(filterfalse(now.__contains__, kept))
        if len(other) > _FEW or kept != ids[: len(kept)]:
            return None
        fresh = ids[len(kept) :]
        touched = {id for edge in other for id in (edge.source, edge.target)}
        if not touched <= gone.union(filter(now.__contains__, touched)):
            return None  # only a damaged file has wires without ends, here and in the next two lines
        lost = (edge in edges and not (edge.source in now and edge.target in now) for edge in other)
        if any(lost) or any(edge in edges for id in gone for edge in self._at(id)):
            return None
        into, out_of = dict(self.into), dict(self.out_of)
        for id in touched:
            there = [e for e in self._at(id) if e not in other] + [
                e for e in other & edges if id in (e.source, e.target)
            ]
            into[id] = _by_port([e for e in there if e.target == id])
            out_of[id] = tuple(sorted(e for e in there if e.source == id))
            for index in (into, out_of):
                if not index[id]:  # type: ignore[index]
                    del index[id]  # type: ignore[attr-defined]
        changed = {*(edge.target for edge in other), *fresh} - gone
        return Indexes(ids, edges, into, out_of, reordered(self.found, ids, changed, *_steps(into, out_of)), True)

    def _at(self, id: NodeId) -> list[Edge]:
        """The edges at a node."""
        into = (edge for edges in self.into.get(id, {}).values() for edge in edges)
        return list(dict.fromkeys((*into, *self.out_of.get(id, ()))))


_LARGE = 64  # edges: indexes of fewer are made as fast from nothing
_FEW = 256  # edges or nodes in which two graphs may differ that are nearly the same
_LATELY = 4
_lately: list[ref[Indexes]] = []
"""Indexes of large graphs that were made or gone on from last."""


def _by_port(edges: list[Edge]) -> dict[str, tuple[Edge, ...]]:
    """The edges into a node by port, each in the order of its slots."""
    if len(edges) == 1:
        return {edges[0].target_port: (edges[0],)}
    found: dict[str, list[Edge]] = {}
    for edge in sorted(edges, key=lambda e: (e.target_port, e.slot, e.source, e.source_port)):
        found.setdefault(edge.target_port, []).append(edge)
    return {port: tuple(several) for port, several in found.items()}


def _steps(
    into: dict[NodeId, dict[str, tuple[Edge, ...]]], out_of: dict[NodeId, tuple[Edge, ...]]
) -> tuple[Steps, Steps]:
    """The nodes that feed a node, and those that it feeds."""

    def sources(id: NodeId) -> list[NodeId]:
        return [edge.source for edges in into.get(id, {}).values() for edge in edges]

    def targets(id: NodeId) -> list[NodeId]:
        return [edge.target for edge in out_of.get(id, ())]

    return sources, targets


@dataclass(frozen=True)
class Wiring:
    """Everything that follows from ids and edges alone, made when it is first asked for."""

    ids: tuple[NodeId, ...]
    edges: frozenset[Edge]

    @cached_property
    def into(self) -> dict[NodeId, dict[str, tuple[Edge, ...]]]:
        return self._indexes.into

    @cached_property
    def out_of(self) -> dict[NodeId, tuple[Edge, ...]]:
        return self._indexes.out_of

    @cached_property
    def lost(self) -> frozenset[Edge]:
        """The edges that start or end at no node."""
        if self._indexes.is_sound:
            return frozenset()
        ids = dict.fromkeys(self.ids).keys()
        return frozenset(e for e in self.edges if e.source not in ids or e.target not in ids)

    @cached_property
    def rank(self) -> dict[NodeId, int]:
        """The place of every node in the order; those on a cycle have none."""
        return numbered(self.order)

    @cached_property
    def order(self) -> tuple[NodeId, ...]:
        return self._indexes.found[0]

    @cached_property
    def _indexes(self) -> Indexes:
        """From those of a graph of a moment ago that is nearly the same, else from nothing."""
        if len(self.edges) < _LARGE:
            return Indexes.of(self.ids, self.edges)
        lately = [known for known in (each() for each in list(_lately)) if known is not None]
        near = ((known, known.near(self.ids, self.edges)) for known in lately)
        known, found = next((pair for pair in near if pair[1] is not None), (None, None))
        found = found or Indexes.of(self.ids, self.edges)
        young = [found, *([known] if known else []), *(each for each in lately if each is not known)]
        _lately[:] = map(ref, young[:_LATELY])  # what was gone on from may be gone back to, and gone on from again
        return found

    @cached_property
    def network(self) -> Any:
        """As a `networkx.DiGraph`."""
        import networkx as nx

        network = nx.DiGraph()
        network.add_nodes_from(self.ids)
        network.add_edges_from((e.source, e.target) for e in self.edges)
        return network
