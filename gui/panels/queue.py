"""What is trained now and what waits, in one small list over the window."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QModelIndex, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.training.run_order import Order
from gui.figures import plural
from gui.glyphs import bind_icon
from gui.run_line import Going, RunLine
from gui.theme import metrics, theme_changed
from gui.widgets import label
from gui.widgets.entry import ENTRY, Entry, EntryPainter
from gui.widgets.floating import FloatingPanel

SECOND_MS = 1000
GOING, WAITING = Qt.ItemDataRole.UserRole + 1, Qt.ItemDataRole.UserRole + 2
NOTHING = "Nothing is trained, and nothing waits."
MOST_ROWS = 7


class QueuePanel(FloatingPanel):
    """A list that floats over the lower right corner of a window until it is closed.

    show_wanted(Runner): the run of a row is to be seen. closed(): it was put away.
    """

    show_wanted = Signal(object)
    closed = Signal()

    def __init__(self, line: RunLine, over: QWidget) -> None:
        super().__init__(over)
        self.setAccessibleName("Runs that go on and that wait")
        self._line = line
        self._is_filling = False
        self._opener: QWidget | None = None
        self.title, self.list = label("Queue", "heading"), _Rows()
        self.words = label("", "small", "secondary")
        self.now, self.other, self.remove = QPushButton("Train beside"), QPushButton(), QPushButton("Remove")
        self.up, self.down = QToolButton(), QToolButton()
        self._lay_out()
        self._second = QTimer(self, interval=SECOND_MS)
        self._second.timeout.connect(self.show_all)
        self._connect()
        self.setFixedWidth(metrics().popup.search_w)
        self.hide()

    def _lay_out(self) -> None:
        space, close = metrics().space, QToolButton()
        close.setAccessibleName("Close")
        close.setToolTip("Close  Esc")
        bind_icon(close, "x")
        close.clicked.connect(self.close_panel)
        head, row = QHBoxLayout(), QHBoxLayout()
        for part in (self.title, self.words):
            head.addWidget(part)
        head.addStretch(1)
        head.addWidget(close)
        for button, name, words in (
            (self.up, "arrow-up", "Earlier  Alt+Up"),
            (self.down, "arrow-down", "Later  Alt+Down"),
        ):
            bind_icon(button, name)
            button.setToolTip(words)
            button.setAccessibleName(words.split()[0])
        row.setSpacing(space.s)
        for tool in (self.up, self.down, self.now, self.other):
            row.addWidget(tool)
        row.addStretch(1)
        row.addWidget(self.remove)
        box = QVBoxLayout(self)
        box.setContentsMargins(space.m, space.m, space.m, space.m)
        box.setSpacing(space.s)
        box.addLayout(head)
        box.addWidget(self.list)
        box.addLayout(row)

    def _connect(self) -> None:
        self._line.changed.connect(self._follow)
        self.list.itemSelectionChanged.connect(self._show_buttons)
        self.list.itemActivated.connect(self._open)
        self.list.moved.connect(self._take_over_order)
        self.list.up.connect(lambda: self._step(-1))
        self.list.down.connect(lambda: self._step(1))
        self.list.gone.connect(self._remove)
        self.up.clicked.connect(lambda: self._step(-1))
        self.down.clicked.connect(lambda: self._step(1))
        self.now.clicked.connect(self._begin_beside)
        self.other.clicked.connect(self._begin_elsewhere)
        self.remove.clicked.connect(self._remove)
        theme_changed.connect(self.update)

    def open_at(self, opener: QWidget | None = None) -> None:
        """Show it with the keys on its list."""
        self._opener = opener
        self.show()
        self.raise_()
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def close_panel(self) -> None:
        """Put it away; the keyboard is where it was."""
        self.hide()
        (self._opener or self._over).setFocus(Qt.FocusReason.OtherFocusReason)
        self.closed.emit()

    def chosen(self) -> Going | Order | None:
        """What the row in use speaks of."""
        item = self.list.currentItem()
        return None if item is None else item.data(GOING) or item.data(WAITING)

    # What is shown

    def show_all(self) -> None:
        """Every run that goes on, then those that wait in their order."""
        here, row = self.chosen(), self.list.currentRow()
        self._is_filling = True
        self.list.clear()
        for going in self._line.going():
            self.list.addItem(_item(_entry_of_run(going), GOING, going))
        for order in self._line.waiting:
            self.list.addItem(_item(_entry_of_order(order), WAITING, order))
        same = next((i for i in range(self.list.count()) if _is_same(self._at(i), here)), None)
        self.list.setCurrentRow(min(row, self.list.count() - 1) if same is None else same)
        self._is_filling = False
        self.words.setText(waiting_words(self._line) or ("" if self.list.count() else NOTHING))
        self.list.setVisible(bool(self.list.count()))
        self.list.fit()
        self._show_buttons()
        self._place()

    def _at(self, row: int) -> Going | Order | None:
        item = self.list.item(row)
        found: Going | Order | None = item.data(GOING) or item.data(WAITING)
        return found

    def _show_buttons(self) -> None:
        if self._is_filling:
            return
        chosen, waiting = self.chosen(), list(self._line.waiting)
        order = chosen if isinstance(chosen, Order) else None
        place = waiting.index(order) if order in waiting else -1
        self.up.setEnabled(place > 0)
        self.down.setEnabled(0 <= place < len(waiting) - 1)
        self.now.setVisible(order is not None)
        self.now.setToolTip("Now, beside what goes on, in a process of its own")
        others = self._line.elsewhere(order) if order is not None else []
        self.other.setVisible(bool(others))
        self.other.setText(f"Train on {others[0]}" if others else "")
        self.remove.setVisible(chosen is not None)
        self.remove.setText("Stop" if isinstance(chosen, Going) else "Remove")
        self.remove.setToolTip("End the run; what it has learned is kept" if isinstance(chosen, Going) else "Del")

    def _follow(self) -> None:
        if self.isVisible():
            self.show_all()

    # What is done

    def _open(self) -> None:
        if isinstance(chosen := self.chosen(), Going):
            self.show_wanted.emit(chosen.runner)

    def _step(self, by: int) -> None:
        chosen, waiting = self.chosen(), list(self._line.waiting)
        if isinstance(chosen, Order) and chosen in waiting:
            self._line.move(chosen, max(0, waiting.index(chosen) + by))

    def _remove(self) -> None:
        chosen = self.chosen()
        if isinstance(chosen, Order):
            self._line.remove(chosen)
        elif isinstance(chosen, Going):
            chosen.runner.stop()

    def _begin_beside(self) -> None:
        if isinstance(order := self.chosen(), Order):
            self._line.begin_now(order.beside())

    def _begin_elsewhere(self) -> None:
        order = self.chosen()
        if isinstance(order, Order) and (others := self._line.elsewhere(order)):
            self._line.begin_now(order.on(others[0]))

    def _take_over_order(self) -> None:
        """A row was dragged: what waits follows the rows."""
        rows = [self._at(row) for row in range(self.list.count())]
        for place, order in enumerate(one for one in rows if isinstance(one, Order)):
            self._line.move(order, place)
        self.show_all()

    def _place(self) -> None:
        self.adjustSize()
        room = metrics().space.m
        low = self._over.height() - metrics().layout.large.status - room
        self.move(max(0, self._over.width() - self.width() - room), max(0, low - self.height()))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.show_all()
        self._second.start()

    def hideEvent(self, event: QEvent) -> None:
        self._second.stop()
        super().hideEvent(event)  # type: ignore[arg-type]


class _Rows(QListWidget):
    """moved(): a row was dragged elsewhere. up(), down(), gone(): Alt and an arrow, Del."""

    moved, up, down, gone = Signal(), Signal(), Signal(), Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Queue")
        self.setProperty("focusRing", "inside")
        self.setItemDelegate(EntryPainter(self))
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.model().rowsMoved.connect(self._tell)

    def fit(self) -> None:
        """As high as its rows, within limits."""
        rows = max(1, min(MOST_ROWS, self.count()))
        self.setFixedHeight(rows * metrics().popup.search_row + 2 * self.frameWidth())

    def _tell(self, *_: QModelIndex) -> None:
        QTimer.singleShot(0, self, self.moved.emit)  # the view is still moving it

    def keyPressEvent(self, event: QKeyEvent) -> None:
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        calls: dict[tuple[int, bool], Callable[[], None]] = {
            (Qt.Key.Key_Up, True): self.up.emit,
            (Qt.Key.Key_Down, True): self.down.emit,
            (Qt.Key.Key_Delete, False): self.gone.emit,
            (Qt.Key.Key_Backspace, False): self.gone.emit,
        }
        call = calls.get((event.key(), alt))
        if call is not None:
            call()
        else:
            super().keyPressEvent(event)


def waiting_words(line: RunLine) -> str:
    """ "2 runs wait", "1 run alone, 2 wait"; "" where nothing does."""
    waiting, alone = len(line.waiting), sum(going.is_alone for going in line.going())
    waits = f"{plural(waiting, 'run')} wait{'s' if waiting == 1 else ''}" if waiting else ""
    return ", ".join(part for part in (f"{alone} beside" if alone else "", waits) if part)


def _item(entry: Entry, role: int, value: object) -> QListWidgetItem:
    item = QListWidgetItem(entry.title)
    item.setData(ENTRY, entry)
    item.setData(role, value)
    item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{entry.title}, {entry.detail}, {entry.right}")
    item.setToolTip(entry.detail)
    item.setSizeHint(QSize(0, metrics().popup.search_row))
    flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
    item.setFlags(flags | Qt.ItemFlag.ItemIsDragEnabled if role == WAITING else flags)
    return item


def _entry_of_run(going: Going) -> Entry:
    run, history = going.run, going.runner.history
    is_paused = run.state == "paused"
    far = f"epoch {max(1, history.epoch):,} of {history.epochs:,}" if history.epochs else "begins"
    where = f"{run.device}, own process" if run.mode == "process" else run.device
    return Entry(run.run_id, run.title, where, "paused" if is_paused else far, icon="pause" if is_paused else "play")


def _entry_of_order(order: Order) -> Entry:
    recipe = order.project.recipe
    detail = f"{recipe.dataset.title}, {plural(recipe.epochs, 'epoch')}"
    return Entry(str(order.number), order.name, detail, f"waits for {order.device}", icon="clock")


def _is_same(one: Going | Order | None, other: Going | Order | None) -> bool:
    if isinstance(one, Going) and isinstance(other, Going):
        return one.run is other.run
    return isinstance(one, Order) and one == other
