"""Opening, saving and leaving projects, with the questions that belong to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from engine.document import recent
from engine.document.autosave import Recovery
from engine.document.files import SUFFIX, load
from engine.document.project import Project
from engine.errors import EngineError
from gui.dialogs.base import Dialog, ask
from gui.outside import open_outside
from gui.session import Session
from gui.window.file_dialog import file_dialog
from gui.window.noticing import Noticing
from gui.window.projects import Projects
from gui.window.workplace import Workplace

EXAMPLES = Path(__file__).parent.parent.parent / "resources" / "examples"
MODE = QFileDialog.FileMode


class Files(QObject):
    """Asks before anything is lost. opened(): another project is on the desk. brought(): one that was open already."""

    opened = Signal()
    brought = Signal()

    def __init__(self, projects: Projects, window: QWidget) -> None:
        super().__init__(window)
        self.projects, self._window = projects, window
        self.noticing = Noticing(projects, window)

    @property
    def _session(self) -> Session:
        """The project in front."""
        return self.projects.front.session

    def new(self) -> None:
        """Begin with an empty model."""
        self.projects.room()
        self.opened.emit()

    def open(self) -> None:
        """Choose files and open them."""
        dialog = file_dialog("Open projects", self._session.file.path, MODE.ExistingFiles, self._window)
        dialog.filesSelected.connect(lambda paths: self.open_paths(map(Path, paths)))
        dialog.open()

    def open_paths(self, paths: Iterable[Path]) -> None:
        """Open several files, the last in front; those that cannot be read are said over what one sees then."""
        refused = [error for path in paths if (error := self._open(path)) is not None]
        names = ", ".join(path.name for path, _ in refused)
        if refused:
            many = f"{len(refused)} files could not be opened: {names}."
            self._session.message.emit(many if len(refused) > 1 else str(refused[0][1]), "", None)

    def open_path(self, path: Path) -> None:
        """Open a file, or bring it to the front; one that cannot be read leaves everything as it was and says why."""
        self.open_paths([path])

    def _open(self, path: Path) -> tuple[Path, EngineError] | None:
        """Open a file, or bring it to the front. Returns: what cannot be read, and why."""
        path = path.absolute()
        index = self.projects.find(path)
        if path.parent == EXAMPLES:
            self.open_example(path)  # as a copy: examples stay as they are
        elif index is not None:
            self.projects.bring(index)
            self.brought.emit()
        elif (there := self._elsewhere(path)) is not None:
            there[0].show(there[1])
        else:
            try:
                project = load(path)
            except EngineError as error:
                recent.forget(path)
                return path, error
            self.projects.room(lambda session: session.file.hold(project, path))
            self.opened.emit()
        return None

    def open_example(self, path: Path) -> None:
        """Open a copy of an example, which belongs to no file yet."""
        if (project := self._read(path)) is not None:
            self.projects.room(lambda session: session.file.new(project, path.stem))
            self.opened.emit()

    def open_copy(self, project: Project, name: str, then: Callable[[], object]) -> None:
        """Open a project that belongs to no file yet, such as that of a run; then do something with it."""
        self.projects.room(lambda session: session.file.new(project, name))
        self.opened.emit()
        then()

    def open_example_named(self, name: str) -> None:
        """Open a copy of an example by its name."""
        self.open_example(EXAMPLES / f"{name}{SUFFIX}")

    def reopen(self, paths: Iterable[Path], front: Path | None = None) -> None:
        """Open the files of an earlier session again."""
        self.projects.restore(paths, front)
        self.opened.emit()

    def reopen_closed(self) -> None:
        """Open again what was closed last."""
        if self.projects.closed:
            self.open_path(self.projects.closed.pop())

    def why_not_reopen(self) -> str:
        return "" if self.projects.closed else "No file was closed in this window yet."

    def save(self, then: Callable[[], object] | None = None, of: Session | None = None) -> None:
        """Write the file of a project, of the one in front by default; the first time ask where."""
        session = of or self._session
        if session.file.path is None:
            self.save_as(then, session)
        else:
            self.write(session, session.file.path, then)

    def save_as(self, then: Callable[[], object] | None = None, of: Session | None = None) -> None:
        """Ask for a place and write the project there."""
        session = of or self._session
        dialog = file_dialog("Save the project", session.file.path, MODE.AnyFile, self._window)
        dialog.selectFile(session.file.name)
        dialog.fileSelected.connect(lambda path: self.write(session, Path(path), then))
        dialog.open()

    def write(self, session: Session, path: Path, then: Callable[[], object] | None = None) -> None:
        """Write a project into a file that is open nowhere else, and ask where another program has changed it."""
        index = self.projects.find(path)
        workplace = self.projects.entries[index].workplace if index is not None else None
        if index is not None and (workplace is None or workplace.session is not session):
            session.message.emit(f"{path.name} is open in another tab. Close that, or choose another name.", "", None)
        elif self._elsewhere(path) is not None and session.file.path != path:
            session.message.emit(f"{path.name} is open in another window. Choose another name.", "", None)
        else:
            session.file.save(path, then, lambda: self._ask_over(session, path, then))

    def _ask_over(self, session: Session, path: Path, then: Callable[[], object] | None) -> None:
        choices: list[tuple[str, str, Callable[[], object] | None]] = [
            ("Overwrite it", "danger", lambda: session.file.save(path, then)),
            ("Keep editing", "", None),
            ("Save as…", "primary", lambda: self.save_as(then, session)),
        ]
        ask(
            f"{path.name} was changed by another program",
            "It no longer holds what was opened or saved here. File → Compare with a file… shows what differs.",
            choices,
            self._window,
        )

    def _elsewhere(self, path: Path) -> tuple[Files, int] | None:
        """The window beside this one in which a file is open, and its tab."""
        for window in QApplication.topLevelWidgets():
            files = getattr(window, "files", None)
            if not isinstance(files, Files) or files is self or not window.isVisible():
                continue
            if (index := files.projects.find(path)) is not None:
                return files, index
        return None

    def show(self, index: int) -> None:
        """Bring a project of this window to the front, and the window with it."""
        self.projects.bring(index)
        self.brought.emit()
        self._window.raise_()
        self._window.activateWindow()

    def compare(self, show: Callable[[Project, str], object]) -> None:
        """Choose a file to hold the project against; it is read and not opened. show: project and name."""
        dialog = file_dialog("Compare with a project", self._session.file.path, MODE.ExistingFile, self._window)
        dialog.fileSelected.connect(lambda path: self.compare_with(Path(path), show))
        dialog.open()

    def compare_with(self, path: Path, show: Callable[[Project, str], object]) -> None:
        """Read a file and show what differs from it; one that cannot be read is said."""
        try:
            show(load(path), path.name)
        except EngineError as error:
            self._session.message.emit(str(error), "", None)

    def recover(self, recovery: Recovery) -> None:
        """Go on with what an earlier session left; its journal goes when this session has written its own."""
        try:
            project = recovery.project()
        except EngineError as error:
            self._session.message.emit(str(error), "", None)
            return
        original = recovery.original
        index = self.projects.find(original) if original is not None else None
        if index is not None:
            self.projects.bring(index)
        is_its_own = self._session.file.path is not None and self._session.file.path == original
        session = self._session if is_its_own and not self._session.file.dirty else self.projects.room()
        session.file.recover(project, original)
        recovery.discard()
        self.opened.emit()

    # Leaving

    def close(self, index: int | None = None) -> None:
        """Close a tab, the one in front by default; ask if something would be lost."""
        index = self.projects.index if index is None else index
        if not self.projects.close_unread(index):
            self.projects.bring(index)
            workplace = self.projects.front
            self.when_given_up(workplace, lambda: self._close(workplace))

    def close_others(self) -> None:
        """Close all tabs but the one in front; ask once if something would be lost."""
        projects = self.projects
        for index in reversed(range(len(projects.entries))):
            projects.close_unread(index)
        others = [workplace for workplace in projects.workplaces() if workplace is not projects.front]

        def close() -> None:
            for workplace in others:
                self._close(workplace)

        if others:
            self.when_all_given_up(others, close)

    def copy_path(self) -> None:
        """Where the file of the project in front is, on the clipboard."""
        QGuiApplication.clipboard().setText(str(self._session.file.path))

    def read_again(self) -> None:
        """Take over what the file of the project in front holds now."""
        self._session.file.read_again()

    def reveal(self) -> None:
        """Show the folder of the file in the system's own browser of files."""
        path = self._session.file.path
        if path is not None:
            open_outside(path.parent)

    def when_given_up(self, workplace: Workplace, then: Callable[[], object]) -> Dialog | None:
        """Do something that ends a project's run and forgets what is not saved, or ask. Returns: the question."""
        session = workplace.session
        if not session.runner.active:
            return self.when_kept("Closing", then, session)
        return ask(
            f"Closing stops the training of {session.file.name}",
            "What it has learned so far is kept with its run.",
            [
                ("Stop and close", "danger", lambda: self.when_kept("Closing", then, session)),
                ("Keep training", "", None),
            ],
            self._window,
        )

    def when_all_given_up(self, workplaces: list[Workplace], then: Callable[[], object]) -> Dialog | None:
        """Do something that gives all of these projects up, or ask once. Returns: the question."""
        dirty = [w.session for w in workplaces if w.session.file.dirty]
        running = [w for w in workplaces if w.session.runner.active]
        if len(workplaces) == 1 or (not dirty and len(running) == 1):
            return self.when_given_up((running or workplaces)[0], then)
        if not dirty and not running:
            then()
            return None
        if not dirty:
            names = ", ".join(w.session.file.name for w in running)
            stop_or_not = [("Stop and close", "danger", then), ("Keep training", "", None)]
            return ask(f"Closing stops {len(running)} runs", names, stop_or_not, self._window)
        if len(dirty) == 1 and not running:
            return self.when_kept("Closing", then, dirty[0])
        many = "1 project" if len(dirty) == 1 else f"{len(dirty)} projects"
        words = f"Not saved: {', '.join(session.file.name for session in dirty)}."
        if running:
            words += f" Training that stops: {', '.join(w.session.file.name for w in running)}."
        return ask(
            f"Closing loses the changes to {many}",
            words,
            [
                ("Discard changes", "danger", then),
                ("Keep editing", "", None),
                ("Save all", "primary", lambda: self.save_all(dirty, then)),
            ],
            self._window,
        )

    def save_all(self, sessions: list[Session], then: Callable[[], object]) -> None:
        """Save one after the other; what has no file yet asks for one."""
        if not sessions:
            then()
            return
        self.save(lambda: self.save_all(sessions[1:], then), sessions[0])

    def when_kept(self, doing: str, then: Callable[[], object], of: Session | None = None) -> Dialog | None:
        """Do something that gives a project up: at once if it is saved, else ask. Returns: the question."""
        session = of or self._session
        if not session.file.dirty:
            then()
            return None
        name = session.file.name
        return ask(
            f"{doing} loses the changes to {name}",
            "They were made since it was last saved.",
            [
                ("Discard changes", "danger", then),
                ("Keep editing", "", None),
                ("Save", "primary", lambda: self.save(then, session)),
            ],
            self._window,
        )

    def _close(self, workplace: Workplace) -> None:
        workplace.session.file.forget_journal()
        self.projects.close(workplace)

    def _read(self, path: Path) -> Project | None:
        """A project file; None for one that cannot be read, which is said."""
        try:
            return load(path)
        except EngineError as error:
            self._session.message.emit(str(error), "", None)
            recent.forget(path)
            return None


def examples() -> list[Path]:
    """The files of the examples, the best to begin with first."""
    found = sorted(EXAMPLES.glob(f"*{SUFFIX}"))
    return sorted(found, key=lambda path: ORDER.index(path.stem) if path.stem in ORDER else len(ORDER))


ORDER = ("digits-cnn", "mlp-moons", "digits-lstm", "digits-transformer", "digits-autoencoder", "two-input")
