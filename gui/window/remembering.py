"""What was open and where one looked, kept for the next start."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from engine.graph.graph import BlockId, NodeId
from gui.place import Step
from gui.preferences import Opened, Preferences
from gui.window.canvases import Sight, View
from gui.window.projects import Projects
from gui.window.workplace import Workplace


class Remembering(QObject):
    """For one window. A window that is still empty forgets nothing of what an earlier session had open."""

    def __init__(self, projects: Projects, preferences: Preferences, window: QWidget) -> None:
        super().__init__(window)
        self._projects, self._preferences, self._window = projects, preferences, window
        self._mark = object()  # for the window in the preferences, which would keep it and all that is in it
        self._has_had_files = self._is_over = False
        self.keeps = False
        """Whether the window is closed with all others, so that what it had open comes back."""
        projects.filled.connect(self.look_as_kept)
        projects.closing.connect(self.keep_view)

    def note(self) -> None:
        """Remember what is open now."""
        paths = self._projects.paths()
        if (paths or self._has_had_files) and not self._is_over:
            self._has_had_files = True
            front = self._projects.front.session.file.path if self._projects.index >= 0 else None
            stands = bytes(self._window.saveGeometry().toBase64().data()).decode("ascii")
            self._preferences.keep_open(self._mark, Opened(tuple(paths), front, stands))

    def look_as_kept(self, workplace: Workplace) -> None:
        """Look at a file as when it was last open: split or not, at the same blocks, as near and at the same place."""
        path = workplace.session.file.path
        found = self._preferences.view_of(path) if path is not None else None
        if found:
            with suppress(KeyError, TypeError, ValueError):  # somebody has edited the settings
                workplace.desk.canvases.look_as(_view(found))

    def keep_view(self, workplace: Workplace) -> None:
        """Remember how a project is looked at."""
        if (path := workplace.session.file.path) is not None:
            self._preferences.keep_view(path, asdict(workplace.desk.canvases.view()))

    def leave(self, is_last: bool) -> None:
        """The window goes; what it has open is forgotten if other windows stay for longer."""
        self.note()
        self._is_over = True
        for workplace in self._projects.workplaces():
            self.keep_view(workplace)
        if is_last and not self.keeps:
            self._preferences.keep_closed()
        elif not self.keeps:
            self._preferences.forget_open(self._mark)


def _view(found: dict[str, Any]) -> View:
    """How one looked at a project, as JSON has it. Raises: KeyError, TypeError, ValueError."""
    sides = tuple(
        Sight(tuple(map(_step, side["way"])), (float(side["centre"][0]), float(side["centre"][1])), float(side["zoom"]))
        for side in found["sides"]
    )
    return View(sides, int(found["front"]), min(max(float(found["share"]), 0.0), 1.0))


def _step(found: object) -> Step:
    """A step of a way as JSON has it. Raises: TypeError, ValueError."""
    if not isinstance(found, list):
        raise TypeError(found)
    block, node, part = found
    return BlockId(str(block)), NodeId(str(node)), int(part)


def still_there(opened: Opened) -> list[Path]:
    """Those of the files that exist."""
    return [path for path in opened.paths if path.exists()]
