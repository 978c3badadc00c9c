"""How the elements of a tensor lie: bars over their values, or over their sizes in powers of two."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from engine.training.looked import LEAST_OCTAVE, LINEAR_BINS, OCTAVES, Histogram
from gui.plots.titled import TitledPlot, number
from gui.theme import metrics, theme

LEAST_BARS = 12


class HistogramPlot(TitledPlot):
    """A histogram between the outermost bins that hold something. by_size: powers of two, zeros left out."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._histogram: Histogram | None = None
        self._by_size = False
        self._bars = np.empty(0)
        self._edges = np.empty(0)

    def set_histogram(self, histogram: Histogram | None, *, by_size: bool = False) -> None:
        """Show it; None shows nothing."""
        self._histogram, self._by_size = histogram, by_size
        self.set_title(self.title, _words(histogram))
        self.renew()

    def refresh(self) -> None:
        self._bars, self._edges = bars_of(self._histogram, by_size=self._by_size)

    def paintEvent(self, event: QPaintEvent) -> None:
        self.fresh()
        painter, area = QPainter(self), self.room()
        self.paint_head(painter)
        painter.fillRect(area, theme().plot.background)
        if not len(self._bars):
            return
        paint_bars(painter, area, self._bars, theme().plot.series[0])
        self.paint_foot(painter, area, number(float(self._edges[0])), number(float(self._edges[-1])))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        QToolTip.showText(event.globalPosition().toPoint(), self.describe(event.position()), self)

    def describe(self, at: QPointF) -> str:
        """What the pointer says of a bar: from where to where, and how many."""
        self.fresh()
        area = self.room()
        if not area.contains(at) or not len(self._bars):
            return ""
        bar = min(int((at.x() - area.left()) / area.width() * len(self._bars)), len(self._bars) - 1)
        low, high = (number(float(edge)) for edge in self._edges[bar : bar + 2])
        return f"{low} to {high} · {int(self._bars[bar]):,}"


def bars_of(histogram: Histogram | None, *, by_size: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Counts and edges between the outermost bins that hold something; nothing where no element is finite."""
    if histogram is None:
        return np.empty(0), np.empty(0)
    counts = histogram.octaves if by_size else histogram.linear
    used = np.flatnonzero(counts)
    if not len(used):
        return np.empty(0), np.empty(0)
    first, last = int(used[0]), int(used[-1]) + 1
    size = 1 if by_size else together(int(counts.sum()), last - first)
    first, last = first // size * size, -(-last // size) * size
    edges = edges_of(histogram.exponent, by_size=by_size)[first : last + 1 : size]
    return counts[first:last].reshape(-1, size).sum(axis=1), edges


def together(elements: int, bins: int) -> int:
    """How many neighbouring bins are drawn as one, a power of two, so that few elements do not look like noise."""
    wanted = max(LEAST_BARS, 2 * elements ** (1 / 2))
    size = 1
    while bins / size > wanted and size < LINEAR_BINS:
        size *= 2
    return size


def edges_of(exponent: int, *, by_size: bool = False) -> np.ndarray:
    """Where the bins of a histogram begin and end."""
    if by_size:
        return 2.0 ** (LEAST_OCTAVE - 1 + np.arange(OCTAVES + 1))
    return np.linspace(-1, 1, LINEAR_BINS + 1) * 2.0**exponent


def paint_bars(painter: QPainter, area: QRectF, bars: np.ndarray, colour: QColor) -> None:
    """Bars side by side that fill an area."""
    most, pitch = float(bars.max()) or 1.0, area.width() / len(bars)
    gap = 1.0 if pitch > 3 * metrics().plot.bar_min else 0.0
    for i, count in enumerate(bars.tolist()):
        if count:
            high = max(count / most * area.height(), 1.0)
            painter.fillRect(QRectF(area.left() + i * pitch, area.bottom() - high, pitch - gap, high), colour)


def _words(histogram: Histogram | None) -> str:
    if histogram is None:
        return ""
    found = [f"{histogram.count:,} elements"]
    found += [f"{histogram.zeros:,} zeros"] if histogram.zeros else []
    found += [f"{histogram.bad:,} not finite"] if histogram.bad else []
    return " · ".join(found)
