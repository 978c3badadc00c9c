"""The pictures of the gestures in the manual: parts of the canvas, drawn in both themes into a folder of their own."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from bench.scenes import SCHEMES, SIZES, Studio
from engine.document.edits import AddNode, Connect, fresh_ids
from engine.document.project import Project
from engine.graph.graph import Edge
from engine.layers import Layer

SIZE = QSize(600, 260)
PLAIN = Qt.KeyboardModifier.NoModifier
LEFT = Qt.MouseButton.LeftButton
STEP = 264.0


def gestures(studio: Studio) -> None:
    """All pictures of gestures, once: they do not depend on the size of the window."""
    if studio.size != SIZES[0]:
        return
    for scene in (_search, _refused, _reroute, _group):
        studio.alone()
        studio.window.actions_.trigger("file.new")
        studio.window.desk.show_part("bottom", False)
        studio.session.document.replace(network())
        studio.settle()
        canvas = studio.window.desk.canvas
        canvas.zoom_reset()
        canvas.surface.look_at(QPointF(280, 80), 1.0)
        scene(studio)


def network() -> Project:
    """Three layers in a row, and one below that is not wired."""
    kinds, project, before = Layer.registry, Project(), None
    row = (("images", kinds["Input"](shape=(1, 8, 8))), ("stem", kinds["Conv2d"]()), ("act", kinds["ReLU"]()))
    for i, (name, layer) in enumerate(row):
        (new,) = fresh_ids(project)
        project = AddNode(layer, name, (i * STEP, 0.0))(project)
        if before is not None:
            project = Connect(Edge(before, "out", new, "x"))(project)
        before = new
    return AddNode(kinds["LSTM"](), "scan", (STEP, 160.0))(project)


def _take(studio: Studio, name: str, centre: QPointF, size: QSize = SIZE) -> None:
    """The part of the canvas around a point of the scene."""
    canvas = studio.window.desk.canvas
    for scheme in SCHEMES:
        studio.program.preferences.scheme = scheme
        studio.paint()
        at = canvas.surface.viewport().mapTo(canvas, canvas.to_view(centre))
        part = QRect(at - QPoint(size.width() // 2, size.height() // 2), size).intersected(canvas.rect())
        image = canvas.grab(part).toImage()
        _small(image).save(str(studio._out / f"help-{name}-{scheme}@{studio._scale}x.png"), "PNG", 0)
    print(f"help-{name}@{studio._scale}x.png", flush=True)


def _small(image: QImage) -> QImage:
    """The same picture in its 256 most frequent colours: few are lost, and the file is a third as large."""
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint32)
    colours, counts = np.unique(pixels, return_counts=True)
    table = [int(colour) for colour in colours[np.argsort(-counts)[:256]]]
    flags = Qt.ImageConversionFlag.ThresholdDither | Qt.ImageConversionFlag.AvoidDither
    return image.convertToFormat(QImage.Format.Format_Indexed8, table, flags)


def pull(studio: Studio, start: QPoint, end: QPoint, keys: Qt.KeyboardModifier = PLAIN) -> None:
    """Press and move, without letting go."""
    ground = studio.window.desk.canvas.surface.viewport()
    QTest.mouseMove(ground, start)
    QTest.mousePress(ground, LEFT, keys, start)
    for i in range(1, 9):
        QTest.mouseMove(ground, start + (end - start) * i / 8)
    studio.settle()


def let_go(studio: Studio, end: QPoint) -> None:
    """Give the gesture up."""
    canvas = studio.window.desk.canvas
    QTest.keyClick(canvas.surface, Qt.Key.Key_Escape)
    QTest.mouseRelease(canvas.surface.viewport(), LEFT, PLAIN, end)


def _search(studio: Studio) -> None:
    canvas = studio.window.desk.canvas
    studio.session.select([studio.node("act")])
    canvas.surface.setFocus()
    QTest.keyClick(canvas.surface, Qt.Key.Key_Tab)
    QTest.keyClicks(canvas.search.list.field, "conv 64")
    studio.settle()
    _take(studio, "search", QPointF(480, 110), QSize(600, 340))
    canvas.search.list.close_list()


def _refused(studio: Studio) -> None:
    canvas = studio.window.desk.canvas
    studio.session.select([])
    end = canvas.port_point(studio.node("scan"), "in", "input")
    pull(studio, canvas.port_point(studio.node("act"), "out", "out"), end)
    _take(studio, "refused", QPointF(400, 130), QSize(600, 400))
    let_go(studio, end)


def _reroute(studio: Studio) -> None:
    canvas = studio.window.desk.canvas
    ends = studio.node("stem"), studio.node("act")
    (wire,) = (e for e in canvas.drawing.wires if (e.source, e.target) == ends)
    canvas.commands.rerouting.add(wire, QPointF(2 * STEP - 40, -48))
    studio.settle()
    _take(studio, "reroute", QPointF(340, 70))


def _group(studio: Studio) -> None:
    studio.session.select([studio.node("stem"), studio.node("act")])
    studio.window.desk.canvas.group()
    studio.settle()
    _take(studio, "group", QPointF(340, 70))
