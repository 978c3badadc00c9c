"""A curve the size of a word, beside the number that it ends in."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.plots.thinning import Floats
from gui.theme import metrics, theme, theme_changed


class Sparkline(QWidget):
    """The latest values of one thing, each a pixel wide, between their own least and greatest."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values: Floats = np.empty(0)
        self._log = False
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme_changed.connect(self.update)

    def set_values(self, values: Floats, log: bool = False) -> None:
        """Show the end of a column; `log` for norms."""
        self._values, self._log = values, log
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(metrics().plot.spark_w, metrics().plot.spark_h)

    def paintEvent(self, event: QPaintEvent) -> None:
        points = self._points()
        if not points:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(theme().plot.series[0], metrics().line.plot)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.drawPolyline(QPolygonF(points))

    def _points(self) -> list[QPointF]:
        """At most a point per pixel; what is not finite is left out."""
        latest = np.asarray(self._values[-self.width() :], dtype=float)
        with np.errstate(divide="ignore", invalid="ignore"):
            heights = np.log10(latest) if self._log else latest
        places = np.flatnonzero(np.isfinite(heights))
        if len(places) < 2:
            return []
        heights = heights[places]
        low, room = heights.min(), self.height() - 2 * metrics().line.selection
        spread = heights.max() - low
        shares = (heights - low) / spread if spread > 0 else np.full(len(heights), 0.5)
        xs = places * (self.width() - 1) / max(len(latest) - 1, 1)
        ys: Floats = metrics().line.selection + room * (1 - shares)
        return [QPointF(float(x), float(y)) for x, y in zip(xs, ys)]
