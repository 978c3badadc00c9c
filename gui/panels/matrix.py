"""The gradient matrix: a row for each layer or parameter, steps to the right, whatever is measured of it as colour."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from PySide6.QtCore import QElapsedTimer, QSize, Qt, Signal
from PySide6.QtGui import QActionGroup, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from engine.training.history import History
from gui.glyphs import bind_icon
from gui.plots.heat import Kind
from gui.plots.heatmap import HeatMap
from gui.session import Session
from gui.style import round_popup
from gui.theme import metrics
from gui.xray.rows import parameters_of, rows_of
from gui.xray.rows_over_time import ORDERS, Order, RowFeed, ordered

QUANTITIES: dict[str, tuple[str, Kind]] = {
    "gradient": ("Gradient norm", "size"),
    "before": ("Gradient norm before clipping", "size"),
    "weight": ("Weight norm", "size"),
    "ratio": ("Update / weight", "ratio"),
}
GROUPS = {"layers": "A row for each layer", "parameters": "A row for each parameter"}
LEFT_OUT = "step left out: gradients were too large for float16"
SORT_MS = 2000  # rows that change places more often cannot be followed


class MatrixView(QWidget):
    """Shows the run of now while it can be seen. enlarge_wanted(): the button for a large view was pressed.

    step_chosen(step): a column was clicked or reached by keys.
    """

    step_chosen = Signal(int)
    enlarge_wanted = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None, *, can_enlarge: bool = True) -> None:
        super().__init__(parent)
        self._session = session
        self._feed: RowFeed | None = None
        self._started: object = None
        self._sorted = QElapsedTimer()
        self.quantity = self._choice("quantity", "gradient", QUANTITIES)
        self.group = self._choice("group", "layers", GROUPS)
        self.order = cast(Order, self._choice("order", "depth", ORDERS))
        self.map = HeatMap("")
        self.shows, self.rows = _chooser(self, "What the colours show"), _chooser(self, "Rows")
        self.large = QToolButton(self)
        bind_icon(self.large, "corners-out")
        self.large.setToolTip("A window of its own for this map")
        self.large.setAccessibleName("Enlarge the map")
        self.large.setAutoRaise(True)
        self.large.setProperty("dense", True)
        self.large.setVisible(can_enlarge)
        self.large.clicked.connect(self.enlarge_wanted)
        self.shows.menu().aboutToShow.connect(self._fill_quantities)
        self.rows.menu().aboutToShow.connect(self._fill_rows)
        self.map.told_of = self._left_out
        self.map.row_clicked.connect(self.go_to_row)
        self.map.column_clicked.connect(self._choose_step)
        session.selection_changed.connect(self.show_selection)
        self._lay_out()
        self._say()

    def show_history(self) -> None:
        """Take in what is new of the run of now."""
        history = self._session.runner.history
        if history.started is None:
            self.forget()
            return
        if history.started is not self._started or self._feed is None:
            self._begin(history)
        assert self._feed is not None
        fresh = self._feed.fresh(history.norm_log)
        if fresh is None:
            self._begin(history)
            fresh = self._feed.fresh(history.norm_log)
        if fresh is not None and len(fresh[0]):
            self.map.add(*fresh)
            self._sort(history)

    def forget(self) -> None:
        """No run."""
        self._started = self._feed = None
        self.map.set_rows([])
        self.map.mark_step(None)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.show_history()

    def choose(self, *, quantity: str = "", group: str = "", order: str = "") -> None:
        """Show another quantity, other rows, or rows in another order; what is left out stays as it is."""
        for name, value in (("quantity", quantity), ("group", group), ("order", order)):
            if value:
                setattr(self, name, value)
                self._session.habits.choose(f"matrix/{name}", value)
        if quantity or group:
            self._feed = None
        self._sorted.invalidate()
        self._say()
        self.show_history()
        self._sort(self._session.runner.history)

    def go_to_row(self, row: int) -> None:
        """Select the layer that a row belongs to, and bring it to where it can be seen."""
        if self._feed is None:
            return
        path = self._feed.rows.nodes[row]
        if path:
            self._session.reveal(*path[-1])
        self.map.select_row(row)

    def show_selection(self) -> None:
        """Ring the row of the layer that is selected, unless one of its rows is."""
        if self._feed is None:
            return
        chosen = {(self._session.block_id, node) for node in self._session.selection}
        rows = [i for i, path in enumerate(self._feed.rows.nodes) if path and path[-1] in chosen]
        if self.map.selected not in rows:
            self.map.select_row(rows[0] if rows else None)

    def _begin(self, history: History) -> None:
        started = history.started
        assert started is not None
        rows = rows_of(started) if self.group == "layers" else parameters_of(started)
        self._started, self._feed = started, RowFeed(rows, self.quantity)
        self.map.set_rows(rows.names, QUANTITIES[self.quantity][1])
        self._sorted.invalidate()
        self.show_selection()

    def _sort(self, history: History) -> None:
        if self._feed is None or self.map.is_looked_at:
            return
        if self.order == "depth" and self._sorted.isValid():
            return
        if not self._sorted.isValid() or self._sorted.hasExpired(SORT_MS):
            self._sorted.restart() if self._sorted.isValid() else self._sorted.start()
            now = self._feed.latest(history.norm_log)
            self.map.sort(ordered(now, self.order, is_ratio=self.quantity == "ratio"))

    def _left_out(self, first: int, last: int) -> str:
        """Whether an optimizer left one of these steps out."""
        skipped = self._session.runner.history.skipped
        return LEFT_OUT if any(first <= step <= last for step in skipped) else ""

    def _choose_step(self, step: int) -> None:
        self.map.mark_step(step)
        self.step_chosen.emit(step)

    def _choice(self, name: str, otherwise: str, known: Mapping[Any, object]) -> str:
        value = self._session.habits.choice(f"matrix/{name}", otherwise)
        return value if value in known else otherwise

    def _say(self) -> None:
        self.shows.setText(QUANTITIES[self.quantity][0])
        self.shows.setToolTip("Show another quantity")
        words = {"depth": "", "size": ", largest first", "trouble": ", most off first"}[self.order]
        self.rows.setText(f"{self.group}{words}")
        self.rows.setToolTip("Other rows, or another order")
        self.map.setAccessibleName(f"{QUANTITIES[self.quantity][0]}, {self.group} by step{words}")

    def _fill_quantities(self) -> None:
        log, menu = self._session.runner.history.norm_log, self.shows.menu()
        menu.clear()
        group = QActionGroup(menu)
        for key, (title, _) in QUANTITIES.items():
            is_missing = key == "before" and bool(log.quantities) and key not in log.quantities
            action = menu.addAction(f"{title}: this recipe does not clip" if is_missing else title)
            action.setCheckable(True)
            action.setChecked(key == self.quantity)
            action.setEnabled(not is_missing)
            action.triggered.connect(lambda _=False, key=key: self.choose(quantity=key))
            group.addAction(action)

    def _fill_rows(self) -> None:
        menu = self.rows.menu()
        menu.clear()
        for name, table, now in (("group", GROUPS, self.group), ("order", ORDERS, self.order)):
            group = QActionGroup(menu)
            for key, words in cast(dict[str, str], table).items():
                action = menu.addAction(words)
                action.setCheckable(True)
                action.setChecked(key == now)
                action.triggered.connect(lambda _=False, name=name, key=key: self.choose(**{name: key}))
                group.addAction(action)
            menu.addSeparator()

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(metrics().space.xs)
        for widget in (self.shows, self.rows):
            line.addWidget(widget)
        line.addStretch(1)
        line.addWidget(self.large)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(line)
        box.addWidget(self.map, 1)


class MatrixWindow(QWidget):
    """The matrix in a window of its own, for networks of hundreds of layers."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle("Gradients of all layers")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("ground", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.matrix = MatrixView(session, self, can_enlarge=False)
        room = metrics().space.l
        box = QVBoxLayout(self)
        box.setContentsMargins(room, room, room, room)
        box.addWidget(self.matrix)
        self.resize(metrics().widget.matrix_w, metrics().widget.matrix_h)
        session.runner.events.connect(self._follow)
        self.matrix.map.setFocus()

    def _follow(self) -> None:
        if self.isVisible():
            self.matrix.show_history()


def _chooser(parent: QWidget, name: str) -> QToolButton:
    """A plain word that opens a menu."""
    button = QToolButton(parent)
    button.setAccessibleName(name)
    button.setAutoRaise(True)
    button.setProperty("dense", True)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the arrow stands behind the words
    bind_icon(button, "caret-down")
    button.setIconSize(QSize(metrics().space.m, metrics().space.m))
    menu = QMenu(button)
    round_popup(menu)
    button.setMenu(menu)
    return button
