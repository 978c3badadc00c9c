"""The script of a run that was changed by hand: its own text, with the changes made again at the same steps.

The loop that trained stays as it is. Around it stands a generator that makes the changes between the same two steps,
by the very statements that made them in the run.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from textwrap import indent

from engine.codegen.criterion import STEP
from engine.codegen.layout import broken_lines
from engine.codegen.step_text import lines
from engine.errors import CodeError

HELPERS = {
    "set_learning_rate": '''def set_learning_rate(
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    rate: float,
) -> None:
    """Go on at this rate; the schedule goes on from it, all rates in proportion."""
    before = optimizer.param_groups[0]["lr"]

    def scaled(value: float) -> float:
        return rate if value == before or not before else value * (rate / before)

    for group in optimizer.param_groups:
        for name in ("lr", "initial_lr", "max_lr", "min_lr"):
            if name in group:
                group[name] = scaled(group[name])
    for part in (schedule, *getattr(schedule, "_schedulers", ())):
        for name in ("base_lrs", "max_lrs", "_last_lr"):
            if isinstance(getattr(part, name, None), list):
                setattr(part, name, [scaled(value) for value in getattr(part, name)])''',
    "replan": '''def replan(schedule: torch.optim.lr_scheduler.LRScheduler, **options: object) -> None:
    """Stretch what is left of a schedule over another length, from the rate it is at.

    One at its end goes on as one of that length from the beginning would.
    """
    optimizer, done = schedule.optimizer, schedule.last_epoch
    rate = optimizer.param_groups[0]["lr"]
    length = getattr(schedule, "T_max", getattr(schedule, "total_steps", done + 1))
    other = type(schedule)(optimizer, **options, last_epoch=done - 1)
    vars(schedule).update(vars(other))
    if rate and done < length:
        set_learning_rate(optimizer, schedule, rate)
    elif hasattr(schedule, "_get_closed_form_lr"):
        rates = schedule._last_lr = schedule._get_closed_form_lr()
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate''',
    "clip_gradients": '''clip_grad_norm_ = nn.utils.clip_grad_norm_


def clip_gradients(
    parameters: list[nn.Parameter], optimizer: torch.optim.Optimizer
) -> None:
    """Clip the gradients before every step of the optimizer from now on."""

    def clip(*_: object) -> None:
        clip_grad_norm_(parameters, CLIP)

    optimizer.register_step_pre_hook(clip)''',
    "freeze": '''frozen_parameters = {}


def freeze(parameters: Iterator[nn.Parameter]) -> None:
    """Let go of their gradients as soon as they are there, so that they stay as they are."""

    def forget(parameter: nn.Parameter) -> None:
        parameter.grad = None

    for parameter in parameters:
        hook = parameter.register_post_accumulate_grad_hook(forget)
        frozen_parameters[parameter] = hook


def unfreeze(parameters: Iterator[nn.Parameter]) -> None:
    """Let them learn again."""
    for parameter in parameters:
        frozen_parameters.pop(parameter).remove()''',
}
"""Functions that statements call, in the order in which they are written."""
_LOOP = "    for event in train(*run, epochs=args.epochs):\n"
_SETUP = "    run = setup(args.seed, args.device, args.epochs)\n"
_REPORT = "\n\n\ndef report("
_EPOCHS = re.compile(r"^EPOCHS = \d+$", re.MULTILINE)
_NOTE = "What was changed by hand while it trained is changed again at the same steps."
_HELP = "\n\nRun it with --help"


@dataclass(frozen=True)
class Change:
    """Something that was changed by hand; its fields mean what they do in `engine.training.events.Steered`."""

    step: int
    name: str
    before: float
    after: float
    node: tuple[tuple[str, str], ...] = ()
    epoch: int = -1
    code: str = ""
    helpers: tuple[str, ...] = ()

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands: (-1, step) after a step, (epoch, 0) between two epochs, (-1, 0) before the first step."""
        return (-1, self.step) if self.epoch < 1 else (self.epoch, 0)


