"""Views of the network that are worth coming back to: kept with the project, block by block."""

from __future__ import annotations

from functools import cached_property

from PySide6.QtCore import QObject, QPoint, QPointF

from engine.document.edits import SetBookmarks
from engine.document.project import Bookmark
from engine.graph.graph import BlockId
from gui.canvas.stage import Stage
from gui.figures import magnification
from gui.theme import metrics
from gui.widgets.entry import Entry
from gui.widgets.search_list import SearchList

HINTS = (("Enter", "go there"), ("Shift Enter", "forget it"), ("Esc", "close"))


class Bookmarks(QObject):
    """Keeps the view that is on screen, and leads back to any."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._stage = stage
        self._found: dict[str, tuple[BlockId, Bookmark]] = {}

    @cached_property
    def list(self) -> SearchList:
        """Made when it is first opened."""
        found = SearchList("Go to a bookmark", metrics().popup.search_w, HINTS, self._stage)
        found.query_changed.connect(self.fill)
        found.chosen.connect(self.choose)
        found.closed.connect(lambda: self._stage.surface.setFocus())
        return found

    def keep(self) -> None:
        """Keep the view on screen, called after what is selected; one of that name is kept anew."""
        stage, session = self._stage, self._stage.session
        kept = session.project.layout_of(session.block_id).bookmarks
        centre = stage.surface.centre
        names = [stage.drawing.faces[n].name for n in session.selection]
        name = names[0] if names else f"view {len(kept) + 1}"
        new = Bookmark(name, round(centre.x(), 1), round(centre.y(), 1), round(stage.zoom, 3))
        others = tuple(b for b in kept if b.name != name)
        if session.apply(SetBookmarks((*others, new), session.block_id, f"Bookmark {name}")):
            session.message.emit(f"Kept the view as {name}", "Undo", session.undo)

    def open(self) -> None:
        """Show the list at the upper edge of the canvas."""
        self.list.open_at(QPoint((self._stage.width() - self.list.width()) // 2, metrics().space.l))

    def fill(self, query: str) -> None:
        """The bookmarks of all blocks whose names hold what is typed, those of the block on screen first."""
        project, here = self._stage.session.project, self._stage.session.block_id
        blocks = sorted(project.blocks.values(), key=lambda b: b.id != here)
        pairs = [(b.id, mark) for b in blocks for mark in project.layout_of(b.id).bookmarks]
        found = [(block, mark) for block, mark in pairs if query.lower() in mark.name.lower()]
        self._found = {str(i): pair for i, pair in enumerate(found)}
        entries = [
            Entry(key, mark.name, project.block(block).name, magnification(mark.zoom), icon="bookmark-simple")
            for key, (block, mark) in self._found.items()
        ]
        self.list.show_entries(entries, "", f"{len(entries)} of {len(pairs)}", query)
        self.list.describe("", "" if pairs else "None yet: Ctrl+B keeps the view that is on screen.")

    def choose(self, key: str, forget: bool) -> None:
        """Go to a view, or forget it."""
        block, mark = self._found[key]
        session = self._stage.session
        if forget:
            left = tuple(b for b in session.project.layout_of(block).bookmarks if b is not mark)
            session.apply(SetBookmarks(left, block, f"Forget bookmark {mark.name}"))
            self.fill(self.list.query)
            return
        session.show_block(block)
        self._stage.surface.look_at(QPointF(mark.x, mark.y), mark.zoom, animate=True)
