"""The state of a run on disk: safetensors with JSON in their header. Nothing in it can carry code.

The weights stand under the names of the model's own state, so that any program can load them. What else training needs
stands beside them as "optimizer/0/exp_avg"; a slash cannot stand in a parameter's name.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from engine.errors import FileError, TrainingError

FORMAT = 1


@dataclass(frozen=True)
class Checkpoint:
    """One moment between two steps. Tensors are copies: training may go on.

    state: everything but tensors, plain data in which {"tensor": name} stands for a tensor. epoch: those that are
    whole; done: steps made of the one after it. about: what people want to know of it, see `kept.Kept`.
    """

    tensors: Mapping[str, Tensor]
    state: Mapping[str, Any]
    epoch: int
    step: int
    figures: Mapping[str, float] = field(default_factory=dict)
    best: float | None = None
    done: int = 0
    about: Mapping[str, Any] = field(default_factory=dict)


def take(
    parts: Mapping[str, Any],
    *,
    epoch: int,
    step: int,
    figures: Mapping[str, float],
    best: float | None,
    done: int = 0,
    loop: Mapping[str, Any] | None = None,
    about: Mapping[str, Any] | None = None,
) -> Checkpoint:
    """Copy the state of everything in `parts` that has one ("model", "optimizer", ...), and of the random numbers.

    loop: what the training loop has summed up in the middle of an epoch.
    """
    tensors: dict[str, Tensor] = {}
    state: dict[str, Any] = {}
    for name, part in parts.items():
        if hasattr(part, "state_dict"):
            where = () if name == "model" else (name,)
            state[name] = _pack(part.state_dict(), where, tensors, separator="." if name == "model" else "/")
    state["random"] = _pack(_random_state(), ("random",), tensors)
    state["loop"] = _pack(dict(loop or {}), ("loop",), tensors)
    about = {**(about or {}), "order": order_of(parts)}
    return Checkpoint(tensors, state, epoch, step, dict(figures), best, done, about)


def take_weights(model: torch.nn.Module, *, epoch: int, step: int, figures: Mapping[str, float]) -> Checkpoint:
    """Copy the model alone: what is kept of the best epoch."""
    tensors: dict[str, Tensor] = {}
    _pack(model.state_dict(), (), tensors, separator=".")
    return Checkpoint(tensors, {}, epoch, step, dict(figures))


def save(checkpoint: Checkpoint, path: Path) -> None:
    """Write it so that a crash or a full disk leaves the file that was there before.

    Raises: OSError, then nothing has changed.
    """
    facts = {
        "format": FORMAT,
        "epoch": checkpoint.epoch,
        "step": checkpoint.step,
        "figures": dict(checkpoint.figures),
        "best": checkpoint.best,
        "done": checkpoint.done,
        **checkpoint.about,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    metadata = {"netsmith": json.dumps(facts), "state": json.dumps(checkpoint.state)}
    _replace(path, lambda draft: _save_tensors(dict(checkpoint.tensors), draft, metadata))
    text = json.dumps(facts, indent=2) + "\n"
    _replace(path.with_suffix(".json"), lambda draft: draft.write_text(text, encoding="utf-8"))


def load(path: Path) -> Checkpoint:
    """Read a checkpoint, on the CPU. Raises: FileError."""
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no dict
        facts, state = json.loads(metadata["netsmith"]), json.loads(metadata["state"])
        epoch, step, done = int(facts["epoch"]), int(facts["step"]), int(facts.get("done", 0))
        return Checkpoint(tensors, state, epoch, step, dict(facts["figures"]), facts["best"], done, facts)
    except FileNotFoundError:
        raise FileError(f"There is no checkpoint {path}.", "A run writes the first one after an epoch.") from None
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise FileError(f"{path} is no checkpoint of a run.", detail=str(error)) from None


def restore(checkpoint: Checkpoint, parts: Mapping[str, Any]) -> None:
    """Go back to that moment, the random numbers included. Raises: TrainingError if it is of another network."""
    for name, part in parts.items():
        if not hasattr(part, "load_state_dict"):
            continue
        if name not in checkpoint.state:
            raise TrainingError(
                f"The checkpoint holds no {name}, which this recipe needs.",
                "Train from the start, or with the recipe it was made with.",
            )
        try:
            part.load_state_dict(_unpack(checkpoint.state[name], checkpoint.tensors))
        except (RuntimeError, ValueError, KeyError, TypeError) as error:
            raise TrainingError(
                f"The checkpoint does not fit: the {name} has changed since it was made.",
                "Train from the start, or undo the change.",
                detail=str(error),
            ) from error
    restore_random_state(checkpoint)


def restore_random_state(checkpoint: Checkpoint) -> None:
    """The random numbers alone. They are left as they are by what holds none, as the weights of the best epoch."""
    if "random" in checkpoint.state:
        _set_random_state(_unpack(checkpoint.state["random"], checkpoint.tensors))


def part(checkpoint: Checkpoint, name: str) -> dict[str, Any]:
    """The state of one part, such as the optimizer; empty if there is none."""
    found: dict[str, Any] = _unpack(checkpoint.state.get(name, {"items": []}), checkpoint.tensors)
    return found


def order_of(parts: Mapping[str, Any]) -> dict[str, list[str]]:
    """For every optimizer the names of its parameters, as its state counts them."""
    names = {id(p): name for name, p in parts["model"].named_parameters()}
    return {
        field: [names.get(id(p), "") for group in one.param_groups for p in group["params"]]
        for field, one in parts.items()
        if isinstance(one, torch.optim.Optimizer)
    }


def loop_state(checkpoint: Checkpoint) -> dict[str, Any]:
    """What the training loop had summed up, empty at the end of an epoch."""
    found: dict[str, Any] = _unpack(checkpoint.state.get("loop", {"items": []}), checkpoint.tensors)
    return found


def _pack(value: Any, where: tuple[str, ...], tensors: dict[str, Tensor], separator: str = "/") -> Any:
    if isinstance(value, Tensor):
        name = separator.join(where)
        tensors[name] = value.detach().clone(memory_format=torch.contiguous_format)
        return {"tensor": name}
    if isinstance(value, Mapping):
        items = [[k, _pack(v, (*where, str(k)), tensors, separator)] for k, v in value.items()]
        return {"items": items}
    if isinstance(value, (list, tuple)):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [_pack(v, (*where, str(i)), tensors, separator) for i, v in enumerate(value)]}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TrainingError(f"{'.'.join(where)} is a {type(value).__name__} and cannot be kept in a checkpoint.")


def _unpack(value: Any, tensors: Mapping[str, Tensor]) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, inside),) = value.items()
    if kind == "tensor":
        # In a file they begin at any byte, and sums of numbers that are not aligned are rounded otherwise.
        return tensors[inside].clone()
    if kind == "items":
        return {k: _unpack(v, tensors) for k, v in inside}
    unpacked = [_unpack(v, tensors) for v in inside]
    return tuple(unpacked) if kind == "tuple" else unpacked


def _random_state() -> dict[str, Any]:
    state: dict[str, Any] = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available() and torch.cuda.is_initialized():
        state["cuda"] = torch.cuda.get_rng_state_all()
    if torch.backends.mps.is_available():
        state["mps"] = torch.mps.get_rng_state()
    return state


def _set_random_state(state: Mapping[str, Any]) -> None:
    torch.set_rng_state(state["cpu"])
    if "cuda" in state and torch.cuda.is_available() and len(state["cuda"]) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all(state["cuda"])
    if "mps" in state and torch.backends.mps.is_available():
        torch.mps.set_rng_state(state["mps"])


def _save_tensors(tensors: dict[str, Tensor], path: Path, metadata: dict[str, str]) -> None:
    try:
        save_file(tensors, path, metadata)
    except SafetensorError as error:
        raise OSError(f"{path.name} cannot be written: {error}") from error


def _replace(path: Path, write: Any) -> None:
    draft = path.with_name(f".{path.name}.part")
    try:
        write(draft)
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
