"""The Summary tab: every layer with its shape and cost, blocks as trees, totals at the end."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHeaderView, QTreeView, QVBoxLayout, QWidget

from gui.figures import count, flops, size
from gui.panels.summary_rows import COLUMNS, MOST, Row, SummaryModel
from gui.session import Session
from gui.theme import metrics
from gui.widgets import Paragraph, label


class SummaryPanel(QWidget):
    """A table of the whole model. It is filled when it is seen."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Summary")
        self.setProperty("ground", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._session = session
        self._stale = True
        self._widths = [0] * len(COLUMNS)
        self._open_names: set[str] = set()
        self.tree, self.rows = QTreeView(), SummaryModel(self)
        self.tree.setModel(self.rows)
        self.tree.setUniformRowHeights(True)
        self.tree.setEditTriggers(QTreeView.EditTrigger.NoEditTriggers)
        self.tree.setAccessibleName("Layers and what they cost")
        self.tree.setProperty("focusRing", "inside")
        self.tree.setProperty("dense", True)
        self.tree.setIndentation(metrics().space.l)
        header = self.tree.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)  # to contents, each text that is set measures all
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(metrics().control.target_min)
        self.total = Paragraph(label("", "small", "secondary"), metrics().space.l, metrics().space.s)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.tree, 1)
        box.addWidget(self.total)
        self.rows.modelAboutToBeReset.connect(self._note_open)
        session.analysed.connect(self.show_analysis)
        self.tree.clicked.connect(self._go)
        self.tree.activated.connect(self._go)

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
        seen = self._seen()
        news = self.rows.follow(result.project, result.analysis.main)
        if news is None:
            self._widths = [0] * len(COLUMNS)
            self._open(QModelIndex(), self._open_names)
        self._lay_out(seen)
        if news is None or news:
            self._make_room(self.rows.longest(news))
        analysis, cut = result.analysis, f" · the first {MOST:,} rows are shown" if self.rows.is_cut else ""
        self.total.set_text(
            f"{count(analysis.parameters)} parameters · {flops(analysis.flops)} per sample, "
            f"{flops(analysis.training_flops)} to learn from it · "
            f"{size(analysis.training_bytes)} to train{cut}"
        )

    def _lay_out(self, seen: list[tuple[Row, int, bool]]) -> None:
        """At once, not when this has been painted; and paint anew what Qt would, unless the same rows are seen."""
        viewport = self.tree.viewport()
        viewport.setAttribute(Qt.WidgetAttribute.WA_UpdatesDisabled, True)
        self.tree.executeDelayedItemsLayout()
        viewport.setAttribute(Qt.WidgetAttribute.WA_UpdatesDisabled, False)
        if self._seen() != seen:
            viewport.update()

    def _seen(self) -> list[tuple[Row, int, bool]]:
        """The rows in view, where each is, and whether it is open."""
        found, index = [], self.tree.indexAt(QPoint(0, 0))
        while index.isValid() and (place := self.tree.visualRect(index)).top() < self.tree.viewport().height():
            found.append((self.rows.row(index), place.top(), self.tree.isExpanded(index)))
            index = self.tree.indexBelow(index)
        return found

    def _make_room(self, longest: Sequence[str]) -> None:
        """Widen columns for these texts."""
        header, measure, around = self.tree.header(), self.tree.fontMetrics(), 2 * metrics().space.m
        for column, text in enumerate(longest, 1):
            if (wide := measure.horizontalAdvance(text) + around) > self._widths[column]:
                self._widths[column] = max(wide, header.sectionSizeHint(column))
                header.resizeSection(column, self._widths[column])

    def _note_open(self) -> None:
        """All rows go: what are those called that are open?"""
        self._open_names = {self.rows.row(index).name for index in self.rows.opened() if self.tree.isExpanded(index)}

    def _open(self, above: QModelIndex, names: set[str]) -> None:
        """Open the rows of these names again, and those in them."""
        for i in range(self.rows.rowCount(above) if names else 0):
            index = self.rows.index(i, 0, above)
            if self.rows.row(index).name in names and self.rows.rowCount(index):
                self.tree.setExpanded(index, True)
                self._open(index, names)

    def _go(self, index: QModelIndex) -> None:
        self._session.reveal(*self.rows.row(index).place)
