"""The run of now: started, steered and drained from the GUI thread."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, QTimer, Signal

from engine.document.project import Project
from engine.errors import EngineError
from engine.graph.shapes import Analysis
from engine.training.events import Event, NodePath, Steered
from engine.training.history import History
from engine.training.run import STATES, TrainingRun
from engine.training.run_order import Order
from engine.training.steering_wish import Option
from gui.background import Background

DRAIN_MS = 50  # what a run tells comes fifty milliseconds at a time, so that looking more often would gain nothing


class Runner(QObject):
    """Holds one `TrainingRun` at a time and tells what comes out of it.

    events(list): what happened since the last time, in order. changed(): a run began, paused, went on or ended.
    """

    events = Signal(list)
    changed = Signal()
    message = Signal(str, str, object)

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.run: TrainingRun | None = None
        self.history = History()
        self.mode: Literal["thread", "process"] = "thread"
        self.runs_dir: Path | None = None
        self.tensorboard = False
        self.keep_every = 0
        self._background = background
        self._asked: list[tuple[str, NodePath, float]] = []
        self._state = "idle"
        self._timer = QTimer(self)
        self._timer.setInterval(DRAIN_MS)
        self._timer.timeout.connect(self.drain)

    @property
    def state(self) -> str:
        """idle, preparing, running, paused, ended or failed: as far as was heard, so that `history` knows of it too."""
        return self._state

    @property
    def active(self) -> bool:
        return self.state in {"preparing", "running", "paused"}

    @property
    def is_ending(self) -> bool:
        """Whether the run is over, and its end was not heard yet."""
        return self.active and self.run is not None and self.run.is_over

    def start(
        self,
        project: Project,
        analysis: Analysis | None,
        *,
        trusted: bool,
        resume: str | None = None,
        carry: bool = False,
    ) -> None:
        """Begin a run of this project; one that is active goes on and a message says so.

        resume: the run that it goes on from, and behind an @ from which checkpoint. carry: with its weights alone.
        """
        self.begin(self.order(project, analysis, trusted=trusted, resume=resume, carry=carry))

    def order(
        self,
        project: Project,
        analysis: Analysis | None,
        *,
        trusted: bool,
        resume: str | None = None,
        carry: bool = False,
        name: str = "",
    ) -> Order:
        """What `start` begins, to be begun now or later. name: of the file, for people."""
        return Order(
            project,
            name,
            analysis,
            self.runs_dir,
            self.mode,
            resume or "",
            carry,
            self.keep_every,
            self.tensorboard,
            trusted,
        )

    def begin(self, order: Order) -> TrainingRun | None:
        """Begin what was asked for. Returns: None if a run is active, which goes on; a message says so."""
        if self.active:
            self.message.emit("A run is going on. Stop it to start another.", "", None)
            return None
        self.history, self._asked = History(), []
        self.run = order.begin()
        self._timer.start()
        self._state = "preparing"
        self.changed.emit()
        return self.run

    def pause(self) -> None:
        if self.run and self.active:
            self.run.pause()

    def resume(self) -> None:
        if self.run and self.active:
            self.run.resume()
            if self._state == "paused":
                self._state = "running"  # it obeys; whoever pauses it before that is heard must not take it for paused

    def step(self) -> None:
        if self.run and self.active:
            self.run.step()

    def stop(self) -> None:
        if self.run and self.active:
            self.run.stop()

    def set_learning_rate(self, lr: float, phase: str = "") -> None:
        """From the next step on; of one phase if there are several."""
        self.steer("lr", lr, phase)

    def steer(self, option: Option, value: float, phase: str = "", node: NodePath = ()) -> None:
        """Change something of the run between two steps; what cannot be changed becomes a message."""
        if self.run and self.active:
            try:
                self.run.steer(option, value, phase=phase, node=node)
            except EngineError as error:
                self.message.emit(str(error), "", None)
            else:
                self._asked.append((f"{phase}_{option}" if phase else option, node, float(value)))

    def asked(self, event: Steered) -> bool:
        """Whether it was asked for here, and not by a run before; says so once."""
        wish = event.name, event.node, float(event.after)
        if wish in self._asked:
            del self._asked[: self._asked.index(wish) + 1]
            return True
        return False

    def trace(self, steps: int) -> None:
        """Record the next steps operation by operation."""
        if self.run and self.active:
            self.run.trace(steps)

    def save(self, name: str = "") -> None:
        """Keep a checkpoint of the moment after this step."""
        if self.run and self.active:
            self.run.save(name)

    def drain(self) -> None:
        """Take what the run has put into its queue. Called by the timer."""
        if self.run is None:
            return
        ended = not self.active
        events: list[Event] = self.run.drain()
        if events:
            told = [STATES[type(event)] for event in events if type(event) in STATES]
            self.history.extend(events)
            self._state = told[-1] if told else self._state
            self.events.emit(events)
            # One that went on and paused again since the last look is in the same state, and still it changed.
            if told:
                self.changed.emit()
        elif ended:
            self._timer.stop()

    def edited_since(self, project: Project) -> bool:
        """Whether the model or recipe on screen differs from what the run trains."""
        run = self.run.project if self.run else project
        return run.blocks is not project.blocks or run.recipe is not project.recipe

    def close(self) -> None:
        """Stop the run and wait for its thread. What it still tells is not heard."""
        self._timer.stop()
        if self.run and self.active:
            self.run.stop()
            self.run.wait(timeout=10)
            self._state = self.run.state
