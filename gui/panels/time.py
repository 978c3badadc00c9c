"""The Time panel: where the time of a step goes, what the run takes of the machine, and a trace of single layers."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.training.events import PARTS_OF_A_STEP, Event, Timed, Traced
from engine.training.history import History
from gui.figures import milliseconds, percent, size
from gui.panels.time_trace import TraceView
from gui.panels.training_curves import remember
from gui.plots.curve import CurvePlot
from gui.plots.shares import UNKNOWN, SharesBar
from gui.session import Session
from gui.theme import metrics
from gui.widgets import label

SECOND_MS = 1000
MEASURING = "measuring"
PARTS = (*PARTS_OF_A_STEP, MEASURING)
FACTS = ("Samples per second", "Time left", "Evaluating an epoch", "Processor", "Memory", "GPU", "GPU memory")


class TimePanel(QWidget):
    """What a run spends, live. It is brought up to date only while it can be seen."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Time")
        self._session = session
        self._run: object = None
        self.step = label("", "small", "primary")
        self.step.setProperty("strong", True)
        self.shares = SharesBar(PARTS, "Where the time of a step goes")
        self.plot = CurvePlot("Milliseconds a step")
        remember(self.plot, "time", session.habits)
        self.trace = TraceView(session)
        self.facts: dict[str, QLabel] = {}
        self._captions: dict[str, QLabel] = {}
        self._lay_out()
        self._soon = QTimer(self, singleShot=True, interval=SECOND_MS // metrics().motion.plot_hz)
        self._soon.timeout.connect(self.show_history)
        session.runner.events.connect(self.show_events)
        session.runner.changed.connect(self.show_state)
        self.show_state()

    def show_state(self) -> None:
        """Begin anew with a new run."""
        run = self._session.runner.run
        if run is not self._run:
            self._run = run
            self.plot.clear()
            self.trace.forget()
            self.show_events(self._session.runner.history.events)
        self.trace.show_state()
        self._wake()

    def show_events(self, events: list[Event]) -> None:
        """Take in what the run told."""
        for event in events:
            if isinstance(event, Traced):
                self.trace.show_trace(event)
        self._wake()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.show_history()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What has no room gives way: first the curves, for the bar says what holds now."""
        super().resizeEvent(event)
        self.plot.setVisible(self.width() >= metrics().widget.time_wide)

    def show_history(self) -> None:
        """Bring the words, the bar and the curves up to date."""
        history = self._session.runner.history
        self._show_facts(history)
        last = history.times.last
        if last is None:
            self.step.setText("A step")
            self.shares.show_sizes({}, {})
            return
        seconds = dict(last.seconds)
        whole = sum(seconds.values())
        share = min(history.measuring_share, 0.99)
        seconds[MEASURING] = whole * share / (1 - share)
        self.plot.set_range(history.total_steps)
        self.step.setText(f"A step takes {milliseconds(whole + seconds[MEASURING])}")
        self.shares.show_sizes(seconds, {name: milliseconds(value) for name, value in seconds.items()})
        for index, part in enumerate(PARTS_OF_A_STEP):
            log = history.times.parts[part]
            if log.last is not None:
                shown = log.stretch()
                self.plot.set_series(part, shown.x, shown.mean * SECOND_MS, "raw" if part == "rest" else "epoch", index)

    def _show_facts(self, history: History) -> None:
        words = dict.fromkeys(FACTS, UNKNOWN)
        if history.samples_per_second:
            words["Samples per second"] = f"{history.samples_per_second:,.0f}"
        if history.seconds_left is not None and history.over is None:
            words["Time left"] = clock(history.seconds_left)
        if history.evaluations:
            words["Evaluating an epoch"] = milliseconds(history.evaluations[-1].seconds)
        if history.times.last is not None:
            words |= machine(history.times.last)
        for name, value in words.items():
            if self.facts[name].text() != value:
                self.facts[name].setText(value)
            if name.startswith("GPU"):  # without one there is nothing to say
                for part in (self.facts[name], self._captions[name]):
                    part.setVisible(value != UNKNOWN)

    def _wake(self) -> None:
        if self.isVisible() and not self._soon.isActive():
            self._soon.start()

    def _lay_out(self) -> None:
        space = metrics().space
        first, second = QVBoxLayout(), QGridLayout()
        first.setSpacing(space.s)
        first.addWidget(self.step)
        first.addWidget(self.shares)
        first.addStretch(1)
        second.setHorizontalSpacing(space.l)
        second.setVerticalSpacing(space.xs)
        for row, name in enumerate(FACTS):
            value = self.facts[name] = label(UNKNOWN, "small", "primary")
            value.setAccessibleName(name)
            caption = self._captions[name] = label(name, "small", "secondary")
            second.addWidget(caption, row, 0)
            second.addWidget(value, row, 1)
        second.setRowStretch(len(FACTS), 1)
        line = QHBoxLayout(self)
        line.setContentsMargins(space.l, space.s, space.l, space.s)
        line.setSpacing(space.xl)
        line.addLayout(first, 2)
        line.addLayout(second, 0)
        line.addWidget(self.plot, 4)
        line.addWidget(self.trace, 5)


def machine(event: Timed) -> dict[str, str]:
    """What a run takes of the machine, in words; what cannot be known is left out."""
    used = event.used
    words = {
        "Processor": f"{used.cpu:.1f} of {used.cores} cores",
        "Memory": f"{size(used.memory)} of {size(used.memory_total)}",
    }
    if used.gpu is not None:
        words["GPU"] = f"{percent(used.gpu)} busy"
    if used.gpu_total:
        words["GPU memory"] = f"{size(used.gpu_memory)}, all take {size(used.gpu_taken)} of {size(used.gpu_total)}"
    return words


def clock(seconds: float) -> str:
    """0:15, 1:02:03."""
    whole = round(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"
