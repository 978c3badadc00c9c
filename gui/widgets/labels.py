"""Words and signs that stand still: labels by role, a status mark, a key cap, text that gives way."""

from __future__ import annotations

import math
import re

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QResizeEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QSizePolicy, QWidget

from gui.glyphs import Status, paint_mark
from gui.theme import Role, metrics, theme_changed

NAMES_OF_STATUS = {"danger": "Error", "warn": "Warning", "ok": "Fine", "info": "Note"}


def label(text: str, role: Role = "body", tone: str = "primary", parent: QWidget | None = None) -> QLabel:
    """A line of text in a role of type and a tone, as `gui.style` names them. Plain text, never markup."""
    result = QLabel(text, parent)
    result.setTextFormat(Qt.TextFormat.PlainText)
    result.setProperty("role", role)
    result.setProperty("tone", tone)
    return result


class SteadyLabel(QLabel):
    """A line of which the words change often: it takes room in steps, so that what stands around it stays."""

    def __init__(self, role: Role = "body", tone: str = "primary", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setProperty("tone", tone)

    def set_text(self, text: str) -> None:
        """Show this text. A widget of a fixed size asks nobody for room, whatever is written on it."""
        if text != self.text():
            self.setText(text)
            self._take_room()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._take_room()

    def _take_room(self) -> None:
        hint, step = self.sizeHint(), metrics().space.m
        self.setFixedSize(math.ceil(hint.width() / step) * step, hint.height())


class Paragraph(QWidget):
    """Words that change often, on as many lines as they need: what stands around it moves only if that is another."""

    def __init__(self, words: QLabel, across: int = 0, down: int = 0, parent: QWidget | None = None) -> None:
        """across, down: what is left free at its sides, above and below; a style sheet takes a label's own margins."""
        super().__init__(parent)
        self._words, self._across, self._down = words, across, down
        words.setParent(self)
        words.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def text(self) -> str:
        """What it says."""
        return self._words.text()

    def set_text(self, text: str) -> None:
        """Say this."""
        if text != self._words.text():
            self._words.setText(text)
            self._take_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._take_room()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._take_room()

    def _take_room(self) -> None:
        width = self.width() - 2 * self._across
        self._words.setGeometry(self._across, self._down, width, self._words.heightForWidth(width))
        self.setFixedHeight(self._words.height() + 2 * self._down)


LONGEST_WORD = 24  # letters in a row that a line is not broken within
MAY_BREAK = "\u200b"


def unbroken(text: str) -> str:
    """The text with its shapes in one piece: lines break beside "B × 64 × 8 × 8", not within, but within long names."""
    words = re.sub(rf"\w{{{LONGEST_WORD + 1},}}", lambda word: MAY_BREAK.join(word[0]), text)
    return words.replace(" × ", "\u00a0×\u00a0")


def hairline(vertical: bool = False, parent: QWidget | None = None) -> QFrame:
    """The line where two surfaces meet."""
    result = QFrame(parent)
    result.setProperty("line", "vertical" if vertical else "horizontal")
    return result


class StatusMark(QWidget):
    """A status as a form and a colour."""

    def __init__(self, status: Status, size: int | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._side = size or metrics().widget.mark
        self.setFixedSize(self._side, self._side)
        self.status = status
        self.setAccessibleName(NAMES_OF_STATUS[status])
        theme_changed.connect(self.update)

    def set_status(self, status: Status) -> None:
        if status != self.status:
            self.status = status
            self.setAccessibleName(NAMES_OF_STATUS[status])
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_mark(QPainter(self), QRectF(0, 0, self._side, self._side), self.status)


class KeyCap(QLabel):
    """A key as it is printed on a keyboard."""

    def __init__(self, key: str, parent: QWidget | None = None) -> None:
        super().__init__(key, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setAccessibleName(f"Key {key}")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)


class GivingButton(QPushButton):
    """A button whose words are shortened where there is no room; the whole of them is its tooltip then."""

    def __init__(self, words: str, parent: QWidget | None = None) -> None:
        super().__init__(words, parent)
        self._whole = words
        self.setAccessibleName(words)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        hint, lines = super().sizeHint(), QFontMetricsF(self.font())
        lost = lines.horizontalAdvance(self._whole) - lines.horizontalAdvance(self.text())
        return QSize(hint.width() + round(lost), hint.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(min(metrics().node.width_min, self.sizeHint().width()), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        lines = QFontMetricsF(self.font())
        whole = lines.horizontalAdvance(self._whole)
        room = whole - max(0, self.sizeHint().width() - self.width())
        shown = self._whole if room >= whole else lines.elidedText(self._whole, Qt.TextElideMode.ElideMiddle, room)
        if shown != self.text():
            self.setText(shown)
            self.setToolTip(self._whole if shown != self._whole else "")


class ElidedLabel(QLabel):
    """Text that is shortened where there is no room in its lines; the whole of it is its tooltip then.

    lines: one, or two, in which case there is room for both whether they are needed or not.
    """

    def __init__(
        self,
        text: str = "",
        role: Role = "body",
        tone: str = "primary",
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        parent: QWidget | None = None,
        lines: int = 1,
    ) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setProperty("tone", tone)
        self._mode = mode
        self._whole, self._lines = "", lines
        self.setAlignment(Qt.AlignmentFlag.AlignVCenter if lines == 1 else Qt.AlignmentFlag.AlignTop)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.set_text(text)

    def set_text(self, text: str) -> None:
        """Show this text, as much of it as there is room for."""
        self._whole = text
        self.setAccessibleName(text)
        self._shorten()
        self.updateGeometry()

    def whole_text(self) -> str:
        """The text before it was shortened."""
        return self._whole

    def sizeHint(self) -> QSize:
        self.ensurePolished()
        lines = QFontMetricsF(self.font())
        return QSize(round(lines.horizontalAdvance(self._whole)) + 2, round(lines.lineSpacing() * self._lines))

    def minimumSizeHint(self) -> QSize:
        return QSize(metrics().space.xl, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._shorten()

    def _shorten(self) -> None:
        first = self._first_line() if self._lines > 1 else ""
        rest = QFontMetricsF(self.font()).elidedText(self._whole[len(first) :], self._mode, self.width())
        self.setText(f"{first.rstrip()}\n{rest}" if first and rest else first + rest)
        self.setToolTip(self._whole if first + rest != self._whole else "")

    def _first_line(self) -> str:
        """So many of the words as one line has room for; "" where it has room for all of them, or not for one."""
        layout = QTextLayout(self._whole, self.font())
        layout.setTextOption(QTextOption(Qt.AlignmentFlag.AlignLeft))
        layout.beginLayout()
        line = layout.createLine()
        if line.isValid():
            line.setLineWidth(self.width())
        layout.endLayout()
        count = line.textLength() if line.isValid() else 0
        return self._whole[:count] if count < len(self._whole) else ""
