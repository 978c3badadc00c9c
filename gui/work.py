"""One open project and what is known of it, however many places of it are looked at."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from engine.document.diff import Change
from engine.document.document import Document
from engine.document.project import Project
from engine.document.trust import Trust
from gui.analysed import Analysed, analyse, completed
from gui.background import Background
from gui.freed import give_back
from gui.habits import Habits
from gui.looking import Current, Looking
from gui.place import Place
from gui.project_file import ProjectFile
from gui.runner import Runner

QUICK_MS = 8  # half a frame: as long what is seen waits for what is worked out, to be painted once with it
AT_REST_MS = 50  # what is seen comes first, and the next edit as well: what runs meanwhile slows them down


class Work(QObject):
    """Document, file, run and analysis. Places are brought up to date before anyone hears of a change.

    changed(Change): the project is another one. analysed(): `result` is that of the project now. completed(part): of a
    large network it has "repairs", "script" or "costs" as well now, which are worked out in the first quiet moment.
    message(text, action, callback): one line for a toast.
    """

    changed = Signal(object)
    analysed = Signal()
    completed = Signal(str)
    message = Signal(str, str, object)
    _stirred = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = Document()
        self.document.changed.connect(self._foresee)
        self.background = Background(self)
        self.trust = Trust()
        self.habits = Habits(self)
        self.file = ProjectFile(self.document, self.background, self)
        self.runner = Runner(self.background, self)
        self.looking = Looking(self.background, self.runner, self._current, self)
        self.result: Analysed | None = None
        self.places: list[Place] = []
        self._is_due = False
        self._stirred.connect(self._analyse, Qt.ConnectionType.QueuedConnection)
        self._rest = QTimer(self, interval=AT_REST_MS, singleShot=True)
        self._rest.timeout.connect(self._complete)
        self.document.changed.connect(self._tell)
        self.file.message.connect(self.message)
        self.runner.message.connect(self.message)
        self._analyse_soon()

    @property
    def project(self) -> Project:
        return self.document.project

    @property
    def is_current(self) -> bool:
        """Whether what is known is known of the project as it is now."""
        return self.result is not None and not Change(self.result.project, self.project).meaning

    @property
    def analysing(self) -> bool:
        """Whether an analysis waits or runs."""
        return self._is_due or self.result is None or not self.is_current or bool(self.result.waits_for)

    @property
    def trusted(self) -> bool:
        """Whether the user's code in this project may run."""
        return self.trust.allows(self.project)

    @property
    def is_blank(self) -> bool:
        """Whether nobody has begun anything here: giving it up loses nothing."""
        return (
            self.file.path is None
            and not self.file.dirty
            and not any(self.document.history())
            and self.runner.run is None
            and self.project == Project()
        )

    def look_again(self) -> None:
        """What was known no longer counts."""
        self.result = None
        self._analyse_soon()

    def close(self) -> None:
        """End the run and the threads."""
        self._is_due = False
        self._rest.stop()
        self.runner.close()
        self.background.close()

    def _foresee(self, change: Any) -> None:
        """Before anyone else hears of a change, so that what they put off comes after what is worked out of it."""
        if change.meaning:
            self._analyse_soon()

    def _tell(self, change: Any) -> None:
        for place in self.places:  # trimmed first: whoever hears of the change may look at what is selected
            place.trim()
        self.looking.follow_probes()
        self.changed.emit(change)
        for place in self.places:
            place.tell()

    def _current(self) -> Current:
        return Current(self.project, self.result.analysis if self.is_current and self.result else None, self.trusted)

    def _analyse_soon(self) -> None:
        """Once what goes on now is done, and before anything that it asks for is laid out or painted."""
        if not self._is_due:
            self._is_due = True
            self._stirred.emit()

    def _analyse(self) -> None:
        if not self._is_due:
            return
        self._is_due = False
        project, trusted = self.project, self.trusted
        self._rest.stop()
        self.background.submit("analysis", lambda: analyse(project, trusted), self._keep, self._fail)
        self.background.await_quick("analysis", QUICK_MS)

    def _keep(self, result: Analysed) -> None:
        self.result = result
        if self.is_current:
            self._rest.start()
            self.analysed.emit()

    def _complete(self) -> None:
        """Work out the next that is not there yet."""
        result, trusted = self.result, self.trusted
        if result is not None and result.waits_for and self.is_current:
            then = partial(self._keep_part, result)
            self.background.submit("rest", partial(_next_part, result, trusted), then, self._fail)

    def _keep_part(self, before: Analysed, result: Analysed) -> None:
        if self.result is before and self.is_current:
            self.result = result
            self._rest.start()
            self.completed.emit(before.waits_for[0])

    def _fail(self, error: Exception) -> None:
        raise error  # inference never raises for a bad project: this is our own mistake and belongs in the crash dialog


def _next_part(result: Analysed, trusted: bool) -> Analysed:
    """One thing more of a large network; what that took for the time of the work goes back once all is known."""
    found = completed(result, trusted)
    if not found.waits_for:
        give_back()
    return found
