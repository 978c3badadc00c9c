"""The text that loads the samples, splits them, shows them as the recipe wants and builds what training needs."""

from __future__ import annotations

from engine.codegen.expressions import value_text
from engine.codegen.layout import LINE, statement_lines
from engine.codegen.loop import STEP, field_type, lines, tuple_of
from engine.codegen.plan import Plan
from engine.recipe.base import Raw, Text


def split(plan: Plan) -> Text:
    """The function that divides the samples; it shuffles with the run's seed."""
    if plan.stratified or plan.streams:
        return Text(
            '''def split(labels: Tensor, seed: int) -> tuple[Tensor, Tensor]:
    """Indices for training and for validation, every class in the same proportion."""
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(labels), generator=generator)
    order = order[labels[order].argsort(stable=True)]
    # Of the samples side by side in one class, one in every 1 / VALIDATION is kept out.
    counted = torch.arange(len(order) + 1, dtype=torch.float64) * VALIDATION
    is_validation = counted.floor().diff() > 0
    return order[~is_validation], order[is_validation]''',
            ("import torch", "from torch import Tensor"),
        )
    return Text(
        '''def split(count: int, seed: int) -> tuple[Tensor, Tensor]:
    """Indices for training and for validation."""
    order = torch.randperm(count, generator=torch.Generator().manual_seed(seed))
    kept = round(count * VALIDATION)
    return order[kept:], order[:kept]''',
        ("import torch", "from torch import Tensor"),
    )


def transforms(plan: Plan) -> Text:
    """The functions that the recipe's transforms call, each once."""
    texts = {t.emit().source: t.emit() for t in plan.recipe.transforms if t.emit().source}
    return Text("\n\n\n".join(texts), tuple(i for t in texts.values() for i in t.imports))


def check_device() -> Text:
    return Text(
        '''def check_device(device: str) -> None:
    """Raises: RuntimeError if this machine has no such device."""
    found = torch.accelerator.current_accelerator(check_available=True)
    here = ["cpu"] if found is None else ["cpu", found.type]
    if torch.device(device).type not in here:
        raise RuntimeError(f"No device {device} here, only {' and '.join(here)}.")''',
        ("import torch",),
    )


def setup_class(plan: Plan) -> Text:
    fields = (f"    {name}: {field_type(plan, name)}" for name in plan.fields())
    text = lines("class Setup(NamedTuple):", '    """What training needs."""', "", *fields)
    return Text(text, ("from typing import NamedTuple",))


def setup(plan: Plan) -> Text:
    """The function that makes everything training needs from one seed."""
    optimizer, optimizer_imports = _optimizer(plan)
    schedule, schedule_imports = _schedule(plan)
    text = lines(
        "def setup(seed: int = SEED, device: str = DEVICE, epochs: int = EPOCHS) -> Setup:",
        '    """Everything that training needs, made from one seed."""',
        "    check_device(device)",
        *_threads(plan),
        *(_streamed(plan) if plan.streams else _held(plan)),
        "    torch.manual_seed(seed)",
        f"    model = {plan.model}().to(device)",
        *optimizer,
        *schedule,
        '    scaler = torch.amp.GradScaler(enabled=torch.device(device).type == "cuda")' if plan.scales else None,
        "    stopping = EarlyStopping()" if plan.recipe.patience else None,
        *statement_lines(f"return Setup({', '.join(plan.fields())})", STEP),
    )
    return Text(text, (*_thread_imports(plan), *optimizer_imports, *schedule_imports, "import torch"))


def _threads(plan: Plan) -> tuple[str, ...]:
    if plan.threads == 1:
        return ("    torch.set_num_threads(1)  # a step is too small to be shared out",)
    return ("    torch.set_num_threads(max(1, (os.cpu_count() or 2) - 1))",)


def _thread_imports(plan: Plan) -> tuple[str, ...]:
    return () if plan.threads == 1 else ("import os",)


def _held(plan: Plan) -> list[str]:
    """Samples in memory: loaded, split, seen as the recipe wants, and moved to the device once."""
    loaded = f"{tuple_of(plan.inputs)}, {tuple_of(plan.targets)} = load_data()"
    found = statement_lines(loaded, STEP)
    if plan.validates:
        found.append(f"    train, validation = split({_split_by(plan)}, seed)")
    elif any(t.needs_all for t in plan.recipe.transforms):
        found.append(f"    train = torch.arange(len({plan.inputs[0]}))")
    found += _views(plan)
    found += [line for o in plan.outputs for line in _as_output(plan, o.name)]
    found += statement_lines(f"data = [tensor.to(device) for tensor in {tuple_of(plan.tensors)}]", STEP)
    if not plan.validates:
        return [*found, "    train_data = tuple(data)"]
    return [
        *found,
        "    train_data = tuple(tensor[train] for tensor in data)",
        "    validation_data = tuple(tensor[validation] for tensor in data)",
    ]


