"""The files that were opened or saved last, newest first."""

from __future__ import annotations

import json
import os
from pathlib import Path

from engine.document.files import write_whole
from engine.document.trust import read_list
from engine.places import made, recent_file

MOST = 12


def recent(path: Path | None = None) -> list[Path]:
    """Recent files, newest first, those that are gone included: a disk may come back."""
    return [Path(item) for item in read_list(path or recent_file())[:MOST]]


def remember(opened: str | os.PathLike[str], path: Path | None = None) -> None:
    """Put a file at the head of the list. Raises: FileError if the list cannot be kept."""
    mine = Path(os.path.abspath(opened))
    _write([mine, *(item for item in recent(path) if item != mine)], path)


def forget(gone: str | os.PathLike[str], path: Path | None = None) -> None:
    """Take a file from the list. Raises: FileError if the list cannot be kept."""
    mine = Path(os.path.abspath(gone))
    _write([item for item in recent(path) if item != mine], path)


def clear(path: Path | None = None) -> None:
    """Forget all of them. Raises: FileError if the list cannot be kept."""
    _write([], path)


def _write(files: list[Path], path: Path | None) -> None:
    path = path or recent_file()
    made(path.parent)
    write_whole(json.dumps([str(item) for item in files[:MOST]], indent=1, ensure_ascii=False) + "\n", path)
