"""Starting and steering a run, with what stands in its way said where it can be mended."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from engine.document.edits import SetRecipe
from engine.document.project import Project
from engine.training.devices import device_of, usable
from engine.training.run_order import Order
from engine.training.run_queue import users_of
from gui.dialogs.rate_range import RateRangeDialog
from gui.dialogs.resume import ResumeDialog
from gui.dialogs.sweep import SweepDialog
from gui.dialogs.trust import TrustDialog
from gui.preferences import Mode, Preferences
from gui.run_line import RunLine
from gui.session import Session
from gui.window.bottom import PROBLEMS, TRAINING, Bottom

IDLE = "Nothing is being trained."
NAMES = {"cpu": "processor", "cuda": "graphics card", "mps": "graphics card"}


class Training(QObject):
    """Between the commands and the runner. queue_wanted(): what waits is to be shown."""

    queue_wanted = Signal()

    def __init__(
        self, session: Session, bottom: Bottom, preferences: Preferences, line: RunLine, window: QWidget
    ) -> None:
        super().__init__(window)
        self._session, self._bottom, self._preferences, self._window = session, bottom, preferences, window
        self._line = line
        self._waiting: Callable[[], object] | None = None
        session.analysed.connect(self._go_on)
        line.beginning.connect(self._make_ready)

    @property
    def mode(self) -> Mode:
        return self._preferences.mode

    def set_mode(self, mode: Mode) -> None:
        """Train in a thread of this program, or in a process of its own."""
        self._preferences.mode = mode

    def start(self, resume: str | None = None, *, carry: bool = False) -> None:
        """Train what is on screen, as soon as its device is free; what is wrong with it is shown instead."""
        self.when_ready(lambda: self._start(resume, carry))

    def _start(self, resume: str | None, carry: bool) -> None:
        order = self._order(resume, carry)
        if self._session.runner.active or users_of(order.device):
            self._let_wait(order)
        else:
            self._begin(lambda: self._session.runner.begin(order))

    def queue(self) -> None:
        """Train what is on screen, as it is now, when what goes on has ended."""
        self.when_ready(lambda: self._let_wait(self._order()))

    def beside(self) -> None:
        """Train what is on screen now, beside what goes on, in a process of its own."""
        self.when_ready(lambda: self._begin_now(self._order().beside()))

    def elsewhere(self) -> None:
        """Train what is on screen now, on a device that nothing uses."""

        def begin() -> None:
            order = self._order()
            if free := self._line.elsewhere(order):
                self._begin_now(order.on(free[0]))

        self.when_ready(begin)

    def _order(self, resume: str | None = None, carry: bool = False) -> Order:
        self._settle()
        return self._session.order(resume, carry=carry)

    def _let_wait(self, order: Order) -> None:
        before = ", ".join(users_of(order.device))
        self._line.add(order, self._session.runner)
        if order in self._line.waiting:
            words = f"{order.name} is trained when {before} has ended" if before else f"{order.name} waits"
            self._session.message.emit(words, "Show the queue", self.queue_wanted.emit)

    def _begin_now(self, order: Order) -> None:
        is_own = not self._session.runner.active
        self._line.begin_now(order, self._session.runner)
        if is_own:
            self._bottom.show_tab(TRAINING)

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
        self._settle()
        self._bottom.prepare()
        self._bottom.show_tab(TRAINING)
        call()

    def _settle(self) -> None:
        """What the next run is given beside its project."""
        runner = self._session.runner
        runner.mode = self.mode
        runner.runs_dir = self._preferences.runs_folder
        runner.tensorboard = self._preferences.tensorboard
        runner.keep_every = self._preferences.keep_every

    def _make_ready(self, runner: object) -> None:
        if runner is self._session.runner:
            self._bottom.prepare()  # plots hear of a run from its beginning on, seen or not

    @property
    def trusted(self) -> bool:
        """Whether all code that the project holds may run."""
        return self._session.trusted

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
        dialog = SweepDialog(session, self.why_not_sweep, self._window)
        dialog.begun.connect(self._line.look)
        dialog.show()

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
        if not self._session.project.block().graph.nodes:
            return "The model has no layers yet."
        device = self.device
        if users := users_of(device):
            return f"{users[0]} is trained on the {NAMES.get(device, device)} now. Queue this one, or train it beside."
        return ""

    @property
    def device(self) -> str:
        """The kind of device that the project would be trained on."""
        return device_of(self._session.project.recipe.device)

    def why_not_queue(self) -> str:
        """Why there is nothing to wait for, or nothing that could wait."""
        if not self._session.project.block().graph.nodes:
            return "The model has no layers yet."
        is_busy = self._session.runner.active or users_of(self.device)
        return "" if is_busy else "Nothing is trained that it would have to wait for: train it."

    def other_device(self) -> str:
        """Where it could be trained meanwhile; "" for nowhere."""
        return next((d for d in usable() if d != self.device and not users_of(d)), "")

    def why_not_elsewhere(self) -> str:
        if reason := self.why_not_queue():
            return reason
        others = [device for device in usable() if device != self.device]
        return "" if self.other_device() else "Other devices are busy, too." if others else "There is no other device."

    def why_not_steer(self) -> str:
        return "" if self._session.runner.active else IDLE

    def _go_on(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting()
