"""Every run that was ever started: a table of them, and a folder each. Torch-free."""

from __future__ import annotations

import errno
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from engine.document.files import load
from engine.errors import EngineError, FileError
from engine.training import store_trash as trash
from engine.training.liveness import is_alive
from engine.training.store_options import options_of
from engine.training.store_rows import (
    COLUMNS,
    NAME_LENGTH,
    NOTES_LENGTH,
    SQL_COLUMNS,
    UNFINISHED,
    EpochRecord,
    RunRecord,
    read_row,
    stored,
    widened,
)
from engine.training.store_schema import prepare

_SELECT = f"SELECT rowid, {', '.join(SQL_COLUMNS)} FROM runs"
_NEWEST = "ORDER BY substr(id, 1, 15) DESC, rowid DESC"  # by the second; within one by who was first
_FEW = ", ".join("?" * len(UNFINISHED))


class Store:
    """The runs of one folder. Any number of readers and writers, in any thread or process."""

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self._path = self.folder / "runs.sqlite"

    # Reading

    def list(self, *, deleted: bool = False) -> tuple[RunRecord, ...]:
        """Every run, newest first; or else those in the trash."""
        return self._records(f"{_SELECT} WHERE deleted {'!=' if deleted else '='} '' {_NEWEST}")

    def changes(self, since: int = 0) -> tuple[tuple[RunRecord, ...], int]:
        """Runs written after a revision, deleted ones and all that go on included, and the revision of now."""
        if not self._path.exists():
            return (), 0
        query = f"{_SELECT} WHERE revision > ? OR state IN ({_FEW}) OR ? = 0 {_NEWEST}"
        with self._reading() as connection:
            (now,) = connection.execute("SELECT value FROM counter").fetchone()
            rows = connection.execute(query, (since, *UNFINISHED, since)).fetchall()
        return tuple(self._record(row) for row in rows), int(now)

    def get(self, run: str, *, deleted: bool = False) -> RunRecord:
        """A run by its id, or by the beginning of it if no other begins so. Raises: FileError."""
        found: tuple[RunRecord, ...] = ()
        if run:
            among = f"deleted {'!=' if deleted else '='} '' AND substr(id, 1, ?) = ?"
            found = self._records(f"{_SELECT} WHERE {among} {_NEWEST} LIMIT 100", (len(run), run))
        exact = [r for r in found if r.id == run]
        if exact or len(found) == 1:
            return (*exact, *found)[0]
        if found:
            raise FileError(f"{len(found)} runs begin with {run}.", f"Say which: {', '.join(r.id for r in found[:5])}.")
        where = "the trash of " if deleted else ""
        raise FileError(f"There is no run {run} in {where}{self.folder}.", "List them to see their names.")

    def metrics(self, run: str) -> tuple[EpochRecord, ...]:
        """The figures of every epoch of a run, in order."""
        query = "SELECT epoch, step, figures, seconds FROM epochs WHERE run = ? ORDER BY epoch"
        with self._reading() as connection:
            rows = connection.execute(query, (self.get(run).id,)).fetchall()
        return tuple(EpochRecord(e, s, json.loads(f), t) for e, s, f, t in rows)

    def losses(self, run: str) -> np.ndarray:
        """The loss of every step of a run, from step 1."""
        path = self.folder_of(run) / "losses.f32"
        if not path.exists():
            return np.empty(0, np.float32)
        return np.fromfile(path, "<f4", count=path.stat().st_size // 4)

    def events(self, run: str) -> tuple[tuple[int, str, dict[str, Any]], ...]:
        """What was done to a run while it went: (step, kind, facts), such as (120, "Steered", {"name": "lr", ...})."""
        query = "SELECT step, kind, data FROM events WHERE run = ? ORDER BY rowid"
        with self._reading() as connection:
            rows = connection.execute(query, (self.get(run).id,)).fetchall()
        return tuple((step, kind, json.loads(data)) for step, kind, data in rows)

    def folder_of(self, run: str) -> Path:
        return self.folder / self.get(run).id

    def script_path(self, run: str) -> Path:
        """The script that the run executed."""
        return self.folder_of(run) / "script.py"

    def replay_path(self, run: str) -> Path:
        """The script that gives the run's curve: with what was changed by hand in it, if anything was."""
        steered = self.folder_of(run) / "steered.py"
        return steered if steered.exists() else self.script_path(run)

    def script_text(self, run: str) -> str:
        """The text of that script. Raises: FileError if the run kept none."""
        path = self.replay_path(run)
        try:
            return path.read_text(encoding="utf-8")
        except OSError as error:
            hint = "It failed before one was made."
            raise FileError(f"The run {run} kept no script: {error.strerror or error}.", hint) from error

    def project_path(self, run: str) -> Path:
        """The project as it was when the run began."""
        return self.folder_of(run) / "project.netsmith"

    def checkpoint_path(self, run: str, kind: str = "last") -> Path:
        """The state after the last epoch, or the weights of the best one."""
        return self.folder_of(run) / "checkpoints" / f"{kind}.safetensors"

    # Writing

    def add(self, record: RunRecord) -> Path:
        """A new run. Returns: its folder. Raises: OSError, sqlite3.Error."""
        folder = self.folder / record.id
        (folder / "checkpoints").mkdir(parents=True, exist_ok=True)
        values = [stored(getattr(record, name)) for name in COLUMNS]
        marks = ", ".join("?" * len(COLUMNS))
        with self._connection() as connection:
            connection.execute(f"INSERT INTO runs ({', '.join(SQL_COLUMNS)}) VALUES ({marks})", values)
            _mark(connection, [record.id])
        return folder

    def write(
        self,
        run: str,
        changes: Mapping[str, Any],
        epochs: tuple[EpochRecord, ...] = (),
        events: tuple[tuple[int, str, dict[str, Any]], ...] = (),
    ) -> None:
        """What is new of a run, in one transaction. Raises: sqlite3.Error."""
        assert set(changes) <= set(COLUMNS)
        rows = [(run, e.epoch, e.step, json.dumps(dict(e.figures)), e.seconds) for e in epochs]
        with self._connection() as connection:
            if changes:
                settings = ", ".join(f'"{name}" = ?' for name in changes)
                values = [stored(v) for v in changes.values()]
                connection.execute(f"UPDATE runs SET {settings} WHERE id = ?", (*values, run))
            connection.executemany("INSERT OR REPLACE INTO epochs VALUES (?, ?, ?, ?, ?)", rows)
            connection.executemany(
                "INSERT INTO events VALUES (?, ?, ?, ?)", [(run, s, kind, json.dumps(d)) for s, kind, d in events]
            )
            _mark(connection, [run])

    def describe(
        self, run: str, *, name: str | None = None, tags: Sequence[str] | None = None, notes: str | None = None
    ) -> None:
        """Say another name, other tags or notes of a run, also while it goes on. Raises: FileError."""
        changes: dict[str, Any] = {}
        if name is not None:
            changes["name"] = " ".join(name.split())[:NAME_LENGTH]
            if not changes["name"]:
                raise FileError("A run needs a name.", "Write at least one letter.")
        if tags is not None:
            changes["tags"] = tuple(tags)
        if notes is not None:
            changes["notes"] = notes.strip()[:NOTES_LENGTH]
        with self._telling():
            self.write(self.get(run).id, changes)

    def complete(self) -> int:
        """Read from their projects what an older Netsmith did not keep of its runs. Returns: of how many."""
        if not self._path.exists():
            return 0
        with self._reading() as connection:
            query = "SELECT id FROM runs WHERE options IS NULL OR extremes IS NULL"
            found = [row[0] for row in connection.execute(query)]
        for run in found:
            extremes: dict[str, tuple[float, float]] = {}
            for epoch in self._epochs(run):
                extremes = widened(extremes, epoch.figures)
            steps = (self.folder / run / "losses.f32").stat().st_size // 4 if self._has(run, "losses.f32") else 0
            with self._telling():
                self.write(run, {"options": self._options(run), "extremes": extremes, "steps": steps})
        return len(found)

    def _has(self, run: str, file: str) -> bool:
        return (self.folder / run / file).exists()

    def _epochs(self, run: str) -> tuple[EpochRecord, ...]:
        with self._reading() as connection:
            rows = connection.execute("SELECT epoch, step, figures FROM epochs WHERE run = ?", (run,)).fetchall()
        return tuple(EpochRecord(e, s, json.loads(f)) for e, s, f in rows)

    def _options(self, run: str) -> dict[str, Any]:
        try:
            return options_of(load(self.folder / run / "project.netsmith"))
        except EngineError:
            return {}  # its project is gone or damaged: then the table knows no more than before

    # The trash

    def delete(self, runs: str | Iterable[str]) -> None:
        """Put runs into the trash, from which `restore` brings them back. Raises: FileError while one is going on."""
        records = [self.get(run) for run in ([runs] if isinstance(runs, str) else runs)]
        for record in records:
            if record.is_unfinished:
                raise FileError(f"{record.id} is still going on.", "Stop it first.")
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self._set_deleted([r.id for r in records], now)
        for record in records:
            trash.throw(self.folder, record.id)

    def restore(self, runs: str | Iterable[str]) -> None:
        """Bring runs back from the trash. Raises: FileError."""
        records = [self.get(run, deleted=True) for run in ([runs] if isinstance(runs, str) else runs)]
        for record in records:
            try:
                trash.take_back(self.folder, record.id)
            except OSError as error:
                raise FileError(f"{record.id} cannot be taken out of the trash: {error}.") from error
        self._set_deleted([r.id for r in records], "")

    def empty_trash(self, days: float = trash.KEEP_DAYS) -> int:
        """Destroy what was deleted so many days ago or more. Returns: how many runs that were."""
        old = [r.id for r in self.list(deleted=True) if r.deleted <= trash.long_ago(days)]
        with self._telling(), self._connection() as connection:
            for run in old:
                connection.execute("DELETE FROM runs WHERE id = ?", (run,))
                connection.execute("DELETE FROM epochs WHERE run = ?", (run,))
                connection.execute("DELETE FROM events WHERE run = ?", (run,))
        for run in old:
            trash.destroy(self.folder, run)
        return len(old)

    def _set_deleted(self, runs: Sequence[str], when: str) -> None:
        with self._telling(), self._connection() as connection:
            connection.executemany("UPDATE runs SET deleted = ? WHERE id = ?", [(when, run) for run in runs])
            _mark(connection, runs)

    # The file

    def _records(self, query: str, values: Sequence[Any] = ()) -> tuple[RunRecord, ...]:
        if not self._path.exists():
            return ()
        with self._reading() as connection:
            rows = connection.execute(query, values).fetchall()
        return tuple(self._record(row) for row in rows)

    def _record(self, row: tuple[Any, ...]) -> RunRecord:
        record = read_row(row)
        if record.is_unfinished and not is_alive(self.folder / record.id):
            return replace(record, state="interrupted")
        return record

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """A connection of someone who only wants to see. Raises: FileError."""
        with self._telling(), self._connection() as connection:
            yield connection

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Tell of what the disk refuses in the user's words. Raises: FileError."""
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            hint = "Choose another folder for runs, or move that file away."
            raise FileError(f"The runs in {self._path} cannot be read or written: {error}.", hint) from error

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        self.folder.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._path, timeout=30.0)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            # A power cut may cost the last moments of a run, never the table.
            connection.execute("PRAGMA synchronous = NORMAL")
            prepare(connection)
            with connection:
                yield connection
        finally:
            connection.close()


def _mark(connection: sqlite3.Connection, runs: Sequence[str]) -> None:
    """Give these runs a revision that is later than any before."""
    connection.execute("UPDATE counter SET value = value + 1")
    revision = "(SELECT value FROM counter)"
    connection.executemany(f"UPDATE runs SET revision = {revision} WHERE id = ?", [(run,) for run in runs])


__all__ = ["EpochRecord", "RunRecord", "Store"]


def not_kept(error: OSError | sqlite3.Error, folder: Path) -> FileError:
    """Why a run cannot be kept in a folder, with the way out that fits."""
    said = error.strerror or str(error) if isinstance(error, OSError) else str(error)
    if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
        hint = "runs.sqlite there is damaged. Move it away, and a new one is made; the folders of the runs stay."
    elif getattr(error, "errno", None) == errno.ENOSPC or "disk is full" in said:
        hint = "Make room on the disk, or choose another folder for runs."
    else:
        hint = "See that you may write there, or choose another folder for runs."
    return FileError(f"The run cannot be kept in {folder}: {said}.", hint)
