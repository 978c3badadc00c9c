"""One training run behind one face, whether a thread or a process makes it. Torch-free until it starts."""

from __future__ import annotations

import random
import sqlite3
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from engine.codegen.source import Source
from engine.codegen.start_text import Start
from engine.document.files import dumps, load
from engine.document.project import Project
from engine.errors import EngineError, TrustError
from engine.graph.shapes import Analysis
from engine.places import runs_dir as places_runs_dir
from engine.training.beside import RUNS, STARTING, is_training
from engine.training.carry_apart import Asked, carried
from engine.training.carry_report import Report
from engine.training.control import Command, Control
from engine.training.events import (
    Ended,
    Event,
    Failed,
    NodePath,
    Paused,
    Preparing,
    Resumed,
    Started,
    Steerable,
    Steered,
    Warned,
)
from engine.training.job import Job, node_names
from engine.training.kept import moment_of
from engine.training.liveness import Alive
from engine.training.looked import ALONE, Look
from engine.training.outline import outline_of
from engine.training.process import Child
from engine.training.recorder import Recorder
from engine.training.steered_file import from_record
from engine.training.steering_wheel import Wheel
from engine.training.steering_wish import Option
from engine.training.store import RunRecord, Store, not_kept
from engine.training.store_options import options_of
from engine.training.tensorboard_files import EventMirror, why_not

Mode = Literal["thread", "process"]
State = Literal["preparing", "running", "paused", "ended", "failed"]
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"


