"""Hands for the demo and the tests: real mouse and key events on the real window, and patience without sleeping."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QEventLoop, QPoint, QPointF, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from engine.graph.graph import NodeId
from gui.canvas.view import CanvasView
from gui.main_window import MainWindow
from gui.session import Session
from gui.theme import metrics

LOOK_MS = 10
PAINT_MS = 60
DRAG_STEPS = 8
D = TypeVar("D", bound=QDialog)


class TooLateError(Exception):
    """Something that should have happened did not."""


def wait_until(condition: Callable[[], object], what: str, seconds: float = 120.0) -> None:
    """Let the window live until something is true. Raises: TooLateError."""
    if condition():
        return
    loop, timer, end = QEventLoop(), QTimer(), time.monotonic() + seconds

    def look() -> None:
        if condition() or time.monotonic() > end:
            loop.quit()

    timer.timeout.connect(look)
    timer.start(LOOK_MS)
    while not condition() and time.monotonic() <= end:  # it may have been true for a moment only
        loop.exec()
    timer.stop()
    if not condition():
        raise TooLateError(f"waited {seconds:.0f} s for this: {what}")


class Hands:
    """Clicks, drags and types on one window."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window

    @property
    def canvas(self) -> CanvasView:
        """The canvas in use."""
        return self.window.desk.canvas

    @property
    def session(self) -> Session:
        """The project in front."""
        return self.window.session

    def take(self) -> None:
        """Bring the window to the front, so that it hears the keys."""
        self.window.activateWindow()
        wait_until(self.window.isActiveWindow, "the window is active", 10)

    def click(self, widget: QWidget, at: QPoint | None = None) -> None:
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=at if at is not None else widget.rect().center())

    def key(self, keys: str) -> None:
        """Press a shortcut where the focus is: "Ctrl+Z"."""
        modifiers = Qt.KeyboardModifier.NoModifier
        *held, last = keys.split("+")
        for name in held:
            modifiers |= getattr(Qt.KeyboardModifier, {"Ctrl": "ControlModifier"}.get(name, f"{name}Modifier"))
        last = {"PgUp": "PageUp", "PgDown": "PageDown", "\\": "Backslash"}.get(last, last)
        QTest.keyClick(self.focus(), getattr(Qt.Key, f"Key_{last}"), modifiers)

    def shortcut(self, keys: str) -> None:
        """Press a shortcut on the canvas, with the window in front."""
        self.take()
        self.canvas.surface.setFocus()
        QTest.qWait(LOOK_MS)  # what was done a moment ago decides which commands there are
        self.key(keys)

    def write(self, text: str) -> None:
        """Type where the focus is."""
        QTest.keyClicks(self.focus(), text)

    def focus(self) -> QWidget:
        """What hears the keys."""
        focused = QApplication.focusWidget()
        if focused is not None:
            return focused
        popup = QApplication.activeModalWidget()
        return popup if popup is not None else self.canvas.surface

    def settle(self) -> None:
        """Until the shapes of what is on screen are known."""
        wait_until(lambda: self.session.is_current and not self.session.analysing, "the shapes are known")

    def dialog(self, kind: type[D]) -> D:
        """The dialog of this kind that is open."""

        def found() -> D | None:
            return next((d for d in self.window.findChildren(kind) if d.isVisible()), None)

        wait_until(found, f"{kind.__name__} opens", 10)
        dialog = found()
        assert dialog is not None
        return dialog

    def node(self, name: str) -> NodeId:
        """A node of the block on screen by its name."""
        return next(n.id for n in self.session.block.graph.nodes.values() if n.name == name)

    def select(self, name: str) -> None:
        """Click on a node's header."""
        self.click(self.canvas.surface.viewport(), self.canvas.node_point(self.node(name)))

    def add_layer(self, query: str, near: QPoint | None = None) -> NodeId:
        """Double-click where the canvas is free, type, press Enter. Returns: the new node."""
        before = set(self.session.block.graph.nodes)
        viewport, spot = self.canvas.surface.viewport(), self.free_spot(near)
        QTest.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=spot)
        QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=spot)
        wait_until(lambda: self.canvas.search.is_open, "the list of layers opens", 10)
        self.write(query)
        self.key("Return")
        (new,) = set(self.session.block.graph.nodes) - before
        return new

    def connect(self, source: NodeId, source_port: str, target: NodeId, target_port: str) -> None:
        """Drag a wire from port to port."""
        start = self.canvas.port_point(source, "out", source_port)
        self.drag(self.canvas.surface.viewport(), start, self.canvas.port_point(target, "in", target_port))

    def drag(self, widget: QWidget, start: QPoint, end: QPoint) -> None:
        """Press, move in steps, release."""
        left = Qt.MouseButton.LeftButton
        QTest.mousePress(widget, left, pos=start)
        for step in range(1, DRAG_STEPS + 1):
            share = step / DRAG_STEPS
            at = QPointF(start) * (1 - share) + QPointF(end) * share
            QTest.mouseMove(widget, at.toPoint())
        QTest.mouseRelease(widget, left, pos=end)

    def free_spot(self, near: QPoint | None = None) -> QPoint:
        """A point of the canvas with room for a node around it, the nearest to `near` or to the middle."""
        n, stage, zoom = metrics().node, self.canvas, self.canvas.zoom
        wide, high = round(n.width_max * zoom), round((n.header + 3 * n.row) * zoom)
        goal = near or stage.rect().center()
        points = [
            QPoint(x, y)
            for y in range(high, stage.height() - high // 2, n.grid)
            for x in range(wide, stage.width() - wide, n.grid)
        ]
        points.sort(key=lambda p: (p - goal).manhattanLength())
        found = next((p for p in points if self._is_free(p, wide // 2, high // 2)), None)
        if found is None:
            raise TooLateError("there is no free spot on the canvas")
        return found

    def _is_free(self, at: QPoint, wide: int, high: int) -> bool:
        stage = self.canvas
        for dx in (-wide // 2, 0, wide // 2, wide):
            for dy in (-high // 2, 0, high // 2, high):
                point = at + QPoint(dx, dy)
                scene = stage.surface.mapToScene(point)
                if stage.node_under(scene) or stage.wire_under(scene) or stage.frame_under(scene):
                    return False
                if stage.childAt(point) not in (stage.surface, stage.surface.viewport()):
                    return False
        return stage.drawing.frame_at(stage.surface.mapToScene(at)) is None

    def picture(self, path: Path) -> None:
        """The window as it is seen, into a file, once everything that was asked for is painted."""
        QTest.qWait(PAINT_MS)
        self.window.grab().save(str(path))
