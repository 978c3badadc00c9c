"""The Summary tab: every layer with its shape and cost, blocks as trees, totals at the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from engine.document.project import Project
from engine.graph.graph import NodeId
from engine.graph.shapes import BlockShapes, NodeShapes
from engine.layers.block import instance_names
from gui.figures import count, flops, size
from gui.session import Session
from gui.theme import metrics
from gui.widgets import Paragraph, label

COLUMNS = ("Layer", "Output", "Parameters", "FLOPs")
NUMBERS = (2, 3)
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
PLACE = Qt.ItemDataRole.UserRole
MOST_MOVED = 100  # rows that come or go; of more, all are made anew, which is then quicker
MOST = 2000  # rows; a longer network is cut with a word about it


@dataclass(frozen=True)
class _Row:
    """What one row says, and the rows in it."""

    cells: tuple[str, ...]
    kind: str
    place: tuple[str, str]
    inner: tuple[_Row, ...] = ()

    @cached_property
    def skeleton(self) -> tuple[Any, ...]:
        """What must be the same for a row to be written over instead of made anew."""
        return self.place, tuple(row.skeleton for row in self.inner)


Known = dict[NodeId, tuple[NodeShapes, str, int, _Row]]
"""By node, what a row was made of, how many rows are in it, and the row."""


class SummaryPanel(QWidget):
    """A table of the whole model. It is filled when it is seen."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Summary")
        self.setProperty("ground", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._session = session
        self._stale = True
        self._shown: list[_Row] = []
        self._widths = [0] * len(COLUMNS)
        self._known: Known = {}
        self.tree = QTreeWidget()
        self.tree.setHeaderLabels(COLUMNS)
        for column in NUMBERS:
            self.tree.headerItem().setTextAlignment(column, RIGHT)
        self.tree.setUniformRowHeights(True)
        self.tree.setAccessibleName("Layers and what they cost")
        self.tree.setProperty("focusRing", "inside")
        self.tree.setProperty("dense", True)
        self.tree.setIndentation(metrics().space.l)
        header = self.tree.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)  # to contents, each text that is set measures all
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(metrics().control.target_min)
        words = label("", "small", "secondary")
        words.setContentsMargins(metrics().space.l, metrics().space.s, metrics().space.l, metrics().space.s)
        self.total = Paragraph(words)
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
        result = self._session.result
        if result is None:
            return
        self._left = MOST
        rows = self._all_rows(result.analysis.main, result.project)
        if not self._write_over(rows):
            self._build(rows)
        self._shown = rows
        analysis, cut = result.analysis, "" if self._left > 0 else f" The first {MOST:,} rows are shown."
        self.total.set_text(
            f"{count(analysis.parameters)} parameters · {flops(analysis.flops)} per sample, "
            f"{flops(analysis.training_flops)} to learn from it · "
            f"{size(analysis.training_bytes)} to train{cut}"
        )

    def _write_over(self, rows: list[_Row]) -> bool:
        """Write what is another into the items that are there. Returns: whether nearly all are the right ones."""
        kept = _kept(self._shown, rows)
        gone, changed = [i for i, at in enumerate(kept) if at is None], []
        come = sorted(set(range(len(rows))).difference(kept))  # type: ignore[arg-type]
        if max(len(gone), len(come)) > MOST_MOVED:
            return False
        changed = [at for i, at in enumerate(kept) if at is not None and rows[at] is not self._shown[i]]
        self._make_room([rows[i] for i in (*come, *changed)])
        for i in reversed(gone):
            self.tree.takeTopLevelItem(i)
        for i in come:
            self.tree.insertTopLevelItem(i, _item(rows[i]))
        for i in changed:
            item = self.tree.topLevelItem(i)
            assert item is not None
            for inner, row in zip(_with_inner(item), _flat((rows[i],)), strict=True):
                _write(inner, row)  # costs only where a text is another one
        return True

    def _make_room(self, rows: Iterable[_Row]) -> None:
        """Widen columns for the longest of these texts."""
        flat, header = list(_flat(rows)), self.tree.header()
        measure, around = self.tree.fontMetrics(), 2 * metrics().space.m
        for column in range(1, len(COLUMNS)):
            longest = max((row.cells[column] for row in flat), key=len, default="")
            wide = max(measure.horizontalAdvance(longest) + around, header.sectionSizeHint(column))
            if wide > self._widths[column]:
                self._widths[column] = wide
                header.resizeSection(column, wide)

    def _build(self, rows: list[_Row]) -> None:
        open_names = {item.text(0) for item in self._items() if item.isExpanded()}
        self.tree.clear()
        self._widths = [0] * len(COLUMNS)
        self._make_room(rows)
        self.tree.addTopLevelItems([_item(row) for row in rows])
        for item in self._items() if open_names else ():
            item.setExpanded(item.text(0) in open_names)

    def _all_rows(self, shapes: BlockShapes, project: Project) -> list[_Row]:
        """The rows of the whole model, the very same as the last time where nothing in them is another."""
        graph, records, rows = project.block(shapes.block).graph, shapes.nodes, []
        known, made = self._known, {}
        for node in graph.order():
            if self._left <= 0:
                break
            if (record := records.get(node)) is None:
                continue
            name, last = graph.nodes[node].name, known.get(node)
            if last is None or last[0] is not record or last[1] != name or (last[2] and last[2] >= self._left - 1):
                left = self._left
                row = self._row(name, record, (shapes.block, node), project)
                last = record, name, left - self._left - 1, row
            else:
                self._left -= 1 + last[2]
            if self._left > 0:  # what was cut short may be whole the next time
                made[node] = last
            rows.append(last[3])
        self._known = made
        return rows

    def _rows(self, shapes: BlockShapes, project: Project) -> list[_Row]:
        graph, rows = project.block(shapes.block).graph, []
        for node in graph.order():
            if self._left <= 0:
                break
            if node in shapes.nodes:
                rows.append(self._row(graph.nodes[node].name, shapes.nodes[node], (shapes.block, node), project))
        return rows

    def _row(self, name: str, shapes: NodeShapes, place: tuple[str, str], project: Project) -> _Row:
        """The row of a node, and the rows in it."""
        self._left -= 1
        outputs = ", ".join(str(spec) if spec else "?" for spec in shapes.outputs.values())
        inner: tuple[_Row, ...] = ()
        if len(shapes.repeats) > 1:
            inner = tuple(
                _Row(_cells(each, "", part), "", place, tuple(self._rows(part, project)))
                for each, part in zip(instance_names(name, shapes.layer, len(shapes.repeats)), shapes.repeats)
            )
        elif shapes.repeats:
            inner = tuple(self._rows(shapes.repeats[0], project))
        return _Row(_cells(name, outputs, shapes), shapes.layer.kind_name(), place, inner)

    def _items(self) -> list[QTreeWidgetItem]:
        """Every row, each before what is in it."""
        found = [self.tree.topLevelItem(i) for i in range(self.tree.topLevelItemCount())]
        return [inner for item in found if item is not None for inner in _with_inner(item)]

    def _go(self, item: QTreeWidgetItem) -> None:
        place = item.data(0, PLACE)
        if place:
            self._session.reveal(*place)


