"""The menus, between the logo and, in the middle, the name of what is open."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from gui.actions import MENUS, Actions
from gui.glyphs import paint_logo
from gui.style import round_popup
from gui.theme import metrics, theme_changed
from gui.widgets import SteadyLabel

ON_WELCOME = ("File", "Edit", "View", "Help")


class MenuBar(QMenuBar):
    """One row: logo, menus, and the file's name in the middle of the window where the menus leave room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(metrics().layout.large.menu)
        self.setAccessibleName("Menus")
        self.logo = _Logo()
        self.setCornerWidget(self.logo, Qt.Corner.TopLeftCorner)
        self.name = SteadyLabel("small", "secondary", self)
        self.name.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.menus: dict[str, QMenu] = {}

    def fill(self, actions: Actions) -> None:
        """Make every menu of the table."""
        for name in MENUS:
            menu = self.menus[name] = round_popup(self.addMenu(name))
            actions.fill(menu, name)
            keys = QShortcut(QKeySequence(f"Alt+{name[0]}"), self.window())
            keys.activated.connect(lambda menu=menu: self.open_menu(menu))

    def open_menu(self, menu: QMenu) -> None:
        """Open a menu as Alt and its first letter do; underlined letters would say so at the price of calm."""
        if menu.menuAction().isVisible():
            self.setActiveAction(menu.menuAction())

    def show_all(self, everything: bool) -> None:
        """All menus, or those that make sense where nothing is open."""
        for name, menu in self.menus.items():
            menu.menuAction().setVisible(everything or name in ON_WELCOME)
        self.name.setVisible(everything)
        self._place()

    def show_name(self, name: str) -> None:
        """The open file, with a dot while it is not saved."""
        if name != self.name.text():
            self.name.set_text(name)
            self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        shown = [a for a in self.actions() if a.isVisible()]
        end = self.actionGeometry(shown[-1]).right() if shown else 0
        x = max((self.width() - self.name.width()) // 2, end + metrics().space.xl)
        self.name.move(x, (self.height() - self.name.height()) // 2)


class _Logo(QWidget):
    def __init__(self) -> None:
        super().__init__()
        theme_changed.connect(self.update)

    def sizeHint(self) -> QSize:
        space = metrics().space
        return QSize(space.m + metrics().control.icon + space.xs, metrics().layout.large.menu)

    def paintEvent(self, event: QPaintEvent) -> None:
        side = metrics().control.icon
        paint_logo(QPainter(self), QRectF(metrics().space.m, (self.height() - side) / 2, side, side))
