"""The network from far away: blocks of colour and thin lines, found with numpy and drawn in batches."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gui.canvas import texts
from gui.canvas.drawing import Drawing
from gui.canvas.look import Marks
from gui.canvas.node_paint import paint_badge
from gui.theme import faded, metrics, theme

ROUND_UP_TO = 400  # more blocks than this are drawn with square corners: a rounded one costs ten times as much


def paint_far(painter: QPainter, drawing: Drawing, marks: Marks, rect: QRectF, zoom: float) -> None:
    """Every node that touches `rect`, in scene coordinates."""
    t, m = theme(), metrics()
    ids = drawing.nodes_in(rect)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(Qt.PenStyle.NoPen)
    batches: dict[int, tuple[QColor, list[QRectF]]] = {}
    for node in ids:
        plate = marks.plates.get(node)
        colour = plate.fill if plate and plate.fill else t.category(drawing.faces[node].category).solid
        batches.setdefault(colour.rgba(), (colour, []))[1].append(drawing.rect(node))
    rounded = len(ids) <= ROUND_UP_TO
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, rounded)
    radius = m.canvas.far_radius / zoom
    for colour, rects in batches.values():
        painter.setBrush(colour)
        if rounded:
            for r in rects:
                painter.drawRoundedRect(r, radius, radius)
        else:
            painter.drawRects(rects)
    _names(painter, drawing, ids, zoom)
    _rings(painter, drawing, marks, zoom)
    for node in ids:
        if drawing.looks[node].severity == "error":
            _badge(painter, drawing.rect(node), zoom)


def _names(painter: QPainter, drawing: Drawing, ids: list, zoom: float) -> None:  # type: ignore[type-arg]
    """Names on the blocks that have room for one."""
    t, m = theme(), metrics()
    for node in ids:
        face = drawing.faces[node]
        if face.width * zoom < m.lod.far_name_min_w or face.height * zoom < m.canvas.far_name_h:
            continue
        painter.save()
        painter.translate(*drawing.at[node])
        painter.scale(1 / zoom, 1 / zoom)
        inside = QRectF(m.space.xs, 0, face.width * zoom - 2 * m.space.xs, face.height * zoom)
        if texts.width(face.name, "caption", 600) <= inside.width():
            texts.draw_in(painter, inside, face.name, t.category(face.category).on, "caption", 600)
        painter.restore()


def _rings(painter: QPainter, drawing: Drawing, marks: Marks, zoom: float) -> None:
    t, m = theme(), metrics()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    grown, radius = m.node.selection_outset / zoom, m.canvas.compact_radius / zoom
    for node in marks.selected | {n for n in (marks.hover, marks.focus) if n}:
        if node in drawing.faces:
            chosen = node in marks.selected
            painter.setPen(_cosmetic(t.accent.base if chosen else t.border.strong, m.line.selection if chosen else 1))
            painter.drawRoundedRect(drawing.rect(node).adjusted(-grown, -grown, grown, grown), radius, radius)


def _cosmetic(colour: QColor, width: float) -> QPen:
    pen = QPen(colour, width)
    pen.setCosmetic(True)
    return pen


def _badge(painter: QPainter, rect: QRectF, zoom: float) -> None:
    side = metrics().canvas.far_problem
    painter.save()
    painter.translate(rect.topRight())
    painter.scale(1 / zoom, 1 / zoom)
    paint_badge(painter, QRectF(-side / 2, -side / 2, side, side), "error", metrics().canvas.badge_ring / 2)
    painter.restore()


def paint_far_wires(painter: QPainter, drawing: Drawing, marks: Marks, rect: QRectF) -> None:
    """Every wire as straight lines, one pixel wide, without antialiasing."""
    t, m = theme(), metrics()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(_cosmetic(t.wire.rest, m.canvas.far_wire))
    painter.drawLines([line for wire in drawing.wires_in(rect) for line in wire.route.lines])
    if marks.hover_wire in drawing.wires:
        painter.setPen(_cosmetic(t.wire.hover, m.line.wire))
        painter.drawLines(list(drawing.wires[marks.hover_wire].route.lines))


def overview(drawing: Drawing) -> list[tuple[QColor, np.ndarray]]:
    """Per colour the boxes of all nodes (left, top, right, bottom): what the minimap shows."""
    t = theme()
    ids, boxes = drawing.boxes()
    groups: dict[int, tuple[QColor, list[int]]] = {}
    for i, node in enumerate(ids):
        bad = drawing.looks[node].severity == "error"
        colour = t.status.danger if bad else t.category(drawing.faces[node].category).solid
        groups.setdefault(colour.rgba(), (colour, []))[1].append(i)
    return [(colour, boxes[rows]) for colour, rows in groups.values()]


def veil(painter: QPainter, rect: QRectF, share: float) -> None:
    """Canvas colour over everything, as when a block is entered."""
    painter.fillRect(rect, faded(theme().bg.canvas, share))
