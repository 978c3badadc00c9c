"""The figures of the run beside the tabs, and its learning rate, which can be changed while it goes on."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from engine.kinds import Float
from engine.spec import Param
from engine.training.events import Evaluated, Event, Started, Steered
from engine.training.steering_wish import phase_of
from gui.editors import FieldEditor
from gui.plots.axis import reading
from gui.session import Session
from gui.style import restyle
from gui.theme import metrics
from gui.widgets import label

SECOND_MS = 1000
RATE = Param("lr", Float(0.0), 0.0, 0.0, "Learning rate from the next step on", literal=True)


class TrainingFacts(QWidget):
    """One line for the corner of the tabs: loss, first metric, step, speed, learning rate.

    It asks for little room, so that no panel beside it gives way when a run begins: what does not fit is left out,
    the speed first.

    steer_wanted(widget): everything else that can be changed is asked for, from this widget.
    """

    steer_wanted = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Figures of the run")
        self._session = session
        self.loss, self.score = _fact(strong=True), _fact(strong=True)
        self.step, self.speed = _fact(), _fact()
        self.rates: dict[str, RateField] = {}
        self.rate = self._add_rate("")
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(metrics().space.l)
        line.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)
        line.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # what has no room is left out
        for part in (self.loss, self.score, self.step, self.speed, self.rate):
            line.addWidget(part)
        self._line = line
        self.steer = QPushButton("Steer")
        self.steer.setProperty("dense", True)
        self.steer.setToolTip("Change the run while it goes on: decay, clipping, dropout, batch size, epochs")
        self.steer.clicked.connect(lambda: self.steer_wanted.emit(self.steer))
        line.addWidget(self.steer)
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
            self._show_rates()
        self.show_facts()

    def _show_rates(self) -> None:
        """A field for the rate, or for that of every phase."""
        run = self._session.runner.run
        phases = [phase.name for phase in run.project.recipe.parts()] if run else []
        wanted = phases or [""]
        if list(self.rates) == wanted:
            return
        for field in self.rates.values():
            self._line.removeWidget(field)
            field.hide()
            field.deleteLater()
        self.rates = {}
        for name in wanted:
            self._line.insertWidget(self._line.indexOf(self.steer), self._add_rate(name))
        self.rate = next(iter(self.rates.values()))

    def _add_rate(self, phase: str) -> RateField:
        field = self.rates[phase] = RateField(phase)
        runner = self._session.runner
        field.value_edited.connect(lambda rate: runner.set_learning_rate(rate, phase))
        return field

    def show_facts(self) -> None:
        """Say what is known of the run of now."""
        history = self._session.runner.history
        last, figures = history.loss.last, history.evaluations[-1].figures if history.evaluations else {}
        _say(self.loss, f"loss {reading(last[1])}" if last else "")
        _say(self.score, _score(figures))
        _say(self.step, f"step {history.step:,} / {history.total_steps:,}" if history.total_steps else "")
        _say(self.speed, f"{history.samples_per_second:,.0f} samples/s" if history.samples_per_second else "")
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _wanted(self) -> list[QWidget]:
        """What there is to be shown, from what gives way last."""
        facts: list[QWidget] = [fact for fact in (self.loss, self.score) if fact.text()]
        more: list[QWidget] = [fact for fact in (self.step, self.speed) if fact.text()]
        if not self._session.runner.active:
            return [*facts, *more]
        fields = list(self.rates.values())
        return [self.steer, *facts[:1], *fields[:1], *facts[1:], *fields[1:], *more]

    def _width_of(self, parts: list[QWidget]) -> int:
        pitch = self._line.spacing()
        widths = [min(max(p.sizeHint().width(), p.minimumWidth()), p.maximumWidth()) for p in parts]
        return sum(widths) + pitch * (len(widths) - 1) if widths else 0

    def _fit(self) -> None:
        """Show what there is room for."""
        wanted = self._wanted()
        while len(wanted) > 1 and self._width_of(wanted) > self.width():
            wanted.pop()
        for part in (self.loss, self.score, self.step, self.speed, *self.rates.values(), self.steer):
            part.setVisible(part in wanted)
        self._line.activate()  # at once: no frame shows words over one another

    def _follow(self, events: list[Event]) -> None:
        for event in events:
            self._take(event)
        if not self._soon.isActive():
            self._soon.start()

    def _take(self, event: Event) -> None:
        """What the rate is now, as far as the run has told."""
        run = self._session.runner.run
        if isinstance(event, Started) and run is not None:
            optimizers = {phase.name: phase.optimizer for phase in run.project.recipe.parts()}
            for phase, field in self.rates.items():
                field.show_rate(getattr(optimizers.get(phase, run.project.recipe.optimizer), "lr", 0.0))
        elif isinstance(event, Evaluated):
            for index, (phase, field) in enumerate(self.rates.items()):
                name = f"{phase}_lr" if phase and index else "lr"
                field.show_rate(event.figures.get(name, field.value))
        elif isinstance(event, Steered):
            phase, option = phase_of(event.name)
            phase = phase or next(iter(self.rates))
            if option == "lr" and phase in self.rates:
                self.rates[phase].show_rate(event.after)


class RateField(FieldEditor):
    """The learning rate, of one phase if there are several: typed, dragged, or changed by a tenth with arrow keys."""

    def __init__(self, phase: str = "", parent: QWidget | None = None) -> None:
        super().__init__(RATE, "Training", parent=parent)
        name = f"Learning rate of {phase}" if phase else "Learning rate"
        self.setAccessibleName(name)
        self.field.setAccessibleName(name)
        self._caption = label(f"{phase} lr" if phase else "lr", "caption", "muted", self.field)
        self._caption.adjustSize()
        self.setFixedWidth(metrics().widget.rate + (self._caption.width() if phase else 0))

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
        fact.setMinimumWidth(max(fact.minimumWidth(), fact.sizeHint().width()))


def _score(figures: Mapping[str, float]) -> str:
    """The first figure of the validation data that is not its loss, else its loss."""
    chosen = next(iter(metrics_of(tuple(figures))), "val_loss")
    words = chosen.removeprefix("val_").replace("_", " ")
    return f"val {words} {reading(figures[chosen])}" if chosen in figures else ""


def metrics_of(names: tuple[str, ...]) -> list[str]:
    """The figures of the validation data that are no losses."""
    return [name for name in names if name.startswith("val_") and not name.endswith("loss")]