def _cells(name: str, output: str, shapes: NodeShapes | BlockShapes) -> tuple[str, ...]:
    return name, output, f"{shapes.parameters:,}", figure(shapes.flops)


def _kept(before: list[_Row], after: list[_Row]) -> list[int | None]:
    """Where each of the rows of before is now, None for one that has to go; those that are kept stay in their order."""
    if len(before) == len(after) and all(a is b or a.skeleton == b.skeleton for a, b in zip(before, after)):
        return list(range(len(before)))
    places = {row.place: i for i, row in enumerate(after)}
    found: list[int | None] = []
    last = -1
    for row in before:
        at = places.get(row.place, -1)
        stays = at > last and (after[at] is row or after[at].skeleton == row.skeleton)
        found.append(at if stays else None)
        last = at if stays else last
    return found


def _flat(rows: Iterable[_Row]) -> Iterator[_Row]:
    for row in rows:
        yield row
        yield from _flat(row.inner)


def _with_inner(item: QTreeWidgetItem) -> Iterator[QTreeWidgetItem]:
    yield item
    for index in range(item.childCount()):
        if (inner := item.child(index)) is not None:
            yield from _with_inner(inner)


def _item(row: _Row) -> QTreeWidgetItem:
    item = QTreeWidgetItem()
    for column in NUMBERS:
        item.setTextAlignment(column, RIGHT)
    item.setData(0, PLACE, row.place)
    _write(item, row)
    item.addChildren([_item(inner) for inner in row.inner])
    return item


def _write(item: QTreeWidgetItem, row: _Row) -> None:
    for column, text in enumerate(row.cells):
        if item.text(column) != text:
            item.setText(column, text)
    item.setToolTip(0, row.kind)


def figure(value: float) -> str:
    """A large number as people read it: 320, 18.5 k, 6.7 M."""
    for step, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k")):
        if value >= step:
            return f"{value / (step if unit != 'k' else 1e3):.1f} {unit}"
    return f"{value:,.0f}"
