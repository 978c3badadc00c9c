"""The curves of a run, as they go into the plots: losses by step and epoch, rates, speed, and what happened when."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from engine.document.project import Project
from engine.training.events import Checkpointed, Ended, Event, Failed, Paused, Resumed, Started, Steered
from engine.training.history import History
from engine.training.run import TrainingRun
from engine.training.steering_words import words_of
from gui.habits import Habits
from gui.panels.other_runs import OtherRuns
from gui.plots.curve import CurvePlot
from gui.plots.options import CurveOptions

SMOOTH_SHARE = 1 / 40  # of the planned steps: what the smoothed curve looks back over
SMOOTH_SPAN = (4, 200)  # steps, the least and the most
SPEED_COLOUR = 4
SPEED = "samples/s"
PHASE_RATE_COLOUR = 5


def keep_for(total: int) -> float:
    """The share of the average that is left one step later, for a run of so many steps."""
    least, most = SMOOTH_SPAN
    return 1 - 1 / min(max(total * SMOOTH_SHARE, least), most)


def marker_of(event: Event, steps_per_epoch: int, project: Project | None = None) -> tuple[int, str] | None:
    """The step and the words with which an event is marked on the curves, "" for a mark alone; None for no mark."""
    if isinstance(event, Started) and event.parent:
        return (event.first_step, "goes on") if event.first_step else (1, f"weights of step {event.parent_step}")
    if isinstance(event, Steered):
        return event.step, words_of(event, project)
    if isinstance(event, Paused):
        return event.step, "paused"
    if isinstance(event, Checkpointed):
        step = int(getattr(event, "step", 0)) or event.epoch * steps_per_epoch
        return step, event.name or {"hand": "checkpoint"}.get(event.kind, "")
    return None


class LossCurves:
    """Feeds the loss plot from a run's history, and its menu with what can be shown beside the loss."""

    def __init__(self, plot: CurvePlot, others: OtherRuns, habits: Habits) -> None:
        self._plot, self._others, self._habits = plot, others, habits
        self._phases: tuple[str, ...] = ()
        self._started: Started | None = None
        self._history: History | None = None
        self._keep = 0.0
        self._shown = {name for name in ("rate", "speed") if habits.choice(f"loss/{name}") == "yes"}
        remember(plot, "loss", habits)
        plot.menu.more += [self._offer, others.offer]
        others.changed.connect(self._show_others)

    def begin(self, event: Started) -> None:
        """Curves for a run that begins."""
        self._started, self._phases = event, event.phases
        self._keep = keep_for(event.epochs * event.steps_per_epoch)
        self._others.begin(event.run_id)

    def forget(self) -> None:
        """No run, no curves."""
        self._started, self._history, self._phases = None, None, ()

    def mark(self, event: Event, run: TrainingRun | None = None) -> None:
        """Show on the curves what happened in this run."""
        if self._started is None or isinstance(event, Ended | Failed | Resumed):
            return
        found = marker_of(event, self._started.steps_per_epoch, run.project if run is not None else None)
        if found is not None:
            step, words = found
            self._plot.add_event(step, words) if words else self._plot.add_tick(step)

    def show(self, history: History) -> None:
        """Bring the plot up to date."""
        self._history = history
        if not len(history.loss) or self._started is None:
            return
        logs = history.parts or (history.loss,)
        for index, (name, log) in enumerate(zip(self._phases or ("train",), logs)):
            colour = index if self._phases else None
            self._plot.set_log(name, log, "raw", colour=colour)
            self._plot.set_log(name, log, "smooth", self._keep, colour)
            figure = f"val_{name}_loss" if self._phases else "val_loss"
            steps, values = history.figure(figure)
            if len(steps):
                self._plot.set_series(name if self._phases else "validation", steps, values, "validation", colour)
        self._show_beside(history)

    def _show_beside(self, history: History) -> None:
        names = [f"{phase} rate" for phase in self._phases] or ["learning rate"]
        for index, (name, log) in enumerate(zip(names, history.rates)):
            if "rate" in self._shown:
                self._plot.set_log(name, log, "learning_rate", colour=PHASE_RATE_COLOUR + index if index else None)
            else:
                self._plot.remove(name)
        if "speed" in self._shown:
            self._plot.set_log(SPEED, history.speed, "learning_rate", colour=SPEED_COLOUR)
        else:
            self._plot.remove(SPEED)

    def _offer(self, menu: QMenu) -> None:
        for name, title in (("rate", "Learning rate"), ("speed", "Samples per second")):
            action = QAction(title, menu, checkable=True, checked=name in self._shown)
            action.toggled.connect(partial(self._switch, name))
            menu.addAction(action)

    def _switch(self, name: str, shown: bool) -> None:
        (self._shown.add if shown else self._shown.discard)(name)
        self._habits.choose(f"loss/{name}", "yes" if shown else "no")
        if self._history is not None:
            self._show_beside(self._history)

    def _show_others(self) -> None:
        for name in self._others.gone():
            self._plot.remove(name)
        for run in self._others.shown():
            self._plot.set_log(run.title, run.loss, "other", colour=run.colour)


def remember(plot: CurvePlot, name: str, habits: Habits) -> None:
    """Look at a plot as one did the last time, and keep how one does."""
    found = {field: habits.choice(f"{name}/{field}") for field in ("values", "steps", "smoothing")}
    try:
        smoothing = float(found["smoothing"]) if found["smoothing"] else None
    except ValueError:
        smoothing = None
    known = ("auto", "linear", "log")
    scales = {field: found[field] for field in ("values", "steps") if found[field] in known}
    plot.set_options(CurveOptions(smoothing=smoothing, **scales))  # type: ignore[arg-type]

    def keep(options: CurveOptions) -> None:
        for field, value in asdict(options).items():
            habits.choose(f"{name}/{field}", "" if value is None else str(value))

    plot.options_changed.connect(keep)
