"""The table of runs: rows to select, headers to sort by, names, tags and notes to write over."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QGuiApplication, QKeyEvent, QKeySequence, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from engine.training.store import RunRecord
from gui.glyphs import icon
from gui.panels.runs_groups import Group, Line
from gui.panels.runs_model import EDITABLE, GROUP, KEY, LEFT, RUN, Index, RunsModel
from gui.plots.series import legend_pen
from gui.theme import faded, font, metrics, theme, theme_changed

SELECT = QItemSelectionModel.SelectionFlag
PILL_ALPHA = 0.16
RETURN = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
TURNS = (Qt.Key.Key_Left, Qt.Key.Key_Right, *RETURN)


class RunsTable(QTableView):
    """chosen_changed(): other runs are selected. delete_wanted(): Del was pressed. menu_wanted(QPoint): on the screen.

    sort_wanted(key, descending): a header was clicked. open_wanted(): Return was pressed.
    """

    chosen_changed = Signal()
    delete_wanted = Signal()
    menu_wanted = Signal(QPoint)
    sort_wanted = Signal(str, bool)
    open_wanted = Signal()
    cell_left = Signal()

    def __init__(self, model: RunsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runs = model
        self._kept: tuple[list[str], str] = ([], "")
        self.setModel(model)
        self.setAccessibleName("Runs")
        self.setProperty("focusRing", "inside")
        self.setProperty("dense", True)
        self.setItemDelegate(RunPainter(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed | QAbstractItemView.EditTrigger.DoubleClicked)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(lambda at: self.menu_wanted.emit(self.viewport().mapToGlobal(at)))
        self._dress_headers()
        self.itemDelegate().closeEditor.connect(self.cell_left, Qt.ConnectionType.QueuedConnection)
        model.modelAboutToBeReset.connect(self._keep)
        model.modelReset.connect(self._restore)
        model.rowsRemoved.connect(self._keep_group)
        self.selectionModel().selectionChanged.connect(lambda *_: self.chosen_changed.emit())
        theme_changed.connect(self.viewport().update)

    def _dress_headers(self) -> None:
        rows, header = self.verticalHeader(), self.horizontalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(metrics().control.height_small)
        header.setSectionsMovable(True)
        header.setSectionsClickable(True)
        header.setHighlightSections(False)
        header.setStretchLastSection(True)
        header.setMinimumSectionSize(metrics().widget.run_column_min)
        header.setAccessibleName("Columns of the runs")
        header.sectionClicked.connect(self._sort)

    @property
    def is_written_in(self) -> bool:
        """Whether a person writes in a cell, which news of the runs would take away or write over."""
        return self.state() == QAbstractItemView.State.EditingState

    # What is selected

    def chosen(self) -> list[RunRecord]:
        """The selected runs, in the order of the rows; with a group all that are in it."""
        rows = sorted({index.row() for index in self.selectionModel().selectedRows()})
        lines = [self._runs.lines[row] for row in rows if row < len(self._runs.lines)]
        found = [r for line in lines for r in (line.members if isinstance(line, Group) else (line,))]
        return list({record.id: record for record in found}.values())

    def choose(self, runs: Sequence[str], current: str = "") -> None:
        """Select these runs, as far as they are shown; in place of one in a closed group the group."""
        selection, model = QItemSelection(), self._runs
        last = max(0, len(model.columns) - 1)
        wanted = set(runs)
        for place in (i for i, line in enumerate(model.lines) if _is_among(line, wanted)):
            selection.select(model.index(place, 0), model.index(place, last))
        self.selectionModel().select(selection, SELECT.ClearAndSelect)
        row = model.row_of(current or next(iter(runs), ""))
        row = next(iter(sorted({i.row() for i in selection.indexes()})), None) if row is None else row
        if row is not None:
            column = max(0, self.currentIndex().column())
            self.selectionModel().setCurrentIndex(model.index(row, column), SELECT.NoUpdate)

    def _keep(self) -> None:
        current = self.currentIndex()
        here = self._runs.lines[current.row()].id if 0 <= current.row() < len(self._runs.lines) else ""
        self._kept = ([r.id for r in self.chosen()], here)

    def _restore(self) -> None:
        runs, current = self._kept
        self.show_order()
        self.choose(runs, current)

    # Headers

    def show_order(self) -> None:
        """Mark the column that the rows are sorted by."""
        header, model = self.horizontalHeader(), self._runs
        is_shown = model.sort_key in model.columns
        header.setSortIndicatorShown(is_shown)
        if is_shown:
            way = Qt.SortOrder.DescendingOrder if model.descending else Qt.SortOrder.AscendingOrder
            header.setSortIndicator(model.columns.index(model.sort_key), way)

    def _sort(self, section: int) -> None:
        key = self._runs.columns[section]
        # What is measured is asked for its best or its newest first, what is written from A on.
        first = key not in ("name", "state", "device", "group", "id", "tags", "notes")
        descending = not self._runs.descending if key == self._runs.sort_key else first
        self.sort_wanted.emit(key, descending)

    def column_order(self) -> list[tuple[str, int]]:
        """The columns from the left as they stand now, with their widths."""
        header = self.horizontalHeader()
        order = [header.logicalIndex(place) for place in range(header.count())]
        return [(self._runs.columns[i], header.sectionSize(i)) for i in order if i < len(self._runs.columns)]

    def edit_field(self, field: str) -> None:
        """Write another name, other tags or notes of the current run."""
        rows = self.chosen()
        row = self._runs.row_of(rows[0].id) if rows else None
        if row is None or field not in self._runs.columns or self.is_written_in:
            return
        index = self._runs.index(row, self._runs.columns.index(field))
        self.setCurrentIndex(index)
        self.scrollTo(index)
        self.edit(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.is_written_in:
            super().keyPressEvent(event)  # what a cell's editor has no use for, such as the Return that ends it
        elif event.key() in TURNS and self._turn_by_key(event.key()):
            return
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self.chosen():
            self.delete_wanted.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.chosen():
            self.open_wanted.emit()
        elif event.key() == Qt.Key.Key_Menu and self.currentIndex().isValid():
            at = self.visualRect(self.currentIndex()).bottomLeft()
            self.menu_wanted.emit(self.viewport().mapToGlobal(at))
        elif event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self.as_text())
        else:
            super().keyPressEvent(event)

    def _turn_by_key(self, key: int) -> bool:
        """Right opens a group, Left closes it from any of its rows, Return does either. Returns: whether one was."""
        here, model = self.currentIndex(), self._runs
        if not here.isValid():
            return False
        line = model.lines[here.row()]
        if isinstance(line, Group):
            wanted = not line.is_open if key in RETURN else key == Qt.Key.Key_Right
            if line.is_open == wanted:
                return False
            model.turn(here.row(), wanted)
            return True
        over = model.group_over(here.row())
        if key != Qt.Key.Key_Left or over is None or self.horizontalHeader().visualIndex(here.column()) > 0:
            return False
        self.selectionModel().setCurrentIndex(model.index(over, here.column()), SELECT.ClearAndSelect | SELECT.Rows)
        return True

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        line = self._runs.lines[index.row()] if index.isValid() else None
        is_left = event.button() == Qt.MouseButton.LeftButton and index.data(KEY) == "name"
        if isinstance(line, Group) and is_left and event.position().x() < self.visualRect(index).left() + caret_room():
            self._runs.turn(index.row(), not line.is_open)
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        line = self._runs.lines[index.row()] if index.isValid() else None
        if isinstance(line, Group):
            self._runs.turn(index.row(), not line.is_open)
            return
        super().mouseDoubleClickEvent(event)

    def _keep_group(self, _: Index, first: int, last: int) -> None:
        """A group was closed around the row in use: then the group is."""
        if self.selectionModel().selectedRows():
            return
        row = self._runs.index(first - 1, max(0, self.currentIndex().column()))
        self.selectionModel().setCurrentIndex(row, SELECT.ClearAndSelect | SELECT.Rows)

    def as_text(self) -> str:
        """The selected rows as they are shown, with tabs between the cells."""
        model = self._runs
        places = [model.columns.index(key) for key, _ in self.column_order()]
        rows = [[model.headerData(c, Qt.Orientation.Horizontal) for c in places]]
        chosen = sorted({index.row() for index in self.selectionModel().selectedRows()})
        rows += [[model.index(row, c).data() for c in places] for row in chosen]
        return "\n".join("\t".join(row) for row in rows)


class RunPainter(QStyledItemDelegate):
    """The name with a piece of the run's line, the state with its mark, tags as pills; all else as words."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        key = index.data(KEY)
        shown = QStyleOptionViewItem(option)
        self.initStyleOption(shown, index)
        text, shown.text = shown.text, ""  # type: ignore[attr-defined]
        style = shown.widget.style()  # type: ignore[attr-defined]
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, shown, painter, shown.widget)  # type: ignore[attr-defined]
        pad = metrics().space.s
        box = QRectF(shown.rect).adjusted(pad, 0, -pad, 0)  # type: ignore[attr-defined]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(shown.rect)  # type: ignore[attr-defined]
        if key == "tags" and not isinstance(index.data(RUN), Group):
            _paint_tags(painter, box, index.data(RUN).tags)
        elif key == "name" and isinstance(index.data(RUN), Group):
            _paint_text(painter, box.adjusted(_paint_caret(painter, box, index.data(RUN)), 0, 0, 0), text)
        elif key == "state" and isinstance(index.data(RUN), Group):
            _paint_text(painter, box, text)
        elif key in ("name", "state"):
            if key == "name" and index.data(GROUP):
                box.adjust(caret_room(), 0, 0, 0)
            taken = _paint_line(painter, box, index.data(RUN)) if key == "name" else _paint_state(painter, box, text)
            _paint_text(painter, box.adjusted(taken, 0, 0, 0), text)
        else:
            _paint_text(painter, box, text, index.data(Qt.ItemDataRole.TextAlignmentRole))
        painter.restore()

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setProperty("dense", True)
        editor.setAccessibleName(f"{str(index.data(KEY)).capitalize()} of the run")
        return editor

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        hint = super().sizeHint(option, index)
        extra = metrics().plot.legend_line + metrics().space.s if index.data(KEY) in EDITABLE else metrics().space.s
        return QSize(hint.width() + extra, metrics().control.height_small)


