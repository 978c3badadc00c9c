"""The statements that change something of a run between two steps, which its exported script holds as well.

They speak of `run`, a `Setup` of the script, and set the script's constants. Whatever cannot be changed is refused
with a TrainingError that says why; nothing here changes anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn
from torch.optim import LBFGS, Optimizer

from engine.errors import TrainingError
from engine.training.running import Running
from engine.training.steering_names import fewest, reached
from engine.training.steering_wish import Wish

NO_CLIP = 'float("inf")'
_RNNS = (nn.RNN, nn.LSTM, nn.GRU)


@dataclass(frozen=True)
class Made:
    """What a wish comes down to."""

    before: float
    after: float
    code: str
    helpers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Owner:
    """An optimizer of the run, with the names of what `setup` made. decaying: its groups that decay as it says."""

    name: str
    optimizer: Optimizer
    schedule: str
    phase: str
    decaying: tuple[int, ...]


def owners(run: Running) -> tuple[Owner, ...]:
    """The optimizers of a run in their order, as they are before anything is changed."""
    found = []
    for name, part in run.parts.items():
        if isinstance(part, Optimizer):
            schedule = name.removesuffix("optimizer") + ("schedule" if name.endswith("optimizer") else "_schedule")
            phase = next((p for p in run.job.phases if name.startswith(f"{p}_")), "")
            own = part.defaults.get("weight_decay")
            decaying = (k for k, group in enumerate(part.param_groups) if group.get("weight_decay") == own)
            there = schedule if schedule in run.parts else ""
            found.append(Owner(name, part, there, phase, tuple(decaying) if own is not None else ()))
    return tuple(found)


def rate_of(owner: Owner) -> float:
    """The rate of the first group, which is the one that is shown."""
    return float(owner.optimizer.param_groups[0]["lr"])


def decay_of(owner: Owner) -> float:
    """The weight decay of the groups that have none of their own."""
    return float(owner.optimizer.param_groups[owner.decaying[0]]["weight_decay"])


def rate(wish: Wish, mine: list[Owner]) -> Made:
    """Another learning rate; the others that belong to the phase follow in proportion."""
    before, found, helpers = rate_of(mine[0]), [], False
    for index, owner in enumerate(mine):
        after = rate_of(owner) * wish.value / before if index and before else wish.value
        if owner.schedule:
            found.append(f"set_learning_rate(run.{owner.name}, run.{owner.schedule}, {after!r})")
            helpers = True
            continue
        groups, own = owner.optimizer.param_groups, rate_of(owner)
        rates = [after if g["lr"] == own or not own else g["lr"] * (after / own) for g in groups]
        if len(set(rates)) == 1:
            found.append(f'for group in run.{owner.name}.param_groups:\n    group["lr"] = {after!r}')
        else:
            pairs = f"zip(run.{owner.name}.param_groups, {tuple(rates)!r})"
            found.append(f'for group, rate in {pairs}:\n    group["lr"] = rate')
    return Made(before, wish.value, "\n".join(found), ("set_learning_rate",) if helpers else ())


def decay(wish: Wish, mine: list[Owner], *, only_matrices: bool) -> Made:
    """Another weight decay for everything that has none of its own."""
    owner = mine[0]
    why = why_no_decay(owner, only_matrices=only_matrices)
    if why:
        raise TrainingError(*why)
    count, groups = len(owner.optimizer.param_groups), f"run.{owner.name}.param_groups"
    if len(owner.decaying) == count:
        code = f'for group in {groups}:\n    group["weight_decay"] = {wish.value!r}'
    elif len(owner.decaying) == 1:
        code = f'{groups}[{owner.decaying[0]}]["weight_decay"] = {wish.value!r}'
    else:
        code = f'for k in {owner.decaying!r}:\n    {groups}[k]["weight_decay"] = {wish.value!r}'
    return Made(decay_of(owner), wish.value, code)


def why_no_decay(owner: Owner, *, only_matrices: bool) -> tuple[str, str] | None:
    """Why a weight decay cannot be set, and what to do."""
    called = type(owner.optimizer).__name__
    if not owner.decaying:
        return f"{called} has no weight decay.", "Choose another optimizer for the next run."
    if only_matrices and len(owner.decaying) == len(owner.optimizer.param_groups) and not decay_of(owner):
        message = "Biases and norms shall not decay, and a run that began without weight decay cannot tell them apart."
        return message, "Begin a run with a weight decay above 0."
    return None


def clip(run: Running, wish: Wish, all_owners: tuple[Owner, ...]) -> Made:
    """Clip the gradients to another norm, or not at all."""
    before = run.script.get("CLIP", 0.0)
    before = 0.0 if before == float("inf") else float(before)
    code = f"CLIP = {repr(float(wish.value)) if wish.value else NO_CLIP}"
    if "CLIP" in run.script:
        return Made(before, wish.value, code)
    if any(isinstance(owner.optimizer, LBFGS) for owner in all_owners):
        raise TrainingError(*NO_CLIP_IN_CLOSURE)
    if not wish.value:
        return Made(before, 0.0, "")
    lines = [code]
    for phase in run.job.phases or ("",):
        mine = [owner for owner in all_owners if owner.phase == phase]
        every = "list(run.model.parameters())"
        if phase:
            groups = " + ".join(f"run.{owner.name}.param_groups" for owner in mine)
            groups = f"({groups})" if len(mine) > 1 else groups
            every = f'[p for group in {groups} for p in group["params"]]'
        lines.append(f"clip_gradients({every}, run.{mine[0].name})")
    return Made(before, wish.value, "\n".join(lines), ("clip_gradients",))


NO_CLIP_IN_CLOSURE = (
    "L-BFGS computes its gradients within the step, where only a run that began with clipping can clip them.",
    "Set clip in the recipe and begin another run.",
)
NO_FREEZING_IN_CLOSURE = (
    "L-BFGS moves all parameters along one direction, so that none can be frozen on the way.",
    "Freeze the layer in the project and begin another run.",
)


def dropouts(model: nn.Module) -> dict[str, float]:
    """The share that is left out by every module that leaves something out, by the module's name."""
    found = {}
    for name, module in model.named_modules():
        attribute = _share(module)
        if attribute and (attribute == "p" or getattr(module, attribute) > 0):
            found[name] = float(getattr(module, attribute))
    return found


