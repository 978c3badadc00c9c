"""Work that an earlier session left unsaved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from engine.document.autosave import Recovery
from gui.dialogs.base import Dialog
from gui.figures import when
from gui.theme import metrics
from gui.widgets import ElidedLabel, label


class RecoverDialog(Dialog):
    """One row for each project: recover it, or discard it. What is left alone is offered again next time."""

    def __init__(self, found: Sequence[Recovery], recover: Callable[[Recovery], object], parent: QWidget) -> None:
        super().__init__(
            "Unsaved work was found",
            "Netsmith was not closed properly the last time. Recovered work opens unsaved; its file is not touched.",
            parent,
        )
        self._recover, self._several = recover, len(found) > 1
        self._waiting = list(found)
        self.rows = [self._row_of(recovery) for recovery in found]
        for row in self.rows:
            self.body.addWidget(row)
        self.leave_button("Later")
        if len(self.rows) > 1:
            self.add_action("Recover all", self._open_all, "primary")

    def _row_of(self, recovery: Recovery) -> QWidget:
        row = QWidget(self)
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(metrics().space.s)
        name = recovery.original.name if recovery.original else "A new project"
        age = when(recovery.saved_at.astimezone(), datetime.now().astimezone())
        line.addWidget(ElidedLabel(name, "body_strong"), 1)
        line.addWidget(label(age, "small", "secondary"))
        discard, recover = QPushButton("Discard"), QPushButton("Recover")
        recover.setProperty("kind", "" if self._several else "primary")
        for button in (discard, recover):
            button.setAutoDefault(False)
            button.setProperty("dense", True)
            button.setAccessibleName(f"{button.text()} {name}, {age}")
            line.addWidget(button)
        discard.clicked.connect(lambda: self._discard(recovery, row))
        recover.clicked.connect(lambda: self._open(recovery, row))
        return row

    def _open(self, recovery: Recovery, row: QWidget) -> None:
        self._done(recovery, row)
        self._recover(recovery)

    def _open_all(self) -> None:
        waiting = list(self._waiting)
        self.accept()
        for recovery in reversed(waiting):  # the newest last, and so in front
            self._recover(recovery)

    def _discard(self, recovery: Recovery, row: QWidget) -> None:
        recovery.discard()
        self._done(recovery, row)

    def _done(self, recovery: Recovery, row: QWidget) -> None:
        self._waiting.remove(recovery)
        row.hide()
        if not self._waiting:
            self.accept()
