"""The rail: one tile for each kind of layer, the legend of colours and the shortest way to a layer."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QToolButton, QVBoxLayout, QWidget

from engine.layers import catalogue
from engine.layers.base import CATEGORIES
from gui.glyphs import bind_icon, bind_tile
from gui.panels.palette import heading_of, start_drag
from gui.theme import metrics

MOST_USED = {
    "io": "Input",
    "linear": "Linear",
    "convolution": "Conv2d",
    "pooling": "MaxPool2d",
    "normalisation": "BatchNorm2d",
    "activation": "ReLU",
    "regularisation": "Dropout",
    "recurrent": "LSTM",
    "attention": "MultiheadAttention",
    "embedding": "Embedding",
    "merge": "Add",
    "shape": "Flatten",
    "code": "Code",
}


class Rail(QWidget):
    """category_chosen(str): list the layers of this kind; "" for all of them. Dragging a tile drops its most used."""

    category_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Kinds of layers")
        self.setProperty("ground", "window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(metrics().layout.large.rail)
        self.tiles: dict[str, Tile] = {}
        self._box = QVBoxLayout(self)
        space = metrics().space
        self._box.setContentsMargins(0, space.s, 0, space.s)
        self._box.setSpacing(space.xs)
        self._box.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter)
        self.add = QToolButton()
        self.add.setToolTip("All layers")
        self.add.setAccessibleName("All layers")
        bind_icon(self.add, "plus")
        self.add.clicked.connect(lambda: self.category_chosen.emit(""))
        self._box.addWidget(self.add)
        there = {layer.category for layer in catalogue()} | {"block"}
        for category in CATEGORIES:
            if category in there:
                tile = Tile(category)
                tile.clicked.connect(lambda _=False, category=category: self.category_chosen.emit(category))
                self._box.addWidget(tile)
                self.tiles[category] = tile
        self._box.addStretch(1)

    def add_button(self, button: QToolButton) -> None:
        """Put a button at the lower end."""
        self._box.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)


class Tile(QToolButton):
    """A kind of layer: hover names it, a click lists its layers, a drag drops its most used."""

    def __init__(self, category: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.category = category
        self.setToolTip(heading_of(category))
        self.setAccessibleName(heading_of(category))
        bind_tile(self, category, metrics().node.tile)
        self.setIconSize(QSize(metrics().node.tile, metrics().node.tile))
        self._pressed: QPoint | None = None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = event.position().toPoint()
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        key = MOST_USED.get(self.category)
        if key is None or self._pressed is None:
            return
        if (event.position().toPoint() - self._pressed).manhattanLength() >= QApplication.startDragDistance():
            self._pressed = None
            self.setDown(False)
            start_drag(self, key, self.category)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pressed = None
        super().mouseReleaseEvent(event)
