"""The table of 1,000 runs of 10,000 steps each: how long until it is seen, and what is done in it takes."""

from __future__ import annotations

import math
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from engine.document.files import dumps
from engine.training.store import EpochRecord, RunRecord, Store
from engine.training.store_options import options_of

RUNS, STEPS, EPOCHS = 1000, 10_000, 10
LAID_OVER = 10
REPEATS = 7
WIDE, HIGH = 1016, 232
PATIENCE_S = 20.0


def fill(store: Store) -> None:
    """Runs of one project at many rates, as if each had been made."""
    from engine.document.files import load
    from gui.window.files import EXAMPLES

    project = load(EXAMPLES / "digits-cnn.netsmith")
    text, options, draw = dumps(project), options_of(project), random.Random(0)
    curve = np.exp(-np.arange(STEPS) / 3000).astype("<f4")
    for place in range(RUNS):
        run = f"202601{1 + place // 86400:02}-{place // 3600:02}{place // 60 % 60:02}{place % 60:02}-run"
        rate = 10 ** draw.uniform(-4, -1)
        figures = [_figures(draw, epoch) for epoch in range(1, EPOCHS + 1)]
        versions = {"torch": "2.13", "python": "3.11"}
        record = RunRecord(
            run, f"DigitsCNN {place}", f"2026-01-01T00:{place % 60:02}:00+00:00", "finished", 0, "cpu",
            versions, draw.uniform(10, 900), EPOCHS, EPOCHS, figures[-1], 216_906, steps=STEPS,
            tags=("sweep",) if place % 3 else (), notes="", options={**options, "optimizer.lr": rate},
            extremes={k: (v, v) for k, v in figures[-1].items()},
        )  # fmt: skip
        folder = store.add(record)
        (folder / "project.netsmith").write_text(text, encoding="utf-8")
        (folder / "losses.f32").write_bytes((curve * draw.uniform(0.5, 2)).tobytes())
        epochs = (EpochRecord(i + 1, (i + 1) * STEPS // EPOCHS, f) for i, f in enumerate(figures))
        store.write(run, {}, tuple(epochs))


def _figures(draw: random.Random, epoch: int) -> dict[str, float]:
    loss = math.exp(-epoch / 4) * draw.uniform(0.8, 1.2)
    return {"loss": loss, "val_loss": loss * 1.1, "val_accuracy": 1 - loss / 3, "lr": 1e-3}


def until(condition: Callable[[], object]) -> None:
    """Let the window live until something is true."""
    loop, timer, end = QEventLoop(), QTimer(), time.perf_counter() + PATIENCE_S
    timer.timeout.connect(lambda: loop.quit() if condition() or time.perf_counter() > end else None)
    timer.start(0)
    loop.exec()
    timer.stop()


def opened(folder: Path) -> tuple[float, Any]:
    """Milliseconds from the wish to see the runs to the painted table, and the panel."""
    from gui.panels.runs import RunsPanel
    from gui.preferences import Preferences
    from gui.session import Session

    session, preferences = Session(), Preferences(folder / "settings.ini")
    preferences.runs_folder = folder / "runs"
    until(lambda: not session.analysing and not session.background.busy)
    start = time.perf_counter()
    panel = RunsPanel(session, preferences)
    panel.resize(WIDE, HIGH)
    panel.show()
    until(lambda: len(panel.model.rows) == RUNS)
    panel.grab()
    return (time.perf_counter() - start) * 1000, panel


def timed(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1000


def run() -> list[dict[str, Any]]:
    """A row for opening, filtering, sorting, a look for news, and laying curves over one another."""
    from gui.app import application

    application(["netsmith"])
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        store = Store(folder / "runs")
        fill(store)
        opened(folder)[1].close()  # pyqtgraph and the fonts are loaded once a program
        times, panel = [], None
        for _ in range(REPEATS):
            if panel is not None:
                panel.close()
            taken, panel = opened(folder)
            times.append(taken)
        assert panel is not None
        return [
            _row(f"open {RUNS:,} runs of {STEPS:,} steps, until painted", median(times), 200),
            *_within(panel, store),
        ]


def _within(panel: Any, store: Store) -> list[dict[str, Any]]:
    def write(line: str) -> None:
        panel.field.setText(line)
        panel.read_filter()
        panel.grab()

    def sort(place: int) -> None:
        panel.sort("metrics.val_loss", bool(place % 2))
        panel.grab()

    def lay_over(place: int) -> None:
        first = place * LAID_OVER
        wanted = [r.id for r in panel.model.rows[first : first + LAID_OVER]]
        panel.table.choose(wanted)
        until(lambda: set(panel.curves._read) == set(wanted))
        panel.grab()

    lines = ("lr<0.01 val_accuracy>0.5", "#sweep", "digits -failed", "")
    filters = [timed(lambda line=line: write(line)) for line in lines * 2]
    sorts = [timed(lambda i=i: sort(i)) for i in range(REPEATS)]
    overlays = [timed(lambda i=i: lay_over(i)) for i in range(REPEATS)]
    _, revision = store.changes()
    news = [timed(lambda: store.changes(revision)) for _ in range(REPEATS)]
    lists = [timed(lambda: store.list()) for _ in range(REPEATS)]
    return [
        _row("read the whole table from the disk", median(lists)),
        _row("filter, until painted", median(filters), 50),
        _row("sort, until painted", median(sorts), 50),
        _row(f"lay the curves of {LAID_OVER} runs over one another, read and painted", median(overlays), 200),
        _row("look whether anything is new", median(news), 5),
    ]


def _row(what: str, value: float, target: float | str = "") -> dict[str, Any]:
    return {"what": what, "value": value, "unit": "ms", "target": target}


if __name__ == "__main__":
    QApplication.setQuitOnLastWindowClosed(False)
    for row in run():
        print(row)
