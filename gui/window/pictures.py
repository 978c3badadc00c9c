"""Pictures of the network for files: unfolded and laid out away from the window, drawn in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, QSize
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QWidget

from engine.document.project import Project
from engine.document.unfolding import unfolded
from engine.graph.graph import NodeId
from engine.graph.shapes import Analysis
from gui.background import is_for_the_gone
from gui.canvas.opened import arranged
from gui.canvas.picture import Cut, Shot, pixels_of, previewing, put, shooting, sized
from gui.canvas.png import encoded
from gui.canvas.slices import Slices
from gui.canvas.view import CanvasView
from gui.dialogs.picture import PictureDialog, Size, Stop, Wanted
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
        canvas: Callable[[], CanvasView],
    ) -> None:
        super().__init__(window)
        self._canvas = canvas
        self._session, self._tell, self._complain, self._window = session, tell, complain, window
        self._preview, self._writing, self._copying = Slices(self), Slices(self), Slices(self)
        self._wish = 0
        self._found: QImage | bytes = b""

    def ask(self, path: Path) -> None:
        """Open the dialog."""
        session = self._session
        is_chosen = session.selection or self._canvas().marks.frames
        parts = ("block", *(("selection",) if is_chosen else ()), *(("main",) if session.path else ()))
        dialog = PictureDialog(path, parts, self.preview, self.write, self._window)
        dialog.finished.connect(self._preview.stop)
        dialog.finished.connect(self._stop)
        dialog.open()

    def copy(self) -> None:
        """Put a picture of what is selected on the clipboard, of all where nothing is."""
        is_part = bool(self._session.selection or self._canvas().marks.frames)
        self._drawn("picture to copy", Wanted("selection" if is_part else "block"), self._copy)

    def _copy(self, drawn: Drawn) -> None:
        project, analysis, shot = drawn
        self._copying.start(shooting(project, analysis, shot, ".png"), self._put_on_clipboard)

    def _put_on_clipboard(self, found: QImage | bytes) -> None:
        assert isinstance(found, QImage)
        QGuiApplication.clipboard().setImage(found)
        words = f"Copied a picture of {found.width():,} × {found.height():,} pixels"
        self._session.message.emit(words, "", None)

    def preview(self, wanted: Wanted, show: Callable[[QImage, Size], object]) -> None:
        """A small picture of what is wanted, and how large the whole would be at a scale."""
        side = metrics().popup.dialog_w

        def draw(drawn: Drawn) -> None:
            if is_for_the_gone(show):
                return
            project, analysis, shot = drawn
            size = QSize(side, side * 2 // 3)
            steps = previewing(project, analysis, size, self._window.devicePixelRatioF(), shot)
            self._preview.start(steps, lambda found: show(found[0], partial(sized, found[1])), colours=shot.colours)

        self._drawn("picture preview", wanted, draw)

    def write(
        self, wanted: Wanted, path: Path, show: Callable[[float], object], ended: Callable[[bool], object]
    ) -> Stop:
        """Draw the picture between the frames of the window and write it beside it; its ending says the format.

        show: hears how much is done. ended: whether it was written. Returns: what gives it up.
        """
        self._wish += 1
        wish, graph = self._wish, self._session.block.graph
        most = 2 * len(graph.nodes) + len(graph.edges)

        def draw(drawn: Drawn) -> None:
            if wish == self._wish:
                project, analysis, shot = drawn
                steps = shooting(project, analysis, shot, path.suffix.lower())
                put_by = partial(self._write, wish, path, ended)
                self._writing.start(steps, put_by, lambda n: show(min(1.0, n / most)), shot.colours)

        self._drawn("picture", wanted, draw)
        return self._stop

    def _write(self, wish: int, path: Path, ended: Callable[[bool], object], found: QImage | bytes) -> None:
        """Encode and write in a thread, as long as it is wished for."""
        self._found = found  # the thread reads the image's memory
        pixels = np.zeros((0, 0, 4), np.uint8) if isinstance(found, bytes) else pixels_of(found)
        done = found if isinstance(found, bytes) else b""

        def work() -> None:
            data = done or encoded(pixels, lambda _: wish == self._wish)
            if data and wish == self._wish:
                put(data, path)

        def end(error: Exception | None) -> None:
            self._found = b""
            if error is not None:
                self._complain(error)
            elif wish == self._wish:
                self._tell(path)
            if wish == self._wish:
                ended(error is None)

        self._session.background.submit("picture file", work, lambda _: end(None), end)

    def _stop(self, _: object = None) -> None:
        """Write nothing any more."""
        self._wish += 1
        self._writing.stop()

    def _drawn(self, lane: str, wanted: Wanted, then: Callable[[Drawn], object]) -> None:
        """The project as it is drawn: at once, or when its blocks are opened and their shapes are known."""
        session = self._session
        block = session.project.main if wanted.part == "main" else session.block_id
        only = self._canvas().commands.in_picture() if wanted.part == "selection" else None
        shot = Shot(block, only, wanted.shapes, wanted.colours, wanted.scale)
        if not wanted.depth:
            then((session.project, session.analysis, shot))
            return
        project, trusted = session.project, session.trusted

        def work() -> tuple[Project, Analysis, Mapping[str, list[NodeId]]]:
            from engine.analysis.infer import infer

            opened = unfolded(project, block, wanted.depth, only.nodes if only else None)
            return opened.project, opened.shapes(infer(project, trusted=trusted)), opened.members

        def go_on(found: tuple[Project, Analysis, Mapping[str, list[NodeId]]]) -> None:
            opened, analysis, members = found
            placed = arranged(opened, analysis, block, members)
            new = frozenset(n for n in placed.block(block).graph.nodes if n not in project.block(block).graph.nodes)
            cut = Cut(only.nodes | new, frozenset(members)) if only else None
            then((placed, analysis, replace(shot, only=cut)))

        session.background.submit(lane, work, go_on, self._complain)
