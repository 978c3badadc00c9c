"""What every editor of an option has in common, and the field that most of them are."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QLabel, QLayout, QLineEdit, QToolButton, QVBoxLayout, QWidget

from engine.errors import EngineError
from engine.expr import Expr
from engine.kinds import Float, Int, KindError
from engine.spec import Param, is_open
from gui.style import restyle
from gui.theme import metrics
from gui.widgets import label
from gui.widgets.completing import NameCompleter

DRAG_START = 4  # px the pointer moves before a press on a number becomes a drag
DRAG_STEP = 6  # px a step
MIXED = "mixed"

_gestures = count(1)


def clear(layout: QLayout) -> None:
    """Take every widget out of a layout and let it go, once Qt has finished with it."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()


class Editor(QWidget):
    """Edits one option. value_edited(value): the person chose another value, which its declaration allows.

    scope: the block's parameters by name, for expressions. tail: what belongs below it, over the whole width of a form.
    gesture: the same number while one drag or one run of arrow keys goes on, which is one step to undo; else 0.
    """

    value_edited = Signal(object)
    is_wide = False
    """Needs the whole width of a form, under its name rather than beside it."""
    tail: QWidget | None = None

    def __init__(
        self, declared: Param, owner: str, scope: Mapping[str, Any] | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.declared, self.owner = declared, owner
        self.scope: Mapping[str, Any] = scope or {}
        self.value: Any = declared.default
        self.mixed = False
        self.gesture = 0
        self.setAccessibleName(declared.name)
        self.setToolTip(f"{declared.name}\n{declared.help}")
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(0, 0, 0, 0)
        self.box.setSpacing(metrics().space.xs // 2)
        self._error: QLabel | None = None

    def place(self, *widgets: QWidget) -> None:
        """Put the controls above the line for an error, which is made when there is one. Called once."""
        for widget in widgets:
            self.box.addWidget(widget)
        self.setFocusProxy(widgets[0])
        for widget in widgets:
            widget.setAccessibleDescription(self.declared.help)

    def spoken(self) -> QWidget:
        """What has the keys, and is called by the option's name: of a list Qt says its value alone."""
        return self.focusProxy() or self

    def set_value_width(self, width: int) -> None:
        """How wide values are beside their names; a wide editor takes what there is."""
        if not self.is_wide:
            self.setFixedWidth(width)

    def set_value(self, value: Any) -> None:
        """Show a value from outside; nothing is emitted."""
        self.value, self.mixed = value, False
        self.show_error("")
        self.show_value()

    def set_mixed(self, value: Any) -> None:
        """Show that what is edited at once differs; `value` is that of the first."""
        self.set_value(value)
        self.mixed = True
        self.show_mixed()

    def show_value(self) -> None:
        """Make the controls show `self.value`."""
        raise NotImplementedError

    def show_mixed(self) -> None:
        """Make the controls show no value, but that there are several."""

    def show_error(self, words: str) -> None:
        """Say under the controls what is wrong with what stands in them; "" for nothing."""
        if self._error is None:
            if not words:
                return
            self._error = label("", "caption", "danger")
            self._error.setWordWrap(True)
            self.box.addWidget(self._error)
        self._error.setText(words)
        self._error.setVisible(bool(words))

    def finish(self) -> None:
        """Take what waits for a pause in typing, if anything does."""

    def refuse(self, value: Any, words: str) -> None:
        """What was chosen does not go: what stands in the controls stays, the value is again this one."""
        self.value = value
        self.show_error(words)

    def error(self) -> str:
        """What is said to be wrong."""
        return "" if self._error is None else self._error.text()

    def choose(self, value: Any) -> None:
        """Take what the person chose, if it is another value."""
        self.show_error("")
        if self.mixed or value != self.value or type(value) is not type(self.value):
            self.value, self.mixed = value, False
            self.value_edited.emit(value)


class FieldEditor(Editor):
    """One line of text: numbers, sizes, names, expressions.

    Enter or leaving the field takes the text, Escape brings the value back. In a number the arrow keys, the wheel
    and a horizontal drag change it.
    """

    def __init__(
        self, declared: Param, owner: str, scope: Mapping[str, Any] | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(declared, owner, scope, parent)
        self.field = QLineEdit()
        self.field.setProperty("mono", True)
        self.field.setProperty("dense", True)
        self.field.setAccessibleName(declared.name)
        self.field.installEventFilter(self)
        self.field.editingFinished.connect(self.take)
        self.names = NameCompleter(self.field, lambda: () if declared.literal else self.scope)
        self._aside: QLabel | None = None
        self._button: QToolButton | None = None
        self._pressed_at: float | None = None
        self._dragged, self._first = 0, self.value
        self.place(self.field)
        self.show_value()

    def put_button(self, button: QToolButton) -> None:
        """Place a button inside the field, at its right end."""
        side = metrics().control.height_small
        button.setParent(self.field)
        button.setFixedSize(side, side)
        button.setCursor(Qt.CursorShape.ArrowCursor)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._button = button
        self._place_inside()

    @property
    def is_number(self) -> bool:
        return isinstance(self.declared.kind, (Int, Float)) and not isinstance(self.value, Expr)

    def show_value(self) -> None:
        self.field.setPlaceholderText("")
        self.field.setText(self.declared.show(self.value))
        self.field.setCursorPosition(0)
        self._show_kind()

    def show_mixed(self) -> None:
        self.field.clear()
        self.field.setPlaceholderText(MIXED)
        self._show_aside("")

    def take(self) -> None:
        """Read the text. What cannot be read stays in the field with the reason under it."""
        self.gesture = 0
        if self.field.text() == ("" if self.mixed else self.declared.show(self.value)):
            self.show_error("")
            return
        try:
            value = self.declared.parse(self.field.text(), self.owner, self.scope)
        except EngineError as error:
            self.show_error(error.message)
            return
        self.choose(value)
        self._show_kind()

    def show_error(self, words: str) -> None:
        super().show_error(words)
        if hasattr(self, "field") and bool(self.field.property("wrong")) != bool(words):
            self.field.setProperty("wrong", bool(words))
            restyle(self.field)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(event)
        if isinstance(event, QWheelEvent) and self.field.hasFocus() and self.is_number:
            self.nudge(1 if event.angleDelta().y() > 0 else -1)
            return True
        if isinstance(event, QMouseEvent) and self.is_number:
            return self._mouse(event)
        return super().eventFilter(watched, event)

    def nudge(self, steps: int, big: bool = False) -> None:
        """Change a number by steps; a fraction by a tenth of its size. Out of range does nothing."""
        size, self.gesture = 10 if big else 1, self.gesture or next(_gestures)
        if isinstance(self.declared.kind, Int):
            value: Any = self.value + steps * size
        else:
            value = float(f"{self.value * (1 + 0.1 * steps * size):.3g}") if self.value else 0.01 * steps
        try:
            value = self.declared.kind.check(value)
        except KindError:
            return
        self.choose(value)
        self.show_value()

    def _key(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Escape and self._pressed_at is not None and self._dragged:
            self._pressed_at = None  # the drag is over, as if it had not been
            self.choose(self._first)
            self.show_value()
            return True
        if event.key() == Qt.Key.Key_Escape and self.field.text() != self.declared.show(self.value):
            self.set_value(self.value)
            return True
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down) and self.is_number:
            up = event.key() == Qt.Key.Key_Up
            self.nudge(1 if up else -1, bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
            return True
        return False

    def _mouse(self, event: QMouseEvent) -> bool:
        x = event.position().x()
        if event.type() == QEvent.Type.MouseButtonPress and not self.field.hasFocus():
            self._pressed_at, self._dragged, self.gesture = x, 0, next(_gestures)
            self._first = self.value
        elif event.type() == QEvent.Type.MouseMove and self._pressed_at is not None:
            if not self._dragged and abs(x - self._pressed_at) < DRAG_START:
                return False
            steps = int((x - self._pressed_at) / DRAG_STEP)
            if steps != self._dragged:
                self.nudge(steps - self._dragged)
                self._dragged = steps
            return True
        elif event.type() == QEvent.Type.MouseButtonRelease:
            self._pressed_at = None
        return False

    def _show_kind(self) -> None:
        """An expression in accent, with its value now beside it; else the unit."""
        is_expression = isinstance(self.value, Expr) and is_open(self.value)
        if bool(self.field.property("expression")) != is_expression:
            self.field.setProperty("expression", is_expression)
            restyle(self.field)
        tip, aside = self.declared.help, self.declared.unit
        if isinstance(self.value, Expr) and self.declared.fed and not self.value.names() <= set(self.scope):
            aside = "from wires"
        elif isinstance(self.value, Expr) and is_expression:
            try:
                tip = aside = f"= {self.value.evaluate(self.scope)}"
            except EngineError as error:
                tip, aside = str(error), "= ?"
        self.field.setToolTip(tip)
        self._show_aside(aside)
        self._place_inside()

    def _show_aside(self, words: str) -> None:
        """Words in the field beside its text; most fields have none."""
        if self._aside is None and words:
            self._aside = label("", "caption", "muted", self.field)
        if self._aside is not None:
            self._aside.setText(words)
            self._aside.setVisible(bool(words))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_inside()

    def _place_inside(self) -> None:
        """Lay the button and the words at the right end of the field, and keep the text out of their way."""
        taken, space = 0, metrics().space
        if self._button is not None:
            taken = self._button.width()
            self._button.move(self.field.width() - taken, (self.field.height() - self._button.height()) // 2)
        if self._aside is not None and self._aside.text():
            self._aside.adjustSize()
            wide = self._aside.width()
            text = QFontMetricsF(self.field.font()).horizontalAdvance(self.field.text())
            fits = text + wide + taken + 4 * space.s < self.field.width()
            self._aside.setVisible(fits)
            if fits:
                left = self.field.width() - max(taken, space.s) - wide
                self._aside.move(left, (self.field.height() - self._aside.height()) // 2)
                taken += wide + space.xs
        self.field.setTextMargins(0, 0, taken, 0)
