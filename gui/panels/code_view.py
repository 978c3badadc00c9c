"""Read-only Python with line numbers, marks for the selected node's lines and for lines with a problem."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from gui.panels.reading import Reading
from gui.panels.text_find import Letters, Matches, letters_of
from gui.panels.text_lines import units
from gui.theme import faded, font, metrics, theme, theme_changed

BAR = 2


class CodeView(Reading):
    """Shows a text. line_clicked(int): a line, counted from 1, was clicked.

    looked(): the places that hold what is looked for are others, or another part of the text is selected.
    """

    line_clicked = Signal(int)
    looked = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFont(font("mono"))
        self.setProperty("focusRing", "inside")
        self._marked: frozenset[int] = frozenset()
        self._wrong: frozenset[int] = frozenset()
        self._wanted = "", False
        self._read: tuple[str, bool, Letters] = "", False, letters_of("", False)
        self.matches = self._found()
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
            self._look()

    def look_for(self, query: str, is_exact: bool = False) -> None:
        """Mark every place where these words stand, now and in every text to come; "" marks nothing."""
        if (query, is_exact) != self._wanted:
            self._wanted = query, is_exact
            self._look()

    def _look(self) -> None:
        if self._wanted[0] or len(self.matches):
            self.matches = self._found()
            self.viewport().update()
        self.looked.emit()

    def _found(self) -> Matches:
        query, is_exact = self._wanted
        text = self.lines.text if query else ""
        if self._read[0] is not text or self._read[1] != is_exact:
            self._read = text, is_exact, letters_of(text, is_exact)
        return Matches(self._read[2], letters_of(query, is_exact))

    def select(self, anchor: int, place: int) -> None:
        super().select(anchor, place)
        self.looked.emit()

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
        painter, t = QPainter(self.viewport()), theme()
        boxes = self._boxes() if len(self.matches) else {}
        for box in boxes.values():
            painter.fillRect(box, t.status.warn_soft)
            _frame(painter, box, t.status.warn)
        painter.end()
        super().paintEvent(event)
        current = boxes.get((min(self.anchor, self.place), max(self.anchor, self.place)))
        if current is not None:
            painter.begin(self.viewport())
            _frame(painter, current, t.accent.base)
            painter.end()

    def _boxes(self) -> dict[tuple[int, int], QRectF]:
        """Where those are seen of the places that are found."""
        found, left = {}, -self.horizontalScrollBar().value()
        for top, height, number in self.lines_in_view():
            start, text = self.lines.start(number - 1), self.lines.line(number - 1)
            for span in self.matches.within(start, start + len(text)):
                low, high = (self._x(number - 1, text[: place - start]) + left for place in span)
                found[span] = QRectF(low, top, high - low, height)
        return found

    def _x(self, number: int, before: str) -> float:
        """Where the letter after the beginning of a line stands."""
        found: Any = self._layout_of(number).lineAt(0).cursorToX(units(before))
        return float(found[0] if isinstance(found, tuple) else found)

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


def _frame(painter: QPainter, box: QRectF, colour: QColor) -> None:
    half = metrics().line.border / 2
    painter.setPen(QPen(colour, metrics().line.border))
    painter.drawRect(box.adjusted(half, half, -half, -half))


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
