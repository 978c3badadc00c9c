"""The figures of the run beside the tabs, and its learning rate, which can be changed while it goes on."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from engine.kinds import Float
from engine.spec import Param
from engine.training.events import Evaluated, Event, Started, Steered
from gui.editors import FieldEditor
from gui.plots.axis import reading
from gui.session import Session
from gui.style import restyle
from gui.theme import metrics
from gui.widgets import label

SECOND_MS = 1000
RATE = Param("lr", Float(0.0), 0.0, 0.0, "Learning rate from the next step on", literal=True)


class TrainingFacts(QWidget):
    """One line for the corner of the tabs: loss, first metric, step, speed, learning rate."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Figures of the run")
        self._session = session
        self.loss, self.score = _fact(strong=True), _fact(strong=True)
        self.step, self.speed = _fact(), _fact()
        self.rate = RateField()
        self.rate.value_edited.connect(session.runner.set_learning_rate)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(metrics().space.l)
        for part in (self.loss, self.score, self.step, self.speed, self.rate):
            line.addWidget(part)
        self._run: object = None
        self._soon = QTimer(self, singleShot=True, interval=SECOND_MS // metrics().motion.plot_hz)
        self._soon.timeout.connect(self.show_facts)
        session.runner.events.connect(self._follow)
        session.runner.changed.connect(self.show_state)
        self.show_state()

    def show_state(self) -> None:
        """The learning rate can be changed while a run goes on."""
        runner = self._session.runner
        if runner.run is not self._run:
            self._run = runner.run
            for fact in (self.loss, self.score, self.step, self.speed):
                fact.setMinimumWidth(0)
        self.rate.setVisible(runner.active)
        self.show_facts()

    def show_facts(self) -> None:
        """Say what is known of the run of now."""
        history = self._session.runner.history
        losses, figures = history.losses, history.evaluations[-1].figures if history.evaluations else {}
        _say(self.loss, f"loss {reading(float(losses[-1]))}" if len(losses) else "")
        _say(self.score, _score(figures))
        _say(self.step, f"step {history.step:,} / {history.total_steps:,}" if history.total_steps else "")
        _say(self.speed, f"{history.samples_per_second:,.0f} samples/s" if history.samples_per_second else "")

    def _follow(self, events: list[Event]) -> None:
        for event in events:
            self._take(event)
        if not self._soon.isActive():
            self._soon.start()

    def _take(self, event: Event) -> None:
        """What the rate is now, as far as the run has told."""
        run = self._session.runner.run
        if isinstance(event, Started) and run is not None:
            self.rate.show_rate(getattr(run.project.recipe.optimizer, "lr", 0.0))
        elif isinstance(event, Evaluated) and "lr" in event.figures:
            self.rate.show_rate(event.figures["lr"])
        elif isinstance(event, Steered) and event.name == "lr":
            self.rate.show_rate(event.after)


class RateField(FieldEditor):
    """The learning rate: typed, dragged, or changed by a tenth with the arrow keys."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(RATE, "Training", parent=parent)
        self.setAccessibleName("Learning rate")
        self.field.setAccessibleName("Learning rate")
        self.setFixedWidth(metrics().widget.rate)
        self._caption = label("lr", "caption", "muted", self.field)
        self._caption.adjustSize()

    def show_rate(self, rate: float) -> None:
        """Show the rate of now, unless another one is being written."""
        rate = float(f"{rate:.4g}")
        if rate != self.value and not self.field.isModified():
            self.set_value(rate)

    def take(self) -> None:
        super().take()
        self.field.setModified(bool(self.error()))

    def show_error(self, words: str) -> None:
        """There is no room under it: the edge is red, and hovering says why."""
        if not hasattr(self, "field"):
            return
        self._words = words
        self.field.setToolTip(words or RATE.help)
        if bool(self.field.property("wrong")) != bool(words):
            self.field.setProperty("wrong", bool(words))
            restyle(self.field)

    def error(self) -> str:
        return getattr(self, "_words", "")

    def _place_inside(self) -> None:
        """The name stands inside the field, at its left."""
        caption, space = getattr(self, "_caption", None), metrics().space
        if caption is not None:
            caption.move(space.s, (self.field.height() - caption.height()) // 2)
            self.field.setTextMargins(caption.width() + space.xs, 0, 0, 0)


def _fact(strong: bool = False) -> QLabel:
    fact = label("", "small", "primary" if strong else "secondary")
    fact.setProperty("strong", strong)
    return fact


def _say(fact: QLabel, words: str) -> None:
    """What grew keeps its room, so that the line holds still."""
    if words != fact.text():
        fact.setText(words)
        fact.setVisible(bool(words))
        fact.setMinimumWidth(max(fact.minimumWidth(), fact.sizeHint().width()))


def _score(figures: Mapping[str, float]) -> str:
    """The first figure of the validation data that is not its loss, else its loss."""
    names = [name for name in figures if name.startswith("val_")]
    chosen = next((name for name in names if name != "val_loss"), "val_loss")
    words = chosen.removeprefix("val_").replace("_", " ")
    return f"val {words} {reading(figures[chosen])}" if chosen in figures else ""
