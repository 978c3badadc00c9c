"""What comes into view while one zooms out, for the few frames until it is painted: straight wires, plain nodes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from gui.canvas import texts
from gui.canvas.drawing import Drawing
from gui.canvas.face import Face
from gui.canvas.far_layer import rects
from gui.canvas.far_wires import cosmetic
from gui.canvas.strokes import strokes
from gui.theme import metrics, theme


def paint_rough_wires(painter: QPainter, drawing: Drawing, places: Sequence[QRectF], zoom: float) -> None:
    """The wires in some rectangles, about as thick as they will be."""
    m, ratio = metrics(), painter.device().devicePixelRatio()
    width = m.line.wire * zoom if zoom >= m.lod.full else m.canvas.compact_wire
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(cosmetic(theme().wire.rest, 0))  # a pixel of the screen
    rows = sorted({row for rect in places for row in drawing.wire_rows(rect)})
    path, step = strokes([wire.route for wire in drawing.wires_of(rows)[1]]), 1 / zoom / ratio
    for _ in range(max(1, int(width * ratio))):  # thin lines side by side take less time than a thick one
        painter.drawPath(path)
        painter.translate(step, step)


def paint_rough_nodes(painter: QPainter, drawing: Drawing, places: Sequence[QRectF], zoom: float) -> None:
    """The nodes that touch some rectangles, each of them whole: its colours and its name."""
    t, m, ids = theme(), metrics(), drawing.boxes()[0]
    found = np.flatnonzero(np.any([drawing.touching(rect) for rect in places], axis=0)).tolist()
    boxes, is_full = drawing.boxes()[1][found], zoom >= m.lod.full
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(cosmetic(t.node.border, m.line.border))
    if is_full:
        painter.setBrush(t.node.fill)
        painter.drawRects(rects(boxes))
    heads, signs = boxes.copy(), boxes.copy()
    if is_full:
        heads[:, 3] = np.minimum(boxes[:, 3], boxes[:, 1] + m.node.header)
        signs[:, :2] += m.node.tile_inset
        signs[:, 2:] = signs[:, :2] + m.node.tile
    else:
        signs[:, 2] = signs[:, 0] + m.lod.compact_band / zoom
    for category, rows in _by_category(drawing, found).items():
        painter.setPen(cosmetic(t.node.border, m.line.border))
        painter.setBrush(t.category(category).header)
        painter.drawRects(rects(heads[rows]))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(t.category(category).solid)
        painter.drawRects(rects(signs[rows]))
    for i in found:
        painter.save()
        painter.translate(*drawing.at[ids[i]])
        _name(painter, drawing.faces[ids[i]], zoom, is_full)
        painter.restore()


def _by_category(drawing: Drawing, nodes: list[int]) -> dict[str, list[int]]:
    """Which of some nodes, given by their places in the order of painting, are of which category."""
    ids, groups = drawing.boxes()[0], dict[str, list[int]]()
    for row, i in enumerate(nodes):
        groups.setdefault(drawing.faces[ids[i]].category, []).append(row)
    return groups


def _name(painter: QPainter, face: Face, zoom: float, is_full: bool) -> None:
    t, n, m = theme(), metrics().node, metrics()
    if is_full:
        name = texts.elided(face.name, face.width - m.space.s - n.title_x - m.space.xs, "heading")
        texts.draw(painter, n.title_x, n.title_baseline, name, t.text.primary, "heading")
        return
    painter.scale(1 / zoom, 1 / zoom)
    left = float(m.lod.compact_band + m.canvas.compact_pad)
    room, y = face.width * zoom - left - m.space.xs, texts.middle(face.height * zoom / 2, "small", 600)
    texts.draw_cut(painter, left, y, face.name, room, t.text.primary, "small", 600)
