"""A sweep: what is tried, the runs as they come, and how their figures lie over the options."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QPlainTextEdit,
    QSpinBox,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from engine.document.edits import Batch
from engine.document.project import Project
from engine.errors import EngineError
from engine.training.store_options import options_of
from engine.training.sweep import METHODS, Method, Plan, Sweep, Trial, size_of
from engine.training.sweep_axes import Axis, at, axis_of, number
from gui.dialogs.base import Dialog
from gui.plots.axis import reading
from gui.plots.parallel import ParallelPlot
from gui.plots.trials import ScatterOfTrials
from gui.session import Session
from gui.style import indent
from gui.theme import metrics
from gui.widgets import NamedComboBox, label

DRAIN_MS = 100
MOST_TRIALS = 10_000
TITLES = {"grid": "Every combination", "random": "At random", "tpe": "Where it was good (Optuna)"}
WORDS = "Every line is an option with what is tried: 32, 64, 128 or 1e-4..1e-1:log. Every trial is kept among the runs."
FIGURES = ("val_loss", "val_accuracy", "loss")


class SweepDialog(Dialog):
    """Stays open beside the work. Leaving it ends the sweep; its runs are kept. begun(): the sweep has begun."""

    begun = Signal()

    def __init__(self, session: Session, why_not: Callable[[], str], parent: QWidget) -> None:
        super().__init__("Sweep", WORDS, parent)
        self.setFixedWidth(2 * metrics().popup.dialog_w)
        self._session, self._why_not = session, why_not
        self._project: Project = session.project
        self._sweep: Sweep | None = None
        self._axes: tuple[Axis, ...] = ()
        self.trials: dict[int, Trial] = {}
        self.over = QPlainTextEdit()
        self.over.setAccessibleName("What is tried")
        self.over.setTabChangesFocus(True)
        self.over.setProperty("field", True)
        self.over.setFixedHeight(3 * metrics().control.row)
        self.options = NamedComboBox()
        self.options.setAccessibleName("Add an option")
        self.options.addItem("Add an option…")
        self.options.addItems(sorted(suggestions(self._project)))
        self.options.activated.connect(self._add_option)
        self.method, self.count, self.parallel = NamedComboBox(), QSpinBox(), QSpinBox()
        self.figure, self.maximize, self.prune = NamedComboBox(), QCheckBox("the larger the better"), QCheckBox()
        self.prune.setText("Give up runs that are worse than the median")
        self.note = label("", "small", "secondary")
        self.note.setWordWrap(True)
        self.table, self.parallel_plot, self.scatter = QTreeWidget(), ParallelPlot(), ScatterOfTrials()
        self._fill()
        self._lay_out()
        self.start = self.add_action("Start", self.begin, "primary")
        self.apply = self.add_action("Take over the best", self.take_over)
        self.apply.setEnabled(False)
        self.leave = self.leave_button()
        self._timer = QTimer(self, interval=DRAIN_MS)
        self._timer.timeout.connect(self.drain)
        self.finished.connect(self._timer.stop)
        self.finished.connect(self.stop)

    def begin(self) -> None:
        """Start the sweep, or stop the one that goes on; what is wrong with it is said."""
        if self._sweep is not None and self._timer.isActive():
            self._sweep.stop()
            return
        if reason := self._why_not():
            self.note.setText(reason)
            return
        try:
            self._axes = tuple(axis_of(line) for line in self.over.toPlainText().splitlines() if line.strip())
            self._project = self._session.project
            runner = self._session.runner
            self._sweep = Sweep(
                self._project, self.plan(), runs_dir=runner.runs_dir, mode=runner.mode, trusted=self._session.trusted
            )
        except EngineError as error:
            self.note.setText(str(error))
            return
        self.trials = {}
        self.table.clear()
        self._sweep.start()
        self.begun.emit()
        self._timer.start()
        self.start.setText("Stop")
        self.apply.setEnabled(False)
        self._show()

    def plan(self) -> Plan:
        """What was chosen."""
        method: Method = METHODS[self.method.currentIndex()]
        trials = min(self.count.value(), size_of(self._axes)) if method == "grid" else self.count.value()
        return Plan(
            self._axes,
            method,
            max(1, trials),
            self.figure.currentText().strip() or FIGURES[0],
            self.maximize.isChecked(),
            self.parallel.value(),
            self.prune.isChecked(),
        )

    def stop(self) -> None:
        """End what goes on."""
        if self._sweep is not None:
            self._sweep.stop()

    def drain(self) -> None:
        """Take in what the trials have told."""
        assert self._sweep is not None
        fresh, is_over = self._sweep.drain()
        for trial in fresh:
            self.trials[trial.number] = trial
        if fresh or is_over:
            self._show()
        if is_over:
            self._timer.stop()
            self.start.setText("Start")

    def take_over(self) -> None:
        """Give the project the options of the best trial, as one step."""
        best = self._sweep.best() if self._sweep else None
        if best is None:
            return
        if self._session.apply(Batch("Take over the best of a sweep", (partial(at, point=best.point),))):
            self.note.setText("The project has the options of the best trial now. Undo takes them back.")

    def _show(self) -> None:
        best = self._sweep.best() if self._sweep else None
        trials = sorted(self.trials.values(), key=lambda trial: trial.number)
        names = [axis.path for axis in self._axes]
        self.table.setHeaderLabels(["Trial", *(name.removeprefix("recipe.") for name in names), "Epoch", "Figure", ""])
        while self.table.topLevelItemCount() < len(trials):
            self.table.addTopLevelItem(QTreeWidgetItem())
        for place, trial in enumerate(trials):
            figure = "" if trial.value is None else reading(trial.value)
            state = "best" if best is not None and trial.number == best.number else trial.message or trial.state
            cells = [str(trial.number), *(trial.point[name] for name in names), str(trial.epoch), figure, state]
            item = self.table.topLevelItem(place)
            for column, text in enumerate(cells):
                if item is not None and item.text(column) != text:
                    item.setText(column, text)
        rows = [(*(number(trial.point[name]) for name in names), trial.value) for trial in trials]
        found = next((i for i, t in enumerate(trials) if best is not None and t.number == best.number), None)
        short = [name.rpartition(".")[2] for name in names]
        self.parallel_plot.show_rows([*short, self.figure.currentText()], rows, found)
        self.scatter.show_rows([*short, self.figure.currentText()], rows, found)
        self.apply.setEnabled(best is not None)
        over = sum(trial.state != "running" for trial in trials)
        words = f"{over} of {self._sweep.plan.trials} runs are over." if self._sweep else ""
        if best is not None and best.value is not None:
            words += f" The best has {self.figure.currentText()} {reading(best.value)}."
        self.note.setText(words)

    def _add_option(self, index: int) -> None:
        if index:
            before = self.over.toPlainText().rstrip()
            line = suggestions(self._project)[self.options.itemText(index)]
            self.over.setPlainText(f"{before}\n{line}".strip())
            self.options.setCurrentIndex(0)

    def _fill(self) -> None:
        found = suggestions(self._project)
        first = next((path for path in ("recipe.optimizer.lr", "recipe.batch_size") if path in found), "")
        self.over.setPlainText(found.get(first, ""))
        self.method.addItems([TITLES[method] for method in METHODS])
        self.method.setCurrentIndex(METHODS.index("random"))
        self.figure.setEditable(True)
        metrics_of = [f"val_{metric.key.lower()}" for metric in self._project.recipe.metrics]
        self.figure.addItems(list(dict.fromkeys((FIGURES[0], *metrics_of, FIGURES[2]))))
        for box, name, most, value in (
            (self.count, "Trials", MOST_TRIALS, 20),
            (self.parallel, "Runs at a time", 64, 1),
        ):
            box.setRange(1, most)
            box.setValue(value)
            box.setAccessibleName(name)
            indent(box)
        self.method.setAccessibleName("How points are chosen")
        self.figure.setAccessibleName("The figure that counts")
        self.table.setAccessibleName("Trials")
        self.table.setHeaderLabels(["Trial", "Epoch", "Figure", ""])
        self.table.setRootIsDecorated(False)
        self.table.setProperty("dense", True)
        self.table.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.currentItemChanged.connect(self._select)
        self.parallel_plot.chosen.connect(self._choose)

    def _select(self) -> None:
        item = self.table.currentItem()
        self.parallel_plot.select(self.table.indexOfTopLevelItem(item) if item is not None else None)

    def _choose(self, row: int) -> None:
        if item := self.table.topLevelItem(row):
            self.table.setCurrentItem(item)

    def _lay_out(self) -> None:
        space = metrics().space
        form = QFormLayout()
        form.setSpacing(space.s)
        figure, ways = QHBoxLayout(), QHBoxLayout()
        figure.addWidget(self.figure)
        figure.addWidget(self.maximize)
        ways.addWidget(self.method)
        ways.addWidget(self.count)
        ways.addWidget(label("trials", "small", "secondary"))
        ways.addWidget(self.parallel)
        ways.addWidget(label("at a time", "small", "secondary"))
        ways.addStretch(1)
        form.addRow(label("Tried", "small", "secondary"), self.over)
        form.addRow("", self.options)
        form.addRow(label("Points", "small", "secondary"), ways)
        form.addRow(label("Figure", "small", "secondary"), figure)
        form.addRow("", self.prune)
        self.body.addLayout(form)
        self.body.addWidget(self.note)
        views = QHBoxLayout()
        views.setSpacing(space.m)
        views.addWidget(self.parallel_plot, 3)
        views.addWidget(self.scatter, 2)
        self.body.addLayout(views)
        self.table.setFixedHeight(6 * metrics().control.row)
        self.body.addWidget(self.table)


def suggestions(project: Project) -> dict[str, str]:
    """Options that can be swept, each with a line that tries values around its own."""
    found = {}
    for path, value in options_of(project).items():
        path = path if path.startswith("params.") else f"recipe.{path}"
        if isinstance(value, bool):
            found[path] = f"{path}=true,false"
        elif isinstance(value, int) and value > 0:
            found[path] = f"{path}={max(1, value // 4)}..{value * 4}"
        elif isinstance(value, float) and value > 0:
            span = f"{value / 10:.3g}..{value * 10:.3g}:log" if value < 0.1 else f"0.0..{value * 2:.3g}"
            found[path] = f"{path}={span}"
    return found
