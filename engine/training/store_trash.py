"""Deleted runs: out of the way at once, and gone for good only after some days."""

from __future__ import annotations

import shutil
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

TRASH = ".trash"
KEEP_DAYS = 7
_EVENT_FILE, _HIDDEN = "tfevents", "tf-hidden-events"  # TensorBoard shows whatever has the first in its name


def place(folder: Path, run: str, *, is_deleted: bool) -> Path:
    """Where the files of a run are; one that is deleted may still be in its old place."""
    thrown = folder / TRASH / run
    return thrown if is_deleted and thrown.exists() else folder / run


def throw(folder: Path, run: str) -> None:
    """Move the files of a run into the trash. Files that somebody has open stay where they are."""
    target = folder / TRASH / run
    with suppress(OSError):
        target.parent.mkdir(parents=True, exist_ok=True)
        (folder / run).rename(target)
        _rename_events(target, _EVENT_FILE, _HIDDEN)


def take_back(folder: Path, run: str) -> None:
    """Move the files of a run to where they were. Raises: OSError."""
    thrown = folder / TRASH / run
    if thrown.exists():
        thrown.rename(folder / run)
        _rename_events(folder / run, _HIDDEN, _EVENT_FILE)


def destroy(folder: Path, run: str) -> None:
    """Remove the files of a deleted run for good."""
    for path in (folder / TRASH / run, folder / run):
        shutil.rmtree(path, ignore_errors=True)


def long_ago(days: float = KEEP_DAYS) -> str:
    """The moment before which a run must have been deleted to be gone for good, as ISO time."""
    return (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="seconds")


def _rename_events(folder: Path, before: str, after: str) -> None:
    for path in folder.glob(f"*{before}*"):
        with suppress(OSError):
            path.rename(path.with_name(path.name.replace(before, after)))
