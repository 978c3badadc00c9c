"""Why a run cannot go on, in the user's words."""

from __future__ import annotations

import traceback

from engine.build import node_of
from engine.codegen.source import Source
from engine.errors import EngineError, Problem, TrainingError
from engine.training.events import Failed
from engine.training.job import Names
from engine.training.locate import functions_on_the_way

_OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "not enough memory", "alloc_cpu")
_NO_DEVICE = ("No device", "not compiled with CUDA", "No CUDA GPUs", "no NVIDIA driver", "PyTorch is not linked with")


class NonFiniteLossError(TrainingError):
    """A loss that is NaN or infinite. `place`: the first layer whose output was, None if none or unknown."""

    def __init__(self, step: int, epoch: int, place: tuple[str, str] | None, *, outputs_were_finite: bool) -> None:
        message = f"The loss is not a finite number at step {step}, in epoch {epoch}."
        hint = "Lower the learning rate, clip the gradients, or look for empty or huge values in the data."
        if outputs_were_finite:
            message += " What the network gave was finite."
            hint = "Look at the loss and its targets, or lower the learning rate."
        super().__init__(message, hint)
        self.place = place


def failed(error: BaseException, source: Source | None, names: Names, run_id: str) -> Failed:
    """The event for an exception, whatever it is."""
    place = node_of(error, source) if source is not None else None
    if isinstance(error, NonFiniteLossError):
        place = error.place  # type: ignore[assignment]
    message, hint = _words(error)
    block, node = (str(place[0]), str(place[1])) if place else ("", "")
    if not node and isinstance(getattr(error, "node", None), str):
        node = error.node  # type: ignore[attr-defined]
        block = next((b for b, n in names if n == node), "")
    name = names.get((block, node), "")
    if isinstance(error, NonFiniteLossError) and name:
        message += f" The first layer to give no finite number was {name}."
    elif name and not isinstance(error, EngineError):
        message = f"{name}: {message}"
    detail = "".join(traceback.format_exception(error))
    return Failed(message, hint, block, node, detail, run_id)


def failed_by_problem(problem: Problem, run_id: str) -> Failed:
    """The event for a network that cannot be trained because of a known problem."""
    where = f"{problem.path}: " if problem.path and not problem.message.startswith(problem.path) else ""
    return Failed(where + problem.message, problem.hint, problem.block, problem.node, problem.detail, run_id)


def _words(error: BaseException) -> tuple[str, str]:
    text = str(error).strip()
    first = text.splitlines()[0] if text else type(error).__name__
    if isinstance(error, EngineError):
        return error.message, error.hint
    if isinstance(error, MemoryError) or any(words in text for words in _OUT_OF_MEMORY):
        return (
            "There is not enough memory for a step.",
            "Make the batch or the network smaller, or take mixed precision.",
        )
    if any(words in text for words in _NO_DEVICE):
        return f"This machine has no such device: {first}", 'Set the recipe\'s device to "auto" or "cpu".'
    if {"fetch", "__getitem__"} <= functions_on_the_way(error):  # within a DataLoader
        return f"A sample cannot be read: {first}", "Mend that file or take it away."
    if "load_data" in functions_on_the_way(error):
        return f"The data cannot be loaded: {first}", "Look at the data set's options in the recipe."
    return f"{type(error).__name__}: {first}", "The traceback says where it happened."