def _split_by(plan: Plan) -> str:
    return plan.stratified or f"len({plan.inputs[0]})"


def _views(plan: Plan) -> list[str]:
    found = []
    shapes = {name: f.shape for name, f in zip(plan.inputs, plan.recipe.dataset.features().inputs)}
    target_shapes = {o.name: o.target.shape for o in plan.outputs if o.target.kind == "value"}
    for transform in plan.recipe.transforms:
        seen = shapes if transform.changes == "inputs" else target_shapes
        for name, shape in seen.items():
            expression = transform.expression(name, shape)
            seen[name] = transform.view(shape)
            if expression != name:
                found += statement_lines(f"{name} = {expression}", STEP)
    return found


def _as_output(plan: Plan, name: str) -> list[str]:
    """Targets in the type and shape of the output they are held against."""
    output = plan.outputs[plan.targets.index(name)]
    changed = name
    if output.loss.wants == "binary":
        changed += ".float()"
    if output.like_output:
        changed += ".unsqueeze(-1)"
    return [] if changed == name else [f"    {name} = {changed}"]


def _optimizer(plan: Plan) -> tuple[list[str], tuple[str, ...]]:
    optimizer = plan.recipe.optimizer
    devices = {"cpu", "cuda", "mps"} if plan.recipe.device == "auto" else {plan.recipe.device}
    given = {n: v for n, v in optimizer.arguments().items() if n != "lr"}
    arguments = ["model.parameters()", "lr=LEARNING_RATE", *(f"{n}={value_text(v)}" for n, v in given.items())]
    if devices <= optimizer.fused_on:
        arguments.append("fused=True")
    return statement_lines(f"optimizer = {optimizer.target}({', '.join(arguments)})", STEP), ()


def _schedule(plan: Plan) -> tuple[list[str], tuple[str, ...]]:
    schedule = plan.recipe.schedule
    if schedule.moves == "never":
        return [], ()
    arguments = schedule.arguments(getattr(plan.recipe.optimizer, "lr", 0.0))
    given = [f"{n}={v if isinstance(v, Raw) else value_text(v)}" for n, v in arguments.items()]
    counted = any("steps" in v for v in arguments.values() if isinstance(v, Raw))
    found = ["    steps = epochs * steps_per_epoch(train_data)"] if counted else []
    found += statement_lines(f"schedule = {schedule.target}(optimizer, {', '.join(given)})", STEP)
    return found, schedule.emit().imports


def constants(plan: Plan) -> Text:
    """The figures one would want to change, on top of the file."""
    recipe = plan.recipe
    rate = getattr(recipe.optimizer, "lr", None)
    found = {
        "EPOCHS": recipe.epochs,
        "BATCH_SIZE": recipe.batch_size,
        "ACCUMULATE": recipe.accumulate if recipe.accumulate > 1 else None,
        "LEARNING_RATE": rate,
        "CLIP": recipe.clip or None,
        "PATIENCE": recipe.patience or None,
        "SEED": recipe.seed,
        "VALIDATION": recipe.validation if plan.validates else None,
        "EVALUATION_BATCH_SIZE": plan.evaluation_batch if plan.validates and not plan.streams else None,
    }
    written = [f"{name} = {value_text(value)}" for name, value in found.items() if value is not None]
    if plan.autocasts:
        written.append(f"PRECISION = torch.{recipe.precision}")
    if recipe.device == "auto":
        accelerator = "torch.accelerator.current_accelerator(check_available=True)"
        written.append(f'DEVICE = str({accelerator} or "cpu")')
    else:
        written.append(f'DEVICE = "{recipe.device}"')
    return Text("\n".join(written), ("import torch",))


def main(plan: Plan) -> Text:
    return Text(
        '''def main() -> None:
    """Train from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--device", default=DEVICE, help="cpu, cuda or mps")
    parser.add_argument("--save", metavar="FILE", help="where to write the weights")
    args = parser.parse_args()
    run = setup(args.seed, args.device, args.epochs)
    for event in train(*run, epochs=args.epochs):
        if isinstance(event, dict):
            print(report(event, args.epochs), flush=True)
    if args.save:
        torch.save(run.model.state_dict(), args.save)


if __name__ == "__main__":
    main()''',
        ("import argparse",),
    )


def docstring(plan: Plan) -> str:
    """What the file is, on what it trains, and how to run it."""
    count = f"{plan.parameters:,} parameter{'' if plan.parameters == 1 else 's'}"
    first = f'"""Train {plan.model}, a network of {count}, on {plan.recipe.dataset.title.lower()}.'
    if len(first) > LINE:
        first = f'"""Train {plan.model}.'
    return lines(first, "", "Run it with --help to see what can be set.", '"""')


def _streamed(plan: Plan) -> list[str]:
    raise NotImplementedError
