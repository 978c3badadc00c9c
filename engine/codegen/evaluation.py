"""The text of `evaluate` and of the metrics that it measures."""

from __future__ import annotations

import re

from engine.codegen.layout import statement_lines
from engine.codegen.loop import lines, loss_call, tuple_of, unpacked
from engine.codegen.names import Namespace
from engine.codegen.plan import Plan
from engine.recipe.base import Text


def metric_functions(plan: Plan) -> tuple[dict[str, Text], dict[tuple[str, str], str]]:
    """Every metric function once by its name, and the name for each (output, figure)."""
    functions: dict[str, Text] = {}
    called: dict[tuple[str, str], str] = {}
    for output in plan.outputs:
        for metric in output.metrics:
            text = metric.emit(output.loss.form, output.target.classes)
            name = figure = function_name(text)
            if name in plan.taken or functions.get(name, text) != text:
                name = Namespace((*plan.taken, *functions)).add(f"{output.name}_{figure}")
                text = Text(re.sub(rf"^def {figure}\b", f"def {name}", text.source), text.imports)
            functions[name] = text
            called[output.name, figure] = name
    return functions, called


def function_name(text: Text) -> str:
    found = re.match(r"def (\w+)\(", text.source)
    assert found, f"a metric's text begins with its function, not {text.source[:40]!r}"
    return found[1]


def evaluate(plan: Plan) -> Text:
    """The function that measures loss and metrics on data that is not being trained on, in large batches."""
    functions, called = metric_functions(plan)
    single = len(plan.outputs) == 1
    figures = [f'f"{{name}}_loss": {loss_call(plan, "outputs")}.item(),']
    for (output, figure), function in called.items():
        ours = "outputs" if single else f"outputs[{plan.targets.index(output)}]"
        label = figure if single else f"{output}_{figure}"
        figures.append(f'f"{{name}}_{label}": {function}({ours}, {output}).item(),')
    body = lines(
        "@torch.no_grad()",
        f"def evaluate(model: nn.Module, data: {_data_type(plan)}, name: str) -> dict[str, float]:",
        '    """Loss and metrics on these samples, called name_loss and so on."""',
        "    model.eval()",
        *(_streamed(plan) if plan.streams else _held(plan)),
        "    return {",
        *(f"        {figure}" for figure in figures),
        "    }",
    )
    texts = [*(t.source for t in functions.values()), body]
    imports = tuple(i for t in functions.values() for i in t.imports)
    return Text("\n\n\n".join(texts), (*imports, "import torch", "from torch import Tensor, nn"))


def _data_type(plan: Plan) -> str:
    return "DataLoader" if plan.streams else "Tensors"


def _join(plan: Plan, predicted: str) -> list[str]:
    """The outputs of all parts below each other: one tensor, or one for each output."""
    if len(plan.outputs) == 1:
        return statement_lines(f"outputs = torch.cat([{predicted}])", "    ")
    return [
        *statement_lines(f"predicted = [{predicted}]", "    "),
        "    outputs = tuple(torch.cat(parts) for parts in zip(*predicted))",
    ]


def _call(plan: Plan, given: str) -> str:
    """The network on a part; losses and metrics want float32 whatever the layers compute with."""
    if not plan.autocasts:
        return f"model({given})"
    return f"model({given}).float()" if len(plan.outputs) == 1 else f"[y.float() for y in model({given})]"


def _held(plan: Plan) -> list[str]:
    split = "split(EVALUATION_BATCH_SIZE)"
    opened = unpacked(plan.tensors, "data", 1)
    with_autocast = _autocast(plan, f"{plan.inputs[0]}.device")
    if len(plan.inputs) == 1:
        predicted = f"{_call(plan, 'part')} for part in {plan.inputs[0]}.{split}"
        return [opened, *_within(with_autocast, _join(plan, predicted))]
    parts = f"    parts = zip(*(tensor.{split} for tensor in {tuple_of(plan.inputs)}))"
    return [opened, parts, *_within(with_autocast, _join(plan, f"{_call(plan, '*part')} for part in parts"))]


def _streamed(plan: Plan) -> list[str]:
    count = len(plan.inputs)
    given = "batch[0]" if count == 1 else f"*batch[:{count}]"
    kept = [f"        {name}_parts.append(batch[{count + i}])" for i, name in enumerate(plan.targets)]
    step = [f"        predicted.append({_call(plan, given)})"]
    if plan.autocasts:
        step = ["        with torch.autocast(device.type, dtype=PRECISION):", f"    {step[0]}"]
    joined = ["    outputs = torch.cat(predicted)"]
    if len(plan.outputs) > 1:
        joined = ["    outputs = tuple(torch.cat(parts) for parts in zip(*predicted))"]
    return [
        "    device = next(model.parameters()).device",
        *(f"    {name}_parts = []" for name in plan.targets),
        "    predicted = []",
        "    for batch in batches(data, device):",
        *step,
        *kept,
        *joined,
        *(f"    {name} = torch.cat({name}_parts)" for name in plan.targets),
    ]


def _autocast(plan: Plan, device: str) -> str | None:
    return f"    with torch.autocast({device}.type, dtype=PRECISION):" if plan.autocasts else None


def _within(opening: str | None, inside: list[str]) -> list[str]:
    return inside if opening is None else [opening, *(f"    {line}" for line in inside)]
