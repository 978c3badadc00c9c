"""What ails a run, by rules that are named and have their sources: what was seen where, why it matters, what helps."""

from __future__ import annotations

from engine.document.project import Project
from engine.training.case import Case, Finding, found_by
from engine.training.history import History
from engine.training.rules_of_data import DATA_RULES
from engine.training.rules_of_gradients import GRADIENT_RULES
from engine.training.rules_of_layers import LAYER_RULES

RULES = (*GRADIENT_RULES, *LAYER_RULES, *DATA_RULES)


def diagnose(project: Project, history: History) -> tuple[Finding, ...]:
    """What the rules find in a run of a project, in their order; nothing before training begins.

    Costs about a millisecond for a thousand parameters. Repairs are edits of the project, tried by no one: whether they
    help only the next run can tell.
    """
    if history.started is None:
        return ()
    case = Case(project, history)
    return tuple(found for rule in RULES if (found := found_by(rule, case)) is not None)
