"""Some steps recorded operation by operation: a file for Perfetto, and what every node of the network took.

Lines of the model's own text become ranges of torch's profiler while a trace runs, so that each operation stands inside
the node that it belongs to. Operations of the backward pass carry the number of the forward operation they belong to.
"""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from torch import nn
from torch.profiler import ProfilerActivity, profile, record_function

from engine.build import file_name
from engine.codegen.source import Place
from engine.training.control import Command
from engine.training.events import NodePath, NodeTime, Traced, Warned
from engine.training.running import Member, Running

NODE = "node: "
BACKWARD = "autograd::engine::evaluate_function: "
MOST_STEPS = 200
MICRO = 1e-6


class Tracer(Member):
    """Obeys "trace": the next `value` steps are recorded, into a file of the run's folder."""

    def __init__(self, run: Running) -> None:
        self._run = run
        self._left = self._steps = 0
        self._profiler: Any = None
        self._marks: _Marks | None = None
        self._undo: Callable[[], object] = lambda: None
        self._began = 0.0

    def commands(self) -> Mapping[str, Callable[[Command], None]]:
        return {"trace": self._trace}

    def before_step(self) -> None:
        if self._left and self._profiler is None:
            self._start()

    def after_step(self) -> None:
        if self._profiler is None:
            return
        self._left -= 1
        if not self._left:
            self._end()

    def leave(self) -> None:
        if self._profiler is not None:
            self._steps -= self._left
            self._left = 0
            self._end()

    def _trace(self, command: Command) -> None:
        if self._profiler is None:
            self._left = self._steps = max(1, min(int(command.value), MOST_STEPS))

    def _start(self) -> None:
        model, marks = self._run.model, _Marks(self._run)
        before = sys.gettrace()

        def begin(*_: Any) -> None:
            if model.training:  # an epoch may end among the steps, and evaluating is no part of them
                sys.settrace(marks.enter)

        def end(*_: Any) -> None:
            sys.settrace(before)
            marks.close()

        hooks = model.register_forward_pre_hook(begin), model.register_forward_hook(end, always_call=True)
        self._marks, self._undo = marks, lambda: [hook.remove() for hook in hooks]
        has_gpu = torch.cuda.is_available() and torch.cuda.is_initialized()
        activities = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if has_gpu else [])]
        self._profiler = profile(activities=activities)
        self._profiler.start()
        self._began = time.perf_counter()

    def _end(self) -> None:
        seconds = (time.perf_counter() - self._began) / max(1, self._steps)
        profiler, self._profiler = self._profiler, None
        self._undo()
        profiler.stop()
        assert self._marks is not None
        path = Path(self._run.job.folder) / f"trace-{self._run.step}.json"
        try:
            profiler.export_chrome_trace(str(path))
        except (OSError, RuntimeError) as error:
            self._run.emit(Warned(f"The trace could not be written: {error}.", "Make room on the disk."))
            return
        nodes = node_times(profiler.events(), self._marks.paths, max(1, self._steps))
        self._run.emit(Traced(self._run.step, self._steps, str(path), nodes, seconds))


class _Marks:
    """Opens a range of the profiler for every line of the model that is executed, and closes it when it is done."""

    def __init__(self, run: Running) -> None:
        self._file = file_name(run.job.source)
        self._places, self._node_names = run.job.source.node_of_line, run.job.names
        self._modules = {id(module): name for name, module in run.model.named_modules()}
        self._open: list[_Frame] = []
        self.paths: dict[str, NodePath] = {}

    def enter(self, frame: FrameType, event: str, argument: Any) -> Any:
        """What the interpreter calls for every new frame."""
        if event != "call" or frame.f_code.co_filename != self._file:
            return None
        module = frame.f_locals.get("self")
        if not isinstance(module, nn.Module):
            return None
        caller = next((f for f in reversed(self._open) if f.place is not None), None)
        above = (*caller.path, caller.place) if caller is not None and caller.place is not None else ()
        self._open.append(_Frame(self._modules.get(id(module), ""), above))
        return self._line

    def close(self) -> None:
        """Close what an error left open."""
        while self._open:
            self._open.pop().leave()

    def _line(self, frame: FrameType, event: str, argument: Any) -> Any:
        if not self._open:
            return None
        if event == "line":
            self._mark(self._open[-1], self._places.get(frame.f_lineno))
        elif event == "return":
            self._open.pop().leave()
        return self._line

    def _mark(self, open_frame: _Frame, place: Place | None) -> None:
        if place is None or place == open_frame.place:
            return  # a statement over several lines is one
        open_frame.leave()
        name = self._node_names.get((str(place[0]), str(place[1])), "")
        full = f"{open_frame.module}.{name}" if open_frame.module else name
        self.paths[full] = tuple((str(b), str(n)) for b, n in (*open_frame.path, place))
        open_frame.enter(place, full)


@dataclass
class _Frame:
    """A `forward` that is being executed: its module's name, the nodes that it is inside of, and its node of now."""

    module: str
    path: tuple[Place, ...]
    place: Place | None = None
    _range: Any = field(default=None)

    def enter(self, place: Place, name: str) -> None:
        self.place, self._range = place, record_function(NODE + name)
        self._range.__enter__()

    def leave(self) -> None:
        if self._range is not None:
            self._range.__exit__(None, None, None)
        self.place = self._range = None


def node_times(events: Iterable[Any], paths: Mapping[str, NodePath], steps: int) -> tuple[NodeTime, ...]:
    """What every node took in a step, in the order of execution. events: those of torch's profiler."""
    everything = list(events)
    ranges = sorted((e for e in everything if e.name.startswith(NODE)), key=lambda e: e.time_range.start)
    owners = _owners(everything, ranges)
    forward: dict[str, float] = defaultdict(float)
    calls: dict[str, int] = defaultdict(int)
    device: dict[str, float] = defaultdict(float)
    for each in ranges:
        name = each.name.removeprefix(NODE)
        forward[name] += each.time_range.elapsed_us() * MICRO
        device[name] += each.device_time_total * MICRO
        calls[name] += 1
    backward: dict[str, float] = defaultdict(float)
    device_backward: dict[str, float] = defaultdict(float)
    for each in everything:
        if each.name.startswith(BACKWARD):
            for name in owners.get(each.sequence_nr, ()):
                backward[name] += each.time_range.elapsed_us() * MICRO
                device_backward[name] += each.device_time_total * MICRO
    return tuple(
        NodeTime(
            paths.get(name, ()),
            name,
            forward[name] / steps,
            backward[name] / steps,
            calls[name] / steps,
            device[name] / steps,
            device_backward[name] / steps,
        )
        for name in forward
    )


def _owners(events: list[Any], ranges: list[Any]) -> dict[int, tuple[str, ...]]:
    """The nodes, from the outermost to the innermost, in which the forward operation of a number was executed."""
    found: dict[int, tuple[str, ...]] = {}
    threads = {each.thread for each in ranges}
    ops = [e for e in events if e.sequence_nr >= 0 and e.thread in threads and not e.name.startswith(BACKWARD)]
    waiting = iter(ranges)
    upcoming = next(waiting, None)
    open_ranges: list[Any] = []
    for op in sorted(ops, key=lambda e: e.time_range.start):
        now = op.time_range.start
        while upcoming is not None and upcoming.time_range.start <= now:
            open_ranges.append(upcoming)
            upcoming = next(waiting, None)
        open_ranges = [each for each in open_ranges if each.time_range.end > now]
        if open_ranges and op.sequence_nr not in found:
            found[op.sequence_nr] = tuple(each.name.removeprefix(NODE) for each in open_ranges)
    return found
