"""The text that makes the optimizers and their schedules, and the functions that gather what each of them trains."""

from __future__ import annotations

from engine.codegen.expressions import expression_text, value_text
from engine.codegen.groups import Group, Place, Way, group_text
from engine.codegen.layout import statement_lines
from engine.codegen.plan import Plan
from engine.codegen.plan_phases import OptimizerPlan, PhasePlan
from engine.recipe.base import Raw, Schedule, Text

STEP = "    "
_TYPED = ("from typing import Any", "from torch import nn")
_APART = {
    "matrix": Text(
        "def matrices(model: nn.Module) -> set[nn.Parameter]:\n"
        '    """Parameters that are matrices, those of embeddings left out."""\n'
        "    embeddings = [m for m in model.modules() if isinstance(m, nn.Embedding)]\n"
        "    embedded = {p for module in embeddings for p in module.parameters()}\n"
        "    return {p for p in model.parameters() if p.ndim == 2} - embedded",
        ("from torch import nn",),
    ),
    "sparse": Text(
        "def with_sparse_gradients(model: nn.Module) -> set[nn.Parameter]:\n"
        '    """Parameters of embeddings that learn only the rows that were looked up."""\n'
        '    modules = [m for m in model.modules() if getattr(m, "sparse", False)]\n'
        "    return {p for module in modules for p in module.parameters()}",
        ("from torch import nn",),
    ),
}
_CALLED = {"matrix": "matrices(model)", "sparse": "with_sparse_gradients(model)"}
_ONLY = Text(
    "def only(\n"
    "    groups: list[dict[str, Any]], wanted: set[nn.Parameter]\n"
    ") -> list[dict[str, Any]]:\n"
    '    """The groups with the parameters that are wanted."""\n'
    "    found = []\n"
    "    for group in groups:\n"
    '        kept = [p for p in group["params"] if p in wanted]\n'
    '        found += [group | {"params": kept}] if kept else []\n'
    "    return found",
    _TYPED,
)
_BY_DECAY = Text(
    "def by_decay(groups: list[dict[str, Any]]) -> list[dict[str, Any]]:\n"
    '    """The same, with what is no matrix apart: biases and norms do not decay."""\n'
    "    found = []\n"
    "    for group in groups:\n"
    '        parameters = list(group["params"])\n'
    "        matrices = [p for p in parameters if p.ndim > 1]\n"
    "        others = [p for p in parameters if p.ndim < 2]\n"
    '        found.append(group | {"params": matrices})\n'
    '        found.append({"weight_decay": 0.0} | group | {"params": others})\n'
    '    return [group for group in found if group["params"]]',
    _TYPED,
)


def functions(plan: Plan) -> Text:
    """What gathers parameters, as far as this plan needs it."""
    found: list[Text] = []
    for phase in plan.phases:
        if not _is_simple(phase.groups):
            found.append(_groups(phase))
        for optimizer in phase.optimizers:
            if _decays(plan, optimizer):
                found.append(_BY_DECAY)
            if optimizer.belongs:
                found.append(_APART[optimizer.belongs.removeprefix("not ")])
                found += [] if _is_plain(plan, phase, optimizer) else [_ONLY]
    texts = list({text.source: text for text in found}.values())
    return Text("\n\n\n".join(t.source for t in texts), tuple(i for t in texts for i in t.imports))


def optimizer_lines(plan: Plan, phase: PhasePlan) -> list[str]:
    """The lines of `setup` that make the optimizers of a phase."""
    found: list[str] = []
    for optimizer in phase.optimizers:
        spec = optimizer.spec
        if optimizer.belongs and not optimizer.belongs.startswith("not "):
            found.append(f"{STEP}apart = {_CALLED[optimizer.belongs]}")
        given = {n: v for n, v in spec.arguments().items() if n != "lr"}
        options = [f"{n}={value_text(v)}" for n, v in given.items()]
        devices = {"cpu", "cuda", "mps"} if plan.recipe.device == "auto" else {plan.recipe.device}
        fused = ["fused=True"] if devices <= spec.fused_on and not optimizer.has_sparse else []
        arguments = [_parameters(plan, phase, optimizer), f"lr={optimizer.rate}", *options, *fused]
        found += statement_lines(f"{optimizer.variable} = {spec.target}({', '.join(arguments)})", STEP)
    return found


def schedule_lines(phase: PhasePlan) -> list[str]:
    """The lines of `setup` that make the schedules of a phase."""
    moved = phase.schedule.moved()
    if moved == "never":
        return []
    span = "epochs" if moved == "epoch" else "steps"
    is_uneven = any(group.way.factor != 1.0 for group in phase.groups)
    found, texts = [], []
    for optimizer in phase.optimizers:
        text = _schedule(phase.schedule, optimizer, span, is_uneven)
        texts.append(text)
        found += statement_lines(f"{optimizer.schedule} = {text}", STEP)
    if any(_mentions_steps(text) for text in texts):
        count = "steps_per_epoch(train_data)"
        share = f"{count} // {phase.every}" if phase.every > 1 else count
        found.insert(0, f"{STEP}steps = epochs * {f'({share})' if phase.every > 1 else share}")
    return found