def _share(module: nn.Module) -> str:
    """The attribute that says how much a module leaves out, "" for one that leaves nothing out."""
    if isinstance(module, nn.modules.dropout._DropoutNd):
        return "p"
    if isinstance(module, nn.MultiheadAttention) or (isinstance(module, _RNNS) and module.num_layers > 1):
        return "dropout"
    return ""


def dropout(run: Running, wish: Wish, known: Mapping[str, float]) -> Made:
    """Leave out another share, in one layer or in all that leave something out."""
    names = [name for name in wish.names or known if name in known]
    if not names:
        raise TrainingError("Nothing in this network is left out.", "Add a Dropout layer and begin another run.")
    found = {name: run.model.get_submodule(name) for name in names}
    before = float(getattr(found[names[0]], _share(found[names[0]])))
    rest, lines = dict(found), []
    kinds = sorted({f"nn.{type(m).__name__}" for m in found.values() if _share(m) == "p"})
    if not wish.names and kinds and sum(_share(m) == "p" for m in found.values()) > 1:
        wanted = kinds[0] if len(kinds) == 1 else f"({', '.join(kinds)})"
        loop = "for module in run.model.modules():"
        lines.append(f"{loop}\n    if isinstance(module, {wanted}):\n        module.p = {wish.value!r}")
        rest = {name: module for name, module in found.items() if _share(module) != "p"}
    for part in reached(run.model, [n for n, m in rest.items() if _share(m) == "p"]):
        lines.append(part.statement(f"{part.text}.p = {wish.value!r}"))
    for part in reached(run.model, [n for n, m in rest.items() if _share(m) == "dropout"]):
        lines.append(part.statement(f"{part.text}.dropout = {wish.value!r}"))
    return Made(before, wish.value, "\n".join(lines))


