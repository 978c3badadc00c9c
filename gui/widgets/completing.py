"""Names that complete what is typed into a field: the parameters of the block, in an expression."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, QRect, QStringListModel, Qt
from PySide6.QtWidgets import QAbstractItemView, QCompleter, QLineEdit

from gui.theme import metrics

_WORD = re.compile(r"[^\W\d]\w*$")


class NameCompleter(QObject):
    """Offers names under a field while one of them is being typed. Down and Enter, or a click, take one.

    names(): those that there are now.
    """

    def __init__(self, field: QLineEdit, names: Callable[[], Iterable[str]]) -> None:
        super().__init__(field)
        self._field, self._names = field, names
        self._found = QStringListModel(self)
        self.completer = QCompleter(self._found, self)
        self.completer.setWidget(field)
        self.completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self.completer.setCaseSensitivity(Qt.CaseSensitivity.CaseSensitive)
        self.completer.activated.connect(self.take)
        field.textEdited.connect(self.offer)

    @property
    def _popup(self) -> QAbstractItemView:
        """Asked for each time: what Python was given once counts as deleted after the field has lost the focus."""
        popup = self.completer.popup()
        assert popup is not None, "the mode of completion has one"
        return popup

    @property
    def is_open(self) -> bool:
        """Whether names are offered: then Enter and Esc are for them."""
        return self._popup.isVisible()

    @property
    def is_choosing(self) -> bool:
        """Whether one of them is chosen, for Enter to take."""
        return self.is_open and self._popup.currentIndex().isValid()

    def offer(self) -> None:
        """Show the names that begin with the word before the cursor."""
        word = self._word()
        found = sorted(n for n in self._names() if n.startswith(word) and n != word) if word else []
        if not found:
            self._popup.hide()
            return
        self._found.setStringList(found)
        wide = max(self._field.fontMetrics().horizontalAdvance(name) for name in found) + 2 * metrics().space.xl
        self.completer.complete(QRect(0, 0, max(wide, self._field.width()), self._field.height()))

    def take(self, name: str) -> None:
        """Put a name in the place of the word before the cursor."""
        word, end, text = self._word(), self._field.cursorPosition(), self._field.text()
        self._field.setText(text[: end - len(word)] + name + text[end:])
        self._field.setCursorPosition(end - len(word) + len(name))

    def _word(self) -> str:
        found = _WORD.search(self._field.text()[: self._field.cursorPosition()])
        return found[0] if found else ""
