"""What each node costs and sees, in the first instance of its block."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.costs.holding import Holdings, evaluate
from engine.costs.receptive import Place, View, receptive_fields
from engine.document.muting import without_muted
from engine.document.project import Project
from engine.graph.shapes import Analysis


@dataclass(frozen=True)
class NodeCost:
    """kept: bytes that training keeps of it for one sample, whatever the batch. views: what it sees of the inputs."""

    kept: int = 0
    views: tuple[View, ...] = ()


def node_costs(project: Project, analysis: Analysis) -> Mapping[Place, NodeCost]:
    """The costs of every node of every block that the network uses."""
    blocks = without_muted(project).blocks
    if analysis.main.block not in blocks:
        return {}
    views, holdings = receptive_fields(blocks, analysis.main), Holdings(blocks)
    found: dict[Place, NodeCost] = {}
    for block, (first, *_) in analysis.instances.items():
        held = analysis.held if first is analysis.main else holdings.of(first, (True,) * len(first.inputs))
        for node in first.nodes:
            kept = held.nodes.get(node)
            found[block, node] = NodeCost(evaluate(kept, {}) if kept else 0, views.get((block, node), ()))
    return found
