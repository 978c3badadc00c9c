"""The rows of the summary, read from the analysis when they are drawn: nothing is kept of a row but where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import compress, count
from operator import attrgetter, is_not, ne
from typing import Any, NamedTuple

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QSignalBlocker, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel

from engine.document.project import Project
from engine.graph.graph import Node, NodeId
from engine.graph.shapes import BlockShapes, NodeShapes
from engine.layers.block import instance_names
from engine.tensor import TensorSpec

COLUMNS = ("Layer", "Output", "Parameters", "FLOPs")
NUMBERS = (2, 3)
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
PLACE = Qt.ItemDataRole.UserRole
MOST_MOVED = 100  # rows that come or go; of more, all are made anew, which is then quicker
MOST = 2000  # rows; a longer network is cut with a word about it

Index = QModelIndex | QPersistentModelIndex


class Row(NamedTuple):
    """One row: a layer, or one of the repeats of a block in a row. place: the block and node that it leads to."""

    name: str
    shapes: NodeShapes | BlockShapes
    place: tuple[str, str]


class Holder(QStandardItem):
    """A row with rows in it. rows: what they are, once somebody has seen them."""

    def __init__(self, count: int) -> None:
        super().__init__(count, len(COLUMNS))
        self.rows: list[Row] | None = None


class SummaryModel(QStandardItemModel):
    """Every layer of the main block, blocks as trees. is_cut: there are more than are shown.

    Only how many rows there are stands in Qt's own model: a view asks for each of them whenever one comes or goes,
    which costs a tenth of what it does where Python answers. Of a row without others in it there is no item.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(0, len(COLUMNS), parent)
        self._project = Project()
        self._block = ""
        self._nodes: Mapping[NodeId, Node] = {}
        self._records: Mapping[NodeId, NodeShapes] = {}
        self._order: list[NodeId] = []
        self._then: list[NodeId] = []
        self.is_cut = False
        for moved in (self.rowsRemoved, self.rowsInserted):
            moved.connect(self._follow_order)  # before any view hears of it

    # What is shown

    def follow(self, project: Project, shapes: BlockShapes) -> list[NodeId] | None:
        """Show another analysis. Returns: the nodes whose rows came or say something else; None: all are new."""
        if (few := self._follow_few(project, shapes)) is not None:
            return few
        order = self._ordered(project, shapes)
        kept = self._kept(order, shapes.nodes)
        gone = [i for i, at in enumerate(kept) if at is None]
        come = sorted(set(range(len(order))).difference(kept))  # type: ignore[arg-type]
        nodes = project.block(shapes.block).graph.nodes
        if max(len(gone), len(come)) > MOST_MOVED or self._block != shapes.block:
            self._renew_all(project, shapes, order)
            return None
        for i in reversed(gone):
            self._then = [*self._order[:i], *self._order[i + 1 :]]
            self.removeRow(i)
        before, names = self._records, self._nodes
        self._take(project, shapes, self._order)
        for i in come:
            self._then = [*self._order[:i], order[i], *self._order[i:]]
            holder = _holder(shapes.nodes[order[i]])
            self.insertRow(i, holder) if holder else self.insertRow(i)
        new = {order[i] for i in come}
        other = compress(order, map(is_not, map(before.get, order), map(self._records.get, order)))
        renamed = compress(order, map(is_not, map(names.get, order), map(nodes.get, order)))
        stirred = {*other, *renamed} - new
        changed = [n for n in order if n in stirred and self._is_another(n, before, names, nodes)]
        self._tell(changed)
        return [*new, *changed]

    def _follow_few(self, project: Project, shapes: BlockShapes) -> list[NodeId] | None:
        """Follow where the same rows are shown: no line of Python is run for a layer of which nothing is another.

        Returns: the nodes whose rows say something else; None where rows come or go.
        """
        graph, before, known = project.block(shapes.block).graph, self._records, _known(project, shapes)
        ends_alike = self.is_cut if len(known) > len(self._order) else len(known) == len(self._order)
        if self._block != shapes.block or not ends_alike or known[: len(self._order)] != self._order:
            return None
        records, names = (compress(self._order, map(is_not, *(map(table.get, self._order) for table in pair)))
                          for pair in ((before, shapes.nodes), (self._nodes, graph.nodes)))  # fmt: skip
        changed = [*records]
        if not all(_is_built_alike(before[node], shapes.nodes[node]) for node in changed):
            return None
        changed += [n for n in names if self._nodes[n].name != graph.nodes[n].name and before[n] is shapes.nodes[n]]
        self._take(project, shapes, self._order)
        self._tell(changed)
        return changed

    def _follow_order(self) -> None:
        self._order = self._then

    def _renew_all(self, project: Project, shapes: BlockShapes, order: list[NodeId]) -> None:
        self.beginResetModel()
        self._take(project, shapes, order)
        with QSignalBlocker(self):
            self.setRowCount(0)
            self.setRowCount(len(order))
        self._put_holders(self.invisibleRootItem(), [shapes.nodes[node] for node in order])
        self.endResetModel()

    def _put_holders(self, above: QStandardItem, shapes: Iterable[NodeShapes | BlockShapes]) -> None:
        """Into rows of which nobody has seen anything yet."""
        with QSignalBlocker(self):  # each is told as another layout of all
            for i, each in enumerate(shapes):
                if (holder := _holder(each)) is not None:
                    above.setChild(i, holder)

    def _is_another(self, id: NodeId, before: Any, names: Any, nodes: Mapping[NodeId, Node]) -> bool:
        return before[id] is not self._records[id] or names[id].name != nodes[id].name

    def _take(self, project: Project, shapes: BlockShapes, order: list[NodeId]) -> None:
        self._project, self._block, self._records, self._order = project, shapes.block, shapes.nodes, order
        self._nodes = project.block(shapes.block).graph.nodes

    def _ordered(self, project: Project, shapes: BlockShapes) -> list[NodeId]:
        order = _known(project, shapes)
        if not any(map(attrgetter("repeats"), shapes.nodes.values())):
            self.is_cut = len(order) >= MOST
            return order[:MOST]
        found, left, rows = [], MOST, dict[int, int]()
        for node in order:
            if left <= 0:
                break
            found.append(node)
            left -= 1 + _rows_in(shapes.nodes[node], rows)
        self.is_cut = left <= 0
        return found

    def _kept(self, order: list[NodeId], records: Mapping[NodeId, NodeShapes]) -> list[int | None]:
        """Where each of the rows is then, None for one that has to go; those that are kept stay in their order."""
        before = self._order
        start = _alike(before, order)
        end = _alike(before[: start - 1 if start else None : -1], order[: start - 1 if start else None : -1])
        stop = len(before) - end
        places = {node: i for i, node in enumerate(order[start : len(order) - end], start)}
        found: list[int | None] = list(range(start))
        last = start - 1
        for node in before[start:stop]:
            at = places.get(node, -1)
            found.append(at if at > last else None)
            last = max(at, last)
        found += range(len(order) - end, len(order))
        at_once = map(is_not, map(self._records.get, before), map(records.get, before))
        for i, node in compress(enumerate(before), at_once):
            if found[i] is not None and not _is_built_alike(self._records[node], records[node]):
                found[i] = None
        return found

    def _tell(self, changed: list[NodeId]) -> None:
        """Rows say something else, and so may the rows in them."""
        rows = {node: i for i, node in enumerate(self._order)} if changed else {}
        for node in changed:
            self.dataChanged.emit(self.index(rows[node], 0), self.index(rows[node], len(COLUMNS) - 1))
            self._renew(self.item(rows[node]))

    def _renew(self, holder: QStandardItem | None) -> None:
        if isinstance(holder, Holder) and holder.rows is not None:
            above = holder.index()
            holder.rows = self._rows_of(self.row(above))
            end = self.index(len(holder.rows) - 1, len(COLUMNS) - 1, above)
            self.dataChanged.emit(self.index(0, 0, above), end)
            for i in range(len(holder.rows)):
                self._renew(holder.child(i))

    # Rows

    def row(self, index: Index) -> Row:
        """What stands there."""
        if (above := index.parent()).isValid():
            return self._seen(above)[index.row()]
        node = self._order[index.row()]
        return Row(self._nodes[node].name, self._records[node], (self._block, node))

    def _seen(self, above: Index) -> list[Row]:
        """The rows in a row, which somebody sees."""
        holder = self._holder_at(above)
        assert holder is not None, "no rows are in it"
        if holder.rows is None:
            holder.rows = self._rows_of(self.row(above))
            self._put_holders(holder, [row.shapes for row in holder.rows])
        return holder.rows

    def _rows_of(self, row: Row) -> list[Row]:
        """The rows in a row."""
        shapes = row.shapes
        if isinstance(shapes, BlockShapes):
            return list(self._layers(shapes))
        if len(shapes.repeats) > 1:
            names = instance_names(row.name, shapes.layer, len(shapes.repeats))
            return [Row(name, part, row.place) for name, part in zip(names, shapes.repeats)]
        return list(self._layers(shapes.repeats[0])) if shapes.repeats else []

    def _layers(self, shapes: BlockShapes) -> Iterator[Row]:
        graph = self._project.block(shapes.block).graph
        for node in graph.order():
            if node in shapes.nodes:
                yield Row(graph.nodes[node].name, shapes.nodes[node], (shapes.block, node))

    def longest(self, nodes: Iterable[NodeId] | None) -> tuple[str, ...]:
        """The longest text of each column but the first, in the rows of these nodes, of all for None, and in theirs."""
        outputs: dict[int, Mapping[str, TensorSpec | None]] = {}
        parameters, flops, seen = 0, {0}, set[int]()
        waiting: list[NodeShapes] = [self._records[n] for n in (self._order if nodes is None else nodes)]
        while waiting:
            record = waiting.pop()
            outputs[id(record.outputs)] = record.outputs
            parameters = max(parameters, record.parameters)
            flops.add(record.flops)
            for part in record.repeats:
                if id(part) not in seen:
                    seen.add(id(part))
                    flops.add(part.flops)
                    waiting += part.nodes.values()
        longest = max((_output(each) for each in outputs.values()), key=len, default="")
        return longest, f"{parameters:,}", max(map(figure, flops), key=len)

    def opened(self) -> Iterator[QModelIndex]:
        """The rows of which somebody has seen what is in them."""
        waiting: list[QStandardItem] = [self.invisibleRootItem()]
        while waiting:
            above = waiting.pop()
            found = [item for i in range(above.rowCount()) if isinstance(item := above.child(i), Holder) and item.rows]
            yield from (item.index() for item in found)
            waiting += found

    def _holder_at(self, index: Index) -> Holder | None:
        """The item of a row with rows in it; Qt's way to ask for the item of an index makes one where there is none."""
        if not index.isValid() or index.column():
            return None
        above = index.parent()
        item = (self.itemFromIndex(above) if above.isValid() else self.invisibleRootItem()).child(index.row())
        return item if isinstance(item, Holder) else None

    # What Qt asks

    def canFetchMore(self, parent: Index) -> bool:
        """Whether nobody has seen yet what is in a row, so that of the rows in its rows nothing is there."""
        return (holder := self._holder_at(parent)) is not None and holder.rows is None

    def fetchMore(self, parent: Index) -> None:
        if self.canFetchMore(parent):
            self._seen(parent)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole and section in NUMBERS:
            return RIGHT
        return COLUMNS[section] if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        column = index.column()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if column in NUMBERS else None
        if role == Qt.ItemDataRole.DisplayRole:
            return _text(self.row(index), column)
        if role == Qt.ItemDataRole.ToolTipRole and not column:
            shapes = self.row(index).shapes
            return shapes.layer.kind_name() if isinstance(shapes, NodeShapes) else ""
        return self.row(index).place if role == PLACE else None


