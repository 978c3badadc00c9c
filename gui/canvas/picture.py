"""A block or a part of it as a picture: PNG, SVG or PDF, on a screen or without one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QRectF, QSize, QSizeF
from PySide6.QtGui import QImage, QImageWriter, QPageSize, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator

from engine.document.project import Project
from engine.errors import FileError
from engine.graph.graph import BlockId, NodeId
from engine.graph.shapes import Analysis
from gui.canvas.drawing import Drawing
from gui.canvas.layers import Picture
from gui.theme import Scheme, in_colours, metrics, theme

ENDINGS = (".png", ".svg", ".pdf")
POINTS = 72  # to the inch
MAX_SIDE = 16_000  # px: beyond it an image takes gigabytes, so that the picture is made smaller


@dataclass(frozen=True)
class Shot:
    """What a picture shows. block: "" for the main one. only: these layers and the wires among them, else all.

    shapes: sizes are written on the wires. colours: the theme, that of now for "". scale: pixels for each unit.
    """

    block: BlockId | str = ""
    only: frozenset[NodeId] = frozenset()
    shapes: bool = True
    colours: Scheme | Literal[""] = ""
    scale: float = 1.0


PLAIN = Shot()


def render(project: Project, analysis: Analysis | None, path: Path | str | None = None, shot: Shot = PLAIN) -> bytes:
    """Draw a block and write it where `path` says, as its ending says (.png, .svg or .pdf).

    Returns: the file's bytes, of a PNG without a path. Needs a QGuiApplication, no screen. Raises: FileError.
    """
    ending = Path(path).suffix.lower() if path else ".png"
    if ending not in ENDINGS:
        known = ", ".join(ENDINGS)
        raise FileError(f"A picture ends in one of {known}, not in {ending or 'nothing'}.", "Choose such a name.")
    with in_colours(shot.colours):
        picture = picture_of(project, analysis, shot)
        data = {".svg": _svg, ".pdf": _pdf}[ending](picture) if ending != ".png" else _png(picture, shot.scale)
    if path:
        try:
            Path(path).write_bytes(data)
        except OSError as error:
            raise FileError(
                f"{path} could not be written: {error.strerror or error}.", "Choose another place."
            ) from None
    return data


def picture_of(project: Project, analysis: Analysis | None, shot: Shot) -> Picture:
    """The drawing that a shot means."""
    drawing = Drawing(project, project.block(shot.block).id, analysis)
    if shot.only:
        drawing.keep(shot.only)
    picture = Picture(drawing)
    picture.shows_shapes = shot.shapes
    return picture


def thumbnail(
    project: Project, analysis: Analysis | None, size: QSize, ratio: float = 1.0, shot: Shot = PLAIN
) -> QImage:
    """What a shot shows, fitted into a size in device-independent px, in the theme of now."""
    picture = picture_of(project, analysis, shot)
    image = QImage(size * ratio, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(theme().bg.canvas)
    frame = _frame(picture)
    zoom = min(size.width() / frame.width(), size.height() / frame.height(), 1.0)
    painter = QPainter(image)
    painter.translate(size.width() / 2, size.height() / 2)
    painter.scale(zoom, zoom)
    painter.translate(-frame.center())
    picture.paint(painter, frame, zoom)
    painter.end()
    return image


def preview(project: Project, analysis: Analysis | None, size: QSize, ratio: float, shot: Shot) -> QImage:
    """What `render` would write, as small as fits into a size in device-independent px."""
    with in_colours(shot.colours):
        picture = picture_of(project, analysis, shot)
        frame = _frame(picture)
        scale = min(1.0, size.width() / frame.width(), size.height() / frame.height())
        image = QImage((frame.size() * scale * ratio).toSize(), QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(ratio)
        image.fill(theme().bg.canvas)
        _paint(QPainter(image), picture, frame, scale)
    return image


def _frame(picture: Picture) -> QRectF:
    """What the picture shows: everything and a margin."""
    margin = metrics().canvas.fit_margin
    bounds = picture.drawing.bounds()
    for node, face in picture.drawing.faces.items():
        for spot in face.outs if picture.shows_shapes else ():
            if shown := picture.drawing.chip_at(node, spot.port.name):
                bounds = bounds.united(shown[1])
    if bounds.isEmpty():
        bounds = QRectF(0, 0, metrics().node.width_max, metrics().node.header)
    return bounds.adjusted(-margin, -margin, margin, margin)


def _png(picture: Picture, scale: float) -> bytes:
    frame = _frame(picture)
    scale = min(scale, MAX_SIDE / max(frame.width(), frame.height()))
    image = QImage((frame.size() * scale).toSize(), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(theme().bg.canvas)
    _paint(QPainter(image), picture, frame, scale)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, b"PNG").write(image)
    return bytes(buffer.data().data())


def _svg(picture: Picture) -> bytes:
    frame = _frame(picture)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(QSizeF(frame.size()).toSize())
    generator.setViewBox(QRectF(0, 0, frame.width(), frame.height()))
    generator.setTitle(picture.drawing.project.block(picture.drawing.block).name)
    painter = QPainter(generator)
    painter.fillRect(QRectF(0, 0, frame.width(), frame.height()), theme().bg.canvas)
    _paint(painter, picture, frame, 1.0)
    return bytes(buffer.data().data())


def _pdf(picture: Picture) -> bytes:
    """One page as large as the picture, a point for each unit."""
    frame = _frame(picture)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setTitle(picture.drawing.project.block(picture.drawing.block).name)
    writer.setResolution(POINTS)
    writer.setPageMargins(QMarginsF())
    writer.setPageSize(QPageSize(frame.size(), QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.ExactMatch))
    painter = QPainter(writer)
    painter.fillRect(QRectF(0, 0, frame.width(), frame.height()), theme().bg.canvas)
    _paint(painter, picture, frame, 1.0)
    return bytes(buffer.data().data())


def _paint(painter: QPainter, picture: Picture, frame: QRectF, scale: float) -> None:
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    painter.scale(scale, scale)
    painter.translate(-frame.topLeft())
    picture.paint(painter, frame, 1.0)
    painter.end()
