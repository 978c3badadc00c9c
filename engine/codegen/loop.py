"""The text of the training loop: batches, loss, evaluation, the generator `train`, the report of an epoch."""

from __future__ import annotations

from textwrap import indent

from engine.codegen.expressions import value_text
from engine.codegen.layout import LINE, statement_lines
from engine.codegen.plan import OutputPlan, Plan
from engine.recipe.base import Text

FIELD_TYPES = {
    "model": "nn.Module",
    "train_data": "Tensors",
    "validation_data": "Tensors",
    "optimizer": "torch.optim.Optimizer",
    "schedule": "torch.optim.lr_scheduler.LRScheduler",
    "scaler": "torch.amp.GradScaler",
    "stopping": "EarlyStopping",
    "seed": "int",
}
STEP = "    "


def lines(*parts: str | None) -> str:
    """The parts below each other; those that are None are not needed."""
    return "\n".join(part for part in parts if part is not None)


def wrapped(text: str, depth: int) -> str:
    """One statement at this depth, broken where a formatter would."""
    return "\n".join(statement_lines(text, STEP * depth))


def unpacked(names: tuple[str, ...], value: str, depth: int) -> str:
    """`a, b = value`, one name a line if they are too many for one."""
    flat = f"{STEP * depth}{', '.join(names)}{',' if len(names) == 1 else ''} = {value}"
    if len(flat) <= LINE:
        return flat
    return "\n".join(["(", *(f"{STEP}{name}," for name in names), f") = {value}"]).replace("\n", "\n" + STEP * depth)


def field_type(plan: Plan, name: str) -> str:
    return "DataLoader" if plan.streams and name.endswith("_data") else FIELD_TYPES[name]


def tuple_of(names: tuple[str, ...]) -> str:
    """Names as the source of a tuple."""
    return f"({names[0]},)" if len(names) == 1 else f"({', '.join(names)})"


def model_call(plan: Plan) -> str:
    return f"model({', '.join(plan.inputs)})"


def loss_call(plan: Plan, outputs: str) -> str:
    targets = plan.targets[0] if len(plan.outputs) == 1 else tuple_of(plan.targets)
    return f"criterion({outputs}, {targets})"


def criterion(plan: Plan) -> Text:
    """The module `criterion`, or the function of that name when several losses are summed."""
    if len(plan.outputs) == 1 and plan.outputs[0].loss.factor == 1:
        loss = plan.outputs[0].loss
        given = ", ".join(f"{n}={value_text(v)}" for n, v in loss.arguments().items())
        return Text(f"criterion = {loss.target}({given})", ("from torch import nn",))
    if len(plan.outputs) == 1:
        body, types = [_loss(plan.outputs[0], "loss", "outputs", "targets")], "Tensor"
        total = f"{value_text(plan.outputs[0].loss.factor)} * loss"
    else:
        body = [unpacked(tuple(f"{o.name}_output" for o in plan.outputs), "outputs", 1)]
        body.append(unpacked(plan.targets, "targets", 1))
        body += [_loss(o, f"{o.name}_loss", f"{o.name}_output", o.name) for o in plan.outputs]
        total, types = " + ".join(_weighed(o) for o in plan.outputs), "Tensors"
    text = lines(
        f"def criterion(outputs: {types}, targets: {types}) -> Tensor:",
        '    """The losses of all outputs, by their weights."""',
        *body,
        wrapped(f"return {total}", 1),
    )
    return Text(text, ("import torch.nn.functional as F",))


def _loss(output: OutputPlan, name: str, outputs: str, targets: str) -> str:
    given = "".join(f", {n}={value_text(v)}" for n, v in output.loss.arguments().items())
    return wrapped(f"{name} = {output.loss.function}({outputs}, {targets}{given})", 1)


def _weighed(output: OutputPlan) -> str:
    factor = output.loss.factor
    return f"{output.name}_loss" if factor == 1 else f"{value_text(factor)} * {output.name}_loss"


def train(plan: Plan) -> Text:
    """The generator that yields after every step and every epoch."""
    head = [f"    {name}: {field_type(plan, name)}," for name in plan.fields()]
    text = lines(
        "def train(",
        *head,
        "    *,",
        "    epochs: int = EPOCHS,",
        "    first_epoch: int = 0,",
        ") -> Iterator[Tensor | dict[str, float]]:",
        '    """Yield the loss after every step, and a dict of figures after every epoch.',
        "",
        "    Gradients stay in `.grad` until the next step is asked for.",
        '    """',
        "    device = next(model.parameters()).device" if plan.streams or plan.autocasts else None,
        *_sample(plan),
        "    for epoch in range(first_epoch, epochs):",
        "        model.train()",
        *_reseed(plan),
        f"        total = torch.zeros((), device={_device(plan)})",
        _loop_head(plan),
        indent(_step(plan), STEP * 3),
        *_after_epoch(plan),
    )
    return Text(text, ("import torch", "from collections.abc import Iterator", "from torch import Tensor, nn"))


