"""Schedules that are stretched over a whole run, and how each is stretched over another length."""

from __future__ import annotations

import re
from dataclasses import replace

from engine.codegen.optimizer_text import schedule_options
from engine.codegen.plan import Plan
from engine.codegen.plan_phases import OptimizerPlan, PhasePlan
from engine.codegen.source import Span
from engine.recipe.base import Schedule

SPAN = "PLANNED_SPAN"
"""What stands in a statement for the number of epochs or steps."""
_ATTRIBUTES = {"T_max": "T_max", "lr_lambda": "lr_lambdas"}


def spans(plan: Plan) -> tuple[Span, ...]:
    """The schedules of a recipe that depend on how long it trains."""
    return tuple(
        found
        for phase in plan.phases
        for optimizer in phase.optimizers
        if optimizer.schedule and (found := _span(phase, optimizer)) is not None
    )


def stretched(span: Span, length: int) -> str:
    """The statement for a schedule of so many epochs or steps."""
    text = re.sub(rf"\b{SPAN}\b", str(length), span.statement)
    return re.sub(r"\b(\d+) - (\d+)\b", lambda found: str(max(1, int(found[1]) - int(found[2]))), text)


def _span(phase: PhasePlan, optimizer: OptimizerPlan) -> Span | None:
    schedule, variable = phase.schedule, f"run.{optimizer.schedule}"
    owned = replace(optimizer, variable=f"run.{optimizer.variable}")
    inner = schedule.inner(SPAN)
    if not inner:
        given = schedule_options(schedule, owned, SPAN, any(g.way.factor != 1.0 for g in phase.groups))
        if not any(SPAN in text for text in given):
            return None
        statement = f"replan({', '.join([variable, *given])})"
    else:
        lines = _inner_lines(schedule, owned, variable, SPAN)
        if not lines:
            return None
        statement = "" if "" in lines else "\n".join(lines)
    return Span(optimizer.schedule, "step" if schedule.moved() == "step" else "epoch", phase.every, statement)


def _inner_lines(schedule: Schedule, optimizer: OptimizerPlan, variable: str, span: str) -> list[str]:
    """A line for each part that depends on the length; "" for one that cannot be stretched on the way."""
    found: list[str] = []
    for index, (part, own) in enumerate(schedule.inner(span)):
        called = f"{variable}._schedulers[{index}]"
        if part.inner(own):
            found += _inner_lines(part, optimizer, called, own)
            continue
        for text in schedule_options(part, optimizer, own, False):
            name, _, value = text.partition("=")
            if SPAN not in value:
                continue
            attribute = _ATTRIBUTES.get(name)
            wanted = f"[{value}] * len({called}.lr_lambdas)" if name == "lr_lambda" else value
            found.append(f"{called}.{attribute} = {wanted}" if attribute else "")
    return found
