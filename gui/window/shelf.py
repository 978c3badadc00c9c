"""Ready blocks as the window handles them: put by, renamed and deleted in one's own library, taken out of a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from engine.document import own_blocks
from engine.document.library import Entry, blocks_of, find_entry
from engine.document.own_blocks import Kept
from engine.errors import EngineError
from engine.graph.graph import NodeId
from engine.layers.base import Layer
from engine.layers.block import BlockLayer
from gui.canvas.view import CanvasView
from gui.dialogs.block_name import BlockNameDialog
from gui.session import Session
from gui.style import round_popup
from gui.window.desk import Desk
from gui.window.file_dialog import file_dialog


class BlockShelf(QObject):
    """What can be done with ready blocks beyond adding them. Every change of the library offers to be undone."""

    def __init__(self, session: Session, desk: Desk, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._desk, self._window = session, desk, window
        self.menu: QMenu | None = None
        desk.menu_wanted.connect(self.open_menu)

    def keep(self) -> None:
        """Put the selected blocks by, each once, with the arguments and the inputs that it has here."""
        graph, kept, seen = self._session.block.graph, list[Kept](), set[str]()
        for node in (graph.nodes[id] for id in self._session.selection):
            if isinstance(node.layer, BlockLayer) and node.layer.block not in seen:
                seen.add(node.layer.block)
                try:
                    kept.append(self._keep(node.id, node.layer))
                except EngineError as error:
                    self._complain(error)
        if kept:
            self._tell(_said(kept), partial(_take_back, kept))

    def _keep(self, node: NodeId, layer: BlockLayer) -> Kept:
        drawing, session = self._desk.canvas.drawing, self._session
        feeding = {edge.target_port: edge for edge in session.block.graph.into(node)}
        comes = {port: drawing.spec(edge.source, edge.source_port) for port, edge in feeding.items()}
        return own_blocks.keep(session.project, layer, comes)

    def open_menu(self, key: str, at: QPoint) -> None:
        """What can be done with a row of the palette."""
        menu = round_popup(QMenu(self._window))
        self._add(menu, "Add", lambda: self._desk.add_layer(key))
        self._add(menu, "Help", lambda: self._desk.explain(key))
        if key in Layer.registry:
            habits = self._session.habits
            words = "Remove from favourites" if habits.is_favourite(key) else "Add to favourites"
            self._add(menu, words, lambda: habits.toggle(key))
        entry = find_entry(key)
        if entry is not None and entry.is_own:
            menu.addSeparator()
            self._add(menu, "Rename…", lambda: self.rename(entry))
            self._add(menu, "Delete", lambda: self.delete(entry))
        menu.aboutToHide.connect(menu.deleteLater)
        self.menu = menu
        menu.popup(at)

    def rename(self, entry: Entry) -> BlockNameDialog:
        """Ask for another name."""

        def give(name: str) -> str:
            try:
                own_blocks.rename(entry, name)
            except EngineError as error:
                return str(error)
            self._desk.palette_dock.refresh()
            return ""

        dialog = BlockNameDialog(entry.name, give, self._window)
        dialog.open()
        return dialog

    def delete(self, entry: Entry) -> None:
        """Take a block out of the library at once; it can be had back."""
        try:
            text = own_blocks.discard(entry)
        except EngineError as error:
            self._complain(error)
            return
        path = entry.path
        assert path is not None
        self._tell(f"Deleted {entry.name} from your library", lambda: own_blocks.restore(path, text))

    def choose_file(self) -> None:
        """Choose a project file and list its blocks in the palette, to be dragged out of it."""
        path, mode = self._session.file.path, QFileDialog.FileMode.ExistingFile
        dialog = file_dialog("Insert a block from a file", path, mode, self._window)
        dialog.fileSelected.connect(lambda chosen: self.list_file(Path(chosen)))
        dialog.open()

    def list_file(self, path: Path) -> None:
        """List the blocks of a project file in the palette."""
        try:
            found = blocks_of(path.absolute())
        except EngineError as error:
            self._complain(error)
            return
        if not found:
            self._session.message.emit(f"{path.name} holds no block with an output.", "", None)
            return
        self._desk.palette_dock.lend(found)
        self._desk.show_part("palette")

    def offer(self, path: Path, canvas: CanvasView, at: QPoint) -> None:
        """Put a block of a project file where it was dropped on a canvas, a point of the screen; of several ask which.

        The whole network counts as one of them, and is there without its inputs and outputs as any block is.
        """
        try:
            found = blocks_of(path.absolute())
        except EngineError as error:
            self._complain(error)
            return
        pos = canvas.surface.mapToScene(canvas.surface.mapFromGlobal(at))
        if len(found) == 1:
            canvas.add_layer(found[0].key, pos)
        elif not found:
            self._session.message.emit(f"{path.name} holds no block with an output.", "", None)
        else:
            menu = round_popup(QMenu(self._window))
            for entry in reversed(found):  # the whole network first
                self._add(menu, f"Insert {entry.name}", partial(canvas.add_layer, entry.key, pos))
            menu.addSeparator()
            self._add(menu, "List them in the palette", lambda: self.list_file(path))
            menu.aboutToHide.connect(menu.deleteLater)
            self.menu = menu
            menu.popup(at)

    def _add(self, menu: QMenu, text: str, call: Callable[[], object]) -> None:
        action = QAction(text, menu)
        action.triggered.connect(lambda: call())
        menu.addAction(action)

    def _tell(self, said: str, take_back: Callable[[], None]) -> None:
        def undo() -> None:
            try:
                take_back()
            except EngineError as error:
                self._complain(error)
            self._desk.palette_dock.refresh()

        self._desk.palette_dock.refresh()
        self._session.message.emit(said, "Undo", undo)

    def _complain(self, error: EngineError) -> None:
        self._session.message.emit(str(error), "", None)


def _said(kept: Sequence[Kept]) -> str:
    """Saved A and B to your library, replaced C."""
    new, old = ([k.entry.name for k in kept if (k.before is None) == is_new] for is_new in (True, False))
    if not new:
        return f"Replaced {_names(old)} in your library"
    return f"Saved {_names(new)} to your library" + (f", replaced {_names(old)}" if old else "")


def _names(names: Sequence[str]) -> str:
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _take_back(kept: Sequence[Kept]) -> None:
    """The files of the library as they were before. Raises: FileError."""
    for each in kept:
        assert each.entry.path is not None
        own_blocks.restore(each.entry.path, each.before)
