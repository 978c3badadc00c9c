"""Two runs side by side: the network of the later one with what differs marked on it, and a table of all else."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QSplitter, QTreeWidget, QTreeWidgetItem, QWidget

from engine.document.project import Project
from engine.training.store_columns import title_of, written
from engine.training.store_compare import Difference, RunComparison
from gui.canvas.view import CanvasView
from gui.dialogs.base import Dialog
from gui.plots.axis import reading
from gui.session import Session
from gui.theme import font, metrics
from gui.work import Work

LOOK_ONLY = "This network is only shown here. Open the project of the run to change it."
SAME = "The same"


class ShownSession(Session):
    """A project to be looked at: nothing that is done to it changes it."""

    def apply(self, edit: object, merge: object = None) -> bool:
        """Refuse it."""
        self.message.emit(LOOK_ONLY, "", None)
        return False


class RunDiff(Dialog):
    """What is new, gone or different in run b against run a. Both networks stay as they are."""

    def __init__(self, found: RunComparison, parent: QWidget) -> None:
        a, b = found.a.name, found.b.name
        if a == b:
            a, b = (f"{run.name} {run.id[-3:]}" for run in (found.a, found.b))
        super().__init__(f"{b} against {a}", _summary(found), parent)
        wide, high = metrics().widget.run_diff
        self.setMinimumWidth(0)
        self.setMaximumWidth(parent.width())
        self.resize(min(wide, parent.width()), min(high, parent.height()))
        self.session = ShownSession(self)
        _hold(self.session.work, found.after)
        self.canvas = CanvasView(self.session)
        self.canvas.changes.show_since(found.before, "Network")
        self.canvas.changes.bar.off.hide()  # without the comparison there is no reason to look
        self.table = _table(found, a, b)
        self.session.message.connect(self._say)
        parts = QSplitter(Qt.Orientation.Horizontal)
        parts.setChildrenCollapsible(False)
        parts.setHandleWidth(metrics().widget.splitter)
        parts.addWidget(self.canvas)
        beside = QWidget()
        line = QHBoxLayout(beside)
        line.setContentsMargins(metrics().space.s, 0, 0, 0)
        line.addWidget(self.table)
        parts.addWidget(beside)
        parts.setStretchFactor(0, 1)
        parts.setSizes([wide - metrics().widget.run_diff_table, metrics().widget.run_diff_table])
        self.body.addWidget(parts, 1)
        self.leave_button()
        self.finished.connect(lambda _: self.session.close())

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        self.canvas.fit(animate=False)

    def _say(self, words: str, action: str, call: object) -> None:
        self.words.setText(words)


def _hold(work: Work, project: Project) -> None:
    work.document.replace(project)


def _summary(found: RunComparison) -> str:
    a, b = found.steps
    if not a or not b:
        losses = "Losses were not kept of both."
    elif found.is_same_curve:
        losses = f"Their losses are the same at all {a:,} steps, bit for bit."
    elif found.same_steps == min(a, b):
        losses = f"Their losses are the same as far as both go, {found.same_steps:,} steps."
    else:
        losses = f"Their losses differ from step {found.same_steps + 1:,} on."
    return losses if not found.is_same_project else f"{losses} Network and options are the same."


def _table(found: RunComparison, a: str, b: str) -> QTreeWidget:
    tree = QTreeWidget()
    tree.setHeaderLabels(["", a, b])
    tree.setAccessibleName(f"What differs between {a} and {b}")
    tree.setProperty("dense", True)
    tree.setProperty("focusRing", "inside")
    tree.setIndentation(metrics().space.m)
    tree.setUniformRowHeights(True)
    tree.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    tree.header().setStretchLastSection(True)
    _add(tree, "Options", found.options)
    _add_network(tree, found)
    _add(tree, "Figures", found.figures)
    _add(tree, "Runs", found.facts)
    tree.expandAll()
    return tree


def _add(tree: QTreeWidget, title: str, differences: Iterable[Difference]) -> None:
    top = _group(tree, title)
    for d in differences:
        row = QTreeWidgetItem(top, [title_of(d.name), _cell(d.a), _cell(d.b)])
        for column, value in enumerate((d.name, d.a, d.b)):
            row.setToolTip(column, "" if value is None else str(value))
    if not top.childCount():
        QTreeWidgetItem(top, [SAME])


def _add_network(tree: QTreeWidget, found: RunComparison) -> None:
    """Layers by name; what is marked on the canvas is told here for those who do not see it."""
    top = _group(tree, "Network")
    for block in found.blocks:
        inner = QTreeWidgetItem(top, [block.block]) if len(found.blocks) > 1 else top
        for name, kind in block.removed.items():
            QTreeWidgetItem(inner, [name, kind, "–"])
        for name, kind in block.added.items():
            QTreeWidgetItem(inner, [name, "–", kind])
        for name, words in block.changed.items():
            for line in words:
                before, arrow, after = line.partition(" → ")
                option, _, value = before.rpartition(" ")
                cells = [f"{name}.{option}" if option else name, value, after] if arrow else [name, "", line]
                QTreeWidgetItem(inner, cells)
        for wire in block.unwired:
            QTreeWidgetItem(inner, [wire, "wire", "–"])
        for wire in block.wired:
            QTreeWidgetItem(inner, [wire, "–", "wire"])
        for line in block.described:
            QTreeWidgetItem(inner, [line])
    for name in found.gone:
        QTreeWidgetItem(top, [name, "block", "–"])
    if not top.childCount():
        QTreeWidgetItem(top, [SAME])


def _group(tree: QTreeWidget, title: str) -> QTreeWidgetItem:
    top = QTreeWidgetItem(tree, [title])
    top.setFont(0, font("small", 600))
    top.setFirstColumnSpanned(True)
    return top


def _cell(value: object) -> str:
    if value is None or value == "" or value == ():
        return "–"
    return reading(value) if isinstance(value, float) else written(value)
