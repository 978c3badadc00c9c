"""Layer by step: what every layer's gradient did, a glance at a time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from gui.plots import heatmap_paint as paint
from gui.plots.heat import HeatScale, Kind, reading_of
from gui.plots.heat_cells import HeatCells
from gui.plots.thinning import NOTHING, Floats
from gui.theme import font, theme_changed

DRAW_MS = 200  # half the pace that the look allows: a column is a pixel, and training needs the GIL
PAGE = 10  # rows
ROW_KEYS = {
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_PageUp: -PAGE,
    Qt.Key.Key_PageDown: PAGE,
}
COLUMN_KEYS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Home: -(1 << 30), Qt.Key.Key_End: 1 << 30}


class HeatMap(QWidget):
    """A row per layer, steps to the right, a value as colour; the legend is at the right.

    Rows are told and chosen by their index in `set_rows`, whatever their order on screen. The scale stands still while
    the pointer is over the map. title: "" leaves the room above the map to others. told_of(first, last): what there is
    to be said of these steps besides, "" for nothing.
    """

    row_clicked = Signal(int)
    column_clicked = Signal(int)  # the step

    def __init__(self, title: str, aside: str = "layer × step", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title, self.aside = title, aside
        self.names: list[str] = []
        self.names_width = 0.0
        self.cells = HeatCells()
        self.selected: int | None = None
        self.step: int | None = None
        self._frozen = False
        self._fresh = True
        self.told_of: Callable[[int, int], str] = lambda first, last: ""
        self.setAccessibleName(f"{title}, {aside}")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(200, 100)
        self._pause = QTimer(self, singleShot=True, interval=DRAW_MS)
        self._pause.timeout.connect(self.refresh)
        theme_changed.connect(self.redress)

    def set_rows(self, names: list[str], kind: Kind = "size") -> None:
        """Begin anew with these rows, and values on a scale of this kind."""
        self.names, self.selected = list(names), None
        strong = QFontMetricsF(font("caption_strong"))
        self.names_width = max((strong.horizontalAdvance(name) for name in names), default=0.0)
        self.cells = HeatCells(len(names), kind)
        self._pause.stop()  # a picture of other rows must not stay over these
        self.redraw()

    def add(self, steps: Floats, values: Floats) -> None:
        """Take in columns: steps (S,) ascending, values (rows, S), `NOTHING` where there is none.

        The last ones may be given again when they have changed.
        """
        self.cells.fold(steps, values)
        self.redraw()

    def set_data(
        self, rows: list[str], steps: Floats, values: Floats, missing: np.ndarray | None = None, kind: Kind = "size"
    ) -> None:
        """Show sizes. Shapes: rows (R), steps (S) ascending, values (R, S), missing (R) or (R, S).

        Missing values are hatched (frozen, not reached), and so is a row that never held a number; any other value
        that is not finite is red.
        """
        if values.shape != (len(rows), len(steps)):
            raise ValueError(f"values must be {len(rows)} rows × {len(steps)} steps, but are {values.shape}.")
        with np.errstate(over="ignore"):
            table = np.abs(values).astype(np.float32)
        table[np.isnan(table).all(axis=1)] = NOTHING
        if missing is not None:
            table[np.broadcast_to(missing[:, None] if missing.ndim == 1 else missing, table.shape)] = NOTHING
        if rows != self.names or kind != self.cells.kind or not self.cells.grid.continues(steps, table):
            self.set_rows(rows, kind)
        first = int(np.searchsorted(steps, self.cells.grid.last))
        self.add(steps[first:], table[:, first:])

    def sort(self, order: np.ndarray) -> None:
        """Show the rows in this order, from the top."""
        self.cells.sort(order)
        self.redraw()

    def select_row(self, row: int | None) -> None:
        """Ring a row in the accent; None rings none."""
        self.selected = row if row is not None and 0 <= row < len(self.names) else None
        self.update()

    def mark_step(self, step: int | None) -> None:
        """Draw a line at a step; None draws none."""
        self.step = step
        self.update()

    def scale_shown(self) -> HeatScale:
        """The scale of this moment, for a canvas that wants the same colours."""
        return self.cells.scale

    def redraw(self) -> None:
        """There is something new: draw it now, or as soon as the last drawing is old enough."""
        self._fresh = True
        if self.isVisible() and not self._pause.isActive():
            self.refresh()

    def describe(self, row: int, column: int) -> str:
        """What the pointer says of a cell: layer, step and the greatest size in that span of time."""
        cells = self.cells
        name = self.names[cells.worst_of(row, column)]
        first, more = cells.step_of(column), cells.grid.span * cells.width
        steps = f"step {first:,}" if more == 1 else f"steps {first:,}–{first + more - 1:,}"
        others = len(cells.rows_of(row)) - 1
        beside = f", the largest of {others + 1} rows" if others else ""
        words = f"{name} · {steps} · {reading_of(cells.value(row, column))}{beside}"
        return " · ".join(part for part in (words, self.told_of(first, first + more - 1)) if part)

    def cell_at(self, place: QPointF) -> tuple[int, int] | None:
        """Row and column of the picture under a point of the widget; None beside the map."""
        area, image = self.map_rect(), self.cells.image
        if not area.contains(place) or image.isNull():
            return None
        row = int((place.y() - area.top()) / area.height() * image.height())
        column = int((place.x() - area.left()) / area.width() * image.width())
        return min(row, image.height() - 1), min(column, image.width() - 1)

    def map_rect(self) -> QRectF:
        """Where the cells are."""
        return paint.map_rect(self)

    def redress(self) -> None:
        """Draw everything in the new theme at once, so that no moment shows half of each."""
        self._fresh = True
        self.refresh()

    def sizeHint(self) -> QSize:
        return QSize(460, 180)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            return True  # our own follows the pointer
        return super().event(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._frozen = True
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._frozen = False
        QToolTip.hideText()
        self.redraw()
        super().leaveEvent(event)

    @property
    def is_looked_at(self) -> bool:
        """Whether the pointer is over the map, so that nothing should change its place."""
        return self._frozen

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position())
        if cell is None:
            QToolTip.hideText()
        else:
            QToolTip.showText(event.globalPosition().toPoint(), self.describe(*cell), self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position())
        row = self.cells.worst_of(*cell) if cell else self._name_at(event.position())
        if row is not None and event.button() == Qt.MouseButton.LeftButton:
            self.row_clicked.emit(row)
        if cell is not None and event.button() == Qt.MouseButton.LeftButton:
            self.column_clicked.emit(self.cells.step_of(cell[1]))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down choose rows, left and right steps; Home and End the first and the last one."""
        rows, columns = ROW_KEYS.get(Qt.Key(event.key())), COLUMN_KEYS.get(Qt.Key(event.key()))
        if self.names and rows is not None:
            at = self.cells.place_of(self.selected) + rows if self.selected is not None else 0
            if self.selected is None and rows < 0:
                at = 0
            self.row_clicked.emit(int(self.cells.order[min(max(at, 0), len(self.names) - 1)]))
        elif not self.cells.image.isNull() and columns is not None:
            last = self.cells.image.width() - 1
            at = last if self.step is None else min(max(self.cells.column_of(self.step) + columns, 0), last)
            self.column_clicked.emit(self.cells.step_of(at))
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.redraw()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fresh = True
        self.refresh()

    def paintEvent(self, event: QPaintEvent) -> None:
        paint.paint(QPainter(self), self)

    def refresh(self) -> None:
        """Draw what is new, if there is anything and it can be seen."""
        if not self._fresh or not self.isVisible():
            return
        self._fresh = False
        area, ratio = self.map_rect(), self.devicePixelRatioF()
        wide, high = round(area.width() * ratio), round(area.height() * ratio)
        self.cells.draw(wide, high, keep_scale=self._frozen)
        if not self.cells.image.isNull():
            self._pause.start()
        self.update()

    def _name_at(self, place: QPointF) -> int | None:
        area = self.map_rect()
        if not self.names or place.x() >= area.left() or not area.top() <= place.y() < area.bottom():
            return None
        return int(self.cells.order[int((place.y() - area.top()) / area.height() * len(self.names))])
