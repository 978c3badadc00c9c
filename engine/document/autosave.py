"""A journal of the project being edited, so that a crash or a power cut loses nothing.

A journal is a project file in the data folder, and beside it the path of the file it belongs to and a lock. The lock
goes with the process that holds it, however that ends: what is not held was left behind.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
import weakref
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from engine.document.files import SUFFIX, dumps, load, write_whole
from engine.document.project import Project
from engine.errors import FileError
from engine.places import journal_dir, made

_LOCK = ".lock"


@dataclass(frozen=True)
class Recovery:
    """Unsaved work that an earlier session left: `original` is the file it belongs to, None for a new project."""

    journal: Path
    original: Path | None
    saved_at: datetime

    def project(self) -> Project:
        """The project as it was. Raises: FileError."""
        return load(self.journal)

    def discard(self) -> None:
        """Give the work up for good."""
        _remove(self.journal)


class Journal:
    """The unsaved work of one window. Call `write` some seconds after an edit, `clear` after saving or closing."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or journal_dir()
        self._file = self._folder / f"{os.getpid()}-{secrets.token_hex(4)}{SUFFIX}"
        self._written: Project | None = None
        self._release: Callable[[], object] = bool

    def write(self, project: Project, original: str | os.PathLike[str] | None = None) -> bool:
        """Keep the project as it is now; False if it is already kept. Raises: FileError if it cannot be kept."""
        if project is self._written:
            return False
        try:
            made(self._folder)
            self._take()
        except OSError as error:
            raise FileError(f"Unsaved work cannot be kept in {self._folder}: {error.strerror}.") from None
        facts = {"original": str(Path(os.path.abspath(original))) if original else None}
        write_whole(json.dumps(facts) + "\n", _facts(self._file))
        write_whole(dumps(project), self._file)
        self._written = project
        return True

    def clear(self) -> None:
        """Nothing is unsaved any more."""
        self._written = None
        self._release()
        _remove(self._file)

    def close(self) -> None:
        """Let go of what was written, as a session that ends does."""
        self._release()

    def _take(self) -> None:
        lock = self._file.with_suffix(_LOCK)
        if not lock.exists() and (handle := _hold(lock)) is not None:
            self._release = weakref.finalize(self, os.close, handle)


def recoverable(folder: Path | None = None) -> list[Recovery]:
    """Work that sessions which are no longer running left unsaved, newest first."""
    folder = folder or journal_dir()
    found = []
    for journal in folder.glob(f"*{SUFFIX}") if folder.is_dir() else ():
        facts = _read(_facts(journal))
        if journal.name.startswith(".") or _is_held(journal):
            continue
        original = facts.get("original")
        when = datetime.fromtimestamp(journal.stat().st_mtime, UTC)
        found.append(Recovery(journal, Path(original) if isinstance(original, str) else None, when))
    return sorted(found, key=lambda r: (r.saved_at, r.journal), reverse=True)


def _remove(journal: Path) -> None:
    for suffix in (SUFFIX, ".json", _LOCK):
        with suppress(OSError):  # what cannot be removed is offered once more, which loses nothing
            journal.with_suffix(suffix).unlink(missing_ok=True)


def _facts(journal: Path) -> Path:
    return journal.with_suffix(".json")


def _read(path: Path) -> dict[str, object]:
    try:
        data = json.loads(path.read_bytes().decode("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _hold(path: Path) -> int | None:
    """Lock a file until it is closed or the process ends, however it ends; None if someone else holds it."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle


def _is_held(journal: Path) -> bool:
    lock = journal.with_suffix(_LOCK)
    if not lock.exists():
        return False
    handle = _hold(lock)
    if handle is not None:
        os.close(handle)
    return handle is None
