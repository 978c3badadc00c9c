"""Start-up: the application, its first frame, and what is loaded behind it."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Hashable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QByteArray, QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QCursor, QGuiApplication
from PySide6.QtWidgets import QApplication

from gui import style
from gui.collector import Collector
from gui.crash import Crashes
from gui.glyphs import logo_icon
from gui.main_window import MainWindow
from gui.preferences import Opened, Preferences
from gui.run_line import RunLine
from gui.session import Session
from gui.theme import metrics
from gui.window.remembering import still_there
from gui.window.workplace import Workplace

LATEST_MS = 1000  # a window that starts minimised paints no first frame
NO_DISPLAY = "netsmith: there is no display. Try `--demo`, or a command without a window: see --help."


def application(argv: list[str]) -> QApplication:
    """The one application, dressed; made on the first call."""
    running = QApplication.instance()
    if isinstance(running, QApplication):
        return running
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    app = QApplication(argv[:1] or ["netsmith"])
    app.setApplicationName("Netsmith")
    app.setApplicationDisplayName("Netsmith")
    app.setDesktopFileName("netsmith")
    app.setWindowIcon(logo_icon())
    style.apply(app)
    return app


class Program(QObject):
    """The window with everything that lives as long as it does."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self.preferences = Preferences()
        self.preferences.apply()
        there = [replace(opened, paths=tuple(still_there(opened))) for opened in self.preferences.windows]
        self._last_time = [opened for opened in there if opened.paths]
        self.line = RunLine(self)
        self.window = MainWindow(None, self.preferences, line=self.line)
        self.others: list[MainWindow] = []
        self.crashes = Crashes(self.sessions, self.window)
        self._look_after(self.window)
        self._first = self.window.projects.front
        self._is_warm = False
        self._collector = Collector(self._scene, self)
        self.session.analysed.connect(self._keep_all, Qt.ConnectionType.SingleShotConnection)  # imports of the first

    @property
    def session(self) -> Session:
        """The project that is in front in the first window."""
        return self.window.session

    def sessions(self) -> list[Session]:
        """Every project that is open, in whichever window."""
        windows = [window for window in (self.window, *self.others) if not window.has_left]
        return [place.session for window in windows for place in window.projects.workplaces()]

    def start(self, path: Path | None = None) -> None:
        """Show the window: a file, the welcome page, or an empty model; then load torch behind it."""
        self._collector.start()
        self.crashes.watch()
        self._first.session.background.hold()
        self._first.desk.bottom.hold_plots()
        if path is not None:
            self.window.files.open_path(path)
        elif not self.preferences.welcome:
            self._reopen()
        if path is None or self.session.file.path is None:
            self.window.show_desk(path is not None or not self.preferences.welcome)
        self._offer_last()
        first = self.window.desk if self.window.pages.currentIndex() else self.window.welcome
        first.installEventFilter(self)
        QTimer.singleShot(LATEST_MS, self, self.warm_up)
        self.window.show()

    def open_window(self) -> MainWindow:
        """Another window with a project of its own, a little beside the one in front. It goes when it is closed."""
        front = QApplication.activeWindow() or self.window
        return self._open(None, front.pos() + QPoint(metrics().space.xxl, metrics().space.xxl))

    def tear_off(self, workplace: Workplace, at: QPoint) -> MainWindow:
        """A window for a project that was dragged out of another one, its menus where it was let go."""
        return self._open(workplace, at - QPoint(metrics().layout.large.palette, metrics().layout.large.menu // 2))

    def _open(self, workplace: Workplace | None, at: QPoint) -> MainWindow:
        front = QApplication.activeWindow() or self.window
        window = MainWindow(None, self.preferences, workplace, self.line)
        window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        window.resize(front.size())
        window.move(at)
        self._look_after(window)
        window.closed.connect(lambda: self.others.remove(window))
        self.others.append(window)
        window.show_desk()
        window.show()
        return window

    def _look_after(self, window: MainWindow) -> None:
        window.window_wanted.connect(self.open_window)
        window.torn_off.connect(self.tear_off)

    def _reopen(self) -> None:
        """The windows and tabs of the last session, those whose files are still there."""
        if self._last_time:
            stand(self.window, self._last_time[0].stands)
            self.window.files.reopen(self._last_time[0].paths, self._last_time[0].front)
            self._reopen_others()

    def _offer_last(self) -> None:
        first, *others = self._last_time or [Opened(())]
        more = [path for opened in others for path in opened.paths]
        self.window.welcome.offer_last(list(first.paths), first.front, more)
        self.window.welcome.reopen_wanted.connect(self._reopen_others)

    def _reopen_others(self) -> None:
        """The windows beside the first one, each with the tabs that it had."""
        for opened in self._last_time[1:]:
            window = self.open_window()
            stand(window, opened.stands)
            window.files.reopen(opened.paths, opened.front)
        self.window.activateWindow()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            QTimer.singleShot(0, self, self.warm_up)
        return super().eventFilter(watched, event)

    def warm_up(self) -> None:
        """Behind the first frame: unsaved work of an earlier session, torch, and the plots."""
        if self._is_warm:
            return
        self._is_warm = True
        self._first.session.background.release()
        self.window.offer_recovery()
        self.window.status.show_activity("torch is loading in the background")
        background, bottom = self._first.session.background, self._first.desk.bottom
        background.submit("plots", load_plots, lambda _: bottom.release_plots(), self._say_failed)
        background.submit("warm up", load_torch, self._say_ready, self._say_failed)

    def _scene(self) -> tuple[object, Hashable]:
        """What is open, and what is another whenever a person does something: the pointer, the keys, the view."""
        canvas, buttons = self.window.desk.canvas, QGuiApplication.mouseButtons().value
        place, keys = QCursor.pos().toTuple(), QGuiApplication.queryKeyboardModifiers().value
        looks = canvas.zoom, canvas.surface.centre.toTuple(), canvas.drawing.version
        return canvas.drawing, (place, buttons, keys, looks, len(self.others))

    def _say_ready(self, _: object) -> None:
        self.window.status.show_activity("")
        self._keep_all()

    def _keep_all(self) -> None:
        """What was imported is never garbage: walking it would take a tenth of a second each time."""
        gc.freeze()

    def _say_failed(self, error: Exception) -> None:
        if not isinstance(error, ImportError | OSError):
            raise error
        self.window.status.show_activity("torch could not be loaded")
        self.window.say(f"A package could not be loaded: {error}. Install Netsmith again.")


def stand(window: MainWindow, stands: str) -> None:
    """Put a window where it stood, as `Opened` has it; a place that is on no screen any more is brought onto one."""
    if stands:
        window.restoreGeometry(QByteArray.fromBase64(stands.encode("ascii", "ignore")))


def load_torch() -> None:
    """Import torch and what stands on it, and try it: seconds that a person spends looking at the welcome page.

    Last come the panels that are made when they are first seen, of which their import would be half the time.
    """
    import engine.build
    import engine.training.worker  # noqa: F401
    from engine.analysis.warm_up import warm_up
    from engine.document import library
    from engine.training.devices import usable

    library.entries()  # a search at the pointer finds them at once
    warm_up()
    usable()
    import gui.dialogs.bad_inputs
    import gui.panels.layers
    import gui.panels.runs
    import gui.panels.time  # noqa: F401


def load_plots() -> None:
    """Import the plots."""
    import gui.panels.training  # noqa: F401


def has_display() -> bool:
    """Whether a window can be shown."""
    if sys.platform in ("win32", "darwin") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def run(argv: list[str], path: Path | None = None) -> int:
    """Open the window and stay until it is closed. Returns: the exit code."""
    if not has_display():
        sys.stderr.write(f"{NO_DISPLAY}\n")
        return 1
    app = application(argv)
    program = Program(app)
    program.start(path)
    code = app.exec()
    program.crashes.stop()
    return code
