"""The figure of every trial over one of its options."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.plots.parallel import SpanAxis, Value
from gui.theme import font, metrics, theme, theme_changed
from gui.widgets import NamedComboBox, label

NOTHING_YET = "Every trial becomes a dot here."


class ScatterOfTrials(QWidget):
    """A dot for every trial, that of the best in the accent; the option is chosen above."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.option = NamedComboBox()
        self.option.setAccessibleName("Option of the scatter plot")
        self._dots = _Dots()
        self._names: tuple[str, ...] = ()
        self._rows: list[Sequence[Value]] = []
        self._best: int | None = None
        self._figure = label("", "small", "secondary")
        self._head = QWidget()
        line = QHBoxLayout(self._head)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self._figure)
        line.addWidget(self.option, 1)
        self._head.hide()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(metrics().space.xs)
        box.addWidget(self._head)
        box.addWidget(self._dots, 1)
        self.option.currentIndexChanged.connect(self._show)

    def show_rows(self, names: Sequence[str], rows: Sequence[Sequence[Value]], best: int | None = None) -> None:
        """names: the options, the figure last. best: the row that is best."""
        if tuple(names) != self._names:
            self._names = tuple(names)
            self.option.clear()
            self.option.addItems(list(names[:-1]))
            self._figure.setText(f"{names[-1]} over")
        self._head.setVisible(bool(rows))
        self._rows, self._best = list(rows), best
        self._show()

    def _show(self) -> None:
        column = max(0, self.option.currentIndex())
        shown = [(place, row) for place, row in enumerate(self._rows) if row[-1] is not None]
        self._dots.points = [(row[column], row[-1]) for _, row in shown]
        self._dots.best = next((at for at, (place, _) in enumerate(shown) if place == self._best), None)
        self._dots.update()


class _Dots(QWidget):
    """What is drawn."""

    def __init__(self) -> None:
        super().__init__()
        self.points: list[tuple[Value, Value]] = []
        self.best: int | None = None
        self.setAccessibleName("Figure over the option")
        theme_changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(metrics().widget.loss_plot, metrics().widget.metric_plot)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font("caption"))
        words = QFontMetricsF(painter.font())
        if not self.points:
            painter.setPen(theme().text.secondary)
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, NOTHING_YET)
            return
        across, up = SpanAxis([x for x, _ in self.points]), SpanAxis([y for _, y in self.points])
        left = max(words.horizontalAdvance(text) for text in (up.top, up.bottom, "0.00")) + metrics().space.s
        room = metrics().space.s
        area = QRectF(left, room, self.width() - left - room, self.height() - 2 * words.height())
        painter.fillRect(area, theme().plot.background)
        painter.setPen(theme().plot.axis)
        right = Qt.AlignmentFlag.AlignRight
        for text, y in ((up.top, area.top()), (up.bottom, area.bottom() - words.height())):
            painter.drawText(QRectF(0, y, left - metrics().space.xs, words.height()), right, text)
        below = QRectF(area.left(), area.bottom() + 1, area.width(), words.height())
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, across.bottom)
        painter.drawText(below, right, across.top)
        painter.setPen(QPen(Qt.PenStyle.NoPen))
        for index, (option, figure) in enumerate(self.points):
            painter.setBrush(theme().accent.base if index == self.best else theme().plot.series[0])
            radius = metrics().plot.disc_r * (2 if index == self.best else 1)
            share, height = across.height(option), up.height(figure)
            if share is not None and height is not None and math.isfinite(height):
                place = QPointF(area.left() + share * area.width(), area.bottom() - height * area.height())
                painter.drawEllipse(place, radius, radius)
