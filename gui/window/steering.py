"""Steering from the window: the form, freezing from the canvas, undoing a change, and the script of a steered run."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from engine.document.files import write_whole
from engine.errors import EngineError
from engine.training.events import Event, NodePath, Steered
from engine.training.steering_wish import WORDS, phase_of
from engine.training.steering_words import words_of
from gui.dialogs.run_script import RunScriptDialog
from gui.outside import open_outside
from gui.panels.steer import SteerPanel
from gui.runner import Runner
from gui.session import Session
from gui.window.desk import Desk

SERIES_SECONDS = 6.0  # changes of one thing that follow one another sooner are undone together
PREPARING = "The run is being prepared."


class Steering(QObject):
    """Between the commands, the form and the runner."""

    def __init__(self, session: Session, desk: Desk) -> None:
        super().__init__(desk)
        self._session, self._desk = session, desk
        self.panel = SteerPanel(session, desk.canvases)
        self.panel.export_wanted.connect(self.ask_export)
        self._series: tuple[str, NodePath, float, float] | None = None
        session.runner.events.connect(self._follow)

    @property
    def _runner(self) -> Runner:
        return self._session.runner

    def open(self, opener: QWidget | None = None) -> None:
        """The form with everything that can be changed, or put it away."""
        if self.panel.isVisible() and self.panel.isAncestorOf(self._desk.window().focusWidget() or self._desk):
            self.panel.close_panel()
        else:
            self.panel.open_at(opener)

    def freeze(self) -> None:
        """Freeze what is selected in the run, or let it learn again if all of it is frozen."""
        paths = self._chosen()
        wanted = 0.0 if self._all_frozen(paths) else 1.0
        for path in paths:
            self._runner.steer("frozen", wanted, node=path)

    def freeze_words(self) -> str:
        """What `freeze` would do now."""
        frozen = not self.why_not() and self._all_frozen(self._chosen())
        return "Unfreeze in the running training" if frozen else "Freeze in the running training"

    def why_not(self) -> str:
        """Why nothing can be steered now."""
        if not self._runner.active:
            return "Nothing is being trained."
        return "" if self._runner.history.steering.is_known else PREPARING

    def why_not_freeze(self) -> str:
        if why := self.why_not():
            return why
        log = self._runner.history.steering
        if refused := log.refused.get("frozen"):
            return refused[0]
        if not self._desk.canvas.session.selection:
            return "No layer is selected."
        return "" if self._chosen() else "Nothing that is selected learns in this run."

    def dropout(self) -> None:
        """The form, at the dropout of what is selected."""
        self.panel.open_dropout(self._with_dropout()[0])

    def why_not_dropout(self) -> str:
        if why := self.why_not():
            return why
        if len(self._desk.canvas.session.selection) != 1:
            return "Select one layer."
        return "" if self._with_dropout() else "What is selected leaves nothing out in this run."

    def _with_dropout(self) -> list[NodePath]:
        log = self._runner.history.steering
        return [path for path in self._paths() if log.dropouts_of(path)]

    def why_not_export(self) -> str:
        run = self._runner.run
        if run is None:
            return "Nothing was trained yet."
        return "" if (run.folder / "script.py").exists() else PREPARING

    def ask_export(self) -> None:
        """Ask where the script of the run is to be written."""
        if self._runner.run is not None:
            name = f"{self._runner.run.run_id}.py"
            folder = self._session.file.path.parent if self._session.file.path else Path.cwd()
            is_steered = bool(self._runner.history.steering.changes)
            RunScriptDialog(folder / name, is_steered, self._export, self._desk).open()

    def _export(self, path: Path) -> None:
        run = self._runner.run
        if run is None:
            return
        try:
            write_whole(run.store.script_text(run.run_id), path)
        except (EngineError, OSError) as error:
            self._session.message.emit(str(error), "", None)
            return
        show = partial(open_outside, path.parent)
        self._session.message.emit(f"Wrote {path.name}", "Show folder", show)

    def _chosen(self) -> list[NodePath]:
        """The selected layers that learn in the run, by their ways from the main block."""
        return [path for path in self._paths() if self._runner.history.steering.learns(path)]

    def _paths(self) -> list[NodePath]:
        session = self._desk.canvas.session
        way, block = tuple((str(block), str(node)) for block, node in session.way), str(session.block_id)
        return [(*way, (block, str(node))) for node in session.selection]

    def _all_frozen(self, paths: list[NodePath]) -> bool:
        log = self._runner.history.steering
        return bool(paths) and all(log.is_frozen(path) for path in paths)

    def _follow(self, events: list[Event]) -> None:
        """Offer to take back what was asked for here."""
        mine = [e for e in events if isinstance(e, Steered) and self._runner.asked(e)]
        if not mine:
            return
        last, now = mine[-1], time.monotonic()
        first = next(e for e in mine if (e.name, e.node) == (last.name, last.node))
        before = first.before
        if self._series is not None and self._series[:2] == (last.name, last.node) and now < self._series[3]:
            before = self._series[2]
        self._series = (last.name, last.node, before, now + SERIES_SECONDS)
        project = self._runner.run.project if self._runner.run is not None else None
        said = words_of(Steered(last.step, last.name, before, last.after, last.node), project)
        alike = [e for e in mine if e.name == last.name == "frozen" and e.after == last.after]
        if len(alike) > 1:
            said = f"{'Froze' if last.after else 'Unfroze'} {len(alike)} layers"
        said = said.replace("lr ", f"{WORDS['lr']} ", 1) if phase_of(last.name)[1] == "lr" else said
        self._session.message.emit(said[0].upper() + said[1:], "Steer back", partial(self._steer_back, before, mine))

    def _steer_back(self, before: float, mine: list[Steered]) -> None:
        last = mine[-1]
        for event in mine if last.name == "frozen" else [last]:
            phase, option = phase_of(event.name)
            value = event.before if option == "frozen" else before
            self._runner.steer(option, value, phase, event.node)  # type: ignore[arg-type]
        self._series = None