def samples_training(plan: Plan) -> bool:
    """Whether the metrics are measured on training samples too, to be held against those on the validation data."""
    return plan.validates and not plan.streams and any(output.metrics for output in plan.outputs)


def _sample(plan: Plan) -> tuple[str, ...]:
    if not samples_training(plan):
        return ()
    return (
        "    # About as many training samples as there are for validation, from all over.",
        "    every = max(1, len(train_data[0]) // len(validation_data[0]))",
        "    sample = tuple(tensor[::every] for tensor in train_data)",
    )


def _device(plan: Plan) -> str:
    return "device" if plan.streams or plan.autocasts else "train_data[0].device"


def _reseed(plan: Plan) -> tuple[str, ...]:
    if plan.streams and plan.recipe.shuffle:
        return ("        train_data.generator.manual_seed(seed + epoch)",)
    return ()


def _loop_head(plan: Plan) -> str:
    arguments = "train_data, device" if plan.streams else "train_data, seed + epoch"
    if not plan.streams and not plan.recipe.shuffle:
        arguments = "train_data"
    names = ", ".join(plan.tensors) if plan.recipe.accumulate == 1 else "batch"
    head = f"        for {names} in batches({arguments}):"
    if len(head) <= LINE:
        return head
    return f"        for batch in batches({arguments}):\n{unpacked(plan.tensors, 'batch', 3)}"


def _step(plan: Plan) -> str:
    accumulates = plan.recipe.accumulate > 1
    loss = _forward(plan)
    backward = "scaler.scale(loss).backward()" if plan.scales else "loss.backward()"
    if accumulates:
        gradient = lines(
            "optimizer.zero_grad()",
            "step_loss = torch.zeros_like(total)",
            "for part in zip(*(tensor.split(BATCH_SIZE) for tensor in batch)):",
            unpacked(plan.tensors, "part", 1),
            indent(lines(loss, f"loss = loss * (len({plan.targets[0]}) / len(batch[0]))", backward), STEP),
            "    step_loss += loss.detach()",
        )
    else:
        gradient = lines(loss, "optimizer.zero_grad()", backward)
    clips = plan.recipe.clip > 0
    value = "step_loss" if accumulates else "loss"
    count = "len(batch[0])" if accumulates else f"len({plan.targets[0]})"
    return lines(
        gradient,
        "scaler.unscale_(optimizer)" if plan.scales else None,
        "nn.utils.clip_grad_norm_(model.parameters(), CLIP)" if clips else None,
        "scaler.step(optimizer)" if plan.scales else "optimizer.step()",
        "scaler.update()" if plan.scales else None,
        "schedule.step()" if plan.recipe.schedule.moves == "step" else None,
        None if accumulates else "loss = loss.detach()",
        f"total.add_({value}, alpha={count})",
        f"yield {value}",
    )


def _forward(plan: Plan) -> str:
    call = loss_call(plan, model_call(plan))
    if not plan.autocasts:
        return f"loss = {call}"
    return lines("with torch.autocast(device.type, dtype=PRECISION):", f"    loss = {call}")


def _after_epoch(plan: Plan) -> tuple[str | None, ...]:
    recipe = plan.recipe
    counted = "len(train_data.dataset)" if plan.streams else "len(train_data[0])"
    watched = 'figures["val_loss"]' if plan.validates else 'figures["loss"]'
    return (
        "        figures = {",
        '            "epoch": epoch + 1,',
        f'            "loss": total.item() / {counted},',
        '            "lr": optimizer.param_groups[0]["lr"],',
        "        }",
        '        figures |= evaluate(model, validation_data, "val")' if plan.validates else None,
        '        figures |= evaluate(model, sample, "train")' if samples_training(plan) else None,
        "        schedule.step()" if recipe.schedule.moves == "epoch" else None,
        f"        schedule.step({watched})" if recipe.schedule.moves == "loss" else None,
        f"        is_over = stopping.sees({watched})" if recipe.patience else None,
        "        yield figures",
        "        if is_over:\n            return" if recipe.patience else None,
    )


def early_stopping() -> Text:
    return Text(
        '''class EarlyStopping:
    """Notices when a loss has not become better for PATIENCE epochs."""

    def __init__(self) -> None:
        self.best, self.waited = math.inf, 0

    def sees(self, loss: float) -> bool:
        """Take in the loss of an epoch; whether it is time to stop."""
        self.waited = 0 if loss < self.best else self.waited + 1
        self.best = min(self.best, loss)
        return self.waited >= PATIENCE

    def state_dict(self) -> dict[str, float]:
        return {"best": self.best, "waited": self.waited}

    def load_state_dict(self, state: dict[str, float]) -> None:
        self.best, self.waited = state["best"], state["waited"]''',
        ("import math",),
    )


def report() -> Text:
    return Text(
        '''def report(figures: dict[str, float], epochs: int) -> str:
    """One line of figures: epoch 3/5  loss 0.123456."""
    names = [name for name in figures if name == "loss" or name.startswith("val_")]
    shown = [f"{name} {figures[name]:.6f}" for name in names]
    return "  ".join([f"epoch {figures['epoch']}/{epochs}", *shown])'''
    )
