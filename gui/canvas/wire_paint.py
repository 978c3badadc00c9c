"""Wires and their chips, painted in the state they are in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QLinearGradient, QPainter, QPainterPath, QPen

from engine.graph.graph import Edge, NodeId
from gui.canvas.chips import paint_chip
from gui.canvas.drawing import Drawing
from gui.canvas.look import Marks
from gui.canvas.node_paint import dashed
from gui.canvas.wires import Route, Wire, control
from gui.theme import faded, metrics, theme

Heat = Mapping[NodeId, QColor]
CASING_ALPHA = 0.75


def paint_wires(painter: QPainter, drawing: Drawing, marks: Marks, rect: QRectF, zoom: float, heat: Heat) -> None:
    """Every wire that touches `rect`; those that are pointed at last, so that they lie over the others."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    path_of = lit_path(drawing, marks)
    found = [w for w in drawing.wires_in(rect) if w.edge not in marks.unplugged]
    crossed = _overlapping(found) if zoom >= metrics().lod.full else frozenset()
    for wires in _in_order(found, marks, path_of):
        painter.setPen(_pen(theme().bg.canvas, metrics().line.wire + metrics().wire.casing))
        for wire in wires:
            if wire.edge in crossed:
                painter.drawPath(wire.route.path)
        for wire in wires:
            _wire(painter, drawing, wire, marks, zoom, heat, path_of)


def _in_order(found: list[Wire], marks: Marks, path_of: frozenset[NodeId] | None) -> list[list[Wire]]:
    """Wires of one output together, so that none is cut off where they part; what is pointed at comes last."""
    groups: dict[tuple[int, NodeId, str], list[Wire]] = {}
    for wire in found:
        key = _rank(wire.edge, marks, path_of), wire.edge.source, wire.edge.source_port
        groups.setdefault(key, []).append(wire)
    return [groups[key] for key in sorted(groups, key=lambda key: key[0])]


def _overlapping(wires: list[Wire]) -> frozenset[Edge]:
    """The wires that could cross another one, and therefore need a casing."""
    bounds = np.array([w.route.bounds for w in wires]).reshape(-1, 4)
    over = (bounds[:, None, 0] < bounds[None, :, 2]) & (bounds[:, None, 2] > bounds[None, :, 0])
    over &= (bounds[:, None, 1] < bounds[None, :, 3]) & (bounds[:, None, 3] > bounds[None, :, 1])
    np.fill_diagonal(over, False)
    return frozenset(wires[i].edge for i in np.flatnonzero(over.any(1)))


def _rank(edge: Edge, marks: Marks, path_of: frozenset[NodeId] | None) -> int:
    if edge in (marks.drop_wire, marks.hover_wire, marks.chosen_wire):
        return 2
    return 1 if path_of and edge.source in path_of and edge.target in path_of else 0


def lit_path(drawing: Drawing, marks: Marks) -> frozenset[NodeId] | None:
    """The nodes before and after the one that is selected, None unless exactly one is."""
    if not marks.lights_paths or len(marks.selected) != 1 or marks.lit is not None:
        return None
    (node,) = marks.selected
    if node not in drawing.faces:
        return None
    graph = drawing.graph
    return graph.upstream(node) | graph.downstream(node) | {node}


def _wire(
    painter: QPainter,
    drawing: Drawing,
    wire: Wire,
    marks: Marks,
    zoom: float,
    heat: Heat,
    path_of: frozenset[NodeId] | None,
) -> None:
    t, m = theme(), metrics()
    edge, path = wire.edge, wire.route.path
    full = zoom >= m.lod.full
    scale = 1.0 if full else m.canvas.compact_wire / m.line.wire / zoom
    if edge == marks.drop_wire:
        painter.setPen(_pen(t.wire.valid, m.line.wire_path * scale))
    elif edge in marks.cut:
        painter.setPen(dashed(t.wire.invalid, m.line.wire_path * scale, m.wire.dash_invalid))
    elif edge == marks.chosen_wire:
        painter.setPen(_pen(t.wire.path, m.line.wire_path * scale))
    elif edge in marks.new_wires:
        painter.setPen(_pen(t.status.ok, m.line.wire_path * scale))
    elif drawing.is_bad(edge):
        painter.setPen(dashed(t.wire.invalid, m.line.wire * scale, m.wire.dash_invalid))
    elif edge == marks.hover_wire or marks.hover in (edge.source, edge.target):
        painter.setPen(_pen(t.wire.hover, m.line.wire_hover * scale))
    elif drawing.is_muted(edge):
        painter.setPen(dashed(t.wire.rest, m.line.wire * scale, m.wire.dash_muted))
    elif heat:
        _heat(painter, wire.route, edge, heat, scale)
        return
    elif path_of is not None:
        on = edge.source in path_of and edge.target in path_of
        painter.setPen(_pen(t.wire.path if on else t.wire.dimmed, (m.line.wire_path if on else m.line.wire) * scale))
    else:
        painter.setPen(_pen(t.wire.rest, m.line.wire * scale))
    painter.drawPath(path)


