"""Wires and their chips, painted in the state they are in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QLinearGradient, QPainter, QPainterPath, QPen

from engine.graph.graph import Edge, NodeId
from gui.canvas.carry import Part
from gui.canvas.chips import Chip, paint_chip
from gui.canvas.drawing import Drawing
from gui.canvas.look import Marks
from gui.canvas.node_paint import dashed, opacity
from gui.canvas.pieces import Piece, pieces
from gui.canvas.placed import Near
from gui.canvas.port_paint import paint_port
from gui.canvas.wires import Route, Wire, control
from gui.theme import faded, metrics, theme

Heat = Mapping[NodeId, QColor]
Pill = tuple[Chip, QRectF, bool]
"""A shape, where it stands, and whether its wire joins a shape error."""
PART = 32  # wires of which one finds at once where they run in a rectangle


def paint_wires(
    painter: QPainter, drawing: Drawing, marks: Marks, rect: QRectF, zoom: float, heat: Heat, part: Part = "all"
) -> Iterator[None]:
    """Every wire of a part that touches `rect`, in steps; those that are pointed at last, over the others."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    path_of = lit_path(drawing, marks)
    rows, wires = drawing.wires_of(drawing.wire_rows(rect, part), marks.unplugged)
    is_plain = _plain(drawing, marks) if not heat and path_of is None else None
    if is_plain is not None:
        rows, wires = _apart(drawing, rows, wires, is_plain)
    casing, plain = _pen(theme().bg.canvas, metrics().line.wire + metrics().wire.casing), _plain_pen(zoom)
    for groups in _in_order(drawing, wires, marks, path_of):
        some = [i for group in groups for i in group]
        found = {piece.row: piece for piece in pieces(rect, [rows[i] for i in some], [wires[i] for i in some])}
        crossed = drawing.crossed(list(found)) if zoom >= metrics().lod.full else frozenset()
        for group in groups:
            painter.setPen(casing)
            drawn = [found[rows[i]] for i in group if rows[i] in found]
            for piece in drawn:
                if piece.row in crossed:
                    painter.drawPath(piece.path)
            painter.setPen(plain)
            for piece in drawn:
                if is_plain is not None and is_plain(piece.wire.edge):
                    painter.drawPath(piece.path)
                else:
                    _wire(painter, drawing, piece, marks, zoom, heat, path_of)
                    painter.setPen(plain)
            yield


def _plain(drawing: Drawing, marks: Marks) -> Callable[[Edge], bool]:
    """Tells of a wire whether nothing is the matter with it, which is so with nearly all."""
    pointed = {edge for edge in (marks.drop_wire, marks.chosen_wire, marks.hover_wire) if edge is not None}
    pointed |= marks.cut | marks.new_wires
    hover, problems, nodes = marks.hover, drawing.problems, drawing.graph.nodes

    def is_plain(edge: Edge) -> bool:
        source, target = edge.source, edge.target
        if target in problems or (hover is not None and hover in (source, target)) or (pointed and edge in pointed):
            return False
        return not (nodes[source].muted or nodes[target].muted)

    return is_plain


def _apart(
    drawing: Drawing, rows: list[int], wires: list[Wire], is_plain: Callable[[Edge], bool]
) -> tuple[list[int], list[Wire]]:
    """Wires and their rows without those along which another one runs all the way, that is painted later."""
    if len({(wire.route.start, wire.route.end) for wire in wires}) == len(wires):
        return rows, wires
    last: dict[tuple[object, ...], int] = {}
    for i in sorted(range(len(wires)), key=lambda i: drawing.place_of(wires[i].edge.source)):
        edge, route = wires[i]
        last[(type(route), route.corners) if is_plain(edge) else (edge,)] = i
    left = sorted(last.values())
    return [rows[i] for i in left], [wires[i] for i in left]


def _scale(zoom: float) -> float:
    """By how much wires are drawn wider, in the scene, where one looks from farther away."""
    m = metrics()
    return 1.0 if zoom >= m.lod.full else m.canvas.compact_wire / m.line.wire / zoom


