"""The text that begins with weights from a file, and with what optimizers know of them."""

from __future__ import annotations

from dataclasses import dataclass

from engine.codegen.layout import statement_lines
from engine.recipe.base import Text

STEP = "    "
CONSTANT = "START"
"""Where the file is; whoever runs the text elsewhere sets it anew."""


@dataclass(frozen=True)
class Start:
    """A file beside the script. optimizers: variables of those of which it holds anything."""

    file: str
    optimizers: tuple[str, ...] = ()


def constant(start: Start | None) -> Text:
    """The line above."""
    if start is None:
        return Text("")
    return Text(f'{CONSTANT} = Path(__file__).with_name("{start.file}")', ("from pathlib import Path",))


def function(start: Start | None) -> Text:
    """What reads it, where it is more than weights."""
    if start is None or not start.optimizers:
        return Text("")
    return Text(
        '''def start_from(
    path: Path, model: nn.Module, **optimizers: torch.optim.Optimizer
) -> None:
    """Begin with the weights in a file, and with what optimizers know of them."""
    known = load_file(path)
    model.load_state_dict({n: t for n, t in known.items() if "/" not in n})
    states: dict[str, dict[str, Tensor]] = {}
    for key in known:
        if "/" in key:
            parameter, name = key.rsplit("/", 1)
            states.setdefault(parameter, {})[name] = known[key]
    names = {parameter: name for name, parameter in model.named_parameters()}
    for field, optimizer in optimizers.items():
        groups = optimizer.param_groups
        order = [f"{field}/{names[p]}" for group in groups for p in group["params"]]
        state = {i: states[name] for i, name in enumerate(order) if name in states}
        optimizer.load_state_dict(optimizer.state_dict() | {"state": state})''',
        ("from safetensors.torch import load_file", "import torch", "from torch import Tensor, nn"),
    )


def lines_of(start: Start | None) -> list[str]:
    """The statement in `setup`."""
    if start is None:
        return []
    if not start.optimizers:
        return [f"{STEP}model.load_state_dict(load_file({CONSTANT}))"]
    given = ", ".join([CONSTANT, "model", *(f"{name}={name}" for name in start.optimizers)])
    return statement_lines(f"start_from({given})", STEP)


def imports(start: Start | None) -> tuple[str, ...]:
    """What the statement needs."""
    return ("from safetensors.torch import load_file",) if start is not None and not start.optimizers else ()
