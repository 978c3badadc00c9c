"""Files that are dragged over the window."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QDropEvent

from engine.document.files import SUFFIX
from gui.canvas.view import CanvasView

MOST_OF_A_FOLDER = 20


def dropped_projects(data: QMimeData) -> list[Path]:
    """The project files among what is dragged and in dragged folders, in order; other files are left out."""
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    found = [inner for path in paths for inner in (_inside(path) if path.is_dir() else (path,))]
    return [path for path in found if path.suffix.lower() == SUFFIX]


def _inside(folder: Path) -> list[Path]:
    """The projects in a folder, not in folders within it; none of one that cannot be read."""
    with suppress(OSError):
        return sorted(path for path in folder.iterdir() if path.suffix.lower() == SUFFIX)[:MOST_OF_A_FOLDER]
    return []


def take_drop(window: Any, event: QDropEvent) -> None:
    """Open the projects; with Shift over a canvas insert a block of the first."""
    paths, at = dropped_projects(event.mimeData()), window.mapToGlobal(event.position().toPoint())
    canvas = next((c for c in window.desk.canvases.all() if _is_over(c, at)), None)
    if not paths:
        return
    event.acceptProposedAction()
    if canvas is not None and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
        window.shelf.offer(paths[0], canvas, at)
    else:
        window.files.open_paths(paths)


def _is_over(canvas: CanvasView, at: QPoint) -> bool:
    """Whether a point of the screen lies on a canvas that is seen."""
    return canvas.isVisible() and canvas.rect().contains(canvas.mapFromGlobal(at))
