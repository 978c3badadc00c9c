"""Training in the real window with every live plot on against the plain loop, and how long the window keeps us waiting.

The window is off screen at 1440 x 900 with the training panel open: curves, the layer by step map and the colours on
the canvas are all drawn. With every view open there is the map in a window of its own besides, and the tabs under the
canvas are in front in turn: curves, distributions of a layer, where time goes, all runs. A gap is the time between two
ticks of a 60 Hz timer, so that 16.7 ms is perfect; work is what the window's thread took of a processor meanwhile,
which does not depend on what else the machine does.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

import numpy as np
import torch
from PySide6.QtCore import QEventLoop, Qt, QTimer

from bench.training import EPOCHS, PlainLoop, held, plain_cnn, plain_mlp, small_cnn, tiny_mlp
from engine.document.project import Project
from gui.app import Program, application
from gui.panels.layers import LayersPanel
from gui.panels.matrix import MatrixWindow
from gui.window.bottom import Tab
from gui.xray.modes import GRADIENT

REPEATS = 9
SECONDS = 1.0
FRAME_MS = 16
TIMEOUT_MS = 120_000
GOALS = {("tiny MLP", "thread"): 1.3, ("tiny MLP", "process"): 1.6, ("small CNN", "thread"): 1.1}
TABS = (Tab.TRAINING, Tab.LAYERS, Tab.TIME, Tab.RUNS)
WARMING = 1.5
Mode = Literal["thread", "process"]


def wait_until(condition: Callable[[], bool]) -> None:
    """Let the window live until something is so."""
    loop = QEventLoop()
    watch = QTimer(interval=FRAME_MS)
    watch.timeout.connect(lambda: condition() and loop.quit())
    watch.start()
    QTimer.singleShot(TIMEOUT_MS, loop.quit)
    loop.exec()
    if not condition():
        raise TimeoutError("the window did not come so far")


class InWindow:
    """A run in the window, in slices of time; collects the gaps."""

    def __init__(self, program: Program, project: Project, mode: Mode) -> None:
        self._session = program.session
        self._session.runner.mode = mode
        self._session.document.replace(project)
        self._samples = project.recipe.dataset.features().samples
        self.gaps: list[float] = []
        self.work: list[float] = []
        wait_until(lambda: self._session.is_current)
        self._session.train()
        wait_until(lambda: self._session.runner.history.step > 0)
        self._pause()

    def __call__(self, seconds: float) -> float:
        runner = self._session.runner
        before, began = runner.history.step, time.perf_counter()
        runner.resume()
        gaps, work = ticks(seconds)
        self.gaps += gaps
        self.work += work
        runner.pause()
        spent = time.perf_counter() - began
        self._pause()
        started = runner.history.started
        assert started is not None
        return (runner.history.step - before) / started.steps_per_epoch * self._samples / spent

    def close(self) -> None:
        """End the run."""
        self._session.runner.stop()
        wait_until(lambda: not self._session.runner.active)

    def _pause(self) -> None:
        self._session.runner.pause()
        wait_until(lambda: self._session.runner.history.paused)


def ticks(seconds: float) -> tuple[list[float], list[float]]:
    """Milliseconds between the ticks of a 60 Hz timer while the window lives for so long, and its work in each."""
    loop, times, spent = QEventLoop(), [time.perf_counter()], [time.thread_time()]

    def tick() -> None:
        times.append(time.perf_counter())
        spent.append(time.thread_time())

    timer = QTimer(interval=FRAME_MS, timerType=Qt.TimerType.PreciseTimer)
    timer.timeout.connect(tick)
    timer.start()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()
    timer.stop()
    return [1000 * float(gap) for gap in np.diff(times)], [1000 * float(work) for work in np.diff(spent)]


@contextmanager
def opened() -> Iterator[Program]:
    """The program with its window shown and torch loaded."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["NETSMITH_HOME"] = home
        program = Program(application(["netsmith"]))
        program.start()
        program.window.resize(1440, 900)
        program.window.show_desk(True)
        program.window.desk.show_part("bottom")
        wait_until(lambda: program.session.is_current)
        ticks(2.0)
        yield program
        program.session.close()


def compared(program: Program, name: str, project: Project, model: torch.nn.Module, mode: Mode) -> list[dict[str, Any]]:
    """The window and the plain loop in turn."""
    window, plain = InWindow(program, project, mode), PlainLoop(model, held(project))
    ratios = []
    for turn in range(REPEATS + 1):
        ratio = window(SECONDS) / plain(SECONDS)
        if turn:  # the first turn pays for what is done once
            ratios.append(ratio)
    window.close()
    p50, p99 = np.percentile(window.gaps, (50, 99))
    goal = GOALS.get((name, mode))
    where = f"{name}, in a {mode}"
    return [
        row(
            f"{where}: window with live plots / plain loop",
            statistics.median(ratios),
            "x",
            f">= {goal}" if goal else "",
        ),
        row(f"{where}: gap p50", float(p50), "ms"),
        row(f"{where}: gap p99", float(p99), "ms", "<= 25"),
        row(f"{where}: gap max", max(window.gaps), "ms"),
    ]


def with_every_view(program: Program, mode: Mode) -> list[dict[str, Any]]:
    """How long the window keeps one waiting when all of a run can be seen that there is to see."""
    run, desk = InWindow(program, small_cnn(EPOCHS), mode), program.window.desk
    first = next(iter(program.session.block.graph.nodes.values()))
    program.session.select([first.id])
    program.window.actions_.trigger(f"view.heat.{GRADIENT.key}")
    desk.bottom.show_tab(TABS[0])
    panel = desk.bottom.page(TABS[0])
    assert panel is not None
    large = MatrixWindow(program.session, panel)
    large.show()
    for tab in TABS:
        desk.bottom.show_tab(tab)
        page = desk.bottom.page(tab)
        if isinstance(page, LayersPanel):
            page.show_view("Over time")
        run(WARMING)
    run.gaps.clear()
    run.work.clear()
    for turn in range(REPEATS):
        desk.bottom.show_tab(TABS[turn % len(TABS)])
        ticks(WARMING / 3)  # to turn to another tab is another matter
        run(SECONDS)
    run.close()
    large.close()
    desk.bottom.show_tab(TABS[0])
    p50, p99 = np.percentile(run.gaps, (50, 99))
    where = f"every view open, in a {mode}"
    return [
        row(f"{where}: gap p50", float(p50), "ms"),
        row(f"{where}: gap p99", float(p99), "ms", "<= 25"),
        row(f"{where}: work between two frames, p50", float(np.percentile(run.work, 50)), "ms"),
        row(f"{where}: work between two frames, p99", float(np.percentile(run.work, 99)), "ms", "<= 16"),
    ]


def run() -> list[dict[str, Any]]:
    """Rows for both networks, each in a thread and in a process, and for the idle window."""
    torch.set_num_threads(1)
    rows = []
    with opened() as program:
        idle = np.percentile(ticks(3.0)[0], (50, 99))
        rows.append(row("idle: gap p99", float(idle[1]), "ms"))
        for mode in ("thread", "process"):
            rows += compared(program, "tiny MLP", tiny_mlp(EPOCHS), plain_mlp(), mode)  # type: ignore[arg-type]
            rows += compared(program, "small CNN", small_cnn(EPOCHS), plain_cnn(), mode)  # type: ignore[arg-type]
        for mode in ("thread", "process"):
            rows += with_every_view(program, mode)  # type: ignore[arg-type]
    return rows


def row(what: str, value: float, unit: str, target: str = "") -> dict[str, Any]:
    return {"what": what, "value": value, "unit": unit, "target": target}
