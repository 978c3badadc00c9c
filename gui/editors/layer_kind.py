"""The editor for a kind of layer: which one, and below it its options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from engine.errors import SpecError
from engine.expr import Expr
from engine.layers.base import Layer
from engine.layers.chosen import choosable
from engine.spec import Param
from gui.editors.base import MIXED, Editor
from gui.editors.choices import QuietComboBox
from gui.editors.form import Form


class LayerEditor(Editor):
    """One of the layers that can stand where the default does, or what a parameter of the block around says.

    The options of the chosen layer are its tail.
    """

    def __init__(
        self, declared: Param, owner: str, scope: Mapping[str, Any] | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(declared, owner, scope, parent)
        self.combo = QuietComboBox()
        self.combo.setProperty("mono", True)
        self.combo.setAccessibleName(declared.name)
        self.kinds = choosable(declared.default)
        self.choices: list[Any] = []
        self.combo.activated.connect(self._take)
        self.tail = self.form = Form(self.scope)
        self.form.edited.connect(self._set)
        self.place(self.combo)
        self.show_value()

    def set_value_width(self, width: int) -> None:
        super().set_value_width(width)
        self.form.set_value_width(width)

    def show_value(self) -> None:
        self._fill()
        wanted = self.value if isinstance(self.value, Expr) else type(self.value)
        self.combo.setCurrentIndex(self.choices.index(wanted) if wanted in self.choices else -1)
        self.combo.setPlaceholderText(str(self.value) if isinstance(self.value, Expr) else "")
        is_open = isinstance(self.value, Expr)
        self.combo.setToolTip("As the parameter of the block around it says." if is_open else self.value.summary())
        self._show_options()

    def show_mixed(self) -> None:
        self.combo.setPlaceholderText(MIXED)
        self.combo.setCurrentIndex(-1)
        self.form.hide()

    def _fill(self) -> None:
        """The parameters of the block around that are layers too, then the layers."""
        names = [Expr(name) for name, value in self.scope.items() if isinstance(value, Layer)]
        if self.choices[: -len(self.kinds)] == names and self.choices:
            return
        self.choices = [*names, *self.kinds]
        self.combo.clear()
        for choice in self.choices:
            self.combo.addItem(choice.text if isinstance(choice, Expr) else choice.title)
            tip = "A parameter of the block around it." if isinstance(choice, Expr) else choice.summary()
            self.combo.setItemData(self.combo.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)

    def _show_options(self) -> None:
        if isinstance(self.value, Expr):
            self.form.hide()
            return
        self.form.scope = self.scope
        self.form.show_spec(self.value, sorted(self.value.params.values(), key=lambda p: p.advanced))

    def _take(self, index: int) -> None:
        chosen = self.choices[index]
        if isinstance(chosen, Expr) or type(self.value) is not chosen:
            self.gesture = 0
            self.choose(chosen if isinstance(chosen, Expr) else self._made(chosen))
            self.show_value()

    def _made(self, kind: type[Layer]) -> Layer:
        """The kind with as much of the options as it shares with the one before."""
        if isinstance(self.value, Expr):
            return kind()
        try:
            return kind().with_(**{n: v for n, v in self.value.changed().items() if n in kind.params})
        except SpecError:
            return kind()

    def _set(self, name: str, value: Any) -> None:
        self.gesture = self.form.editors[name].gesture
        try:
            chosen = self.value.with_(**{name: value})
        except SpecError as error:
            self.show_error(error.message)
            return
        self.choose(chosen)
        self._show_options()
