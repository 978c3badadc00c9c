"""A list that is searched by typing: layers at the pointer, commands in the palette. It holds no data itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QVBoxLayout,
    QWidget,
)

from engine.expr import composed
from gui.glyphs import icon
from gui.theme import metrics, theme, theme_changed
from gui.widgets.entry import ENTRY, Entry, EntryPainter
from gui.widgets.labels import ElidedLabel, KeyCap, hairline, label

Index = QModelIndex | QPersistentModelIndex
OURS = (Qt.Key.Key_Escape, Qt.Key.Key_F1, Qt.Key.Key_Tab, Qt.Key.Key_Return, Qt.Key.Key_Enter)
MOST_ROWS = 8
PAGE = 6


class _Entries(QAbstractListModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.entries: tuple[Entry, ...] = ()
        self.query = ""

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        entry = self.entries[index.row()]
        if role == ENTRY:
            return entry
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return ", ".join(part for part in (entry.title, entry.detail, entry.right) if part)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        return flags | Qt.ItemFlag.ItemNeverHasChildren

    def show(self, entries: Sequence[Entry], query: str) -> None:
        self.beginResetModel()
        self.entries, self.query = tuple(entries), query
        self.endResetModel()


class SearchList(QFrame):
    """A field over a list, as a card over whatever it was opened on.

    query_changed(text), current_changed(key), chosen(key, keep_open), help_wanted(key), closed(). Give it rows with
    `show_entries` whenever the query changes. Enter chooses, Shift+Enter chooses and stays open, Esc closes.
    """

    query_changed = Signal(str)
    current_changed = Signal(str)
    chosen = Signal(str, bool)
    help_wanted = Signal(str)
    closed = Signal()

    def __init__(
        self, placeholder: str, width: int, hints: Sequence[tuple[str, str]] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setFixedWidth(width)
        self.setAccessibleName(placeholder)
        self._hints_text = hints
        self.field = QLineEdit(self)
        self.field.setProperty("flat", True)
        self.field.setProperty("focusRing", "none")
        self.field.setFrame(False)
        self.field.setPlaceholderText(placeholder)
        self.field.setAccessibleName(placeholder)
        self.field.installEventFilter(self)
        self.field.textChanged.connect(lambda: self.query_changed.emit(self.query))
        self._count = label("", "small", "muted")
        self._heading = label("", "small", "muted")
        self._model = _Entries(self)
        self._view = QListView(self)
        self._view.setModel(self._model)
        self._view.setItemDelegate(EntryPainter(self._view))
        self._view.setFrameShape(QFrame.Shape.NoFrame)
        self._view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._view.setMouseTracking(True)
        self._view.setUniformItemSizes(True)
        self._view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._view.setProperty("ground", "overlay")
        self._view.viewport().setAutoFillBackground(False)
        self._view.viewport().installEventFilter(self)
        self._view.clicked.connect(self._choose_clicked)
        self._view.selectionModel().currentChanged.connect(self._tell_current)
        self._call = ElidedLabel("", "mono")
        self._sentence = ElidedLabel("", "small", "secondary", lines=2)
        self._below = QWidget(self)
        self._lay_out()
        theme_changed.connect(self._draw_lens)
        self.hide()

    def _lay_out(self) -> None:
        room = metrics().space
        top = QHBoxLayout()
        top.setContentsMargins(room.l, room.s, room.l, room.s)
        top.setSpacing(room.s)
        self._lens = QLabel(self)
        self._draw_lens()
        top.addWidget(self._lens)
        top.addWidget(self.field, 1)
        top.addWidget(self._count)
        below = QVBoxLayout(self._below)
        below.setContentsMargins(room.l, 0, room.l, room.s)
        below.setSpacing(room.xs)
        below.addWidget(self._call)
        below.addWidget(self._sentence)
        whole = self._whole = QVBoxLayout(self)
        whole.setContentsMargins(1, 1, 1, 1)
        whole.setSpacing(0)
        whole.addLayout(top)
        whole.addWidget(hairline())
        heading = QHBoxLayout()  # a label loses margins of its own when the theme changes
        heading.setContentsMargins(room.l, room.xs, room.l, 0)
        heading.addWidget(self._heading)
        whole.addSpacing(room.xs)
        whole.addLayout(heading)
        whole.addWidget(self._view)
        whole.addSpacing(room.xs)
        whole.addWidget(hairline())
        whole.addSpacing(room.s)
        whole.addWidget(self._below)
        if self._hints_text:
            keys = QHBoxLayout()
            keys.setContentsMargins(room.l, 0, room.l, room.m)
            keys.setSpacing(room.xs)
            for key, text in self._hints_text:
                keys.addWidget(KeyCap(key, self))
                keys.addWidget(label(text, "caption", "muted"))
                keys.addSpacing(room.xs)
            keys.addStretch(1)
            whole.addLayout(keys)
        self._below.hide()

    def _draw_lens(self) -> None:
        """In the theme of now."""
        side = metrics().control.icon
        self._lens.setPixmap(icon("magnifying-glass").pixmap(QSize(side, side), self.devicePixelRatioF()))
        self.update()

    @property
    def query(self) -> str:
        return composed(self.field.text())

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The rows that are shown."""
        return self._model.entries

    @property
    def current(self) -> Entry | None:
        """The row that Enter would choose."""
        index = self._view.currentIndex()
        return self._model.entries[index.row()] if index.isValid() and self._model.entries else None

    def show_entries(self, entries: Sequence[Entry], heading: str = "", count: str = "", matched: str = "") -> None:
        """Show these rows. `matched`: letters drawn in accent. A row that one went to stays current."""
        before = self.current.key if self.current else ""
        if matched != self._model.query or self._fresh:
            self._is_picked = False  # another query chooses its own best, and so do answers that come later
        self._model.show(entries, matched)
        self._heading.setText(heading)
        self._heading.setVisible(bool(heading))
        self._count.setText(count)
        keys = [entry.key for entry in entries]
        row = keys.index(before) if self._is_picked and before in keys else 0
        self._fresh = False
        if entries:
            self._view.setCurrentIndex(self._model.index(row))
        self._tell_current()
        self._resize()

    _fresh = True
    _is_picked = False
    _room = 0

    def describe(self, call: str, sentence: str) -> None:
        """What choosing the current row will do."""
        self._call.set_text(call)
        self._sentence.set_text(sentence)
        self._below.setVisible(bool(call or sentence))
        self._resize()

    def open_at(self, pos: QPoint, text: str = "") -> None:
        """Show it with its top left corner near a point of its parent, moved so that it is seen whole."""
        self._fresh = True
        self.field.setText(text)
        self.query_changed.emit(composed(text))
        parent = self.parentWidget()
        gap = metrics().space.s
        if parent is not None:
            self._room = parent.height() - 2 * gap
            self._resize()
            x = min(max(gap, pos.x()), max(gap, parent.width() - self.width() - gap))
            y = min(max(gap, pos.y()), max(gap, parent.height() - self.sizeHint().height() - gap))
            self.move(x, y)
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)
        self.field.selectAll()

    def close_list(self) -> None:
        """Hide it, and say so."""
        if not self.isHidden():
            self.hide()
            self.closed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._view.viewport():
            if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseMove:
                self._point(event.position().toPoint())  # rows that come under a pointer at rest are not meant
            return False
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._key(event)
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and event.key() in OURS:
            event.accept()
        if event.type() == QEvent.Type.FocusOut and self.isVisible() and not self._has_focus():
            self.close_list()
        return super().eventFilter(watched, event)

    def _has_focus(self) -> bool:
        focused = self.window().focusWidget()
        return focused is not None and self.isAncestorOf(focused)

    def _key(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: PAGE, Qt.Key.Key_PageUp: -PAGE}.get(key)
        if step is not None:
            self._step(step)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif key == Qt.Key.Key_Escape:
            self.close_list()
        elif key == Qt.Key.Key_F1 and self.current:
            self.help_wanted.emit(self.current.key)
        elif key != Qt.Key.Key_Tab:
            return False
        return True

    def _step(self, by: int) -> None:
        count = len(self.entries)
        if count:
            row = self._view.currentIndex().row()
            wrapped = (row + by) % count if abs(by) == 1 else min(max(row + by, 0), count - 1)
            self._pick(self._model.index(wrapped))

    def _pick(self, index: QModelIndex) -> None:
        """Go to a row, by hand."""
        self._is_picked = True
        self._view.setCurrentIndex(index)

    def _point(self, pos: QPoint) -> None:
        if (index := self._view.indexAt(pos)).isValid() and index != self._view.currentIndex():
            self._pick(index)

    def _choose_clicked(self, index: QModelIndex) -> None:
        self._pick(index)
        self._choose(False)

    def _choose(self, keep_open: bool) -> None:
        entry = self.current
        if entry is None or not entry.enabled:
            return
        if not keep_open:
            self.close_list()
        self.chosen.emit(entry.key, keep_open)

    def _tell_current(self) -> None:
        self.current_changed.emit(self.current.key if self.current else "")

    def _resize(self) -> None:
        row = metrics().popup.search_row
        rows = min(len(self.entries), MOST_ROWS)
        self._view.setFixedHeight(max(1, rows) * row)
        self._whole.activate()
        over = self.sizeHint().height() - self._room if self._room else 0
        if over > 0 and rows > 2:
            self._view.setFixedHeight(max(2, rows - -(-over // row)) * row)
            self._whole.activate()
        self.resize(self.width(), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme().border.default)
        painter.setBrush(theme().bg.overlay)
        half, radius = metrics().line.border / 2, metrics().radius.popup
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(half, half, -half, -half), radius, radius)
