"""Pictures of the network for files: unfolded and laid out away from the window, drawn in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QSize
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from engine.document.project import Project
from engine.document.unfolding import unfolded
from engine.errors import EngineError
from engine.graph.graph import NodeId
from engine.graph.shapes import Analysis
from gui.canvas.opened import arranged
from gui.canvas.picture import Shot, preview, render
from gui.dialogs.picture import PictureDialog, Wanted
from gui.session import Session
from gui.theme import metrics

Drawn = tuple[Project, Analysis | None, Shot]


class Pictures(QObject):
    """Asks what is to be drawn, shows it, and writes it. tell(path): it was written. complain(error)."""

    def __init__(
        self,
        session: Session,
        tell: Callable[[Path], object],
        complain: Callable[[Exception], object],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._session, self._tell, self._complain, self._window = session, tell, complain, window

    def ask(self, path: Path) -> None:
        """Open the dialog."""
        session = self._session
        parts = ("block", *(("selection",) if session.selection else ()), *(("main",) if session.path else ()))
        PictureDialog(path, parts, self.preview, self.write, self._window).open()

    def preview(self, wanted: Wanted, show: Callable[[QImage], object]) -> None:
        """A small picture of what is wanted."""
        side = metrics().popup.dialog_w

        def draw(drawn: Drawn) -> None:
            project, analysis, shot = drawn
            show(preview(project, analysis, QSize(side, side * 2 // 3), self._window.devicePixelRatioF(), shot))

        self._drawn(wanted, draw)

    def write(self, wanted: Wanted, path: Path) -> None:
        """Write the picture; its ending says the format."""

        def save(drawn: Drawn) -> None:
            project, analysis, shot = drawn
            try:
                render(project, analysis, path, shot)
            except EngineError as error:
                self._complain(error)
                return
            self._tell(path)

        self._drawn(wanted, save)

    def _drawn(self, wanted: Wanted, then: Callable[[Drawn], object]) -> None:
        """The project as it is drawn: at once, or when its blocks are opened and their shapes are known."""
        session = self._session
        block = session.project.main if wanted.part == "main" else session.block_id
        only = frozenset(session.selection) if wanted.part == "selection" else frozenset()
        shot = Shot(block, only, wanted.shapes, wanted.colours, wanted.scale)
        if not wanted.depth:
            then((session.project, session.analysis, shot))
            return
        project, trusted = session.project, session.trusted

        def work() -> tuple[Project, Analysis, Mapping[str, list[NodeId]]]:
            from engine.analysis.infer import infer

            opened, members = unfolded(project, block, wanted.depth)
            return opened, infer(opened, trusted=trusted), members

        def go_on(found: tuple[Project, Analysis, Mapping[str, list[NodeId]]]) -> None:
            opened, analysis, members = found
            placed = arranged(opened, analysis, block, members)
            new = frozenset(n for n in placed.block(block).graph.nodes if n not in project.block(block).graph.nodes)
            then((placed, analysis, replace(shot, only=only | new if only else only)))

        session.background.submit("picture", work, go_on, self._complain)
