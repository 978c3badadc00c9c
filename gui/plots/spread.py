"""A distribution over time: as colours, a column a moment, or as ridges, one behind the other."""

from __future__ import annotations

from typing import Literal

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QToolTip, QWidget

from engine.training.looks import SpreadLog
from gui.figures import percent
from gui.plots.heat import shades
from gui.plots.histogram import edges_of, together
from gui.plots.titled import TitledPlot, number
from gui.theme import faded, font, metrics, theme

Style = Literal["heat", "ridge"]
FILL = 0.85
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_RIGHT_LOW = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom


class SpreadPlot(TitledPlot):
    """How the elements of something lay, moment by moment. Colours and heights go with the root of the share."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._log: SpreadLog | None = None
        self._style: Style = "heat"
        self._by_size = False
        self._steps: list[int] = []  # of what is painted: the log goes on growing between two looks at it
        self._shares = np.empty((0, 0))
        self._edges = np.empty(0)
        self._image = QImage()

    def set_log(self, log: SpreadLog | None, *, style: Style, by_size: bool = False, name: str = "") -> None:
        """Show it; None shows nothing. by_size: powers of two, zeros left out."""
        self._log, self._style, self._by_size = log, style, by_size
        self.set_title(name or self.title, _words(log))
        self.renew()

    def refresh(self) -> None:
        self._shares, self._edges, self._image = np.empty((0, 0)), np.empty(0), QImage()
        if self._log is None or not len(self._log):
            return
        moments = None if self._style == "heat" else self._chosen(self._log)
        self._steps = [self._log.steps[moment] for moment in moments or range(len(self._log))]
        shares = self._log.octaves(moments) if self._by_size else self._log.linear(moments)
        used = np.flatnonzero(shares.any(axis=0))
        if not len(used):
            return
        first, last = int(used[0]), int(used[-1]) + 1
        count = max(h.count for h in self._log.histograms)
        size = 1 if self._by_size else together(count, last - first)
        first, last = first // size * size, -(-last // size) * size
        self._shares = np.sqrt(shares[:, first:last].reshape(len(shares), -1, size).sum(axis=2))
        self._edges = edges_of(self._log.exponent, by_size=self._by_size)[first : last + 1 : size]
        if self._style == "ridge":
            return
        levels = self._shares / (self._shares.max() or 1.0)
        colours = shades()
        colours[0] = colours[1]  # none is a share like any other
        cells = np.ascontiguousarray(colours[(levels.T[::-1] * 255).astype(np.intp)], np.uint32)
        height, width = cells.shape
        self._image = QImage(cells.data, width, height, 4 * width, QImage.Format.Format_RGB32).copy()

    @staticmethod
    def _chosen(log: SpreadLog) -> list[int]:
        """The moments that have a ridge: from the first to the last, as many as there is room for."""
        count = min(metrics().plot.ridges, len(log))
        return [int(i) for i in np.unique(np.linspace(0, len(log) - 1, count).round().astype(int))]

    def paintEvent(self, event: QPaintEvent) -> None:
        self.fresh()
        painter, area = QPainter(self), self.area()
        self.paint_head(painter)
        painter.fillRect(area, theme().plot.background)
        if self._log is None or not self._shares.size:
            return
        if self._style == "heat":
            painter.drawImage(area, self._image)
            self._paint_values(painter, area)
            self.paint_foot(painter, area, f"step {self._steps[0]:,}", f"{self._steps[-1]:,}")
        else:
            self._paint_ridges(painter, area)
            self.paint_foot(painter, area, number(float(self._edges[0])), number(float(self._edges[-1])))

    def area(self) -> QRectF:
        """Where the plot itself is."""
        return self.room(metrics().plot.spread_axis)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        QToolTip.showText(event.globalPosition().toPoint(), self.describe(event.position()), self)

    def describe(self, at: QPointF) -> str:
        """What the pointer says of a place: step, values and their share."""
        self.fresh()
        area = self.area()
        if self._log is None or self._style != "heat" or not area.contains(at) or not self._shares.size:
            return ""
        moments, bins = self._shares.shape
        moment = min(int((at.x() - area.left()) / area.width() * moments), moments - 1)
        bin = min(int((area.bottom() - at.y()) / area.height() * bins), bins - 1)
        low, high = (number(float(edge)) for edge in self._edges[bin : bin + 2])
        share = float(self._shares[moment, bin]) ** 2
        return f"step {self._steps[moment]:,} · {low} to {high} · {percent(share, 1)}"

    def _paint_values(self, painter: QPainter, area: QRectF) -> None:
        painter.setFont(font("caption"))
        painter.setPen(theme().plot.axis)
        half = painter.fontMetrics().height() / 2
        for y, value in ((area.top() + half, self._edges[-1]), (area.bottom() - half, self._edges[0])):
            place = QRectF(0, y - half, area.left() - metrics().plot.label_gap, 2 * half)
            painter.drawText(place, _RIGHT, number(float(value), 2))

    def _paint_ridges(self, painter: QPainter, area: QRectF) -> None:
        """The oldest at the back and on top; the newest in front is the strongest."""
        m, count = metrics().plot, len(self._steps)
        pitch = area.height() / (count - 1 + m.ridge_overlap)
        most = self._shares.max() or 1.0
        painter.setFont(font("caption"))
        xs = area.left() + (np.arange(self._shares.shape[1]) + 0.5) / self._shares.shape[1] * area.width()
        for row, step in enumerate(self._steps):
            base = area.bottom() - (count - 1 - row) * pitch
            ys = base - self._shares[row] / most * pitch * m.ridge_overlap
            outline = [QPointF(float(x), float(y)) for x, y in zip(xs, ys)]
            around = [QPointF(area.left(), base), *outline, QPointF(area.right(), base)]
            painter.setPen(QPen(theme().plot.series[0], 1))
            painter.setBrush(faded(theme().plot.background, FILL))
            painter.drawPolygon(QPolygonF(around))
            line = painter.fontMetrics().height()
            if row in (0, count - 1) or (pitch >= line and base < area.bottom() - line):
                painter.setPen(theme().plot.axis)
                place = QRectF(0, base - line, area.left() - m.label_gap, line)
                painter.drawText(place, _RIGHT_LOW, f"{step:,}")


def _words(log: SpreadLog | None) -> str:
    if log is None or not len(log):
        return ""
    return f"{log.histograms[-1].count:,} elements" if len(log) == 1 else f"{len(log)} moments"
