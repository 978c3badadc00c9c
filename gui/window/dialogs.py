"""Opens the dialogs, and does what was chosen in them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from engine.document.edits import Batch, SetParam
from engine.document.outside_edits import ReadAgain
from engine.errors import EngineError
from engine.layers.base import Layer
from engine.layers.block import BlockLayer
from engine.layers.outside import OutsideModule
from gui.actions import MENUS, Actions
from gui.canvas.view import CanvasView
from gui.dialogs.about import AboutDialog
from gui.dialogs.export import CODE, ExportDialog
from gui.dialogs.keys import KeysDialog
from gui.dialogs.manual import ManualDialog
from gui.dialogs.module import ModuleDialog
from gui.dialogs.preferences import PreferencesDialog
from gui.dialogs.repeat import RepeatDialog
from gui.dialogs.shortcuts import ShortcutsDialog
from gui.outside import open_outside
from gui.preferences import Preferences
from gui.session import Session
from gui.window.pictures import Pictures


class Dialogs(QObject):
    """One method for each command that opens a dialog."""

    def __init__(
        self, session: Session, preferences: Preferences, window: QWidget, canvas: Callable[[], CanvasView]
    ) -> None:
        super().__init__(window)
        self._session, self._preferences, self._window = session, preferences, window
        self.pictures = Pictures(session, self._tell_written, self._complain, window, canvas)
        self.actions: Actions | None = None

    def export(self) -> None:
        """Write the network as Python."""
        ExportDialog("Export Python", CODE, self._code_path, self._export, self._window).open()

    def picture(self) -> None:
        """Write the block on screen as a picture."""
        self.pictures.ask(self._picture_path("png"))

    def copy_picture(self) -> None:
        """Put a picture of what is selected on the clipboard."""
        self.pictures.copy()

    def preferences(self) -> None:
        PreferencesDialog(self._preferences, self._window).open()

    def about(self) -> None:
        AboutDialog(self._window).open()

    def manual(self, page: str = "") -> None:
        """The manual, at one of its pages."""
        ManualDialog(page, self._window).open()

    def shortcuts(self) -> None:
        """Every key on one sheet."""
        assert self.actions is not None
        keys, commands = self.actions.keys, self.actions.commands.values()
        rows = {menu: [(c.plain_text, keys(c.id)) for c in commands if c.menu == menu and keys(c.id)] for menu in MENUS}
        ShortcutsDialog(rows, self.keys, self._window).open()

    def keys(self) -> None:
        """Other keys for commands."""
        assert self.actions is not None
        actions, preferences = self.actions, self._preferences
        rows = {c.id: (c.menu, c.plain_text, actions.keys(c.id)) for c in actions.commands.values()}

        def change(name: str, keys: str | None) -> dict[str, tuple[str, ...]]:
            actions.set_keys(name, keys)
            preferences.keys = actions.chosen_keys
            return {each: actions.keys(each) for each in actions.commands}

        KeysDialog(rows, change, actions.user_of, self._window).open()

    def repeat(self) -> None:
        """How often the selected block stands in a row."""
        session = self._session
        node = session.block.graph.nodes[session.selection[0]]
        layer = node.layer
        assert isinstance(layer, BlockLayer)
        block = session.block_id

        def change(count: int, shared: bool) -> None:
            edits = (SetParam(node.id, "repeat", count, block), SetParam(node.id, "shared", shared, block))
            session.apply(Batch(f"Repeat {node.name}", edits))

        RepeatDialog(node.name, layer.repeat, layer.shared, change, self._window).open()

    def module(self, add: Callable[[Layer], object]) -> None:
        """Any module of a package that is installed, by its path; the one that is selected is read again."""
        session = self._session
        chosen = [session.block.graph.nodes[n] for n in session.selection]
        node = chosen[0] if len(chosen) == 1 and isinstance(chosen[0].layer, OutsideModule) else None
        block = session.block_id

        def look(path: str) -> Layer:
            from engine.analysis.introspect import introspect

            return introspect(path)

        def read_again(layer: Layer) -> None:
            if node is not None and isinstance(layer, OutsideModule):
                session.apply(ReadAgain(node.id, layer, block))

        path, name = (node.layer.path, node.name) if node and isinstance(node.layer, OutsideModule) else ("", "")
        ModuleDialog(session.background, look, read_again if node else add, self._window, path, name).open()

    def _code_path(self, kind: str) -> Path:
        stem = Path(self._session.file.name).stem.replace("-", "_")
        return self._folder() / (f"{stem}.py" if kind == "script" else f"{stem}_model.py")

    def _picture_path(self, kind: str) -> Path:
        return self._folder() / f"{Path(self._session.file.name).stem}.{kind}"

    def _folder(self) -> Path:
        path = self._session.file.path
        return path.parent if path else Path.cwd()

    def _export(self, kind: Any, path: Path) -> None:
        project, result = self._session.project, self._session.result
        analysis = result.analysis if result is not None and result.project is project else None

        def work() -> Path:
            from engine.analysis.infer import infer
            from engine.exporting.code import export

            export(project, analysis or infer(project), path, kind)
            return path

        self._session.background.submit("export", work, self._tell_written, self._complain)

    def _tell_written(self, path: Path) -> None:
        show = partial(open_outside, path.parent)
        self._session.message.emit(f"Wrote {path.name}", "Show folder", show)

    def _complain(self, error: Exception) -> None:
        if not isinstance(error, EngineError):
            raise error
        self._session.message.emit(str(error), "", None)
