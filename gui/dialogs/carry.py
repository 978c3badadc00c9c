"""What an edited network keeps of what a run has learned, before it is trained on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from engine.document.project import Project
from engine.graph.shapes import Analysis
from engine.training.carry_report import Report, Row
from engine.training.store import Store
from gui.dialogs.base import Dialog
from gui.figures import plural
from gui.session import Session
from gui.theme import metrics
from gui.widgets import label

ROWS = 9
WORDS = (
    "A new run begins with what this one has learned. It trains as the recipe says, from its first epoch, and the run "
    "before it is kept. Layers are known again by what they are, not by their names."
)


class CarryDialog(Dialog):
    """go_on(): train with it. leave(): the dialog was left without."""

    def __init__(
        self,
        session: Session,
        store: Store,
        run: str,
        analysis: Analysis,
        go_on: Callable[[], object],
        leave: Callable[[], object],
        parent: QWidget,
    ) -> None:
        super().__init__("Continue with the edited model", WORDS, parent)
        self.setFixedWidth(metrics().popup.dialog_w * 3 // 2)
        self._go_on = go_on
        self.report: Report | None = None
        self.summary = label("Looking at what can be kept", "body")
        self.summary.setWordWrap(True)
        self.notes = label("", "small", "secondary")
        self.notes.setWordWrap(True)
        self.notes.hide()
        self.tree = QTreeWidget(self)
        self.tree.setHeaderLabels(["Parameter", "What becomes of it", "Sizes"])
        self.tree.setRootIsDecorated(False)
        self.tree.setUniformRowHeights(True)
        self.tree.setMinimumHeight(ROWS * metrics().control.row)
        self.tree.setAccessibleName("What becomes of every parameter")
        header = self.tree.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setStretchLastSection(False)
        for widget in (self.summary, self.notes, self.tree):
            self.body.addWidget(widget)
        self.stay = self.add_action("Leave it as it is", self.reject)
        self.button = self.add_action("Continue with it", self.go_on, "primary")
        self.button.setEnabled(False)
        self.stay.setFocus()
        self.rejected.connect(leave)
        work = partial(_carried, store, run, session.project, analysis, session.trusted)
        session.background.submit("carry", work, self.show_report, self._fail)

    def go_on(self) -> None:
        """Train with it."""
        self.accept()
        self._go_on()

    def show_report(self, report: Report) -> None:
        """Show what was found out."""
        self.report = report
        self.summary.setText(report.summary())
        notes = [*report.notes]
        if unchanged := _same(report.rows):
            notes.insert(0, f"{plural(unchanged, 'parameter')} and figures stay as they were.")
        self.notes.setText(" ".join(notes))
        self.notes.setVisible(bool(notes))
        for row in sorted(report.rows, key=lambda row: row.how == "copied"):
            QTreeWidgetItem(self.tree, [_named(row), row.words, sizes_of(row)])
        self.button.setEnabled(True)
        self.button.setDefault(True)
        self.button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _fail(self, error: Exception) -> None:
        self.summary.setText(f"Nothing can be carried over: {error}")


def sizes_of(row: Row) -> str:
    """The sizes before and after: "16 × 2 → 24 × 2"."""
    shown = [_shape(shape) for shape in (row.before, row.after) if shape is not None]
    return shown[0] if len(set(shown)) == 1 else " → ".join(shown)


def _carried(store: Store, run: str, project: Project, analysis: Analysis, trusted: bool) -> Report:
    from engine.training.carry import before, carry

    return carry(before(store, run, trusted=trusted), project, analysis).report


def _named(row: Row) -> str:
    return f"{row.name}  (was {row.was})" if row.was else row.name


def _same(rows: Sequence[Row]) -> int:
    return sum(row.how == "copied" for row in rows)


def _shape(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape)) or "one number"
