"""Runs that wait for one another: of different projects, one at a time on each device."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine.signal import Signal
from engine.training.beside import going_on
from engine.training.devices import device_of
from engine.training.run import TrainingRun
from engine.training.run_order import Order
from engine.training.sweep import sweeping

Begin = Callable[[Order], TrainingRun | None]


class RunQueue:
    """Begins the next order as soon as its device is free, whoever uses it: a run, a sweep, one that was begun by hand.

    Nothing happens by itself: `advance` is to be called now and then, which costs nothing. A run that fails holds
    nobody up. begin: starts an order, None if it cannot yet, and is asked again; by default it starts a plain run.
    changed(queue): another order waits, or they wait in another order.
    """

    def __init__(self, begin: Begin = Order.begin) -> None:
        self.changed: Signal[RunQueue] = Signal()
        self._begin = begin
        self._waiting: list[Order] = []

    @property
    def waiting(self) -> Sequence[Order]:
        """What waits, the next first."""
        return tuple(self._waiting)

    def add(self, order: Order) -> None:
        """Let it wait behind all others, and begin it if it need not."""
        self._put([*self._waiting, order])
        self.advance()

    def remove(self, order: Order) -> None:
        """Give it up; nothing happens if it does not wait any more."""
        self._put([one for one in self._waiting if one != order])

    def put_back(self, order: Order, place: int) -> None:
        """Let it wait again, where it was."""
        self._put([*self._waiting[:place], order, *self._waiting[place:]])

    def move(self, order: Order, place: int) -> None:
        """Let it wait at another place, 0 for the next."""
        if order in self._waiting:
            rest = [one for one in self._waiting if one != order]
            place = max(0, min(place, len(rest)))
            self._put([*rest[:place], order, *rest[place:]])

    def clear(self) -> None:
        """Give up all that wait."""
        self._put([])

    def advance(self) -> list[TrainingRun]:
        """Begin what may begin. Returns: the runs that were begun."""
        begun = []
        taken = {order.device for order in self._waiting if not is_free(order.device)}
        for order in self.waiting:
            if order.device in taken:
                continue
            taken.add(order.device)  # those behind it wait for it, even if it cannot begin this very moment
            run = self._begin(order)
            if run is not None:
                begun.append(run)
                self.remove(order)
        return begun

    def begin_now(self, order: Order) -> TrainingRun | None:
        """Begin an order out of turn, beside what goes on. Returns: None if it cannot be begun yet, and waits on."""
        run = self._begin(order)
        if run is not None:
            self.remove(order)
        return run

    def _put(self, orders: list[Order]) -> None:
        if orders != self._waiting:
            self._waiting = orders
            self.changed.emit(self)


def is_free(device: str) -> bool:
    """Whether nothing is trained there now by this program."""
    return not users_of(device)


def users_of(device: str) -> list[str]:
    """The names of what is trained on a device now."""
    runs = [run.title for run in going_on() if not run.group and device_of(run.device) == device]
    return runs + [sweep.name for sweep in sweeping() if device_of(sweep.project.recipe.device) == device]
