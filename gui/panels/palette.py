"""The palette: favourites, what was added last, every layer by kind; found by typing, dragged onto the canvas."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QListWidgetItem, QVBoxLayout, QWidget

from engine.document import library
from engine.document.library import Entry
from engine.document.project import Project
from engine.graph.graph import BlockId
from engine.layers import Layer, catalogue, find
from engine.layers.base import CATEGORIES
from engine.layers.block import BlockLayer, Shared
from engine.layers.code import Missing
from engine.layers.groups import folded, grouped
from gui.panels.block_palette import BlockPreview, sections
from gui.panels.palette_list import KEY, MIME, STAR, LayerList, mime_of, start_drag
from gui.session import Session
from gui.theme import metrics
from gui.widgets import SearchField

__all__ = ["HIDDEN", "KEY", "MIME", "Palette", "heading_of", "mime_of", "start_drag"]

HIDDEN = (BlockLayer, Shared, Missing)  # made by grouping, by a command, and by files: never from nothing
MOST_FOUND = 80  # rows; who has not found it among these types on
MOST_RECENT = 6
LEAST_GROUPED = 9  # layers of a kind that need headings of their own


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
        self._open: set[str] = set()
        self.search = SearchField("Search layers")
        self.list = LayerList()
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
        self._follow_list()
        session.changed.connect(self._follow)
        session.habits.changed.connect(self._follow_habits)
        self._blocks = _own_blocks(session.project)
        self._favourites = session.habits.favourites
        self._fill()

    def _follow_list(self) -> None:
        self.list.itemActivated.connect(self._choose)
        self.list.itemDoubleClicked.connect(self._choose)
        self.list.help_wanted.connect(self.help_wanted)
        self.list.menu_wanted.connect(self.menu_wanted)
        self.list.star_wanted.connect(self._session.habits.toggle)
        self.list.fold_wanted.connect(self.fold)
        self.list.currentItemChanged.connect(lambda item, _: self._look_at(item))
        self.list.itemEntered.connect(self._look_at)

    def show_category(self, category: str | None) -> None:
        """Show one kind of layer, or all of them for None."""
        self._category = category
        self.search.clear()
        self._fill()

    def lend(self, entries: list[Entry]) -> None:
        """List blocks of another file before all others, until the palette is put away or another file is chosen."""
        self._lent = list(entries)
        self.show_category("block")

    def refresh(self) -> None:
        """Read one's own library again."""
        self._fill()

    def fold(self, name: str) -> None:
        """Open a heading, or close it."""
        self._open ^= {name}
        place = self.list.currentRow()
        self._fill()
        self.list.setCurrentRow(place)

    @property
    def category(self) -> str | None:
        return self._category

    def _follow(self) -> None:
        blocks = _own_blocks(self._session.project)
        if blocks != self._blocks:
            self._blocks = blocks
            self._fill()

    def _follow_habits(self) -> None:
        """Stars at once; what was added last when the list is made next, so that no row moves under the pointer."""
        favourites = self._session.habits.favourites
        if favourites != self._favourites and not self.search.text().strip() and self._category is None:
            self._favourites = favourites
            self._fill()
        self._favourites = favourites
        for row in range(self.list.count()):
            item = self.list.item(row)
            item.setData(STAR, self._session.habits.is_favourite(item.data(KEY) or ""))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_stale:
            self._fill()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():
            self._lent = []  # put away with the palette

    def _fill(self) -> None:
        """List what is wanted, as soon as it is seen."""
        self._is_stale = not self.isVisible()
        if self._is_stale:
            return
        query = self.search.text().strip()
        self.list.clear()
        if query:
            self._list_found(query)
        elif self._category is None:
            self._list_all()
        else:
            self._list_kind(self._category)
        if query and self.list.count():
            self.list.setCurrentRow(0)
        self._look_at(self.list.currentItem())

    def _list_found(self, query: str) -> None:
        found = [k for k in library.with_ready(find(query, self._session.habits.liked), query) if k not in HIDDEN]
        self._add_own((k, n) for k, n in self._blocks if query.lower() in n.lower())
        for layer in found[:MOST_FOUND]:
            if isinstance(layer, Entry):
                self._add_entry(layer)
            else:
                self._add_layer(layer)
        if len(found) > MOST_FOUND:
            self.list.add_note(f"{len(found) - MOST_FOUND} more match; type on to see them.")

    def _list_all(self) -> None:
        """Favourites and what was added last, then a heading for every kind that opens."""
        self._add_ready(self._lent)
        habits = self._session.habits
        recent = [key for key in habits.recent if not habits.is_favourite(key)][:MOST_RECENT]
        for heading, keys in (("Favourites", habits.favourites), ("Added last", recent)):
            kinds = [Layer.registry[key] for key in keys if key in Layer.registry]
            if kinds:
                self.list.add_heading(heading)
            for kind in kinds:
                self._add_layer(kind)
        for category in CATEGORIES:
            kinds = _of(category)
            further = len(self._blocks) + len(self._library()) if category == "block" else 0
            if kinds or further:
                count = len(kinds) + further
                self.list.add_heading(heading_of(category), category, category in self._open, count)
            if category in self._open:
                self._add_kind(category, kinds)

    def _list_kind(self, category: str) -> None:
        if category == "block" and self._lent:
            self._add_ready(self._lent)
            self.list.add_heading("Loops and branches")
        self._add_kind(category, _of(category))

    def _add_kind(self, category: str, kinds: Sequence[type[Layer]]) -> None:
        """The layers of a kind under the headings of their groups, and the blocks there are."""
        groups = grouped(kinds)
        for heading, members in groups:
            if len(kinds) >= LEAST_GROUPED and len(groups) > 1:
                self.list.add_heading(heading)
            for row in folded(members):
                self._add_layer(row[1] if len(row) > 2 else row[0], tuple(layer.key for layer in row))
        if category == "block":
            if self._blocks:
                self.list.add_heading("Your blocks")
            self._add_own(self._blocks)
            self._add_ready(self._library())
            for path, reason in library.own().failures:
                self.list.add_note(f"{path.name} cannot be read.", reason)

    def _library(self) -> list[Entry]:
        """The ready blocks; read beside the window the first time."""
        if library.is_at_hand():
            return library.entries()
        self._session.background.submit("library", library.entries, lambda _: self._fill())
        return []

    def _add_own(self, blocks: Iterable[tuple[BlockId, str]]) -> None:
        for block, name in blocks:
            self.list.add(f"block:{block}", name, "block", "your block", "One of your blocks.")

    def _add_ready(self, entries: list[Entry]) -> None:
        for heading, group in sections(entries):
            self.list.add_heading(heading)
            for entry in group:
                self._add_entry(entry)

    def _add_entry(self, entry: Entry) -> None:
        self.list.add(entry.key, entry.name, "block", entry.origin, entry.summary)

    def _add_layer(self, layer: type[Layer], variants: tuple[str, ...] = ()) -> None:
        item = self.list.add(layer.key, layer.title, layer.category, layer.target, layer.summary(), variants)
        item.setData(STAR, self._session.habits.is_favourite(layer.key))

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


def _of(category: str) -> list[type[Layer]]:
    return [layer for layer in catalogue() if layer.category == category and layer not in HIDDEN]


def _own_blocks(project: Project) -> tuple[tuple[BlockId, str], ...]:
    return tuple((block.id, block.name) for block in project.blocks.values() if block.id != project.main)


def heading_of(category: str) -> str:
    """What people read for a category: "Inputs and outputs"."""
    names = {"io": "Inputs and outputs", "merge": "Merge and arithmetic", "code": "Your code", "block": "Blocks"}
    return names.get(category, category[:1].upper() + category[1:])