class TrainingRun:
    """Trains a project as it is now; later edits do not reach it. Every run is kept in the store.

    analysis, source: of this very project, where they are known already. resume: id of a run to go on from, exactly as
    it would have gone on itself; checkpoint: from which of its moments. keep_every: epochs between two checkpoints that
    stay, 0 for none. carry: begin anew, with what the network of that run has learned, which need not be this one.
    trusted: whether the user's own code in the project may be executed. norms: whether gradients are measured.
    group: what it belongs to, such as the name of a sweep. tensorboard: whether event files for it are written, too.
    shares: whether it may be a thread beside others; then nobody can make its curve again, nor those of the others.
    Commands may be given from any thread and at any time; they are obeyed between two steps.
    """

    def __init__(
        self,
        project: Project,
        *,
        analysis: Analysis | None = None,
        source: Source | None = None,
        runs_dir: Path | str | None = None,
        mode: Mode = "thread",
        resume: str | None = None,
        trusted: bool = False,
        name: str = "",
        norms: bool = True,
        group: str = "",
        checkpoint: str = "last",
        keep_every: int = 0,
        carry: bool = False,
        tensorboard: bool = False,
        shares: bool = False,
    ) -> None:
        self.project, self.source, self.mode = project, source, mode
        self.run_id = new_id()
        self.state: State = "preparing"
        self.store = Store(Path(runs_dir) if runs_dir is not None else places_runs_dir())
        self.folder = self.store.folder / self.run_id
        self._analysis, self._resume, self._is_trusted, self._norms = analysis, resume, trusted, norms
        self.name, self.group = name or project.block().name, group
        self.title = self.name  # what people call it: the name of its file, where whoever begins it knows one
        self.device: str = project.recipe.device
        self._tensorboard, self._shares = tensorboard, shares
        self.wheel = Wheel(project)
        self._checkpoint, self._keep_every, self._carries = checkpoint, keep_every, carry
        self.carried: Report | None = None
        self._trained = project
        self._control: Control | Child = Control() if mode == "thread" else Child()
        self._events: deque[Event] = deque()
        self._heard = threading.Event()
        self._recorder: Recorder | None = None
        self._thread = threading.Thread(target=self._work, name=f"training {self.run_id}", daemon=True)
        self.is_stopping = self.draws = False

    def start(self) -> None:
        """Begin, in the background: beside a run in a thread in a process, since both would draw the same numbers."""
        with STARTING:
            if isinstance(self._control, Control) and not self._shares and is_training():
                self.mode, self._control = "process", self._control.moved(Child())
            RUNS.add(self)
        self._thread.start()

    def pause(self) -> None:
        """Make no further step."""
        self._control.give(Command("pause"))

    def resume(self) -> None:
        """Go on."""
        self._control.give(Command("resume"))

    def step(self) -> None:
        """Make one step, then pause."""
        self._control.give(Command("step"))

    def stop(self) -> None:
        """End the run; what it has learned is kept."""
        self.is_stopping = True
        self._control.give(Command("stop"))

    def set(self, *, lr: float, phase: str = "") -> None:
        """Go on with another learning rate, of one phase if there are several. Raises: TrainingError for no rate."""
        self.steer("lr", lr, phase=phase)

    def steer(self, option: Option, value: float, *, phase: str = "", node: NodePath = ()) -> None:
        """Change something between two steps: then `Steered` tells of it, or `Warned` why it cannot be.

        node: the layer that is frozen (1) or learns again (0), or whose dropout changes. batch_size and accumulate
        change when the epoch ends. Raises: TrainingError for what cannot be asked of this run.
        """
        self._control.give(Command("steer", option, self.wheel.wish(option, value, phase=phase, node=node)))

    def save(self, name: str = "", note: str = "") -> None:
        """Write a checkpoint that stays, of the moment after the step that is being made."""
        self._control.give(Command("checkpoint", name, note))

    def look(self, look: Look | None) -> None:
        """Look into the network from now on, about once a second; None: no more."""
        self._control.give(Command("look", value=look))

    def trace(self, steps: int = 20) -> None:
        """Record the next steps operation by operation; `Traced` tells of the file."""
        self._control.give(Command("trace", value=steps))

    def drain(self) -> list[Event]:
        """What has happened since the last time. Never blocks."""
        self._heard.clear()
        return [self._events.popleft() for _ in range(len(self._events))]

    def events(self) -> Iterator[Event]:
        """Everything that happens until the run is over, waiting for it: for callers that have no timer."""
        while True:
            self._heard.wait(1.0)  # some systems cannot interrupt a longer wait by Ctrl+C
            for event in self.drain():
                yield event
                if isinstance(event, Ended | Failed):
                    return

    @property
    def is_over(self) -> bool:
        """Whether the last event has been given."""
        return self.state in ("ended", "failed")

    def wait(self, timeout: float | None = None) -> bool:
        """Until the run is over and everything is written, or `timeout` seconds. Returns: whether it is."""
        if self._thread.ident is None:
            return False
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def close(self, timeout: float | None = 30.0) -> None:
        """Stop it if need be, and wait until it has ended."""
        if not self.is_over:
            self.stop()
        self.wait(timeout)

    def __enter__(self) -> TrainingRun:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _work(self) -> None:
        ending: Event
        try:
            with ExitStack() as held:
                self._tell(Preparing("Checking the project"))
                self._record(held)
                source = self._generate()
                if isinstance(source, Failed):
                    ending = source
                elif self.is_stopping:
                    ending = Ended("stopped", {}, self.run_id)
                else:
                    ending = self._train(source)
                self._tell(ending)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - in the training thread it becomes an event
            self._tell(self._failed(error))

    def _record(self, held: ExitStack) -> None:
        parent = self.store.get(self._resume) if self._resume else None
        if parent is not None:  # before anything is kept of a run that cannot be
            self._moment = moment_of(self.store, parent.id, self._checkpoint, goes_on=not self._carries)
        if parent is not None and not self._carries and self.source is None:
            self._trained = _planned_as(self.store, parent, self.project)
        recipe = self.project.recipe
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            held.enter_context(Alive(self.folder))
            options = options_of(self.project)
            recorder = Recorder(self.store, self.run_id, parent, self._mirror())
            recorder.begin(self.name, recipe.seed, recipe.epochs, dumps(self._trained), options, self.group)
        except (OSError, sqlite3.Error) as error:
            raise not_kept(error, self.store.folder) from error
        self._recorder = recorder
        self._parent: RunRecord | None = parent

    def _mirror(self) -> EventMirror | None:
        """Who writes for TensorBoard, if that is wanted; without its package the run goes on and says so."""
        if self._tensorboard and (reason := why_not()):
            self._tell(Warned(reason))
        elif self._tensorboard:
            return EventMirror(self.folder)
        return None

    def _generate(self) -> Source | Failed:
        if self.project.user_code() and not self._is_trusted:
            raise TrustError("The project holds Python code that you have not trusted.", "Read it, then trust it.")
        if self.source is None:
            self._tell(Preparing("Starting PyTorch"))
            from engine.analysis.infer import infer
            from engine.codegen.script import script
            from engine.training.failures import failed_by_problem

            # What was found out before the user's code was trusted does not know its shapes.
            known = None if self.project.user_code() else self._analysis
            analysis = known or infer(self.project, trusted=self._is_trusted)
            problem = next((p for p in analysis.problems if p.severity == "error"), None)
            if problem is not None:
                return failed_by_problem(problem, self.run_id)
            self.source = script(self._trained, analysis, start=self._carry(analysis))
        assert self._recorder is not None
        self._recorder.keep_script(self.source.text)
        return self.source

    def _carry(self, analysis: Analysis) -> Start | None:
        """Write what the run begins with, if another one has learned it."""
        if not self._carries or self._parent is None:
            return None
        self._tell(Preparing("Carrying weights over"))
        from engine.training.carry import START

        asked = Asked(self.store.folder, self._parent.id, self._checkpoint, self.folder, self._is_trusted)
        self.carried = carried(asked, self.project, analysis, self)
        return Start(START, self.carried.optimizers)

    def _train(self, source: Source) -> Event:
        recipe = self.project.recipe
        parent = self._parent.id if self._parent else ""
        resume = ""
        if parent and not self._carries:
            resume = str(self._moment)
        job = Job(
            source,
            self.run_id,
            str(self.folder),
            recipe.batch_size * recipe.accumulate,
            node_names(self.project),
            resume,
            self._norms,
            tuple(phase.name for phase in recipe.parts()),
            parent,
            self.carried.step if self.carried else 0,
            self._keep_every,
            outline_of(self.project),
            self._inherited(),
            recipe.decay == "matrices",
            str(self.folder / "start.safetensors") if self.carried else "",
            recipe.epochs if recipe.epochs != self._trained.recipe.epochs else 0,
        )
        last: list[Event] = []

        def hear(event: Event) -> None:
            # The last event is told when everything else is put away, so that whoever sees it may read the store.
            if isinstance(event, Ended | Failed):
                last.append(event)
            else:
                self._tell(event)

        if isinstance(self._control, Control):
            from engine.training.worker import Worker

            with ALONE:  # a look that is under way comes to its end
                self.draws = True
            try:
                Worker(job, self._control, hear).run()
            finally:
                self.draws = False
        else:
            for event in self._control.events(job):
                hear(event)
        return last[0] if last else self._died()

    def _inherited(self) -> tuple[Steered, ...]:
        """What was changed by hand in the run that this one goes on from."""
        events = self.store.events(self._parent.id) if self._parent and not self._carries else ()
        return tuple(from_record(facts) for _, kind, facts in events if kind == Steered.__name__)

    def _died(self) -> Event:
        assert isinstance(self._control, Child)
        if self.is_stopping:
            return Ended("stopped", {}, self.run_id)
        code = self._control.exit_code
        hint = "The system may have ended it for want of memory." if code == -9 else "Start it again, or in a thread."
        return Failed(f"The training process died (exit code {code}).", hint, run_id=self.run_id)

    def _tell(self, event: Event) -> None:
        if isinstance(event, Started):
            from engine.training.locate import node_path

            event = replace(event, nodes=tuple(node_path(self.project, name) for name in event.parameters))
            self.device = event.device
            if isinstance(self._control, Child):
                self._control.started()
        elif isinstance(event, Steerable):
            from engine.training.locate import node_path

            event = replace(event, nodes=tuple(node_path(self.project, name) for name, _ in event.dropouts))
        self.wheel.hear(event)
        warning = self._recorder.take(event) if self._recorder is not None else None
        if warning is not None:
            self._events.append(warning)
        self._events.append(event)
        self.state = STATES.get(type(event), self.state)
        self._heard.set()

    def _failed(self, error: BaseException) -> Event:
        kept = self.run_id if self._recorder is not None else ""
        if isinstance(error, EngineError):
            node = str(getattr(error, "node", ""))
            return Failed(error.message, error.hint, "", node, error.detail, kept)
        from engine.training.failures import failed

        return failed(error, self.source, node_names(self.project), kept)


def _planned_as(store: Store, parent: RunRecord, project: Project) -> Project:
    """The project with as many epochs as the run before began with: more of them are a change by hand on the way."""
    try:
        before = load(store.folder / parent.id / "project.netsmith").recipe
    except EngineError:  # what it trained is no longer there; its checkpoint may be
        return project
    return replace(project, recipe=project.recipe.with_(epochs=before.epochs))


def new_id() -> str:
    """An id that sorts by time and can be typed: 20261123-081502-k3f."""
    # Not the seeded generator: a script may seed it.
    letters = "".join(random.SystemRandom().choices(_LETTERS, k=3))
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{letters}"


STATES: dict[type[Event], State] = {
    Started: "running",
    Resumed: "running",
    Paused: "paused",
    Ended: "ended",
    Failed: "failed",
}
"""The state that a run is in once it has told of this; what else it tells leaves it as it was."""
