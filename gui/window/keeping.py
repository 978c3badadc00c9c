"""Keeping moments of a run, going back to them, and going on with an edited model."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from engine.document.files import load
from engine.document.project import Project
from engine.training.events import Checkpointed, Event
from engine.training.kept import Kept
from engine.training.store import Store
from gui.dialogs.carry import CarryDialog
from gui.dialogs.checkpoints import CheckpointsDialog
from gui.preferences import Preferences
from gui.session import Session
from gui.window.training import Training

NOTHING = "Nothing was trained yet."


class Keeping(QObject):
    """Between the commands and the runner, where moments of a run are meant."""

    def __init__(self, session: Session, training: Training, preferences: Preferences, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._training, self._preferences, self._window = session, training, preferences, window
        self._when_over: Callable[[], object] | None = None
        self._when_paused: Callable[[], object] | None = None
        session.runner.events.connect(self._tell)
        session.runner.changed.connect(self._look)

    def save(self) -> None:
        """Write a checkpoint that stays, between this step and the next."""
        self._session.runner.save()

    def show(self) -> None:
        """The checkpoints of the run of now."""
        run = self._session.runner.run
        if run is not None:
            CheckpointsDialog(self._session, run.store, run.run_id, self.go_back, self._window).open()

    def go_back(self, kept: Kept) -> None:
        """End the run of now, and begin one at that moment: with the model of then, if it was edited since."""
        run = self._session.runner.run
        store = run.store if run is not None else Store(self._preferences.runs_folder)
        if run is not None and kept.run == run.run_id and run.project.blocks is self._session.project.blocks:
            self._stop_then(lambda: self._training.start(f"{kept.run}@{kept.key}"))
            return
        path = store.folder / kept.run / "project.netsmith"
        self._session.background.submit("project of a run", lambda: load(path), lambda p: self._back_with(p, kept))

    def carry(self) -> None:
        """Ask whether to go on with the edited model, and say what it would keep."""
        self._training.when_ready(self._pause_and_ask)

    def why_not_save(self) -> str:
        if self._session.runner.state in ("running", "paused"):
            return ""
        return self._training.why_not_steer() or "The run is being prepared."

    def why_not_show(self) -> str:
        return "" if self._session.runner.run is not None else NOTHING

    def why_not_carry(self) -> str:
        runner = self._session.runner
        if runner.run is None:
            return NOTHING
        if runner.history.started is None:
            return "The run has not made a step." if runner.active else "The run learned nothing that could be kept."
        return ""

    def _pause_and_ask(self) -> None:
        runner = self._session.runner
        if runner.state == "running":
            self._when_paused = lambda: self._ask(goes_on=True)
            runner.pause()
        else:
            self._ask(goes_on=False)

    def _ask(self, *, goes_on: bool) -> None:
        runner, analysis = self._session.runner, self._session.analysis
        run = runner.run
        if run is None or analysis is None:
            return

        def begin() -> None:
            self._stop_then(lambda: self._training.start(run.run_id, carry=True))

        leave = runner.resume if goes_on else lambda: None
        CarryDialog(self._session, run.store, run.run_id, analysis, begin, leave, self._window).open()

    def _back_with(self, project: Project, kept: Kept) -> None:
        trusted = self._session.trust.allows(project)
        if project.user_code() and not trusted:
            self._session.message.emit("The run holds Python code that is not trusted any more.", "", None)
            return
        self._stop_then(lambda: self._training.start_with(project, f"{kept.run}@{kept.key}"))
        self._session.message.emit("It goes back with the model as it was trained then.", "", None)

    def _stop_then(self, then: Callable[[], object]) -> None:
        runner = self._session.runner
        if runner.active:
            self._when_over = then
            runner.stop()
        else:
            then()

    def _look(self) -> None:
        runner = self._session.runner
        if self._when_paused is not None and runner.state != "running":
            then, self._when_paused = self._when_paused, None
            then()
        if self._when_over is not None and not runner.active:
            then, self._when_over = self._when_over, None
            then()

    def _tell(self, events: list[Event]) -> None:
        for event in events:
            if isinstance(event, Checkpointed) and event.kind == "hand":
                words = f"Saved a checkpoint after step {event.step:,}."
                self._session.message.emit(words, "Name it…", self.show)
