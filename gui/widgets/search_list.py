"""A list that is searched by typing: the layers at the pointer, the commands of the palette. It holds no data itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from gui.glyphs import icon, paint_tile
from gui.theme import font, metrics, theme, theme_changed
from gui.widgets.labels import ElidedLabel, KeyCap, hairline, label

Index = QModelIndex | QPersistentModelIndex
ENTRY = Qt.ItemDataRole.UserRole
FAINT = 0.5


@dataclass(frozen=True)
class Entry:
    """One row: a tile or an icon, a title with its matched letters, a muted detail, and something at the right.

    right: text, strong if it is a fact of this moment; keys: a shortcut as key caps instead. A disabled row can be
    read but not chosen.
    """

    key: str
    title: str
    detail: str = ""
    right: str = ""
    keys: tuple[str, ...] = ()
    category: str = ""
    icon: str = ""
    enabled: bool = True


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
        self.field.textChanged.connect(self.query_changed)
        self._count = label("", "small", "muted")
        self._heading = label("", "small", "muted")
        self._heading.setContentsMargins(metrics().space.l, metrics().space.s, metrics().space.l, metrics().space.xs)
        self._model = _Entries(self)
        self._view = QListView(self)
        self._view.setModel(self._model)
        self._view.setItemDelegate(_EntryPainter(self._view))
        self._view.setFrameShape(QFrame.Shape.NoFrame)
        self._view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._view.setMouseTracking(True)
        self._view.setUniformItemSizes(True)
        self._view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._view.setProperty("ground", "overlay")
        self._view.viewport().setAutoFillBackground(False)
        self._view.entered.connect(self._view.setCurrentIndex)
        self._view.clicked.connect(self._choose_clicked)
        self._view.selectionModel().currentChanged.connect(self._tell_current)
        self._call = label("", "mono")
        self._sentence = ElidedLabel("", "small", "secondary")
        self._below = QWidget(self)
        self._lay_out()
        theme_changed.connect(self.update)
        self.hide()

    def _lay_out(self) -> None:
        room = metrics().space
        top = QHBoxLayout()
        top.setContentsMargins(room.l, room.s, room.l, room.s)
        lens = QLabel(self)
        side = metrics().control.icon
        lens.setPixmap(icon("magnifying-glass").pixmap(QSize(side, side), self.devicePixelRatioF()))
        top.addWidget(lens)
        top.addWidget(self.field, 1)
        top.addWidget(self._count)
        below = QVBoxLayout(self._below)
        below.setContentsMargins(room.l, room.s, room.l, room.s)
        below.setSpacing(room.xs)
        below.addWidget(self._call)
        below.addWidget(self._sentence)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(1, 1, 1, 1)
        whole.setSpacing(0)
        whole.addLayout(top)
        whole.addWidget(hairline(self))
        whole.addWidget(self._heading)
        whole.addWidget(self._view)
        whole.addWidget(self._below)
        if self._hints_text:
            keys = QHBoxLayout()
            keys.setContentsMargins(room.l, 0, room.l, room.m)
            keys.setSpacing(room.s)
            for key, text in self._hints_text:
                keys.addWidget(KeyCap(key, self))
                keys.addWidget(label(text, "small", "muted"))
            keys.addStretch(1)
            whole.addLayout(keys)
        self._below.hide()

    @property
    def query(self) -> str:
        return self.field.text()

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
        """Show these rows. `matched`: the letters that are drawn in accent. The current row stays if it is still there."""
        before = self.current.key if self.current else ""
        self._model.show(entries, matched)
        self._heading.setText(heading)
        self._heading.setVisible(bool(heading))
        self._count.setText(count)
        keys = [entry.key for entry in entries]
        row = keys.index(before) if before in keys and matched == self._model.query and not self._fresh else 0
        self._fresh = False
        if entries:
            self._view.setCurrentIndex(self._model.index(row))
        self._tell_current()
        self._resize()

    _fresh = True
    _room = 0

    def describe(self, call: str, sentence: str) -> None:
        """What choosing the current row will do."""
        self._call.setText(call)
        self._sentence.set_text(sentence)
        self._below.setVisible(bool(call or sentence))
        self._resize()

    def open_at(self, pos: QPoint, text: str = "") -> None:
        """Show it with its top left corner near a point of its parent, moved so that it is seen whole."""
        self._fresh = True
        self.field.setText(text)
        self.query_changed.emit(text)
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
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._key(event)
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_F1, Qt.Key.Key_Tab, Qt.Key.Key_Return, Qt.Key.Key_Enter):
                event.accept()
        if event.type() == QEvent.Type.FocusOut and self.isVisible() and not self.isAncestorOf(self._focused()):
            self.close_list()
        return super().eventFilter(watched, event)

    def _focused(self) -> QWidget | None:
        return self.window().focusWidget()

    def _key(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 6, Qt.Key.Key_PageUp: -6}.get(key)
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
            self._view.setCurrentIndex(self._model.index(wrapped))

    def _choose_clicked(self, index: QModelIndex) -> None:
        self._view.setCurrentIndex(index)
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
        rows = min(len(self.entries), 8)
        self._view.setFixedHeight(max(1, rows) * row + 2 * metrics().space.xs)
        self.layout().activate()
        over = self.sizeHint().height() - self._room if self._room else 0
        if over > 0 and rows > 2:
            self._view.setFixedHeight(max(2, rows - -(-over // row)) * row + 2 * metrics().space.xs)
            self.layout().activate()
        self.resize(self.width(), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme().border.default)
        painter.setBrush(theme().bg.overlay)
        half, radius = metrics().line.border / 2, metrics().radius.popup
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(half, half, -half, -half), radius, radius)


class _EntryPainter(QStyledItemDelegate):
    """One row: tile, title with matched letters in accent, detail, and what stands at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, metrics().popup.search_row)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        entry: Entry = index.data(ENTRY)
        model = index.model()
        query = model.query if isinstance(model, _Entries) else ""
        t, m = theme(), metrics()
        rect = QRectF(option.rect)  # type: ignore[attr-defined]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:  # type: ignore[attr-defined]
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(t.accent.soft)
            painter.drawRoundedRect(rect.adjusted(m.space.s, 1, -m.space.s, -1), m.radius.tile, m.radius.tile)
        inside = rect.adjusted(m.space.l, 0, -m.space.l, 0)
        left = inside.left() + _sign(painter, entry, inside)
        right = inside.right() - _right(painter, entry, inside)
        left = _title(painter, entry, query, left, right, inside)
        _text(painter, QRectF(left, inside.top(), right - left - m.space.s, inside.height()), entry.detail)
        painter.restore()