def schedule_functions(schedule: Schedule) -> list[Text]:
    """The functions that a schedule calls, or one that it is made of."""
    return [schedule.emit(), *(text for part, _ in schedule.inner("steps") for text in schedule_functions(part))]


def _mentions_steps(text: str) -> bool:
    return any(
        word in text.replace("=", " ").replace("(", " ").replace(",", " ").split() for word in ("steps", "steps)")
    )


def _schedule(schedule: Schedule, optimizer: OptimizerPlan, span: str, is_uneven: bool) -> str:
    """The constructor call, of those that it is made of as well."""
    inner = [_schedule(part, optimizer, own, is_uneven) for part, own in schedule.inner(span)]
    if inner and schedule.key == "Chained":
        return f"{schedule.target}([{', '.join(inner)}], optimizer={optimizer.variable})"
    if inner:
        milestones = ", ".join(map(str, getattr(schedule, "milestones")))  # noqa: B009 - of those made of others
        return f"{schedule.target}({optimizer.variable}, [{', '.join(inner)}], milestones=[{milestones}])"
    given = (optimizer.variable, *schedule_options(schedule, optimizer, span, is_uneven))
    return f"{schedule.target}({', '.join(given)})"


def schedule_options(schedule: Schedule, optimizer: OptimizerPlan, span: str, is_uneven: bool) -> list[str]:
    """The arguments of a schedule's constructor behind the optimizer, as source."""
    given = []
    for name, value in schedule.arguments(optimizer.spec, span).items():
        text = value if isinstance(value, Raw) else value_text(value)
        if name in ("max_lr", "base_lr") and is_uneven:
            each = f'{text} * group["lr"] / {optimizer.rate}'
            text = f"[{each} for group in {optimizer.variable}.param_groups]"
        elif name == "lr_lambda" and not isinstance(value, Raw):
            formula = expression_text(str(value), (("epochs", span),))
            text = f"lambda epoch: {formula}"
        given.append(f"{name}={text}")
    return given


def _is_simple(groups: tuple[Group, ...]) -> bool:
    """Whether everything learns in one way, as the optimizer says."""
    return len(groups) == 1 and groups[0].way == Way()


def _decays(plan: Plan, optimizer: OptimizerPlan) -> bool:
    return plan.recipe.decay == "matrices" and bool(getattr(optimizer.spec, "weight_decay", 0.0))


def _is_plain(plan: Plan, phase: PhasePlan, optimizer: OptimizerPlan) -> bool:
    """Whether the optimizer is given parameters, not groups of them."""
    return _is_simple(phase.groups) and not _decays(plan, optimizer)


def _parameters(plan: Plan, phase: PhasePlan, optimizer: OptimizerPlan) -> str:
    """What an optimizer trains, as source."""
    is_not = optimizer.belongs.startswith("not ")
    if _is_plain(plan, phase, optimizer):
        source = phase.groups[0].parameters()
        return f"[p for p in {source} if p {'not ' if is_not else ''}in apart]" if optimizer.belongs else source
    groups = f'[{{"params": {phase.groups[0].parameters()}}}]'
    if not _is_simple(phase.groups):
        groups = f"{phase.called('parameter_groups')}(model, {optimizer.rate})"
    if optimizer.belongs:
        groups = f"only({groups}, {'set(model.parameters()) - apart' if is_not else 'apart'})"
    return f"by_decay({groups})" if _decays(plan, optimizer) else groups


def _groups(phase: PhasePlan) -> Text:
    """The function that gathers what learns in different ways."""
    rows = [row for group in phase.groups for row in _row(group)]
    text = "\n".join(
        [
            f"def {phase.called('parameter_groups')}(",
            "    model: nn.Module, rate: float",
            ") -> list[dict[str, Any]]:",
            '    """What learns in the same way together; what is frozen is in none of them."""',
            "    return [",
            *rows,
            "    ]",
        ]
    )
    head = f"def {phase.called('parameter_groups')}(model: nn.Module, rate: float) -> list[dict[str, Any]]:"
    if len(head) <= 88:
        text = "\n".join([head, *text.split("\n")[3:]])
    return Text(text, _TYPED)


def _row(group: Group) -> list[str]:
    indent = STEP * 2
    flat = f"{indent}{group_text(group, rate='rate')},"
    if len(flat) <= 88:
        return [flat]
    inside = [line for item in _items(group) for line in item]
    return [f"{indent}{{", *inside, f"{indent}}},"]


def _items(group: Group) -> list[list[str]]:
    indent = STEP * 3
    flat = f'{indent}"params": {group.parameters()},'
    if len(flat) <= 88:
        params = [flat]
    else:
        params = [f'{indent}"params": [', *(f"{indent}{STEP}{place.items()}," for place in group.places), f"{indent}],"]
    rest = group_text(Group(group.way, (Place("model"),)), rate="rate")[1:-1].split(", ")[1:]
    return [params, *([f"{indent}{text},"] for text in rest)]
