"""One row of a searched list: a tile or an icon, a title with its matched letters, and something at the right."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from gui.glyphs import icon, paint_tile
from gui.theme import font, metrics, theme

Index = QModelIndex | QPersistentModelIndex
ENTRY = Qt.ItemDataRole.UserRole
FAINT = 0.5


@dataclass(frozen=True)
class Entry:
    """One row: a tile or an icon, a title with its matched letters, a muted detail, and something at the right.

    right: text; keys: a shortcut as key caps instead. A muted row is faint, a disabled one cannot be chosen either.
    """

    key: str
    title: str
    detail: str = ""
    right: str = ""
    keys: tuple[str, ...] = ()
    category: str = ""
    icon: str = ""
    enabled: bool = True
    muted: bool = False

    @property
    def is_faint(self) -> bool:
        return self.muted or not self.enabled


class EntryPainter(QStyledItemDelegate):
    """One row: tile, title with matched letters in accent, detail, and what stands at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, metrics().popup.search_row)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        entry: Entry = index.data(ENTRY)
        query = str(getattr(index.model(), "query", ""))
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
        painter.setOpacity(FAINT if entry.is_faint else 1.0)
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
        painter.setPen(t.text.muted if entry.is_faint else colour)
        box = QRectF(left, inside.top(), right - left, inside.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        left += lines.horizontalAdvance(shown)
    return left + metrics().space.s


def _runs(length: int, hits: frozenset[int]) -> list[tuple[int, int, bool]]:
    cuts = [i for i in range(1, length) if (i in hits) != (i - 1 in hits)]
    edges = [0, *cuts, length]
    return [(a, b, a in hits) for a, b in pairwise(edges)]


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
    face = font("small", None if entry.is_faint else 600)
    room = inside.width() * 0.55
    shown = QFontMetricsF(face).elidedText(entry.right, Qt.TextElideMode.ElideRight, room)
    painter.setFont(face)
    painter.setPen(t.text.muted if entry.is_faint else t.text.primary)
    painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, shown)
    return QFontMetricsF(face).horizontalAdvance(shown) + m.space.m
