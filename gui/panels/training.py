"""The Training panel: loss, metric and the layer by step map of the run of now, and what can be steered."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from engine.training.bad import BadNode
from engine.training.events import Ended, Event, Failed, Planned, Started, Warned
from gui.panels.matrix import MatrixView, MatrixWindow
from gui.panels.other_runs import OtherRuns
from gui.panels.recipe import RecipePanel
from gui.panels.training_curves import LossCurves, remember
from gui.panels.training_facts import metrics_of
from gui.plots.curve import CurvePlot
from gui.session import Session
from gui.theme import metrics
from gui.widgets import Card, label

SECOND_MS = 1000
WIDEST = 16_777_215  # Qt's own "no limit"
LOSS, METRIC, MAP = range(3)
EDITED = (
    "The model was edited since this run began; the run goes on with what it started from. Train → Continue with the "
    "edited model… keeps what it has learned."
)
SHOW_INPUTS = ("Show the inputs",)
EARLY = "Stopped early: validation got no better for {} epochs."


class TrainingPanel(QWidget):
    """Plots of a run; before the first one the recipe as a form. train_wanted(): the person pressed Train.

    inputs_wanted(bad): what the first bad node was given is to be shown.
    """

    train_wanted = Signal()
    inputs_wanted = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Training")
        self._session = session
        self.recipe = RecipePanel(session, with_train=True)
        self.recipe.train_wanted.connect(self.train_wanted)
        self.loss, self.score = CurvePlot("Loss"), CurvePlot("Metric")
        self.matrix = MatrixView(session)
        self.map = self.matrix.map
        self.note = label("", "small", "secondary")
        self.card = Card("danger", "")
        self.card.repair_chosen.connect(lambda _: self.inputs_wanted.emit(self._bad))
        self._bad: BadNode | None = None
        self.switch = QTabBar()
        self.plots, self.stack = self._plots(), QStackedWidget()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.stack)  # from the outside in: what is put into another widget is dressed anew
        self.stack.addWidget(self.recipe)
        self.stack.addWidget(self.plots)
        self._run: object = None
        self.others = OtherRuns(session, self)
        self._curves = LossCurves(self.loss, self.others, session.habits)
        remember(self.score, "metric", session.habits)
        self._has_score = True
        self._soon = QTimer(self, singleShot=True, interval=SECOND_MS // metrics().motion.plot_hz)
        self._soon.timeout.connect(self.show_history)
        self._forget()
        self.matrix.step_chosen.connect(self._show_step)
        self.matrix.enlarge_wanted.connect(self.enlarge_matrix)
        self.loss.hovered.connect(self.score.set_crosshair)
        self.loss.hovered.connect(self.map.mark_step)
        session.runner.events.connect(self.show_events)
        session.runner.changed.connect(self.show_state)
        session.changed.connect(self._show_note)

    def show_state(self) -> None:
        """Begin anew with a new run."""
        run = self._session.runner.run
        if run is not self._run:
            self._forget()
            self._run = run
            self.stack.setCurrentIndex(1 if run else 0)
        self._show_note()

    def show_events(self, events: list[Event]) -> None:
        """Show what the run has told."""
        for event in events:
            self._take(event)
            self._curves.mark(event, self._session.runner.run)
        if self.isVisible() and not self._soon.isActive():
            self._soon.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.show_history()

    def show_history(self) -> None:
        """Bring the plots up to date. They are fed only while they can be seen."""
        history = self._session.runner.history
        self._curves.show(history)
        self._show_figures()
        if self.matrix.isVisible():
            self.matrix.show_history()

    def _take(self, event: Event) -> None:
        if isinstance(event, Started):
            total = event.epochs * event.steps_per_epoch
            self._curves.begin(event)
            self.loss.set_range(total)
            self.score.set_range(total)
        elif isinstance(event, Planned):
            total = self._session.runner.history.total_steps
            self.loss.set_range(total)
            self.score.set_range(total)
        elif isinstance(event, Failed):
            self._bad = event.bad if event.bad is not None and event.bad.inputs else None
            self.card.show_problem("danger", event.message, event.hint, SHOW_INPUTS if self._bad else ())
            self.card.setToolTip(event.detail)
            self.card.show()
            if event.node:
                self._session.reveal(event.block, event.node)
        elif isinstance(event, Warned):
            self._session.message.emit(f"{event.message} {event.hint}".strip(), "", None)
        elif isinstance(event, Ended):
            self._show_note()

    def _show_figures(self) -> None:
        history = self._session.runner.history
        names = metrics_of(history.figure_names)
        if not names:
            self._show_score(not (history.started and history.started.phases))
            return
        self._show_score(True)
        measured = names[0].removeprefix("val_")
        title = measured.replace("_", " ").capitalize()
        self.score.set_title(title)
        self.switch.setTabText(METRIC, title)
        for name, key, part in (("train", f"train_{measured}", "epoch"), ("validation", names[0], "validation")):
            steps, values = history.figure(key)
            if len(steps):
                self.score.set_series(name, steps, values, part)  # type: ignore[arg-type]

    def _show_score(self, is_shown: bool) -> None:
        """Parts that are trained in turn often have nothing to be measured by: then the others have the room."""
        if is_shown != self._has_score:
            self._has_score = is_shown
            self.arrange()

    def _forget(self) -> None:
        self._run = None
        self._soon.stop()
        self._curves.forget()
        self._show_score(True)
        self.loss.clear()
        self.score.clear()
        self.matrix.forget()
        self.card.hide()

    def _show_note(self) -> None:
        runner, words = self._session.runner, []
        over = runner.history.over
        if runner.run is not None and isinstance(over, Ended) and over.reason == "early":
            words.append(EARLY.format(runner.run.project.recipe.patience))
        if runner.run is not None and runner.edited_since(self._session.project):
            words.append(EDITED)
        self.note.setText(" ".join(words))
        self.note.setVisible(bool(words))

    def enlarge_matrix(self) -> None:
        """The map in a window of its own."""
        window = MatrixWindow(self._session, self)
        window.matrix.step_chosen.connect(self._show_step)
        window.show()

    def _show_step(self, step: int) -> None:
        self.loss.set_crosshair(step)
        self.score.set_crosshair(step)

    def _plots(self) -> QWidget:
        page, space = QWidget(), metrics().space
        self.switch.setProperty("dense", True)
        self.switch.setAccessibleName("Plot")
        self.switch.setDrawBase(False)
        self.switch.setExpanding(False)
        for name in ("Loss", "Metric", "Gradient norm"):
            self.switch.addTab(name)
        self.switch.currentChanged.connect(self.arrange)
        self._line = QHBoxLayout()
        self._line.setSpacing(space.xl)
        for plot, share in ((self.loss, 3), (self.score, 2), (self.matrix, 6)):
            self._line.addWidget(plot, share)
        box = QVBoxLayout(page)
        box.setContentsMargins(space.l, space.s, space.l, space.s)
        box.setSpacing(space.xs)
        for part in (self.card, self.note, self.switch):
            box.addWidget(part)
        box.addLayout(self._line, 1)
        return page

    def arrange(self) -> None:
        """All three plots side by side; where there is no room for that, some share a place by turns (LOOK §6)."""
        widget, chosen = metrics().widget, self.switch.currentIndex()
        narrow, narrowest = self.width() < widget.plots_narrow, self.width() < widget.plots_narrowest
        self.switch.setVisible(narrow)
        self.switch.setTabVisible(MAP, narrowest)
        self.loss.setVisible(not narrow or chosen == LOSS or (chosen == MAP and not narrowest))
        self.score.setVisible(self._has_score and (not narrow or chosen == METRIC))
        self.switch.setTabVisible(METRIC, self._has_score)
        self.matrix.setVisible(not narrowest or chosen == MAP)
        self.loss.setMinimumWidth(0 if narrow else widget.loss_plot)
        self.loss.setMaximumWidth(WIDEST if narrowest else 2 * widget.loss_plot)
        self.score.setMinimumWidth(0 if narrow else widget.metric_plot)
        self.score.setMaximumWidth(WIDEST if narrowest else 2 * widget.metric_plot)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.arrange()
