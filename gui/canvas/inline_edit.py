"""A line of text edited where it stands on the canvas, in its own font at the zoom of now."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFont, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from gui.theme import Role, font, metrics, theme, theme_changed
from gui.widgets.completing import NameCompleter

Accept = Callable[[str], str]
"""Takes what was typed; says why not, or "" if it was taken."""


STAYS = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)
CLOSES = (Qt.Key.Key_Escape,)
STEPS = {Qt.Key.Key_Tab: 1, Qt.Key.Key_Backtab: -1}


def face_at(role: Role, zoom: float) -> QFont:
    """The font of what is typed at a zoom, large enough to be read."""
    face = font(role)
    face.setPixelSize(max(metrics().lod.compact_shape_px, round(face.pixelSize() * zoom)))
    return face


def begin_typing(editor: QLineEdit | QPlainTextEdit) -> None:
    """Show an editor with all its text selected: what is typed replaces it."""
    editor.show()
    editor.selectAll()
    editor.setFocus(Qt.FocusReason.OtherFocusReason)


def is_kept_from_commands(event: QEvent) -> bool:
    """Whether it asks if a key is a command, which it is told: while one types, keys are letters."""
    if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
        event.accept()
        return True
    return False


class InlineEdit(QLineEdit):
    """Enter and Tab take the text, Esc restores what was. Left by a click, it takes the text if that is allowed.

    done(step): it is gone; step is 1 or -1 if Tab went on to the next or the previous field, else 0.
    refused(reason): what was typed cannot be; "" when something else is typed.
    """

    done = Signal(int)
    refused = Signal(str)

    def __init__(self, parent: QWidget, rect: QRectF, text: str, accept: Accept, role: Role, zoom: float) -> None:
        super().__init__(text, parent)
        self._accept, self._before, self._is_open = accept, text, True
        self.names: NameCompleter | None = None
        self.setFont(face_at(role, zoom))
        self.setProperty("focusRing", "none")
        self.setProperty("inline", True)
        margin = metrics().line.focus
        self.setGeometry(rect.toRect().adjusted(-margin, -margin, margin, margin))
        self.setTextMargins(0, 0, 0, 0)
        if role.startswith("mono"):
            self.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._is_good = True
        self._grow(text)
        self.textEdited.connect(self._grow)
        theme_changed.connect(self._redress)
        begin_typing(self)

    def _redress(self) -> None:
        self._dress(self._is_good)

    def _dress(self, good: bool) -> None:
        t, m = theme(), metrics()
        self._is_good = good
        edge = t.accent.base if good else t.status.danger
        self.setStyleSheet(
            f"QLineEdit {{ background: {t.bg.field.name()}; color: {t.text.primary.name()}; padding: 0 {m.space.xs}px;"
            f" border: {m.line.focus}px solid {edge.name()}; border-radius: {m.radius.field}px; min-height: 0;"
            f" selection-background-color: {t.accent.soft.name()}; selection-color: {t.text.primary.name()};"
            f" font-size: {self.font().pixelSize()}px; }}"
        )

    def _grow(self, text: str) -> None:
        """Make room for what is typed, and take back what was said of the text before."""
        m = metrics()
        edges = 2 * (m.space.xs + m.line.focus)
        need = self.fontMetrics().horizontalAdvance(text) + edges + m.space.xs  # and the caret
        if need > self.width():
            grown = need - self.width()
            left = self.x() - grown if self.alignment() & Qt.AlignmentFlag.AlignHCenter else self.x()
            self.setGeometry(left, self.y(), need, self.height())
        self._dress(good=True)
        if self.toolTip():
            self.setToolTip("")
            self.refused.emit("")

    def offer(self, names: Callable[[], Iterable[str]]) -> None:
        """Complete what is typed by these names."""
        self.names = NameCompleter(self, names)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if self.names and (self.names.is_choosing if is_enter else self.names.is_open and event.key() in CLOSES):
            event.ignore()  # the list of names takes it
        elif event.key() == Qt.Key.Key_Escape:
            self.close_editor(0)
        elif is_enter:
            self._take(0)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if is_kept_from_commands(event):
            return True
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() in STEPS:
            self._take(STEPS[Qt.Key(event.key())])
            return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if self._is_open and event.reason() not in STAYS:
            if self.text() != self._before:
                self._accept(self.text())
            self.close_editor(0)

    def _take(self, step: int) -> None:
        reason = "" if self.text() == self._before else self._accept(self.text())
        if reason:
            self._dress(good=False)
            self.setToolTip(reason)
            self.setAccessibleDescription(reason)
            self.refused.emit(reason)
        else:
            self.close_editor(step)

    def close_editor(self, step: int) -> None:
        """Go, and tell."""
        if self._is_open:
            self._is_open = False
            self.hide()
            self.done.emit(step)
            self.deleteLater()
