"""Read-only Python with line numbers, marks for the selected node's lines and for lines with a problem."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QLinearGradient, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QWidget
from shiboken6 import isValid

from gui.editors.highlighter import PythonHighlighter
from gui.panels.text_pieces import replacements
from gui.theme import faded, font, metrics, theme, theme_changed

BAR = 2
MOST_PIECES, MOST_LINES = 64, 200


class CodeView(QPlainTextEdit):
    """Shows a text. line_clicked(int): a line, counted from 1, was clicked or reached with the keys."""

    line_clicked = Signal(int)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setAccessibleName(name)
        self.setFont(font("mono"))
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setProperty("focusRing", "inside")
        self.highlighter = PythonHighlighter(self.document())
        self._marked: frozenset[int] = frozenset()
        self._wrong: frozenset[int] = frozenset()
        self._text = ""
        self._numbers = _Numbers(self)
        self._fade = _Fade(self)
        self.blockCountChanged.connect(self._make_room)
        self.updateRequest.connect(self._scroll_numbers)
        theme_changed.connect(self._repaint)
        self._make_room()

    def show_text(self, text: str) -> None:
        """Replace the text where it differs, and stay where the reader is."""
        if text == self._text:
            return
        before, self._text = self._text, text
        pieces = replacements(before, text)
        is_within = before.count("\n") == text.count("\n") and not any("\n" in new for _, _, new in pieces)
        if is_within and len(pieces) <= MOST_PIECES:
            self._replace_within_lines(pieces)
            return
        across, down = self.horizontalScrollBar().value(), self.verticalScrollBar().value()
        cursor = QTextCursor(self.document())
        lines = sum(new.count("\n") for _, _, new in pieces)
        whole = len(pieces) > MOST_PIECES or lines > MOST_LINES  # else what lies between is not coloured again
        if whole:
            cursor.beginEditBlock()
        for piece in pieces:
            _replace(cursor, *piece)
        if whole:
            cursor.endEditBlock()
        self.horizontalScrollBar().setValue(across)
        self.verticalScrollBar().setValue(down)

    def _replace_within_lines(self, pieces: list[tuple[int, int, str]]) -> None:
        """Write over parts of lines, and paint these lines where they are seen; Qt would paint all that is seen."""
        layout, cursor = self.document().documentLayout(), QTextCursor(self.document())
        size, lines, reaches = layout.documentSize(), set(), False
        layout.blockSignals(True)
        for piece in pieces:
            state = self.document().findBlock(piece[0]).userState()
            _replace(cursor, *piece)
            lines.add(cursor.blockNumber() + 1)
            reaches = reaches or cursor.block().userState() != state
        layout.blockSignals(False)
        if layout.documentSize() != size:
            layout.documentSizeChanged.emit(layout.documentSize())
        for top, height, line in self.lines_in_view():
            if reaches or line in lines:  # a string that is open at the end of a line colours those after it
                self.viewport().update(QRectF(0, top, self.viewport().width(), height).toAlignedRect())

    def mark(self, lines: Iterable[int], wrong: Iterable[int] = ()) -> None:
        """Mark lines of the selected node, and those of nodes with a problem. Counted from 1."""
        marked, bad = frozenset(lines), frozenset(wrong)
        if (marked, bad) != (self._marked, self._wrong):
            self._marked, self._wrong = marked, bad
            self._repaint()

    def marked(self) -> tuple[frozenset[int], frozenset[int]]:
        """The lines that are marked, and those that are marked as wrong."""
        return self._marked, self._wrong

    def reveal(self, line: int) -> None:
        """Scroll so that a line can be seen, without moving when it is seen already."""
        block = self.document().findBlockByNumber(line - 1)
        place = self.blockBoundingGeometry(block).translated(self.contentOffset())
        if block.isValid() and not (place.top() >= 0 and place.bottom() <= self.viewport().height()):
            visible = self.viewport().height() / max(1.0, place.height())
            self.verticalScrollBar().setValue(max(0, round(line - 1 - visible / 3)))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._wrong or self._marked:
            painter = QPainter(self.viewport())
            for top, height, line in self.lines_in_view():
                if line in self._wrong or line in self._marked:
                    ground = theme().status.danger_soft if line in self._wrong else theme().syntax.line_mark
                    painter.fillRect(QRectF(0, top, self.viewport().width(), height), ground)
            painter.end()
        super().paintEvent(event)

    def lines_in_view(self) -> list[tuple[float, float, int]]:
        """Top, height and number of every line that is seen."""
        block, found = self.firstVisibleBlock(), []
        top, line = self.blockBoundingGeometry(block).translated(self.contentOffset()).top(), block.blockNumber() + 1
        bottom = self.viewport().height()
        while block.isValid() and top <= bottom:
            height = self.blockBoundingRect(block).height()
            found.append((top, height, line))
            block, top, line = block.next(), top + height, line + 1
        return found

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if event.button() == Qt.MouseButton.LeftButton and not self.textCursor().hasSelection():
            self.line_clicked.emit(self.cursorForPosition(event.position().toPoint()).blockNumber() + 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        inside = self.contentsRect()
        self._numbers.setGeometry(QRect(inside.left(), inside.top(), self.numbers_width(), inside.height()))
        shown = self.viewport().geometry()
        width = metrics().widget.code_fade
        self._fade.setGeometry(shown.right() - width + 1, shown.top(), width, shown.height())

    def numbers_width(self) -> int:
        """Room for the line numbers and the space around them."""
        digits = max(2, len(str(self.blockCount())))
        return (
            round(QFontMetricsF(font("mono")).horizontalAdvance("0") * digits) + metrics().space.m + metrics().space.l
        )

    def _make_room(self) -> None:
        room = self.numbers_width()
        if room != self.viewportMargins().left():  # setting it lays out everything anew
            self.setViewportMargins(room, 0, 0, 0)

    def _scroll_numbers(self, rect: QRect, dy: int) -> None:
        if dy:
            self._numbers.scroll(0, dy)
        else:
            self._numbers.update(0, rect.y(), self._numbers.width(), rect.height())

    def _repaint(self) -> None:
        self.viewport().update()
        self._numbers.update()
        self._fade.update()


def _replace(cursor: QTextCursor, start: int, end: int, new: str) -> None:
    cursor.setPosition(start)
    cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
    cursor.insertText(new) if new else cursor.removeSelectedText()


class _Numbers(QWidget):
    """Line numbers, and an accent bar at marked lines."""

    def __init__(self, view: CodeView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self) -> QSize:
        return QSize(self._view.numbers_width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, current = QPainter(self), theme()
        painter.fillRect(self.rect(), current.bg.panel)
        painter.setFont(font("mono"))
        marked, wrong = self._view.marked()
        seen = event.rect()
        for top, height, line in self._view.lines_in_view():
            if top > seen.bottom() or top + height < seen.top():
                continue
            row = QRectF(0, top, self.width(), height)
            if line in marked or line in wrong:
                painter.fillRect(row, current.status.danger_soft if line in wrong else current.syntax.line_mark)
                bar = current.status.danger if line in wrong else current.accent.base
                painter.fillRect(QRectF(0, top, BAR, height), bar)
            painter.setPen(current.text.muted)
            where = row.adjusted(0, 0, -metrics().space.m, 0)
            painter.drawText(where, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(line))


class _Fade(QWidget):
    """Says at the right edge that a line goes on."""

    def __init__(self, view: CodeView) -> None:
        super().__init__(view)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        bar = view.horizontalScrollBar()
        bar.valueChanged.connect(self._appear)
        bar.rangeChanged.connect(self._appear)
        self._bar = bar
        self._appear()

    def paintEvent(self, event: QPaintEvent) -> None:
        ground = theme().bg.panel
        shade = QLinearGradient(0, 0, self.width(), 0)
        shade.setColorAt(0, faded(ground, 0))
        shade.setColorAt(1, ground)
        QPainter(self).fillRect(self.rect(), shade)

    def _appear(self) -> None:
        if isValid(self._bar):  # it goes first, and says a last time how long it is
            self.setVisible(self._bar.value() < self._bar.maximum())
