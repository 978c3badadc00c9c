"""Read-only Python with line numbers, marks for the selected node's lines and for lines with a problem."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QLinearGradient, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from gui.panels.reading import Reading
from gui.theme import faded, font, metrics, theme, theme_changed

BAR = 2


class CodeView(Reading):
    """Shows a text. line_clicked(int): a line, counted from 1, was clicked."""

    line_clicked = Signal(int)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFont(font("mono"))
        self.setProperty("focusRing", "inside")
        self._marked: frozenset[int] = frozenset()
        self._wrong: frozenset[int] = frozenset()
        self._numbers = _Numbers(self)
        self._fade = _Fade(self)
        theme_changed.connect(self._repaint)
        self._make_room()

    def show_text(self, text: str) -> None:
        """Replace the text where it differs, and stay where the reader is."""
        if text != self.lines.text:
            count = len(self.lines)
            self.set_text(text)
            if len(self.lines) != count:
                self._make_room()
                self._numbers.update()

    def mark(self, lines: Iterable[int], wrong: Iterable[int] = ()) -> None:
        """Mark lines of the selected node, and those of nodes with a problem. Counted from 1."""
        marked, bad = frozenset(lines), frozenset(wrong)
        if (marked, bad) != (self._marked, self._wrong):
            self._marked, self._wrong = marked, bad
            self.viewport().update()
            self._numbers.update()

    def marked(self) -> tuple[frozenset[int], frozenset[int]]:
        """The lines that are marked, and those that are marked as wrong."""
        return self._marked, self._wrong

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._wrong or self._marked:
            painter = QPainter(self.viewport())
            for top, height, line in self.lines_in_view():
                if line in self._wrong or line in self._marked:
                    ground = theme().status.danger_soft if line in self._wrong else theme().syntax.line_mark
                    painter.fillRect(QRectF(0, top, self.viewport().width(), height), ground)
            painter.end()
        super().paintEvent(event)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()
        self._numbers.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if event.button() == Qt.MouseButton.LeftButton and not self.selected:
            self.line_clicked.emit(self.lines.of(self.place_at(event.position())) + 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        inside = self.contentsRect()
        self._numbers.setGeometry(QRect(inside.left(), inside.top(), self.numbers_width(), inside.height()))
        shown = self.viewport().geometry()
        width = metrics().widget.code_fade
        self._fade.setGeometry(shown.right() - width + 1, shown.top(), width, shown.height())

    def numbers_width(self) -> int:
        """Room for the line numbers and the space around them."""
        digits = max(2, len(str(len(self.lines))))
        return (
            round(QFontMetricsF(font("mono")).horizontalAdvance("0") * digits) + metrics().space.m + metrics().space.l
        )

    def _make_room(self) -> None:
        room = self.numbers_width()
        if room != self.viewportMargins().left():  # setting it lays out everything anew
            self.setViewportMargins(room, 0, 0, 0)

    def _repaint(self) -> None:
        self.forget()
        self._numbers.update()
        self._fade.update()


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
