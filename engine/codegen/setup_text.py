"""The text of `setup`, of the constants above it, and of the command line below it."""

from __future__ import annotations

from engine.codegen import start_text
from engine.codegen.criterion import STEP
from engine.codegen.data_text import samples
from engine.codegen.expressions import value_text
from engine.codegen.layout import LINE, statement_lines
from engine.codegen.loop import field_type
from engine.codegen.optimizer_text import optimizer_lines, schedule_functions, schedule_lines
from engine.codegen.plan import Plan
from engine.codegen.start_text import Start
from engine.codegen.step_text import lines
from engine.recipe.base import Text


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


def setup(plan: Plan, start: Start | None = None) -> Text:
    """The function that makes everything training needs from one seed."""
    schedule_imports = tuple(i for p in plan.phases for t in schedule_functions(p.schedule) for i in t.imports)
    text = lines(
        "def setup(seed: int = SEED, device: str = DEVICE, epochs: int = EPOCHS) -> Setup:",
        '    """Everything that training needs, made from one seed."""',
        "    check_device(device)",
        *_threads(plan),
        *samples(plan),
        "    torch.manual_seed(seed)",
        f"    model = {plan.model}().to(device)",
        *(line for phase in plan.phases for line in optimizer_lines(plan, phase)),
        *start_text.lines_of(start),
        *(line for phase in plan.phases for line in schedule_lines(phase)),
        '    scaler = torch.amp.GradScaler(enabled=torch.device(device).type == "cuda")' if plan.scales else None,
        "    stopping = EarlyStopping()" if plan.recipe.patience else None,
        *statement_lines(f"return Setup({', '.join(plan.fields())})", STEP),
    )
    loader = ("DataLoader", "Subset") if plan.validates else ("DataLoader",)
    streamed = tuple(f"from torch.utils.data import {name}" for name in loader) if plan.streams else ()
    functional = ("import torch.nn.functional as F",) if any("F." in t.prepared for t in plan.held) else ()
    return Text(
        text,
        (*_thread_imports(plan), *functional, *streamed, *schedule_imports, *start_text.imports(start), "import torch"),
    )


def _threads(plan: Plan) -> tuple[str, ...]:
    if plan.threads == 1:
        return ("    torch.set_num_threads(1)  # a step is too small to be shared out",)
    return (
        "    # One core stays free for the rest of the machine.",
        "    torch.set_num_threads(max(1, (os.cpu_count() or 2) - 1))",
    )


def _thread_imports(plan: Plan) -> tuple[str, ...]:
    return () if plan.threads == 1 else ("import os",)


def constants(plan: Plan) -> Text:
    """The figures one would want to change, on top of the file."""
    recipe = plan.recipe
    rates = {o.rate: getattr(o.spec, "lr", None) for phase in plan.phases for o in phase.optimizers}
    found = {
        "EPOCHS": recipe.epochs,
        "BATCH_SIZE": recipe.batch_size,
        "ACCUMULATE": recipe.accumulate if recipe.accumulate > 1 else None,
        **rates,
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
    first = f'"""Train {plan.model}, a network of {count}, on {plan.recipe.dataset.title}.'
    if len(first) > LINE:
        first = f'"""Train {plan.model}.'
    return lines(first, "", "Run it with --help to see what can be set.", '"""')
