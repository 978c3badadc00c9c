"""The script of a run in a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QWidget

from gui.dialogs.base import Dialog
from gui.dialogs.path_field import PathField

PLAIN = "The text that trained: it gives the same curve by itself, without Netsmith."
STEERED = "The text that trained, with what was changed by hand changed again at the same steps."


class RunScriptDialog(Dialog):
    """Where it is to be written. `write(path)` is called when the button is pressed."""

    def __init__(self, path: Path, is_steered: bool, write: Callable[[Path], object], parent: QWidget) -> None:
        super().__init__("Export the script of this run", STEERED if is_steered else PLAIN, parent)
        self._write = write
        self.file = PathField(path, self)
        self.body.addWidget(self.file)
        self.add_action("Leave it", self.reject)
        self.button = self.add_action("Export", self.export, "primary")
        self.button.setDefault(True)
        self.button.setFocus()

    def export(self) -> None:
        """Write it, if the path can be meant."""
        if (path := self.file.path()) is not None:
            self.accept()
            self._write(path)