def caret_room() -> float:
    """From the left edge of a group's name to what is written, and how far its runs stand in."""
    return metrics().control.icon + metrics().space.s


def _paint_caret(painter: QPainter, box: QRectF, group: Group) -> float:
    """The triangle by which a group is opened. Returns: the room it takes."""
    side = metrics().control.icon
    place = QRectF(box.left() - metrics().space.xs, box.center().y() - side / 2, side, side)
    icon("caret-down" if group.is_open else "caret-right").paint(painter, place.toRect())
    return side


def _is_among(line: Line, wanted: set[str]) -> bool:
    """Whether a line is one of these runs, or holds one that is not seen."""
    if isinstance(line, Group):
        return not line.is_open and any(record.id in wanted for record in line.members)
    return line.id in wanted


def _paint_line(painter: QPainter, box: QRectF, record: RunRecord) -> float:
    """A piece of the curve that the run has in every plot. Returns: the room it takes."""
    line = QRectF(box.left(), box.center().y(), metrics().plot.legend_line, 0)
    painter.setPen(legend_pen(record.number))
    painter.drawLine(line.topLeft(), line.topRight())
    return metrics().plot.legend_line + metrics().space.s


def _paint_state(painter: QPainter, box: QRectF, state: str) -> float:
    """A disc in the colour of the state, which is a word beside it. Returns: the room it takes."""
    colours, r = theme().status, metrics().plot.disc_r
    by_state = {"finished": colours.ok, "failed": colours.danger, "interrupted": colours.warn,
                "running": theme().accent.base, "preparing": theme().accent.base}  # fmt: skip
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(by_state.get(state, theme().text.muted))
    painter.drawEllipse(QRectF(box.left(), box.center().y() - r, 2 * r, 2 * r))
    return 2 * r + metrics().space.s


def _paint_text(painter: QPainter, box: QRectF, text: str, align: Qt.AlignmentFlag = LEFT) -> None:
    face = font("small")
    painter.setFont(face)
    painter.setPen(theme().text.primary)
    shown = QFontMetricsF(face).elidedText(text, Qt.TextElideMode.ElideRight, box.width())
    painter.drawText(box, align, shown)


def _paint_tags(painter: QPainter, box: QRectF, tags: Sequence[str]) -> None:
    face, room, m = font("caption"), metrics().space, metrics()
    painter.setFont(face)
    left, high = box.left(), m.node.field_h
    for tag in tags:
        wide = QFontMetricsF(face).horizontalAdvance(tag) + 2 * room.s
        if left + wide > box.right() + room.s:
            painter.setPen(theme().text.muted)
            rest = QRectF(left, box.top(), box.right() - left, box.height())
            painter.drawText(rest, Qt.AlignmentFlag.AlignVCenter, "…")
            return
        pill = QRectF(left, box.center().y() - high / 2, wide, high)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faded(theme().accent.base, PILL_ALPHA))
        painter.drawRoundedRect(pill, high / 2, high / 2)
        painter.setPen(theme().text.primary)
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, tag)
        left += wide + room.xs
