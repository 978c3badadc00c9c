"""A plot as a file: the picture of it, or its numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QBuffer, QIODevice, QPoint, QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

from engine.errors import FileError
from gui.plots.series import Series

PICTURE_SCALE = 2.0  # a PNG for a paper or a slide: twice the pixels of the screen at 1x


def write_picture(widget: QWidget, path: Path) -> None:
    """Draw a widget into a file as it is now: .svg as vectors, anything else as PNG. Raises: FileError."""
    _write(path, svg_of(widget) if path.suffix.lower() == ".svg" else png_of(widget))


def write_numbers(curves: Sequence[Series], path: Path) -> None:
    """Write curves as a table of steps, a column for each. Raises: FileError."""
    _write(path, table_of(curves).encode())


def png_of(widget: QWidget) -> bytes:
    """The widget at twice the size of the screen's units."""
    image = QImage(widget.size() * PICTURE_SCALE, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(PICTURE_SCALE)
    image.fill(widget.palette().window().color())
    widget.render(image)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stub knows no device
    return bytes(buffer.data().data())


def svg_of(widget: QWidget) -> bytes:
    """The widget as vectors, a unit for each of the screen's."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(widget.size())
    generator.setViewBox(QRectF(0, 0, widget.width(), widget.height()))
    generator.setTitle(widget.accessibleName())
    painter = QPainter(generator)
    painter.fillRect(QRectF(0, 0, widget.width(), widget.height()), widget.palette().window())
    widget.render(painter, QPoint())
    painter.end()
    return bytes(buffer.data().data())


def table_of(curves: Sequence[Series]) -> str:
    """CSV: a line for every step at which any of the curves has a value, empty where another has none."""
    names, columns = [], []
    for curve in curves:
        names.append(f"{curve.name} (smoothed)" if curve.part == "smooth" else curve.name)
        columns.append(curve.numbers())
    steps = np.unique(np.concatenate([np.empty(0), *(np.asarray(x, float) for x, _ in columns)]))
    cells: np.ndarray = np.full((len(steps), len(columns)), "", dtype=object)
    for index, (x, y) in enumerate(columns):
        cells[np.searchsorted(steps, np.asarray(x, float)), index] = [f"{value:.9g}" for value in np.asarray(y, float)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["step", *names])
    writer.writerows([f"{step:.15g}", *row] for step, row in zip(steps.tolist(), cells.tolist()))
    return text.getvalue()


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise FileError(f"{path} could not be written: {error.strerror or error}.", "Choose another place.") from error
