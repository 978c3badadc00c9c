"""Whether a file still holds what was read from it or written to it: other programs and windows write files too."""

from __future__ import annotations

import os
from dataclasses import dataclass

from engine.document.files import dumps, load, save
from engine.document.project import Project
from engine.errors import FileError

Stamp = tuple[int, int] | None
PathLike = str | os.PathLike[str]


def stamp(path: PathLike) -> Stamp:
    """When a file was written, in ns, and how many bytes it has; None where there is none."""
    try:
        facts = os.stat(path)
    except OSError:
        return None
    return facts.st_mtime_ns, facts.st_size


def changed_by_others(path: PathLike, before: Stamp, saved: Project) -> bool:
    """Whether somebody else made the file another one. A file that is gone, or was written with the same, is none.

    before: its stamp when it was read or written here. saved: what it held then.
    """
    if stamp(path) in (None, before):
        return False
    try:
        return dumps(load(path)) != dumps(saved)
    except FileError:
        return True


def save_unless_changed(project: Project, path: PathLike, before: Stamp, saved: Project) -> Stamp:
    """Write the project. Returns: the file's stamp, None if it was left alone since somebody else has changed it.

    Raises: FileError.
    """
    if changed_by_others(path, before, saved):
        return None
    save(project, path)
    return stamp(path)


@dataclass(frozen=True)
class ReadAgain:
    """Take over what another program has written into the file."""

    found: Project
    label = "Read the file again"

    def __call__(self, project: Project) -> Project:
        return self.found
