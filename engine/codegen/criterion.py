"""The text of what is made small: a module of torch, or a function that adds up the losses of a phase."""

from __future__ import annotations

import re
from typing import Any

from engine.codegen.expressions import value_text
from engine.codegen.layout import LINE, statement_lines
from engine.codegen.plan import Plan
from engine.codegen.plan_phases import PhasePlan
from engine.codegen.plan_targets import OUTPUT, Term
from engine.recipe.base import Numbers, Raw, Text

STEP = "    "
_USES = {"torch.": "import torch", "F.": "import torch.nn.functional as F"}


def tuple_of(names: tuple[str, ...]) -> str:
    """Names as the source of a tuple."""
    return f"({names[0]},)" if len(names) == 1 else f"({', '.join(names)})"


def wrapped(text: str, depth: int) -> str:
    """One statement at this depth, broken where a formatter would."""
    return "\n".join(statement_lines(text, STEP * depth))


def unpacked(names: tuple[str, ...], value: str, depth: int) -> str:
    """`a, b = value`, one name a line if they are too many for one."""
    flat = f"{STEP * depth}{', '.join(names) if len(names) > 1 else tuple_of(names)} = {value}"
    if len(flat) <= LINE:
        return flat
    return "\n".join(["(", *(f"{STEP}{name}," for name in names), f") = {value}"]).replace("\n", "\n" + STEP * depth)


def loss_call(plan: Plan, phase: PhasePlan, outputs: str, *, trains: bool = True) -> str:
    """The loss of a phase for these outputs."""
    targets = phase.targets(plan.targets)
    given = [outputs]
    if targets:
        given.append(targets[0] if len(targets) == 1 else tuple_of(targets))
    if not trains and phase.has_training_only:
        given.append("training=False")
    return f"{phase.called('criterion')}({', '.join(given)})"


def criterion(plan: Plan, phase: PhasePlan) -> Text:
    """The module of the phase, or the function of that name when it has to do more than a module does."""
    name = phase.called("criterion")
    if (module := _module(plan, phase)) is not None:
        return Text(f"{name} = {module}", ("from torch import nn",))
    targets = phase.targets(plan.targets)
    one_output = len(plan.outputs) == 1
    arguments = [f"outputs: {'Tensor' if one_output else 'Tensors'}"]
    if targets:
        arguments.append(f"targets: {'Tensor' if len(targets) == 1 else 'Tensors'}")
    if phase.has_training_only:
        arguments.append("training: bool = True")
    body = [*_opened(plan, phase, targets), *_sum(plan, phase, "targets" if len(targets) == 1 else "")]
    text = "\n".join([f"def {name}({', '.join(arguments)}) -> Tensor:", f'    """{_about(phase)}"""', *body])
    return Text(text, tuple(line for word, line in _USES.items() if word in text))


def _about(phase: PhasePlan) -> str:
    return f"What the {phase.name} makes small." if phase.name else "The losses of all outputs, by their weights."


def _module(plan: Plan, phase: PhasePlan) -> str | None:
    """The loss as a module, where nothing has to be weighed, chosen or made first."""
    if len(plan.outputs) != 1 or len(phase.terms) != 1:
        return None
    term = phase.terms[0]
    options = term.loss.arguments()
    special = term.others or any(isinstance(v, (Numbers, Raw)) for v in options.values())
    is_plain = term.against in plan.targets and phase.targets(plan.targets) == (term.against,)
    if special or not is_plain or term.loss.factor != 1 or not term.loss.target or term.loss.training_only:
        return None
    return f"{term.loss.target}({', '.join(f'{n}={value_text(v)}' for n, v in options.items())})"


def _opened(plan: Plan, phase: PhasePlan, targets: tuple[str, ...]) -> list[str]:
    """The outputs and targets under their names, those that are not needed as `_`."""
    found = []
    if len(plan.outputs) > 1:
        used = {plan.outputs[term.output].stem + "_output" for term in phase.terms}
        used |= {name for term in phase.terms for name in term.mentions()}
        names = tuple(n if (n := f"{o.stem}_output") in used else "_" for o in plan.outputs)
        found.append(unpacked(names, "outputs", 1))
    if len(targets) > 1:
        found.append(unpacked(targets, "targets", 1))
    return found


def _sum(plan: Plan, phase: PhasePlan, target: str) -> list[str]:
    """A line for every loss, and one that adds them by their weights."""
    single = len(plan.outputs) == 1
    stems = _stems(plan, phase)
    found, always, trained = [], [], []
    for term, stem in zip(phase.terms, stems):
        name = "loss" if single and len(phase.terms) == 1 else f"{stem}_loss"
        name = name if term.loss.function else _value(plan, term, target)
        weighed = name if term.loss.factor == 1 else f"{value_text(term.loss.factor)} * {name}"
        line = f"{name} = {_value(plan, term, target)}"
        if not term.loss.training_only:
            found += [wrapped(line, 1)] if term.loss.function else []
            always.append(weighed)
        else:
            trained.append((line if term.loss.function else "", weighed))
    total = " + ".join(always) or "torch.zeros(())"
    if not trained:
        return [*found, wrapped(f"return {total}", 1)]
    inside = [wrapped(line, 1) for line, _ in trained if line]
    return [
        *found,
        wrapped(f"total = {total}", 1),
        "    if not training:\n        return total",
        *inside,
        wrapped(f"return total + {' + '.join(weighed for _, weighed in trained)}", 1),
    ]


def _stems(plan: Plan, phase: PhasePlan) -> list[str]:
    return [plan.outputs[term.output].stem for term in phase.terms]


def _value(plan: Plan, term: Term, target: str) -> str:
    """One loss as source. target: what the only target of the phase is called."""
    output = "outputs" if len(plan.outputs) == 1 else f"{plan.outputs[term.output].stem}_output"
    if not term.loss.function:
        return output

    def named(text: str) -> str:
        renamed = _renamed(text, plan.targets, target) if target else text
        return renamed.replace(OUTPUT, output)

    given = [output, *([named(term.against)] if term.against else [])]
    others = [named(text) for _, text in term.others]
    if term.loss.others_first:
        given[1:1] = others
    else:
        given += [f"{name}={text}" for (name, _), text in zip(term.others, others)]
    given += [f"{name}={_option(value, output)}" for name, value in term.loss.arguments().items()]
    return f"{term.loss.function}({', '.join(given)})"


def _renamed(text: str, targets: tuple[str, ...], target: str) -> str:
    pattern = "|".join(rf"\b{re.escape(name)}\b" for name in targets)
    return re.sub(pattern, target, text) if pattern else text


def _option(value: Any, output: str) -> str:
    if isinstance(value, Numbers):
        return f"{output}.new_tensor({value_text(tuple(value))})"
    return value if isinstance(value, Raw) else value_text(value)