def _alike(a: list[NodeId], b: list[NodeId]) -> int:
    """How many are the same from the beginning on."""
    return next(compress(count(), map(ne, a, b)), min(len(a), len(b)))


def _known(project: Project, shapes: BlockShapes) -> list[NodeId]:
    """The nodes of which something is known, in the order in which they are computed."""
    order = project.block(shapes.block).graph.order()
    return list(compress(order, map(shapes.nodes.__contains__, order)))


def _text(row: Row, column: int) -> str:
    shapes = row.shapes
    if column == 0:
        return row.name
    if column == 1:
        return _output(shapes.outputs) if isinstance(shapes, NodeShapes) else ""
    return f"{shapes.parameters:,}" if column == 2 else figure(shapes.flops)


def _output(outputs: Mapping[str, TensorSpec | None]) -> str:
    return ", ".join(str(spec) if spec else "?" for spec in outputs.values())


def _rows_in(record: NodeShapes, known: dict[int, int]) -> int:
    """How many rows are in that of a node; `known` has those of instances that were counted."""
    found = len(record.repeats) if len(record.repeats) > 1 else 0
    for part in record.repeats:
        if id(part) not in known:
            known[id(part)] = sum(1 + _rows_in(inner, known) for inner in part.nodes.values())
        found += known[id(part)]
    return found


def _holder(shapes: NodeShapes | BlockShapes) -> Holder | None:
    """The item of a row, None where no rows are in it."""
    if isinstance(shapes, NodeShapes):
        count = len(shapes.repeats) if len(shapes.repeats) != 1 else len(shapes.repeats[0].nodes)
    else:
        count = len(shapes.nodes)
    return Holder(count) if count else None


def _is_built_alike(a: NodeShapes, b: NodeShapes) -> bool:
    """Whether the rows in two rows are of the same nodes, so that one can take the place of the other."""
    if a is b or not (a.repeats or b.repeats):
        return True
    if len(a.repeats) != len(b.repeats):
        return False
    for one, other in zip(a.repeats, b.repeats):
        if one is other:
            continue
        if one.block != other.block or list(one.nodes) != list(other.nodes):
            return False
        if not all(_is_built_alike(one.nodes[node], other.nodes[node]) for node in one.nodes):
            return False
    return True


def figure(value: float) -> str:
    """A large number as people read it: 320, 18.5 k, 6.7 M."""
    for step, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k")):
        if value >= step:
            return f"{value / (step if unit != 'k' else 1e3):.1f} {unit}"
    return f"{value:,.0f}"
