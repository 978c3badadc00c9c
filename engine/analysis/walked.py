"""What a walk over an instance of a block found, from which the next one goes on, and what is to be said of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.analysis.record import Record, consequences
from engine.analysis.structure import Ports, dangling
from engine.errors import Problem
from engine.graph.block import Block
from engine.graph.graph import BlockId, Edge, Graph, NodeId, Wiring
from engine.graph.others import rewired
from engine.graph.shapes import BlockShapes


@dataclass(frozen=True)
class Walked:
    """What the last walk over this instance of a block found. wiring: without wires that lead nowhere.

    troubled: nodes of which something may be to be said, and no others. unread: nodes from which no wire starts.
    """

    block: Block
    wiring: Wiring
    inner: Mapping[BlockId, Block | None]
    records: Mapping[NodeId, Record]
    troubled: frozenset[NodeId]
    unread: frozenset[NodeId]
    shapes: BlockShapes

    def rewired(self, block: Block, graph: Graph) -> frozenset[Edge]:
        """The wires that are new since then or gone. graph: that of the block without wires that lead nowhere."""
        before = self.block.graph
        if self.wiring is before.wiring and graph is block.graph:
            return rewired(before, graph)
        return self.wiring.edges ^ graph.wiring.edges


def unread(graph: Graph) -> frozenset[NodeId]:
    """The nodes from which no wire starts."""
    return frozenset(graph.nodes.keys() - graph.wiring.out_of.keys())


def unread_again(before: frozenset[NodeId], graph: Graph, touched: Iterable[NodeId]) -> frozenset[NodeId]:
    """The same from those of a graph that differs at these nodes alone."""
    out_of, nodes = graph.wiring.out_of, graph.nodes
    seen = frozenset(touched)
    return before - seen | {id for id in seen if id in nodes and not out_of.get(id)}


def told(
    block: BlockId,
    graph: Graph,
    ports: Ports,
    records: Mapping[NodeId, Record],
    troubled: set[NodeId],
    unread: frozenset[NodeId],
) -> tuple[Problem, ...]:
    """What is wrong with nodes, in their order, what follows from that, and what nobody reads."""
    rank = graph.wiring.rank
    if troubled <= rank.keys():
        order = sorted(troubled, key=rank.__getitem__)
    else:
        order = [*filter(troubled.__contains__, records)]
    own = [problem for id in order for problem in records[id].problems]
    loose = dangling(block, graph, ports, unread.difference(problem.node for problem in own))
    return (*own, *consequences(block, graph, records, order), *loose)
