"""The largest batch that fits: on this machine, or on a graphics card that one has in mind; and a trial of it."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from engine.costs.memory import CARDS, GIGABYTE, USABLE, is_bounded, largest_batch
from engine.errors import EngineError
from gui.editors.choices import QuietComboBox
from gui.figures import size
from gui.session import Session
from gui.theme import metrics
from gui.widgets import label

ANY = 1_000_000  # more than one would ever take


class BatchFit(QWidget):
    """One line under the batch size: how large it may be where, and a button that tries it with real steps."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.memory = QuietComboBox()
        self.memory.setAccessibleName("Memory of the device")
        self.answer, self.tried = label("", "small", "secondary"), label("", "small", "secondary")
        for words in (self.answer, self.tried):
            words.setWordWrap(True)
        self.run = QPushButton("Try it")
        self.run.setToolTip("Make real training steps of growing size, beside the window, and measure their memory")
        self.run.clicked.connect(self.start_trial)
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.memory, 1)
        line.addWidget(self.run)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(metrics().space.xs)
        box.addLayout(line)
        box.addWidget(self.answer)
        box.addWidget(self.tried)
        self.tried.hide()
        self.memory.addItem("This machine", 0)
        for name, gigabytes in CARDS.items():
            self.memory.addItem(name, gigabytes * GIGABYTE)
        self.memory.currentIndexChanged.connect(self.show_answer)
        session.analysed.connect(self.show_answer)
        self.show_answer()

    def largest(self) -> int | None:
        """The most samples that should fit, None where that cannot be said."""
        analysis = self._session.analysis
        room = self.memory.currentData() or (analysis.room if analysis else 0)
        if analysis is None or not room or not analysis.parameters or not is_bounded(analysis.held):
            return None
        return largest_batch(analysis.main, analysis.held, self._session.project.recipe, round(room * USABLE))

    def show_answer(self) -> None:
        """Say it for the network as it is now."""
        analysis = self._session.analysis
        if analysis is not None and analysis.room:
            self.memory.setItemText(0, f"{size(analysis.room)}: {analysis.device}")
        most = self.largest()
        batch = self._session.project.recipe.batch_size
        if most is None:
            words = "How large a batch may be is not known yet."
        elif most >= ANY:
            words = "Batches of any size should fit."
        elif most == 0:
            words = "Not even one sample fits."
        else:
            words = f"Batches of up to {most:,} should fit." + ("" if batch <= most else f" {batch:,} will not.")
        self.answer.setText(words)
        self.answer.setProperty("tone", "danger" if most is not None and batch > most else "secondary")
        self.answer.style().polish(self.answer)
        self.run.setEnabled(analysis is not None and analysis.is_valid)

    def start_trial(self) -> None:
        """Try it off this thread; what was measured is shown when all of it is there."""
        project, analysis = self._session.project, self._session.analysis
        if analysis is None or not self._session.is_current:
            return
        most = self.largest() if not self.memory.currentData() else None

        def trial() -> list[Any]:
            from engine.training.dry_run import dry_run, trial_sizes

            return list(dry_run(project, analysis, trial_sizes(project.recipe.batch_size, most)))

        self._say("Making steps of growing size …")
        self.run.setEnabled(False)
        self._session.background.submit("trial", trial, self._show_tried, self._show_failure)

    def _show_tried(self, found: list[Any]) -> None:
        rows = [f"{tried.batch:,}: {size(tried.bytes)}, {tried.seconds:.2g} s a step" for tried in found]
        self._say("Measured at batch " + "; ".join(rows) + ".")

    def _show_failure(self, error: Exception) -> None:
        self.run.setEnabled(True)
        if not isinstance(error, EngineError):
            raise error
        self._say(str(error))

    def _say(self, words: str) -> None:
        self.tried.setText(words)
        self.tried.show()
        self.run.setEnabled(True)
