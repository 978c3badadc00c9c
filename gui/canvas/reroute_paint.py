"""The points that wires are led through: discs on the wire that one can take hold of."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from engine.document.project import Reroute
from gui.canvas.drawing import Drawing
from gui.canvas.look import Marks
from gui.theme import faded, metrics, theme


def paint_reroutes(painter: QPainter, drawing: Drawing, marks: Marks, rect: QRectF, zoom: float) -> None:
    """Every point near `rect`, over the wires; from far away only those that are selected or pointed at."""
    if not drawing.reroutes:
        return
    m = metrics()
    scale = 1.0 if zoom >= m.lod.full else 1 / zoom
    radius = m.wire.reroute_r * (scale if zoom >= m.lod.full else scale * m.canvas.compact_wire / m.line.wire)
    reach = (m.wire.reroute_r + m.node.selection_outset + m.canvas.port_ring) * max(scale, 1.0)
    near = rect.adjusted(-reach, -reach, reach, reach)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for reroute in drawing.reroutes:
        at = QPointF(reroute.x, reroute.y)
        marked = reroute.id in marks.points or reroute.id in (marks.hover_point, marks.drop_point)
        if near.contains(at) and (marked or zoom >= m.lod.compact):
            _paint(painter, reroute, at, radius, scale, marks, _colour(drawing, reroute, marks))


def _colour(drawing: Drawing, reroute: Reroute, marks: Marks) -> QColor:
    t = theme()
    if reroute.id == marks.drop_point:
        return t.wire.valid
    if reroute.id in marks.points:
        return t.accent.base
    if reroute.wires & marks.cut or any(edge in drawing.wires and drawing.is_bad(edge) for edge in reroute.wires):
        return t.wire.invalid
    if marks.chosen_wire in reroute.wires:
        return t.wire.path
    is_near = marks.hover_wire in reroute.wires or any(marks.hover in (e.source, e.target) for e in reroute.wires)
    return t.wire.hover if is_near or reroute.id == marks.hover_point else t.wire.rest


def _paint(
    painter: QPainter, reroute: Reroute, at: QPointF, radius: float, scale: float, marks: Marks, colour: QColor
) -> None:
    m, accent = metrics(), theme().accent.base
    if reroute.id in marks.points or reroute.id == marks.drop_point:
        ring = radius + m.node.selection_outset * scale
        painter.setPen(QPen(colour, m.line.selection * scale))
        painter.setBrush(faded(accent, m.node.halo_alpha))
        painter.drawEllipse(at, ring, ring)
    painter.setPen(QPen(theme().bg.canvas, m.canvas.port_ring * scale))
    painter.setBrush(colour)
    grown = radius + (m.canvas.port_ring * scale if reroute.id == marks.hover_point else 0.0)
    painter.drawEllipse(at, grown, grown)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
