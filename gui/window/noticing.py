"""Files that other programs change while they are open: said when one comes back to the window or to their tab."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from engine.document.files import load
from engine.errors import EngineError
from gui.window.projects import Projects
from gui.window.workplace import Workplace


class Noticing(QObject):
    """Looks at the file of the project in front, and offers to read it again or to show what differs."""

    def __init__(self, projects: Projects, window: QWidget) -> None:
        super().__init__(window)
        self._projects, self._window = projects, window
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)
        app.focusWindowChanged.connect(self.look)
        projects.front_changed.connect(self.look)

    def look(self, _: object = None) -> None:
        """Look at the file in front, if this is the window that one is in."""
        if self._window.isActiveWindow():
            front = self._projects.front
            front.session.file.look(partial(self._tell, front))

    def _tell(self, workplace: Workplace) -> None:
        file = workplace.session.file
        if file.dirty:
            words = f"{file.name} was changed by another program, and here as well."
            workplace.say(words, "Show what differs", partial(self._compare, workplace))
        else:
            workplace.say(f"{file.name} was changed by another program.", "Read it again", file.read_again)

    def _compare(self, workplace: Workplace) -> None:
        file = workplace.session.file
        try:
            assert file.path is not None
            workplace.canvas.changes.show_since(load(file.path), f"Against the file {file.name}")
        except EngineError as error:
            workplace.say(str(error))