def freeze(run: Running, wish: Wish, all_owners: tuple[Owner, ...], frozen: frozenset[str]) -> Made:
    """Let some parameters stay as they are, or learn again. frozen: names of those that are frozen by hand now."""
    if any(isinstance(owner.optimizer, LBFGS) for owner in all_owners):
        raise TrainingError(*NO_FREEZING_IN_CLOSURE)
    trained = _trained(run, all_owners)
    mine = [name for name in wish.names if name in trained]
    if not mine:
        raise TrainingError(
            "It has nothing that learns in this run.", "What was frozen as the run began is in no optimizer."
        )
    changed = [name for name in mine if (name in frozen) != bool(wish.value)]
    if not changed:
        return Made(wish.value, wish.value, "")
    if wish.value:
        _need_learning(run, trained - frozen - set(mine), all_owners)
    parts = reached(run.model, fewest(run.model, changed))
    if not run.job.phases:
        texts = [part.statement(f"{part.text}.requires_grad_({not wish.value})") for part in parts]
        return Made(1.0 - wish.value, wish.value, "\n".join(texts))
    called = "freeze" if wish.value else "unfreeze"
    given = [f"iter([{part.text}])" if part.is_parameter else f"{part.text}.parameters()" for part in parts]
    texts = [part.statement(f"{called}({text})") for part, text in zip(parts, given)]
    return Made(1.0 - wish.value, wish.value, "\n".join(texts), ("freeze",))


def _trained(run: Running, all_owners: tuple[Owner, ...]) -> set[str]:
    """Names of the parameters that the optimizers move."""
    moved = {id(p) for owner in all_owners for group in owner.optimizer.param_groups for p in group["params"]}
    return {name for name, parameter in run.model.named_parameters() if id(parameter) in moved}


def _need_learning(run: Running, left: set[str], all_owners: tuple[Owner, ...]) -> None:
    """Raises: TrainingError if nothing would be left to learn."""
    named = dict(run.model.named_parameters())
    ids = {id(named[name]) for name in left}
    needed = all_owners if "scaler" in run.parts else ()  # which wants gradients for every optimizer
    idle = [o for o in needed if not any(id(p) in ids for group in o.optimizer.param_groups for p in group["params"])]
    if not left or idle:
        raise TrainingError("Then nothing would be left to learn.", "Leave a layer that learns, or stop the run.")


def count(run: Running, wish: Wish, samples: int) -> Made:
    """Another batch size, or number of batches in a step."""
    constant = wish.option.upper()
    if constant not in run.script:
        raise TrainingError(
            "This run makes a step of every batch.", "Set accumulate to 2 or more in the recipe and begin another run."
        )
    value = int(wish.value)
    if wish.option == "batch_size" and value > samples:
        raise TrainingError(f"There are {samples:,} samples to train on, fewer than {value:,}.")
    code = f"{constant} = {value}"
    data = run.parts["train_data"]
    if hasattr(data, "batch_sampler"):
        size = value * _other(run, wish.option)
        loader = f"run.train_data.batch_sampler.batch_size = {size}"
        code = f"{code}\n{loader}" if "ACCUMULATE" in run.script else loader
        before = data.batch_sampler.batch_size // _other(run, wish.option)
        return Made(float(before), float(value), code)
    return Made(float(run.script[constant]), float(value), code)


def _other(run: Running, option: str) -> int:
    return int(run.script.get("ACCUMULATE" if option == "batch_size" else "BATCH_SIZE", 1))


def alone(run: Running, samples: int, size: int) -> bool:
    """Whether the last batch would have one sample, where a layer compares the samples of a batch."""
    compares = any(isinstance(m, nn.BatchNorm1d) and m.training is not None for m in run.model.modules())
    return compares and (size == 1 or samples % size == 1)


def execute(code: str, helpers: list[str], script: dict[str, Any], setup: Any) -> None:
    """Execute statements between two steps, in the script's namespace."""
    from engine.codegen.steering_text import as_function

    for text in helpers:
        exec(compile(text, "<netsmith steering>", "exec", dont_inherit=True), script)
    name = "_netsmith_change"
    exec(compile(as_function(f"{name}(run)", "", code), "<netsmith steering>", "exec", dont_inherit=True), script)
    change: Callable[[Any], None] = script.pop(name)
    change(setup)
