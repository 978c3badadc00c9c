"""The network from far away: blocks of colour and thin lines, found with numpy and drawn in batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from engine.graph.graph import NodeId
from gui.canvas import texts
from gui.canvas.drawing import Drawing
from gui.canvas.look import Marks, Plate
from gui.canvas.node_paint import paint_badge
from gui.canvas.placed import Xy
from gui.canvas.strokes import strokes
from gui.canvas.wires import Route
from gui.theme import metrics, theme

ROUND_UP_TO = 400  # more blocks than this are drawn with square corners: a rounded one costs ten times as much
FEW = 200  # where no more than these are seen, as round an edit, they are drawn without what is kept of all


class Batch(NamedTuple):
    """Blocks of one colour. rows: which nodes they are. goes: they are in the hand."""

    colour: QColor
    goes: bool
    blocks: list[QRectF]
    rows: list[int]


class FarLayer:
    """What is drawn of a drawing from far away, worked out anew only when the drawing or its colours change."""

    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing
        self._made_of: tuple[object, ...] = ()
        self._batches: list[Batch] = []
        self._lines: dict[bool, QPainterPath] = {}
        self._drawn: tuple[object, ...] = ()
        self._rings: tuple[object, list[QRectF]] = None, []
        self._from = self._lines_from = 0.0, 0.0
        """How far things had been carried when batches and lines were worked out, which know whether they are."""
        self._bad: list[NodeId] = []

    def _refresh(self, made_of: tuple[object, ...], plates: Mapping[NodeId, Plate]) -> None:
        """Work out the blocks, unless those there are were made of the same."""
        if made_of == self._made_of:
            return
        carry, self._made_of = self.drawing.carry, made_of
        self._from = (carry.dx, carry.dy) if carry else (0.0, 0.0)
        self._batches = _batches(self.drawing, plates)
        self._bad = [n for n, look in self.drawing.looks.items() if look.severity == "error"]

    def _draw_lines(self, drawn: tuple[object, ...]) -> None:
        """Work out the wires, unless those there are were made of the same."""
        if drawn == self._drawn:
            return
        carry, drawing, self._drawn = self.drawing.carry, self.drawing, drawn
        self._lines_from = (carry.dx, carry.dy) if carry else (0.0, 0.0)
        routes: dict[bool, list[Route]] = {True: [], False: []}
        for edge, wire in drawing.wires.items():
            if carry is None or edge not in drawing.at_border:
                routes[carry is not None and edge in carry.wires.laid].append(wire.route)
        self._lines = {goes: strokes(found) for goes, found in routes.items()}

    def paint_nodes(self, painter: QPainter, marks: Marks, rect: QRectF, zoom: float) -> None:
        """Every node near `rect`, in scene coordinates."""
        drawing, plates, room = self.drawing, marks.plates, metrics().canvas.shadow_margin / zoom
        ids, near = drawing.boxes()[0], drawing.touching(rect.adjusted(-room, -room, room, room))
        made_of = (drawing, drawing.placed, drawing.carry, theme(), tuple(plates.values()) if plates else ())
        is_part = self._is_part(int(near.sum()), len(ids), made_of == self._made_of)
        few = np.flatnonzero(near).tolist() if is_part and len(marks.selected) <= ROUND_UP_TO else None
        if few is None:
            self._refresh(made_of, plates)
            batches, bad = self._batches, self._bad
        else:
            batches = _batches(drawing, plates, few)
            bad = [ids[i] for i in few if drawing.looks[ids[i]].severity == "error"]
        rounded = len(ids) <= ROUND_UP_TO
        painter.setPen(Qt.PenStyle.NoPen)
        if len(marks.selected) > ROUND_UP_TO:
            self._paint_under(painter, marks, zoom)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, rounded)
        radius = metrics().canvas.far_radius / zoom
        for colour, goes, blocks, rows in batches:
            if few is None and not goes and 2 * near.sum() < len(ids):
                blocks = [blocks[i] for i in np.flatnonzero(near[rows]).tolist()]
            painter.setBrush(colour)
            with self._carried(painter, goes, self._from):
                if rounded:
                    for block in blocks:
                        painter.drawRoundedRect(block, radius, radius)
                else:
                    painter.drawRects(blocks)
        _names(painter, drawing, rect, zoom)
        if len(marks.selected) <= ROUND_UP_TO:
            _rings(painter, drawing, marks, zoom)
        for node in bad:
            _badge(painter, drawing.rect(node), zoom)

    def _is_part(self, count: int, whole: int, is_fresh: bool) -> bool:
        """Whether so many are drawn without what is kept of all: of what would have to be worked out, up to a half."""
        return self.drawing.carry is None and (count <= FEW or (not is_fresh and 2 * count < whole))

    @contextmanager
    def _carried(self, painter: QPainter, goes: bool, start: Xy) -> Iterator[None]:
        """Paint so far away as what is carried has gone since it was worked out."""
        carry = self.drawing.carry
        if not goes or carry is None:
            yield
            return
        painter.save()
        painter.translate(carry.dx - start[0], carry.dy - start[1])
        yield
        painter.restore()

    def _paint_under(self, painter: QPainter, marks: Marks, zoom: float) -> None:
        """What is seen of the selection's colour round many nodes: filled, since a ring costs twenty times as much."""
        carry, drawing, m = self.drawing.carry, self.drawing, metrics()
        goes = carry is not None and marks.selected <= carry.nodes
        made_of = self._made_of, marks.selected, zoom, goes
        if not (goes or carry is None) or self._rings[0] != made_of:
            ids, boxes = drawing.boxes()
            grown = (m.node.selection_outset + m.line.selection / 2) / zoom
            back = (carry.dx - self._from[0], carry.dy - self._from[1]) if goes and carry else (0.0, 0.0)
            rows = [i for i, node in enumerate(ids) if node in marks.selected]
            around = boxes[rows] - np.array((*back, *back)) + np.array((-grown, -grown, grown, grown))
            self._rings = made_of, [QRectF(a, b, c - a, d - b) for a, b, c, d in around.tolist()]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setBrush(theme().accent.base)
        with self._carried(painter, goes, self._from):
            painter.drawRects(self._rings[1])

    def paint_wires(self, painter: QPainter, marks: Marks, rect: QRectF) -> None:
        """Every wire that touches a rectangle as straight lines, one pixel wide, without antialiasing."""
        t, m, wires = theme(), metrics(), self.drawing.wires
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(_cosmetic(t.wire.rest, m.canvas.far_wire))
        rows, carry = self.drawing.wire_rows(rect), self.drawing.carry
        drawn = self.drawing, carry, None if carry else self.drawing.laid  # those at the border are drawn by themselves
        if self._is_part(len(rows), len(wires), drawn == self._drawn):
            painter.drawPath(strokes([wire.route for wire in self.drawing.wires_of(rows)[1]]))
        else:
            self._draw_lines(drawn)
            painter.drawPath(self._lines[False])
        if self.drawing.carry and not self._lines[True].isEmpty():
            with self._carried(painter, True, self._lines_from):
                painter.drawPath(self._lines[True])
        if self.drawing.carry:
            painter.drawPath(strokes([wires[edge].route for edge in self.drawing.at_border]))
        if marks.hover_wire in wires:
            painter.setPen(_cosmetic(t.wire.hover, m.line.wire))
            painter.drawPath(strokes([wires[marks.hover_wire].route]))


