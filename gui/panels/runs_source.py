"""The table of runs as the window holds it: read away from the GUI thread, and looked at again while it is seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from engine.errors import EngineError
from engine.training.store import RunRecord, Store
from gui.session import Session

LOOK_MS = 1000
LANE = "table of runs"
SECOND = 15  # letters of an id: when the run began
Stamp = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class _News:
    """What was found: runs that were written since, the revision of now, and how the files lay before that."""

    store: Store
    records: tuple[RunRecord, ...]
    revision: int
    stamp: Stamp


class RunsSource(QObject):
    """Every run of the folder that `folder()` names. changed(): some are other ones, `read` came true, or none is left.

    failed(str): they cannot be read.
    """

    changed = Signal()
    failed = Signal(str)

    def __init__(self, session: Session, folder: Callable[[], Path], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._folder = session, folder
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._begin(Store(folder()))
        session.runner.changed.connect(self.look)

    def _begin(self, store: Store) -> None:
        self.store = store
        self.read = False
        self._known: dict[str, RunRecord] = {}
        self._revision = 0
        self._stamp: Stamp = ()
        self._was_completed = False

    @property
    def records(self) -> list[RunRecord]:
        """Every run that is not deleted, newest first."""
        found = [r for r in self._known.values() if not r.deleted]
        return sorted(found, key=lambda r: (r.id[:SECOND], r.number), reverse=True)

    def watch(self, is_seen: bool) -> None:
        """Look now and every second, or no longer."""
        if is_seen:
            self._timer.start()
            self.look()
        else:
            self._timer.stop()

    def look(self) -> None:
        """Read what was written since the last time, if anything was."""
        if not self._timer.isActive():
            return  # nobody sees it: it is looked at as soon as somebody does
        folder = self._folder()
        if folder != self.store.folder:
            self._begin(Store(folder))
            self.changed.emit()
        is_going = any(r.is_unfinished for r in self._known.values())
        work = partial(_news, self.store, self._revision, None if is_going or not self.read else self._stamp)
        self._session.background.submit(LANE, work, self._take, self._fail)

    def _take(self, news: _News | None) -> None:
        if news is None or news.store is not self.store:
            return
        fresh = [r for r in news.records if self._known.get(r.id) != r]
        was_read, self.read = self.read, True
        self._revision, self._stamp = news.revision, news.stamp
        self._known.update({r.id: r for r in fresh})
        if fresh or not was_read:
            self.changed.emit()
        if not self._was_completed:
            self._was_completed = True
            self._session.background.submit("older runs", partial(_tidy, self.store), self._look_again, self._fail)

    def _look_again(self, count: int) -> None:
        if count:
            self.look()

    def _fail(self, error: Exception) -> None:
        if not isinstance(error, EngineError):
            raise error
        self.failed.emit(str(error))


def _news(store: Store, since: int, stamp: Stamp | None) -> _News | None:
    """What is new; None if the files are as they were at `stamp`. Raises: FileError."""
    now = _stamp(store.folder)
    if stamp is not None and now == stamp:
        return None
    records, revision = store.changes(since)
    return _News(store, records, revision, now)


def _stamp(folder: Path) -> Stamp:
    paths = [folder / f"runs.sqlite{end}" for end in ("", "-wal")]
    return tuple((s.st_mtime_ns, s.st_size) if (s := _stat(path)) else (0, 0) for path in paths)


def _stat(path: Path):  # type: ignore[no-untyped-def]
    try:
        return path.stat()
    except OSError:
        return None


def _tidy(store: Store) -> int:
    """Complete what an older Netsmith kept, and destroy what was deleted long ago. Raises: FileError."""
    store.empty_trash()
    return store.complete()
