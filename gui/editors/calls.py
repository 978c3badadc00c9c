"""A call of a function: as one line, and below it every argument, as a value, an expression or a wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from engine.errors import EngineError
from engine.layers.call_text import Written, with_argument, words_of, written_arguments
from engine.spec import Param
from engine.tree import Called
from gui.editors.base import FieldEditor, clear
from gui.style import restyle
from gui.theme import metrics
from gui.widgets import label


class CallEditor(FieldEditor):
    """The call in a field of its own; its tail has a row for each argument. An empty row is the default."""

    is_wide = True

    def __init__(
        self, declared: Param, owner: str, scope: Mapping[str, Any] | None = None, parent: QWidget | None = None
    ) -> None:
        self.rows: dict[str, QLineEdit] = {}
        self._shown: tuple[Written, ...] = ()
        self.tail = QWidget()
        self.grid = QGridLayout(self.tail)
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.grid.setHorizontalSpacing(metrics().space.s)
        self.grid.setVerticalSpacing(metrics().space.xs)
        self.grid.setColumnStretch(1, 1)
        super().__init__(declared, owner, scope, parent)

    def show_value(self) -> None:
        super().show_value()
        self._show_rows()

    def take(self) -> None:
        super().take()
        if not self.error():
            self._show_rows()

    def _show_rows(self) -> None:
        shown = written_arguments(self.value, self.scope) if isinstance(self.value, Called) else ()
        if [w.argument for w in shown] != [w.argument for w in self._shown] or not self.rows:
            self._make_rows(shown)
        self._shown = shown
        for number, written in enumerate(shown):
            field = self.rows[written.argument.name]
            field.setText(written.text)
            field.setPlaceholderText(written.default)
            self._mark(field, "")
            mark = self.grid.itemAtPosition(number, 2)
            if mark is not None and mark.widget() is not None:
                mark.widget().setText(written.source)  # type: ignore[union-attr]

    def _make_rows(self, shown: tuple[Written, ...]) -> None:
        clear(self.grid)
        self.rows = {}
        for number, written in enumerate(shown):
            name, kind = written.argument.name, words_of(written.argument.type)
            field = QLineEdit()
            field.setProperty("mono", True)
            field.setProperty("dense", True)
            field.setAccessibleName(f"{name}: {kind}")
            field.setToolTip(f"{name}: {kind}. A name that is no parameter becomes an input.")
            field.editingFinished.connect(lambda name=name: self.take_argument(name))
            self.rows[name] = field
            self.grid.addWidget(label(name, "small", "secondary"), number, 0)
            self.grid.addWidget(field, number, 1)
            self.grid.addWidget(label("", "caption", "muted"), number, 2)

    def take_argument(self, name: str) -> None:
        """Read the row of one argument. What cannot be read stays in it, with the reason under the call."""
        field = self.rows[name]
        before = next(w.text for w in self._shown if w.argument.name == name)
        if field.text().strip() == before:
            self._mark(field, "")
            return
        try:
            changed = with_argument(self.value, name, field.text())
            value = self.declared.parse(changed.text, self.owner)
        except EngineError as error:
            self._mark(field, error.message)
            return
        self.choose(value)
        self.show_value()

    def _mark(self, field: QLineEdit, words: str) -> None:
        self.show_error(words)
        if bool(field.property("wrong")) != bool(words):
            field.setProperty("wrong", bool(words))
            restyle(field)
