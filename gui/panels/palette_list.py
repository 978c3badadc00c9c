"""The rows of the palette: headings that fold, and layers with tile, name, variants and the path in torch."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QMimeData, QModelIndex, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QDrag, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from engine.layers.base import Layer
from engine.layers.groups import dimensions_of, stem_of
from gui.glyphs import paint_sign, paint_tile
from gui.theme import font, metrics, theme
from gui.widgets.section_header import CHEVRON_STROKE, CLOSED, OPEN

MIME = "application/x-netsmith-layer"
KEY, CATEGORY, PATH, VARIANTS, FOLD, COUNT, STAR = (Qt.ItemDataRole.UserRole + i for i in range(7))
ROW = 34
STAR_SIGN = "M8 2.6 L9.7 6.2 L13.6 6.7 L10.7 9.4 L11.4 13.3 L8 11.4 L4.6 13.3 L5.3 9.4 L2.4 6.7 L6.3 6.2 Z"


def mime_of(key: str) -> QMimeData:
    """What a drag of a layer carries: its key, or "block:<id>" for one of the user's blocks."""
    data = QMimeData()
    data.setData(MIME, QByteArray(key.encode()))
    return data


def start_drag(source: QWidget, key: str, category: str) -> None:
    """Drag a layer, with its tile at the pointer."""
    side, ratio = metrics().node.tile, source.devicePixelRatioF()
    picture = QPixmap(round(side * ratio), round(side * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    paint_tile(painter, QRectF(0, 0, side, side), category)
    painter.end()
    drag = QDrag(source)
    drag.setMimeData(mime_of(key))
    drag.setPixmap(picture)
    drag.setHotSpot(picture.rect().center() / ratio)
    drag.exec(Qt.DropAction.CopyAction)


class LayerList(QListWidget):
    """help_wanted(key), menu_wanted(key, point of the screen), star_wanted(key), fold_wanted(name of a heading)."""

    help_wanted = Signal(str)
    menu_wanted = Signal(str, QPoint)
    star_wanted = Signal(str)
    fold_wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Layers")
        self.setMouseTracking(True)
        self.setItemDelegate(Rows(self))
        self.setDragEnabled(True)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setProperty("focusRing", "inside")

    def add(
        self, key: str, title: str, category: str, path: str, summary: str, variants: tuple[str, ...] = ()
    ) -> QListWidgetItem:
        """A layer. variants: keys of the same one for other dimensions, itself among them."""
        item = QListWidgetItem(title)
        item.setData(KEY, key)
        item.setData(CATEGORY, category)
        item.setData(PATH, path)
        if len(variants) > 1:
            item.setData(VARIANTS, variants)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{title}, left and right choose the dimensions")
        item.setToolTip(f"{title}\n{summary}" if summary else title)
        self.addItem(item)
        return item

    def add_heading(self, text: str, folds: str = "", is_open: bool = True, count: int = 0) -> None:
        """A heading; with `folds` it opens and closes what stands under it, and says how many there are."""
        item = QListWidgetItem(text)
        if folds:
            item.setData(FOLD, folds)
            item.setData(COUNT, (count, is_open))
            state = "open" if is_open else "closed"
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{text}, {count} layers, {state}")
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
        else:
            item.setFlags(Qt.ItemFlag.NoItemFlags)
        self.addItem(item)

    def add_note(self, text: str, tip: str = "") -> None:
        """A line that can only be read."""
        item = QListWidgetItem(text)
        item.setToolTip(tip)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        item.setData(COUNT, ())
        self.addItem(item)

    def choose_variant(self, item: QListWidgetItem, key: str) -> None:
        """Let a row stand for the layer of other dimensions."""
        layer = Layer.registry[key]
        item.setData(KEY, key)
        item.setData(PATH, layer.target)
        item.setText(layer.title)
        item.setToolTip(f"{layer.title}\n{layer.summary()}")

    def startDrag(self, actions: Qt.DropAction) -> None:
        item = self.currentItem()
        if item is not None and item.data(KEY):
            start_drag(self, item.data(KEY), item.data(CATEGORY))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        item = self.currentItem() if by_key else self.itemAt(event.pos())
        if item is not None and item.data(KEY):
            below = self.viewport().mapToGlobal(self.visualItemRect(item).bottomLeft())
            self.menu_wanted.emit(item.data(KEY), below if by_key else event.globalPos())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        item = self.itemAt(event.position().toPoint())
        if item is not None and item.data(FOLD):
            self.fold_wanted.emit(item.data(FOLD))
            return
        if item is not None and item.data(VARIANTS):
            for key, where in variant_boxes(self.visualItemRect(item), item.data(VARIANTS)):
                if where.contains(event.position()):
                    self.choose_variant(item, key)
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.currentItem()
        if item is None or not self._answers(item, Qt.Key(event.key())):
            super().keyPressEvent(event)

    def _answers(self, item: QListWidgetItem, key: Qt.Key) -> bool:
        """What the row itself does with a key. Returns: whether it did anything."""
        sideways = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(key)
        if item.data(FOLD):
            is_open = bool(item.data(COUNT)[1])
            turns = key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
            if turns or (sideways is not None and is_open == (sideways < 0)):
                self.fold_wanted.emit(item.data(FOLD))
                return True
            return False
        if not item.data(KEY):
            return False
        if key == Qt.Key.Key_F1:
            self.help_wanted.emit(item.data(KEY))
        elif key == Qt.Key.Key_Asterisk:
            self.star_wanted.emit(item.data(KEY))
        elif sideways is not None and (keys := item.data(VARIANTS)):
            place = list(keys).index(item.data(KEY)) + sideways
            self.choose_variant(item, keys[min(max(place, 0), len(keys) - 1)])
        else:
            return False
        return True


def variant_boxes(row: QRect, keys: tuple[str, ...]) -> list[tuple[str, QRectF]]:
    """Where the chips of a row's variants stand, at its right end."""
    space, side = metrics().space, metrics().control.target_min
    left = row.right() - space.s - len(keys) * (side + space.xs / 2)
    middle = row.center().y() - side / 2 + 0.5
    return [(key, QRectF(left + i * (side + space.xs / 2), middle, side, side)) for i, key in enumerate(keys)]


class Rows(QStyledItemDelegate):
    """How a row is painted."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:  # type: ignore[override]
        return QSize(0, ROW if index.data(KEY) else ROW - metrics().space.xs)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:  # type: ignore[override]
        rect: QRect = option.rect  # type: ignore[attr-defined]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._ground(painter, rect, option.state, bool(index.data(KEY) or index.data(FOLD)))  # type: ignore[attr-defined]
        if index.data(KEY):
            touched = option.state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver)  # type: ignore[attr-defined]
            self._layer(painter, rect, index, bool(touched))
        else:
            self._heading(painter, rect, index)
        painter.restore()

    def _ground(self, painter: QPainter, rect: QRect, state: QStyle.StateFlag, answers: bool) -> None:
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        if answers and (chosen or state & QStyle.StateFlag.State_MouseOver):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().accent.soft if chosen else theme().bg.hover)
            painter.drawRoundedRect(rect, metrics().radius.button, metrics().radius.button)

    def _heading(self, painter: QPainter, rect: QRect, index: QModelIndex) -> None:
        space, side = metrics().space, Qt.AlignmentFlag.AlignVCenter
        is_note = index.data(COUNT) == ()
        where = rect.adjusted(space.s, 0 if index.data(FOLD) else space.xs, -space.s, 0)
        painter.setPen(theme().text.muted if is_note else theme().text.secondary)
        if index.data(FOLD):
            count, is_open = index.data(COUNT)
            sign = QRectF(where.left(), where.center().y() - 8, 16, 16)
            paint_sign(painter, sign, OPEN if is_open else CLOSED, theme().text.secondary, CHEVRON_STROKE)
            where = where.adjusted(16 + space.xs, 0, 0, 0)
            painter.setFont(font("caption"))
            painter.setPen(theme().text.muted)
            painter.drawText(where, side | Qt.AlignmentFlag.AlignRight, str(count))
            painter.setPen(theme().text.primary)
        painter.setFont(font("caption" if is_note else "caption_strong"))
        painter.drawText(where, side, index.data())

    def _layer(self, painter: QPainter, rect: QRect, index: QModelIndex, touched: bool) -> None:
        space, side = metrics().space, metrics().node.tile
        tile = QRectF(rect.left() + space.s, rect.center().y() - side / 2 + 0.5, side, side)
        paint_tile(painter, tile, index.data(CATEGORY))
        right = rect.right() - space.s
        if index.data(VARIANTS):
            boxes = variant_boxes(rect, index.data(VARIANTS))
            right = self._variants(painter, boxes, index.data(KEY)) if touched else self._dims(painter, boxes)
            right -= space.xs
        if index.data(STAR):
            right -= 14
            star = QRectF(right, rect.center().y() - 7, 14, 14)
            right -= space.xs
            paint_sign(painter, star, STAR_SIGN, theme().accent.base, CHEVRON_STROKE)
        left = round(tile.right()) + space.s
        self._write(painter, QRect(left, rect.top(), right - left, rect.height()), index)

    def _dims(self, painter: QPainter, boxes: list[tuple[str, QRectF]]) -> int:
        """The variants as words, until the row is touched: that leaves more room to the name. Returns: their left."""
        words = " ".join(dimensions_of(Layer.registry[key]) for key, _ in boxes)
        wide = QFontMetricsF(font("caption")).horizontalAdvance(words)
        where = QRectF(boxes[-1][1].right() - wide, boxes[0][1].top(), wide, boxes[0][1].height())
        painter.setFont(font("caption"))
        painter.setPen(theme().text.muted)
        painter.drawText(where, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, words)
        return round(where.left())

    def _variants(self, painter: QPainter, boxes: list[tuple[str, QRectF]], current: str) -> int:
        """A chip for each of the variants, that of the row marked. Returns: their left."""
        painter.setFont(font("caption"))
        for key, where in boxes:
            chip = where.adjusted(0, 3, 0, -3)
            painter.setPen(theme().border.strong if key == current else theme().border.subtle)
            painter.setBrush(theme().bg.field if key == current else Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(chip, metrics().radius.field, metrics().radius.field)
            painter.setPen(theme().text.primary if key == current else theme().text.muted)
            painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, dimensions_of(Layer.registry[key]))
        return round(boxes[0][1].left())

    def _write(self, painter: QPainter, where: QRect, index: QModelIndex) -> None:
        side = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(font("body"))
        painter.setPen(theme().text.primary)
        lines = QFontMetricsF(font("body"))
        name, mode = str(index.data()), Qt.TextElideMode.ElideRight
        if index.data(VARIANTS):  # the chips say the dimensions
            name, mode = stem_of(Layer.registry[index.data(KEY)]), Qt.TextElideMode.ElideMiddle
        title = lines.elidedText(name, mode, where.width())
        painter.drawText(where, side, title)
        if index.data(VARIANTS):
            return
        rest = where.adjusted(round(lines.horizontalAdvance(title)) + metrics().space.s, 0, 0, 0)
        painter.setFont(font("caption"))
        painter.setPen(theme().text.muted)
        path, small = str(index.data(PATH)), QFontMetricsF(font("caption"))
        if small.horizontalAdvance(path) > rest.width():
            path = path.rpartition(".")[0] or path.rpartition(" ")[2]  # the rest is the title, mostly; or the author
        if small.horizontalAdvance(path) <= rest.width():
            painter.drawText(rest, side | Qt.AlignmentFlag.AlignRight, path)
