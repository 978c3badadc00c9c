"""One open project in a window: its session, the desk on which it lies, and what is done with it there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QStackedWidget

from gui.canvas.view import CanvasView
from gui.preferences import Preferences
from gui.run_line import RunLine
from gui.session import Session
from gui.widgets import Toasts
from gui.window.bottom import PROBLEMS
from gui.window.desk import Desk
from gui.window.dialogs import Dialogs
from gui.window.keeping import Keeping
from gui.window.shelf import BlockShelf
from gui.window.steering import Steering
from gui.window.training import Training
from gui.window.waiting import Waiting
from gui.window.xray import XRayChoice


class Host(Protocol):
    """The window, as far as the projects in it know it."""

    def follow(self, workplace: Workplace) -> None: ...

    def follow_canvas(self, workplace: Workplace) -> None: ...

    def show_zoom(self, canvas: CanvasView, zoom: float) -> None: ...

    def open_menu(self, canvas: CanvasView, at: QPoint) -> None: ...

    @property
    def waiting(self) -> Waiting: ...

    pages: QStackedWidget

    def show_welcome(self) -> None: ...

    def train(self) -> None: ...

    def export(self) -> None: ...


class Workplace(QObject):
    """Everything of a project that is there once for each tab. `host` is the window that it stands in now."""

    def __init__(self, session: Session, preferences: Preferences, line: RunLine, host: Host) -> None:
        desk = Desk(session, preferences, host.pages)  # made elsewhere and put there, all of it would be dressed anew
        super().__init__(desk)
        session.setParent(self)
        self.session, self.desk, self.preferences, self.host = session, desk, preferences, host
        self.line = line
        line.watch(session.runner)
        self.training = Training(session, desk.bottom, preferences, line, desk)
        self.keeping = Keeping(session, self.training, preferences, desk)
        self.dialogs = Dialogs(session, preferences, desk, lambda: desk.canvas)
        self.shelf = BlockShelf(session, desk, desk)
        self.steering = Steering(session, desk)
        self.toasts = Toasts(desk.canvases, desk.canvases.overview)
        self._in_front = False
        self._xrays: dict[CanvasView, XRayChoice] = {}
        self._connect()

    def _connect(self) -> None:
        session, desk = self.session, self.desk
        for signal in (session.changed, session.analysed, session.selection_changed, session.block_changed,
                       session.runner.changed, session.file.changed, desk.shown_changed):  # fmt: skip
            signal.connect(self._stir)
        session.message.connect(self.say)
        session.changed.connect(lambda _: self.toasts.withdraw("Undo"))
        desk.export_wanted.connect(lambda: self.host.export())
        desk.bottom.train_wanted.connect(lambda: self.host.train())
        self.training.queue_wanted.connect(lambda: self.host.waiting.show())
        desk.bottom.facts.steer_wanted.connect(self.steering.open)
        desk.canvases.made.connect(self._take)
        desk.canvases.front_changed.connect(lambda: self.host.follow_canvas(self))
        desk.canvases.closed.connect(self._give_up)
        for canvas in desk.canvases.all():
            self._take(canvas)

    def _take(self, canvas: CanvasView) -> None:
        """Another canvas is there."""
        xray = self._xrays[canvas] = XRayChoice(canvas.session, canvas.xray, self.preferences, canvas)
        xray.rest(not self._in_front)
        xray.changed.connect(lambda: self._follow_choice(xray))
        canvas.chosen.connect(self._stir)
        canvas.zoom_changed.connect(lambda zoom: self.host.show_zoom(canvas, zoom))
        canvas.menu_wanted.connect(lambda at: self.host.open_menu(canvas, at))
        canvas.examples_wanted.connect(lambda: self.host.show_welcome())

    def _give_up(self, canvas: CanvasView) -> None:
        """A canvas goes."""
        self._xrays.pop(canvas).rest(True)
        self.come_to_front(self._in_front)  # what the other one wishes for was wished in the same name
        self._stir()

    @property
    def canvas(self) -> CanvasView:
        """The canvas in use."""
        return self.desk.canvas

    @property
    def xray(self) -> XRayChoice:
        """What the canvas in use is coloured by."""
        return self._xrays[self.canvas]

    def come_to_front(self, in_front: bool = True) -> None:
        """Be what is seen of the window, or cost nothing."""
        self._in_front = in_front
        for xray in self._xrays.values():
            xray.rest(not in_front)

    def _follow_choice(self, chosen: XRayChoice) -> None:
        """Both sides are coloured by the same."""
        for xray in self._xrays.values():
            if xray is not chosen:
                xray.rest(not self._in_front)
        self._stir()

    def say(self, text: str, action: str = "", call: object = None) -> None:
        """A line at the lower right of the canvas."""
        self.toasts.say(text, action, call if callable(call) else None)

    def show_problems(self) -> None:
        self.desk.bottom.show_tab(PROBLEMS)

    def put_away(self, then: Callable[[], object]) -> None:
        """The project is closed: end its run, then its threads, and go. then: it has gone.

        The desk stays a part of the window till then: to be on its own, all of it would be dressed anew.
        """
        runner, self._then = self.session.runner, then
        self.desk.hide()
        if runner.active:
            runner.changed.connect(self._end_when_over)
            runner.stop()
        else:
            self._end()

    def _end_when_over(self) -> None:
        if not self.session.runner.active:
            self.session.runner.changed.disconnect(self._end_when_over)
            self._end()

    def _end(self) -> None:
        self.line.forget(self.session.runner)
        self.session.close()
        self.desk.deleteLater()
        self._then()

    def _stir(self, *_: object) -> None:
        self.host.follow(self)
