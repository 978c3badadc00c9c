"""Where the project is on disk: opened, saved, journalled and remembered."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from engine.document import autosave, recent
from engine.document.document import Document
from engine.document.files import load, save
from engine.document.project import Project
from engine.errors import EngineError
from gui.background import Background

JOURNAL_MS = 1500  # after the last of several edits


class ProjectFile(QObject):
    """The file of the open project. changed(): its name, or whether it is saved, is another.

    saved_at: when it was saved in this session, by the monotonic clock.
    """

    changed = Signal()
    message = Signal(str, str, object)

    def __init__(self, document: Document, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.path: Path | None = None
        self.untitled = "untitled"
        self.saved_at: float | None = None
        self._document, self._background = document, background
        self._journal = autosave.Journal()
        self._soon = QTimer(self, singleShot=True)
        self._soon.setInterval(JOURNAL_MS)
        self._soon.timeout.connect(self._write_journal)
        document.changed.connect(self._note)

    @property
    def name(self) -> str:
        return self.path.name if self.path else f"{self.untitled}.netsmith"

    @property
    def dirty(self) -> bool:
        return self._document.dirty

    def new(self, project: Project | None = None, name: str = "untitled") -> None:
        """Begin with an empty project, or with a copy of an example, which belongs to no file yet."""
        self._journal.clear()
        self.path, self.untitled, self.saved_at = None, name, None
        self._document.replace(project or Project())
        self.changed.emit()

    def open(self, path: Path) -> bool:
        """Open a file. A file that cannot be read leaves everything as it was and says why."""
        try:
            project = load(path)
        except EngineError as error:
            self.message.emit(str(error), "", None)
            recent.forget(path)
            return False
        self._journal.clear()
        self.path, self.saved_at = path, None
        self._document.replace(project)
        recent.remember(path)
        self.changed.emit()
        return True

    def recover(self, project: Project, path: Path | None) -> None:
        """Go on with what a journal kept: it differs from the file and is therefore not saved."""
        self.path, self.saved_at = path, None
        self._document.replace(project, saved=False)
        self.write_journal_now()
        self.changed.emit()

    def save(self, path: Path, then: Callable[[], object] | None = None) -> None:
        """Write the project as it is now, off the GUI thread; what is edited meanwhile stays unsaved."""
        project = self._document.project

        def saved(_: object) -> None:
            self.path, self.saved_at = path, time.monotonic()
            self._document.mark_saved(project)
            if not self._document.dirty:
                self._journal.clear()
            recent.remember(path)
            self.changed.emit()
            if then:
                then()

        def failed(error: Exception) -> None:
            if not isinstance(error, EngineError):
                raise error
            self.message.emit(str(error), "", None)

        self._background.submit("save", lambda: save(project, path), saved, failed)

    def _note(self, _: object) -> None:
        self.changed.emit()
        if self._document.dirty:
            self._soon.start()

    def _write_journal(self) -> None:
        project, path, journal = self._document.project, self.path, self._journal

        def failed(error: Exception) -> None:
            self.message.emit(f"The safety copy could not be written: {error}", "", None)

        self._background.submit("journal", lambda: journal.write(project, path), lambda _: None, failed)

    def write_journal_now(self) -> None:
        """Keep what is unsaved at once, in this thread: who knows what comes next."""
        self._soon.stop()
        if self.dirty:
            try:
                self._journal.write(self._document.project, self.path)
            except EngineError as error:
                self.message.emit(f"The safety copy could not be written: {error}", "", None)

    def forget_journal(self) -> None:
        """Everything is saved or given up on purpose: nothing to recover."""
        self._soon.stop()
        self._journal.clear()
