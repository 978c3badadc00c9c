"""The Markdown of a note, edited where it stands in as many lines as it has."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from gui.canvas.inline_edit import STAYS, Accept, begin_typing, face_at, is_kept_from_commands
from gui.theme import metrics, theme, theme_changed

ENTERS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class NoteEdit(QPlainTextEdit):
    """Enter begins a line, Ctrl+Enter or a click elsewhere takes the text, Esc restores what was.

    done(0): it is gone. refused(reason): what was typed cannot be.
    """

    done = Signal(int)
    refused = Signal(str)

    def __init__(self, parent: QWidget, rect: QRectF, text: str, accept: Accept, zoom: float) -> None:
        super().__init__(text, parent)
        self._over, self._accept, self._before, self._is_open = parent, accept, text, True
        self.setFont(face_at("small", zoom))
        self.setAccessibleName("Note, in Markdown")
        self.setAccessibleDescription("Control and Enter takes it, Escape leaves it as it was.")
        self.setProperty("focusRing", "none")
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._rect = rect.toRect()
        self._dress()
        self._grow()
        self.textChanged.connect(self._grow)
        theme_changed.connect(self._dress)
        begin_typing(self)

    def text(self) -> str:
        return self.toPlainText()

    def _dress(self) -> None:
        t, m = theme(), metrics()
        self.setStyleSheet(
            f"QPlainTextEdit {{ background: {t.canvas.note.name()}; color: {t.text.primary.name()};"
            f" border: {m.line.focus}px solid {t.accent.base.name()}; border-radius: {m.radius.tile}px;"
            f" padding: {m.space.xs}px; selection-background-color: {t.accent.soft.name()};"
            f" selection-color: {t.text.primary.name()}; font-size: {self.font().pixelSize()}px; }}"
        )

    def _grow(self) -> None:
        """Cover the note, be as large as what is typed needs, and stay on the canvas."""
        m = metrics()
        edges = 2 * (m.space.xs + m.line.focus + round(self.document().documentMargin()))
        lines = self.blockCount() + 1  # and where the next one goes
        wide = max(self._rect.width(), m.canvas.note_w)
        high = max(self._rect.height(), m.canvas.note_h, lines * self.fontMetrics().lineSpacing() + edges)
        over = self._over.rect()
        place = QRect(self._rect.topLeft(), QSize(wide, high).boundedTo(over.size()))
        place.moveLeft(max(0, min(place.left(), over.right() + 1 - place.width())))
        place.moveTop(max(0, min(place.top(), over.bottom() + 1 - place.height())))
        self.setGeometry(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_editor(0)
        elif event.key() in ENTERS and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._take()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        return is_kept_from_commands(event) or super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if self._is_open and event.reason() not in STAYS:
            self._take()

    def _take(self) -> None:
        if self.text() != self._before and (reason := self._accept(self.text())):
            self.refused.emit(reason)
        self.close_editor(0)

    def close_editor(self, step: int) -> None:
        """Go, and tell."""
        if self._is_open:
            self._is_open = False
            self.hide()
            self.done.emit(step)
            self.deleteLater()
