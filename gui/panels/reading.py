"""A long text to be read: it lays out the lines that are seen and keeps nothing of the others but the text itself.

Qt's own view keeps about a kilobyte for each line of a document. What one can do is the same: select by mouse and
keys, copy, drag out what is selected, scroll.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import (
    QContextMenuEvent,
    QDrag,
    QFocusEvent,
    QFontMetricsF,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QMenu, QWidget

from gui.editors.highlighter import coloured
from gui.panels.text_lines import Lines, letters, units
from gui.panels.text_moves import move_of
from gui.theme import metrics, theme

ACROSS = 20  # pixels of a step to the side, as Qt's views of texts have
REPEAT_MS = 100
KEPT = 256  # lines that stay laid out, or measured
_OPTION = QTextOption()
_OPTION.setTextDirection(Qt.LayoutDirection.LeftToRight)  # code begins at the left whatever its names are written in
OVERRIDES = (QKeySequence.StandardKey.Copy, QKeySequence.StandardKey.SelectAll)


class Reading(QAbstractScrollArea):
    """Shows Python, coloured. What is selected lies between `anchor` and `place`, counted in characters."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.WheelFocus)
        self.viewport().setCursor(Qt.CursorShape.IBeamCursor)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Base)
        self.horizontalScrollBar().setSingleStep(ACROSS)
        self.lines = Lines("")
        self.anchor = self.place = 0
        self._laid: dict[tuple[str, int], QTextLayout] = {}
        self._wide: dict[str, float] = {}
        self._held: QPointF | None = None
        self._clicks = 0
        self._again = QTimer(self, interval=QApplication.doubleClickInterval(), singleShot=True)
        self._beyond = QTimer(self, interval=REPEAT_MS)
        self._beyond.timeout.connect(self._go_on_selecting)

    def toPlainText(self) -> str:
        return self.lines.text

    def set_text(self, text: str) -> None:
        """Show another text; what is selected stays so where it is still there. Only lines that differ are painted."""
        seen, selected = self._seen(), self.selected
        before, self.lines = self.lines.text, Lines(text)
        low, high = sorted((self.anchor, self.place))
        if before[:high] != text[:high]:
            shift = len(text) - len(before)
            is_kept = low + shift >= 0 and before[low:] == text[low + shift :]
            self.anchor, self.place = (self.anchor + shift, self.place + shift) if is_kept else (0, 0)
        self._fit()
        now = self._seen()
        if len(now) != len(seen) or self.selected != selected:
            self.viewport().update()
        for (top, *said), (was, *other) in zip(now, seen):
            if (top, said) != (was, other):
                self.viewport().update(QRectF(0, top, self.viewport().width(), self.line_height).toAlignedRect())

    def _seen(self) -> list[tuple[float, str, int]]:
        """Where each line is that is seen, what it says, and in which string it begins."""
        found = self.lines_in_view()
        said = self.lines.some(found[0][2] - 1, len(found)) if found else []
        return [(top, text, self.lines.state(n - 1)) for (top, _, n), text in zip(found, said)]

    @property
    def selected(self) -> str:
        return self.lines.text[min(self.anchor, self.place) : max(self.anchor, self.place)]

    def select(self, anchor: int, place: int) -> None:
        """Select what lies between two places; a screen reader is told the line of the second."""
        self.anchor, self.place = anchor, place
        self.setAccessibleDescription(self.lines.line(self.lines.of(place)))
        self.viewport().update()

    def select_all(self) -> None:
        self.select(0, len(self.lines.text))

    def copy(self) -> None:
        if self.selected:
            QGuiApplication.clipboard().setText(self.selected)

    # Where lines are

    @property
    def line_height(self) -> float:
        return self._layout("", -1).lineAt(0).height()

    @property
    def page(self) -> int:
        """How many lines are seen whole."""
        return max(1, int((self.viewport().height() - 1 - 2 * metrics().space.xs) // self.line_height))

    def _fit(self) -> None:
        """How far one can scroll."""
        wide = max((self._width_of(number) for number in self.lines.longest), default=0.0)
        room, bars = self.viewport().width(), (self.horizontalScrollBar(), self.verticalScrollBar())
        bars[0].setRange(0, max(0, int(wide + 2 * metrics().space.xs) - room))
        bars[0].setPageStep(room)
        bars[1].setRange(0, max(0, len(self.lines) - self.page))
        bars[1].setPageStep(self.page)
        QCoreApplication.sendPostedEvents(self, QEvent.Type.MetaCall)  # that bars come or go, else after the painting

    def _width_of(self, number: int) -> float:
        text = self.lines.line(number)
        if text not in self._wide:
            if len(self._wide) >= KEPT:
                self._wide.clear()
            self._wide[text] = QFontMetricsF(self.font()).horizontalAdvance(text)
        return self._wide[text]

    def lines_in_view(self) -> list[tuple[float, float, int]]:
        """Top, height and number, counted from 1, of every line that is seen."""
        first, high, above = self.verticalScrollBar().value(), self.line_height, self._above
        count = min(len(self.lines) - first, int((self.viewport().height() - above) / high) + 1)
        return [(above + i * high, high, first + i + 1) for i in range(count)]

    @property
    def _above(self) -> float:
        """The room over the first line of all."""
        return 0.0 if self.verticalScrollBar().value() else float(metrics().space.xs)

    def reveal(self, line: int) -> None:
        """Scroll so that a line, counted from 1, can be seen, without moving when it is seen already."""
        first = self.verticalScrollBar().value()
        if not first < line <= first + int(self.viewport().height() // self.line_height) and line <= len(self.lines):
            visible = self.viewport().height() / self.line_height
            self.verticalScrollBar().setValue(max(0, round(line - 1 - visible / 3)))

    def place_at(self, point: QPointF) -> int:
        """The place in the text next to a point of the viewport."""
        number = self.verticalScrollBar().value() + int((point.y() - self._above) // self.line_height)
        number = min(max(0, number), len(self.lines) - 1)
        x = point.x() + self.horizontalScrollBar().value()
        found = self._layout_of(number).lineAt(0).xToCursor(x)
        return self.lines.start(number) + letters(self.lines.line(number), found)

    def _layout_of(self, number: int) -> QTextLayout:
        return self._layout(self.lines.line(number), self.lines.state(number))

    def _layout(self, text: str, state: int) -> QTextLayout:
        found = self._laid.get((text, state))
        if found is None:
            if len(self._laid) >= KEPT:
                self._laid.clear()
            found = self._laid[text, state] = QTextLayout(text, self.font())
            found.setTextOption(_OPTION)
            found.setFormats([_range(text, *piece) for piece in coloured(text, state)[0]])
            found.setCacheEnabled(True)
            found.beginLayout()
            line = found.createLine()
            line.setLeadingIncluded(True)
            line.setPosition(QPointF(metrics().space.xs, 0))
            found.endLayout()
        return found

    def forget(self) -> None:
        """Lay out anew, as after a change of the colours or fonts."""
        self._laid.clear()
        self._wide.clear()
        self._fit()
        self.viewport().update()

    # What Qt tells

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, left = QPainter(self.viewport()), -self.horizontalScrollBar().value()
        painter.setPen(self.palette().color(QPalette.ColorRole.Text))
        low, high = sorted((self.anchor, self.place))
        for top, _, line in self.lines_in_view():
            start, end = self.lines.start(line - 1), self.lines.end(line - 1)
            chosen = [self._chosen(line - 1, low, high)] if low < high and low <= end and high > start else []
            self._layout_of(line - 1).draw(painter, QPointF(left, top), chosen, QRectF(event.rect()))

    def _chosen(self, number: int, low: int, high: int) -> QTextLayout.FormatRange:
        """What is selected of a line, its end as well where the selection goes on."""
        start, text = self.lines.start(number), self.lines.line(number)
        found, palette = QTextLayout.FormatRange(), self.palette()
        group = QPalette.ColorGroup.Active if self.hasFocus() else QPalette.ColorGroup.Inactive
        look = QTextCharFormat()
        look.setBackground(palette.brush(group, QPalette.ColorRole.Highlight))
        look.setForeground(palette.brush(group, QPalette.ColorRole.HighlightedText))
        a, b = max(0, low - start), min(len(text), high - start)
        found.start, found.format = units(text[:a]), look
        found.length = units(text[a:b]) + (high - start > len(text))
        return found

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange, QEvent.Type.PaletteChange):
            self.forget()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and self._is_mine(event):
            event.accept()
            return True
        return super().event(event)

    def _is_mine(self, event: QKeyEvent) -> bool:
        """Whether a key means the text, whatever shortcut it is elsewhere."""
        return move_of(event) is not None or any(event.matches(key) for key in OVERRIDES)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self.select_all()
        elif found := move_of(event):
            place = found[0](self.lines, self.place, self.page)
            self.select(self.anchor if found[1] else place, place)
            self.show_place()
        elif event.key() == Qt.Key.Key_Space:
            back = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            bar = self.verticalScrollBar()
            bar.triggerAction(bar.SliderAction.SliderPageStepSub if back else bar.SliderAction.SliderPageStepAdd)
        else:
            event.ignore()

    def show_place(self) -> None:
        """Scroll as little as brings the place that the keys lead to into view."""
        number, bar, side = self.lines.of(self.place), self.verticalScrollBar(), self.horizontalScrollBar()
        bar.setValue(min(max(bar.value(), number - self.page + 1), number))
        before = self.lines.text[self.lines.start(number) : self.place]
        x = round(QFontMetricsF(self.font()).horizontalAdvance(before)) + metrics().space.xs
        room = self.viewport().width() - 2 * metrics().space.xs
        side.setValue(min(max(side.value(), x - room), max(0, x - metrics().space.xs)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        place, low, high = self.place_at(event.position()), *sorted((self.anchor, self.place))
        self._clicks = 3 if self._again.isActive() and self._clicks == 2 else 1
        if self._clicks == 3:
            number = self.lines.of(place)
            self.select(self.lines.start(number), min(self.lines.end(number) + 1, len(self.lines.text)))
        elif low <= place < high and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._held = event.position()  # it may be dragged away
        else:
            self.select(self.anchor if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else place, place)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._clicks, self._held = 2, None
            self._again.start()
            self.select(*self.lines.word(self.place_at(event.position())))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not event.buttons() & Qt.MouseButton.LeftButton:
            return
        if self._held is not None:
            if (event.position() - self._held).manhattanLength() >= QApplication.startDragDistance():
                self._held = None
                drag, data = QDrag(self), QMimeData()
                data.setText(self.selected)
                drag.setMimeData(data)
                drag.exec(Qt.DropAction.CopyAction)
        elif self._clicks == 1:
            self.select(self.anchor, self.place_at(event.position()))
            is_beyond = not self.viewport().rect().contains(event.position().toPoint())
            self._beyond.start() if is_beyond else self._beyond.stop()

    def _go_on_selecting(self) -> None:
        """The pointer is held beyond an edge: the text comes along."""
        point = QPointF(self.viewport().mapFromGlobal(self.cursor().pos()))
        self.select(self.anchor, self.place_at(point))
        self.show_place()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._beyond.stop()
        clipboard = QGuiApplication.clipboard()
        if clipboard.supportsSelection() and self.selected:
            clipboard.setText(self.selected, clipboard.Mode.Selection)
        if self._held is not None:
            self._held = None
            place = self.place_at(event.position())
            self.select(place, place)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        copy = menu.addAction("&Copy", QKeySequence(QKeySequence.StandardKey.Copy), self.copy)
        copy.setEnabled(bool(self.selected))
        menu.addSeparator()
        menu.addAction("Select All", QKeySequence(QKeySequence.StandardKey.SelectAll), self.select_all)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())


def _range(text: str, start: int, end: int, kind: str) -> QTextLayout.FormatRange:
    found, look = QTextLayout.FormatRange(), QTextCharFormat()
    look.setForeground(getattr(theme().syntax, kind))
    found.start, found.length, found.format = units(text[:start]), units(text[start:end]), look
    return found
