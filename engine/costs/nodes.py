"""What each node costs and sees, in the first instance of its block."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.costs.holding import Holdings, evaluate
from engine.costs.receptive import View, receptive_fields
from engine.document.muting import without_muted
from engine.document.project import Project
from engine.graph.graph import BlockId, NodeId
from engine.graph.shapes import Analysis


@dataclass(frozen=True, slots=True)
class NodeCost:
    """kept: bytes that training keeps of it for one sample, whatever the batch. views: what it sees of the inputs."""

    kept: int = 0
    views: tuple[View, ...] = ()


Costs = Mapping[BlockId, Mapping[NodeId, NodeCost]]


def node_costs(project: Project, analysis: Analysis) -> Costs:
    """The costs of every node of every block that the network uses; those that are equal are one."""
    blocks = without_muted(project).blocks
    if analysis.main.block not in blocks:
        return {}
    views, holdings = receptive_fields(blocks, analysis.main), Holdings(blocks)
    found: dict[BlockId, dict[NodeId, NodeCost]] = {}
    known: dict[NodeCost, NodeCost] = {}
    for block, (first, *_) in analysis.instances.items():
        held = analysis.held if first is analysis.main else holdings.of(first, (True,) * len(first.inputs))
        costs = found[block] = {}
        for node in first.nodes:
            kept = held.nodes.get(node)
            cost = NodeCost(evaluate(kept, {}) if kept else 0, views.get((block, node), ()))
            costs[node] = known.setdefault(cost, cost)
    return found
