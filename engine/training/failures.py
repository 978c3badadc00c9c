"""Why a run cannot go on, in the user's words."""

from __future__ import annotations

import traceback
from pathlib import Path

from engine.build import node_of
from engine.codegen.source import Source
from engine.errors import EngineError, Problem, TrainingError
from engine.training.bad_spots import Found, told
from engine.training.events import Failed
from engine.training.job import Names
from engine.training.locate import functions_on_the_way

_OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "not enough memory", "alloc_cpu")
_NO_DEVICE = ("No device", "not compiled with CUDA", "No CUDA GPUs", "no NVIDIA driver", "PyTorch is not linked with")


class NonFiniteError(TrainingError):
    """Numbers that stopped being finite at a step. found: the first bad node, None if none or unknown."""

    def __init__(self, step: int, message: str, hint: str, found: Found | None) -> None:
        super().__init__(message, hint)
        self.step, self.found = step, found


class NonFiniteLossError(NonFiniteError):
    """A loss that is NaN or infinite. spoilt: the parameter that it comes from, since the step before."""

    def __init__(
        self, step: int, epoch: int, found: Found | None, *, outputs_were_finite: bool, spoilt: str = ""
    ) -> None:
        message = f"The loss is not a finite number at step {step}, in epoch {epoch}."
        if spoilt and step > 1:
            message += f" What step {step - 1} made of {spoilt} was none, either."
        hint = "Lower the learning rate, clip the gradients, or look for empty or huge values in the data."
        if outputs_were_finite:
            message += " What the network gave was finite."
            hint = "Look at the loss and its targets, or lower the learning rate."
        super().__init__(step, message, hint, found)


class NonFiniteGradientError(NonFiniteError):
    """A loss whose gradient is NaN or infinite; the optimizer did not use it."""

    def __init__(self, step: int, epoch: int, found: Found | None) -> None:
        message = f"The gradient is not a finite number at step {step}, in epoch {epoch}, though the loss is one."
        hint = "A root, a norm or a logarithm has no finite slope at zero: add a small number inside of it."
        super().__init__(step, message, hint, found)


def failed(error: BaseException, source: Source | None, names: Names, run_id: str, folder: str = "") -> Failed:
    """The event for an exception, whatever it is. folder: where the inputs of a bad node are kept."""
    message, hint = _words(error)
    detail = "".join(traceback.format_exception(error))
    if isinstance(error, NonFiniteError):
        if error.found is None:
            return Failed(message, hint, "", "", detail, run_id)
        bad = told(error.found, str(Path(folder) / f"bad-step-{error.step}.safetensors"))
        way = " going backward" if bad.way == "backward" else ""
        message += f" The first to give no finite number{way} was {bad.name}."
        block, node = bad.path[-1] if bad.path else ("", "")
        return Failed(message, hint, block, node, detail, run_id, bad)
    place = node_of(error, source) if source is not None else None
    block, node = (str(place[0]), str(place[1])) if place else ("", "")
    if not node and isinstance(getattr(error, "node", None), str):
        node = error.node  # type: ignore[attr-defined]
        block = next((b for b, n in names if n == node), "")
    name = names.get((block, node), "")
    if name and not isinstance(error, EngineError):
        message = f"{name}: {message}"
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
