"""Files that are dragged over the window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QDropEvent

from engine.document.files import SUFFIX
from gui.canvas.view import CanvasView


def dropped_projects(data: QMimeData) -> list[Path]:
    """The project files among what is dragged, in order; other files are left out."""
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    return [path for path in paths if path.suffix == SUFFIX]


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
