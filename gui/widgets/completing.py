"""Names that complete what is typed into a field: the parameters of the block, in an expression."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cached_property

from PySide6.QtCore import QObject, QRect, QStringListModel, Qt
from PySide6.QtWidgets import QAbstractItemView, QCompleter, QLineEdit

from engine.expr import composed
from gui.theme import metrics

_WORD = re.compile(r"[^\W\d]\w*$")


class NameCompleter(QObject):
    """Offers names under a field while one of them is being typed. Down and Enter, or a click, take one.

    names(): those that there are now.
    """

    def __init__(self, field: QLineEdit, names: Callable[[], Iterable[str]]) -> None:
        super().__init__(field)
        self._field, self._names = field, names
        field.textEdited.connect(self.offer)

    @cached_property
    def completer(self) -> QCompleter:
        """Made for the first name there is to offer: most fields are looked at and never written in."""
        made = QCompleter(QStringListModel(self), self)
        made.setWidget(self._field)
        made.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        made.setCaseSensitivity(Qt.CaseSensitivity.CaseSensitive)
        made.activated.connect(self.take)
        return made

    @property
    def _popup(self) -> QAbstractItemView:
        """Asked for each time: what Python was given once counts as deleted after the field has lost the focus."""
        popup = self.completer.popup()
        assert popup is not None, "the mode of completion has one"
        return popup

    @property
    def is_open(self) -> bool:
        """Whether names are offered: then Enter and Esc are for them."""
        return "completer" in vars(self) and self._popup.isVisible()

    @property
    def is_choosing(self) -> bool:
        """Whether one of them is chosen, for Enter to take."""
        return self.is_open and self._popup.currentIndex().isValid()

    def offer(self) -> None:
        """Show the names that begin with the word before the cursor."""
        word = self._word()
        found = sorted(n for n in self._names() if n.startswith(word) and n != word) if word else []
        if not found:
            if self.is_open:
                self._popup.hide()
            return
        names = self.completer.model()
        assert isinstance(names, QStringListModel)
        names.setStringList(found)
        wide = max(self._field.fontMetrics().horizontalAdvance(name) for name in found) + 2 * metrics().space.xl
        self.completer.complete(QRect(0, 0, max(wide, self._field.width()), self._field.height()))

    def take(self, name: str) -> None:
        """Put a name in the place of the word before the cursor."""
        before = self._before().removesuffix(self._word()) + name
        self._field.setText(before + self._field.text()[self._field.cursorPosition() :])
        self._field.setCursorPosition(len(before))

    def _before(self) -> str:
        """What stands before the cursor."""
        return composed(self._field.text()[: self._field.cursorPosition()])

    def _word(self) -> str:
        found = _WORD.search(self._before())
        return found[0] if found else ""
