"""The wires of a graph while layers are taken out of it, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from engine.graph.graph import Edge, Graph, NodeId
from engine.layers.base import Port


class Wires:
    """What there is of wires, and what becomes of them; only those at layers that go are looked at."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._gone: set[Edge] = set()
        self._new: set[Edge] = set()
        self._into: dict[NodeId, set[Edge]] = {}
        self._out: dict[NodeId, set[Edge]] = {}

    def edges(self) -> frozenset[Edge]:
        """All wires, as they are now."""
        return (self._graph.edges - self._gone) | self._new

    def cut(self, node: NodeId) -> None:
        """Take all wires at a layer away."""
        for edge in [*self._at_input(node), *self._at_output(node)]:
            self._remove(edge)

    def heal(self, node: NodeId, into: Iterable[Port], out: Sequence[Port]) -> None:
        """Let what feeds a layer's first wired input feed what its one used output, or the first of several, does."""
        wired = {edge.target_port for edge in self._at_input(node)}
        first = next((port.name for port in into if port.name in wired), None)
        if first is None:
            return
        feeding = [edge for edge in self._at_input(node) if edge.target_port == first]
        source = min(feeding, key=lambda edge: (edge.slot, edge.source, edge.source_port))
        used = {edge.source_port for edge in self._at_output(node)}
        through = used if len(used) == 1 else {port.name for port in out[:1]}
        passed = [edge for edge in self._at_output(node) if edge.source_port in through]
        for edge in passed:
            self._remove(edge)
        for edge in passed:
            self._add(replace(edge, source=source.source, source_port=source.source_port))

    def _at_input(self, node: NodeId) -> set[Edge]:
        if node not in self._into:
            self._into[node] = set(self._graph.into(node))
        return self._into[node]

    def _at_output(self, node: NodeId) -> set[Edge]:
        if node not in self._out:
            self._out[node] = set(self._graph.out_of(node))
        return self._out[node]

    def _remove(self, edge: Edge) -> None:
        self._at_output(edge.source).discard(edge)
        self._at_input(edge.target).discard(edge)
        self._new.discard(edge)
        if edge in self._graph.edges:
            self._gone.add(edge)

    def _add(self, edge: Edge) -> None:
        self._at_output(edge.source).add(edge)
        self._at_input(edge.target).add(edge)
        if edge in self._graph.edges:
            self._gone.discard(edge)
        else:
            self._new.add(edge)
