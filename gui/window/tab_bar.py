"""The open projects of a window as tabs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QPoint, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFont, QFontMetricsF, QIcon, QMouseEvent
from PySide6.QtWidgets import QSizePolicy, QTabBar, QToolButton, QWidget

from gui.glyphs import bind_icon, icon, mark_icon
from gui.theme import metrics, theme_changed
from gui.window.tab_names import told_apart

RunSign = Literal["", "running", "paused", "ended", "failed"]
WORDS = {
    "running": "training",
    "paused": "training, paused",
    "ended": "its training has ended",
    "failed": "its training has failed",
}


@dataclass(frozen=True)
class Face:
    """What a tab says of its project. where: the file, for the tooltip."""

    name: str
    dirty: bool = False
    run: RunSign = ""
    where: str = ""

    @property
    def words(self) -> str:
        """For those who hear it."""
        parts = (self.name, "not saved" if self.dirty else "", WORDS[self.run] if self.run else "")
        return ", ".join(part for part in parts if part)


class ProjectTabs(QTabBar):
    """close_wanted(index). torn_off(index, global point): a tab was dragged out of the bar and let go there.

    menu_wanted(index, global point): for a tab, by the right button, or by the key for menus while the bar is heard.
    """

    close_wanted = Signal(int)
    menu_wanted = Signal(int, QPoint)
    torn_off = Signal(int, QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._faces: list[Face] = []
        self._pressed = self._is_naming = False
        self.setProperty("projects", True)
        self.setAccessibleName("Open projects")
        self.setMovable(True)
        self.setExpanding(False)
        self.setDrawBase(False)
        self.setUsesScrollButtons(True)
        self.setElideMode(Qt.TextElideMode.ElideMiddle)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedHeight(metrics().control.tab + metrics().line.hairline)
        self.setIconSize(QSize(metrics().control.icon, metrics().control.icon))
        self.tabMoved.connect(self._note_move)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme_changed.connect(self._paint_signs)

    @property
    def faces(self) -> Sequence[Face]:
        """What is said, from the left."""
        return tuple(self._faces)

    def put(self, index: int, face: Face) -> None:
        """Another tab at this place; nobody is told of it."""
        with QSignalBlocker(self):
            self.insertTab(index, "")
            self._faces.insert(index, Face(""))
            button = QToolButton(self)
            bind_icon(button, "x")
            button.setAutoRaise(True)
            button.setProperty("dense", True)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Ctrl+W does it from the keyboard
            button.clicked.connect(lambda: self.close_wanted.emit(self._place_of(button)))
            self.setTabButton(index, QTabBar.ButtonPosition.RightSide, button)
        self.show_face(index, face)

    def take(self, index: int) -> None:
        """A tab goes."""
        with QSignalBlocker(self):
            self._faces.pop(index)
            self.removeTab(index)

    def bring(self, index: int) -> None:
        """Mark the one in front."""
        with QSignalBlocker(self):
            self.setCurrentIndex(index)

    def show_face(self, index: int, face: Face) -> None:
        """Say something else of a project."""
        if self._faces[index] == face:
            return
        self._faces[index] = face
        self.setTabText(index, _text(face, face.name))
        self.setTabToolTip(index, f"{face.where or face.name}\n{face.words}" if face.words != face.name else face.where)
        self.setAccessibleTabName(index, face.words)
        button = self.tabButton(index, QTabBar.ButtonPosition.RightSide)
        if button is not None:
            button.setAccessibleName(f"Close {face.name}")
            button.setToolTip(f"Close {face.name}")
        self._paint_sign(index)

    def _paint_signs(self) -> None:
        for index in range(self.count()):
            self._paint_sign(index)

    def _paint_sign(self, index: int) -> None:
        self.setTabIcon(index, _sign(self._faces[index].run))

    def _place_of(self, button: QWidget) -> int:
        side = QTabBar.ButtonPosition.RightSide
        return next((i for i in range(self.count()) if self.tabButton(i, side) is button), -1)

    def _note_move(self, start: int, end: int) -> None:
        self._faces.insert(end, self._faces.pop(start))

    def tabSizeHint(self, index: int) -> QSize:
        """As wide as the name needs, within limits; all alike where there are too many for the bar."""
        hint, m = super().tabSizeHint(index), metrics().widget
        share = max(m.project_tab_min, self.width() // max(1, self.count()))
        if index < len(self._faces):  # as for the whole name, whatever is shown of it
            name = _text(self._faces[index], self._faces[index].name).replace("&&", "&")
            hint.setWidth(math.ceil(self._beside(index) + self._width(name)))
        wide = hint.width() + metrics().space.xl  # the style elides a name that has just the room it needs
        return QSize(max(m.project_tab_min, min(wide, m.project_tab_max, share)), hint.height())

    def tabLayoutChange(self) -> None:
        """The tabs have another width: the names are cut so that they are still told apart."""
        super().tabLayoutChange()
        if self._is_naming or len(self._faces) != self.count():
            return
        self._is_naming = True
        names = [face.name for face in self._faces]
        for index, face in enumerate(self._faces):
            mark = self._width(_text(face, "")) if face.dirty else 0.0
            room = self.tabRect(index).width() - self._beside(index) - mark - metrics().line.selection
            text = _text(face, told_apart(face.name, names, room, self._width))
            if text != self.tabText(index):
                self.setTabText(index, text)
        self._is_naming = False

    def _width(self, text: str) -> float:
        """Of a text on the tab in front, which is strong."""
        font = self.font()
        font.setWeight(QFont.Weight.DemiBold)
        return QFontMetricsF(font).horizontalAdvance(text)

    def _beside(self, index: int) -> float:
        """What of a tab is not for its name."""
        advance = self.fontMetrics().horizontalAdvance(self.tabText(index).replace("&&", "&"))
        return super().tabSizeHint(index).width() - advance + metrics().space.s

    def minimumTabSizeHint(self, index: int) -> QSize:
        return QSize(metrics().widget.project_tab_min, super().minimumTabSizeHint(index).height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = event.button() == Qt.MouseButton.LeftButton and self.tabAt(event.position().toPoint()) >= 0
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        if self._pressed and event.buttons() & Qt.MouseButton.LeftButton:
            out = self._is_out(event.position().toPoint())
            self.setCursor(Qt.CursorShape.DragMoveCursor if out else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        pressed, self._pressed = self._pressed, False
        super().mouseReleaseEvent(event)
        self.unsetCursor()
        if event.button() == Qt.MouseButton.MiddleButton and (index := self.tabAt(at)) >= 0:
            self.close_wanted.emit(index)
        elif pressed and self._is_out(at):
            self.torn_off.emit(self.currentIndex(), event.globalPosition().toPoint())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_key else self.tabAt(event.pos())
        if index >= 0:
            self.menu_wanted.emit(
                index, self.mapToGlobal(self.tabRect(index).center()) if by_key else event.globalPos()
            )

    def _is_out(self, at: QPoint) -> bool:
        """Far enough above or below to mean a window of its own."""
        return not -2 * self.height() <= at.y() <= 3 * self.height()


def _text(face: Face, name: str) -> str:
    """A name as it stands on a tab."""
    return (f"{name} •" if face.dirty else name).replace("&", "&&")


def _sign(run: RunSign) -> QIcon:
    """What a training looks like that one does not see: it goes on, waits, has ended or has failed."""
    if run == "running":
        return icon("play-fill", "accent")
    if run == "paused":
        return icon("pause-fill", "accent")
    return mark_icon("ok") if run == "ended" else mark_icon("danger") if run == "failed" else QIcon()
