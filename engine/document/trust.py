"""Which projects with code of their own this user trusts, by the content of that code."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from engine.document.files import write_whole
from engine.document.project import Project
from engine.errors import TrustError
from engine.places import made, trust_file


def content_hash(project: Project) -> str:
    """SHA-256 over the project's own Python, whatever its order; "" for a project without any."""
    sources = sorted(set(project.user_code()))
    if not sources:
        return ""
    return hashlib.sha256(json.dumps(sources).encode("utf-8", "surrogatepass")).hexdigest()


class Trust:
    """The hashes that were trusted, kept in a file between sessions. What cannot be read is not trusted."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path or trust_file()
        self._last: tuple[Project, str] | None = None

    def allows(self, project: Project) -> bool:
        """Whether the project's code may run: it has none, or this very code was trusted."""
        mark = self._mark(project)
        return not mark or mark in self._read()

    def need(self, project: Project) -> None:
        """Raises: TrustError unless the project's code may run."""
        if not self.allows(project):
            raise TrustError(
                "The project holds Python code that nobody has trusted yet.",
                "Read its Code layers and what it imports, then trust the project.",
            )

    def remember(self, project: Project) -> None:
        """Trust the code of this project from now on. Raises: FileError if that cannot be kept."""
        mark, known = content_hash(project), self._read()
        if mark and mark not in known:
            self._write([*known, mark])

    def forget(self, project: Project) -> None:
        """Trust the code of this project no longer. Raises: FileError if that cannot be kept."""
        mark, known = content_hash(project), self._read()
        if mark in known:
            self._write([item for item in known if item != mark])

    def _mark(self, project: Project) -> str:
        """The hash of a project's code, looked for once: many ask about the same one after an edit."""
        last = self._last
        if last is None or last[0] is not project:
            last = self._last = project, content_hash(project)
        return last[1]

    def _read(self) -> list[str]:
        return read_list(self._path)

    def _write(self, marks: list[str]) -> None:
        made(self._path.parent)
        write_whole(json.dumps(marks, indent=1) + "\n", self._path)


def read_list(path: Path) -> list[str]:
    """The texts of a JSON list in a file; none where there is no such file or no such list."""
    try:
        data = json.loads(path.read_bytes().decode("utf-8"))
    except (OSError, ValueError, RecursionError):
        return []
    return [item for item in data if isinstance(item, str)] if isinstance(data, list) else []
