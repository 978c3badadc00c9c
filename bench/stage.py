"""The real window with a network in it, a hand that sends real events, and a watch: for all that measures it."""

from __future__ import annotations

import gc
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("NETSMITH_REDUCED_MOTION", "1")

import numpy as np
from PySide6.QtCore import QEvent, QEventLoop, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from engine.document.project import Project
from gui.app import Program, application, load_torch
from gui.demo_hands import wait_until
from gui.window.bottom import PROBLEMS

SIZE = 1440, 900
PLAIN = Qt.KeyboardModifier.NoModifier
LEFT, MIDDLE, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.NoButton
MOVE, PRESS, RELEASE = QEvent.Type.MouseMove, QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease


class Watch:
    """Times of the same work over and over, on the clock of the wall and on that of the processor, in ms."""

    def __init__(self) -> None:
        self.wall: list[float] = []
        self.processor: list[float] = []

    def __call__(self, work: Callable[[], object]) -> None:
        """Do it once and remember how long it took."""
        wall, processor = time.perf_counter(), time.thread_time()
        work()
        self.wall.append((time.perf_counter() - wall) * 1000)
        self.processor.append((time.thread_time() - processor) * 1000)

    def p(self, percent: float) -> float:
        """What so many percent of the times are below."""
        return float(np.percentile(self.wall, percent))

    @property
    def median(self) -> float:
        return self.p(50)


@contextmanager
def window(size: tuple[int, int] = SIZE) -> Iterator[Program]:
    """The program with its window on screen, torch loaded, and summary, code and problems to be seen."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["NETSMITH_HOME"] = home
        program = Program(application(["netsmith"]))
        program.window.resize(*size)
        program.start()
        load_torch()
        program.window.show_desk(True)
        desk = program.window.desk
        desk.show_part("right")
        desk.show_page("Summary")
        desk.bottom.show_tab(PROBLEMS)
        settle(program)
        yield program
        program.crashes.stop()
        program.session.document.mark_saved()
        program.window.close()
        gc.enable()


def settle(program: Program) -> None:
    """Until everything is known of what is on screen, and painted."""
    session, settling = program.session, program.window.desk.canvas.settling
    wait_until(lambda: not session.analysing and not session.background.busy, "all is known", 120.0)
    wait_until(lambda: not settling.is_going_on, "every wire has its course", 120.0)
    turn()


def quiet(program: Program) -> None:
    """Until nothing runs behind the window: what was known of the project before is not asked for."""
    wait_until(lambda: not program.session.background.busy, "the threads are idle", 120.0)
    turn()


def turn() -> None:
    """One turn of the window's event loop: what waits is done, and what changed is painted."""
    QApplication.processEvents()


def show(program: Program, project: Project) -> None:
    """Open a project and wait until everything is known of it."""
    program.session.document.replace(project)
    settle(program)


def rest(milliseconds: int) -> None:
    """Let the window live for a while."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


class Hand:
    """A mouse over one widget. Every call is one event as Qt delivers it."""

    def __init__(self, widget: QWidget) -> None:
        self._widget, self._held = widget, NONE

    def press(self, at: QPoint, button: Qt.MouseButton = LEFT) -> None:
        self.move(at)
        self._held = button
        self._send(PRESS, at, button)

    def move(self, at: QPoint) -> None:
        self._send(MOVE, at, NONE)

    def release(self, at: QPoint) -> None:
        button, self._held = self._held, NONE
        self._send(RELEASE, at, button)

    def wheel(self, at: QPoint, notches: int) -> None:
        """One turn of the wheel, away from oneself where it is positive."""
        place, whole = QPointF(at), QPointF(self._widget.mapToGlobal(at))
        angle = QPoint(0, 120 * notches)
        phase = Qt.ScrollPhase.NoScrollPhase
        QApplication.sendEvent(self._widget, QWheelEvent(place, whole, QPoint(), angle, NONE, PLAIN, phase, False))

    def _send(self, kind: QEvent.Type, at: QPoint, button: Qt.MouseButton) -> None:
        place, whole = QPointF(at), QPointF(self._widget.mapToGlobal(at))
        QApplication.sendEvent(self._widget, QMouseEvent(kind, place, whole, button, self._held, PLAIN))


def worst(what: str, found: dict[str, float], target: object = None, unit: str = "ms") -> dict[str, Any]:
    """A row that says how the network did that did worst, and which it was."""
    name = max(found, key=lambda n: found[n])
    return row(f"{what} (worst: {name})", found[name], target, unit)


def row(what: str, value: float, target: object = None, unit: str = "ms") -> dict[str, Any]:
    """One line of the table."""
    return {"what": what, "value": value, "unit": unit, "target": target}


def tell(rows: Sequence[dict[str, Any]]) -> None:
    """Print rows, for a benchmark that is run by itself."""
    for each in rows:
        goal = f"   target {each['target']}" if each["target"] else ""
        value = f"{each['value']:10.2f}" if isinstance(each["value"], float) else f"{each['value']:>10}"
        print(f"{each['what']:<72} {value} {each['unit']}{goal}")
