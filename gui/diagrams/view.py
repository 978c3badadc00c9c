"""A diagram in the window."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.diagrams.base import Diagram
from gui.theme import metrics, theme, theme_changed

WIDEST = 460.0


class DiagramView(QWidget):
    """Shows one diagram on a sunk ground, in the middle."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.diagram: Diagram | None = None
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme_changed.connect(self.update)

    def show_diagram(self, diagram: Diagram) -> None:
        """Show another one."""
        self.diagram = diagram
        self.setAccessibleName(f"Picture: {diagram.words}")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        high = self.diagram.height if self.diagram else 0.0
        return QSize(metrics().layout.small.palette, round(high) + 2 * metrics().space.m)

    def minimumSizeHint(self) -> QSize:
        return QSize(metrics().space.xxl, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, pad = QPainter(self), metrics().space.m
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().bg.field)
        painter.drawRoundedRect(QRectF(self.rect()), metrics().radius.tile, metrics().radius.tile)
        inside = QRectF(self.rect()).adjusted(pad, pad, -pad, -pad)
        spare = max(0.0, inside.width() - WIDEST) / 2
        if self.diagram:
            self.diagram.paint(painter, inside.adjusted(spare, 0, -spare, 0))
