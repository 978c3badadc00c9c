"""The runs of all windows, as far as they wait for one another: one queue for the program, seen from Qt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal

from engine.training.devices import usable
from engine.training.events import Failed
from engine.training.run import TrainingRun
from engine.training.run_order import Order
from engine.training.run_queue import RunQueue, is_free, users_of
from gui.background import Background
from gui.runner import Runner

LOOK_MS = 200  # between two runs nobody waits longer for the next than for its first step


class Going(NamedTuple):
    """A run that goes on. is_alone: it belongs to no tab, which trains something else or was closed."""

    runner: Runner
    run: TrainingRun
    is_alone: bool


class RunLine(QObject):
    """Begins what waits as soon as it may, in the tab that asked for it, or alone where that is busy or gone.

    changed(): something else waits, goes on, or uses a device. beginning(Runner): it is about to begin a run.
    """

    changed = Signal()
    beginning = Signal(object)
    message = Signal(str, str, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue = RunQueue(self._begin)
        self._queue.changed.connect(lambda _: self.changed.emit())
        self._background = Background(self)
        self._owners: dict[int, Runner] = {}
        self._tabs: list[Runner] = []
        self._alone: dict[Runner, TrainingRun] = {}
        self._used: tuple[list[str], ...] = ()
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self._advance)

    @property
    def waiting(self) -> Sequence[Order]:
        """What waits, the next first."""
        return self._queue.waiting

    def going(self) -> list[Going]:
        """What is trained now, in tabs and alone."""
        tabs = [Going(runner, runner.run, False) for runner in self._tabs if runner.active and runner.run]
        return tabs + [Going(runner, run, True) for runner, run in self._alone.items()]

    @property
    def would_lose(self) -> int:
        """How many runs leaving the program would end or never begin, beside those of the tabs."""
        return len(self.waiting) + len(self._alone)

    def watch(self, runner: Runner) -> None:
        """A tab is there. It may begin runs by itself."""
        self._tabs.append(runner)
        runner.changed.connect(self.look)

    def forget(self, runner: Runner) -> None:
        """A tab goes; what it asked for waits on, and is trained without it."""
        if runner in self._tabs:
            self._tabs.remove(runner)
            runner.changed.disconnect(self.look)
        self._owners = {number: owner for number, owner in self._owners.items() if owner is not runner}

    def add(self, order: Order, owner: Runner) -> None:
        """Let a run of this tab wait for its turn."""
        self._owners[order.number] = owner
        self._queue.add(order)
        self.look()

    def begin_now(self, order: Order, owner: Runner | None = None) -> bool:
        """Begin one out of turn, beside what goes on. Returns: whether it was; else it is tried again later."""
        if owner is not None:
            self._owners[order.number] = owner
        begun = self._queue.begin_now(order) is not None
        self.look()
        return begun

    def remove(self, order: Order) -> None:
        """Give one up; a message has it back."""
        place = self.waiting.index(order)
        self._queue.remove(order)
        self.message.emit(f"{order.name} waits no longer", "Put it back", lambda: self._put_back(order, place))

    def move(self, order: Order, place: int) -> None:
        """Let it wait at another place."""
        self._queue.move(order, place)

    def elsewhere(self, order: Order) -> list[str]:
        """Devices that it could be trained on at once, beside the one it is meant for."""
        return [device for device in usable() if device != order.device and is_free(device)]

    def look(self) -> None:
        """Something may have begun or ended."""
        self._timer.start()
        self._advance()

    def close(self) -> None:
        """Give up what waits, and end what goes on alone; what it has learned is kept."""
        self._queue.clear()
        self._timer.stop()
        for runner in self._alone:
            runner.close()
        self._alone.clear()
        self._background.close()

    def _advance(self) -> None:
        before = len(self.waiting)
        begun = self._queue.advance()
        for run in begun:
            self._tell_begun(run)
        used = tuple(users_of(device) for device in usable())
        if used != self._used:
            self._used = used
            self.changed.emit()
        if not (self.waiting or self._alone or any(used)) and not before:
            self._timer.stop()

    def _tell_begun(self, run: TrainingRun) -> None:
        left = len(self.waiting)
        rest = f"; {left} more wait" if left > 1 else "; one more waits" if left else ""
        self.message.emit(f"{run.title} is trained now{rest}", "", None)

    def _begin(self, order: Order) -> TrainingRun | None:
        owner = self._owners.get(order.number)
        if owner is not None and owner.is_ending:
            return None  # what its last run told is not all heard yet
        runner = owner if owner is not None and not owner.active else Runner(self._background, self)
        self.beginning.emit(runner)
        run = runner.begin(order)
        if runner is not owner and run is not None:
            self._alone[runner] = run
            runner.changed.connect(lambda: self._follow(runner))
        self._owners.pop(order.number, None)
        return run

    def _follow(self, runner: Runner) -> None:
        """A run that belongs to no tab went on or ended."""
        if not runner.active and runner in self._alone:
            run, over = self._alone.pop(runner), runner.history.over
            words = over.message if isinstance(over, Failed) else "it is among the runs"
            self.message.emit(f"{run.title} has {'failed' if isinstance(over, Failed) else 'ended'}: {words}", "", None)
            runner.deleteLater()
        self.look()

    def _put_back(self, order: Order, place: int) -> None:
        self._queue.put_back(order, place)
        self.look()
