"""The slim bar over a text that looks for words in it: how many there are, and the way from one to the next."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QVBoxLayout, QWidget

from engine.expr import composed
from gui.glyphs import bind_icon
from gui.panels.code_view import CodeView
from gui.style import restyle
from gui.theme import font, metrics
from gui.widgets import hairline, label

KEYS = QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress
ENTER = Qt.Key.Key_Return, Qt.Key.Key_Enter


class FindBar(QWidget):
    """Hidden until it is asked for. Hears its keys wherever the focus is within `around`, which holds text and bar.

    Ctrl+F opens it, with what is selected; F3 goes to the next place and Shift+F3 to the one before, as Enter and
    Shift+Enter do in its field; Esc closes it and gives the text the focus back.
    """

    def __init__(self, view: CodeView, around: QWidget) -> None:
        super().__init__(around)
        self.view, self._from = view, 0
        self.setAccessibleName("Find in the code")
        self.setProperty("ground", "window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.field = QLineEdit()
        self.field.setPlaceholderText("Find in the code")
        self.field.setAccessibleName("Find in the code")
        self.field.setProperty("dense", True)
        self.count = label("", "caption", "secondary")
        self.count.setMinimumWidth(round(QFontMetricsF(font("caption")).horizontalAdvance("000 of 000")))
        self.exact = dense_button("text-aa", "Tell capitals from small letters")
        self.exact.setCheckable(True)
        self.last = dense_button("caret-up", "The place before  Shift+F3")
        self.next = dense_button("caret-down", "The next place  F3")
        self.off = dense_button("x", "Close the search  Esc")
        self._lay_out()
        self.field.textEdited.connect(self.search)
        self.exact.toggled.connect(self.search)
        self.last.clicked.connect(lambda: self.go(-1))
        self.next.clicked.connect(lambda: self.go(1))
        self.off.clicked.connect(self.close_bar)
        view.looked.connect(self.say)
        around.installEventFilter(self)
        self.hide()

    def _lay_out(self) -> None:
        room, row, box = metrics().space, QHBoxLayout(), QVBoxLayout(self)
        row.setContentsMargins(room.s, room.xs, room.s, room.xs)
        row.setSpacing(room.xs)
        row.addWidget(self.field, 1)
        for widget in (self.exact, self.count, self.last, self.next, self.off):
            row.addWidget(widget)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(row)
        box.addWidget(hairline())

    def serve(self, view: CodeView) -> None:
        """Look for it in another text from now on."""
        self.view.look_for("")
        self.view.looked.disconnect(self.say)
        view.looked.connect(self.say)
        self.view, self._from = view, min(view.anchor, view.place)
        if self.isVisible():
            self._look()

    def open(self) -> None:
        """Show it, with what is selected in the text where that is a part of one line."""
        chosen = self.view.selected
        self._from = min(self.view.anchor, self.view.place)
        if chosen and "\n" not in chosen:
            self.field.setText(chosen)
        self.show()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()
        self._look()

    def close_bar(self) -> None:
        """Put it away; the place that was found stays selected."""
        self.view.look_for("")
        self.hide()
        self.view.setFocus(Qt.FocusReason.OtherFocusReason)

    def search(self) -> None:
        """Look for what is typed, and go to the first place from where the search began on."""
        self._look()
        if len(self.view.matches):
            self._show(self.view.matches.after(self._from))

    def _look(self) -> None:
        self.view.look_for(composed(self.field.text()), self.exact.isChecked())

    def go(self, step: int) -> None:
        """To the next place (1) or the one before (-1), and on from the other end."""
        view = self.view
        if not self.isVisible():
            self.open()
        if len(view.matches):
            low, high = sorted((view.anchor, view.place))
            here = view.matches.at(low, high)
            there = view.matches.after(low) if step > 0 else view.matches.before(low)
            self._show(there if here < 0 else (here + step) % len(view.matches))

    def _show(self, index: int) -> None:
        view, (start, end) = self.view, self.view.matches.span(index)
        self._from = start
        view.reveal(view.lines.of(start) + 1)
        view.select(start, end)
        view.show_place()

    def say(self) -> None:
        """Which of how many is selected."""
        count, query = len(self.view.matches), self.field.text()
        here = self.view.matches.at(*sorted((self.view.anchor, self.view.place)))
        words = f"{here + 1:,} of {count:,}" if here >= 0 else f"{count:,} found" if count else "None found"
        self.count.setText(words if query else "")
        self.field.setAccessibleDescription(self.count.text())
        is_wrong = bool(query) and not count
        if self.field.property("wrong") != is_wrong:
            self.field.setProperty("wrong", is_wrong)
            restyle(self.field)
        for button in (self.last, self.next):
            button.setEnabled(bool(count))

    # Keys

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() in KEYS and self._is_mine(event):
            if event.type() == QEvent.Type.KeyPress:
                self._do(event)
            event.accept()
            return True
        return super().eventFilter(watched, event)

    def _is_mine(self, event: QKeyEvent) -> bool:
        if event.key() in (*ENTER, Qt.Key.Key_Escape):
            return self.isVisible() and (event.key() == Qt.Key.Key_Escape or self.field.hasFocus())
        return event.key() == Qt.Key.Key_F3 or event.matches(QKeySequence.StandardKey.Find)

    def _do(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_bar()
        elif event.matches(QKeySequence.StandardKey.Find):
            self.open()
        else:
            self.go(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)


def dense_button(icon: str, tip: str) -> QToolButton:
    """A small button with an icon; what it does is said on hovering, without its key for those who hear it."""
    button = QToolButton()
    button.setProperty("dense", True)
    button.setToolTip(tip)
    button.setAccessibleName(tip.split("  ")[0])
    bind_icon(button, icon)
    return button
