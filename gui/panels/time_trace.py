"""What single layers take: some steps are recorded, and every layer gets its line."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QStackedWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from engine.training.events import NodeTime, Traced
from gui.figures import milliseconds, percent
from gui.outside import open_outside
from gui.session import Session
from gui.theme import metrics
from gui.widgets import EmptyState, label

STEPS = 20
COLUMNS = ("Layer", "Forward", "Backward", "Share")
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
PLACE = Qt.ItemDataRole.UserRole
SORT = Qt.ItemDataRole.UserRole + 1
PERFETTO = "https://ui.perfetto.dev"
IDLE = "Record some steps of a run to see which layers take the time."
WAITS = "The next steps are being recorded."


class TraceView(QWidget):
    """A button that records steps, and a table of layers: a click goes to the layer, a heading sorts."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._path: Path | None = None
        self.record = QPushButton(f"Record {STEPS} steps")
        self.record.setProperty("dense", True)
        self.record.clicked.connect(self.start)
        self.file, self.perfetto = QPushButton("Show file"), QPushButton("Open Perfetto")
        self.file.clicked.connect(self._show_file)
        self.perfetto.clicked.connect(lambda: QDesktopServices.openUrl(QUrl(PERFETTO)))
        self.perfetto.setToolTip(f"{PERFETTO} reads the file: drop it on the page")
        for button in (self.file, self.perfetto):
            button.setProperty("dense", True)
            button.hide()
        self.words = label("", "caption", "muted")
        self.tree = QTreeWidget()
        self.tree.setHeaderLabels(COLUMNS)
        for column in range(1, len(COLUMNS)):
            self.tree.headerItem().setTextAlignment(column, RIGHT)
        self.tree.setRootIsDecorated(False)
        self.tree.setUniformRowHeights(True)
        self.tree.setAccessibleName("What every layer takes in a step")
        self.tree.setProperty("focusRing", "inside")
        self.tree.setProperty("dense", True)
        self.tree.setSortingEnabled(True)
        self.tree.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.tree.header().setStretchLastSection(False)
        self.tree.itemClicked.connect(self._go)
        self.tree.itemActivated.connect(self._go)
        self.empty = EmptyState("timer", IDLE)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.empty)
        self.pages.addWidget(self.tree)
        self._lay_out()

    def start(self) -> None:
        """Record the next steps of the run."""
        self.words.setText(WAITS)
        self._session.runner.trace(STEPS)

    def forget(self) -> None:
        """Another run: what was recorded is of the last one."""
        self.tree.clear()
        self.pages.setCurrentWidget(self.empty)
        self.words.setText("")
        self._path = None
        for button in (self.file, self.perfetto):
            button.hide()

    def show_state(self) -> None:
        """Only a run that goes on can be recorded."""
        active = self._session.runner.active
        self.record.setEnabled(active)
        self.record.setToolTip("" if active else "Nothing is being trained.")
        if not active and self.words.text() == WAITS:
            self.words.setText("The run ended before.")

    def show_trace(self, event: Traced) -> None:
        """Fill the table."""
        self._path = Path(event.path)
        on_gpu = any(node.device_forward for node in event.nodes)
        total = sum(sum(_times(node, on_gpu)) for node in event.nodes if len(node.path) <= 1) or 1.0
        self.words.setText(
            f"{event.steps} steps up to step {event.step:,}, {event.seconds * 1000:.1f} ms each while recording"
            + (", times of the GPU" if on_gpu else "")
        )
        self.tree.setSortingEnabled(False)
        self.tree.clear()
        self.tree.addTopLevelItems([_row(node, total, on_gpu) for node in event.nodes])
        self.tree.setSortingEnabled(True)
        self.tree.sortItems(3, Qt.SortOrder.DescendingOrder)
        self.pages.setCurrentWidget(self.tree)
        for button in (self.file, self.perfetto):
            button.show()

    def _go(self, item: QTreeWidgetItem) -> None:
        place = item.data(0, PLACE)
        if place:
            self._session.reveal(*place)

    def _show_file(self) -> None:
        if self._path is not None:
            open_outside(self._path.parent)

    def _lay_out(self) -> None:
        space = metrics().space
        line = QHBoxLayout()
        line.setSpacing(space.s)
        for button in (self.record, self.file, self.perfetto):
            line.addWidget(button)
        line.addStretch(1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(space.xs)
        box.addLayout(line)
        box.addWidget(self.pages, 1)
        box.addWidget(self.words)


class _Row(QTreeWidgetItem):
    """A line that is sorted by its numbers."""

    def __lt__(self, other: QTreeWidgetItem) -> bool:
        column = self.treeWidget().sortColumn() if self.treeWidget() else 0
        mine, theirs = self.data(column, SORT), other.data(column, SORT)
        return bool(mine < theirs) if mine is not None and theirs is not None else self.text(0) < other.text(0)


def _times(node: NodeTime, on_gpu: bool) -> tuple[float, float]:
    if on_gpu:
        return node.device_forward, node.device_backward
    return node.forward, node.backward


def _row(node: NodeTime, total: float, on_gpu: bool) -> QTreeWidgetItem:
    forward, backward = _times(node, on_gpu)
    share = (forward + backward) / total
    row = _Row([node.name, milliseconds(forward), milliseconds(backward), percent(share)])
    for column, value in ((1, forward), (2, backward), (3, share)):
        row.setData(column, SORT, value)
        row.setTextAlignment(column, RIGHT)
    row.setToolTip(0, f"{node.name}, executed {node.calls:g} times a step")
    row.setData(0, PLACE, node.path[-1] if node.path else None)
    return row
