"""The head of a part of a panel: a chevron that folds it, its name, and a note at the right."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from gui.glyphs import paint_sign
from gui.theme import font, metrics, theme, theme_changed

OPEN, CLOSED = "M4 6.2 L8 10.2 L12 6.2", "M6.2 4 L10.2 8 L6.2 12"
CHEVRON_STROKE = 1.4


class SectionHeader(QAbstractButton):
    """Checked means open; whoever has something to fold follows `toggled`."""

    def __init__(self, title: str, note: str = "", open_at_first: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(title)
        self.setCheckable(True)
        self.setChecked(open_at_first)
        self.setProperty("focusRing", "inside")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_note(note)
        theme_changed.connect(self.update)

    def set_note(self, note: str) -> None:
        """What stands at the right: "2 changed", "step 302"."""
        self._note = note
        self.setAccessibleName(f"{self.text()}, {note}" if note else self.text())
        self.update()

    def sizeHint(self) -> QSize:
        words = QFontMetricsF(font("heading")).horizontalAdvance(self.text())
        words += QFontMetricsF(font("small")).horizontalAdvance(self._note)
        room = metrics().space
        return QSize(round(words) + metrics().control.icon + 4 * room.m, metrics().control.row)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, room, side = QPainter(self), metrics().space, metrics().control.icon
        if self.underMouse():
            painter.fillRect(self.rect(), theme().bg.hover)
        middle = (self.height() - side) / 2
        sign = OPEN if self.isChecked() else CLOSED
        paint_sign(painter, QRectF(room.s, middle, side, side), sign, theme().text.secondary, CHEVRON_STROKE)
        words = QRectF(self.rect()).adjusted(room.s + side + room.xs, 0, -room.m, 0)
        painter.setFont(font("heading"))
        painter.setPen(theme().text.primary)
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self.text())
        painter.setFont(font("small"))
        painter.setPen(theme().text.muted)
        painter.drawText(words, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._note)
