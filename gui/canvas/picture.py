"""A block or a part of it as a picture: PNG, SVG or PDF, on a screen or without one."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QRectF, QSize, QSizeF
from PySide6.QtGui import QImage, QPageSize, QPaintDevice, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator

from engine.document.project import Project
from engine.errors import FileError
from engine.graph.graph import BlockId, NodeId
from engine.graph.shapes import Analysis
from gui.canvas.drawing import Drawing
from gui.canvas.layers import Picture
from gui.canvas.png import BAND, encoded
from gui.canvas.steps import Steps, at_once
from gui.theme import Scheme, in_colours, metrics, theme

ENDINGS = (".png", ".svg", ".pdf")
POINTS = 72  # to the inch
MAX_SIDE = 16_000  # px: beyond it an image takes gigabytes, so that the picture is made smaller


@dataclass(frozen=True)
class Cut:
    """A part of a block: layers, and frames and notes by their ids."""

    nodes: frozenset[NodeId]
    frames: frozenset[str]


@dataclass(frozen=True)
class Shot:
    """What a picture shows. block: "" for the main one. only: these layers and the wires among them, and these frames
    and notes; None for all.

    shapes: sizes are written on the wires. colours: the theme, that of now for "". scale: pixels for each unit.
    """

    block: BlockId | str = ""
    only: Cut | None = None
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
        drawn = at_once(shooting(project, analysis, shot, ending))
    data = drawn if isinstance(drawn, bytes) else encoded(pixels_of(drawn))
    if path:
        put(data, path)
    return data


def put(data: bytes, path: Path | str) -> None:
    """Write a file. Raises: FileError."""
    try:
        Path(path).write_bytes(data)
    except OSError as error:
        raise FileError(f"{path} could not be written: {error.strerror or error}.", "Choose another place.") from None


def shooting(project: Project, analysis: Analysis | None, shot: Shot, ending: str) -> Steps[QImage | bytes]:
    """Draw a block in steps. Returns: an image for .png, which is still to be encoded, else the file's bytes."""
    picture = yield from _picturing(project, analysis, shot)
    frame = yield from _framing(picture)
    if ending == ".png":
        return (yield from _imaging(picture, frame, shot.scale))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    device = _svg(picture, frame, buffer) if ending == ".svg" else _pdf(picture, frame, buffer)
    yield from _painting(device, picture, frame, 1.0, QSize(math.ceil(frame.width()), math.ceil(frame.height())))
    data = bytes(buffer.data().data())
    return _for_others(data) if ending == ".svg" else data


def _for_others(svg: bytes) -> bytes:
    """The drawing without empty paths, and with a kind of font for who has not got ours: browsers take a serif else."""
    svg = re.sub(rb'<path\b[^>]*\bd=""\s*/>\s*', b"", svg)
    svg = re.sub(rb'font-family="([^"]*\bMono\b[^"]*)"', rb'font-family="\1,monospace"', svg)
    return re.sub(rb'font-family="(?![^"]*monospace)([^"]+)"', rb'font-family="\1,sans-serif"', svg)


def sized(frame: QSizeF, scale: float) -> tuple[QSize, bool]:
    """How many pixels an image of a frame has, and whether that is fewer than the scale asks for."""
    most = MAX_SIDE / max(frame.width(), frame.height())
    return (frame * min(scale, most)).toSize(), scale > most


def pixels_of(image: QImage) -> np.ndarray:
    """The image's own memory, shape (height, width, 4); it is there as long as the image."""
    flat: np.ndarray = np.frombuffer(image.constBits(), np.uint8)
    return flat.reshape(image.height(), image.bytesPerLine() // 4, 4)[:, : image.width()]


def _picturing(project: Project, analysis: Analysis | None, shot: Shot) -> Steps[Picture]:
    drawing = Drawing(project, project.block(shot.block).id, analysis, hurry=True)
    yield
    if shot.only is not None:
        drawing.keep(shot.only.nodes, shot.only.frames)
    while not drawing.settle():
        yield
    picture = Picture(drawing)
    picture.shows_shapes = shot.shapes
    return picture


def picture_of(project: Project, analysis: Analysis | None, shot: Shot) -> Picture:
    """The drawing that a shot means."""
    drawing = Drawing(project, project.block(shot.block).id, analysis)
    if shot.only is not None:
        drawing.keep(shot.only.nodes, shot.only.frames)
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


def previewing(
    project: Project, analysis: Analysis | None, size: QSize, ratio: float, shot: Shot
) -> Steps[tuple[QImage, QSizeF]]:
    """Draw in steps what `render` would write, as small as fits into a size in device-independent px.

    Returns: the image, and how large the whole is, in units of the canvas.
    """
    picture = yield from _picturing(project, analysis, shot)
    frame = yield from _framing(picture)
    scale = min(1.0, size.width() / frame.width(), size.height() / frame.height())
    image = QImage((frame.size() * scale * ratio).toSize(), QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    yield from _painting(image, picture, frame, scale, size)
    return image, frame.size()


def _frame(picture: Picture) -> QRectF:
    return at_once(_framing(picture))


def _framing(picture: Picture) -> Steps[QRectF]:
    """What the picture shows: everything and a margin."""
    margin = metrics().canvas.fit_margin
    bounds = picture.drawing.bounds()
    for node, face in picture.drawing.faces.items() if picture.shows_shapes else ():
        for spot in face.outs:
            if shown := picture.drawing.chip_at(node, spot.port.name):
                bounds = bounds.united(shown[1])
        yield
    if bounds.isEmpty():
        bounds = QRectF(0, 0, metrics().node.width_max, metrics().node.header)
    return bounds.adjusted(-margin, -margin, margin, margin)


def _imaging(picture: Picture, frame: QRectF, scale: float) -> Steps[QImage]:
    size, _ = sized(frame.size(), scale)
    image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    yield from _painting(image, picture, frame, size.width() / frame.width(), size)
    return image


def _svg(picture: Picture, frame: QRectF, buffer: QBuffer) -> QSvgGenerator:
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(QSizeF(frame.size()).toSize())
    generator.setViewBox(QRectF(0, 0, frame.width(), frame.height()))
    generator.setTitle(picture.drawing.project.block(picture.drawing.block).name)
    return generator


def _pdf(picture: Picture, frame: QRectF, buffer: QBuffer) -> QPdfWriter:
    """One page as large as the picture, a point for each unit."""
    writer = QPdfWriter(buffer)
    writer.setTitle(picture.drawing.project.block(picture.drawing.block).name)
    writer.setResolution(POINTS)
    writer.setPageMargins(QMarginsF())
    writer.setPageSize(QPageSize(frame.size(), QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.ExactMatch))
    return writer


def _painting(device: QPaintDevice, picture: Picture, frame: QRectF, scale: float, size: QSize) -> Steps[None]:
    """Paint the ground, of a size in the device's own units, and the picture on it."""
    painter = QPainter(device)
    try:
        band = BAND if isinstance(device, QImage) else size.height()
        for top in range(0, size.height(), band):
            painter.fillRect(0, top, size.width(), band, theme().bg.canvas)
            yield
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        painter.scale(scale, scale)
        painter.translate(-frame.topLeft())
        yield from picture.painting(painter, frame, 1.0, "all")
    finally:
        painter.end()  # before what it paints on is gone, also where one stops in the middle
