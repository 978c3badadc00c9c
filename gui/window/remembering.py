"""What was open and where one looked, kept for the next start: the files of every window, and the blocks on screen."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QObject

from engine.graph.graph import BlockId, NodeId
from gui.place import Step
from gui.preferences import Opened, Preferences
from gui.window.projects import Projects
from gui.window.workplace import Workplace


class Remembering(QObject):
    """For one window. A window that is still empty forgets nothing of what an earlier session had open."""

    def __init__(self, projects: Projects, preferences: Preferences, parent: QObject) -> None:
        super().__init__(parent)
        self._projects, self._preferences = projects, preferences
        self._has_had_files = self._is_over = False
        self.keeps = False
        """Whether the window is closed with all others, so that what it had open comes back."""

    def note(self) -> None:
        """Remember what is open now."""
        paths = self._projects.paths()
        if (paths or self._has_had_files) and not self._is_over:
            self._has_had_files = True
            front = self._projects.front.session.file.path if self._projects.index >= 0 else None
            self._preferences.keep_open(self, Opened(tuple(paths), front))

    def look_as_kept(self, workplace: Workplace) -> Workplace:
        """Split the view as it was when the file was last open, and show the same blocks. Returns: the same."""
        path = workplace.session.file.path
        view = self._preferences.take_view(path) if path is not None else None
        if view:
            with suppress(KeyError, TypeError, ValueError):  # somebody has edited the settings
                sides = [tuple(_step(step) for step in side) for side in view["sides"]]
                workplace.desk.canvases.look_as(sides, int(view["front"]))
        return workplace

    def leave(self, is_last: bool) -> None:
        """The window goes; what it has open is forgotten only if other windows stay."""
        self._is_over = True
        for workplace in self._projects.workplaces():
            if (path := workplace.session.file.path) is not None:
                sides, front = workplace.desk.canvases.view()
                self._preferences.keep_view(path, {"sides": sides, "front": front})
        if not is_last and not self.keeps:
            self._preferences.forget_open(self)


def _step(found: object) -> Step:
    """A step of a way as JSON has it. Raises: TypeError, ValueError."""
    if not isinstance(found, list):
        raise TypeError(found)
    block, node, part = found
    return BlockId(str(block)), NodeId(str(node)), int(part)


def still_there(opened: Opened) -> list[Path]:
    """Those of the files that exist."""
    return [path for path in opened.paths if path.exists()]
