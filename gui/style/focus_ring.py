"""The ring around what has the keyboard's focus: two px wide, outside the control, never shown by a mouse click."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRectF, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractScrollArea,
    QApplication,
    QFocusFrame,
    QGraphicsView,
    QMainWindow,
    QMenu,
    QMenuBar,
    QProxyStyle,
    QStyle,
    QStyleHintReturn,
    QStyleOption,
    QTabBar,
    QWidget,
)

from gui.theme import metrics, theme

OWN_RING = (QGraphicsView, QMenu, QMenuBar, QMainWindow)
INSIDE = (QAbstractItemView, QAbstractScrollArea, QTabBar)


class FocusKeeper(QObject):
    """Moves one ring to whatever takes the focus by a key."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._ring: FocusRing | None = None
        # Children of the application: a style must outlive every widget that wears it, at exit too.
        self._outside, self._inside = _Room(app, inside=False), _Room(app, inside=True)
        app.focusChanged.connect(self.move_ring)

    def move_ring(self, old: QWidget | None, new: QWidget | None) -> None:
        """Follow the focus; a pressed mouse button means that a click moved it."""
        clicked = QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton
        if self._ring is not None:
            self._ring.retire()
            self._ring = None
        if new is not None and not clicked and _wants_ring(new):
            inside = isinstance(new, INSIDE) or new.property("focusRing") == "inside"
            self._ring = FocusRing(new, self._inside if inside else self._outside)
            QTimer.singleShot(0, self._ring, self._ring.appear)

    def renew(self) -> None:
        """Draw the ring anew: a change of the application's style hides Qt's focus frame."""
        around = None if self._ring is None else self._ring.widget()
        if around is not None:
            self.move_ring(None, around)


class FocusRing(QFocusFrame):
    """Follows its widget through moves, scrolling and hiding, as Qt's focus frame does."""

    def __init__(self, around: QWidget, room: QStyle) -> None:
        super().__init__(around.window())
        self.setStyle(room)
        self.setWidget(around)

    def paintEvent(self, event: QPaintEvent) -> None:
        width = metrics().line.focus
        radius = metrics().radius.button + metrics().line.focus_gap
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme().focus.ring, width))
        half = width / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(half, half, -half, -half), radius, radius)

    def appear(self) -> None:
        """Show where the focus is, now that it was scrolled into view: Qt's frame hides where it was not, for good."""
        around = self.widget()
        if around is not None and around.isVisible() and not self.isVisible():
            self.setWidget(None)  # type: ignore[arg-type]
            self.setWidget(around)

    def retire(self) -> None:
        """Go, and be gone."""
        self.setWidget(None)  # type: ignore[arg-type]  # Qt documents it: the frame lets go
        self.hide()
        self.deleteLater()


class _Room(QProxyStyle):
    """How far outside (or inside) its widget the ring stands; a style for the ring alone."""

    def __init__(self, app: QApplication, inside: bool) -> None:
        super().__init__("Fusion")
        self.setParent(app)
        line = metrics().line
        self._outset = 0 if inside else line.focus + line.focus_gap

    def pixelMetric(
        self, metric: QStyle.PixelMetric, option: QStyleOption | None = None, widget: QWidget | None = None
    ) -> int:
        if metric in (QStyle.PixelMetric.PM_FocusFrameHMargin, QStyle.PixelMetric.PM_FocusFrameVMargin):
            return self._outset
        return super().pixelMetric(metric, option, widget)

    def styleHint(
        self,
        hint: QStyle.StyleHint,
        option: QStyleOption | None = None,
        widget: QWidget | None = None,
        data: QStyleHintReturn | None = None,
    ) -> int:
        if hint == QStyle.StyleHint.SH_FocusFrame_AboveWidget:
            return 1
        if hint == QStyle.StyleHint.SH_FocusFrame_Mask:
            return 0
        return super().styleHint(hint, option, widget, data)


def _wants_ring(widget: QWidget) -> bool:
    return not isinstance(widget, OWN_RING) and widget.property("focusRing") != "none" and not widget.isWindow()