def _plain_pen(zoom: float) -> QPen:
    return _pen(theme().wire.rest, metrics().line.wire * _scale(zoom))


def _in_order(
    drawing: Drawing, wires: list[Wire], marks: Marks, path_of: frozenset[NodeId] | None
) -> Iterator[list[list[int]]]:
    """The numbers of wires of one output together, so that none is cut off where they part; some outputs at a time.

    What is pointed at comes last.
    """
    groups: dict[tuple[int, int, str], list[int]] = {}
    for i, (edge, _) in enumerate(wires):
        key = _rank(edge, marks, path_of), drawing.place_of(edge.source), edge.source_port
        groups.setdefault(key, []).append(i)
    some: list[list[int]] = []
    for key in sorted(groups):
        some.append(groups[key])
        if sum(map(len, some)) >= PART:
            yield some
            some = []
    if some:
        yield some


def _rank(edge: Edge, marks: Marks, path_of: frozenset[NodeId] | None) -> int:
    if edge in (marks.drop_wire, marks.hover_wire, marks.chosen_wire):
        return 2
    return 1 if path_of and edge.source in path_of and edge.target in path_of else 0


def lit_path(drawing: Drawing, marks: Marks) -> frozenset[NodeId] | None:
    """The nodes before and after the one under the pointer, else the only selected one; None if there is none."""
    if not marks.lights_paths or marks.lit is not None:
        return None
    node = marks.hover or (next(iter(marks.selected)) if len(marks.selected) == 1 else None)
    if node not in drawing.faces:
        return None
    graph = drawing.graph
    return graph.upstream(node) | graph.downstream(node) | {node}


def _wire(
    painter: QPainter,
    drawing: Drawing,
    piece: Piece,
    marks: Marks,
    zoom: float,
    heat: Heat,
    path_of: frozenset[NodeId] | None,
) -> None:
    t, m = theme(), metrics()
    (edge, route), path, _ = piece
    scale = _scale(zoom)
    if edge == marks.drop_wire:
        painter.setPen(_pen(t.wire.valid, m.line.wire_path * scale))
    elif edge in marks.cut:
        path = route.path
        painter.setPen(dashed(t.wire.invalid, m.line.wire_path * scale, m.wire.dash_invalid))
    elif edge == marks.chosen_wire:
        painter.setPen(_pen(t.wire.path, m.line.wire_path * scale))
    elif edge in marks.new_wires:
        painter.setPen(_pen(t.status.ok, m.line.wire_path * scale))
    elif drawing.is_bad(edge):
        path = route.path
        painter.setPen(dashed(t.wire.invalid, m.line.wire * scale, m.wire.dash_invalid))
    elif edge == marks.hover_wire or marks.hover in (edge.source, edge.target):
        painter.setPen(_pen(t.wire.hover, m.line.wire_hover * scale))
    elif drawing.is_muted(edge):
        path = route.path
        painter.setPen(dashed(t.wire.rest, m.line.wire * scale, m.wire.dash_muted))
    elif heat:
        _heat(painter, route, path, edge, heat, scale)
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


def _heat(painter: QPainter, route: Route, path: QPainterPath, edge: Edge, heat: Heat, scale: float) -> None:
    """The map's colour between two edges that stay visible where the map is dark."""
    t, w = theme(), metrics().wire
    a, b = heat.get(edge.source), heat.get(edge.target)
    if a is None and b is None:
        painter.setPen(_pen(t.wire.rest, metrics().line.wire * scale))
        painter.drawPath(path)
        return
    painter.setPen(_pen(t.border.strong, (w.heat_width + w.heat_casing) * scale))
    painter.drawPath(path)
    gradient = QLinearGradient(QPointF(*route.start), QPointF(*route.end))
    gradient.setColorAt(0, a or b)
    gradient.setColorAt(1, b or a)
    painter.setPen(QPen(QBrush(gradient), w.heat_width * scale))
    painter.drawPath(path)


def _pen(colour: QColor, width: float) -> QPen:
    return _made_pen(colour.rgba(), width)


