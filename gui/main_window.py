"""The main window: menus, toolbar and status bar around the projects that are open in it, or the welcome page."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QStackedWidget, QToolBar, QWidget

from engine.document.autosave import recoverable
from gui.actions import Actions
from gui.canvas.view import CanvasView
from gui.dialogs.recover import RecoverDialog
from gui.glyphs import logo_icon
from gui.preferences import Preferences
from gui.run_line import RunLine
from gui.session import Session
from gui.widgets import Toasts
from gui.window.areas import ReadWindow, step_area
from gui.window.bottom import LAYERS, RECIPE
from gui.window.command_palette import CommandPalette
from gui.window.commands import Parts, table
from gui.window.context_menu import ContextMenu
from gui.window.desk import LARGE, Desk
from gui.window.dialogs import Dialogs
from gui.window.dropped import dropped_projects, take_drop
from gui.window.file_menu import FileMenu
from gui.window.files import Files
from gui.window.menu_bar import MenuBar
from gui.window.projects import Projects
from gui.window.remembering import Remembering
from gui.window.shelf import BlockShelf
from gui.window.status_bar import StatusBar
from gui.window.tab_bar import ProjectTabs
from gui.window.toolbar import ToolBar
from gui.window.training import Training
from gui.window.waiting import Waiting
from gui.window.welcome import Welcome
from gui.window.workplace import Workplace
from gui.window.xray import XRayChoice

LEAST = QSize(900, 560)


class MainWindow(ReadWindow):
    """Projects in tabs, each with its run, and everything that can be done with the one in front.

    window_wanted(): another window is asked for. torn_off(Workplace, point): a project goes to a window of its own.
    closed(): this one has gone, its work kept or given up.
    """

    window_wanted = Signal()
    torn_off = Signal(object, QPoint)
    closed = Signal()

    def __init__(
        self,
        session: Session | None,
        preferences: Preferences,
        workplace: Workplace | None = None,
        line: RunLine | None = None,
    ) -> None:
        """With a new project, or with one that comes from another window with all that goes on in it.

        line: the runs that wait, which all windows of the program share.
        """
        super().__init__()
        self.preferences, self.line = preferences, line or RunLine(self)
        self.has_left = False
        self.setWindowIcon(logo_icon())
        self.setMinimumSize(LEAST)
        self.setAcceptDrops(True)
        self.welcome, self.pages, self.tabs = Welcome(), QStackedWidget(), ProjectTabs()
        self.pages.addWidget(self.welcome)
        self.setCentralWidget(self.pages)
        self.projects = Projects(self._make, self.tabs, self.pages, self)
        self.remembering = Remembering(self.projects, preferences, self)
        self.files = Files(self.projects, self)
        if workplace is None:
            self.projects.add(session or Session())
        else:
            workplace.host = self
            self.projects.take_in(workplace)
        self._furnish()
        self._connect()
        self._restore()
        self.show_desk(False)

    def _furnish(self) -> None:
        """What the window has once, however many projects are open in it."""
        self.waiting = Waiting(self.line, self)
        self.actions_ = Actions(table(self._parts()), self, self.preferences.keys)
        self.menus, self.toolbar = MenuBar(self), ToolBar(self.session, self.actions_, self)
        self.setMenuBar(self.menus)
        self.menus.fill(self.actions_)
        self.file_menu = FileMenu(self.menus.menus["File"], self.actions_, self.files)
        self.addToolBar(self._row_of_tabs())
        self.addToolBarBreak()
        self.addToolBar(self.toolbar)
        self.status = StatusBar(self.session, self.preferences, self)
        self.setStatusBar(self.status)
        self.commands = CommandPalette(
            self.actions_, lambda key: self.desk.add_layer(key), self.files.open_example_named, self
        )
        self.context_menu = ContextMenu(self.actions_, self)

    def _row_of_tabs(self) -> QToolBar:
        row = self._tab_row = QToolBar("Open projects", self)
        row.setProperty("projects", True)
        row.setObjectName("tabs")
        row.setMovable(False)
        row.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        row.addWidget(self.tabs)
        return row

    def _connect(self) -> None:
        self.projects.front_changed.connect(self.show_front)
        self.projects.count_changed.connect(self._show_tabs)
        self.projects.emptied.connect(self.show_welcome)
        self.projects.listed.connect(self.remembering.note)
        self.tabs.close_wanted.connect(self.files.close)
        self.tabs.tabBarClicked.connect(lambda index: self.show_desk() if index >= 0 else None)
        self.tabs.menu_wanted.connect(self.projects.bring)  # what its menu does is seen
        self.tabs.menu_wanted.connect(lambda _, at: self.context_menu.open_for_tab(at))
        self.tabs.torn_off.connect(self._tear_off, Qt.ConnectionType.QueuedConnection)
        self.files.opened.connect(self.show_opened)
        self.files.brought.connect(self.show_desk)
        self.status.problems_wanted.connect(lambda: self.projects.front.show_problems())
        self.waiting.changed.connect(self.actions_.refresh_soon)
        self.status.queue_wanted.connect(self.waiting.show)
        self.toolbar.recipe_wanted.connect(self.show_recipe)
        self.toolbar.search_wanted.connect(self.commands.open)
        welcome = self.welcome
        welcome.back_wanted.connect(self.show_desk)
        welcome.new_wanted.connect(self.files.new)
        welcome.open_wanted.connect(self.files.open)
        welcome.example_chosen.connect(self.files.open_example)
        welcome.file_chosen.connect(self.files.open_path)
        welcome.reopen_wanted.connect(self.files.reopen)
        welcome.page_chosen.connect(lambda page: self.dialogs.manual(page))
        self.show_front()

    # The project in front

    @property
    def session(self) -> Session:
        return self.projects.front.session

    @property
    def desk(self) -> Desk:
        return self.projects.front.desk

    @property
    def training(self) -> Training:
        return self.projects.front.training

    @property
    def dialogs(self) -> Dialogs:
        return self.projects.front.dialogs

    @property
    def shelf(self) -> BlockShelf:
        return self.projects.front.shelf

    @property
    def toasts(self) -> Toasts:
        return self.projects.front.toasts

    @property
    def xray(self) -> XRayChoice:
        return self.projects.front.xray

    def _make(self, session: Session) -> Workplace:
        return Workplace(session, self.preferences, self.line, self)

    def _parts(self) -> Parts:
        steering = self.projects.front.steering
        return Parts(
            self.session,
            self.desk,
            self.files,
            self.training,
            self.dialogs,
            self,
            self.preferences,
            self.shelf,
            steering,
            self.projects.front.keeping,
        )

    def show_front(self) -> None:
        """Another project is in front: the commands act on it, and the bars speak of it."""
        self.dialogs.actions = self.actions_
        self.desk.preferences_button.setDefaultAction(self.actions_["file.preferences"])
        self.follow_canvas(self.projects.front)
        self.toolbar.follow(self.session)
        self.status.follow(self.session, self.desk.bottom.problems.findings)
        self._show_tabs()
        self.remembering.note()
        if self.pages.currentWidget() is not self.welcome:
            self.show_desk()

    def follow(self, workplace: Workplace) -> None:
        """Something is another way in a project."""
        self.projects.show(workplace)
        if workplace is self.projects.front:
            self.actions_.refresh_soon()
            self.show_name()

    def follow_canvas(self, workplace: Workplace) -> None:
        """Another canvas is in use: the commands act on that one."""
        if workplace is self.projects.front:
            for canvas in workplace.desk.canvases.all():
                self.actions_.serve(canvas)
            self.actions_.use(table(self._parts()))
            self.status.show_zoom(workplace.canvas.zoom)

    def show_zoom(self, canvas: CanvasView, zoom: float) -> None:
        """How large that canvas is seen, if it is the one in use."""
        if canvas is self.desk.canvas:
            self.status.show_zoom(zoom)

    def open_menu(self, canvas: CanvasView, at: QPoint) -> None:
        """What can be done where the right button was pressed."""
        self.context_menu.open(canvas, at)

    # What commands ask of the window

    def show_desk(self, is_desk: bool = True) -> None:
        """The project in front, or the welcome page."""
        self.pages.setCurrentWidget(self.desk if is_desk else self.welcome)
        self.toolbar.setVisible(is_desk)
        self.menus.show_all(is_desk)
        self.status.show_desk(is_desk)
        self.show_name()
        if is_desk:
            self.desk.canvas.surface.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_opened(self) -> None:
        """Another project is there: show it, and ask about code that came with it."""
        self.desk.canvas.changes.stop()
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
        is_desk = self.pages.currentWidget() is not self.welcome
        self.menus.show_name(name if self.tabs.count() == 1 else "")
        self.setWindowTitle(f"{name} – Netsmith" if is_desk else "Netsmith")

    def say(self, text: str, action: str = "", call: object = None) -> None:
        """A line at the lower right of the canvas."""
        self.projects.front.say(text, action, call)

    def train(self) -> None:
        """Train, or say why that cannot be done now, and offer to do it later."""
        commands = self.actions_.commands
        if reason := commands["train.start"].why_not():
            can_wait = not commands["train.queue"].why_not()
            self.say(reason, "Queue it" if can_wait else "", commands["train.queue"].call)
        self.actions_.trigger("train.start")

    def export(self) -> None:
        self.actions_.trigger("file.export")

    def open_window(self) -> None:
        self.window_wanted.emit()

    def quit(self) -> None:
        """Close every window, this one last; those whose work is not saved ask."""
        for window in [*(w for w in self._other_windows() if w.isVisible()), self]:
            window.remembering.keeps = True
            window.close()

    def _other_windows(self) -> list[MainWindow]:
        return [w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow) and w is not self]

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

    # Tabs

    def move_out(self) -> None:
        """The project in front goes to a window of its own, with its run."""
        self._tear_off(self.projects.index, self.pos() + self.rect().center())

    def _tear_off(self, index: int, at: QPoint) -> None:
        over = next((w for w in self._other_windows() if _takes(w, at)), None)
        if len(self.projects.entries) == 1 and over is None:
            return
        workplace = self.projects.give(index)
        if workplace is not None:
            for canvas in workplace.desk.canvases.all():
                self.actions_.leave(canvas)
            over.take_in(workplace) if over is not None else self.torn_off.emit(workplace, at)

    def take_in(self, workplace: Workplace) -> None:
        """A project comes from another window, with all that goes on in it."""
        workplace.host = self
        blank = self.projects.front if self.session.work.is_blank else None
        self.projects.take_in(workplace)
        if blank is not None:
            self.projects.close(blank)
        self.show_desk()

    def _show_tabs(self) -> None:
        """One project alone has its name between the menus."""
        self._tab_row.setVisible(self.tabs.count() > 1)
        self.show_name()

    # Areas

    def next_area(self) -> None:
        step_area(self, 1)

    def last_area(self) -> None:
        step_area(self, -1)

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
        workplaces = self.projects.workplaces()
        is_last = not any(w.isVisible() for w in self._other_windows())
        waits = bool(is_last and self.line.would_lose)
        if not self.has_left and (waits or any(w.session.file.dirty or w.session.runner.active for w in workplaces)):
            event.ignore()
            leave = partial(self._leave, self.remembering.keeps)
            self.remembering.keeps = False  # one may think better of it
            self.files.when_all_given_up(workplaces, partial(self.waiting.ask, leave) if waits else leave)
            return
        self.has_left = True
        self.remembering.leave(is_last)
        self.preferences.keep_state("geometry", self.saveGeometry())
        self.desk.keep_state()
        self.preferences.write()
        for workplace in [*workplaces, *self.projects.leaving()]:
            self.line.forget(workplace.session.runner)
            workplace.session.file.forget_journal()
            workplace.session.close()
        if is_last:
            self.line.close()
        event.accept()
        self.closed.emit()

    def _leave(self, keeps: bool) -> None:
        self.has_left, self.remembering.keeps = True, keeps
        self.close()

    # Files dropped on the window

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_projects(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        take_drop(self, event)


def _takes(window: QWidget, at: QPoint) -> bool:
    """Whether a tab let go at this point of the screen goes to this window."""
    return window.isVisible() and window.frameGeometry().contains(at)
