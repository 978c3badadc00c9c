"""What the run has reached, in figures: loss, metric, step and speed."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QWidget

from gui.session import Session
from gui.theme import metrics
from gui.widgets import label

SECOND_MS = 1000


class RunFacts(QWidget):
    """One line, brought up to date as often as the plots are."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.loss, self.score = label("", "caption_strong"), label("", "caption_strong")
        self.step, self.speed = label("", "caption", "secondary"), label("", "caption", "secondary")
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(metrics().space.l)
        for part in (self.loss, self.score, self.step, self.speed):
            line.addWidget(part)
        self._soon = QTimer(self, singleShot=True, interval=SECOND_MS // metrics().motion.plot_hz)
        self._soon.timeout.connect(self.show_facts)
        session.runner.events.connect(self._follow)
        session.runner.changed.connect(self._follow)

    def _follow(self) -> None:
        if not self._soon.isActive():
            self._soon.start()

    def show_facts(self) -> None:
        """Say what is known of the run of now."""
        history = self._session.runner.history
        losses = history.losses
        self.loss.setText(f"loss {losses[-1]:.3f}" if len(losses) else "")
        self.score.setText(_score(history.evaluations[-1].figures) if history.evaluations else "")
        self.step.setText(f"step {history.step:,} / {history.total_steps:,}" if history.total_steps else "")
        self.speed.setText(f"{history.samples_per_second:,.0f} samples/s" if history.samples_per_second else "")


def _score(figures: object) -> str:
    """The first figure of the validation data that is not its loss, else its loss."""
    assert hasattr(figures, "items")
    names = {name: value for name, value in figures.items() if name.startswith("val_")}
    chosen = next((name for name in names if name != "val_loss"), "val_loss")
    return f"{chosen.replace('_', ' ')} {names[chosen]:.3f}" if chosen in names else ""
