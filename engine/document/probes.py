"""Which outputs of a project are looked at closely."""

from __future__ import annotations

from engine.document.drawing_edits import SetProbes
from engine.document.project import Probe, Project
from engine.graph.graph import BlockId

ProbeKey = tuple[BlockId, Probe]


def probes_of(project: Project) -> list[ProbeKey]:
    """All probes of nodes that are there, block by block."""
    return [
        (id, probe)
        for id, layout in project.layout.items()
        if id in project.blocks
        for probe in layout.probes
        if probe.node in project.blocks[id].graph.nodes
    ]


def toggled(project: Project, block: BlockId, probes: list[Probe]) -> SetProbes:
    """The edit that puts these probes there; one that takes them away where all of them are there already."""
    there = project.layout_of(block).probes
    graph = project.block(block).graph
    there = tuple(probe for probe in there if probe.node in graph.nodes)
    if set(probes) <= set(there):
        return SetProbes(tuple(probe for probe in there if probe not in probes), block, "Remove probe")
    return SetProbes((*there, *probes), block, "Add probe")
