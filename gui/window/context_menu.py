"""The menu under the right button: what can be done to what is selected, or to the empty canvas."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QMenu, QWidget

from gui.actions import Actions
from gui.session import Session
from gui.style import round_popup

ON_LAYERS = (
    ("edit.rename", "help.layer"),
    ("edit.cut", "edit.copy", "edit.duplicate", "edit.delete"),
    ("graph.connect", "graph.arrange_selection", "graph.frame"),
    ("block.group", "block.ungroup", "block.enter", "block.repeat"),
)
ON_NOTHING = (
    ("graph.add", "edit.paste", "edit.select_all"),
    ("graph.arrange", "view.fit"),
    ("graph.frame", "graph.note", "block.leave"),
)


class ContextMenu(QObject):
    """Made anew each time it is opened; what cannot be done now is left out."""

    def __init__(self, session: Session, actions: Actions, over: QWidget) -> None:
        super().__init__(over)
        self._session, self._actions, self._over = session, actions, over
        self.menu: QMenu | None = None

    def open(self, at: QPoint) -> None:
        """Open it at a point of the screen."""
        self._actions.refresh()
        menu = round_popup(QMenu(self._over))
        for group in ON_LAYERS if self._session.selection else ON_NOTHING:
            menu.addSeparator()
            menu.addActions([self._actions[name] for name in group if self._actions[name].isEnabled()])
        menu.aboutToHide.connect(menu.deleteLater)
        self.menu = menu
        menu.popup(at)
