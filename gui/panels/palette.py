"""The palette: every layer by category, found by typing, dragged onto the canvas."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QMimeData, QModelIndex, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QDrag, QFontMetricsF, QKeyEvent, QPainter, QPixmap, QShowEvent
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from engine.document import library
from engine.document.library import Entry
from engine.document.project import Project
from engine.graph.graph import BlockId
from engine.layers import catalogue, find
from engine.layers.block import BlockLayer, Shared
from engine.layers.code import Missing
from gui.glyphs import paint_tile
from gui.panels.block_palette import BlockPreview, sections
from gui.session import Session
from gui.theme import font, metrics, theme
from gui.widgets import SearchField

MIME = "application/x-netsmith-layer"
KEY, CATEGORY, PATH = (Qt.ItemDataRole.UserRole + i for i in range(3))
HIDDEN = (BlockLayer, Shared, Missing)  # made by grouping, by a command, and by files: never from nothing
ROW = 34


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


class Palette(QWidget):
    """layer_chosen(key): add this layer. help_wanted(key): explain it. menu_wanted(key, point of the screen)."""

    layer_chosen = Signal(str)
    help_wanted = Signal(str)
    menu_wanted = Signal(str, QPoint)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Palette")
        self.setProperty("ground", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._session = session
        self._category: str | None = None
        self.search = SearchField("Search layers")
        self.list = _LayerList()
        self.preview = BlockPreview()
        self._lent: list[Entry] = []
        box = QVBoxLayout(self)
        space = metrics().space
        box.setContentsMargins(space.s, space.s, space.s, 0)
        box.setSpacing(space.s)
        box.addWidget(self.search)
        box.addWidget(self.list, 1)
        box.addWidget(self.preview)
        self.setFocusProxy(self.search)
        self.search.textChanged.connect(self._fill)
        self.search.returnPressed.connect(self._choose_first)
        self.list.itemActivated.connect(self._choose)
        self.list.itemDoubleClicked.connect(self._choose)
        self.list.help_wanted.connect(self.help_wanted)
        self.list.menu_wanted.connect(self.menu_wanted)
        self.list.currentItemChanged.connect(lambda item, _: self._look_at(item))
        self.list.itemEntered.connect(self._look_at)
        session.changed.connect(self._follow)
        self._blocks = _own_blocks(session.project)
        self._fill()

    def show_category(self, category: str | None) -> None:
        """Show one kind of layer, or all of them for None."""
        self._category = category
        self.search.clear()
        self._fill()

    def lend(self, entries: list[Entry]) -> None:
        """List blocks of another file before all others, until another one is opened or they are put away."""
        self._lent = list(entries)
        self.show_category("block")

    def refresh(self) -> None:
        """Read one's own library again."""
        self._fill()

    @property
    def category(self) -> str | None:
        return self._category

    def _follow(self) -> None:
        blocks = _own_blocks(self._session.project)
        if blocks != self._blocks:
            self._blocks = blocks
            self._fill()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_stale:
            self._fill()

    def _fill(self) -> None:
        """List what is wanted, as soon as it is seen."""
        self._is_stale = not self.isVisible()
        if self._is_stale:
            return
        query = self.search.text().strip()
        found = library.with_ready(find(query), query) if query else catalogue()
        layers = [layer for layer in found if layer not in HIDDEN]
        if self._category is not None and not query:
            layers = [layer for layer in catalogue() if layer.category == self._category]
        self.list.clear()
        heading = None
        if not query:
            self._add_ready(self._lent)
        for layer in layers:
            if isinstance(layer, Entry):
                self._add_entry(layer)
                continue
            if not query and layer.category != heading:
                heading = layer.category
                self.list.add_heading(heading)
            self.list.add(layer.key, layer.title, layer.category, layer.target, layer.summary())
        own = [(k, n) for k, n in self._blocks if query.lower() in n.lower()]
        if own and self._category in (None, "block"):
            if not query:
                self.list.add_heading("your blocks")
            for block, name in own:
                self.list.add(f"block:{block}", name, "block", "your block", "One of your blocks.")
        if not query and self._category in (None, "block"):
            self._add_library()
        if query and self.list.count():
            self.list.setCurrentRow(0)
        self._look_at(self.list.currentItem())

    def _add_library(self) -> None:
        """The ready blocks; read beside the window the first time."""
        if library.is_at_hand():
            self._add_ready(library.entries())
        else:
            self._session.background.submit("library", library.entries, lambda _: self._fill(), _raise)

    def _add_ready(self, entries: list[Entry]) -> None:
        for heading, group in sections(entries):
            self.list.add_heading(heading)
            for entry in group:
                self._add_entry(entry)

    def _add_entry(self, entry: Entry) -> None:
        self.list.add(entry.key, entry.name, "block", entry.origin, entry.summary)

    def _look_at(self, item: QListWidgetItem | None) -> None:
        """Preview the block of a row, if it is a ready one."""
        key = str(item.data(KEY) or "") if item is not None else ""
        lent = next((entry for entry in self._lent if entry.key == key), None)
        self.preview.show_entry(lent or (library.find_entry(key) if library.is_ready(key) else None))
        if item is not None and item is self.list.currentItem() and (box := self.layout()) is not None:
            box.activate()  # the preview takes room from the list
            self.list.scrollToItem(item)

    def _choose(self, item: QListWidgetItem) -> None:
        if item.data(KEY):
            self.layer_chosen.emit(item.data(KEY))

    def _choose_first(self) -> None:
        item = self.list.currentItem() or self.list.item(0)
        if item is not None:
            self._choose(item)


