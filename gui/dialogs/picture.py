"""The network as a picture: what of it, how deep into its blocks, in which colours and format; with a preview."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QWidget,
)

from gui.dialogs.base import Dialog
from gui.dialogs.path_field import PathField
from gui.figures import percent
from gui.style import indent
from gui.theme import Scheme, metrics
from gui.widgets import NamedComboBox, label

FORMATS = (
    ("png", "Pixels (.png), for slides"),
    ("svg", "Vectors (.svg), to edit"),
    ("pdf", "Vectors (.pdf), for a paper"),
)
PARTS = (("block", "The block on screen"), ("selection", "What is selected"), ("main", "The whole model"))
COLOURS = (("", "As the window"), ("light", "Light"), ("dark", "Dark"))
DEPTHS = ((0, "Blocks stay closed"), (1, "One level opened"), (2, "Two levels opened"), (9, "All opened"))
LEAST_SCALE, USUAL_SCALE, MOST_SCALE = 0.1, 2.0, 16.0

Size = Callable[[float], tuple[QSize, bool]]
"""How many pixels a scale gives, and whether that is fewer than it asks for."""
Stop = Callable[[], object]
Part = Literal["block", "selection", "main"]


@dataclass(frozen=True)
class Wanted:
    """What was chosen."""

    part: Part = "block"
    depth: int = 0
    shapes: bool = True
    colours: Scheme | Literal[""] = ""
    scale: float = 2.0


class PictureDialog(Dialog):
    """preview(wanted, show) draws what was chosen and calls show, perhaps later, with an image and its size in pixels.

    write(wanted, path, progress, ended) writes it, says how much is done and at last whether it is there, and returns
    what gives it up.
    """

    def __init__(
        self,
        path: Path,
        parts: tuple[str, ...],
        preview: Callable[[Wanted, Callable[[QImage, Size], object]], object],
        write: Callable[[Wanted, Path, Callable[[float], object], Callable[[bool], object]], Stop],
        parent: QWidget,
    ) -> None:
        super().__init__("Export a picture", "", parent)
        self.setFixedWidth(metrics().popup.dialog_w * 2)
        self._preview, self._write = preview, write
        self._size: Size | None = None
        self._stop: Stop | None = None
        self.pixels = label("", "small", "secondary")
        self.pixels.setWordWrap(True)
        self.format = choice("Format", FORMATS)
        self.part = choice("Part", tuple(p for p in PARTS if p[0] in parts))
        self.levels = choice("Blocks", DEPTHS)
        self.colours = choice("Colours", COLOURS)
        self.scale = QDoubleSpinBox()
        self.scale.setAccessibleName("Size, in the screen's pixels")
        self.scale.setRange(LEAST_SCALE, MOST_SCALE)
        self.scale.setDecimals(2)
        self.scale.setSuffix(" × the screen's pixels")
        self.scale.setValue(USUAL_SCALE)
        indent(self.scale)
        self.shapes = QCheckBox("Shapes on the wires")
        self.shapes.setChecked(True)
        self.file = PathField(path)
        self.picture = QLabel()
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.picture.setMinimumSize(metrics().popup.dialog_w, metrics().popup.dialog_w * 2 // 3)
        self.picture.setAccessibleName("Preview")
        self._lay_out()
        self.leave = self.add_action("Leave it", self.reject)
        self.button = self.add_action("Export", self.export, "primary")
        self.button.setDefault(True)
        self.button.setFocus()
        self._soon = QTimer(self, interval=0, singleShot=True)
        self._soon.timeout.connect(self.show_preview)
        for box in (self.format, self.part, self.levels, self.colours):
            box.activated.connect(self._changed)
        self.shapes.toggled.connect(self._changed)
        self.scale.valueChanged.connect(self._show_size)
        self._soon.start()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(metrics().space.l)
        form.setVerticalSpacing(metrics().space.s)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for words, field in (
            ("Draw", self.part), ("Blocks", self.levels), ("Colours", self.colours), ("", self.shapes),
            ("Format", self.format), ("Size", self.scale), ("", self.pixels),
        ):  # fmt: skip
            form.addRow(label(words, "small", "secondary"), field)
        row = QHBoxLayout()
        row.setSpacing(metrics().space.xl)
        row.addLayout(form, 2)
        row.addWidget(self.picture, 3)
        self.body.addLayout(row)
        self.body.addWidget(self.file)

    @property
    def wanted(self) -> Wanted:
        """What is chosen now."""
        return Wanted(
            self.part.currentData(),
            self.levels.currentData(),
            self.shapes.isChecked(),
            self.colours.currentData(),
            self.scale.value(),
        )

    def show_preview(self) -> None:
        """Draw what is chosen."""
        self._preview(self.wanted, self._show)

    def _show(self, image: QImage, size: Size) -> None:
        self._size = size
        self.picture.setPixmap(QPixmap.fromImage(image))
        self._show_size()

    def _show_size(self) -> None:
        """Say how many pixels the file will have, and where these are fewer than was asked for."""
        if self._size is None or self.format.currentData() != "png":
            self.pixels.setText("")
            return
        size, is_less = self._size(self.scale.value())
        most = max(size.width(), size.height())
        less = f": smaller than asked for, since no side has more than {most:,}" if is_less else ""
        self.pixels.setText(f"{size.width():,} × {size.height():,} pixels{less}")

    def _changed(self) -> None:
        self.scale.setEnabled(self.format.currentData() == "png")
        self.file.set_path(Path(self.file.line.text()).with_suffix(f".{self.format.currentData()}"))
        self._soon.start()

    def export(self) -> None:
        """Write it, if the path can be meant; the dialog stays until it is there."""
        if self._stop is None and (path := self.file.path()) is not None:
            self._set_busy(True)
            self._stop = self._write(self.wanted, path, self.show_progress, self._end)

    def show_progress(self, share: float) -> None:
        """How much is done."""
        self.button.setText(f"Writing … {percent(share)}")

    def _end(self, is_written: bool) -> None:
        self._set_busy(False)
        if is_written:
            self.accept()

    def _set_busy(self, is_busy: bool) -> None:
        self._stop = None
        self.button.setEnabled(not is_busy)
        self.button.setText(f"Writing … {percent(1.0)}" if is_busy else "Export")
        self.button.setMinimumWidth(self.button.sizeHint().width())  # room for every share that will be told
        self.show_progress(0.0) if is_busy else None
        self.leave.setText("Stop" if is_busy else "Leave it")
        for field in (self.part, self.levels, self.colours, self.shapes, self.format, self.scale, self.file):
            field.setEnabled(not is_busy and (field is not self.scale or self.format.currentData() == "png"))

    def reject(self) -> None:
        """Give up what is being written, if anything is; else leave."""
        if self._stop is not None:
            self._stop()
            self._set_busy(False)
        else:
            super().reject()


def choice(name: str, choices: tuple[tuple[object, str], ...]) -> QComboBox:
    """A list of values by their words."""
    box = NamedComboBox()
    box.setAccessibleName(name)
    for value, words in choices:
        box.addItem(words, value)
    return box
