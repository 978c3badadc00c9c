"""Runs that are over: choose one to go on with, to its last epoch or beyond."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QSpinBox, QWidget

from engine.training.store import RunRecord, Store
from gui.dialogs.base import Dialog
from gui.figures import when
from gui.session import Session
from gui.style import indent
from gui.theme import metrics
from gui.widgets import label

RUN = Qt.ItemDataRole.UserRole
ROWS = 8
OVER = ("stopped", "early", "failed", "interrupted", "finished")
MOST_EPOCHS = 1_000_000
BEYOND = "It was finished: more epochs are a change by hand, as any other. {}"
STRETCHED = "A schedule that depends on them goes on as in a run of that length; others go on as they were."


class ResumeDialog(Dialog):
    """Lists the runs in a folder, read in the background. resume(run, epochs): go on with it until then."""

    def __init__(self, session: Session, runs: Path, resume: Callable[[str, int], object], parent: QWidget) -> None:
        super().__init__(
            "Go on with a run",
            "It goes on exactly where it ended, with the model on screen, which must be the one it was made with.",
            parent,
        )
        self._resume, self._session = resume, session
        self.list = QListWidget(self)
        self.list.setAccessibleName("Runs")
        self.list.setFixedHeight(ROWS * metrics().control.row)
        self.list.itemActivated.connect(lambda _: self.resume())
        self.none = label("Looking for runs", "body", "muted")
        self.body.addWidget(self.none)
        self.body.addWidget(self.list)
        self.epochs = QSpinBox()
        self.epochs.setAccessibleName("Epochs in all")
        self.epochs.setRange(1, MOST_EPOCHS)
        indent(self.epochs)
        self.said = label("", "small", "secondary")
        self.said.setWordWrap(True)
        row = QHBoxLayout()
        row.addWidget(label("Epochs in all", "small", "secondary"))
        row.addWidget(self.epochs)
        row.addStretch(1)
        self.body.addLayout(row)
        self.body.addWidget(self.said)
        self.list.hide()
        self.list.currentItemChanged.connect(self._offer)
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
            self._resume(item.data(RUN).id, self.epochs.value())

    def _offer(self) -> None:
        """As many epochs as it was to have; twice as many where it had them all."""
        item = self.list.currentItem()
        if item is None:
            return
        record: RunRecord = item.data(RUN)
        is_whole = record.epochs >= record.planned
        self.epochs.setMinimum(record.epochs + 1 if is_whole else max(1, record.epochs))
        self.epochs.setValue(2 * record.planned if is_whole else record.planned)
        moves = self._session.project.recipe.schedule.moved() != "never"
        self.said.setText(BEYOND.format(STRETCHED if moves else "").strip() if is_whole else "")

    def _leave(self) -> None:
        self._is_gone = True

    def _show(self, records: list[RunRecord]) -> None:
        if self._is_gone:
            return
        for record in records:
            item = QListWidgetItem(describe(record))
            item.setData(RUN, record)
            self.list.addItem(item)
        self.none.setText("" if records else "No run can be gone on with: none has trained an epoch.")
        self.none.setVisible(not records)
        self.list.setVisible(bool(records))
        self.button.setEnabled(bool(records))
        self.list.setCurrentRow(0)
        if (box := self.layout()) is not None:
            box.activate()
        self.adjustSize()

    def _say(self, error: Exception) -> None:
        if not self._is_gone:
            self.none.setText(f"The runs cannot be read: {error}")


def stopped_runs(folder: Path) -> list[RunRecord]:
    """Runs that did at least one epoch and are over, newest first; those that have epochs left before the others."""
    found = [r for r in Store(folder).list() if r.state in OVER and r.epochs > 0]
    return sorted(found, key=lambda r: r.epochs >= r.planned)


def describe(record: RunRecord) -> str:
    """One line for a run."""
    moment = datetime.fromisoformat(record.created).astimezone()
    age = when(moment, datetime.now().astimezone())
    return f"{record.name} · epoch {record.epochs} of {record.planned} · {record.state} · {age}"
