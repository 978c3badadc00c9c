"""Everything that is known of one project value, worked out away from the GUI thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.codegen.source import Source
from engine.costs.nodes import NodeCost, node_costs
from engine.costs.receptive import Place
from engine.document.project import Project
from engine.graph.shapes import Analysis


@dataclass(frozen=True)
class Analysed:
    """What is known of one project: shapes and problems, both texts, costs by place, all of the same value."""

    project: Project
    analysis: Analysis
    model: Source
    script: Source | None
    costs: Mapping[Place, NodeCost] = field(default_factory=dict)


def analyse(project: Project, trusted: bool) -> Analysed:
    """Shapes, problems with repairs, and both texts. Runs off the GUI thread, which also keeps torch out of it."""
    from engine.analysis.infer import infer
    from engine.analysis.repairs import with_repairs
    from engine.codegen.classes import model_source
    from engine.codegen.script import script

    analysis = infer(project, trusted=trusted)
    if any(p.severity != "info" for p in analysis.problems):
        analysis = with_repairs(project, analysis, trusted=trusted)
    return Analysed(
        project,
        analysis,
        model_source(project, analysis),
        script(project, analysis) if analysis.is_valid else None,
        node_costs(project, analysis),
    )
