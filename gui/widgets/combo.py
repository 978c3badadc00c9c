"""A combo box that says what it chooses, and not only what is chosen."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox


class NamedComboBox(QComboBox):
    """Where no label is its buddy, a screen reader hears its name as its description: Qt says the value for a name."""

    def setAccessibleName(self, name: str) -> None:
        super().setAccessibleName(name)
        if not self.accessibleDescription():
            self.setAccessibleDescription(name)
