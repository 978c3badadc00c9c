"""What a panel says while it has nothing to show: one sentence, and what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gui.glyphs import icon
from gui.theme import metrics, theme_changed
from gui.widgets.labels import label


class EmptyState(QWidget):
    """An icon, a sentence and at most a few buttons, in the middle."""

    chosen = Signal(int)

    def __init__(
        self, icon_name: str, sentence: str, actions: Sequence[str] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._icon_name = icon_name
        self._choices = QButtonGroup(self)
        self._choices.idClicked.connect(self.chosen)
        self._icon = QLabel(self)
        self._icon.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._sentence = label(sentence, "body", "secondary")
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._sentence.setWordWrap(True)
        column, row = QVBoxLayout(self), QHBoxLayout()
        column.setSpacing(metrics().space.m)
        column.addStretch(1)
        column.addWidget(self._icon)
        column.addWidget(self._sentence)
        row.addStretch(1)
        self.buttons = [self._button(index, words) for index, words in enumerate(actions)]
        for button in self.buttons:
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(1)
        theme_changed.connect(self.show_icon)
        self.show_icon()
        self.set_sentence(sentence)

    def set_sentence(self, sentence: str) -> None:
        self._sentence.setText(sentence)
        self.setAccessibleName(sentence)

    def show_icon(self) -> None:
        """Draw the icon in this moment's theme."""
        side = metrics().space.xxl
        picture = icon(self._icon_name, "muted", side).pixmap(side, side)
        self._icon.setPixmap(picture)

    def _button(self, index: int, words: str) -> QPushButton:
        button = QPushButton(words, self)
        self._choices.addButton(button, index)
        return button
