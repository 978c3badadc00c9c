"""The Training panel: loss, metric and the layer by step map of the run of now, and what can be steered."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from engine.training.events import Ended, Event, Failed, Started, Steered, Warned
from engine.training.history import Column
from gui.panels.heat import RowNorms, rows_of
from gui.panels.recipe import RecipePanel
from gui.plots.axis import scientific
from gui.plots.curve import CurvePlot
from gui.plots.heatmap import HeatMap
from gui.session import Session
from gui.theme import metrics
from gui.widgets import Card, label

SMOOTHING = 0.97
NARROW, NARROWEST = 900, 640  # px: below the first there is no metric plot, below the second no map (LOOK §6)
LOSS_WIDTH, METRIC_WIDTH = 270, 190


class TrainingPanel(QWidget):
    """Plots of a run; before the first one the recipe as a form. train_wanted(): the person pressed Train."""

    train_wanted = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Training")
        self._session = session
        self.recipe = RecipePanel(session, with_train=True)
        self.recipe.train_wanted.connect(self.train_wanted)
        self.loss, self.score = CurvePlot("Loss"), CurvePlot("Metric")
        self.map = HeatMap("Gradient norm")
        self.note = label("", "small", "secondary")
        self.card = Card("danger", "")
        self.plots = self._plots()
        self.stack = QStackedWidget()
        self.stack.addWidget(self.recipe)
        self.stack.addWidget(self.plots)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.stack)
        self._run: object = None
        self._rows: RowNorms | None = None
        self._smooth = Column()
        self._average = self._weight = 0.0
        self._forget()
        self.map.row_clicked.connect(self._go_to_row)
        self.map.column_clicked.connect(self._show_step)
        self.loss.hovered.connect(self.score.set_crosshair)
        session.runner.events.connect(self.show_events)
        session.runner.changed.connect(self.show_state)
        session.changed.connect(self._show_note)
        session.selection_changed.connect(self._show_selection)

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
        history = self._session.runner.history
        self._extend_smooth(history.losses)
        steps = history.steps
        if len(steps):
            self.loss.set_series("train", steps, history.losses, "raw")
            self.loss.set_series("train", steps, self._smooth.values, "smooth")
        self._show_figures()
        if self._rows is not None and history.norms.shape[1]:
            self.map.set_data(self._rows.rows.names, history.norm_steps, self._rows.update(history))

    def _take(self, event: Event) -> None:
        if isinstance(event, Started):
            self._rows = RowNorms(rows_of(event))
            total = event.epochs * event.steps_per_epoch
            self.loss.set_range(total)
            self.score.set_range(total)
        elif isinstance(event, Steered):
            words = f"{event.name} {scientific(event.before, 1)} → {scientific(event.after, 1)}"
            self.loss.add_event(event.step, words)
        elif isinstance(event, Failed):
            self.card.show_problem("danger", event.message, event.hint)
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
        steps, values = history.figure("val_loss")
        if len(steps):
            self.loss.set_series("validation", steps, values, "validation")
        names = [n for n in history.figure_names if n.startswith("val_") and n != "val_loss"]
        if not names:
            return
        measured = names[0].removeprefix("val_")
        self.score.set_title(measured.replace("_", " ").capitalize())
        for name, key, part in (("train", f"train_{measured}", "epoch"), ("validation", names[0], "validation")):
            steps, values = history.figure(key)
            if len(steps):
                self.score.set_series(name, steps, values, part)  # type: ignore[arg-type]

    def _extend_smooth(self, losses: np.ndarray) -> None:
        """An exponential average without the bias towards its beginning, continued where it was left."""
        fresh = losses[len(self._smooth) :]
        if not len(fresh):
            return
        values: np.ndarray = np.empty(len(fresh), np.float32)
        for index, loss in enumerate(fresh.tolist()):
            self._average = SMOOTHING * self._average + (1 - SMOOTHING) * loss
            self._weight = SMOOTHING * self._weight + (1 - SMOOTHING)
            values[index] = self._average / self._weight
        self._smooth.append(values)

    def _forget(self) -> None:
        self._run = self._rows = None
        self._smooth, self._average, self._weight = Column(), 0.0, 0.0
        self.loss.clear()
        self.score.clear()
        self.map.set_data([], np.empty(0), np.empty((0, 0)))
        self.card.hide()

    def _show_note(self) -> None:
        runner = self._session.runner
        edited = runner.run is not None and runner.edited_since(self._session.project)
        self.note.setText("The model was edited since this run began." if edited else "")
        self.note.setVisible(edited)

    def _go_to_row(self, row: int) -> None:
        if self._rows is None or not self._rows.rows.nodes[row]:
            return
        block, node = self._rows.rows.nodes[row][-1]
        self._session.reveal(block, node)
        self.map.select_row(row)

    def _show_step(self, step: int) -> None:
        self.loss.set_crosshair(step)
        self.score.set_crosshair(step)

    def _show_selection(self) -> None:
        if self._rows is None:
            return
        chosen = {(self._session.block_id, node) for node in self._session.selection}
        rows = [i for i, path in enumerate(self._rows.rows.nodes) if path and path[-1] in chosen]
        self.map.select_row(rows[0] if rows else None)

    def _plots(self) -> QWidget:
        page = QWidget()
        space = metrics().space
        self.loss.setFixedWidth(LOSS_WIDTH)
        self.score.setFixedWidth(METRIC_WIDTH)
        line = QHBoxLayout()
        line.setSpacing(space.xl)
        line.addWidget(self.loss)
        line.addWidget(self.score)
        line.addWidget(self.map, 1)
        box = QVBoxLayout(page)
        box.setContentsMargins(space.l, space.m, space.l, space.s)
        box.setSpacing(space.xs)
        box.addWidget(self.card)
        box.addWidget(self.note)
        box.addLayout(line, 1)
        return page

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.score.setVisible(self.width() >= NARROW)
        self.map.setVisible(self.width() >= NARROWEST)
