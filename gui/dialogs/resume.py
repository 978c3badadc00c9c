"""Runs that ended before their last epoch: choose one to go on with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from engine.training.store import RunRecord, Store
from gui.dialogs.base import Dialog
from gui.figures import when
from gui.session import Session
from gui.theme import metrics
from gui.widgets import label

RUN = Qt.ItemDataRole.UserRole
ROWS = 8
OVER = ("stopped", "early", "failed", "interrupted")


class ResumeDialog(Dialog):
    """Lists the runs in a folder, read in the background."""

    def __init__(self, session: Session, runs: Path, resume: Callable[[str], object], parent: QWidget) -> None:
        super().__init__(
            "Go on with a run that was stopped",
            "It goes on after its last whole epoch, with the model on screen, which must be the one it was made with.",
            parent,
        )
        self._resume = resume
        self.list = QListWidget(self)
        self.list.setAccessibleName("Runs")
        self.list.setFixedHeight(ROWS * metrics().control.row)
        self.list.itemActivated.connect(lambda _: self.resume())
        self.none = label("Looking for runs", "body", "muted")
        self.body.addWidget(self.none)
        self.body.addWidget(self.list)
        self.list.hide()
        self.add_action("Keep as it is", self.reject)
        self.button = self.add_action("Go on", self.resume, "primary")
        self.button.setDefault(True)
        self.button.setEnabled(False)
        self._is_gone = False
        self.finished.connect(self._leave)
        session.background.submit("runs", lambda: stopped_runs(runs), self._show, self._say)

    def resume(self) -> None:
        """Go on with the run that is chosen."""
        item = self.list.currentItem()
        if item is not None:
            self.accept()
            self._resume(item.data(RUN))

    def _leave(self) -> None:
        self._is_gone = True

    def _show(self, records: list[RunRecord]) -> None:
        if self._is_gone:
            return
        for record in records:
            item = QListWidgetItem(describe(record))
            item.setData(RUN, record.id)
            self.list.addItem(item)
        self.none.setText("" if records else "No run can be gone on with: all of them reached their last epoch.")
        self.none.setVisible(not records)
        self.list.setVisible(bool(records))
        self.button.setEnabled(bool(records))
        self.list.setCurrentRow(0)

    def _say(self, error: Exception) -> None:
        if not self._is_gone:
            self.none.setText(f"The runs cannot be read: {error}")


def stopped_runs(folder: Path) -> list[RunRecord]:
    """Runs that did at least one epoch and ended before the last, newest first."""
    return [r for r in Store(folder).list() if r.state in OVER and 0 < r.epochs < r.planned]


def describe(record: RunRecord) -> str:
    """One line for a run."""
    moment = datetime.fromisoformat(record.created).astimezone()
    age = when(moment, datetime.now().astimezone())
    return f"{record.name} · epoch {record.epochs} of {record.planned} · {record.state} · {age}"
