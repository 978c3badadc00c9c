"""What the first node that gave no finite number was given, in figures."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from engine.training.bad import BadInput, BadNode
from gui.dialogs.base import Dialog
from gui.plots.histogram import paint_bars
from gui.plots.titled import number
from gui.theme import metrics, theme
from gui.widgets import label

HEADINGS = ("Input", "Shape", "Type", "NaN or inf", "Least", "Greatest", "Mean", "How they lie")
NUMBERS = (3, 4, 5, 6)
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
ROWS = 6
BACKWARD = "Going backward, the gradient that came in was finite, the one that it passed on was not."
FORWARD = "These went in at the step that stopped the run; what came out was no finite number."


class BadInputsDialog(Dialog):
    """A line an input: a tensor that came by a wire, a parameter, or the gradient that came from behind."""

    def __init__(self, bad: BadNode, parent: QWidget) -> None:
        super().__init__(f"Inputs of {bad.name}", BACKWARD if bad.way == "backward" else FORWARD, parent)
        self.setFixedWidth(metrics().popup.dialog_w * 2)
        self.tree = QTreeWidget(self)
        self.tree.setHeaderLabels(list(HEADINGS))
        for column in NUMBERS:
            self.tree.headerItem().setTextAlignment(column, RIGHT)
        self.tree.setRootIsDecorated(False)
        self.tree.setUniformRowHeights(True)
        self.tree.setMinimumHeight(ROWS * metrics().control.row)
        self.tree.setAccessibleName("Inputs")
        header = self.tree.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setStretchLastSection(False)
        self.body.addWidget(self.tree)
        for given in bad.inputs:
            self._add(given)
        if bad.file:
            kept = label(f"Kept whole in {bad.file}", "small", "secondary")
            kept.setWordWrap(True)
            kept.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self.body.addWidget(kept)
        self.leave_button()

    def _add(self, given: BadInput) -> None:
        shape = " × ".join(str(size) for size in given.shape) or "a number"
        figures = (f"{given.bad:,}", number(given.low), number(given.high), number(given.mean))
        item = QTreeWidgetItem(self.tree, [given.name, shape, given.dtype, *figures])
        for column in NUMBERS:
            item.setTextAlignment(column, RIGHT)
        self.tree.setItemWidget(item, len(HEADINGS) - 1, _Bars(given))


class _Bars(QWidget):
    """How the finite values lie between the least and the greatest, the size of a word."""

    def __init__(self, given: BadInput) -> None:
        super().__init__()
        self._counts: np.ndarray = given.counts
        self.setAccessibleName(f"Histogram of {given.name}")
        self.setFixedSize(metrics().plot.spark_w, metrics().plot.spark_h)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_bars(QPainter(self), QRectF(self.rect()), self._counts, theme().plot.series[0])
