"""The text of `evaluate` and of the metrics that it measures."""

from __future__ import annotations

import re

from engine.codegen.criterion import loss_call, tuple_of, unpacked
from engine.codegen.layout import LINE, broken_lines
from engine.codegen.names import Namespace
from engine.codegen.plan import Plan
from engine.codegen.plan_targets import OUTPUT, OutputPlan
from engine.codegen.step_text import lines
from engine.recipe.base import Text

_JOINED = Text(
    "def joined(pieces: Sequence[Tensor], sizes: list[int]) -> Tensor:\n"
    '    """Outputs of all parts below each other; of losses their mean over the samples."""\n'
    "    if pieces[0].ndim:\n"
    "        return torch.cat(pieces)\n"
    "    weighed = (piece * size for piece, size in zip(pieces, sizes))\n"
    "    return sum(weighed) / sum(sizes)",
    ("from collections.abc import Sequence",),
)


def metric_functions(plan: Plan) -> tuple[dict[str, Text], dict[tuple[str, str], str]]:
    """Every metric function once by its name, and the name for each (output, figure)."""
    functions: dict[str, Text] = {}
    called: dict[tuple[str, str], str] = {}
    for output in plan.outputs:
        for metric in output.metrics:
            text = metric.emit(output.form, output.classes)
            name = figure = function_name(text)
            if name in plan.taken or functions.get(name, text) != text:
                name = Namespace((*plan.taken, *functions)).add(f"{output.stem}_{figure}")
                text = Text(re.sub(rf"^def {figure}\b", f"def {name}", text.source), text.imports)
            functions[name] = text
            called[output.stem, figure] = name
    return functions, called


def function_name(text: Text) -> str:
    found = re.match(r"def (\w+)\(", text.source)
    assert found, f"a metric's text begins with its function, not {text.source[:40]!r}"
    return found[1]


def evaluate(plan: Plan) -> Text:
    """The function that measures loss and metrics on data that is not being trained on, in large batches."""
    functions, called = metric_functions(plan)
    figures = [*_losses(plan), *_measured(plan, called)]
    body = lines(
        "@torch.no_grad()",
        f"def evaluate(model: nn.Module, data: {_data_type(plan)}, name: str) -> dict[str, float]:",
        '    """Loss and metrics on these samples, called name_loss and so on."""',
        "    model.eval()",
        *(_streamed(plan) if plan.streams else _held(plan)),
        *_summed(plan),
        "    return {",
        *(f"        {figure}" for figure in figures),
        "    }",
    )
    body = broken_lines(body)
    joined = [_JOINED] if _is_drawn(plan) else []
    texts = [*(t.source for t in (*joined, *functions.values())), body]
    imports = tuple(i for t in (*joined, *functions.values()) for i in t.imports)
    return Text("\n\n\n".join(texts), (*imports, "import torch", "from torch import Tensor, nn"))


def _losses(plan: Plan) -> list[str]:
    """The loss, or that of every phase and their sum."""
    if not plan.has_phases:
        return [f'f"{{name}}_loss": {loss_call(plan, plan.phases[0], "outputs", trains=False)}.item(),']
    each = [f'f"{{name}}_{phase.name}_loss": {phase.called("loss")}.item(),' for phase in plan.phases]
    losses = " + ".join(phase.called("loss") for phase in plan.phases)
    return [f'f"{{name}}_loss": ({losses}).item(),', *each]


def _summed(plan: Plan) -> list[str]:
    if not plan.has_phases:
        return []
    calls = [(phase.called("loss"), loss_call(plan, phase, "outputs", trains=False)) for phase in plan.phases]
    return [f"    {name} = {call}" for name, call in calls]


def _measured(plan: Plan, called: dict[tuple[str, str], str]) -> list[str]:
    single = len(plan.outputs) == 1
    by_stem = {output.stem: (i, output) for i, output in enumerate(plan.outputs)}
    found = []
    for (stem, figure), function in called.items():
        index, output = by_stem[stem]
        ours = "outputs" if single else f"outputs[{index}]"
        label = figure if single else f"{stem}_{figure}"
        given = f"{ours}, {_against(output, ours)}"
        flat = f'f"{{name}}_{label}": {function}({given}).item(),'
        is_long = len(flat) + 8 > LINE
        found += [f'f"{{name}}_{label}": {function}(', f"    {given}", ").item(),"] if is_long else [flat]
    return found


