"""The History tab: every step that was done, and those undone; a click goes back or forward to it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QShowEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from engine.document.diff import Change
from gui.session import Session
from gui.theme import theme, theme_changed

STEP = Qt.ItemDataRole.UserRole
MOST = 500  # rows; older steps can still be undone one by one


class HistoryPanel(QWidget):
    """The oldest step on top. It is filled when it is seen."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("History")
        self.setProperty("ground", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._session = session
        self._labels: tuple[tuple[str, ...], tuple[str, ...]] | None = None
        self.list = QListWidget()
        self.list.setUniformItemSizes(True)
        self.list.setProperty("focusRing", "inside")
        self.list.setAccessibleName("Steps")
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.list)
        session.changed.connect(self.show_history)
        session.file.changed.connect(self.show_history)
        theme_changed.connect(self._fill)
        self.list.itemClicked.connect(self._go)
        self.list.itemActivated.connect(self._go)

    def show_history(self, change: Change | None = None) -> None:
        """Show the steps as they are now, at once or when the tab is opened."""
        if self.isVisible():
            self._fill()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fill()

    def _fill(self) -> None:
        done, undone = self._session.document.history()
        saved = self._session.document.saved_step
        first = max(0, len(done) - MOST)
        self.list.clear()
        self._add(first, "Opened" if not first else f"{first} steps before", first == saved, is_done=True)
        for step, label in enumerate(done[first:], first + 1):
            self._add(step, label, step == saved, is_done=True)
        for step, label in enumerate(undone[:MOST], len(done) + 1):
            self._add(step, label, step == saved, is_done=False)
        row = self.list.item(len(done) - first)
        self.list.setCurrentItem(row)
        self.list.scrollToItem(row)

    def _add(self, step: int, label: str, is_saved: bool, *, is_done: bool) -> None:
        item = QListWidgetItem(f"{label}  ·  saved" if is_saved else label)
        item.setData(STEP, step)
        if not is_done:
            item.setForeground(theme().text.muted)
            font = QFont(self.list.font())
            font.setItalic(True)
            item.setFont(font)
            item.setToolTip("Undone; a click does it again.")
        self.list.addItem(item)

    def _go(self, item: QListWidgetItem) -> None:
        self._session.document.go_to(item.data(STEP))
