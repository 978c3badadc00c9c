"""What happens when the program itself is wrong: nothing is lost, it is said, and one can go on."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from engine.errors import EngineError
from gui.dialogs.base import Dialog
from gui.session import Session
from gui.theme import font, line_height
from gui.widgets import label

LINES = 12
LEVELS = {QtMsgType.QtWarningMsg: logging.WARNING, QtMsgType.QtCriticalMsg: logging.ERROR}
_log = logging.getLogger("netsmith.qt")


class Crashes(QObject):
    """Hears of exceptions that nothing caught, in every thread, and shows them in the GUI thread."""

    _happened = Signal(str, str)

    def __init__(self, sessions: Callable[[], Iterable[Session]], window: QWidget) -> None:
        """sessions: all whose work is to be kept."""
        super().__init__(window)
        self._sessions, self._window = sessions, window
        self._shown: CrashDialog | None = None
        self._before: tuple[Any, Any] = (sys.excepthook, threading.excepthook)
        self._happened.connect(self.show_crash)

    def watch(self) -> None:
        """From now on."""
        self._before = sys.excepthook, threading.excepthook
        sys.excepthook = self._hear
        threading.excepthook = lambda args: self._hear(args.exc_type, args.exc_value, args.exc_traceback)
        qInstallMessageHandler(log_message)

    def stop(self) -> None:
        """Leave it to Python again."""
        sys.excepthook, threading.excepthook = self._before
        qInstallMessageHandler(None)

    def show_crash(self, words: str, detail: str) -> None:
        """Keep the work, then say what happened; one dialog at a time."""
        for session in self._sessions():
            session.file.write_journal_now()
        if self._shown is None:
            self._shown = CrashDialog(words, detail, self._window)
            self._shown.finished.connect(self._forget)
            self._shown.open()

    def _forget(self) -> None:
        self._shown = None

    def _hear(self, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._window.close()
            return
        detail = "".join(traceback.format_exception(kind, error, trace))
        sys.stderr.write(detail)
        words = str(error) if isinstance(error, EngineError) else f"{kind.__name__}: {error}"
        self._happened.emit(words, detail)


class CrashDialog(Dialog):
    """What happened, for a report; the work goes on."""

    def __init__(self, words: str, detail: str, parent: QWidget) -> None:
        super().__init__(
            "Something in Netsmith went wrong",
            "The project is as it was before, and a copy of it was kept. Going on is safe; saving is wise.",
            parent,
        )
        message = label(words, "body_strong")
        message.setWordWrap(True)
        self.body.addWidget(message)
        self.detail = QPlainTextEdit(detail, self)
        self.detail.setReadOnly(True)
        self.detail.setProperty("field", True)
        self.detail.setAccessibleName("Details")
        self.detail.setFont(font("mono"))
        self.detail.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.detail.setFixedHeight(LINES * line_height("mono"))
        self.body.addWidget(self.detail)
        self.add_action("Copy details", lambda: QGuiApplication.clipboard().setText(detail))
        self.leave_button("Go on")


def log_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    """Qt's own complaints go to Python's log, where whoever looks for them finds them."""
    _log.log(LEVELS.get(kind, logging.DEBUG), "%s", message)
