"""The learning-rate range test: the project's own script trains a fresh network while its rate grows, step by step.

It happens in a process of its own, so that neither the window nor a run that goes on notices it.
"""

from __future__ import annotations

import multiprocessing
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from engine.codegen.source import Source
from engine.document.project import Project
from engine.errors import EngineError, TrainingError, TrustError
from engine.graph.shapes import Analysis
from engine.training.range_curve import RangeCurve, rates_between

LOW, HIGH, STEPS = 1e-6, 10.0, 150
_MANY_EPOCHS = 1_000_000
_GONE = (EOFError, OSError)


@dataclass(frozen=True)
class Point:
    """A step made at a rate, and its loss."""

    rate: float
    loss: float


@dataclass(frozen=True)
class Over:
    """The test has ended. message: why, if it could not be made; "" otherwise."""

    message: str = ""
    hint: str = ""


class RangeTest:
    """One test. Commands may be given from any thread; `drain` gives what has happened since the last time.

    phase: whose rate grows, where a step has phases; "" for the first of them. The others keep theirs.
    """

    def __init__(
        self,
        project: Project,
        analysis: Analysis | None = None,
        *,
        phase: str = "",
        low: float = LOW,
        high: float = HIGH,
        steps: int = STEPS,
        trusted: bool = False,
    ) -> None:
        names = [part.name for part in project.recipe.parts()]
        if phase and phase not in names:
            raise TrainingError(f"There is no phase {phase}.", f"Phases: {', '.join(names) or 'none'}.")
        if not 0.0 < low < high < float("inf") or steps < 2:
            raise TrainingError("The rates grow from a number above 0 to a larger one, in two steps or more.")
        self.curve = RangeCurve()
        self.is_over = False
        self.over: Over | None = None
        self._project, self._analysis, self._is_trusted = project, analysis, trusted
        self._phases, self._phase = names, names.index(phase) if phase else 0
        self._rates = rates_between(low, high, steps)
        self._told: deque[Point | Over] = deque()
        self._is_stopping = threading.Event()
        self._process: Any = None
        self._thread = threading.Thread(target=self._work, name="netsmith-range-test", daemon=True)

    def start(self) -> None:
        """Begin, in the background."""
        self._thread.start()

    def stop(self) -> None:
        """End it; what was found stays."""
        self._is_stopping.set()
        if self._process is not None:
            with suppress(OSError, ValueError):
                self._process.terminate()

    def drain(self) -> list[Point | Over]:
        """What is new, in order; the curve has it."""
        found = [self._told.popleft() for _ in range(len(self._told))]
        for told in found:
            if isinstance(told, Point):
                self.curve.add(told.rate, told.loss)
            else:
                self.is_over, self.over = True, told
        return found

    def wait(self, timeout: float | None = None) -> bool:
        """Until it is over. Returns: whether it is."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _work(self) -> None:
        try:
            self._follow(self._source())
            over = Over()
        except EngineError as error:
            over = Over(error.message, error.hint)
        except Exception as error:  # noqa: BLE001 - whatever it is, the user must read of it
            over = Over(f"{type(error).__name__}: {error}".split("\n")[0])
        self._told.append(over)

    def _source(self) -> Source:
        from engine.analysis.infer import infer
        from engine.codegen.script import script

        if self._project.user_code() and not self._is_trusted:
            raise TrustError("The project holds Python code that you have not trusted.", "Read it, then trust it.")
        analysis = self._analysis or infer(self._project, trusted=self._is_trusted)
        problem = next((p for p in analysis.problems if p.severity == "error"), None)
        if problem is not None:
            raise TrainingError(problem.message, problem.hint)
        return script(self._project, analysis)

    def _follow(self, source: Source) -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        prefix = f"{self._phases[self._phase]}_" if self._phases else ""
        given = (source, self._rates, prefix, self._phase, theirs)
        process = context.Process(target=work, args=given, name="netsmith-range-test", daemon=True)
        process.start()
        theirs.close()
        self._process = process
        seen = RangeCurve()
        try:
            with suppress(*_GONE):
                while not self._is_stopping.is_set() and not seen.is_diverged:
                    told = ours.recv()
                    if isinstance(told, str):
                        raise TrainingError(told)
                    self._told.append(told)
                    seen.add(told.rate, told.loss)
            if not seen.rates and not self._is_stopping.is_set() and not seen.is_diverged:
                raise TrainingError("No step could be made.", "Train the project to see why.")
        finally:
            ours.close()
            process.terminate()
            process.join()
            self._process = None


def work(source: Source, rates: Sequence[float], prefix: str, place: int, connection: Connection[Any, Any]) -> None:
    """What the child process does; a text instead of a `Point` says why it ends."""
    with suppress(*_GONE):
        try:
            for rate, loss in losses_at(source, rates, prefix, place):
                connection.send(Point(rate, loss))
        except Exception as error:  # noqa: BLE001 - whatever it is, the user must read of it
            words = error.message if isinstance(error, EngineError) else f"{type(error).__name__}: {error}"
            connection.send(words.split("\n")[0])
    connection.close()


def losses_at(source: Source, rates: Sequence[float], prefix: str, place: int) -> Any:
    """Yield (rate, loss) for every rate: a fresh network, the script's own loop, nothing else that moves the rate."""
    from torch.optim import Optimizer

    from engine.build import build

    script = build(source)
    parts = script["setup"]()._asdict()
    for name, part in parts.items():
        if name.endswith("schedule"):
            part.step = _nothing
        elif name == "stopping":
            part.sees = _nothing
    mine = [p for n, p in parts.items() if isinstance(p, Optimizer) and n.startswith(prefix)]
    first = float(mine[0].param_groups[0]["lr"]) or 1.0
    groups = [(group, float(group["lr"]) / first or 1.0) for optimizer in mine for group in optimizer.param_groups]
    steps = script["train"](*parts.values(), epochs=_MANY_EPOCHS)
    for rate in rates:
        for group, share in groups:
            group["lr"] = rate * share
        told = next(steps)
        while isinstance(told, dict):
            told = next(steps)
        yield rate, float(told[place] if told.ndim else told)


def _nothing(*_: object) -> bool:
    return False
