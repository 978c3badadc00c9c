"""A name that can be written over in its place."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget


class NameField(QLineEdit):
    """renamed(str): another name was written. Whoever listens sets the old one again if it is refused."""

    renamed = Signal(str)

    def __init__(self, name: str, accessible: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._name = name
        self.setProperty("mono", True)
        self.setAccessibleName(accessible)
        self.editingFinished.connect(self._tell)

    def _tell(self) -> None:
        if self.text() != self._name:
            self.renamed.emit(self.text())