def _own_blocks(project: Project) -> tuple[tuple[BlockId, str], ...]:
    return tuple((block.id, block.name) for block in project.blocks.values() if block.id != project.main)


def _raise(error: Exception) -> None:
    raise error  # a file that cannot be read is no error of the library: this is our own mistake


class _LayerList(QListWidget):
    """Rows with tile, name and the path in torch."""

    help_wanted = Signal(str)
    menu_wanted = Signal(str, QPoint)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Layers")
        self.setMouseTracking(True)
        self.setItemDelegate(_Rows(self))
        self.setDragEnabled(True)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setProperty("focusRing", "inside")

    def add(self, key: str, title: str, category: str, path: str, summary: str) -> None:
        item = QListWidgetItem(title)
        item.setData(KEY, key)
        item.setData(CATEGORY, category)
        item.setData(PATH, path)
        item.setToolTip(f"{title}\n{summary}" if summary else title)
        self.addItem(item)

    def add_heading(self, category: str) -> None:
        item = QListWidgetItem(heading_of(category))
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        self.addItem(item)

    def startDrag(self, actions: Qt.DropAction) -> None:
        item = self.currentItem()
        if item is not None and item.data(KEY):
            start_drag(self, item.data(KEY), item.data(CATEGORY))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        item = self.itemAt(event.pos())
        if item is not None and item.data(KEY):
            self.menu_wanted.emit(item.data(KEY), event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.currentItem()
        if event.key() == Qt.Key.Key_F1 and item is not None and item.data(KEY):
            self.help_wanted.emit(item.data(KEY))
        else:
            super().keyPressEvent(event)


class _Rows(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:  # type: ignore[override]
        return QSize(0, ROW if index.data(KEY) else ROW - metrics().space.xs)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:  # type: ignore[override]
        current, space = theme(), metrics().space
        rect: QRect = option.rect  # type: ignore[attr-defined]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not index.data(KEY):
            painter.setFont(font("caption_strong"))
            painter.setPen(current.text.secondary)
            where = rect.adjusted(space.s, space.xs, 0, 0)
            painter.drawText(where, Qt.AlignmentFlag.AlignVCenter, index.data())
            painter.restore()
            return
        state = option.state  # type: ignore[attr-defined]
        if state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            chosen = bool(state & QStyle.StateFlag.State_Selected)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(current.accent.soft if chosen else current.bg.hover)
            painter.drawRoundedRect(rect, metrics().radius.button, metrics().radius.button)
        side = metrics().node.tile
        tile = QRectF(rect.left() + space.s, rect.center().y() - side / 2 + 0.5, side, side)
        paint_tile(painter, tile, index.data(CATEGORY))
        left = round(tile.right()) + space.s
        self._write(painter, QRect(left, rect.top(), rect.right() - left - space.s, rect.height()), index)
        painter.restore()

    def _write(self, painter: QPainter, where: QRect, index: QModelIndex) -> None:
        side = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(font("body"))
        painter.setPen(theme().text.primary)
        lines = QFontMetricsF(font("body"))
        title = lines.elidedText(index.data(), Qt.TextElideMode.ElideRight, where.width())
        painter.drawText(where, side, title)
        rest = where.adjusted(round(lines.horizontalAdvance(title)) + metrics().space.s, 0, 0, 0)
        painter.setFont(font("caption"))
        painter.setPen(theme().text.muted)
        path, small = str(index.data(PATH)), QFontMetricsF(font("caption"))
        if small.horizontalAdvance(path) > rest.width():
            path = path.rpartition(".")[0] or path.rpartition(" ")[2]  # the rest is the title, mostly; or the author
        if small.horizontalAdvance(path) <= rest.width():
            painter.drawText(rest, side | Qt.AlignmentFlag.AlignRight, path)


def heading_of(category: str) -> str:
    """What people read for a category: "Inputs and outputs"."""
    names = {"io": "Inputs and outputs", "merge": "Merge and arithmetic", "code": "Your code", "block": "Blocks"}
    return names.get(category, category[:1].upper() + category[1:])
