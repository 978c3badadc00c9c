"""Which output is held against what, in which form, and in which phase."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from engine.codegen.names import Namespace
from engine.document.project import Project
from engine.graph.shapes import Analysis
from engine.recipe.base import Features, Form, Loss, Metric, Target
from engine.recipe.matching import Held, held_against
from engine.recipe.recipe import Recipe
from engine.tensor import TensorSpec

OUTPUT = "{output}"
"""Stands in the source of what a loss is held against for the output itself: torch.ones_like({output})."""


@dataclass(frozen=True)
class TargetPlan:
    """A target of the data. prepared: source that makes of it, once, what it is held against."""

    name: str
    target: Target
    prepared: str


@dataclass(frozen=True)
class OutputPlan:
    """One output of the network. stem: of its variable and figures. against: for its metrics, as source.

    is_drawn: it is a loss of the whole batch already, drawn on the canvas.
    """

    stem: str
    form: Form
    classes: int
    against: str
    metrics: tuple[Metric, ...]
    is_drawn: bool


@dataclass(frozen=True)
class Term:
    """One loss: of which output, against what, with which others as further arguments, all as source."""

    output: int
    loss: Loss
    against: str
    others: tuple[tuple[str, str], ...] = ()

    def mentions(self) -> set[str]:
        """Every name in its source."""
        return set(re.findall(r"\w+", " ".join((self.against, *(text for _, text in self.others)))))


Terms = tuple[Term, ...]


@dataclass(frozen=True)
class Matched:
    """What `match` finds: the targets that are needed, the outputs, and the losses of each phase."""

    targets: tuple[TargetPlan, ...]
    outputs: tuple[OutputPlan, ...]
    phases: tuple[Terms, ...]


def losses_of(recipe: Recipe) -> tuple[tuple[Loss, ...], ...]:
    """The losses of each phase, one for each output."""
    return tuple(phase.losses for phase in recipe.parts()) if recipe.phases else (recipe.losses,)


def match(
    project: Project,
    analysis: Analysis,
    features: Features,
    loaded: tuple[str, ...],
    fed: frozenset[str],
    names: Namespace,
) -> Matched:
    """Hold every output against its target. `loaded`: variables of the targets; `fed`: those the network takes."""
    recipe = project.recipe
    specs = analysis.main.outputs
    every = losses_of(recipe)
    helds = [held_against(losses, features.targets) for losses in every]
    variables = dict(zip((t.name for t in features.targets), loaded))
    stems = _stems(project, helds, variables, names)
    wanted = [
        [_against(loss, held, spec, variables) for loss, held, spec in zip(losses, row, specs)]
        for losses, row in zip(every, helds)
    ]
    prepared = _prepared(loaded, fed, [text for row in wanted for text in row])
    wanted = [[prepared.get(text, text) for text in row] for row in wanted]
    sources = {node.name: f"{stem}_output" for node, stem in zip(project.block().outputs, stems)} | variables
    phases = tuple(
        tuple(
            Term(i, loss, row[i], tuple((name, sources[getattr(loss, name)]) for name in loss.others))
            for i, loss in enumerate(losses)
            if loss.function or loss.key == "FromCanvas"
        )
        for losses, row in zip(every, wanted)
    )
    outputs = tuple(_output(stem, i, every, wanted, helds, specs[i], recipe.metrics) for i, stem in enumerate(stems))
    read = {name for terms in phases for term in terms for name in term.mentions()} | fed
    read |= {name for output in outputs if output.metrics for name in re.findall(r"\w+", output.against)}
    sources_of = {new: old for old, new in prepared.items()}
    targets = tuple(
        TargetPlan(name, target, sources_of.get(name, name))
        for name, target in zip(loaded, features.targets)
        if name in read or recipe.dataset.streams
    )
    return Matched(targets, outputs, phases)


def _stems(project: Project, helds: Sequence[Sequence[Held]], variables: dict[str, str], names: Namespace) -> list[str]:
    """An output is called after the target that it alone is held against, else after its node."""
    rows = [[h.target.name if h.target else "" for h in row] for row in helds]
    found = []
    for i, node in enumerate(project.block().outputs):
        mine = {row[i] for row in rows if i < len(row)} - {""}
        others = {name for row in rows for k, name in enumerate(row) if k != i}
        target = next(iter(mine)) if len(mine) == 1 else ""
        mine_alone = target and target not in others
        found.append(variables[target] if mine_alone else names.add(f"{node.name}_output").removesuffix("_output"))
    return found


def _against(loss: Loss, held: Held, spec: TensorSpec | None, variables: dict[str, str]) -> str:
    if held.constant:
        return f"torch.{held.constant}_like({OUTPUT})"
    if held.target is None:
        return ""
    text = loss.seen(variables[held.target.name], held.target)
    if loss.measured() in ("logit", "probability") and loss.wants == "nothing":
        text += ".float()"
    is_row = loss.wants in ("binary", "sign", "value") or (loss.wants == "nothing" and loss.measured() != "scores")
    rank = len(held.target.shape) + 2
    is_column = spec is not None and spec.rank == rank and spec.shape[-1] == 1
    if not (is_row and is_column):
        return text
    return f"({text}).unsqueeze(-1)" if " " in text else f"{text}.unsqueeze(-1)"


def _prepared(loaded: tuple[str, ...], fed: frozenset[str], texts: list[str]) -> dict[str, str]:
    """Sources that all who are held against a target agree on, by which it is replaced as it is loaded."""
    found = {}
    for name in loaded:
        ways = {text for text in texts if name in re.findall(r"\w+", text)}
        if len(ways) == 1 and name not in fed:
            found[ways.pop()] = name
    return found


def _output(
    stem: str,
    index: int,
    every: Sequence[Sequence[Loss]],
    wanted: Sequence[Sequence[str]],
    helds: Sequence[Sequence[Held]],
    spec: TensorSpec | None,
    metrics: tuple[Metric, ...],
) -> OutputPlan:
    form: Form = "none"
    against, classes = "", 0
    for losses, row, held in zip(every, wanted, helds):
        if form == "none" and losses[index].measured() != "none" and row[index]:
            form, against = losses[index].measured(), row[index]
            target = held[index].target
            classes = target.classes if target else 2
    suited = tuple(m for m in metrics if form != "none" and m.suits(form))
    is_drawn = any(losses[index].key == "FromCanvas" for losses in every)
    return OutputPlan(stem, form, classes, against, suited, is_drawn and spec is not None and not spec.rank)
