"""Everything that is known of one project value, worked out away from the GUI thread."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from engine.codegen.source import Source
from engine.costs.nodes import Costs, node_costs
from engine.document.project import Project
from engine.graph.shapes import Analysis

AT_ONCE = 300  # layers: of a larger network, what takes longest is worked out once its shapes are on screen


@dataclass(frozen=True)
class Analysed:
    """What is known of one project: shapes and problems, both texts, costs by place, all of the same value.

    waits_for: what is not there yet, in the order in which it will be: "repairs", "script", "costs".
    """

    project: Project
    analysis: Analysis
    model: Source
    script: Source | None
    costs: Costs = field(default_factory=dict)
    waits_for: tuple[str, ...] = ()


def analyse(project: Project, trusted: bool) -> Analysed:
    """Shapes, problems and the model's text; all the rest as well where the network is not large.

    Runs off the GUI thread, which also keeps torch out of it.
    """
    from engine.analysis.infer import infer
    from engine.codegen.classes import model_source

    analysis = infer(project, trusted=trusted)
    wrong = any(p.severity != "info" for p in analysis.problems)
    waits_for = (*(["repairs"] if wrong else []), *(["script"] if analysis.is_valid else []), "costs")
    found = Analysed(project, analysis, model_source(project, analysis), None, waits_for=waits_for)
    if sum(len(block.graph.nodes) for block in project.blocks.values()) <= AT_ONCE:
        while found.waits_for:
            found = completed(found, trusted)
    return found


def completed(found: Analysed, trusted: bool) -> Analysed:
    """The same with the first of what it waits for."""
    from engine.analysis.repairs import with_repairs
    from engine.codegen.script import script

    part, left = found.waits_for[0], found.waits_for[1:]
    project, analysis = found.project, found.analysis
    if part == "repairs":
        return replace(found, analysis=with_repairs(project, analysis, trusted=trusted), waits_for=left)
    if part == "script":
        return replace(found, script=script(project, analysis, found.model), waits_for=left)
    return replace(found, costs=node_costs(project, analysis), waits_for=left)
