"""Earlier runs whose curves are laid under that of now: the run it goes on from, and those one chooses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from zlib import crc32

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from engine.training.curve_log import CurveLog
from engine.training.store import RunRecord, Store
from gui.session import Session
from gui.style import round_popup

MOST_OFFERED = 12
COLOURS = (2, 5, 6, 7)  # of the theme's series: not those of the run of now


@dataclass(frozen=True)
class OtherRun:
    """A run that is over, as it is drawn: what it is called, its colour, its loss of every step."""

    id: str
    title: str
    colour: int
    loss: CurveLog


class OtherRuns(QObject):
    """Which runs are laid under the one of now. changed(): others are, or their numbers have been read."""

    changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._offered: tuple[RunRecord, ...] = ()
        self._shown: dict[str, OtherRun] = {}
        self._gone: list[str] = []
        self._run = ""

    def begin(self, run: str) -> None:
        """A run begins: look for others beside it, and lay the one it goes on from under it."""
        self._run = run
        self.look()

    def look(self) -> None:
        """Read the table of runs, away from this thread."""
        now = self._session.runner.run
        if now is None:
            return
        store = now.store
        self._session.background.submit("runs", lambda: store.list(), partial(self._found, store), self._ignore)

    def shown(self) -> tuple[OtherRun, ...]:
        """Those whose numbers are there."""
        return tuple(self._shown.values())

    def gone(self) -> list[str]:
        """Titles of those that were taken away since this was last asked."""
        gone, self._gone = self._gone, []
        return gone

    def offer(self, menu: QMenu) -> None:
        """A menu of runs that can be laid under the one of now, newest first."""
        others = [run for run in self._offered if run.id != self._run and run.epochs]
        if not others:
            return
        inner = round_popup(QMenu("Compare with", menu))
        for run in others[:MOST_OFFERED]:
            action = QAction(title_of(run), inner, checkable=True, checked=run.id in self._shown)
            action.toggled.connect(partial(self.choose, run))
            inner.addAction(action)
        menu.addMenu(inner)

    def choose(self, run: RunRecord, shown: bool) -> None:
        """Lay a run under the one of now, or take it away."""
        if not shown:
            if found := self._shown.pop(run.id, None):
                self._gone.append(found.title)
                self.changed.emit()
            return
        now = self._session.runner.run
        if now is not None:
            store = now.store
            self._session.background.submit(
                f"curve of {run.id}", lambda: curve_of(store, run), self._read, self._ignore
            )

    def _found(self, store: Store, runs: tuple[RunRecord, ...]) -> None:
        self._offered = runs
        mine = next((run for run in runs if run.id == self._run), None)
        parent = next((run for run in runs if mine is not None and run.id == mine.parent), None)
        if parent is not None and parent.id not in self._shown:
            self.choose(parent, True)

    def _read(self, run: OtherRun) -> None:
        taken = {other.title for other in self._shown.values() if other.id != run.id}
        self._shown[run.id] = replace(run, title=f"{run.title} ({run.id[-3:]})") if run.title in taken else run
        self.changed.emit()

    def _ignore(self, error: Exception) -> None:
        """A curve that cannot be read is not laid under; the table of runs says what is wrong with it."""


def title_of(run: RunRecord) -> str:
    """A run in a menu and a legend: "DigitsCNN 08:15:02"."""
    time = run.created[11:19]
    return f"{run.name} {time}" if time else run.name


def curve_of(store: Store, run: RunRecord) -> OtherRun:
    """The loss of a run, from the disk. Raises: FileError."""
    losses = store.losses(run.id)
    log = CurveLog.of(np.arange(1, len(losses) + 1), losses)
    return OtherRun(run.id, title_of(run), COLOURS[crc32(run.id.encode()) % len(COLOURS)], log)
