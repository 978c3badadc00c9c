"""What is being looked at in the network, while a run trains it or while nobody does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal

from engine.document.probes import probes_of
from engine.document.project import Project
from engine.graph.shapes import Analysis
from engine.training.events import Event, NodePath
from engine.training.history import History
from engine.training.looked import Look, Looked, Spread, Watch
from engine.training.looks import Looks
from engine.training.run import TrainingRun
from gui.background import Background
from gui.runner import Runner

SEND_MS = 120  # a sample that is leafed through is looked at a few times a second


class Current(NamedTuple):
    """The project on screen."""

    project: Project
    analysis: Analysis | None
    trusted: bool


class Looking(QObject):
    """Tells the run what to look at for as long as somebody does, and looks by itself while nothing is trained.

    changed(): there is something new to show, or something else is looked at.
    """

    changed = Signal()

    def __init__(
        self, background: Background, runner: Runner, current: Callable[[], Current], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._background, self._runner, self._current = background, runner, current
        self.look = Look()
        self.problem, self.hint = "", ""
        self.is_busy = False
        self.is_frozen = False
        self._wishes: set[str] = set()
        self._run: TrainingRun | None = None
        self._sent: Look | None = None
        self._own = Looks()
        self._kept: object = None
        self._of: Project | None = None
        self._shows_run = False
        self._soon = QTimer(self, singleShot=True, interval=SEND_MS)
        self._soon.timeout.connect(self._send)
        runner.events.connect(self._hear)
        runner.changed.connect(self._follow_run)

    @property
    def looks(self) -> Looks:
        """What was seen last, in the run or before one."""
        return self._runner.history.looks if self._shows_run else self._own

    @property
    def is_of_now(self) -> bool:
        """Whether what was seen is of the project on screen."""
        shown = self._runner.run.project if self._shows_run and self._runner.run else self._of
        now = self._current().project
        return shown is not None and is_same(shown, now)

    @property
    def history(self) -> History:
        """What the X-ray reads: that of the run, or one that holds nothing but what was seen before it."""
        if self._shows_run or self._runner.history.started is not None:
            return self._runner.history
        history = History()
        history.looks = self._own
        return history

    def wish(self, who: str, looks: bool) -> None:
        """Somebody begins or ceases to look: "layers", "probes", "heat"."""
        before = bool(self._wishes)
        (self._wishes.add if looks else self._wishes.discard)(who)
        if before != bool(self._wishes):
            self._soon.start()

    def change(self, **parts: Any) -> None:
        """Look at something else: fields of `Look`."""
        changed = replace(self.look, **parts)
        if changed != self.look:
            self.look = changed
            self._soon.start()
            self.changed.emit()

    def show_layer(self, path: NodePath) -> None:
        """Look at this node closely."""
        self.change(layer=tuple((str(block), str(node)) for block, node in path))

    def follow_probes(self) -> None:
        """Look at the outputs that have probes, too, in all instances of their block."""
        found = probes_of(self._current().project)
        self.change(watched=tuple(Watch(((str(block), str(p.node)),), p.port) for block, p in found))
        self.wish("probes", bool(found))

    def freeze(self, frozen: bool) -> None:
        """Keep what is shown, or follow what is trained again."""
        self.is_frozen = frozen
        self._soon.start()
        self.changed.emit()

    def why_not(self) -> str:
        """Why one cannot look now, in words, "" if one can."""
        project = self._current().project
        if self._runner.active:
            return ""
        return "" if project.block().graph.nodes else "The model has no layers yet."

    def look_now(self) -> None:
        """Look at once: into the run that goes on, else into the network on screen as it is before training."""
        if self._runner.active:
            self.is_frozen = False
            self._sent = None
            self._send()
            return
        project, analysis, trusted = self._current()
        look, kept, weights = self.look, self._kept, self._learned(project)
        self.is_busy = True
        self.problem = self.hint = ""
        self.changed.emit()

        def work() -> tuple[object, list[Event]]:
            from engine.training.look_now import looked_at  # loads torch, in the thread that looks

            return looked_at(project, analysis, look, trusted=trusted, kept=kept, weights=weights)

        self._background.submit("look", work, lambda found: self._take(project, weights, look, *found), self._fail)

    def _learned(self, project: Project) -> Path | None:
        """What the last run has left of this very network."""
        run = self._runner.run
        if run is None or not is_same(run.project, project):
            return None
        path = run.folder / "checkpoints" / "last.safetensors"
        return path if path.exists() else None

    def _take(self, project: Project, weights: Path | None, look: Look, kept: object, events: list[Event]) -> None:
        """What was seen of the network before training, or of what the last run has left of it."""
        if self._of is None or not is_same(self._of, project):
            self._own = Looks()
        self._kept, self._of, self.is_busy = kept, project, False
        self._shows_run = weights is not None and weights == self._learned(project)
        for event in events:
            if isinstance(event, Looked | Spread):
                self.looks.take(event)
        self.problem = self.looks.problem
        if look != self.look:  # something else was asked for while this was on its way
            self._soon.start()
        self.changed.emit()

    def _fail(self, error: Exception) -> None:
        self.is_busy = False
        self.problem, self.hint = str(getattr(error, "message", error)), str(getattr(error, "hint", ""))
        self.changed.emit()

    def _hear(self, events: list[Event]) -> None:
        if any(isinstance(event, Looked | Spread) for event in events):
            self._shows_run = True
            self.problem, self.hint = self._runner.history.looks.problem, ""
            self.changed.emit()

    def _follow_run(self) -> None:
        if self._runner.run is not self._run:
            self._run, self._sent = self._runner.run, None
            self._kept = None  # what it holds would stay in memory for as long as the run trains
            self._soon.start()
        self.changed.emit()

    def _send(self) -> None:
        """Tell the run what is looked at now; without one, look again if one has looked before."""
        wanted = self.look if self._wishes and not self.is_frozen else None
        if not self._runner.active:
            if wanted is not None and self.is_of_now and not self.is_busy:
                self.look_now()
            return
        if wanted != self._sent:
            self._sent = wanted
            assert self._runner.run is not None
            self._runner.run.look(wanted)


def is_same(one: Project, other: Project) -> bool:
    """Whether two projects are the same network and recipe, however they are drawn."""
    return one.blocks is other.blocks and one.recipe is other.recipe
