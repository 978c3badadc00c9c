"""What lies over the canvas: the way back out of blocks, and the zoom."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QWidget

from gui.figures import magnification
from gui.glyphs import bind_icon
from gui.snapping import snapping
from gui.theme import metrics, theme, theme_changed
from gui.widgets import label


class Plaque(QWidget):
    """A rounded ground for controls that lie on the canvas."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        room = metrics().space
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(room.xs // 2, 0, room.xs // 2, 0)
        self.row.setSpacing(0)
        theme_changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme().border.default)
        painter.setBrush(theme().bg.panel)
        half, radius = metrics().line.border / 2, metrics().radius.button
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(half, half, -half, -half), radius, radius)


def tool_button(parent: QWidget, icon: str, name: str) -> QToolButton:
    """A small button with an icon and a name for its tooltip."""
    button = QToolButton(parent)
    bind_icon(button, icon)
    button.setToolTip(name)
    button.setAccessibleName(name)
    button.setAutoRaise(True)
    button.setProperty("dense", True)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


class Tip(Plaque):
    """A line at the pointer that never takes the mouse."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        room = metrics().space
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.row.setContentsMargins(room.s, room.xs, room.s, room.xs)
        self._words = label("", "small")
        self.row.addWidget(self._words)
        self.hide()

    @property
    def text(self) -> str:
        return "" if self.isHidden() else self._words.text()

    def say(self, text: str, pointer: QPoint) -> None:
        """Show a line below right of the pointer, inside the canvas; hide for an empty one."""
        if not text:
            self.hide()
            return
        self._words.setText(text)
        self.adjustSize()
        gap, parent = metrics().space.l, self.parentWidget()
        x, y = pointer.x() + gap, pointer.y() + gap
        if parent is not None:
            x = max(0, min(x, parent.width() - self.width() - metrics().space.s))
            y = y if y + self.height() < parent.height() else pointer.y() - gap - self.height()
        self.move(x, y)
        self.show()
        self.raise_()


class ZoomBar(Plaque):
    """Snap to the grid, − 100 % + fit."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.less = tool_button(self, "minus", "Zoom out")
        self.more = tool_button(self, "plus", "Zoom in")
        self.whole = tool_button(self, "corners-out", "Fit the network")
        self.reset = QPushButton("100 %", self)
        self.reset.setProperty("kind", "plain")
        self.reset.setProperty("dense", True)
        self.reset.setToolTip("Life size")
        self.reset.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.reset.setFixedWidth(self.reset.fontMetrics().horizontalAdvance("300 %") + 2 * metrics().space.m)
        self.grid = tool_button(self, "grid-four", "Snap to the grid")
        self.grid.setCheckable(True)
        self.grid.setChecked(snapping.is_on)
        self.grid.clicked.connect(lambda on: snapping.switch(on))
        snapping.changed.connect(self.grid.setChecked)
        for button in (self.grid, self.less, self.reset, self.more, self.whole):
            self.row.addWidget(button)
        self.setFixedHeight(metrics().control.height)
        self.setAccessibleName("Zoom")

    def show_zoom(self, zoom: float) -> None:
        self.reset.setText(magnification(zoom))


class Breadcrumb(Plaque):
    """The blocks that one stands in, outermost first; a click goes back there."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFixedHeight(metrics().control.height)
        self.setAccessibleName("Blocks")
        self._steps: list[str] = []

    def steps(self) -> list[str]:
        """The names that are shown."""
        return list(self._steps)

    def buttons(self) -> list[QPushButton]:
        return self.findChildren(QPushButton)

    def show_path(self, names: list[str]) -> None:
        """The main block's name and that of every block entered since."""
        if names == self._steps:
            return
        self._steps = list(names)
        while (item := self.row.takeAt(0)) is not None:
            if widget := item.widget():
                widget.hide()
                widget.setParent(None)
                widget.deleteLater()
        for depth, name in enumerate(names):
            if depth:
                slash = label("/", "small", "muted", self)
                self.row.addWidget(slash)
                slash.show()
            button = QPushButton(name, self)
            button.setProperty("kind", "plain")
            button.setProperty("dense", True)
            button.setAccessibleName(f"Go to {name}" if depth < len(names) - 1 else f"{name}, on screen")
            button.clicked.connect(lambda _=False, depth=depth: self.chosen.emit(depth))
            if depth == 0:
                bind_icon(button, "house")
            self.row.addWidget(button)
            button.show()  # what is added to a widget on screen is not there before
        self.adjustSize()
