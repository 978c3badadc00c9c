"""Many runs of one project, each at another point: in a grid, at random, or where it looks promising."""

from __future__ import annotations

import math
import queue
import statistics
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from engine.document.project import Project
from engine.errors import EngineError, TrainingError
from engine.training.beside import is_training
from engine.training.events import Ended, Evaluated, Failed
from engine.training.run import Mode, TrainingRun, new_id
from engine.training.sweep_axes import Axis, Point, at, drawn, grid, written

Method = Literal["grid", "random", "tpe"]
METHODS: tuple[Method, ...] = ("grid", "random", "tpe")
LEAST_TRIALS = 4
"""So many trials must have come as far before one is held against them."""
NO_OPTUNA = "A sweep by TPE needs Optuna, which is not installed: pip install 'netsmith[sweep]'."


@dataclass(frozen=True)
class Trial:
    """One run of a sweep. value: its figure after the last epoch, None before the first or where it failed.

    state: "running", "finished", "stopped" (given up by the median rule, or by hand) or "failed".
    """

    number: int
    point: Point
    run: str = ""
    epoch: int = 0
    value: float | None = None
    state: str = "running"
    message: str = ""


@dataclass(frozen=True)
class Plan:
    """What is swept. trials: at most so many. metric: the figure that is to be small, or large if `maximize`.

    parallel: runs at a time; more than one run in processes of their own. prune: give up a run whose figure is worse
    than the median of the others at the same epoch (Golovin et al. 2017, Google Vizier). seed: of what is drawn.
    """

    axes: tuple[Axis, ...]
    method: Method = "random"
    trials: int = 20
    metric: str = "val_loss"
    maximize: bool = False
    parallel: int = 1
    prune: bool = False
    seed: int = 0


class Sweep:
    """Makes the runs in the background. `trials` tells each whenever something is new of it, until all are over."""

    def __init__(
        self,
        project: Project,
        plan: Plan,
        *,
        runs_dir: Path | str | None = None,
        mode: Mode = "thread",
        trusted: bool = False,
        name: str = "",
    ) -> None:
        self.project, self.plan = project, plan
        self.name = name or f"sweep-{new_id()[-10:]}"
        self._runs_dir, self._trusted = runs_dir, trusted
        self._mode: Mode = "process" if plan.parallel > 1 or is_training() else mode
        self._points = _points(plan)
        self._told: queue.SimpleQueue[Trial | None] = queue.SimpleQueue()
        self._board = _Board(plan)
        self._running: dict[int, TrainingRun] = {}
        self._lock = threading.Lock()
        self._is_stopping = False
        self.is_over = True
        for point in islice(grid(plan.axes), 1):
            at(project, point)  # an option that does not exist is known before the first run

    def start(self) -> None:
        """Begin, in the background."""
        self.is_over = False
        _SWEEPS.add(self)
        threading.Thread(target=self._work, name=self.name, daemon=True).start()

    def stop(self) -> None:
        """Begin no more runs, and end those that go on; what they learned is kept."""
        self._is_stopping = True
        with self._lock:
            for run in self._running.values():
                run.stop()

    def trials(self) -> Iterator[Trial]:
        """What happens, in order, until the sweep is over. Blocks."""
        while (trial := self._told.get()) is not None:
            yield trial

    def drain(self) -> tuple[list[Trial], bool]:
        """What has happened since the last time, and whether the sweep is over. Never blocks."""
        found: list[Trial] = []
        while not self._told.empty():
            trial = self._told.get()
            if trial is None:
                return found, True
            found.append(trial)
        return found, False

    def best(self) -> Trial | None:
        """The trial with the best figure so far."""
        return self._board.best()

    def _work(self) -> None:
        try:
            with ThreadPoolExecutor(max(1, self.plan.parallel)) as pool:
                slots = threading.Semaphore(max(1, self.plan.parallel))
                for number in range(1, self.plan.trials + 1):
                    slots.acquire()
                    point = None if self._is_stopping else self._points.ask(number)
                    if point is None:
                        break
                    pool.submit(self._try, number, point, slots)
        finally:
            self.is_over = True
            self._told.put(None)

    def _try(self, number: int, point: Point, slots: threading.Semaphore) -> None:
        trial = Trial(number, point)
        try:
            trial = self._run(trial)
        except Exception as error:  # noqa: BLE001 - one trial that fails must not end the sweep
            message = error.message if isinstance(error, EngineError) else f"{type(error).__name__}: {error}"
            trial = Trial(number, point, trial.run, trial.epoch, None, "failed", message)
        finally:
            self._points.tell(number, trial)
            self._board.end(trial)
            self._told.put(trial)
            slots.release()

    def _run(self, trial: Trial) -> Trial:
        project = at(self.project, trial.point)
        run = TrainingRun(
            project,
            runs_dir=self._runs_dir,
            mode=self._mode,
            trusted=self._trusted,
            name=f"{project.block().name} {written(trial.point)}",
            group=self.name,
        )
        with self._lock:
            self._running[trial.number] = run
        try:
            with run:
                return self._follow(run, trial)
        finally:
            with self._lock:
                self._running.pop(trial.number, None)

    def _follow(self, run: TrainingRun, trial: Trial) -> Trial:
        run.start()
        if self._is_stopping:
            run.stop()
        now = Trial(trial.number, trial.point, run.run_id)
        self._told.put(now)
        for event in run.events():
            if isinstance(event, Evaluated):
                value = event.figures.get(self.plan.metric)
                if value is None:
                    raise TrainingError(
                        f"No figure {self.plan.metric} is measured.", f"There are {', '.join(event.figures)}."
                    )
                now = Trial(trial.number, trial.point, run.run_id, event.epoch, float(value))
                self._told.put(now)
                if self._board.note(now) and self.plan.prune:
                    run.stop()
            elif isinstance(event, Failed):
                return Trial(trial.number, trial.point, run.run_id, now.epoch, None, "failed", event.message)
            elif isinstance(event, Ended):
                state = "stopped" if event.reason == "stopped" else "finished"
                return Trial(trial.number, trial.point, run.run_id, now.epoch, now.value, state)
        return now