def _sign(painter: QPainter, entry: Entry, inside: QRectF) -> float:
    side = metrics().node.tile
    box = QRectF(inside.left(), inside.center().y() - side / 2, side, side)
    if entry.category:
        painter.setOpacity(1.0 if entry.enabled else FAINT)
        paint_tile(painter, box, entry.category)
        painter.setOpacity(1.0)
    elif entry.icon:
        inset = (side - metrics().control.icon) / 2
        icon(entry.icon).paint(painter, box.adjusted(inset, inset, -inset, -inset).toRect())
    else:
        return 0.0
    return side + metrics().space.m


def _title(painter: QPainter, entry: Entry, query: str, left: float, right: float, inside: QRectF) -> float:
    """The title letter by letter where some are matched. Returns: where it ends."""
    t, plain, strong = theme(), font("body"), font("body", 600)
    hits = matched_letters(entry.title, query)
    for start, end, hit in _runs(len(entry.title), hits):
        text, face = entry.title[start:end], strong if hit else plain
        lines = QFontMetricsF(face)
        shown = lines.elidedText(text, Qt.TextElideMode.ElideRight, max(0.0, right - left))
        painter.setFont(face)
        colour = t.accent.base if hit else t.text.primary
        painter.setPen(colour if entry.enabled else t.text.muted)
        box = QRectF(left, inside.top(), right - left, inside.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        left += lines.horizontalAdvance(shown)
    return left + metrics().space.s


def _runs(length: int, hits: frozenset[int]) -> list[tuple[int, int, bool]]:
    cuts = [i for i in range(1, length) if (i in hits) != (i - 1 in hits)]
    edges = [0, *cuts, length]
    return [(a, b, a in hits) for a, b in zip(edges, edges[1:], strict=False)]


def matched_letters(title: str, query: str) -> frozenset[int]:
    """The places of the letters that were typed: the words where they stand whole, else in their order."""
    low, found = title.lower(), set()
    for word in query.lower().split():
        if (start := low.find(word)) >= 0:
            found |= set(range(start, start + len(word)))
            continue
        places, at = [], -1
        for letter in word:
            at = low.find(letter, at + 1)
            if at < 0:
                break
            places.append(at)
        else:
            found |= set(places)
    return frozenset(found)


def _text(painter: QPainter, box: QRectF, text: str) -> None:
    painter.setFont(font("small"))
    painter.setPen(theme().text.muted)
    shown = QFontMetricsF(font("small")).elidedText(text, Qt.TextElideMode.ElideRight, max(0.0, box.width()))
    if box.width() > metrics().space.xl:
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)


def _right(painter: QPainter, entry: Entry, inside: QRectF) -> float:
    """Text or key caps at the right end. Returns: the width they took."""
    t, m = theme(), metrics()
    if entry.keys:
        face = font("caption", 500)
        x = inside.right()
        for key in reversed(entry.keys):
            wide = QFontMetricsF(face).horizontalAdvance(key) + m.space.m
            cap = QRectF(x - wide, inside.center().y() - m.node.field_h / 2, wide, m.node.field_h)
            painter.setPen(QPen(t.border.default, m.line.border))
            painter.setBrush(t.bg.field)
            painter.drawRoundedRect(cap, m.radius.field, m.radius.field)
            painter.setFont(face)
            painter.setPen(t.text.secondary)
            painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, key)
            x = cap.left() - m.space.xs
        return inside.right() - x + m.space.s
    if not entry.right:
        return 0.0
    face = font("small", 600 if entry.enabled else None)
    room = inside.width() * 0.55
    shown = QFontMetricsF(face).elidedText(entry.right, Qt.TextElideMode.ElideRight, room)
    painter.setFont(face)
    painter.setPen(t.text.primary if entry.enabled else t.text.muted)
    painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, shown)
    return QFontMetricsF(face).horizontalAdvance(shown) + m.space.m
