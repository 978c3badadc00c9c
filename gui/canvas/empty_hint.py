"""What an empty canvas says: what to do, three layers to begin with, and the way to the examples."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from engine.layers import Layer
from gui.glyphs import bind_tile
from gui.theme import metrics
from gui.widgets import label

FIRST = ("Input", "Linear", "Conv2d")


class EmptyHint(QWidget):
    """Lies in the middle; what is not a button lets the mouse through to the canvas only around it."""

    layer_chosen = Signal(str)
    examples_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        column, row = QVBoxLayout(self), QHBoxLayout()
        column.setSpacing(metrics().space.m)
        column.addWidget(
            label("Drop a layer here, or press Tab", "title", "secondary"), 0, Qt.AlignmentFlag.AlignCenter
        )
        row.setSpacing(metrics().space.s)
        for key in FIRST:
            row.addWidget(self._chip(key))
        column.addLayout(row)
        self.examples = QPushButton("or start from an example", self)
        self.examples.setProperty("kind", "plain")
        self.examples.clicked.connect(self.examples_wanted)
        column.addWidget(self.examples, 0, Qt.AlignmentFlag.AlignCenter)
        self.adjustSize()

    def _chip(self, key: str) -> QPushButton:
        chip = QPushButton(f" {Layer.registry[key].title}", self)  # the space keeps the word off the tile
        bind_tile(chip, Layer.registry[key].category, metrics().control.icon)
        chip.setAccessibleName(f"Add {key}")
        chip.clicked.connect(lambda: self.layer_chosen.emit(key))
        return chip
