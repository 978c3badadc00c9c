"""Where the project is on disk: opened, saved, journalled and remembered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from engine.document import autosave, recent
from engine.document.document import Document
from engine.document.files import load, save
from engine.document.on_disk import ReadAgain, Stamp, changed_by_others, save_unless_changed, stamp
from engine.document.project import Project
from engine.errors import EngineError
from gui.background import Background, is_for_the_gone

JOURNAL_MS = 1500  # after the last of several edits


class ProjectFile(QObject):
    """The file of the open project. changed(): its name, or whether it is saved or kept, is another.

    saved_at: when it was saved in this session. kept_at: when the safety copy was written that holds all that is not
    saved; None while there is none. trouble: why it could not be written the last time.
    """

    changed = Signal()
    message = Signal(str, str, object)

    def __init__(self, document: Document, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.path: Path | None = None
        self.untitled = "untitled"
        self.saved_at: datetime | None = None
        self.trouble = ""
        self._kept: tuple[Project, datetime] | None = None
        self._stamp: Stamp = None
        self._told: Stamp = None
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

    @property
    def kept_at(self) -> datetime | None:
        """When the safety copy was written, if it holds the project as it is now."""
        return self._kept[1] if self._kept is not None and self._kept[0] is self._document.project else None

    def new(self, project: Project | None = None, name: str = "untitled") -> None:
        """Begin with an empty project, or with a copy of an example, which belongs to no file yet."""
        self.untitled = name
        self._begin(project or Project(), None)

    def open(self, path: Path) -> bool:
        """Open a file. A file that cannot be read leaves everything as it was and says why."""
        try:
            project = load(path)
        except EngineError as error:
            self.message.emit(str(error), "", None)
            recent.forget(path)
            return False
        self.hold(project, path)
        return True

    def hold(self, project: Project, path: Path) -> None:
        """Go on with a project that was just read from this file."""
        self._begin(project, path)
        recent.remember(path)

    def _begin(self, project: Project, path: Path | None) -> None:
        self._journal.clear()
        self.path, self.saved_at, self.trouble, self._kept = path, None, "", None
        self._stamp = stamp(path) if path is not None else None
        self._document.replace(project)
        self.changed.emit()

    def recover(self, project: Project, path: Path | None) -> None:
        """Go on with what a journal kept: it differs from the file and is therefore not saved."""
        self.path, self.saved_at = path, None
        self._stamp = stamp(path) if path is not None else None
        self._document.replace(project, saved=False)
        self.write_journal_now()
        self.changed.emit()

    def save(
        self, path: Path, then: Callable[[], object] | None = None, ask: Callable[[], object] | None = None
    ) -> None:
        """Write the project as it is now, off the GUI thread; what is edited meanwhile stays unsaved.

        ask: called instead where another program has changed the project's own file since it was read or written.
        """
        project, before, was = self._document.project, self._stamp, self._document.saved
        is_asking = ask is not None and path == self.path

        def work() -> Stamp:
            if is_asking:
                return save_unless_changed(project, path, before, was)
            save(project, path)
            return stamp(path)

        def saved(found: Stamp) -> None:
            if found is None and is_asking and ask is not None:
                ask()
                return
            self._stamp = found
            self.path, self.saved_at, self.trouble = path, datetime.now().astimezone(), ""
            self._document.mark_saved(project)
            if not self._document.dirty:
                self._journal.clear()
            recent.remember(path)
            self.changed.emit()
            if then and not is_for_the_gone(then):
                then()

        def failed(error: Exception) -> None:
            if not isinstance(error, EngineError):
                raise error
            self.trouble = str(error)
            self.message.emit(str(error), "", None)
            self.changed.emit()

        self._background.submit("save", work, saved, failed)

    def look(self, tell: Callable[[], object]) -> None:
        """Look, off the GUI thread, whether another program has changed the file; each change is told once."""
        path, before, saved = self.path, self._stamp, self._document.saved
        if path is None:
            return

        def work() -> Stamp:
            found = stamp(path)
            return found if changed_by_others(path, before, saved) else None

        def look_at(found: Stamp) -> None:
            if found not in (None, self._told) and path == self.path and before == self._stamp:
                self._told = found
                tell()

        self._background.submit("look at the file", work, look_at)

    def read_again(self) -> None:
        """Take over what another program has written; one step of undo leads back to what was here."""
        path = self.path
        if path is None:
            return
        try:
            found, self._stamp = load(path), stamp(path)
        except EngineError as error:
            self.message.emit(str(error), "", None)
            return
        self._document.apply(ReadAgain(found))
        self._document.mark_saved()
        self._journal.clear()
        self.changed.emit()

    def _note(self, _: object) -> None:
        self.changed.emit()
        if self._document.dirty:
            self._soon.start()

    def _write_journal(self) -> None:
        project, path, journal = self._document.project, self.path, self._journal

        self._background.submit(
            "journal", lambda: journal.write(project, path), lambda _: self._note_kept(project), self._note_trouble
        )

    def write_journal_now(self) -> None:
        """Keep what is unsaved at once, in this thread: who knows what comes next."""
        self._soon.stop()
        if self.dirty:
            try:
                self._journal.write(self._document.project, self.path)
            except EngineError as error:
                self._note_trouble(error)
            else:
                self._note_kept(self._document.project)

    def _note_kept(self, project: Project) -> None:
        self.trouble, self._kept = "", (project, datetime.now().astimezone())
        self.changed.emit()

    def _note_trouble(self, error: Exception) -> None:
        """Told aloud once; the status bar says it for as long as it lasts."""
        if not isinstance(error, EngineError):
            raise error
        words = f"The safety copy could not be written: {error}"
        if words != self.trouble:
            self.message.emit(words, "", None)
        self.trouble = words
        self.changed.emit()

    def forget_journal(self) -> None:
        """Everything is saved or given up on purpose: nothing to recover."""
        self._soon.stop()
        self._journal.clear()
