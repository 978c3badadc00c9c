"""The menu under the right button: what can be done to what is under it, to the empty canvas, or to a project."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, QRectF, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from gui.actions import Actions
from gui.canvas.view import CanvasView
from gui.style import round_popup
from gui.window.canvas_commands import FRAME_COLOURS

ON_LAYERS = (
    ("edit.rename", "graph.swap", "help.layer"),
    ("edit.cut", "edit.copy", "edit.duplicate", "edit.delete", "edit.heal"),
    ("graph.probe", "graph.mute", "graph.connect", "graph.arrange_selection", "graph.frame"),
    ("train.trust", "train.freeze", "train.dropout"),
    ("block.group", "block.ungroup", "block.enter", "block.repeat", "block.unique", "block.keep"),
)
ON_WIRE = (
    ("graph.add", "graph.point", "graph.bundle", "graph.straighten"),
    ("graph.probe", "edit.delete"),
    ("view.paths",),
)
ON_POINT = (("edit.delete", "graph.straighten"),)
ON_FRAME = (
    ("edit.rename",),
    ("edit.cut", "edit.copy", "edit.duplicate", "edit.delete"),
    tuple(f"frame.{text.lower()}" for _, text in FRAME_COLOURS),
)
ON_NOTHING = (
    ("graph.add", "edit.paste", "edit.select_all"),
    ("graph.arrange", "graph.arrange_folded", "view.fit"),
    ("graph.frame", "graph.note", "block.leave"),
)
ON_TAB = (
    ("file.save", "file.save_as"),
    ("file.copy_path", "file.reveal"),
    ("file.move_left", "file.move_right", "file.move_out"),
    ("file.close", "file.close_others", "file.reopen"),
)


class ContextMenu(QObject):
    """Made anew each time it is opened; what cannot be done now is left out."""

    def __init__(self, actions: Actions, over: QWidget) -> None:
        super().__init__(over)
        self._actions, self._over = actions, over
        self.menu: QMenu | None = None

    def open(self, canvas: CanvasView, at: QPoint) -> None:
        """Open it at a point of the screen, for what is marked on a canvas."""
        self._open(_groups(canvas), at)

    def open_for_tab(self, at: QPoint) -> None:
        """Open it at a point of the screen, for the project in front."""
        self._open(ON_TAB, at)

    def _open(self, groups: tuple[tuple[str, ...], ...], at: QPoint) -> None:
        self._actions.refresh()
        menu = round_popup(QMenu(self._over))
        for group in groups:
            menu.addSeparator()
            menu.addActions([self._actions[name] for name in group if self._actions[name].isEnabled()])
        menu.aboutToHide.connect(menu.deleteLater)
        self.menu = menu
        menu.popup(at)


def ask_focus() -> None:
    """Ask what has the focus for its menu, as the key for menus does on keyboards that have one."""
    focus = QApplication.focusWidget()
    if focus is not None:
        caret = focus.inputMethodQuery(Qt.InputMethodQuery.ImCursorRectangle)
        at = QRectF(caret or focus.rect()).center().toPoint()
        by_key = QContextMenuEvent.Reason.Keyboard
        QApplication.sendEvent(focus, QContextMenuEvent(by_key, at, focus.mapToGlobal(at)))


def _groups(canvas: CanvasView) -> tuple[tuple[str, ...], ...]:
    marks = canvas.marks
    if canvas.session.selection:
        return ON_LAYERS
    if marks.points:
        return ON_POINT
    return ON_WIRE if marks.chosen_wire else ON_FRAME if marks.frames else ON_NOTHING
