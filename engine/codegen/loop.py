"""The text of the training loop: the generator `train`, what it tells after an epoch, and the report of one."""

from __future__ import annotations

from textwrap import indent

from engine.codegen.criterion import STEP, tuple_of, unpacked
from engine.codegen.layout import LINE, broken_lines, statement_lines
from engine.codegen.plan import Plan
from engine.codegen.plan_phases import PhasePlan
from engine.codegen.step_text import lines, step
from engine.recipe.base import Text

FIELD_TYPES = {
    "model": "nn.Module",
    "train_data": "Tensors",
    "validation_data": "Tensors",
    "scaler": "torch.amp.GradScaler",
    "stopping": "EarlyStopping",
    "seed": "int",
}


def field_type(plan: Plan, name: str) -> str:
    """The type of a field of `Setup`, as source."""
    if name in FIELD_TYPES:
        return "DataLoader" if plan.streams and name.endswith("_data") else FIELD_TYPES[name]
    return "torch.optim.lr_scheduler.LRScheduler" if name.endswith("schedule") else "torch.optim.Optimizer"


def train(plan: Plan) -> Text:
    """The generator that yields after every step and every epoch."""
    head = [f"    {name}: {field_type(plan, name)}," for name in plan.fields()]
    told = "losses" if plan.has_phases else "loss"
    text = lines(
        "def train(",
        *head,
        "    *,",
        "    epochs: int = EPOCHS,",
        "    first_epoch: int = 0,",
        ") -> Iterator[Tensor | dict[str, float]]:",
        f'    """Yield the {told} after every step, and a dict of figures after every epoch.',
        "",
        "    Gradients stay in `.grad` until the next step is asked for.",
        '    """',
        "    device = next(model.parameters()).device" if plan.streams or plan.autocasts else None,
        *_sample(plan),
        *(line for phase in plan.phases if phase.name for line in _parameters(phase)),
        "    for epoch in range(first_epoch, epochs):",
        "        model.train()",
        *_reseed(plan),
        *(line for phase in plan.phases for line in _begun(plan, phase)),
        _loop_head(plan),
        broken_lines(indent(step(plan), STEP * 3)),
        *_after_epoch(plan),
    )
    clips = ("from torch.nn.utils import clip_grad_norm_",) if plan.recipe.clip else ()
    return Text(text, ("import torch", "from collections.abc import Iterator", "from torch import Tensor, nn", *clips))


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
    if any(phase.every > 1 for phase in plan.phases):
        head = f"        for step, batch in enumerate(batches({arguments})):"
        return head if plan.recipe.accumulate > 1 else f"{head}\n{unpacked(plan.tensors, 'batch', 3)}"
    names = ", ".join(plan.tensors) if len(plan.tensors) > 1 else tuple_of(plan.tensors)
    names = names if plan.recipe.accumulate == 1 else "batch"
    head = f"        for {names} in batches({arguments}):"
    if len(head) <= LINE:
        return head
    return f"        for batch in batches({arguments}):\n{unpacked(plan.tensors, 'batch', 3)}"


def _parameters(phase: PhasePlan) -> list[str]:
    """What a phase trains; nothing else is given a gradient by it."""
    optimizers = [o.variable for o in phase.optimizers]
    groups = f"{optimizers[0]}.param_groups"
    if len(optimizers) > 1:
        groups = f"({' + '.join(f'{name}.param_groups' for name in optimizers)})"
    text = f'{phase.called("parameters")} = [p for group in {groups} for p in group["params"]]'
    return statement_lines(text, STEP)


def _begun(plan: Plan, phase: PhasePlan) -> list[str]:
    found = [f"        {phase.called('total')} = torch.zeros((), device={_device(plan)})"]
    if phase.every > 1:
        value = phase.called("step_loss" if plan.recipe.accumulate > 1 else "loss")
        found += [
            f"        {phase.called('count')} = 0",
            f"        {value} = torch.zeros_like({phase.called('total')})",
        ]
    return found


def _after_epoch(plan: Plan) -> tuple[str | None, ...]:
    recipe = plan.recipe
    watched = 'figures["val_loss"]' if plan.validates else 'figures["loss"]'
    moved = [(phase.schedule.moved(), o.schedule) for phase in plan.phases for o in phase.optimizers if o.schedule]
    return (
        *_figures(plan),
        '        figures |= evaluate(model, validation_data, "val")' if plan.validates else None,
        '        figures |= evaluate(model, sample, "train")' if samples_training(plan) else None,
        *(f"        {schedule}.step()" for when, schedule in moved if when == "epoch"),
        *(f"        {schedule}.step({watched})" for when, schedule in moved if when == "loss"),
        f"        is_over = stopping.sees({watched})" if recipe.patience else None,
        "        yield figures",
        "        if is_over:\n            return" if recipe.patience else None,
    )


def _figures(plan: Plan) -> list[str]:
    """The table of an epoch's figures, those of phases by their names."""
    counted = "len(train_data.dataset)" if plan.streams else "len(train_data[0])"
    rate = f'{plan.phases[0].optimizers[0].variable}.param_groups[0]["lr"]'
    found = ["        figures = {", '            "epoch": epoch + 1,']
    if not plan.has_phases:
        return [*found, f'            "loss": total.item() / {counted},', f'            "lr": {rate},', "        }"]
    for phase in plan.phases:
        count = f"max(1, {phase.called('count')})" if phase.every > 1 else counted
        found.append(f'            "{phase.name}_loss": {phase.called("total")}.item() / {count},')
    losses = " + ".join(f'figures["{phase.name}_loss"]' for phase in plan.phases)
    rates = [
        f'            "{phase.name}_lr": {phase.optimizers[0].variable}.param_groups[0]["lr"],'
        for phase in plan.phases[1:]
    ]
    total = statement_lines(f'figures["loss"] = {losses}', STEP * 2)
    return [*found, f'            "lr": {rate},', *rates, "        }", *total]


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


def report(plan: Plan) -> Text:
    """The function that says an epoch's figures in one line."""
    shown = 'name == "loss" or name.startswith("val_")'
    if plan.has_phases:
        begins = ", ".join(f'"{phase.name}_loss"' for phase in plan.phases)
        shown = f'name.startswith(("loss", "val_", {begins}))'
    names = "\n".join(statement_lines(f"names = [name for name in figures if {shown}]", STEP))
    text = '''def report(figures: dict[str, float], epochs: int) -> str:
    """One line of figures: epoch 3/5  loss 0.123456."""
NAMES
    shown = [(name, figures[name]) for name in names]
    words = [
        f"{name} {value:.6f}" if abs(value) < 1e6 else f"{name} {value:.3e}"
        for name, value in shown
    ]
    return "  ".join([f"epoch {figures['epoch']}/{epochs}", *words])'''
    return Text(text.replace("NAMES", names))
