"""Who trains what: the optimizers of each phase, their parameters as source, and the schedules that steer them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from engine.codegen.groups import Group, groups_of, trained_leaves
from engine.codegen.plan_targets import Terms
from engine.document.project import Project
from engine.graph.shapes import Analysis
from engine.recipe.base import Optimizer, Schedule
from engine.recipe.phases import Part
from engine.recipe.recipe import Recipe

_VARIABLES = """learning_rate others_rate parameter_groups loss step_loss
total criterion optimizer schedule parameters others others_schedule groups count"""


@dataclass(frozen=True)
class OptimizerPlan:
    """One optimizer. rate: its learning rate as source. belongs: the only parameters it takes, "" for all of them.

    schedule: the variable of its schedule, "" without one. has_sparse: some gradients that it follows are sparse.
    """

    variable: str
    spec: Optimizer
    rate: str
    belongs: str
    schedule: str
    has_sparse: bool


@dataclass(frozen=True)
class PhasePlan:
    """A part of every step. name: "" where there is only one, which trains everything.

    prefix: what its variables begin with. groups: what it trains. every: in how many steps once.
    """

    name: str
    prefix: str
    terms: Terms
    optimizers: tuple[OptimizerPlan, ...]
    schedule: Schedule
    groups: tuple[Group, ...]
    every: int = 1

    def called(self, what: str) -> str:
        """A variable of this phase: generator_loss."""
        return f"{self.prefix}{what}"

    @property
    def needs_closure(self) -> bool:
        return any(o.spec.needs_closure for o in self.optimizers)

    @property
    def has_training_only(self) -> bool:
        return any(term.loss.training_only for term in self.terms)

    def targets(self, known: tuple[str, ...]) -> tuple[str, ...]:
        """The targets that its losses are held against."""
        read = {name for term in self.terms for name in term.mentions()}
        return tuple(name for name in known if name in read)


def phase_names(recipe: Recipe) -> tuple[str, ...]:
    """Variables that the phases bring."""
    return tuple(f"{phase.name}_{word}" for phase in recipe.parts() for word in _VARIABLES.split())


def phases_of(
    project: Project, analysis: Analysis, terms: tuple[Terms, ...], taken: Collection[str] = ()
) -> tuple[PhasePlan, ...]:
    """The phases of a step; a recipe without any is one phase that trains everything. taken: names of the model."""
    recipe = project.recipe
    if not recipe.phases:
        groups, optimizers = groups_of(project, analysis.main), _optimizers(project, analysis, "", recipe)
        return (PhasePlan("", "", terms[0], optimizers, recipe.schedule, groups),)
    found = []
    for part, losses in zip(recipe.parts(), terms):
        prefix = _prefix(part.name, taken)
        optimizers = _optimizers(project, analysis, prefix, part)
        groups = groups_of(project, analysis.main, part.trains)
        found.append(PhasePlan(part.name, prefix, losses, optimizers, part.schedule, groups, part.every))
    return tuple(found)


def _prefix(name: str, taken: Collection[str]) -> str:
    """What variables begin with, so that none is called as something of the model's text."""
    prefix, words, number = f"{name}_", _VARIABLES.split(), 2
    while any(prefix + word in taken or (prefix + word).upper() in taken for word in words):
        prefix, number = f"{name}_{number}_", number + 1
    return prefix


def _optimizers(project: Project, analysis: Analysis, prefix: str, part: Part | Recipe) -> tuple[OptimizerPlan, ...]:
    """The optimizer, and the one that trains what it cannot, where there is such."""
    spec, trains = part.optimizer, part.trains if isinstance(part, Part) else ()
    kinds = {leaf.kind for leaf in trained_leaves(project, analysis.main, trains)}
    others: Optimizer | None = getattr(spec, "others", None) if kinds - {spec.belongs} else None

    def plan(variable: str, spec: Optimizer, rate: str, belongs: str, kinds: set[str]) -> OptimizerPlan:
        schedule = variable.removesuffix("optimizer") + ("_schedule" if variable.endswith("others") else "schedule")
        steered = schedule if part.schedule.moved() != "never" else ""
        return OptimizerPlan(variable, spec, (prefix + rate).upper(), belongs, steered, "sparse" in kinds)

    if others is None:
        return (plan(f"{prefix}optimizer", spec, "learning_rate", "", kinds),)
    mine, rest = kinds & {spec.belongs}, kinds - {spec.belongs}
    first = plan(f"{prefix}optimizer", spec, "learning_rate", spec.belongs, mine)
    return first, plan(f"{prefix}others", others, "others_rate", f"not {spec.belongs}", rest)
