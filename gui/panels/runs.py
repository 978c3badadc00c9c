"""The Runs panel: every run that is kept as a table, and the curves of the selected ones over one another."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSplitter, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from engine.errors import EngineError
from engine.training.store import RunRecord, Store
from engine.training.store_columns import spread, title_of, value_of
from engine.training.store_filter import FilterError, read_filter
from engine.training.store_rows import tags_in
from gui.figures import plural
from gui.glyphs import bind_icon
from gui.panels.runs_columns import ColumnList
from gui.panels.runs_curves import STEP_LOSS, RunsCurves
from gui.panels.runs_model import RunsModel
from gui.panels.runs_source import RunsSource
from gui.panels.runs_table import RunsTable
from gui.plots.axis import reading
from gui.preferences import Preferences
from gui.session import Session
from gui.style import restyle
from gui.theme import metrics
from gui.widgets import ElidedLabel, EmptyState, SearchField

HINT = "Filter: words, #tags, lr<0.01 val_accuracy>0.9"
USUAL = ("name", "state")
USUAL_LAST = ("optimizer.lr", "epochs", "duration", "created", "tags", "notes", "batch_size", "parameters")
EMPTY, NONE, TABLE = range(3)


class RunsPanel(QWidget):
    """train_wanted(): the person pressed Train. chosen_changed(): other runs are selected.

    menu_wanted(QPoint), delete_wanted(), open_wanted(): asked for the selected runs, for whoever can do that.
    """

    train_wanted = Signal()
    chosen_changed = Signal()
    menu_wanted = Signal(QPoint)
    delete_wanted = Signal()
    open_wanted = Signal()

    def __init__(self, session: Session, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Runs")
        self._session, self._preferences = session, preferences
        self._is_usual, self._is_placing = not preferences.run_columns, False
        self.source = RunsSource(session, lambda: preferences.runs_folder, self)
        self.model = RunsModel(self)
        self.model.sort_key, self.model.descending = preferences.run_order
        self.table, self.curves = RunsTable(self.model), RunsCurves(session)
        self.field, self.count = SearchField(HINT), ElidedLabel("", "small", "secondary")
        self.columns, self.more = QPushButton("Columns"), QToolButton()
        self.spread = ElidedLabel("", "small", "secondary")
        self.empty = EmptyState("clock-counter-clockwise", "Every run is kept here. Train once to see it.", ("Train",))
        self.none = EmptyState("magnifying-glass", "No run passes this filter.", ("Show all runs",))
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._typed = QTimer(self, singleShot=True, interval=metrics().motion.fast)
        self._lay_out()
        self._connect()

    def _connect(self) -> None:
        self.source.changed.connect(self.show_records)
        self.source.failed.connect(self._say)
        self.model.described.connect(self.describe)
        self.table.sort_wanted.connect(self.sort)
        self.table.chosen_changed.connect(self._soon.start)
        self.table.menu_wanted.connect(self.menu_wanted)
        self.table.delete_wanted.connect(self.delete_wanted)
        self.table.open_wanted.connect(self.open_wanted)
        self.table.cell_left.connect(self.show_records)
        self.table.horizontalHeader().sectionMoved.connect(self._keep_columns)
        self.table.horizontalHeader().sectionResized.connect(self._keep_widths)
        self._soon.timeout.connect(self.show_chosen)
        self.field.textChanged.connect(lambda: self._typed.start())
        self._typed.timeout.connect(self.read_filter)
        self.field.returnPressed.connect(self.table.setFocus)
        self.columns.clicked.connect(self.choose_columns)
        self.more.clicked.connect(lambda: self.menu_wanted.emit(self.more.mapToGlobal(QPoint(0, self.more.height()))))
        self.curves.choice.activated.connect(self.show_spread)
        self.empty.chosen.connect(lambda _: self.train_wanted.emit())
        self.none.chosen.connect(lambda _: self.field.clear())

    # What others ask

    @property
    def store(self) -> Store:
        """Where the runs are that are shown."""
        return self.source.store

    def chosen(self) -> list[RunRecord]:
        """The selected runs, in the order of the rows."""
        return self.table.chosen()

    def shown(self) -> tuple[list[RunRecord], list[str]]:
        """The runs that pass the filter in their order, and the columns in theirs."""
        return list(self.model.rows), [key for key, _ in self.table.column_order()]

    def look(self) -> None:
        """Something was written: show it now rather than within a second."""
        self.source.look()

    def edit_field(self, field: str) -> None:
        """Write another name, other tags or notes of the selected run, in its row."""
        if field not in self.model.columns:
            self.show_columns([*(key for key, _ in self.table.column_order()), field])
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        self.table.edit_field(field)

    # What is shown

    def show_records(self) -> None:
        """Other runs, or other figures of them; once nobody writes in a cell."""
        if self.table.is_written_in:
            return
        records, was_empty = self.source.records, not self.model.records
        self.model.show_records(records)
        if self._is_usual:
            self._show_usual()
        elif not self.model.columns:
            self.show_columns([key for key, _ in self._preferences.run_columns], keep=False)
        if was_empty and records and not self.table.chosen():
            self.table.choose([self.model.rows[0].id] if self.model.rows else [])
        self._check_filter()
        self._show_count()
        self._soon.start()

    def show_chosen(self) -> None:
        """Lay the curves of the selected runs over one another."""
        self.curves.show_runs(self.store, self.table.chosen())
        self.show_spread()
        self.chosen_changed.emit()

    def show_spread(self) -> None:
        """What is shown or sorted by, over the selected runs or over all: mean, deviation, least and greatest."""
        chosen = self.table.chosen()
        records = chosen if len(chosen) > 1 else self.model.rows
        figure = "metrics.loss" if self.curves.figure == STEP_LOSS else f"metrics.{self.curves.figure}"
        keys = dict.fromkeys((figure, self.model.sort_key))
        words = [text for key in keys if (text := _spread_of(records, key))]
        who = f"{len(chosen)} selected" if len(chosen) > 1 else plural(len(records), "run")
        self.spread.set_text(f"{who}: {' · '.join(words)}" if words and len(records) > 1 else "")

    def read_filter(self) -> None:
        """Show the runs that pass what is written; a line that cannot be read leaves them as they are, and says why."""
        self._typed.stop()
        try:
            found = read_filter(self.field.text())
        except FilterError as error:
            self._mark_filter(str(error))
            return
        self.model.set_filter(found)
        self._check_filter()
        self._show_count()
        self._soon.start()

    def sort(self, key: str, descending: bool) -> None:
        """Put the rows in another order."""
        self.model.sort_by(key, descending)
        self.table.show_order()
        self._preferences.run_order = (key, descending)
        self._soon.start()

    def choose_columns(self) -> None:
        """Open the list of all columns there are."""
        shown = [key for key, _ in self.table.column_order()]
        popup = ColumnList(self.model.keys, shown, self)
        popup.chosen.connect(self.show_columns)
        popup.open_under(self.columns)

    def show_columns(self, keys: list[str], keep: bool = True) -> None:
        """Show these columns from the left, each as wide as it was."""
        widths = dict(metrics().widget.run_columns) | dict(self._preferences.run_columns)
        widths |= dict(self.table.column_order())
        header, self._is_placing = self.table.horizontalHeader(), True
        self.model.show_columns(keys)
        for place, key in enumerate(keys):
            header.moveSection(header.visualIndex(place), place)
            header.resizeSection(place, widths.get(key) or self._width_of(key))
        self._is_placing = False
        if keep:
            self._keep_columns()

    def describe(self, run: str, field: str, text: str) -> None:
        """Write another name, other tags or notes into the store."""
        value = tags_in(text) if field == "tags" else text
        work = partial(self.store.describe, run, **{field: value})  # type: ignore[arg-type]
        self._session.background.submit(f"{field} of {run}", work, lambda _: self.look(), self._complain)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.source.watch(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.source.watch(False)

    # Within

    def _show_usual(self) -> None:
        """Columns for those who have not chosen any: what was measured on the validation data is among them."""
        keys = self.model.keys
        measured = [k for k in keys if k.startswith("metrics.val_") and not k.endswith((".min", ".max"))]
        figures = [k for k in measured if k.endswith("loss")][:1] or [k for k in keys if k == "metrics.loss"]
        figures += [k for k in measured if not k.endswith("loss")][:1]
        last = [key for key in USUAL_LAST if key in keys]
        wanted = [*USUAL, *figures, *last]
        if list(self.model.columns) != wanted:
            self.show_columns(wanted, keep=False)

    def _width_of(self, key: str) -> int:
        words = self.table.horizontalHeader().fontMetrics().horizontalAdvance(title_of(key))
        return max(metrics().widget.run_column, words + 2 * metrics().space.xl)  # with room for the arrow of the order

    def _keep_columns(self, *_: object) -> None:
        if not self._is_placing:
            self._preferences.run_columns = self.table.column_order()
            self._is_usual = False

    def _keep_widths(self, *_: object) -> None:
        if QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton:  # else the last column only took what was left
            self._keep_columns()

    def _check_filter(self) -> None:
        """Say of a name that no run has anything of that name; what is empty shows nothing then."""
        chosen = self.model.filter
        try:
            if self.model.records:
                chosen.check(self.model.keys)
            self._mark_filter("")
        except FilterError as error:
            self._mark_filter(str(error))
            self.none.set_sentence(str(error))
            return
        self.none.set_sentence("No run passes this filter.")

    def _mark_filter(self, words: str) -> None:
        self.field.setToolTip(words or (read_filter.__doc__ and HINT) or "")
        self.field.setAccessibleDescription(words)
        if bool(self.field.property("wrong")) != bool(words):
            self.field.setProperty("wrong", bool(words))
            restyle(self.field)

    def _show_count(self) -> None:
        all_of, shown = len(self.model.records), len(self.model.rows)
        self.count.set_text(plural(all_of, "run") if shown == all_of else f"{shown:,} of {plural(all_of, 'run')}")
        page = TABLE if shown else NONE if all_of else EMPTY
        self.stack.setCurrentIndex(page if self.source.read else TABLE)
        for part in (self.field, self.columns, self.more, self.count):
            part.setVisible(bool(all_of) or not self.source.read)
        self.curves.setVisible(bool(all_of))

    def _say(self, words: str) -> None:
        self.empty.set_sentence(words)
        self.stack.setCurrentIndex(EMPTY)

    def _complain(self, error: Exception) -> None:
        if not isinstance(error, EngineError):
            raise error
        self._session.message.emit(str(error), "", None)

    def _lay_out(self) -> None:
        """From the outside in: whatever is put into another widget has its style worked out anew."""
        space = metrics().space
        for control in (self.field, self.columns, self.more):
            control.setProperty("dense", True)
        bind_icon(self.more, "dots-three")
        self.more.setAccessibleName("More that can be done with the selected runs")
        self.more.setToolTip("What can be done with the selected runs")
        self.split, self.stack = QSplitter(Qt.Orientation.Horizontal), QStackedWidget()
        box, left, head = QVBoxLayout(self), QWidget(), QHBoxLayout()
        box.setContentsMargins(space.l, space.s, space.l, space.s)
        box.addWidget(self.split)
        self.split.setChildrenCollapsible(False)
        self.split.setHandleWidth(metrics().widget.splitter)
        self.split.addWidget(left)
        self.split.addWidget(self.curves)
        self.split.setStretchFactor(0, 1)
        self.split.setSizes([2 * metrics().widget.run_plot, metrics().widget.run_plot])
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, space.m, 0)
        column.setSpacing(space.s)
        column.addLayout(head)
        column.addWidget(self.stack, 1)
        column.addWidget(self.spread)
        head.setSpacing(space.s)
        head.addWidget(self.field, 1)
        for part in (self.count, self.columns, self.more):
            head.addWidget(part)
        for page in (self.empty, self.none, self.table):
            self.stack.addWidget(page)
        self.stack.setCurrentIndex(TABLE)


def _spread_of(records: list[RunRecord], key: str) -> str:
    """ "val_loss 0.412 ± 0.031 (0.380 to 0.471)" of what is a number, "" for anything else."""
    found = spread(value_of(record, key) for record in records)
    if not found or found["count"] < 2 or key == "seed":
        return ""
    low, high, mean, deviation = (reading(found[name]) for name in ("min", "max", "mean", "std"))
    return f"{title_of(key)} {mean} ± {deviation} ({low} to {high})"
