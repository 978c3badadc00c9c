"""Every run that was ever started: a table of them, and a folder each. Torch-free."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import FileError
from engine.training.liveness import is_alive

_SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, created TEXT NOT NULL, state TEXT NOT NULL,
    seed INTEGER, device TEXT, versions TEXT NOT NULL DEFAULT '{}', duration REAL NOT NULL DEFAULT 0,
    epochs INTEGER NOT NULL DEFAULT 0, planned INTEGER NOT NULL DEFAULT 0, metrics TEXT NOT NULL DEFAULT '{}',
    parameters INTEGER, parent TEXT, message TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS epochs (
    run TEXT NOT NULL, epoch INTEGER NOT NULL, step INTEGER NOT NULL, figures TEXT NOT NULL, seconds REAL NOT NULL,
    PRIMARY KEY (run, epoch)
);
CREATE TABLE IF NOT EXISTS events (run TEXT NOT NULL, step INTEGER NOT NULL, kind TEXT NOT NULL, data TEXT NOT NULL);
"""
_COLUMNS = (
    "id", "name", "created", "state", "seed", "device", "versions", "duration", "epochs", "planned", "metrics",
    "parameters", "parent", "message",
)  # fmt: skip
_UNFINISHED = ("preparing", "running")


@dataclass(frozen=True)
class RunRecord:
    """One run. state: preparing, running, finished, stopped, early, failed, or interrupted if its process died.

    created: ISO time, UTC. duration: seconds. epochs: done, of `planned`. metrics: figures of the last epoch.
    parameters: learned numbers. parent: the run it went on from. message: why it failed.
    """

    id: str
    name: str
    created: str
    state: str
    seed: int | None = None
    device: str | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    duration: float = 0.0
    epochs: int = 0
    planned: int = 0
    metrics: Mapping[str, float] = field(default_factory=dict)
    parameters: int | None = None
    parent: str | None = None
    message: str = ""


@dataclass(frozen=True)
class EpochRecord:
    """The figures after one epoch."""

    epoch: int
    step: int
    figures: Mapping[str, float]
    seconds: float = 0.0


class Store:
    """The runs of one folder. Any number of readers and writers, in any thread or process."""

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self._path = self.folder / "runs.sqlite"

    def list(self) -> tuple[RunRecord, ...]:
        """Every run, newest first."""
        if not self._path.exists():
            return ()
        with self._reading() as connection:
            rows = connection.execute(f"SELECT {', '.join(_COLUMNS)} FROM runs ORDER BY id DESC").fetchall()
        return tuple(self._record(row) for row in rows)

    def get(self, run: str) -> RunRecord:
        """A run by its id, or by the beginning of it if no other begins so. Raises: FileError."""
        found = [r for r in self.list() if r.id.startswith(run)] if run else []
        exact = [r for r in found if r.id == run]
        if exact or len(found) == 1:
            return (exact or found)[0]
        if found:
            raise FileError(f"{len(found)} runs begin with {run}.", f"Say which: {', '.join(r.id for r in found[:5])}.")
        raise FileError(f"There is no run {run} in {self.folder}.", "List them to see their names.")

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

    def project_path(self, run: str) -> Path:
        """The project as it was when the run began."""
        return self.folder_of(run) / "project.netsmith"

    def checkpoint_path(self, run: str, kind: str = "last") -> Path:
        """The state after the last epoch, or the weights of the best one."""
        return self.folder_of(run) / "checkpoints" / f"{kind}.safetensors"

    def delete(self, run: str) -> None:
        """Forget a run and everything kept of it. Raises: FileError while it is going on."""
        record = self.get(run)
        if record.state in _UNFINISHED:
            raise FileError(f"{record.id} is still going on.", "Stop it first.")
        with self._connection() as connection:
            connection.execute("DELETE FROM runs WHERE id = ?", (record.id,))
            connection.execute("DELETE FROM epochs WHERE run = ?", (record.id,))
            connection.execute("DELETE FROM events WHERE run = ?", (record.id,))
        shutil.rmtree(self.folder / record.id, ignore_errors=True)

    def add(self, record: RunRecord) -> Path:
        """A new run. Returns: its folder. Raises: OSError, sqlite3.Error."""
        folder = self.folder / record.id
        (folder / "checkpoints").mkdir(parents=True, exist_ok=True)
        values = [_plain(getattr(record, name)) for name in _COLUMNS]
        marks = ", ".join("?" * len(_COLUMNS))
        with self._connection() as connection:
            connection.execute(f"INSERT INTO runs ({', '.join(_COLUMNS)}) VALUES ({marks})", values)
        return folder

    def write(
        self,
        run: str,
        changes: Mapping[str, Any],
        epochs: tuple[EpochRecord, ...] = (),
        events: tuple[tuple[int, str, dict[str, Any]], ...] = (),
    ) -> None:
        """What is new of a run, in one transaction. Raises: sqlite3.Error."""
        assert set(changes) <= set(_COLUMNS)
        rows = [(run, e.epoch, e.step, json.dumps(dict(e.figures)), e.seconds) for e in epochs]
        with self._connection() as connection:
            if changes:
                settings = ", ".join(f"{name} = ?" for name in changes)
                values = [_plain(v) for v in changes.values()]
                connection.execute(f"UPDATE runs SET {settings} WHERE id = ?", (*values, run))
            connection.executemany("INSERT OR REPLACE INTO epochs VALUES (?, ?, ?, ?, ?)", rows)
            connection.executemany(
                "INSERT INTO events VALUES (?, ?, ?, ?)", [(run, s, kind, json.dumps(d)) for s, kind, d in events]
            )

    def _record(self, row: tuple[Any, ...]) -> RunRecord:
        facts = dict(zip(_COLUMNS, row, strict=True))
        facts["versions"], facts["metrics"] = json.loads(facts["versions"]), json.loads(facts["metrics"])
        if facts["state"] in _UNFINISHED and not is_alive(self.folder / facts["id"]):
            facts["state"] = "interrupted"
        return RunRecord(**facts)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """A connection of someone who only wants to see. Raises: FileError."""
        try:
            with self._connection() as connection:
                yield connection
        except (OSError, sqlite3.Error) as error:
            hint = "Choose another folder for runs, or move that file away."
            raise FileError(f"The runs in {self._path} cannot be read: {error}.", hint) from error

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        self.folder.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._path, timeout=30.0)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            # A power cut may cost the last moments of a run, never the table.
            connection.execute("PRAGMA synchronous = NORMAL")
            if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'events'").fetchone():
                connection.executescript(_SCHEMA)
            with connection:
                yield connection
        finally:
            connection.close()


def _plain(value: Any) -> Any:
    return json.dumps(dict(value)) if isinstance(value, Mapping) else value