def steered(text: str, changes: Sequence[Change]) -> str:
    """The script of a run with its changes in it; without any the text itself.

    Raises: CodeError if the text is no script of a run.
    """
    if not changes:
        return text
    made = _needed([change for change in changes if change.code])
    text = _with_epochs(text, [change for change in changes if change.name == "epochs"])
    if not made:
        return text
    if text.count(_LOOP) != 1 or text.count(_REPORT) != 1:
        raise CodeError("This is no script of a run, so that what was changed cannot be put into it.")
    text = text.replace(_LOOP, _LOOP.replace("train(*run, epochs=args.epochs)", "steered(run, args.epochs)"))
    text = text.replace(_REPORT, f"\n\n\n{_functions(made)}{_REPORT}")
    return text.replace(_HELP, f"\n\n{_NOTE}{_HELP}", 1)


def helper_texts(names: Iterable[str]) -> list[str]:
    """The functions of these names, and those that they call."""
    wanted = set(names) | ({"set_learning_rate"} if "replan" in names else set())
    return [text for name, text in HELPERS.items() if name in wanted]


def assigned(code: str) -> list[str]:
    """The constants of the script that statements set."""
    nodes = (node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name))
    return sorted({node.id for node in nodes if isinstance(node.ctx, ast.Store) and node.id.isupper()})


def as_function(head: str, said: str, code: str) -> str:
    """A function of these statements."""
    names = assigned(code)
    return lines(
        f"def {head}:",
        f'    """{said}"""',
        f"    global {', '.join(names)}" if names else None,
        broken_lines(indent(code, STEP)),
    )


def _functions(made: list[Change]) -> str:
    steps = [change for change in made if change.epoch < 1]
    epochs = [change for change in made if change.epoch >= 1]
    helpers = helper_texts({name for change in made for name in change.helpers})
    parts = [*helpers]
    if steps:
        said = "Change what was changed by hand between this step and the next."
        parts.append(as_function("after_step(run: Setup, step: int) -> None", said, _branches("step", steps)))
    if epochs:
        said = "Change what was changed by hand between this epoch and the next."
        parts.append(as_function("after_epoch(run: Setup, epoch: int) -> None", said, _branches("epoch", epochs)))
    parts.append(_loop(bool(steps), bool(epochs), any(change.step == 0 for change in steps)))
    return "\n\n\n".join(parts)


def _branches(variable: str, changes: list[Change]) -> str:
    found: list[str] = []
    for number, group in groupby(changes, lambda change: change.step if variable == "step" else change.epoch):
        word = "elif" if found else "if"
        found.append(f"{word} {variable} == {number}:\n" + indent("\n".join(c.code for c in group), STEP))
    return "\n".join(found)


def _loop(has_steps: bool, has_epochs: bool, at_first: bool) -> str:
    after_epoch = '            after_epoch(run, event["epoch"])'
    counted = ["step += 1", "after_step(run, step)"]
    if has_steps and has_epochs:
        body = ["        if isinstance(event, dict):", after_epoch, "        else:"]
        body += [f"            {line}" for line in counted]
    elif has_steps:
        body = ["        if not isinstance(event, dict):", *(f"            {line}" for line in counted)]
    else:
        body = ["        if isinstance(event, dict):", after_epoch]
    return lines(
        "def steered(run: Setup, epochs: int = EPOCHS) -> Iterator[Tensor | dict[str, float]]:",
        '    """Train, and change on the way what was changed by hand."""',
        "    step = 0" if has_steps else None,
        "    after_step(run, step)" if at_first else None,
        "    for event in train(*run, epochs=epochs):",
        "        yield event",
        *body,
    )


def _needed(changes: list[Change]) -> list[Change]:
    """The changes in order, without those that another one of the same moment takes back."""
    found: dict[tuple[object, ...], Change] = {}
    for index, change in enumerate(sorted(changes, key=lambda c: (c.step, c.epoch >= 1, c.epoch))):
        key: tuple[object, ...] = (change.place, change.name, change.node, change.helpers and index)
        found.pop(key, None)
        found[key] = change
    return list(found.values())


def _with_epochs(text: str, changes: list[Change]) -> str:
    """The constant as it was in the end; what the schedule began with stands beside it if that matters."""
    if not changes:
        return text
    written = f"EPOCHS = {changes[-1].after:g}"
    if any(change.code for change in changes):
        written += f"\nPLANNED_EPOCHS = {changes[0].before:g}"
        text = text.replace(_SETUP, _SETUP.replace("args.epochs", "PLANNED_EPOCHS"))
    return _EPOCHS.sub(written, text, count=1)
