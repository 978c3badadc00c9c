"""Where the time of a step goes, and what a run takes of the machine: measured now and then, told twice a second."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from engine.training.events import PARTS_OF_A_STEP, Timed
from engine.training.resources import Resources
from engine.training.running import Member, Running

SAMPLED_SECONDS = 0.05  # between two steps that are measured: at most twenty a second, whatever a step takes
TOLD_SECONDS = 0.5


class Clock(Member):
    """Measures single steps: what stands between two marks belongs to the part that the first of them began.

    data: until the first forward pass begins. forward: until the gradient reaches the model's outputs, the loss
    included. backward: until an optimizer steps. optimizer: its step. rest: until the loss is handed out.
    On a GPU the marks are events in its own queue, so that nothing waits for it; data is the time of the host.
    """

    def __init__(self, run: Running) -> None:
        self._run = run
        self._optimizers = [part for part in run.parts.values() if isinstance(part, Optimizer)]
        device = next((p.device for p in run.model.parameters()), torch.device("cpu"))
        self._is_cuda = device.type == "cuda"
        self._resources = Resources(device)
        self._is_armed = False
        self._next = self._next_told = 0.0
        self._marks: list[tuple[str, float, Any]] = []
        self._waiting: list[list[tuple[str, float, Any]]] = []
        self._undo: list[Callable[[], object]] = []

    def before_step(self) -> None:
        now = time.perf_counter()
        if self._is_armed:  # an epoch ended where a step was expected
            self._marks = [("data", now, self._event())]
        elif now >= self._next:
            self._arm(now)

    def after_step(self) -> None:
        if not self._is_armed:
            return
        self._mark("")
        self._disarm()
        self._waiting.append(self._marks)
        self._next = time.perf_counter() + SAMPLED_SECONDS

    def tell(self) -> None:
        now = time.perf_counter()
        if not self._waiting or now < self._next_told:
            return
        self._next_told = now + TOLD_SECONDS
        if self._is_cuda:
            torch.cuda.synchronize()
        steps = [self._split(marks) for marks in self._waiting]
        self._waiting = []
        seconds = {part: sum(step[part] for step in steps) / len(steps) for part in PARTS_OF_A_STEP}
        self._run.emit(Timed(self._run.step, seconds, self._resources.used()))

    def leave(self) -> None:
        self._disarm()

    def _arm(self, now: float) -> None:
        self._is_armed = True
        self._marks = [("data", now, self._event())]
        model = self._run.model

        def look(module: Any, arguments: Any, result: Any) -> None:
            output = next(tensors_in(result), None)
            if output is not None and output.requires_grad:
                output.register_hook(lambda _: self._mark("backward"))

        before = model.register_forward_pre_hook(lambda *_: self._mark("forward"))
        behind = model.register_forward_hook(look)
        self._undo = [before.remove, behind.remove]
        for optimizer in self._optimizers:
            begins = optimizer.register_step_pre_hook(lambda *_: self._mark("optimizer"))
            ends = optimizer.register_step_post_hook(lambda *_: self._mark("rest"))
            self._undo += [begins.remove, ends.remove]

    def _disarm(self) -> None:
        self._is_armed = False
        for undo in self._undo:
            undo()
        self._undo = []

    def _mark(self, part: str) -> None:
        self._marks.append((part, time.perf_counter(), self._event()))

    def _event(self) -> Any:
        if not self._is_cuda:
            return None
        event = torch.cuda.Event(enable_timing=True)
        event.record()
        return event

    def _split(self, marks: list[tuple[str, float, Any]]) -> dict[str, float]:
        found = dict.fromkeys(PARTS_OF_A_STEP, 0.0)
        for (part, host, event), (_, later_host, later_event) in pairwise(marks):
            on_device = event is not None and part != "data"
            found[part] += event.elapsed_time(later_event) / 1000 if on_device else later_host - host
        return found


def tensors_in(result: Any) -> Any:
    """The floating point tensors of what a model returned, whatever holds them."""
    if isinstance(result, Tensor):
        if result.is_floating_point():
            yield result
    elif isinstance(result, (Mapping, tuple, list)):
        for value in result.values() if isinstance(result, Mapping) else result:
            yield from tensors_in(value)
