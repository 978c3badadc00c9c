"""Curves of the selected runs laid over one another: the colour and the dash follow the run, not its place."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import numpy as np
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.errors import FileError
from engine.training.curve_log import CurveLog
from engine.training.store import RunRecord, Store
from gui.plots.curve import CurvePlot
from gui.session import Session
from gui.theme import metrics
from gui.widgets import NamedComboBox

MOST = 24  # as many as there are pairs of colour and dash
STEP_LOSS = "loss of every step"
SMOOTH_SHARE, SMOOTH_SPAN = 1 / 40, (4, 200)  # as in the panel of the run of now
LANE = "curves of runs"


@dataclass(frozen=True)
class Curve:
    """What was read of one run. keep: of its smoothed loss. figures: steps and values by name."""

    losses: CurveLog
    keep: float
    figures: dict[str, tuple[np.ndarray, np.ndarray]]


class RunsCurves(QWidget):
    """A plot and a choice of what it shows. Nothing is read before it is shown, and nothing twice."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._records: list[RunRecord] = []
        self._read: dict[str, tuple[object, Curve]] = {}
        self._store: Store | None = None
        self.choice = NamedComboBox()
        self.choice.setProperty("dense", True)
        self.choice.setAccessibleName("What the curves show")
        self.choice.addItem(STEP_LOSS)
        self.choice.activated.connect(self.draw)
        self.plot = CurvePlot("Curves")
        box = QVBoxLayout(self)
        box.setContentsMargins(metrics().space.s, 0, 0, 0)  # labels of an axis stand close to their edge
        box.setSpacing(metrics().space.xs)
        box.addWidget(self.choice)
        box.addWidget(self.plot, 1)

    @property
    def figure(self) -> str:
        return self.choice.currentText()

    def show_runs(self, store: Store, records: Sequence[RunRecord]) -> None:
        """Show the curves of these runs, the first so many of them."""
        if store is not self._store:
            self._store, self._read = store, {}
        self._records = list(records)[:MOST]
        self.choice.setToolTip(f"The first {MOST} of {len(records)} selected runs" if len(records) > MOST else "")
        self._offer()
        wanted = {r.id: _stamp(r) for r in self._records}
        self._read = {id: kept for id, kept in self._read.items() if id in wanted}
        missing = tuple(id for id, stamp in wanted.items() if id not in self._read or self._read[id][0] != stamp)
        if missing:
            work = partial(_read, store, {id: wanted[id] for id in missing})
            self._session.background.submit(LANE, work, partial(self._take, store))
        self.draw()

    def draw(self) -> None:
        """Bring the plot up to date with what has been read."""
        self.plot.clear()
        names, figure = self._names(), self.figure
        is_alone = len(self._records) == 1
        reach = 0.0
        for record in reversed(self._records):  # the first one on top
            if record.id not in self._read:
                continue
            curve, name = self._read[record.id][1], names[record.id]
            reach = max(reach, _planned(record))
            if figure == STEP_LOSS and len(curve.losses):
                if is_alone:
                    self.plot.set_log(name, curve.losses, "raw", colour=record.number)
                self.plot.set_log(name, curve.losses, "smooth", curve.keep, record.number)
            elif figure in curve.figures:
                self.plot.set_series(name, *curve.figures[figure], "epoch", record.number)
        self.plot.set_range(reach or 1.0)

    def _take(self, store: Store, found: dict[str, tuple[object, Curve]]) -> None:
        if store is self._store:
            self._read |= found
            self.draw()

    def _names(self) -> dict[str, str]:
        """What the runs are called in the legend: the ends of ids tell those of one name apart."""
        taken = [r.name for r in self._records]
        return {r.id: r.name if taken.count(r.name) == 1 else f"{r.name} {r.id[-3:]}" for r in self._records}

    def _offer(self) -> None:
        names = [STEP_LOSS, *dict.fromkeys(name for r in self._records for name in r.metrics)]
        if not self._records or names == [self.choice.itemText(i) for i in range(self.choice.count())]:
            return
        before = self.figure
        self.choice.clear()
        self.choice.addItems(names)
        self.choice.setCurrentIndex(max(0, names.index(before) if before in names else 0))


def _stamp(record: RunRecord) -> object:
    return record.steps, record.epochs, record.state


def _planned(record: RunRecord) -> float:
    """The steps of the whole run, as far as they can be known."""
    if record.is_unfinished and record.epochs:
        return record.steps / record.epochs * record.planned
    return float(record.steps)


def _read(store: Store, wanted: dict[str, object]) -> dict[str, tuple[object, Curve]]:
    """From the disk; of a run that was deleted a moment ago there is nothing to show, and its row goes, too."""
    found: dict[str, tuple[object, Curve]] = {}
    for run, stamp in wanted.items():
        with suppress(FileError):
            found[run] = stamp, read_curve(store, run)
    return found


def read_curve(store: Store, run: str) -> Curve:
    """Raises: FileError."""
    losses = store.losses(run)
    epochs = store.metrics(run)
    columns: dict[str, tuple[list[int], list[float]]] = {}
    for epoch in epochs:
        for name, value in epoch.figures.items():
            steps, values = columns.setdefault(name, ([], []))
            steps.append(epoch.step)
            values.append(value)
    figures = {name: (np.array(steps), np.array(values, float)) for name, (steps, values) in columns.items()}
    least, most = SMOOTH_SPAN
    span = min(max(len(losses) * SMOOTH_SHARE, least), most)
    return Curve(CurveLog.of(np.arange(1, len(losses) + 1), losses), 1 - 1 / span, figures)
