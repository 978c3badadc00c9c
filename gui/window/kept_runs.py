"""What can be done with the runs that are kept: opened, compared, made again, described, written out, deleted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from engine.document.files import load
from engine.document.project import Project
from engine.errors import EngineError, FileError
from engine.training.store import RunRecord, Store
from engine.training.store_csv import write_curves, write_table
from gui.actions import Command
from gui.canvas.changes import Changes
from gui.figures import plural
from gui.glyphs import bind_icon
from gui.outside import open_outside
from gui.preferences import Preferences
from gui.session import Session
from gui.style import round_popup
from gui.window.bottom import RUNS, Bottom, Tab

CSV_FILTER = "Tables (*.csv);;All files (*)"
NONE_CHOSEN = "Select a run in the tab Runs."
TWO_WANTED = "Select two runs in the tab Runs."
UNDO = "Undo delete"  # not "Undo": an edit of the network takes nothing away from it
Open = Callable[[Project, str, Callable[[], object]], object]


class KeptRuns(QObject):
    """Between the commands and the panel. `commands` are those of its menu, as the table of commands has them."""

    def __init__(self, session: Session, bottom: Bottom, preferences: Preferences, desk: QWidget) -> None:
        super().__init__(desk)
        self._session, self._bottom, self._preferences, self._desk = session, bottom, preferences, desk
        self.commands: list[Command] = []
        self.menu: QMenu | None = None
        bottom.runs_made.connect(self._take)

    def _take(self, panel: Any) -> None:
        panel.menu_wanted.connect(self.open_menu)
        panel.delete_wanted.connect(self.delete)
        panel.open_wanted.connect(lambda: self._do("runs.open"))
        panel.chosen_changed.connect(self._session.runner.changed)  # what can be done may be another thing now

    # What is chosen

    @property
    def panel(self) -> Any:
        """The panel of all runs; None while nobody has seen it."""
        return self._bottom.page(Tab.RUNS)

    @property
    def store(self) -> Store:
        return self.panel.store if self.panel else Store(self._preferences.runs_folder)

    def chosen(self) -> list[RunRecord]:
        """The selected runs."""
        return self.panel.chosen() if self.panel else []

    def why_not_one(self) -> str:
        return "" if len(self.chosen()) == 1 else NONE_CHOSEN if not self.chosen() else "Select one run."

    def why_not_any(self) -> str:
        return "" if self.chosen() else NONE_CHOSEN

    def why_not_two(self) -> str:
        return "" if len(self.chosen()) == 2 else TWO_WANTED

    def why_not_table(self) -> str:
        return "" if self.panel and self.panel.shown()[0] else "No run is shown."

    def show(self) -> None:
        """Bring the table to the front, with the keys on it."""
        self._bottom.show_tab(RUNS)
        if self.panel:
            self.panel.table.setFocus()

    def open_menu(self, at: QPoint) -> None:
        """What can be done with the selected runs, at a point of the screen; what cannot be done now is left out."""
        menu = round_popup(QMenu(self._desk))
        for command in self.commands:
            if command.first:
                menu.addSeparator()
            if command.why_not():
                continue
            action = QAction(command.text, menu)
            if command.icon:
                bind_icon(action, command.icon)
            action.triggered.connect(lambda _=False, call=command.call: call())
            menu.addAction(action)
        menu.aboutToHide.connect(menu.deleteLater)
        self.menu = menu
        menu.popup(at)

    # Looking at one

    def open(self, open_copy: Open) -> None:
        """Open the project of the selected run, as a new one that belongs to no file."""
        run = self.chosen()[0]
        self._with_project(run, lambda project: open_copy(project, run.name, _nothing))

    def again(self, open_copy: Open, train: Callable[[], object]) -> None:
        """Train the very project of the selected run, with its seed; it is on the canvas while it is trained."""
        run, session = self.chosen()[0], self._session

        def begin(project: Project) -> None:
            here = session.project
            if project.blocks == here.blocks and project.recipe == here.recipe:
                train()
            elif session.trust.allows(project):
                open_copy(project, run.name, train)
            else:
                open_copy(project, run.name, _nothing)  # whether its code may run is asked first

        self._with_project(run, begin)

    def compare_canvas(self, changes: Changes) -> None:
        """Mark on the canvas what differs there from the selected run."""
        run = self.chosen()[0]
        self._with_project(run, lambda project: changes.show_since(project, f"Against {run.name} {run.id[-3:]}"))

    def compare(self) -> None:
        """Hold the two selected runs side by side, the earlier one first."""
        from gui.window.run_diff import RunDiff

        first, second = (run.id for run in sorted(self.chosen(), key=lambda run: (run.created, run.number)))
        work = partial(_compared, self.store, first, second)
        self._submit("comparison of runs", work, lambda found: RunDiff(found, self._desk.window()).open())

    def script(self) -> None:
        """Show the script that the selected run executed."""
        from gui.window.run_script import RunScript

        run, path = self.chosen()[0], self.store.replay_path(self.chosen()[0].id)
        show = partial(self._show_text, run, path, RunScript)
        self._submit("script of a run", partial(_text_of, path), show)

    def _show_text(self, run: RunRecord, path: Path, kind: Any, text: str) -> None:
        kind(run.name, path, text, self._desk.window()).open()

    def folder(self) -> None:
        """Show the folder of the selected run in the system's own browser of files."""
        open_outside(self.store.folder_of(self.chosen()[0].id))

    # Changing them

    def edit(self, field: str) -> None:
        """Write another name, other tags or notes of the selected run."""
        self.panel.edit_field(field)

    def delete(self) -> None:
        """Put the selected runs into the trash, from which a click brings them back, and for a week a command."""
        store, ids = self.store, [run.id for run in self.chosen()]
        names = self.chosen()[0].name if len(ids) == 1 else plural(len(ids), "run")

        def tell(_: object) -> None:
            self._look()
            self._session.message.emit(f"Deleted {names}", UNDO, lambda: self._restore(store, ids))

        self._submit("trash", partial(store.delete, ids), tell)

    def restore_last(self) -> None:
        """Bring back what was deleted last."""
        self._submit("trash", partial(_restore_last, self.store), self._tell_restored)

    def _restore(self, store: Store, ids: Sequence[str]) -> None:
        self._submit("trash", partial(store.restore, ids), lambda _: self._look())

    def _tell_restored(self, count: int) -> None:
        self._look()
        self._session.message.emit(
            f"Brought back {plural(count, 'run')}." if count else "No run is in the trash.", "", None
        )

    # Writing them out

    def export_table(self) -> None:
        """Write the runs that are shown, with the columns that are, as a table."""
        records, keys = self.panel.shown()
        self._ask("Export the table of runs", "runs.csv", lambda file: write_table(records, keys, file))

    def export_curves(self) -> None:
        """Write every loss and figure of the selected runs."""
        store, ids = self.store, [run.id for run in self.chosen()]
        self._ask("Export the curves of the runs", "curves.csv", lambda file: write_curves(store, ids, file))

    def write_events(self) -> None:
        """Write the losses and figures of the selected runs for TensorBoard."""
        from engine.training.tensorboard_files import write_run

        store, ids = self.store, [run.id for run in self.chosen()]
        line = f'tensorboard --logdir "{store.folder}"'
        copy = partial(QGuiApplication.clipboard().setText, line)
        words = f"Wrote TensorBoard files of {plural(len(ids), 'run')}"
        told = partial(self._session.message.emit, words, "Copy command", copy)
        self._submit("TensorBoard files", lambda: [write_run(store, run) for run in ids], lambda _: told())

    def _ask(self, title: str, name: str, write: Callable[[TextIO], object]) -> None:
        path = self._session.file.path
        dialog = QFileDialog(self._desk.window(), title, str(path.parent if path else Path.cwd()), CSV_FILTER)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        dialog.selectFile(name)
        dialog.fileSelected.connect(lambda chosen: self.write(Path(chosen), write))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def write(self, path: Path, write: Callable[[TextIO], object]) -> None:
        """Write a file, away from this thread, and say so."""
        show = partial(open_outside, path.parent)
        told = partial(self._session.message.emit, f"Wrote {path.name}", "Show folder", show)
        self._submit(f"file {path}", partial(_write, path, write), lambda _: told())

    # Within

    def _with_project(self, run: RunRecord, then: Callable[[Project], object]) -> None:
        self._submit("project of a run", partial(load, self.store.project_path(run.id)), then)

    def _submit(self, lane: str, work: Callable[[], Any], done: Callable[[Any], object]) -> None:
        self._session.background.submit(lane, work, done, self._complain)

    def _complain(self, error: Exception) -> None:
        if not isinstance(error, EngineError):
            raise error
        self._session.message.emit(str(error), "", None)

    def _look(self) -> None:
        if self.panel:
            self.panel.look()

    def _do(self, name: str) -> None:
        command = next(c for c in self.commands if c.id == name)
        if not command.why_not():
            command.call()


def _nothing() -> None:
    """Nothing is to be done after it."""


def _compared(store: Store, first: str, second: str) -> Any:
    from engine.training.store_compare import compare_runs

    return compare_runs(store, first, second)


def _restore_last(store: Store) -> int:
    """Raises: FileError."""
    thrown = store.list(deleted=True)
    newest = max((run.deleted for run in thrown), default="")
    found = [run.id for run in thrown if run.deleted == newest]
    store.restore(found)
    return len(found)


def _text_of(path: Path) -> str:
    """Raises: FileError."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise FileError(
            f"The run kept no script: {error.strerror or error}.", "It failed before one was made."
        ) from error


def _write(path: Path, write: Callable[[TextIO], object]) -> None:
    """Raises: FileError."""
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            write(file)
    except OSError as error:
        raise FileError(f"{path.name} was not written: {error.strerror or error}.", "Choose another place.") from error
