"""A whole block as a picture, with its shapes: PNG or SVG, on a screen or without one."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QRectF, QSize, QSizeF
from PySide6.QtGui import QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgGenerator

from engine.document.project import Project
from engine.errors import FileError
from engine.graph.graph import BlockId
from engine.graph.shapes import Analysis
from gui.canvas.drawing import Drawing
from gui.canvas.layers import Picture
from gui.theme import Scheme, metrics, scheme, set_scheme, theme

MAX_SIDE = 16_000  # px: beyond it an image takes gigabytes, so that the picture is made smaller


def render(
    project: Project,
    analysis: Analysis | None,
    block: BlockId | str = "",
    path: Path | str | None = None,
    colours: Scheme | None = None,
    scale: float = 1.0,
) -> bytes:
    """Draw a block, the main one for "", and write it where `path` says, as its ending says (.png or .svg).

    Returns: the file's bytes. Needs a QGuiApplication, no screen. Raises: FileError.
    """
    ending = Path(path).suffix.lower() if path else ".png"
    if ending not in (".png", ".svg"):
        raise FileError(f"A picture ends in .png or .svg, not in {ending or 'nothing'}.", "Choose such a name.")
    before = scheme()
    set_scheme(colours or before)
    try:
        picture = Picture(Drawing(project, project.block(block).id, analysis))
        data = _svg(picture) if ending == ".svg" else _png(picture, scale)
    finally:
        set_scheme(before)
    if path:
        try:
            Path(path).write_bytes(data)
        except OSError as error:
            raise FileError(
                f"{path} could not be written: {error.strerror or error}.", "Choose another place."
            ) from None
    return data


def thumbnail(
    project: Project, analysis: Analysis | None, size: QSize, ratio: float = 1.0, block: BlockId | str = ""
) -> QImage:
    """The block fitted into a size in device-independent px, in the theme of now."""
    picture = Picture(Drawing(project, project.block(block).id, analysis))
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


def _frame(picture: Picture) -> QRectF:
    """What the picture shows: everything and a margin."""
    margin = metrics().canvas.fit_margin
    bounds = picture.drawing.bounds()
    for node, face in picture.drawing.faces.items():
        for spot in face.outs:
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


def _paint(painter: QPainter, picture: Picture, frame: QRectF, scale: float) -> None:
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    painter.scale(scale, scale)
    painter.translate(-frame.topLeft())
    picture.paint(painter, frame, 1.0)
    painter.end()
