"""One real training step at growing batch sizes, in a process of its own, to see what memory it takes."""

from __future__ import annotations

import ctypes
import multiprocessing
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from typing import Any

import torch

from engine.build import build
from engine.codegen.script import script
from engine.codegen.source import Source
from engine.document.project import Project
from engine.errors import EngineError, TrainingError
from engine.graph.shapes import Analysis

SLOW_SECONDS = 20.0
"""A step that takes longer ends the trial: larger ones would take longer still."""
_STEPS = 2  # the optimizer makes its state in the first


@dataclass(frozen=True)
class Tried:
    """A step that was made. bytes: the most memory that it took beyond what the process had before the first step.

    On the CPU that is the resident memory of the process, on a graphics card what torch allocated.
    """

    batch: int
    bytes: int
    seconds: float
    device: str


def dry_run(project: Project, analysis: Analysis, sizes: Sequence[int]) -> Iterator[Tried]:
    """Make a step of each of these batch sizes, smallest first, and say what each took; ends early where one fails.

    Only what fits into memory should be asked for: on the CPU the system may end the process that takes too much.
    Raises: TrainingError where no step could be made at all.
    """
    recipe = replace(project.recipe, epochs=1)
    source = script(replace(project, recipe=recipe), analysis)
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(source, sorted(sizes), theirs), name="netsmith-trial", daemon=True)
    process.start()
    theirs.close()
    count = 0
    try:
        with suppress(EOFError, OSError):
            while True:
                told = ours.recv()
                if isinstance(told, Tried):
                    count += 1
                    yield told
                elif count == 0:
                    raise TrainingError("No step could be made.", told)
                else:
                    return
        if count == 0:
            raise TrainingError("The step took more memory than there is.", "Make the batch or the network smaller.")
    finally:
        ours.close()
        process.join(1)
        if process.is_alive():
            process.kill()
        process.join()


def _work(source: Source, sizes: Sequence[int], connection: Connection[Any, Any]) -> None:
    """What the child process does; a text instead of a Tried says why it ends."""
    with suppress(BrokenPipeError):
        try:
            for tried in _steps(build(source), sizes):
                connection.send(tried)
                if tried.seconds > SLOW_SECONDS:
                    break
        except EngineError as error:
            connection.send(str(error))
        except Exception as error:  # noqa: BLE001 - whatever it is, the user must read of it
            connection.send(f"{type(error).__name__}: {error}".split("\n")[0])
    connection.close()


def _steps(space: dict[str, Any], sizes: Sequence[int]) -> Iterator[Tried]:
    parts = space["setup"]()._asdict()
    device = next((p.device for p in parts["model"].parameters()), torch.device("cpu"))
    whole = parts["train_data"]
    begin = _now(device)
    for size in sizes:
        space["BATCH_SIZE"] = size
        parts["train_data"] = _repeated(whole, _STEPS * size)
        if device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(device)
        started = time.perf_counter()
        steps = space["train"](*parts.values(), epochs=1)
        for _ in range(_STEPS):
            next(steps, None)
        steps.close()
        seconds = (time.perf_counter() - started) / _STEPS
        extra = sum(t.nbytes for t in parts["train_data"]) - sum(t.nbytes for t in whole)
        yield Tried(size, max(0, _now(device) - begin - max(0, extra)), seconds, str(device))


def _repeated(data: Any, count: int) -> Any:
    """The samples over and over until there are so many. Raises: TrainingError for data that is read as it goes."""
    if not isinstance(data, tuple) or not all(isinstance(t, torch.Tensor) for t in data):
        raise TrainingError("Data that is read from disk as it goes cannot be tried out.")
    order = torch.arange(count, device=data[0].device) % len(data[0])
    return tuple(t[order] for t in data)


def _now(device: torch.device) -> int:
    """The most memory so far."""
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    return _windows() if sys.platform == "win32" else _unix()


def _unix() -> int:
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


class _Counters(ctypes.Structure):
    """What GetProcessMemoryInfo fills in."""

    _fields_ = [
        ("size", ctypes.c_uint32),
        ("faults", ctypes.c_uint32),
        ("peak", ctypes.c_size_t),
        ("rest", ctypes.c_size_t * 7),
    ]


def _windows() -> int:
    found = _Counters(size=ctypes.sizeof(_Counters))
    windows = getattr(ctypes, "windll")  # noqa: B009 - there is no such attribute elsewhere
    windows.psapi.GetProcessMemoryInfo(windows.kernel32.GetCurrentProcess(), ctypes.byref(found), found.size)
    return int(found.peak)


def trial_sizes(batch: int, largest: int | None) -> tuple[int, ...]:
    """Batch sizes worth trying: from a quarter of the recipe's upwards, never more than should fit."""
    most = batch if largest is None else largest
    sizes = [max(1, batch // 4) * 4**power for power in range(6)]
    return tuple(size for size in sizes if size <= most) or (1,)