@lru_cache(maxsize=64)
def _made_pen(rgba: int, width: float) -> QPen:
    colour = QColor.fromRgba(rgba)
    return QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.RoundJoin)


def paint_chips(painter: QPainter, drawing: Drawing, marks: Marks, rect: QRectF, part: Part = "all") -> Iterator[None]:
    """The shape at every output of a part near `rect`, and again in the middle of a long run, in steps."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    wide = rect.adjusted(-metrics().node.width_max * 2, -metrics().node.gap_y, 0, metrics().node.gap_y)
    near = Near(drawing.boxes_in(wide.adjusted(0, 0, metrics().node.width_max * 2, 0)))
    ids, found = drawing.boxes()[0], list[Pill]()
    for i in np.flatnonzero(drawing.near(wide, part)).tolist():
        if not marks.ghosts(ids[i]):
            found += _pills(drawing, ids[i], rect, near)
        yield
    every = Near(drawing.boxes())
    for wire in drawing.wires_of(drawing.wire_rows(rect, part))[1]:
        if wire.route.lane is not None and (pill := _repeated(drawing, wire, every)):
            found.append(pill)
            yield
    for pill in _uppermost(found):
        paint_chip(painter, *pill)
        yield


def _uppermost(pills: list[Pill]) -> list[Pill]:
    """These without those on which another one lies that is the same, as in a heap of layers that are alike."""
    found = {(chip, rect.getRect(), is_bad): (chip, rect, is_bad) for chip, rect, is_bad in reversed(pills)}
    return list(reversed(found.values()))


def _pills(drawing: Drawing, node: NodeId, rect: QRectF, near: Near | None = None) -> Iterator[Pill]:
    """The shapes at the outputs of a node, those that are in a rectangle."""
    for spot in drawing.faces[node].outlets:
        shown = drawing.chip_at(node, spot.port.name, near)
        if shown and shown[1].intersects(rect):
            out = [e for e in drawing.graph.out_of(node) if e.source_port == spot.port.name]
            yield *shown, any(drawing.is_bad(e) for e in out)


def paint_ends(painter: QPainter, drawing: Drawing, marks: Marks, rect: QRectF) -> None:
    """What lies over the ends that stay of wires to what is in the hand: their chips and ports."""
    held = drawing.carry.nodes if drawing.carry else frozenset()
    edges = [wire.edge for wire in drawing.wires_of(drawing.wire_rows(rect, "border"), marks.unplugged)[1]]
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for node in dict.fromkeys(edge.source for edge in edges if edge.source not in held):
        for pill in _pills(drawing, node, rect):
            paint_chip(painter, *pill)
    ends = [(e.source, "out", e.source_port) for e in edges] + [(e.target, "in", e.target_port) for e in edges]
    for node, side, port in dict.fromkeys(ends):
        spot = drawing.faces[node].spot(side, port)
        if node in held or spot is None:
            continue
        painter.save()
        painter.translate(*drawing.at[node])
        painter.setOpacity(opacity(drawing.looks[node]))
        paint_port(painter, spot, marks.port((node, side, port)))
        painter.restore()


def _repeated(drawing: Drawing, wire: Wire, near: Near) -> Pill | None:
    """The shape again in the middle of a long run, where it has room."""
    middle, length = wire.route.middle
    edge = wire.edge
    if length < metrics().canvas.chip_again and not (
        length > metrics().wire.label_min_length and drawing.chip_at(edge.source, edge.source_port, near) is None
    ):
        return None
    chip = drawing.chip(edge.source, edge.source_port)
    if chip is None or chip.text == "?":
        return None
    height = metrics().node.chip_h
    rect = QRectF(middle.x() - chip.width / 2, middle.y() - height / 2, chip.width, height)
    return (chip, rect, drawing.is_bad(edge)) if near.is_free(rect) else None


def paint_draft(painter: QPainter, path: QPainterPath, tip: QPointF, is_free: bool, refused: bool) -> None:
    """The wire that is being dragged, with a disc at its free end."""
    t, m = theme(), metrics()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
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
