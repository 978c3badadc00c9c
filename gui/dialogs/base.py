"""What every dialog is made of: a title that says what happens, words, and buttons that are verbs."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from gui.theme import metrics
from gui.widgets import label


class Dialog(QDialog):
    """Opened with `open()`, it returns at once and deletes itself when it is closed. Esc is the same as leaving it."""

    def __init__(self, title: str, words: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(metrics().popup.dialog_w)
        self.setAccessibleName(title)
        self.setAccessibleDescription(words)
        space = metrics().space
        box = QVBoxLayout(self)
        box.setContentsMargins(space.xl, space.xl, space.xl, space.l)
        box.setSpacing(space.m)
        heading = label(title, "title")
        heading.setWordWrap(True)
        box.addWidget(heading)
        self.words = label(words, "body", "secondary")
        self.words.setWordWrap(True)
        self.words.setVisible(bool(words))
        box.addWidget(self.words)
        self.body = QVBoxLayout()
        self.body.setSpacing(space.s)
        box.addLayout(self.body)
        self._row = QHBoxLayout()
        self._row.setContentsMargins(0, space.s, 0, 0)
        self._row.setSpacing(space.s)
        self._row.addStretch(1)
        box.addLayout(self._row)

    def add_button(
        self, words: str, call: Callable[[], object] | None = None, kind: str = "", *, safe: bool = False
    ) -> QPushButton:
        """A button that does something and closes the dialog; the safe one has the focus."""
        button = self.add_action(words, self.accept, kind)
        if call is not None:
            self.accepted_with(button, call)
        if safe:
            button.setDefault(True)
            button.setFocus(Qt.FocusReason.OtherFocusReason)
        return button

    def accepted_with(self, button: QPushButton, call: Callable[[], object]) -> None:
        """After the dialog has gone, do what its button said."""
        button.clicked.connect(lambda: call())

    def add_action(self, words: str, call: Callable[[], object], kind: str = "") -> QPushButton:
        """A button that leaves the dialog open unless `call` closes it."""
        button = QPushButton(words, self)
        button.setAutoDefault(False)
        if kind:
            button.setProperty("kind", kind)
        button.clicked.connect(lambda: call())
        self._row.addWidget(button)
        return button

    def leave_button(self, words: str = "Close") -> QPushButton:
        """The safe way out, with the focus."""
        button = self.add_action(words, self.reject)
        button.setDefault(True)
        button.setFocus(Qt.FocusReason.OtherFocusReason)
        return button


def ask(title: str, words: str, choices: list[tuple[str, str, Callable[[], object] | None]], parent: QWidget) -> Dialog:
    """A question. choices: words, kind and what is done; the first without a kind is the safe one."""
    dialog = Dialog(title, words, parent)
    safe = next((index for index, choice in enumerate(choices) if not choice[1]), 0)
    for index, (text, kind, call) in enumerate(choices):
        dialog.add_button(text, call, kind, safe=index == safe)
    dialog.open()
    return dialog
