"""Files that are dragged over the window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData

from engine.document.files import SUFFIX


def dropped_projects(data: QMimeData) -> list[Path]:
    """The project files among what is dragged, in order; other files are left out."""
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    return [path for path in paths if path.suffix == SUFFIX]
