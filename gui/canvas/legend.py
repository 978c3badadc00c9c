"""What the heat means: its name, where one chooses another, both limits, and a switch to turn it off."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QActionGroup, QKeyEvent, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolButton, QWidget

from engine.training.history import History
from gui.canvas.overlays import Plaque, tool_button
from gui.glyphs import bind_icon
from gui.plots.heat import HeatScale
from gui.style import round_popup
from gui.theme import metrics
from gui.widgets import label
from gui.xray.modes import MODES, SUMS, Heat

STOPS = 16
STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1}


class Legend(Plaque):
    """mode_chosen(key), sum_chosen("worst" or "mean"), switched_off(): what is asked for by hand."""

    mode_chosen = Signal(str)
    sum_chosen = Signal(str)
    switched_off = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        room = metrics().space
        self.row.setContentsMargins(room.xs, 0, room.xs, 0)
        self.row.setSpacing(room.s)
        self.mode = _ModeButton(self)
        self._low, self._high = label("", "caption", "secondary"), label("", "caption", "secondary")
        self._bar = _Bar(self)
        self.why, self.cost = label("", "caption", "muted"), label("", "caption", "muted")
        self.cost.setToolTip("So long one look takes, about once a second and at most 5 % of the time")
        self.off = tool_button(self, "x", "Show no heat")
        for widget in (self.mode, self.why, self._low, self._bar, self._high, self.cost, self.off):
            self.row.addWidget(widget)
        self.off.clicked.connect(self.switched_off)
        self.mode.stepped.connect(self._step)
        self.menu = QMenu(self)
        round_popup(self.menu)
        self.mode.setMenu(self.menu)
        self.menu.aboutToShow.connect(self._fill)
        self.setFixedHeight(metrics().control.height)
        self._heat: Heat | None = None
        self._history = History()
        self.hide()

    def show_heat(self, heat: Heat, history: History) -> None:
        """Name and unit, and the values at both ends; or why there are none."""
        self._heat, self._history = heat, history
        title = f"{heat.mode.title}, {heat.mode.unit}" if heat.mode.unit else heat.mode.title
        if self.mode.text() != title:
            self.mode.setText(title)
            self.mode.setAccessibleName(f"Colours show: {title}")
            self.mode.setToolTip(f"{heat.mode.about} Click or press an arrow key for another.".strip())
        low, high = heat.scale.label(0.0), heat.scale.label(1.0)
        self._low.setText(low)
        self._high.setText(high)
        self._bar.show_scale(heat.scale)
        self.why.setText(heat.why)
        self.cost.setText(heat.cost)
        for part in (self._low, self._bar, self._high):
            part.setVisible(not heat.why)
        self.cost.setVisible(bool(heat.cost) and not heat.why)
        self.why.setVisible(bool(heat.why))
        self.setAccessibleName(f"{title}: {heat.why}" if heat.why else f"{title} from {low} to {high}")
        self.adjustSize()

    def _step(self, step: int) -> None:
        """The next mode that has something to show, or the one before."""
        if self._heat is None:
            return
        keys = list(MODES)
        here = keys.index(self._heat.mode.key)
        for distance in range(1, len(keys)):
            mode = MODES[keys[(here + step * distance) % len(keys)]]
            if not mode.why_not(self._history):
                self.mode_chosen.emit(mode.key)
                return

    def _fill(self) -> None:
        """The modes, those that cannot be shown with the reason, and how repeats are summed up."""
        self.menu.clear()
        if self._heat is None:
            return
        modes, sums = QActionGroup(self.menu), QActionGroup(self.menu)
        for mode in MODES.values():
            why = mode.why_not(self._history)
            action = self.menu.addAction(f"{mode.title}: {why}" if why else mode.title)
            action.setCheckable(True)
            action.setChecked(mode.key == self._heat.mode.key)
            action.setEnabled(not why)
            action.triggered.connect(lambda _=False, key=mode.key: self.mode_chosen.emit(key))
            modes.addAction(action)
        self.menu.addSeparator()
        for name, words in SUMS.items():
            action = self.menu.addAction(words)
            action.setCheckable(True)
            action.setChecked(name == self._heat.sum)
            action.triggered.connect(lambda _=False, name=name: self.sum_chosen.emit(name))
            sums.addAction(action)


class _ModeButton(QToolButton):
    """The name of what is shown; stepped(-1 or 1): an arrow key asks for the next one."""

    stepped = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAutoRaise(True)
        self.setProperty("dense", True)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the arrow stands behind the words
        bind_icon(self, "caret-down")
        self.setIconSize(QSize(metrics().space.m, metrics().space.m))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = STEPS.get(Qt.Key(event.key()))
        if step is None or event.modifiers() & Qt.KeyboardModifier.AltModifier:
            super().keyPressEvent(event)
        else:
            self.stepped.emit(step)


class _Bar(QWidget):
    """The colours from the lower limit to the upper."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._scale = HeatScale()
        self.setFixedSize(QSize(metrics().canvas.legend_w, metrics().canvas.legend_bar))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_scale(self, scale: HeatScale) -> None:
        self._scale = scale
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        gradient = QLinearGradient(QPointF(0, 0), QPointF(self.width(), 0))
        for i in range(STOPS + 1):
            gradient.setColorAt(i / STOPS, self._scale.at(i / STOPS))
        QPainter(self).fillRect(self.rect(), gradient)
