"""Starting and steering a run, with what stands in its way said where it can be mended."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from engine.document.edits import SetRecipe
from engine.document.project import Project
from gui.dialogs.rate import RateDialog
from gui.dialogs.rate_range import RateRangeDialog
from gui.dialogs.resume import ResumeDialog
from gui.dialogs.sweep import SweepDialog
from gui.dialogs.trust import TrustDialog
from gui.preferences import Mode, Preferences
from gui.session import Session
from gui.window.bottom import PROBLEMS, TRAINING, Bottom

IDLE = "Nothing is being trained."


class Training(QObject):
    """Between the commands and the runner."""

    def __init__(self, session: Session, bottom: Bottom, preferences: Preferences, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._bottom, self._preferences, self._window = session, bottom, preferences, window
        self._waiting: Callable[[], object] | None = None
        session.analysed.connect(self._go_on)

    @property
    def mode(self) -> Mode:
        return self._preferences.mode

    def set_mode(self, mode: Mode) -> None:
        """Train in a thread of this program, or in a process of its own."""
        self._preferences.mode = mode

    def start(self, resume: str | None = None, *, carry: bool = False) -> None:
        """Train what is on screen; what is wrong with it is shown instead."""
        self.when_ready(lambda: self._begin(lambda: self._session.train(resume, carry=carry)))

    def start_with(self, project: Project, resume: str) -> None:
        """Go on with a run by the project of then."""
        self._begin(lambda: self._session.runner.start(project, None, trusted=True, resume=resume))

    def when_ready(self, call: Callable[[], object]) -> None:
        """Do it as soon as what is on screen can be trained; what is wrong with it is shown instead."""
        session = self._session
        if not session.trusted:
            self.ask_trust(lambda: self.when_ready(call))
        elif not session.is_current:
            self._waiting = lambda: self.when_ready(call)  # edited a moment ago: its shapes are being worked out
        elif session.analysis is not None and not session.analysis.is_valid:
            self._bottom.show_tab(PROBLEMS)
            session.message.emit("Training starts when the problems are solved.", "", None)
        else:
            call()

    def _begin(self, call: Callable[[], object]) -> None:
        runner = self._session.runner
        runner.mode = self.mode
        runner.runs_dir = self._preferences.runs_folder
        runner.tensorboard = self._preferences.tensorboard
        runner.keep_every = self._preferences.keep_every
        self._bottom.prepare()
        self._bottom.show_tab(TRAINING)
        call()

    def ask_trust(self, then: Callable[[], object] | None = None) -> None:
        """Show the code that came with the project, and ask whether it may run."""

        def trust() -> None:
            self._session.trust_project()
            if then is not None:
                self._waiting = then

        TrustDialog(self._session.project, trust, self._window).open()

    def pause(self) -> None:
        """Pause, or go on."""
        runner = self._session.runner
        runner.resume() if runner.state == "paused" else runner.pause()

    def ask_rate(self) -> None:
        """Change the learning rate of the run."""
        runner = self._session.runner
        now = runner.history.evaluations[-1].figures.get("lr") if runner.history.evaluations else None
        rate = now or runner.run.project.recipe.first_rate() if runner.run else None
        RateDialog(rate, runner.set_learning_rate, self._window).open()

    def find_rate(self) -> None:
        """Train a fresh network for a moment while its rate grows, and offer what is found."""
        if not self._session.trusted:
            self.ask_trust(self.find_rate)
            return
        RateRangeDialog(self._session, self._window).show()

    def why_not_find(self) -> str:
        """Why no learning rate can be looked for."""
        session = self._session
        if not session.project.block().graph.nodes:
            return "The model has no layers yet."
        if not session.is_current or session.analysis is None:
            return "The shapes are being worked out."
        return "" if session.analysis.is_valid else "There are problems to solve first."

    def ask_resume(self) -> None:
        """Choose a run that is over, and go on with it."""
        ResumeDialog(self._session, self._preferences.runs_folder, self._resume, self._window).open()

    def _resume(self, run: str, epochs: int) -> None:
        if epochs != self._session.project.recipe.epochs:
            self._session.apply(SetRecipe("epochs", epochs))
        self.start(run)

    def ask_sweep(self) -> None:
        """Try many points of the options."""
        session = self._session
        session.runner.mode, session.runner.runs_dir = self.mode, self._preferences.runs_folder
        SweepDialog(session, self.why_not_sweep, self._window).show()

    def why_not_sweep(self) -> str:
        session = self._session
        if not session.project.block().graph.nodes:
            return "The model has no layers yet."
        if not session.trusted:
            return "Trust the code of this project first."
        if session.is_current and session.analysis is not None and not session.analysis.is_valid:
            return "There are problems to solve first."
        return ""

    def why_not_start(self) -> str:
        if self._session.runner.active:
            return "A run is going on."
        return "" if self._session.project.block().graph.nodes else "The model has no layers yet."

    def why_not_steer(self) -> str:
        return "" if self._session.runner.active else IDLE

    def _go_on(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting()