def paint_gone(painter: QPainter, wires: Iterable[tuple[QPointF, QPointF]]) -> None:
    """Wires that are no longer there, while two projects are compared."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(dashed(theme().wire.rest, metrics().line.wire, metrics().wire.dash_invalid))
    for start, end in wires:
        path, bend = QPainterPath(start), control(end.x() - start.x())
        path.cubicTo(start.x() + bend, start.y(), end.x() - bend, end.y(), end.x(), end.y())
        painter.drawPath(path)


def _heat(painter: QPainter, route: Route, edge: Edge, heat: Heat, scale: float) -> None:
    """The map's colour between two edges that stay visible where the map is dark."""
    t, w = theme(), metrics().wire
    a, b = heat.get(edge.source), heat.get(edge.target)
    if a is None and b is None:
        painter.setPen(_pen(t.wire.rest, metrics().line.wire * scale))
        painter.drawPath(route.path)
        return
    painter.setPen(_pen(t.border.strong, (w.heat_width + w.heat_casing) * scale))
    painter.drawPath(route.path)
    gradient = QLinearGradient(QPointF(*route.start), QPointF(*route.end))
    gradient.setColorAt(0, a or b)
    gradient.setColorAt(1, b or a)
    painter.setPen(QPen(QBrush(gradient), w.heat_width * scale))
    painter.drawPath(route.path)


def _pen(colour: QColor, width: float) -> QPen:
    return QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.RoundJoin)


def paint_chips(painter: QPainter, drawing: Drawing, marks: Marks, rect: QRectF) -> None:
    """The shape at every output near `rect`, and again in the middle of a long run."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    wide = rect.adjusted(-metrics().node.width_max * 2, -metrics().node.gap_y, 0, metrics().node.gap_y)
    for node in drawing.nodes_in(wide):
        if marks.ghosts(node):
            continue
        for spot in drawing.faces[node].outs:
            shown = drawing.chip_at(node, spot.port.name)
            if shown and shown[1].intersects(rect):
                out = [e for e in drawing.graph.out_of(node) if e.source_port == spot.port.name]
                paint_chip(painter, *shown, any(drawing.is_bad(e) for e in out))
    for wire in drawing.wires_in(rect):
        _repeat(painter, drawing, wire)


def _repeat(painter: QPainter, drawing: Drawing, wire: Wire) -> None:
    middle, length = wire.route.middle
    edge = wire.edge
    if length < metrics().canvas.chip_again and not (
        length > metrics().wire.label_min_length and drawing.chip_at(edge.source, edge.source_port) is None
    ):
        return
    chip = drawing.chip(edge.source, edge.source_port)
    if chip is None or chip.text == "?":
        return
    height = metrics().node.chip_h
    rect = QRectF(middle.x() - chip.width / 2, middle.y() - height / 2, chip.width, height)
    if not drawing.nodes_in(rect):
        paint_chip(painter, chip, rect, drawing.is_bad(edge))


def paint_draft(painter: QPainter, start: QPointF, end: QPointF, tip: QPointF, is_free: bool, refused: bool) -> None:
    """The wire that is being dragged, with a disc at its free end."""
    t, m = theme(), metrics()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    path = QPainterPath(start)
    bend = control(end.x() - start.x())
    path.cubicTo(start.x() + bend, start.y(), end.x() - bend, end.y(), end.x(), end.y())
    painter.setPen(
        dashed(t.wire.invalid, m.line.wire_path, m.wire.dash_invalid)
        if refused
        else _pen(t.wire.valid, m.line.wire_path)
    )
    painter.drawPath(path)
    if is_free and not refused:
        radius = m.canvas.port_hover_r
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faded(t.wire.valid, m.canvas.port_halo_alpha))
        painter.drawEllipse(tip, radius + m.canvas.port_halo, radius + m.canvas.port_halo)
        painter.setBrush(t.wire.valid)
        painter.drawEllipse(tip, radius, radius)
