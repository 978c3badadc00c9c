"""What just happened, in a line or two with one way back: bottom right, six seconds, never in the way."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from gui.theme import metrics, theme, theme_changed
from gui.widgets.floating import FloatingPanel
from gui.widgets.labels import label, unbroken

MOST = 2
MOVES = (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide)


class Toast(QWidget):
    """A few words, in as many lines as they need, and at most one action; stays while the pointer is over it."""

    gone = Signal(object)  # itself

    def __init__(
        self, text: str, action: str = "", call: Callable[[], object] | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._call = call
        room = metrics().space
        self._line = line = QHBoxLayout(self)
        line.setContentsMargins(room.l, room.s, room.s if action else room.l, room.s)
        line.setSpacing(room.m)
        self.words = label(unbroken(text), "body")
        self.words.setWordWrap(True)
        self.words.setAccessibleName(text)
        self.words.setToolTip(text)
        line.addWidget(self.words, 1)
        self.button: QPushButton | None = None
        if action:
            self.button = QPushButton(action, self)
            self.button.setProperty("kind", "plain")
            self.button.setProperty("dense", True)
            self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys where they were
            self.button.clicked.connect(self.act)
            line.addWidget(self.button)
        self.setAccessibleName(text)
        self.setMaximumWidth(metrics().popup.toast_w_max)
        self.timer = QTimer(self, singleShot=True, interval=metrics().motion.toast)
        self.timer.timeout.connect(self.leave)
        self.timer.start()
        theme_changed.connect(self.update)

    def size_within(self, wide: int, high: int) -> QSize:
        """One line where it would not be too wide, else as high as its lines are, within this room."""
        self.words.ensurePolished()
        whole = QFontMetricsF(self.words.font()).horizontalAdvance(self.words.text())
        beside = self._line.sizeHint().width() - self.words.sizeHint().width()
        width = min(ceil(whole) + 2 + beside, self.maximumWidth(), wide)
        return QSize(width, min(self._line.heightForWidth(width), high))

    def act(self) -> None:
        """Do what the button says, and go."""
        self.leave()
        if self._call is not None:
            self._call()

    def leave(self) -> None:
        """Go."""
        self.timer.stop()
        self.hide()
        self.gone.emit(self)

    def enterEvent(self, event: QEnterEvent) -> None:
        self.timer.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        if self.isVisible():
            self.timer.start()
        super().leaveEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme().border.default)
        painter.setBrush(theme().bg.overlay)
        half, radius = metrics().line.border / 2, metrics().radius.popup
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(half, half, -half, -half), radius, radius)


class Toasts(QObject):
    """At most two toasts at the bottom right of a widget, the newest lowest, and beside what floats over it there.

    beside: the place of what always stands there, in the widget's own coordinates.
    """

    def __init__(self, over: QWidget, beside: Callable[[], QRect] = QRect) -> None:
        super().__init__(over)
        self._over, self._beside = over, beside
        self._shown: list[Toast] = []
        over.installEventFilter(self)

    def say(self, text: str, action: str = "", call: Callable[[], object] | None = None) -> Toast:
        """Show a toast; the oldest goes if there are more than two."""
        while len(self._shown) >= MOST:
            self._shown[0].leave()
        toast = Toast(text, action, call, self._over)
        toast.gone.connect(self.forget)
        self._shown.append(toast)
        for panel in self._over.window().findChildren(FloatingPanel):
            panel.installEventFilter(self)
        toast.show()
        self.place()
        return toast

    def withdraw(self, action: str) -> None:
        """What this action would do is no longer what it says: its toasts go."""
        for toast in [t for t in self._shown if t.button is not None and t.button.text() == action]:
            toast.leave()

    def shown(self) -> list[Toast]:
        """The toasts that can be seen, the oldest first."""
        return list(self._shown)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in MOVES and self._shown:
            self.place()
        return super().eventFilter(watched, event)

    def forget(self, toast: Toast) -> None:
        """A toast has gone."""
        if toast in self._shown:
            self._shown.remove(toast)
            toast.deleteLater()
            self.place()

    def place(self) -> None:
        """Put them where they can be read whole."""
        room = metrics().space
        inside = self._over.rect().adjusted(room.l, room.l, -room.l, -room.l)
        bottom, panels = inside.bottom() + 1, [panel for panel in self._floating() if panel.intersects(inside)]
        for toast in reversed(self._shown):
            size = toast.size_within(inside.width(), inside.height())
            place = QRect(QPoint(inside.right() + 1 - size.width(), bottom - size.height()), size)
            for panel in panels:
                if place.intersects(panel) and panel.left() - room.s - size.width() >= inside.left():
                    place.moveRight(panel.left() - room.s)
                elif place.intersects(panel):
                    place.moveBottom(max(panel.top() - room.s, inside.top() + size.height()))
            toast.setGeometry(place)
            toast.raise_()
            bottom = place.top() - room.s

    def _floating(self) -> list[QRect]:
        """What stands over the widget and where panels float, in its coordinates."""
        panels = [panel for panel in self._over.window().findChildren(FloatingPanel) if panel.isVisible()]
        places = [QRect(self._over.mapFromGlobal(panel.mapToGlobal(QPoint(0, 0))), panel.size()) for panel in panels]
        return [self._beside(), *places]
