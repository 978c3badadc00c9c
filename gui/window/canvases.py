"""The canvas, or two of them side by side, each at a place of its own."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPointF, QRect, Qt, Signal
from PySide6.QtWidgets import QApplication, QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from gui.canvas.overlays import Plaque, tool_button
from gui.canvas.view import CanvasView
from gui.place import Step
from gui.session import Session
from gui.style import restyle
from gui.theme import metrics

HALF = 0.5
WHOLE = 10_000  # Qt shares a width out as sizes are to each other


@dataclass(frozen=True)
class Sight:
    """What one side shows: the way to a block, and where in it one looks; centre in the coordinates of the scene."""

    way: tuple[Step, ...]
    centre: tuple[float, float]
    zoom: float


@dataclass(frozen=True)
class View:
    """How one looks at a project: each side, from the left, the one in use, and the left one's share of the width."""

    sides: tuple[Sight, ...]
    front: int = 0
    share: float = HALF


class Canvases(QWidget):
    """The sides of a project's split view. Commands and panels act on the one in `front`.

    made(CanvasView), closed(CanvasView): a canvas comes or goes. front_changed(): another one is in use.
    """

    made = Signal(object)
    closed = Signal(object)
    front_changed = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.sides: list[Side] = []
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(metrics().widget.splitter)
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.splitter)
        self._front = self._add(Session(None, session.work, session.place))

    @property
    def front(self) -> CanvasView:
        """The canvas in use."""
        return self._front.canvas

    @property
    def is_split(self) -> bool:
        return len(self.sides) > 1

    def overview(self) -> QRect:
        """Where the rightmost canvas shows the whole network in small, and its zoom, in pixels of this widget."""
        canvas = self.sides[-1].canvas
        place = canvas.zoom_bar.geometry()
        if not canvas.minimap.isHidden():
            place = place.united(canvas.minimap.geometry())
        return QRect(canvas.mapTo(self, place.topLeft()), place.size())

    def all(self) -> list[CanvasView]:
        """Every canvas, from the left."""
        return [side.canvas for side in self.sides]

    def split(self) -> CanvasView:
        """Look at a second place beside the one in use, at first the same block; that place is in use then."""
        if not self.is_split:
            before = self._front
            side = self._add(self._session.beside())
            side.canvas.session.select(self._session.selection)
            self.splitter.setSizes([self.width() // 2] * 2)
            before.canvas.beside, side.canvas.beside = side.canvas, before.canvas
            self._mark()
            side.show()
            if before.canvas.isVisible():
                side.canvas.fit(animate=False)
                before.canvas.fit(animate=False)
            application = QApplication.instance()
            assert isinstance(application, QApplication)
            application.focusChanged.connect(self._follow_focus)
        self.use(self.sides[1].canvas)
        return self.front

    def view(self) -> View:
        """How one looks at the project now."""
        sides = tuple(
            Sight(side.canvas.session.path, side.canvas.surface.centre.toTuple(), side.canvas.zoom)  # type: ignore[arg-type]
            for side in self.sides
        )
        wide = self.splitter.sizes()
        return View(sides, self.sides.index(self._front), wide[0] / max(1, sum(wide)) if self.is_split else HALF)

    def look_as(self, view: View) -> None:
        """Look as one did, at the blocks that are still there."""
        if len(view.sides) > 1:
            self.split()
            self.splitter.setSizes([round(WHOLE * view.share), round(WHOLE * (1 - view.share))])
        for side, sight in zip(self.sides, view.sides, strict=False):
            side.canvas.session.place.go(sight.way)
            if side.canvas.session.path == sight.way:
                side.canvas.stand_at(QPointF(*sight.centre), sight.zoom)
        self.use(self.sides[min(max(view.front, 0), len(self.sides) - 1)].canvas)

    def close_side(self, canvas: CanvasView) -> None:
        """Look at one place only; what was selected in the other is forgotten."""
        if not self.is_split:
            return
        gone = next(side for side in self.sides if side.canvas is canvas)
        self.sides.remove(gone)
        self.sides[0].canvas.beside = canvas.beside = None
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.disconnect(self._follow_focus)
        self.use(self.sides[0].canvas)
        self._session.forget(canvas.session.place)
        self.closed.emit(canvas)
        gone.hide()
        gone.setParent(None)
        gone.deleteLater()
        self._mark()

    def use(self, canvas: CanvasView, focus: bool = True) -> None:
        """Let panels and commands act on this side."""
        side = next(side for side in self.sides if side.canvas is canvas)
        if side is not self._front:
            self._front = side
            self._session.look_from(canvas.session.place)
            self._mark()
            self.front_changed.emit()
        if focus and not canvas.surface.hasFocus():
            canvas.surface.setFocus(Qt.FocusReason.OtherFocusReason)

    def other(self) -> CanvasView | None:
        """The side that is not in use, if there is one."""
        return next((side.canvas for side in self.sides if side is not self._front), None)

    def _add(self, session: Session) -> Side:
        side = Side(session)
        side.close_wanted.connect(lambda: self.close_side(side.canvas))
        self.sides.append(side)
        self.splitter.addWidget(side)
        self.made.emit(side.canvas)
        return side

    def _mark(self) -> None:
        for side in self.sides:
            side.show_use(self.is_split, side is self._front)

    def _follow_focus(self, _: QWidget | None, now: QWidget | None) -> None:
        for side in self.sides:
            if now is not None and side is not self._front and side.isAncestorOf(now):
                self.use(side.canvas, focus=False)
                return


class Side(QWidget):
    """One canvas; while there are two, a line over it says which is in use, and a button closes it."""

    close_wanted = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.canvas = CanvasView(session)
        self.line = QWidget()
        self.line.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.line.setFixedHeight(metrics().line.selection)
        self.corner = Plaque(self.canvas)
        self.close_button = tool_button(self.corner, "x", "Close this side")
        self.close_button.clicked.connect(self.close_wanted)
        self.corner.row.addWidget(self.close_button)
        self.corner.setFixedHeight(metrics().control.height)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.line)
        box.addWidget(self.canvas, 1)
        self.canvas.installEventFilter(self)
        session.block_changed.connect(self._say)
        session.setParent(self)  # it goes with the side, since nobody looks from its place then
        self.show_use(False, True)

    def show_use(self, is_split: bool, in_use: bool) -> None:
        """Say which side is in use, while there are two."""
        self._is_split, self._in_use = is_split, in_use
        self.line.setVisible(is_split)
        self.line.setProperty("side", "front" if in_use else "back")
        restyle(self.line)
        self.corner.setVisible(is_split)
        self._place()
        self._say()

    def _say(self) -> None:
        """For those who hear it."""
        words = f"{'Canvas in use' if self._in_use else 'Other canvas'}: {self.canvas.session.block.name}"
        self.canvas.surface.setAccessibleName(words if self._is_split else "Canvas")

    def _place(self) -> None:
        gap = metrics().canvas.overlay_gap
        self.corner.adjustSize()
        self.corner.move(self.canvas.width() - gap - self.corner.width(), gap)
        self.corner.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.canvas and event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)
