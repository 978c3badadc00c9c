"""The pictures of the gestures in the manual: parts of the canvas, drawn in both themes into a folder of their own."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from bench.scenes import SCHEMES, SIZES, Held, Studio
from engine.document.edits import AddNode, Connect, MoveNodes, RemoveNodes, fresh_ids
from engine.document.project import Project
from engine.graph.graph import Edge
from engine.layers import Layer

SIZE = QSize(600, 260)
PLAIN = Qt.KeyboardModifier.NoModifier
LEFT = Qt.MouseButton.LeftButton
STEP = 264.0
NOWHERE = QPoint()
COMMON = 160  # colours of a picture that are taken because they are frequent
NEAR = 0xFFE0E0E0  # colours that differ in other bits only are alike


def gestures(studio: Studio) -> None:
    """All pictures of gestures, once: they do not depend on the size of the window."""
    from bench.scenes_gestures import GESTURES

    if studio.size != SIZES[0]:
        return
    for scene in (_search, _refused, _reroute, _group, *GESTURES):
        studio.alone()
        studio.window.actions_.trigger("file.new")
        studio.window.desk.show_part("bottom", False)
        studio.session.document.replace(network())
        studio.settle()
        studio.canvas.zoom_reset()
        studio.canvas.surface.look_at(QPointF(280, 80), 1.0)
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


def picture(
    studio: Studio,
    name: str,
    centre: QPointF | None = None,
    size: QSize = SIZE,
    *,
    widget: QWidget | None = None,
    hold: Held | None = None,
    corner: QPoint = NOWHERE,
) -> None:
    """The part of the canvas around a point of the scene, or the part of a widget from a corner on, in both themes.

    hold: begins a gesture that is seen, and says how it ends.
    """
    for scheme in SCHEMES:
        studio.program.preferences.scheme = scheme
        studio.paint()
        let_go_of = hold() if hold else None
        studio.settle()
        shown = widget or studio.canvas
        if centre is not None:
            at = studio.canvas.surface.viewport().mapTo(studio.canvas, studio.canvas.to_view(centre))
            corner = at - QPoint(size.width() // 2, size.height() // 2)
        image = shown.grab(QRect(corner, size).intersected(shown.rect())).toImage()
        _small(image).save(str(studio.out / f"help-{name}-{scheme}@{studio.scale:g}x.png"), "PNG", 0)
        if let_go_of:
            let_go_of()
    print(f"help-{name}@{studio.scale:g}x.png", flush=True)


def dragged(studio: Studio, start: QPoint, *places: QPoint, keys: Qt.KeyboardModifier = PLAIN) -> Held:
    """A gesture along these places of the canvas that is not let go."""

    def hold() -> Callable[[], None]:
        pull(studio, start, places[0], keys)
        for place in places[1:]:
            QTest.mouseMove(studio.canvas.surface.viewport(), place)
        return lambda: let_go(studio, places[-1])

    return hold


def _small(image: QImage) -> QImage:
    """The same picture in 256 colours: few are lost, and the file is a third as large.

    Most are those that are most frequent, the rest the best of what is left, so that no end of a scale is missing.
    """
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint32)
    colours, counts = np.unique(pixels, return_counts=True)
    order = np.argsort(-counts)
    frequent, rest = colours[order[:COMMON]], order[COMMON:]
    alike, first, which = np.unique(colours[rest] & NEAR, return_index=True, return_inverse=True)
    weights = np.bincount(which.ravel(), counts[rest], len(alike))
    seldom = colours[rest][first[np.argsort(-weights)[: 256 - COMMON]]]
    table = [int(colour) for colour in (*frequent, *seldom)]
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
    picture(studio, "search", QPointF(480, 110), QSize(600, 340))
    canvas.search.list.close_list()


def _refused(studio: Studio) -> None:
    """With the layer that refuses to the right, so that the wire runs forwards."""
    studio.session.apply(MoveNodes({studio.node("scan"): (STEP * 2.9, 120.0)}))
    studio.session.select([])
    canvas = studio.canvas
    canvas.surface.look_at(QPointF(520, 120), 1.0)
    start = canvas.port_point(studio.node("act"), "out", "out")
    end = canvas.port_point(studio.node("scan"), "in", "input")
    picture(studio, "refused", QPointF(660, 150), QSize(600, 340), hold=dragged(studio, start, end))


def _reroute(studio: Studio) -> None:
    """A wire that goes under a layer, through two points."""
    studio.session.apply(RemoveNodes([studio.node("scan")]))
    studio.session.apply(AddNode(Layer.registry["Dropout2d"](), "drop", (2 * STEP, -16.0)))
    studio.session.apply(MoveNodes({studio.node("act"): (2.9 * STEP, 0.0)}))
    studio.settle()
    canvas = studio.canvas
    ends = studio.node("stem"), studio.node("act")
    (wire,) = (e for e in canvas.drawing.wires if (e.source, e.target) == ends)
    canvas.commands.rerouting.add(wire, QPointF(2 * STEP - 8, 108))
    canvas.commands.rerouting.add(wire, QPointF(2 * STEP + 172, 108))
    canvas.surface.look_at(QPointF(540, 80), 1.0)
    studio.settle()
    picture(studio, "reroute", QPointF(540, 70))


def _group(studio: Studio) -> None:
    studio.session.select([studio.node("stem"), studio.node("act")])
    studio.window.desk.canvas.group()
    studio.settle()
    picture(studio, "group", QPointF(340, 70))