def _batches(drawing: Drawing, plates: Mapping[NodeId, Plate], rows: Iterable[int] | None = None) -> list[Batch]:
    """The blocks of nodes, of all unless rows are given, by colour and by whether they are carried."""
    ids, boxes = drawing.boxes()
    taken = drawing.carry.nodes if drawing.carry else frozenset()
    groups: dict[tuple[str, bool], Batch] = {}
    there = list(range(len(ids)) if rows is None else rows)
    for i, (a, b, c, d) in zip(there, boxes[there].tolist(), strict=True):
        plate, goes = plates.get(ids[i]), ids[i] in taken
        fill = plate.fill if plate is not None else None
        kind = (fill.name() if fill else drawing.faces[ids[i]].category, goes)
        if kind not in groups:
            groups[kind] = Batch(fill or theme().category(kind[0]).solid, goes, [], [])
        groups[kind].blocks.append(QRectF(a, b, c - a, d - b))
        groups[kind].rows.append(i)
    return [groups[kind] for kind in sorted(groups)]  # blocks that overlap do so whatever else is drawn


def _names(painter: QPainter, drawing: Drawing, rect: QRectF, zoom: float) -> None:
    """Names on the blocks near `rect` that have room for one."""
    t, m = theme(), metrics()
    ids, boxes = drawing.boxes_in(rect)
    wide = (boxes[:, 2] - boxes[:, 0]) * zoom >= m.lod.far_name_min_w
    high = (boxes[:, 3] - boxes[:, 1]) * zoom >= m.canvas.far_name_h
    for i in np.flatnonzero(wide & high).tolist():
        face = drawing.faces[ids[i]]
        if texts.width(face.name, "caption", 600) > face.width * zoom - 2 * m.space.xs:
            continue
        inside = QRectF(m.space.xs, 0, face.width * zoom - 2 * m.space.xs, face.height * zoom)
        painter.save()
        painter.translate(*drawing.at[face.id])
        painter.scale(1 / zoom, 1 / zoom)
        texts.draw_in(painter, inside, face.name, t.category(face.category).on, "caption", 600)
        painter.restore()


def _rings(painter: QPainter, drawing: Drawing, marks: Marks, zoom: float) -> None:
    t, m = theme(), metrics()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    grown, radius = m.node.selection_outset / zoom, m.canvas.compact_radius / zoom
    for node in marks.selected | {n for n in (marks.hover, marks.focus if marks.shows_focus else None) if n}:
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


def overview(drawing: Drawing, within: QRectF | None = None) -> list[tuple[QColor, np.ndarray]]:
    """Per colour the boxes of all nodes, or of those in a rectangle (left, top, right, bottom): what the minimap shows.

    What is in trouble comes last; nodes that overlap do so whichever rectangle it is.
    """
    t = theme()
    ids, boxes = drawing.boxes() if within is None else drawing.boxes_in(within)
    groups: dict[tuple[bool, int], tuple[QColor, list[int]]] = {}
    for i, node in enumerate(ids):
        bad = drawing.looks[node].severity == "error"
        colour = t.status.danger if bad else t.category(drawing.faces[node].category).solid
        groups.setdefault((bad, colour.rgba()), (colour, []))[1].append(i)
    return [(colour, boxes[rows]) for _, (colour, rows) in sorted(groups.items(), key=lambda group: group[0])]