def _against(output: OutputPlan, ours: str) -> str:
    return output.against.replace(OUTPUT, ours)


def _data_type(plan: Plan) -> str:
    return "DataLoader" if plan.streams else "Tensors"


def _is_drawn(plan: Plan) -> bool:
    return any(output.is_drawn for output in plan.outputs)


def _join(plan: Plan, predicted: str) -> list[str]:
    """The outputs of all parts below each other: one tensor, or one for each output."""
    if len(plan.outputs) == 1 and not _is_drawn(plan):
        return [f"    outputs = torch.cat([{predicted}])"]
    return [f"    predicted = [{predicted}]", _together(plan)]


def _together(plan: Plan) -> str:
    if len(plan.outputs) == 1:
        return f"    outputs = {'joined(predicted, sizes)' if _is_drawn(plan) else 'torch.cat(predicted)'}"
    joined = "joined(parts, sizes)" if _is_drawn(plan) else "torch.cat(parts)"
    return f"    outputs = tuple({joined} for parts in zip(*predicted))"


def _call(plan: Plan, names: dict[str, str]) -> str:
    """The network on a part; losses and metrics want float32 whatever the layers compute with."""
    given = ", ".join(plan.arguments)
    for name, part in names.items():
        given = re.sub(rf"\b{name}\b", part, given)
    if not plan.autocasts:
        return plan.call(given)
    return f"{plan.call(given)}.float()" if len(plan.outputs) == 1 else f"[y.float() for y in {plan.call(given)}]"


def _held(plan: Plan) -> list[str]:
    split = "split(EVALUATION_BATCH_SIZE)"
    read = plan.argument_reads()
    opened = unpacked(plan.tensors, "data", 1)
    with_autocast = _autocast(plan, f"{plan.inputs[0]}.device")
    sizes = f"    sizes = [len(part) for part in {read[0]}.{split}]"
    begin = [opened, *([sizes] if _is_drawn(plan) else [])]
    if len(read) == 1:
        predicted = f"{_call(plan, {read[0]: 'part'})} for part in {read[0]}.{split}"
        return [*begin, *_within(with_autocast, _join(plan, predicted))]
    parts = f"    parts = zip(*(tensor.{split} for tensor in {tuple_of(read)}))"
    if plan.arguments == read:
        given = _call(plan, {}).replace(", ".join(read), "*part")
    else:
        given = _call(plan, {name: f"part[{i}]" for i, name in enumerate(read)})
    return [*begin, parts, *_within(with_autocast, _join(plan, f"{given} for part in parts"))]


def _streamed(plan: Plan) -> list[str]:
    count = len(plan.inputs)
    if plan.arguments == plan.inputs:
        given = "batch[0]" if count == 1 else f"*batch[:{count}]"
        call = _call(plan, {}).replace(", ".join(plan.inputs), given)
    else:
        call = _call(plan, {name: f"batch[{i}]" for i, name in enumerate(plan.tensors)})
    kept = [f"        {name}_parts.append(batch[{count + i}])" for i, name in enumerate(plan.targets)]
    step = [f"        predicted.append({call})"]
    if plan.autocasts:
        step = ["        with torch.autocast(device.type, dtype=PRECISION):", f"    {step[0]}"]
    drawn = _is_drawn(plan)
    return [
        "    device = next(model.parameters()).device",
        *(f"    {name}_parts = []" for name in plan.targets),
        *(["    sizes = []"] if drawn else []),
        "    predicted = []",
        "    for batch in batches(data, device):",
        *step,
        *(["        sizes.append(len(batch[0]))"] if drawn else []),
        *kept,
        _together(plan),
        *(f"    {name} = torch.cat({name}_parts)" for name in plan.targets),
    ]


def _autocast(plan: Plan, device: str) -> str | None:
    return f"    with torch.autocast({device}.type, dtype=PRECISION):" if plan.autocasts else None


def _within(opening: str | None, inside: list[str]) -> list[str]:
    return inside if opening is None else [opening, *(f"    {line}" for line in inside)]
