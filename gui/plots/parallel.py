"""Many runs at once: a line for each through its options and its figure, side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from gui.plots.heat import HeatScale, heat_colour
from gui.plots.titled import number
from gui.theme import font, metrics, theme, theme_changed

Value = float | str | None
NEAR = 8.0
WHOLE = 1e6  # whole numbers up to here are written out
NOTHING_YET = "Every trial becomes a line here: through its options to its figure."


class ParallelPlot(QWidget):
    """One upright axis for every option and one for the figure, at the right. Lines are coloured by the figure.

    chosen(int): the run under a click. A row lacks what it has no value for; an axis of words lists them.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: tuple[str, ...] = ()
        self._rows: list[tuple[Value, ...]] = []
        self._best: int | None = None
        self._selected: int | None = None
        self.setAccessibleName("Runs by their options and figure")
        self.setMinimumHeight(metrics().widget.loss_plot // 2)
        theme_changed.connect(self.update)

    def show_rows(self, names: Sequence[str], rows: Sequence[Sequence[Value]], best: int | None = None) -> None:
        """names: of the axes, the figure last. rows: a value for each, of every run. best: the row that is best."""
        self._names, self._rows, self._best = tuple(names), [tuple(row) for row in rows], best
        self.setAccessibleDescription(f"{len(rows)} runs" if rows else "")
        self.update()

    def select(self, row: int | None) -> None:
        """Light up one run."""
        self._selected = row
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(2 * metrics().widget.loss_plot, metrics().widget.loss_plot)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().plot.background)
        if not self._rows:
            painter.setFont(font("small"))
            painter.setPen(theme().text.secondary)
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, NOTHING_YET)
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lines = self.lines()
        figures = np.array([row[-1] for row in self._rows if isinstance(row[-1], float)], float)
        scale = HeatScale.fitting(figures[figures > 0]) if (figures > 0).any() else HeatScale()
        for index, line in enumerate(lines):
            self._paint_line(painter, index, line, scale)
        for marked in (self._best, self._selected):
            if marked is not None and marked < len(lines):
                painter.setPen(QPen(theme().accent.base, metrics().plot.strong))
                painter.drawPolyline(QPolygonF(lines[marked]))
        self._paint_axes(painter)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = event.position()
        near = [(self._distance(line, place), index) for index, line in enumerate(self.lines()) if len(line) > 1]
        if near and min(near)[0] <= NEAR:
            self.chosen.emit(min(near)[1])

    def lines(self) -> list[list[QPointF]]:
        """Where the line of every run goes, from axis to axis; short where it has no figure yet."""
        axes = [SpanAxis([row[column] for row in self._rows]) for column in range(len(self._names))]
        area = self._area()
        found = []
        for row in self._rows:
            points = []
            for column, (axis, value) in enumerate(zip(axes, row)):
                height = axis.height(value)
                if height is None:
                    break
                points.append(QPointF(self._x(column), area.bottom() - height * area.height()))
            found.append(points)
        return found

    def _paint_line(self, painter: QPainter, index: int, line: list[QPointF], scale: HeatScale) -> None:
        value = self._rows[index][-1]
        known = isinstance(value, float) and math.isfinite(value)
        colour = heat_colour(value, scale) if known and value > 0 else theme().plot.axis  # type: ignore[operator, arg-type]
        painter.setPen(QPen(colour, metrics().line.plot))
        painter.drawPolyline(QPolygonF(line))

    def _paint_axes(self, painter: QPainter) -> None:
        area, words = self._area(), QFontMetricsF(font("caption"))
        painter.setFont(font("caption"))
        room = area.width() / max(1, len(self._names) - 1) if len(self._names) > 1 else area.width()
        for column, name in enumerate(self._names):
            x, axis = self._x(column), SpanAxis([row[column] for row in self._rows])
            painter.setPen(QPen(theme().plot.axis, metrics().line.plot))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            painter.setPen(theme().text.secondary)
            shown = words.elidedText(name, Qt.TextElideMode.ElideLeft, room)
            self._write(painter, x, 0, shown)
            painter.setPen(theme().plot.axis)
            self._write(painter, x, area.top() - words.height(), axis.top)
            self._write(painter, x, area.bottom(), axis.bottom)

    def _write(self, painter: QPainter, x: float, y: float, text: str) -> None:
        words = QFontMetricsF(painter.font())
        width = words.horizontalAdvance(text)
        left = min(max(x - width / 2, 0.0), self.width() - width)
        painter.drawText(QRectF(left, y, width + 1, words.height()), text)

    def _area(self) -> QRectF:
        line = QFontMetricsF(font("caption")).height()
        side = metrics().space.xl
        return QRectF(side, 2 * line, max(1, self.width() - 2 * side), max(1, self.height() - 3 * line))

    def _x(self, column: int) -> float:
        area = self._area()
        return area.left() + area.width() * column / max(1, len(self._names) - 1)

    def _distance(self, line: list[QPointF], place: QPointF) -> float:
        best = math.inf
        for a, b in pairwise(line):
            if a.x() - NEAR <= place.x() <= b.x() + NEAR:
                share = min(max((place.x() - a.x()) / max(b.x() - a.x(), 1e-9), 0.0), 1.0)
                best = min(best, abs(a.y() + share * (b.y() - a.y()) - place.y()))
        return best


class SpanAxis:
    """From the least to the greatest value, logarithmic where that is more than a decade; words one above the other."""

    def __init__(self, values: Sequence[Value]) -> None:
        self._words = sorted({value for value in values if isinstance(value, str)})
        numbers = [v for v in values if isinstance(v, (int, float)) and math.isfinite(v)]
        self._low, self._high = (min(numbers), max(numbers)) if numbers else (0.0, 1.0)
        self._log = self._low > 0 and self._high > 10 * self._low
        if self._words:
            self.bottom, self.top = self._words[0], self._words[-1]
        else:
            self.bottom, self.top = (written(v) if numbers else "" for v in (self._low, self._high))

    def height(self, value: Value) -> float | None:
        """0 below to 1 above."""
        if isinstance(value, str):
            return self._words.index(value) / max(1, len(self._words) - 1)
        if value is None or not math.isfinite(value):
            return None
        if self._high == self._low:
            return 0.5
        if self._log:
            return math.log(value / self._low) / math.log(self._high / self._low)
        return (value - self._low) / (self._high - self._low)


def written(value: float) -> str:
    """A limit of an axis: 64, 1,024, 0.00317, 1.2e-5."""
    return f"{value:,.0f}" if value == round(value) and abs(value) < WHOLE else number(value)
