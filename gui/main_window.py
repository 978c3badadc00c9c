"""The main window: menus, toolbar and status bar around the desk or the welcome page, and nothing else."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QStackedWidget, QToolButton, QWidget

from engine.document.autosave import recoverable
from engine.document.files import SUFFIX
from gui.actions import Actions
from gui.dialogs.recover import RecoverDialog
from gui.glyphs import logo_icon
from gui.preferences import Preferences
from gui.session import Session
from gui.widgets import Toasts
from gui.window.bottom import LAYERS, PROBLEMS, RECIPE
from gui.window.command_palette import CommandPalette
from gui.window.commands import Parts, table
from gui.window.context_menu import ContextMenu
from gui.window.desk import LARGE, Desk
from gui.window.dialogs import Dialogs
from gui.window.file_menu import FileMenu
from gui.window.files import Files
from gui.window.menu_bar import MenuBar
from gui.window.shelf import BlockShelf
from gui.window.status_bar import StatusBar
from gui.window.toolbar import ToolBar
from gui.window.training import Training
from gui.window.welcome import Welcome
from gui.window.xray import XRayChoice

LEAST = QSize(900, 560)


class MainWindow(QMainWindow):
    """One project, its run, and everything that can be done with them.

    window_wanted(): another window is asked for. closed(): this one has gone, its work kept or given up.
    """

    window_wanted = Signal()
    closed = Signal()

    def __init__(self, session: Session, preferences: Preferences) -> None:
        super().__init__()
        self.session, self.preferences = session, preferences
        self._leaving = False
        self.setWindowIcon(logo_icon())
        self.setMinimumSize(LEAST)
        self.setAcceptDrops(True)
        self.desk, self.welcome, self.pages = Desk(session, preferences), Welcome(), QStackedWidget()
        self.pages.addWidget(self.welcome)
        self.pages.addWidget(self.desk)
        self.setCentralWidget(self.pages)
        self.files, self.dialogs = Files(session, self), Dialogs(session, preferences, self)
        self.training = Training(session, self.desk.bottom, preferences, self)
        self.shelf = BlockShelf(session, self.desk, self)
        self.xray = XRayChoice(session, self.desk.canvas.xray, preferences, self)
        parts = Parts(session, self.desk, self.files, self.training, self.dialogs, self, preferences, self.shelf)
        self.actions_ = Actions(table(parts), self.desk.canvas, self, preferences.keys)
        self.dialogs.actions = self.actions_
        self.menus, self.toolbar = MenuBar(self), ToolBar(session, self.actions_, self)
        self.setMenuBar(self.menus)
        self.menus.fill(self.actions_)
        self.file_menu = FileMenu(self.menus.menus["File"], self.actions_, self.files)
        self.addToolBar(self.toolbar)
        self.status = StatusBar(session, preferences, self)
        self.setStatusBar(self.status)
        self.desk.rail.add_button(_button(self.actions_["file.preferences"]))
        self.toasts = Toasts(self.desk.canvas)
        self.commands = CommandPalette(self.actions_, self.desk.add_layer, self.files.open_example_named, self)
        self.context_menu = ContextMenu(self.desk.canvas, self.actions_, self)
        self._refresh = QTimer(self, singleShot=True, interval=0)
        self._refresh.timeout.connect(self.actions_.refresh)
        self._connect()
        self._restore()
        self.show_desk(False)

    def _connect(self) -> None:
        session, canvas, desk = self.session, self.desk.canvas, self.desk
        for signal in (session.changed, session.analysed, session.selection_changed, session.block_changed,
                       session.runner.changed, session.file.changed, desk.shown_changed, canvas.chosen):  # fmt: skip
            signal.connect(self._refresh_soon)
        session.message.connect(self.say)
        session.changed.connect(lambda _: self.toasts.withdraw("Undo"))
        session.file.changed.connect(self.show_name)
        self.files.opened.connect(self.show_opened)
        self.files.opened.connect(canvas.changes.stop)
        canvas.zoom_changed.connect(self.status.show_zoom)
        canvas.menu_wanted.connect(self.context_menu.open)
        canvas.examples_wanted.connect(self.show_welcome)
        self.xray.changed.connect(self._refresh_soon)
        self.status.problems_wanted.connect(lambda: desk.bottom.show_tab(PROBLEMS))
        self.toolbar.recipe_wanted.connect(self.show_recipe)
        self.toolbar.search_wanted.connect(self.commands.open)
        desk.code.export_wanted.connect(lambda: self.actions_.trigger("file.export"))
        desk.bottom.train_wanted.connect(self.train)
        welcome = self.welcome
        welcome.back_wanted.connect(self.show_desk)
        welcome.new_wanted.connect(self.files.new)
        welcome.open_wanted.connect(self.files.open)
        welcome.example_chosen.connect(self.files.open_example)
        welcome.file_chosen.connect(self.files.open_path)
        welcome.page_chosen.connect(self.dialogs.manual)

    # What commands ask of the window

    def show_desk(self, is_desk: bool = True) -> None:
        """The project, or the welcome page."""
        self.pages.setCurrentWidget(self.desk if is_desk else self.welcome)
        self.toolbar.setVisible(is_desk)
        self.menus.show_all(is_desk)
        self.status.show_desk(is_desk)
        self.show_name()
        if is_desk:
            self.desk.canvas.surface.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_opened(self) -> None:
        """Another project is there: show it, and ask about code that came with it."""
        self.show_desk()
        if not self.session.trusted:
            self.training.ask_trust()

    def show_welcome(self) -> None:
        """The welcome page, with the way back to a project that is open."""
        file, blocks = self.session.file, self.session.project.blocks.values()
        is_open = file.dirty or file.path is not None or any(block.graph.nodes for block in blocks)
        self.welcome.offer_back(file.name if is_open else "")
        self.show_desk(False)

    def show_name(self) -> None:
        """The file's name, with a dot while it is not saved."""
        file = self.session.file
        name = f"{file.name} •" if file.dirty else file.name
        is_desk = self.pages.currentWidget() is self.desk
        self.menus.show_name(name)
        self.setWindowTitle(f"{name} – Netsmith" if is_desk else "Netsmith")

    def say(self, text: str, action: str = "", call: object = None) -> None:
        """A line at the lower right of the canvas."""
        self.toasts.say(text, action, call if callable(call) else None)

    def train(self) -> None:
        """Train, or say why that cannot be done now."""
        if reason := self.actions_.commands["train.start"].why_not():
            self.say(reason)
        self.actions_.trigger("train.start")

    def open_window(self) -> None:
        self.window_wanted.emit()

    def quit(self) -> None:
        """Close every window; one whose work is not saved asks."""
        for window in [w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow) and w.isVisible()]:
            window.close()

    def open_commands(self) -> None:
        self.commands.open(with_layers=False)

    def show_recipe(self) -> None:
        self.desk.bottom.show_tab(RECIPE)

    def show_layers(self) -> None:
        """What goes through the network, now."""
        self.desk.bottom.show_tab(LAYERS)
        self.session.looking.look_now()

    def shows_heat(self) -> bool:
        return self.preferences.heat

    def switch_heat(self) -> None:
        self.xray.enable(not self.preferences.heat)

    def next_area(self) -> None:
        self._step_area(1)

    def last_area(self) -> None:
        self._step_area(-1)

    def _step_area(self, step: int) -> None:
        """Toolbar, rail, palette, canvas, right dock, bottom dock, status."""
        if self.pages.currentWidget() is not self.desk:
            return
        areas: list[QWidget] = [self.toolbar.search, *self.desk.areas(), self.status.problems]
        focus = QApplication.focusWidget()
        here = next((i for i, area in enumerate(areas) if focus and (focus is area or area.isAncestorOf(focus))), 0)
        areas[(here + step) % len(areas)].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _refresh_soon(self, *_: object) -> None:
        self._refresh.start()

    # Coming and going

    def _restore(self) -> None:
        geometry = self.preferences.state("geometry")
        if geometry is None or not self.restoreGeometry(geometry):
            screen = self.screen().availableGeometry() if self.screen() else None
            size = QSize(*LARGE)
            self.resize(size.boundedTo(screen.size()) if screen else size)

    def offer_recovery(self) -> None:
        """Ask about work that an earlier session left unsaved."""
        found = recoverable()
        if found:
            RecoverDialog(found, self.files.recover, self).open()

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._leaving and self.session.file.dirty:
            event.ignore()
            self.files.when_kept("Closing", self._leave)
            return
        self.preferences.keep_state("geometry", self.saveGeometry())
        self.desk.keep_state()
        self.preferences.write()
        self.session.file.forget_journal()
        self.session.close()
        event.accept()
        self.closed.emit()

    def _leave(self) -> None:
        self._leaving = True
        self.close()

    # A file dropped on the window

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _dropped(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if path := _dropped(event):
            event.acceptProposedAction()
            self.files.open_path(path)


def _button(action: QAction) -> QToolButton:
    """A command as an icon."""
    button = QToolButton()
    button.setDefaultAction(action)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
    button.setAccessibleName(action.text())
    return button


def _dropped(event: QDropEvent) -> Path | None:
    """The project file that is dragged, if it is one."""
    urls = event.mimeData().urls()
    path = Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None
    return path if path is not None and path.suffix == SUFFIX else None
