"""Layer by step: what every layer's gradient did, a glance at a time."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QBrush,
    QEnterEvent,
    QFontMetricsF,
    QImage,
    QKeyEvent,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from gui.plots.heat import HeatScale, heat_colour, reading_of
from gui.plots.thinning import ColumnMaxima, Floats
from gui.theme import faded, font, metrics, theme, theme_changed

DRAW_MS = 200  # half the pace that the look allows: a column is a pixel, and training needs the GIL
ARGB = QImage.Format.Format_ARGB32
STOPS = 17  # of the legend's gradient


class HeatMap(QWidget):
    """A row per layer, time to the right, log10 of a size as colour; the legend is at the right.

    The scale stands still while the pointer is over the map. Columns may only grow between two calls of `set_data`.
    """

    row_clicked = Signal(int)
    column_clicked = Signal(int)  # the step

    def __init__(self, title: str, aside: str = "layer × step", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title, self._aside = title, aside
        self._rows: list[str] = []
        self._steps: Floats = np.empty(0)
        self._maxima = ColumnMaxima()
        self._scale = HeatScale()
        self._image = QImage()
        self._columns: Floats = np.empty((0, 0))
        self._selected: int | None = None
        self._frozen = False
        self._fresh = True
        self.setAccessibleName(f"{title}, {aside}")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(200, 100)
        self._pause = QTimer(self, singleShot=True, interval=DRAW_MS)
        self._pause.timeout.connect(self.refresh)
        theme_changed.connect(self.redress)

    def set_data(self, rows: list[str], steps: Floats, values: Floats, missing: np.ndarray | None = None) -> None:
        """Show sizes. Shapes: rows (R), steps (S) ascending, values (R, S), missing (R) or (R, S).

        Missing values are hatched (frozen, not reached), and so is a row that never held a number; any other value
        that is not finite is red.
        """
        if values.shape != (len(rows), len(steps)):
            raise ValueError(f"values must be {len(rows)} rows × {len(steps)} steps, but are {values.shape}.")
        if rows != self._rows:
            self._rows, self._selected = list(rows), None
            self._maxima.clear()
            # At once, not with the next drawing: a picture of other rows must not be painted over these.
            self._image, self._columns = QImage(), np.empty((len(rows), 0))
        self._steps = steps
        self._maxima.update(values, missing)
        self.redraw()

    def select_row(self, row: int | None) -> None:
        """Ring a row in the accent; None rings none."""
        self._selected = row if row is not None and 0 <= row < len(self._rows) else None
        self.update()

    def scale_shown(self) -> HeatScale:
        """The scale of this moment, for a canvas that wants the same colours."""
        return self._scale

    def redraw(self) -> None:
        """There is something new: draw it now, or as soon as the last drawing is old enough."""
        self._fresh = True
        if self.isVisible() and not self._pause.isActive():
            self.refresh()

    def describe(self, row: int, column: int) -> str:
        """What the pointer says of a cell: layer, step and the greatest size in that span of time."""
        return f"{self._rows[row]} · step {self._step_of(column):,} · {reading_of(float(self._columns[row, column]))}"

    def cell_at(self, place: QPointF) -> tuple[int, int] | None:
        """Row and column under a point of the widget; None beside the map."""
        area = self.map_rect()
        if not area.contains(place) or not self._columns.size:
            return None
        rows, columns = self._columns.shape
        row = int((place.y() - area.top()) / area.height() * rows)
        column = int((place.x() - area.left()) / area.width() * columns)
        return min(row, rows - 1), min(column, columns - 1)

    def map_rect(self) -> QRectF:
        """Where the cells are."""
        m, line = metrics().plot, QFontMetricsF(font("caption"))
        names = max((QFontMetricsF(font("caption_strong")).horizontalAdvance(name) for name in self._rows), default=0)
        left = math.ceil(min(names, self.width() * m.names_max)) + m.label_gap + 1
        ticks = max(line.horizontalAdvance(label) for _, label in self._scale.ticks() or [(0.0, "1e-4")])
        legend = m.legend_bar + m.label_gap + round(ticks) + metrics().space.l
        room = self.height() - m.header - m.footer
        height = min(room, m.heat_row_max * len(self._rows)) if self._rows else room
        whole_rows = height // len(self._rows) * len(self._rows) if 0 < len(self._rows) <= height else height
        return QRectF(left, m.header, max(self.width() - left - legend, 1), max(whole_rows, 1))

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

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position())
        if cell is None:
            QToolTip.hideText()
        else:
            QToolTip.showText(event.globalPosition().toPoint(), self.describe(*cell), self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position())
        row = cell[0] if cell else self._name_at(event.position())
        if row is not None and event.button() == Qt.MouseButton.LeftButton:
            self.row_clicked.emit(row)
        if cell is not None and event.button() == Qt.MouseButton.LeftButton:
            self.column_clicked.emit(self._step_of(cell[1]))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is None or not self._rows:
            super().keyPressEvent(event)
            return
        start = -1 if self._selected is None and step > 0 else self._selected or 0
        self.row_clicked.emit(min(max(start + step, 0), len(self._rows) - 1))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.redraw()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fresh = True
        self.refresh()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, area = QPainter(self), self.map_rect()
        self._paint_header(painter, area)
        self._paint_cells(painter, area)
        self._paint_names(painter, area)
        self._paint_steps(painter, area)
        self._paint_legend(painter, area)

    def refresh(self) -> None:
        """Draw what is new, if there is anything and it can be seen."""
        if not self._fresh or not self.isVisible():
            return
        self._fresh = False
        wide = max(round(self.map_rect().width() * self.devicePixelRatioF()), 1)
        self._columns = self._maxima.columns(wide)
        if not self._frozen:
            self._scale = HeatScale.fitting(self._columns)
        cells = np.ascontiguousarray(self._scale.argb(self._columns), dtype=np.uint32)
        cells[np.isnan(self._columns).all(axis=1)] = 0
        rows, columns = cells.shape
        # Copied: the picture must not outlive the numbers that it was made of.
        self._image = QImage() if not cells.size else QImage(cells.data, columns, rows, 4 * columns, ARGB).copy()
        self._pause.start()
        self.update()

    def _step_of(self, column: int) -> int:
        """The step at which a column of pixels begins."""
        place = column * self._maxima.steps // max(self._columns.shape[1], 1)
        return int(self._steps[min(place, len(self._steps) - 1)])

    def _name_at(self, place: QPointF) -> int | None:
        area = self.map_rect()
        if not self._rows or place.x() >= area.left() or not area.top() <= place.y() < area.bottom():
            return None
        return int((place.y() - area.top()) / area.height() * len(self._rows))

    def _paint_header(self, painter: QPainter, area: QRectF) -> None:
        face = font("small", 600)
        header = QRectF(0, 0, self.width(), metrics().plot.header - metrics().space.xs)
        painter.setFont(face)
        painter.setPen(theme().text.primary)
        painter.drawText(header, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._title)
        beside = header.adjusted(QFontMetricsF(face).horizontalAdvance(self._title) + metrics().space.s, 0, 0, 0)
        painter.setFont(font("caption"))
        painter.setPen(theme().text.muted)
        aside = QFontMetricsF(painter.font()).elidedText(self._aside, Qt.TextElideMode.ElideRight, beside.width())
        painter.drawText(beside, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, aside)

    def _paint_cells(self, painter: QPainter, area: QRectF) -> None:
        if self._image.isNull():
            painter.fillRect(area, theme().plot.background)
            return
        painter.fillRect(area, theme().plot.background)
        painter.fillRect(area, QBrush(theme().border.default, Qt.BrushStyle.BDiagPattern))  # seen where cells are clear
        painter.drawImage(area, self._image)
        pitch = area.height() / len(self._rows)
        if pitch >= metrics().space.xs:
            gap = faded(theme().bg.panel, metrics().plot.heat_gap_alpha)
            for row in range(1, len(self._rows)):
                painter.fillRect(QRectF(area.left(), round(area.top() + row * pitch) - 1, area.width(), 1), gap)
        if self._selected is not None:
            width = metrics().line.selection
            painter.setPen(QPen(theme().accent.base, width))
            ring = QRectF(area.left(), area.top() + self._selected * pitch, area.width(), max(pitch, width))
            painter.drawRect(ring.adjusted(0, 0, 0, -1))

    def _paint_names(self, painter: QPainter, area: QRectF) -> None:
        """Each row's name, or every n-th where rows are low; the selected one always, and strong."""
        if not self._rows:
            return
        pitch = area.height() / len(self._rows)
        stride = max(1, math.ceil(metrics().plot.heat_row / pitch))
        width = area.left() - metrics().plot.label_gap
        for row in sorted(
            {*range(0, len(self._rows), stride), *([self._selected] if self._selected is not None else [])}
        ):
            chosen = row == self._selected
            if not chosen and self._selected is not None and abs(row - self._selected) < stride:
                continue
            painter.setFont(font("caption_strong" if chosen else "caption"))
            painter.setPen(theme().text.primary if chosen else theme().text.secondary)
            text = QFontMetricsF(painter.font()).elidedText(self._rows[row], Qt.TextElideMode.ElideMiddle, width)
            middle = area.top() + (row + 0.5) * pitch
            place = QRectF(0, middle - pitch * stride, width, 2 * pitch * stride)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_steps(self, painter: QPainter, area: QRectF) -> None:
        painter.setFont(font("caption"))
        painter.setPen(theme().plot.axis)
        below = QRectF(area.left(), area.bottom(), area.width(), metrics().plot.footer)
        first, last = (int(self._steps[0]), int(self._steps[-1])) if len(self._steps) else (0, 0)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, f"step {first:,}")
        if last != first:
            painter.drawText(below, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{last:,}")

    def _paint_legend(self, painter: QPainter, area: QRectF) -> None:
        """A bar from the least to the greatest size, labelled at whole decades."""
        bar = QRectF(area.right() + metrics().space.m, area.top(), metrics().plot.legend_bar, area.height())
        paint = QLinearGradient(bar.bottomLeft(), bar.topLeft())
        for place in np.linspace(0, 1, STOPS):
            size = 10 ** (self._scale.low + float(place) * (self._scale.high - self._scale.low))
            paint.setColorAt(float(place), heat_colour(size, self._scale))
        painter.fillRect(bar, paint)
        painter.setFont(font("caption"))
        painter.setPen(theme().plot.axis)
        half = QFontMetricsF(painter.font()).height() / 2
        for share, label in self._scale.ticks():
            y = min(max(bar.bottom() - share * bar.height(), bar.top() + half), bar.bottom() - half)
            place = QRectF(bar.right() + metrics().plot.label_gap, y - half, self.width(), 2 * half)
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, label)
