"""A field that looks for something: a lens, the words, and the key that leads here."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from gui.glyphs import bind_icon
from gui.theme import metrics
from gui.widgets.labels import KeyCap


class SearchField(QLineEdit):
    """Shows `key` at its right while it is empty, a cross once it is not; Esc empties it."""

    def __init__(self, placeholder: str, key: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(placeholder)
        lens, cross = QAction(self), QAction("Clear", self)
        bind_icon(lens, "magnifying-glass", "muted")
        bind_icon(cross, "x", "muted")
        self.addAction(lens, QLineEdit.ActionPosition.LeadingPosition)
        self.addAction(cross, QLineEdit.ActionPosition.TrailingPosition)
        cross.triggered.connect(self.clear)
        self._cross = cross
        self._key = KeyCap(key, self) if key else None
        self.textChanged.connect(self.show_ends)
        self.show_ends()

    def show_ends(self) -> None:
        """The key while there is nothing to clear, else the cross."""
        self._cross.setVisible(bool(self.text()))
        if self._key is not None:
            self._key.setVisible(not self.text())
        self._leave_room()

    def _leave_room(self) -> None:
        """What is written ends before the key."""
        taken = self._key.sizeHint().width() if self._key is not None and not self.text() else 0
        self.setTextMargins(0, 0, taken, 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._key is not None:
            size = self._key.sizeHint()
            x = self.width() - size.width() - metrics().space.xs - 1
            self._key.setGeometry(x, (self.height() - size.height()) // 2, size.width(), size.height())
            self._leave_room()
