"""The Summary tab: every layer with its shape and cost, blocks as trees, totals at the end."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from engine.graph.shapes import BlockShapes, NodeShapes
from gui.figures import count, flops, size
from gui.session import Session
from gui.theme import metrics
from gui.widgets import label

COLUMNS = ("Layer", "Output", "Parameters", "FLOPs")
PLACE = Qt.ItemDataRole.UserRole
MOST = 2000  # rows; a longer network is cut with a word about it


class SummaryPanel(QWidget):
    """A table of the whole model. It is filled when it is seen."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Summary")
        self.setProperty("ground", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._session = session
        self._stale = True
        self.tree = QTreeWidget()
        self.tree.setHeaderLabels(COLUMNS)
        self.tree.setUniformRowHeights(True)
        self.tree.setProperty("focusRing", "inside")
        self.tree.setProperty("dense", True)
        self.tree.setIndentation(metrics().space.l)
        header = self.tree.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(metrics().control.target_min)
        self.total = label("", "small", "secondary")
        self.total.setContentsMargins(metrics().space.l, metrics().space.s, metrics().space.l, metrics().space.s)
        self.total.setWordWrap(True)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.tree, 1)
        box.addWidget(self.total)
        session.analysed.connect(self.show_analysis)
        self.tree.itemClicked.connect(self._go)
        self.tree.itemActivated.connect(self._go)

    def show_analysis(self) -> None:
        """Show the newest analysis, at once or when the tab is opened."""
        self._stale = True
        if self.isVisible():
            self._fill()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self._fill()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What does not fit beside the names is left to the line of totals."""
        super().resizeEvent(event)
        self.tree.setColumnHidden(3, self.width() < metrics().widget.summary_narrow)

    def _fill(self) -> None:
        self._stale = False
        analysis = self._session.analysis
        open_paths = {item.text(0) for item in self._items() if item.isExpanded()}
        self.tree.clear()
        if analysis is None:
            return
        self._left = MOST
        self.tree.addTopLevelItems(self._rows(analysis.main))
        for item in self._items():
            item.setExpanded(item.text(0) in open_paths)
        cut = "" if self._left > 0 else f" The first {MOST:,} rows are shown."
        self.total.setText(
            f"{count(analysis.parameters)} parameters · {flops(analysis.flops)} per sample · "
            f"{size(analysis.training_bytes)} to train{cut}"
        )

    def _rows(self, shapes: BlockShapes) -> list[QTreeWidgetItem]:
        graph, rows = self._session.project.block(shapes.block).graph, []
        for node in graph.order():
            if node not in shapes.nodes or self._left <= 0:
                continue
            self._left -= 1
            rows.append(self._row(graph.nodes[node].name, shapes.nodes[node], (shapes.block, node)))
        return rows

    def _row(self, name: str, shapes: NodeShapes, place: tuple[str, str]) -> QTreeWidgetItem:
        outputs = ", ".join(str(spec) if spec else "?" for spec in shapes.outputs.values())
        row = QTreeWidgetItem([name, outputs, f"{shapes.parameters:,}", figure(shapes.flops)])
        row.setToolTip(0, shapes.layer.title)
        row.setData(0, PLACE, place)
        for column in (2, 3):
            row.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if len(shapes.repeats) > 1:
            for index, inner in enumerate(shapes.repeats):
                part = QTreeWidgetItem([f"{name}.{index}", "", f"{inner.parameters:,}", figure(inner.flops)])
                part.setData(0, PLACE, place)
                part.addChildren(self._rows(inner))
                row.addChild(part)
        elif shapes.repeats:
            row.addChildren(self._rows(shapes.repeats[0]))
        return row

    def _items(self) -> list[QTreeWidgetItem]:
        found = [self.tree.topLevelItem(i) for i in range(self.tree.topLevelItemCount())]
        items = [item for item in found if item is not None]
        for item in items:
            items.extend(child for i in range(item.childCount()) if (child := item.child(i)) is not None)
        return items

    def _go(self, item: QTreeWidgetItem) -> None:
        place = item.data(0, PLACE)
        if place:
            self._session.reveal(*place)


def figure(value: float) -> str:
    """A large number as people read it: 320, 18.5 k, 6.7 M."""
    for step, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k")):
        if value >= step:
            return f"{value / (step if unit != 'k' else 1e3):.1f} {unit}"
    return f"{value:,.0f}"
