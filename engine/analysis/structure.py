"""What is wrong with a graph before any shape is known: circles, loose ends, nothing that comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import networkx as nx

from engine.analysis.record import problem
from engine.errors import Problem
from engine.graph.graph import BlockId, Graph, Node, NodeId
from engine.layers.base import Port
from engine.layers.io import Input, Output

Ports = Callable[[Node], tuple[tuple[Port, ...], tuple[Port, ...]]]


def on_cycles(graph: Graph, among: Iterable[NodeId]) -> list[list[NodeId]]:
    """The circles among these nodes, each in the order of creation."""
    rank = {id: i for i, id in enumerate(graph.nodes)}
    network = graph.wiring.network.subgraph(among)
    parts = (list(part) for part in nx.strongly_connected_components(network))
    circles = [part for part in parts if len(part) > 1 or network.has_edge(part[0], part[0])]
    return sorted((sorted(circle, key=rank.__getitem__) for circle in circles), key=lambda c: rank[c[0]])


def circle_problem(block: BlockId, nodes: list[Node]) -> Problem:
    """What is wrong with nodes that feed one another in a circle."""
    names = ", ".join(n.name for n in nodes[:5]) + (" …" if len(nodes) > 5 else "")
    message = f"Data goes round in a circle: {names}." if len(nodes) > 1 else f"{names} feeds itself."
    return problem(block, nodes[0], message, "Delete one of the wires between them.")


def dangling(block: BlockId, graph: Graph, ports: Ports, idle: frozenset[NodeId]) -> list[Problem]:
    """Layers whose result nobody uses, and a network from which nothing comes out. idle: nodes that nobody reads.

    While there is no Output, every last layer waits for one: then that alone is said.
    """
    found = []
    ends = graph.of_kind(Output)
    has_end, idle = bool(ends), idle.difference(ends)
    for node in map(graph.nodes.__getitem__, filter(idle.__contains__, graph.nodes) if idle and has_end else ()):
        if not ports(node)[1]:
            continue
        what = "is not used" if isinstance(node.layer, Input) else "feeds nothing"
        hint = "Wire it onwards, or delete it."
        found.append(problem(block, node, f"{node.name} {what}.", hint, severity="warning"))
    if not has_end:
        message, hint = "Nothing comes out: there is no Output.", "Add an Output and wire the last layer into it."
        if not graph.nodes:
            message, hint = "The network is empty.", "Drop a layer here, or press Tab."
        found.append(Problem("error", message, hint, block))
    return found
