"""Editors for values that are chosen: words, yes or no, a word or a number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFontMetrics, QHelpEvent, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QMenu,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QToolButton,
    QToolTip,
    QWidget,
)

from engine.spec import Param
from gui.editors.base import MIXED, Editor, FieldEditor
from gui.glyphs import bind_icon
from gui.theme import font, metrics
from gui.widgets import NamedComboBox


class QuietComboBox(NamedComboBox):
    """A combo box that scrolling a panel does not change. Its list has room for the longest name; where the box has
    not, three dots say so and hovering says the rest."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self.setProperty("dense", True)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def longest(self) -> int:
        """The width in px at which every name can be read."""
        words = QFontMetrics(font("body"))
        names = (self.itemText(row) for row in range(self.count()))
        frame = metrics().space.s + metrics().control.height_small + 4 * metrics().line.border
        return max(map(words.horizontalAdvance, names), default=0) + frame

    def said(self) -> str:
        """The name of what is chosen as far as there is room for it."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        field = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, self
        )
        room = field.width() - 2 * metrics().line.border
        return self.fontMetrics().elidedText(option.currentText, Qt.TextElideMode.ElideRight, room)

    def showPopup(self) -> None:
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        longest = self.view().sizeHintForColumn(0) + bar
        self.view().setMinimumWidth(max(self.width(), min(longest, self.screen().availableSize().width())))
        super().showPopup()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, option = QStylePainter(self), QStyleOptionComboBox()
        self.initStyleOption(option)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        if self.currentIndex() >= 0:
            option.currentText = self.said()
            painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        else:
            super().paintEvent(event)  # what stands for no value

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self.said() != self.currentText():
            words = "\n".join(part for part in (self.currentText(), self.toolTip()) if part)
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)


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

    def show_mixed(self) -> None:
        self.combo.setPlaceholderText(MIXED)
        self.combo.setCurrentIndex(-1)

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
        self.check.setProperty("dense", True)
        self.check.clicked.connect(self._take)
        self.place(self.check)
        self.show_value()

    def show_value(self) -> None:
        self.check.setTristate(False)
        self.check.setChecked(self.value is True)

    def show_mixed(self) -> None:
        self.check.setTristate(True)
        self.check.setCheckState(Qt.CheckState.PartiallyChecked)

    def _take(self, checked: bool) -> None:
        self.check.setTristate(False)
        self.choose(checked)


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
        self.button = QToolButton()
        self.button.setAccessibleName(f"Words for {declared.name}")
        self.button.setMenu(words)
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        bind_icon(self.button, "caret-down")
        self.put_button(self.button)

    def _pick(self, option: Any) -> None:
        self.choose(option)
        self.show_value()
