"""Opening, saving and leaving a project, with the questions that belong to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from engine.document.autosave import Recovery
from engine.document.files import SUFFIX, load
from engine.document.project import Project
from engine.errors import EngineError
from gui.dialogs.base import Dialog, ask
from gui.session import Session

EXAMPLES = Path(__file__).parent.parent.parent / "resources" / "examples"
FILTER = f"Netsmith projects (*{SUFFIX});;All files (*)"


class Files(QObject):
    """Asks before anything is lost. opened(): another project is on the desk."""

    opened = Signal()

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._window = session, window

    def new(self) -> None:
        """Begin with an empty model."""
        self.when_kept("Starting an empty model", lambda: self._begin(Project(), "untitled"))

    def open(self) -> None:
        """Choose a file and open it."""
        dialog = self._dialog("Open a project", QFileDialog.AcceptMode.AcceptOpen)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda path: self.open_path(Path(path)))
        dialog.open()

    def open_path(self, path: Path) -> None:
        """Open a file; one that cannot be read leaves everything as it was and says why."""
        path = path.absolute()
        if path.parent == EXAMPLES:
            self.open_example(path)  # as a copy: examples stay as they are
        else:
            self.when_kept(f"Opening {path.name}", lambda: self._open(path))

    def open_example(self, path: Path) -> None:
        """Open a copy of an example, which belongs to no file yet."""
        try:
            project = load(path)
        except EngineError as error:
            self._session.message.emit(str(error), "", None)
            return
        self.when_kept(f"Opening the example {path.stem}", lambda: self._begin(project, path.stem))

    def open_copy(self, project: Project, name: str, then: Callable[[], object]) -> None:
        """Open a project that belongs to no file yet, such as that of a run; then do something with it."""

        def begin() -> None:
            self._begin(project, name)
            then()

        self.when_kept(f"Opening the project of {name}", begin)

    def open_example_named(self, name: str) -> None:
        """Open a copy of an example by its name."""
        self.open_example(EXAMPLES / f"{name}{SUFFIX}")

    def save(self, then: Callable[[], object] | None = None) -> None:
        """Write the file; the first time ask where."""
        if self._session.file.path is None:
            self.save_as(then)
        else:
            self._session.file.save(self._session.file.path, then)

    def save_as(self, then: Callable[[], object] | None = None) -> None:
        """Ask for a place and write the project there."""
        dialog = self._dialog("Save the project", QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(SUFFIX.removeprefix("."))
        dialog.selectFile(self._session.file.name)
        dialog.fileSelected.connect(lambda path: self._session.file.save(Path(path), then))
        dialog.open()

    def compare(self, show: Callable[[Project, str], object]) -> None:
        """Choose a file to hold the project against; it is read and not opened. show: project and name."""
        dialog = self._dialog("Compare with a project", QFileDialog.AcceptMode.AcceptOpen)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
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

        def go_on() -> None:
            try:
                project = recovery.project()
            except EngineError as error:
                self._session.message.emit(str(error), "", None)
                return
            self._session.file.recover(project, recovery.original)
            recovery.discard()
            self._show()

        self.when_kept("Recovering another project", go_on)

    def when_kept(self, doing: str, then: Callable[[], object]) -> Dialog | None:
        """Do something that gives the project up: at once if it is saved, else ask. Returns: the question."""
        if not self._session.file.dirty:
            then()
            return None
        name = self._session.file.name
        return ask(
            f"{doing} loses the changes to {name}",
            "They were made since it was last saved.",
            [
                ("Discard changes", "danger", then),
                ("Keep editing", "", None),
                ("Save", "primary", lambda: self.save(then)),
            ],
            self._window,
        )

    def _open(self, path: Path) -> None:
        if self._session.file.open(path):
            self._show()

    def _begin(self, project: Project, name: str) -> None:
        self._session.file.new(project, name)
        self._show()

    def _show(self) -> None:
        """From its outermost block on: a block of the same id may have been on screen before."""
        self._session.select(())
        self._session.leave(0)
        self.opened.emit()

    def _dialog(self, title: str, mode: QFileDialog.AcceptMode) -> QFileDialog:
        path = self._session.file.path
        dialog = QFileDialog(self._window, title, str(path.parent if path else Path.cwd()), FILTER)
        dialog.setAcceptMode(mode)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return dialog


def examples() -> list[Path]:
    """The files of the examples, the best to begin with first."""
    found = sorted(EXAMPLES.glob(f"*{SUFFIX}"))
    return sorted(found, key=lambda path: ORDER.index(path.stem) if path.stem in ORDER else len(ORDER))


ORDER = ("digits-cnn", "mlp-moons", "digits-lstm", "digits-transformer", "digits-autoencoder", "two-input")
