"""Long work off the GUI thread. Results come back through one queue, emptied by one timer."""

from __future__ import annotations

import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from types import FunctionType
from typing import Any

from PySide6.QtCore import QObject, QTimer
from shiboken6 import isValid

DRAIN_MS = 2  # a person waits for what is drained: an edit of a small network is known within as much
LONG_S = 0.1  # what takes longer gives way to the window
# The window waits for a thread at every table that numpy looks through. A whole turn of the interpreter each time makes
# of 8 ms of painting 100; of short work, many turns only cost time.
TURN_S = 0.0005
USUAL_S = sys.getswitchinterval()


@dataclass(frozen=True)
class _Job:
    """What a thread is given. Whom the result is for stays here: a widget that died in a thread would take Qt down."""

    lane: str
    number: int
    work: Callable[[], Any]


_Ends = tuple[Callable[[Any], object], Callable[[Exception], object]]


def raise_error(error: Exception) -> None:
    """What a job that never fails does with a failure: it is our own mistake, and is for the crash dialog to tell."""
    raise error


class Background(QObject):
    """Runs functions in one thread a lane, one after another.

    Of the jobs that wait in a lane only the newest is run, and of the results only those of the newest job are
    delivered: ten quick edits are analysed once. What nobody is left for is delivered to nobody.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lanes: dict[str, queue.SimpleQueue[_Job | None]] = {}
        self._newest: dict[str, int] = {}
        self._results: queue.SimpleQueue[tuple[str, int, bool, Any]] = queue.SimpleQueue()
        self._waiting: dict[tuple[str, int], _Ends] = {}
        self._pending = 0
        self._since = 0.0
        self._took: dict[str, float] = {}
        self._held: list[_Job] | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(DRAIN_MS)
        self._timer.timeout.connect(self.deliver)

    @property
    def busy(self) -> bool:
        """Whether any job waits, runs, or has a result that was not delivered yet."""
        return self._pending > 0

    def submit(
        self,
        lane: str,
        work: Callable[[], Any],
        done: Callable[[Any], object],
        failed: Callable[[Exception], object] = raise_error,
    ) -> None:
        """Run `work()` in the lane's thread, then `done(result)` or `failed(error)` in this one."""
        number = self._newest.get(lane, 0) + 1
        self._newest[lane] = number
        if lane not in self._lanes:
            self._lanes[lane] = queue.SimpleQueue()
            threading.Thread(
                target=self._serve, args=(self._lanes[lane],), name=f"netsmith-{lane}", daemon=True
            ).start()
        if not self._pending:
            self._since = time.perf_counter()
        self._pending += 1
        job = _Job(lane, number, work)
        self._waiting[lane, number] = done, failed
        if self._held is not None:
            self._held.append(job)
        else:
            self._lanes[lane].put(job)
        self._timer.start()

    def await_quick(self, lane: str, longest_ms: float) -> None:
        """Deliver the newest result of a lane now if it is there so soon, as it was the last time; else later.

        Whoever waits paints once instead of twice, and the thread has the interpreter for itself meanwhile.
        """
        until = time.perf_counter() + longest_ms / 1000
        newest = lane, self._newest[lane]
        while newest in self._waiting and self._held is None and self._took.get(lane, 0.0) <= longest_ms:
            try:
                found = self._results.get(timeout=max(0.0, until - time.perf_counter()))
            except queue.Empty:
                return
            self._hand_over(*found)

    def hold(self) -> None:
        """Begin nothing yet: what threads import now, the first frame would wait for."""
        self._held = []

    def release(self) -> None:
        """Begin what was held."""
        held, self._held = self._held or [], None
        for job in held:
            self._lanes[job.lane].put(job)

    def deliver(self) -> None:
        """Hand over what is finished. Called by the timer, in the GUI thread."""
        while True:
            try:
                found = self._results.get_nowait()
            except queue.Empty:
                break
            self._hand_over(*found)
        if not self._pending:
            self._timer.stop()
            sys.setswitchinterval(USUAL_S)
        elif time.perf_counter() - self._since > LONG_S:
            sys.setswitchinterval(TURN_S)

    def _hand_over(self, lane: str, number: int, good: bool, value: Any) -> None:
        self._pending -= 1
        done, failed = self._waiting.pop((lane, number))
        tell = done if good else failed
        if number == self._newest[lane] and not is_for_the_gone(tell):
            tell(value)

    def close(self) -> None:
        """Let the threads end after what they are doing now."""
        self._timer.stop()
        sys.setswitchinterval(USUAL_S)
        for lane in self._lanes.values():
            lane.put(None)

    def _serve(self, lane: queue.SimpleQueue[_Job | None]) -> None:
        while (job := lane.get()) is not None:
            self._results.put(self._done(job))
            del job  # while it waits, a thread must not be the last to hold a widget that a job speaks of

    def _done(self, job: _Job) -> tuple[str, int, bool, Any]:
        if job.number != self._newest[job.lane]:
            return job.lane, job.number, True, None
        began = time.thread_time()
        try:
            return job.lane, job.number, True, job.work()
        except Exception as error:  # noqa: BLE001 (handed over to the GUI thread, which decides)
            return job.lane, job.number, False, error
        finally:
            self._took[job.lane] = (time.thread_time() - began) * 1000


def is_for_the_gone(tell: Callable[..., object]) -> bool:
    """Whether a widget that a callback speaks of is gone: a dialog that was left, a canvas that was closed, while a job
    went on whose end it would have shown."""
    return any(isinstance(one, QObject) and not isValid(one) for one in _spoken_of(tell))


def _spoken_of(tell: Callable[..., object]) -> Iterator[object]:
    """The owner of a method and, where that is no Qt object, what it holds; what a function or a partial was given.

    Callbacks among these count for themselves, not for the one that would call them: it may have other things to do.
    """
    if isinstance(tell, partial):
        yield from (*tell.args, *tell.keywords.values(), *_spoken_of(tell.func))
    elif isinstance(tell, FunctionType):
        yield from (cell.cell_contents for cell in tell.__closure__ or ())
    else:
        owner = getattr(tell, "__self__", None)
        yield from (owner,) if isinstance(owner, QObject) else getattr(owner, "__dict__", {}).values()
