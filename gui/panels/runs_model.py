"""The runs as rows and the chosen columns of them: filtered, sorted, and written over in their place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from engine.training.store import RunRecord
from engine.training.store_columns import clock, keys_of, ordered, title_of, value_of, written
from engine.training.store_filter import Filter
from gui.figures import when
from gui.panels.runs_groups import Group, Line, lines_of, text_of_group, tip_of_group
from gui.plots.axis import reading

Index = QModelIndex | QPersistentModelIndex
RUN = Qt.ItemDataRole.UserRole
KEY = Qt.ItemDataRole.UserRole + 1
GROUP = Qt.ItemDataRole.UserRole + 2
EDITABLE = ("name", "tags", "notes")
TIMES = ("created",)
COUNTS = ("epochs", "planned", "steps", "parameters")
STATES = {"early": "stopped early"}
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_TOP = QModelIndex()


class RunsModel(QAbstractTableModel):
    """One row a run, and one over those of each group, whose runs are seen while it is open.

    rows: the runs that pass the filter, in order. lines: what is shown.
    described(id, field, text): a person wrote another name, other tags or notes.
    """

    described = Signal(str, str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.records: list[RunRecord] = []
        self.rows: list[RunRecord] = []
        self.lines: list[Line] = []
        self.opened: set[str] = set()
        self._headed: set[str] = set()
        self.keys: tuple[str, ...] = ()
        self.columns: tuple[str, ...] = ()
        self.filter = Filter()
        self.sort_key, self.descending = "created", True

    def show_records(self, records: Sequence[RunRecord]) -> None:
        """Show these runs instead; rows that stay where they were are only painted anew."""
        self.records = list(records)
        self.keys = keys_of(self.records)
        self._arrange()

    def show_columns(self, columns: Sequence[str]) -> None:
        """Show these columns, by their keys."""
        self.beginResetModel()
        self.columns = tuple(columns)
        self.endResetModel()

    def set_filter(self, chosen: Filter) -> None:
        """Show the runs that pass."""
        if chosen != self.filter:
            self.filter = chosen
            self._arrange()

    def sort_by(self, key: str, descending: bool) -> None:
        """Put the rows in another order."""
        self.sort_key, self.descending = key, descending
        self._arrange()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, max(0, len(self.columns) - 1))

    def _arrange(self) -> None:
        before, rows = self.lines, self.filter.chosen(self.records, self.keys)
        self.rows = ordered(rows, self.sort_key, self.descending)
        lines = lines_of(self.rows, self.sort_key, self.opened)
        self._headed = {line.name for line in lines if isinstance(line, Group)}
        if [line.id for line in lines] != [line.id for line in before]:
            self.beginResetModel()
            self.lines = lines
            self.endResetModel()
            return
        self.lines = lines
        last = max(0, len(self.columns) - 1)
        for place, (old, new) in enumerate(zip(before, lines)):
            if old is not new and old != new:
                self.dataChanged.emit(self.index(place, 0), self.index(place, last))

    def row_of(self, line: str) -> int | None:
        """Where a run stands now, or a group by the id of its line; None for a run whose group is closed."""
        return next((i for i, one in enumerate(self.lines) if one.id == line), None)

    def turn(self, row: int, is_open: bool) -> None:
        """Show or hide the runs of the group in a row."""
        group = self.lines[row]
        if not isinstance(group, Group) or group.is_open == is_open:
            return
        (self.opened.add if is_open else self.opened.discard)(group.name)
        first, last = row + 1, row + len(group.members)
        self.lines[row] = replace(group, is_open=is_open)
        if is_open:
            self.beginInsertRows(_TOP, first, last)
            self.lines[first:first] = group.members
            self.endInsertRows()
        else:
            self.beginRemoveRows(_TOP, first, last)
            del self.lines[first : last + 1]
            self.endRemoveRows()
        self.dataChanged.emit(self.index(row, 0), self.index(row, max(0, len(self.columns) - 1)))

    def group_over(self, row: int) -> int | None:
        """The row of the open group that a run stands in."""
        line = self.lines[row]
        return (
            self.row_of(f"group:{line.group}") if isinstance(line, RunRecord) and line.group in self._headed else None
        )

    # What Qt asks

    def rowCount(self, parent: Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        record, key = self.lines[index.row()], self.columns[index.column()]
        if isinstance(record, Group):
            return _data_of_group(record, key, role)
        if role == Qt.ItemDataRole.DisplayRole:
            return text_of(record, key)
        if role == Qt.ItemDataRole.EditRole:
            value = value_of(record, key)
            return " ".join(value) if key == "tags" else value
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if is_number(value_of(record, key)) else LEFT
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip_of(record, key)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{title_of(key)}: {text_of(record, key) or 'nothing'}"
        if role == GROUP:  # whether it stands under a group
            return record.group in self._headed
        return record if role == RUN else key if role == KEY else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal or section >= len(self.columns):
            return None
        key = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return title_of(key)
        if role == Qt.ItemDataRole.ToolTipRole:
            return key
        if role == Qt.ItemDataRole.TextAlignmentRole:
            first = next((v for r in self.rows[:50] if (v := value_of(r, key)) is not None), None)
            return RIGHT if is_number(first) else LEFT
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        is_run = index.isValid() and isinstance(self.lines[index.row()], RunRecord)
        is_editable = is_run and self.columns[index.column()] in EDITABLE
        return flags | Qt.ItemFlag.ItemIsEditable if is_editable else flags

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or not index.isValid():
            return False
        if str(value) != self.data(index, Qt.ItemDataRole.EditRole):
            self.described.emit(self.lines[index.row()].id, self.columns[index.column()], str(value))
        return True


def _data_of_group(group: Group, key: str, role: int) -> Any:
    if role == Qt.ItemDataRole.DisplayRole:
        return text_of_group(group, key)
    if role == Qt.ItemDataRole.TextAlignmentRole:
        return RIGHT if is_number(value_of(group.lead, key)) else LEFT
    if role == Qt.ItemDataRole.ToolTipRole:
        return tip_of_group(group, key)
    if role == Qt.ItemDataRole.AccessibleTextRole:
        how = f", {'open' if group.is_open else 'closed'}" if key == "name" else ""
        return f"{title_of(key)}: {text_of_group(group, key) or 'nothing'}{how}"
    return group if role == RUN else key if role == KEY else None


def is_number(value: Any) -> bool:
    """Whether a value stands at the right of its column."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def text_of(record: RunRecord, key: str) -> str:
    """What a cell says."""
    value = value_of(record, key)
    if key == "created":
        return _moment(record)
    if key == "duration":
        return clock(record.duration)
    if key == "state":
        return STATES.get(record.state, record.state)
    if key == "epochs":
        return f"{record.epochs} / {record.planned}" if record.epochs != record.planned else str(record.epochs)
    if key.startswith("metrics.") and isinstance(value, float):
        return reading(value)
    return written(value).replace("\n", " ")


def tip_of(record: RunRecord, key: str) -> str:
    """What a cell says to the pointer: all of it, and what else there is to know."""
    if key == "state" and record.message:
        return record.message
    if key == "created":
        return datetime.fromisoformat(record.created).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    if key == "name":
        return f"{record.name}\n{record.id}" + (f"\ngoes on from {record.parent}" if record.parent else "")
    value = value_of(record, key)
    return repr(value) if isinstance(value, float) else written(value)


def _moment(record: RunRecord) -> str:
    try:
        moment = datetime.fromisoformat(record.created).astimezone()
    except ValueError:
        return record.created
    return when(moment, datetime.now().astimezone())
