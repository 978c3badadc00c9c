"""Editors for values that are chosen: words, yes or no, a word or a number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QMenu, QToolButton, QWidget

from engine.spec import Param
from gui.editors.base import Editor, FieldEditor
from gui.glyphs import bind_icon


class QuietComboBox(QComboBox):
    """A combo box that scrolling a panel does not change."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class ChoiceEditor(Editor):
    """One of several words."""

    def __init__(
        self, declared: Param, owner: str, scope: Mapping[str, Any] | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(declared, owner, scope, parent)
        self.combo = QuietComboBox()
        self.combo.setProperty("mono", True)
        self.combo.setAccessibleName(declared.name)
        for option in declared.kind.choices:
            self.combo.addItem(declared.kind.show(option))
        self.combo.activated.connect(self._take)
        self.place(self.combo)
        self.show_value()

    def show_value(self) -> None:
        options = self.declared.kind.choices
        self.combo.setCurrentIndex(options.index(self.value) if self.value in options else -1)

    def _take(self, index: int) -> None:
        self.choose(self.declared.kind.choices[index])


class BoolEditor(Editor):
    """Yes or no."""

    def __init__(
        self, declared: Param, owner: str, scope: Mapping[str, Any] | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(declared, owner, scope, parent)
        self.check = QCheckBox()
        self.check.setAccessibleName(declared.name)
        self.check.clicked.connect(self.choose)
        self.place(self.check)
        self.show_value()

    def show_value(self) -> None:
        self.check.setChecked(self.value is True)


class EitherEditor(FieldEditor):
    """A number, or one of some words that a menu in the field offers."""

    def __init__(
        self, declared: Param, owner: str, scope: Mapping[str, Any] | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(declared, owner, scope, parent)
        words = QMenu(self)
        for option in declared.kind.choices:
            words.addAction(declared.kind.show(option)).triggered.connect(
                lambda _=False, option=option: self._pick(option)
            )
        self.button = QToolButton(self.field)
        self.button.setAccessibleName(f"Words for {declared.name}")
        self.button.setMenu(words)
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.button.setCursor(Qt.CursorShape.ArrowCursor)
        bind_icon(self.button, "caret-down")
        side = self.field.sizeHint().height()
        self.button.setFixedSize(side, side)
        self.field.setTextMargins(0, 0, side, 0)

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self.button.move(self.field.width() - self.button.width(), (self.field.height() - self.button.height()) // 2)

    def _pick(self, option: Any) -> None:
        self.choose(option)
        self.show_value()