@dataclass
class _Board:
    """The figures of all trials: which is best, and whether one falls behind."""

    plan: Plan
    figures: dict[int, list[float]] = field(default_factory=dict)
    ended: list[Trial] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, trial: Trial) -> bool:
        """Take in the figure of an epoch. Returns: whether it is worse than the median of the others there."""
        assert trial.value is not None
        sign = -1.0 if self.plan.maximize else 1.0
        value = sign * trial.value if math.isfinite(trial.value) else math.inf
        with self.lock:
            mine = self.figures.setdefault(trial.number, [])
            mine.append(min(value, mine[-1]) if mine else value)
            epoch = len(mine)
            others = [f[epoch - 1] for n, f in self.figures.items() if n != trial.number and len(f) >= epoch]
            return len(others) >= LEAST_TRIALS and mine[-1] > statistics.median(others)

    def end(self, trial: Trial) -> None:
        with self.lock:
            self.ended.append(trial)

    def best(self) -> Trial | None:
        with self.lock:
            known = [t for t in self.ended if t.value is not None and math.isfinite(t.value)]
        sign = -1.0 if self.plan.maximize else 1.0
        return min(known, key=lambda t: sign * (t.value or 0.0), default=None)


class _Listed:
    """Points that are known beforehand."""

    def __init__(self, points: Iterator[Point]) -> None:
        self._points = points

    def ask(self, number: int) -> Point | None:
        return next(self._points, None)

    def tell(self, number: int, trial: Trial) -> None:
        """What came of it changes nothing."""


class _Promising:
    """Points by the tree-structured Parzen estimator of Optuna (Bergstra et al. 2011)."""

    def __init__(self, plan: Plan) -> None:
        try:
            import optuna
        except ModuleNotFoundError:
            raise TrainingError(NO_OPTUNA) from None
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._axes, self._optuna = plan.axes, optuna
        direction = "maximize" if plan.maximize else "minimize"
        self._study = optuna.create_study(direction=direction, sampler=optuna.samplers.TPESampler(seed=plan.seed))
        self._asked: dict[int, Any] = {}
        self._lock = threading.Lock()

    def ask(self, number: int) -> Point | None:
        with self._lock:
            trial = self._asked[number] = self._study.ask()
            return {axis.path: self._suggest(trial, axis) for axis in self._axes}

    def tell(self, number: int, trial: Trial) -> None:
        failed = trial.value is None or not math.isfinite(trial.value)
        state = self._optuna.trial.TrialState.FAIL if failed else None
        with self._lock:
            self._study.tell(self._asked[number], None if failed else trial.value, state)

    def _suggest(self, trial: Any, axis: Axis) -> str:
        if axis.choices:
            return str(trial.suggest_categorical(axis.path, axis.choices))
        if axis.whole:
            return str(trial.suggest_int(axis.path, round(axis.low), round(axis.high), log=axis.log))
        return f"{trial.suggest_float(axis.path, axis.low, axis.high, log=axis.log):.4g}"


def _points(plan: Plan) -> _Listed | _Promising:
    if not plan.axes:
        raise TrainingError("Nothing is swept.", "Name an option: --over recipe.optimizer.lr=1e-4..1e-1:log.")
    makers: dict[Method, Callable[[], _Listed | _Promising]] = {
        "grid": lambda: _Listed(grid(plan.axes)),
        "random": lambda: _Listed(drawn(plan.axes, plan.seed)),
        "tpe": lambda: _Promising(plan),
    }
    return makers[plan.method]()


_SWEEPS: weakref.WeakSet[Sweep] = weakref.WeakSet()


def sweeping() -> list[Sweep]:
    """The sweeps of this program that go on: their device is theirs between two of their runs, too."""
    return [sweep for sweep in list(_SWEEPS) if not sweep.is_over]


def size_of(axes: Sequence[Axis]) -> int:
    """How many points a grid has."""
    return math.prod(len(axis.grid()) for axis in axes)
