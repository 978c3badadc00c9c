"""The parts of the File menu that differ from day to day: recent files and examples."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu

from engine.document import recent
from gui.actions import Actions
from gui.style import round_popup
from gui.window.files import Files, examples


class FileMenu(QObject):
    """Fills both menus whenever they are opened."""

    def __init__(self, menu: QMenu, actions: Actions, files: Files) -> None:
        super().__init__(menu)
        self._files = files
        inside = menu.actions()
        before = inside[inside.index(actions["file.save"]) - 1]  # the line over it
        self.recent, self.examples = round_popup(QMenu("Open recent", menu)), round_popup(QMenu("Examples", menu))
        menu.insertMenu(before, self.recent)
        menu.insertMenu(before, self.examples)
        for path in examples():
            self.examples.addAction(path.stem, partial(files.open_example, path))
        menu.aboutToShow.connect(self.fill_recent)

    def fill_recent(self) -> None:
        """The files opened last, those that are still there, and the way to forget them."""
        self.recent.clear()
        found = [path for path in recent.recent() if path.exists()]
        for path in found:
            action = self.recent.addAction(path.name, partial(self._files.open_path, path))
            action.setToolTip(str(path))
        self.recent.setEnabled(bool(found))
        if found:
            self.recent.addSeparator()
            self.recent.addAction("Forget these", recent.clear)
