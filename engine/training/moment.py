"""A moment of a run between any two steps: what it consists of, and how the run goes on from it.

In the middle of an epoch the training loop is suspended with what it has summed up so far in its local variables.
They are kept too; going on, the loop runs up to its first batch, the batches that were seen are left out, the variables
and the random numbers are put back, and every bit is as if there had been no pause.
"""

from __future__ import annotations

import ctypes
import inspect
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from types import CodeType, FrameType
from typing import Any

from torch import Tensor

from engine.errors import TrainingError
from engine.training import checkpoint
from engine.training.checkpoint import Checkpoint
from engine.training.running import Running


def is_between_steps(run: Running) -> bool:
    """Whether the loop waits for the next step; after an error within one there is no such moment any more."""
    return inspect.getgeneratorstate(run.loop) in (inspect.GEN_CREATED, inspect.GEN_SUSPENDED)  # type: ignore[arg-type]


def taken(run: Running, *, figures: Mapping[str, float], best: float | None, **about: Any) -> Checkpoint:
    """Copy this moment. figures: of the last epoch. about: kind, name and note, if it has any."""
    done = 0 if run.is_between_epochs else run.step - run.epoch_began
    return checkpoint.take(
        run.parts,
        epoch=run.epoch,
        step=run.step,
        figures=figures,
        best=best,
        done=done,
        loop=_locals(run) if done else None,
        about=facts(run, **about),
    )


def facts(run: Running, *, kind: str = "last", name: str = "", note: str = "") -> dict[str, Any]:
    """What people want to know of a checkpoint that is made now."""
    created = datetime.now(UTC).isoformat(timespec="seconds")
    return {
        "kind": kind,
        "name": name,
        "note": note,
        "created": created,
        "run": run.job.run_id,
        "epochs": run.epochs,
        "steps_per_epoch": run.steps_per_epoch,
        "batch_size": run.samples_per_step,
    }


def go_on(run: Running, kept: Checkpoint) -> None:
    """Let the loop that is begun next go on from there, in the middle of an epoch if need be.

    Everything else is restored already. Raises: TrainingError if its batches are not those of this run.
    """
    run.epoch, run.step, run.resumed = kept.epoch, kept.step, kept
    run.first_epoch = kept.epoch
    run.epoch_began = kept.step - kept.done
    if not kept.done:
        return
    there = (kept.about.get("steps_per_epoch"), kept.about.get("batch_size"))
    if there != (run.steps_per_epoch, run.samples_per_step):
        raise TrainingError(
            f"The checkpoint was made after {kept.done} of the {there[0]} steps of an epoch, with {there[1]} samples a "
            f"step; now an epoch has {run.steps_per_epoch} steps of {run.samples_per_step} samples.",
            "Set data and batch size as they were, or go on from a checkpoint at the end of an epoch.",
        )
    _leave_out_what_was_seen(run, kept)


def _leave_out_what_was_seen(run: Running, kept: Checkpoint) -> None:
    """The first batches that the loop asks for are those after the moment; for one epoch only."""
    space = run.script
    batches = space["batches"]

    def rest(*given: Any) -> Iterator[Any]:
        space["batches"] = batches
        space.pop("enumerate", None)
        samples = iter(batches(*given))
        for _ in range(kept.done):
            next(samples, None)
        frame = run.loop.gi_frame  # type: ignore[attr-defined]
        _put_back(frame, checkpoint.loop_state(kept))
        checkpoint.restore_random_state(kept)
        return samples

    space["batches"] = rest
    space["enumerate"] = partial(enumerate, start=kept.done)


def _locals(run: Running) -> dict[str, Any]:
    """Numbers that the suspended loop has in its variables, those it was called with left out."""
    if inspect.getgeneratorstate(run.loop) == inspect.GEN_CREATED:  # type: ignore[arg-type]
        return checkpoint.loop_state(run.resumed) if run.resumed is not None else {}
    frame: FrameType = run.loop.gi_frame  # type: ignore[attr-defined]
    given = _arguments(frame.f_code)
    return {name: value for name, value in frame.f_locals.items() if name not in given and _is_number(value)}


def _put_back(frame: FrameType, numbers: Mapping[str, Any]) -> None:
    """Give variables of the loop their values again, those that it has when it asks for its first batch."""
    there = frame.f_locals
    for name in there.keys() & numbers.keys():
        if isinstance(there[name], Tensor):
            there[name].copy_(numbers[name])
        else:
            there[name] = numbers[name]
    if sys.version_info < (3, 13):  # from then on what is written there is the variable itself (PEP 667)
        ctypes.pythonapi.PyFrame_LocalsToFast(ctypes.py_object(frame), ctypes.c_int(0))


def _arguments(code: CodeType) -> set[str]:
    return set(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])


def _is_number(value: Any) -> bool:
    if isinstance(value, Tensor):
        return value.ndim == 0 and not value.requires_grad
    return isinstance(value, (int, float)) and not isinstance(value, bool)
