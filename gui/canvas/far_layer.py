"""The layers of a network from far away: blocks of colour, found with numpy and drawn in batches."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from engine.graph.graph import NodeId
from gui.canvas import texts
from gui.canvas.carry import Part
from gui.canvas.detail import reach
from gui.canvas.drawing import Drawing
from gui.canvas.far_wires import FEW, carried, cosmetic
from gui.canvas.look import MANY_SELECTED, Marks, Plate
from gui.canvas.node_paint import paint_badge
from gui.theme import metrics, theme

ROUND_UP_TO = 400  # more blocks than this are drawn with square corners: a rounded one costs ten times as much


class Batch(NamedTuple):
    """Blocks of one colour. rows: which nodes they are."""

    colour: QColor
    blocks: list[QRectF]
    rows: np.ndarray


class FarLayer:
    """What is drawn of a drawing from far away, worked out anew only when the drawing or its colours change.

    What is kept has everything where it was before something of it was carried.
    """

    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing
        self._made_of: tuple[object, ...] = ()
        self._batches: list[Batch] = []
        self._around: tuple[object, list[QRectF]] | None = None
        self._chosen: tuple[object, frozenset[NodeId], np.ndarray] | None = None
        self._bad: list[NodeId] = []

    def _refresh(self, made_of: tuple[object, ...], plates: Mapping[NodeId, Plate]) -> None:
        """Work out the blocks, unless those there are were made of the same."""
        if made_of != self._made_of:
            self._made_of = made_of
            every = np.arange(len(self.drawing.boxes()[0]))
            self._batches = _batches(self.drawing, plates, self._at_first(), every)
            self._bad = [n for n, look in self.drawing.looks.items() if look.severity == "error"]

    def _at_first(self) -> np.ndarray:
        """The boxes of all nodes where they were before some were carried."""
        boxes, carry = self.drawing.boxes()[1], self.drawing.carry
        if carry is not None:
            boxes = boxes - np.outer(carry.boxes, (carry.dx, carry.dy, carry.dx, carry.dy))
        return boxes

    def paint_nodes(self, painter: QPainter, marks: Marks, rect: QRectF, zoom: float, part: Part = "all") -> None:
        """Every node of a part near `rect`, in scene coordinates."""
        drawing, plates, room = self.drawing, marks.plates, reach(zoom)
        ids, boxes = drawing.boxes()
        near = drawing.near(rect.adjusted(-room, -room, room, room), part)
        made_of = (drawing, drawing.placed, theme(), tuple(plates.values()) if plates else ())
        is_part = _is_part(int(near.sum()), len(ids), made_of == self._made_of)
        if is_part and len(marks.selected) <= MANY_SELECTED:
            rows = np.flatnonzero(near)
            batches = _batches(drawing, plates, boxes, rows)
            self._paint_blocks(painter, batches, near, zoom)
            bad = [ids[i] for i in rows.tolist() if drawing.looks[ids[i]].severity == "error"]
        else:
            self._refresh(made_of, plates)
            with carried(painter, drawing.carry, part):
                if len(marks.selected) > MANY_SELECTED:
                    self._paint_under(painter, marks, near, zoom)
                self._paint_blocks(painter, self._batches, near, zoom)
            bad = [node for node in self._bad if part == "all" or near[drawing.place_of(node)]]
        _names(painter, drawing, rect, zoom, near)
        if len(marks.selected) <= MANY_SELECTED:
            _rings(painter, drawing, marks, zoom, None if part == "all" else near)
        for node in bad:
            _badge(painter, drawing.rect(node), zoom)

    def _paint_blocks(self, painter: QPainter, batches: list[Batch], near: np.ndarray, zoom: float) -> None:
        """Those of these blocks that are near, with round corners where there are few in all."""
        rounded, radius, is_all = len(near) <= ROUND_UP_TO, metrics().canvas.far_radius / zoom, bool(near.all())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, rounded)
        for batch in batches:
            painter.setBrush(batch.colour)
            blocks = batch.blocks if is_all else _near(batch, near)
            if rounded:
                for block in blocks:
                    painter.drawRoundedRect(block, radius, radius)
            elif blocks:
                painter.drawRects(blocks)

    def _paint_under(self, painter: QPainter, marks: Marks, near: np.ndarray, zoom: float) -> None:
        """What is seen of the selection's colour round many nodes: filled, since a ring costs twenty times as much."""
        m, selected = metrics(), marks.selected
        if self._chosen is None or self._chosen[0] != self._made_of or self._chosen[1] is not selected:
            chosen = np.fromiter((node in selected for node in self.drawing.boxes()[0]), bool, len(near))
            self._chosen = self._made_of, selected, chosen
        rows, grown = np.flatnonzero(near & self._chosen[2]), (m.node.selection_outset + m.line.selection / 2) / zoom
        outset = np.array((-grown, -grown, grown, grown))
        if not near.all():
            blocks = rects(self._at_first()[rows] + outset)
        else:  # as while a box grows round them
            if self._around is None or self._around[0] != (self._made_of, zoom):
                self._around = (self._made_of, zoom), rects(self._at_first() + outset)
            blocks = [self._around[1][i] for i in rows.tolist()]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setBrush(theme().accent.base)
        painter.drawRects(blocks)


def _is_part(count: int, whole: int, is_fresh: bool) -> bool:
    """Whether so many are drawn without what is kept of all: of what would have to be worked out, up to a half."""
    return count <= FEW or (not is_fresh and 2 * count < whole)


def _near(batch: Batch, near: np.ndarray) -> list[QRectF]:
    return [batch.blocks[i] for i in np.flatnonzero(near[batch.rows]).tolist()]


def rects(boxes: np.ndarray) -> list[QRectF]:
    sizes = boxes[:, 2:] - boxes[:, :2]
    return [QRectF(x, y, w, h) for x, y, w, h in np.concatenate((boxes[:, :2], sizes), axis=1).tolist()]


def _batches(drawing: Drawing, plates: Mapping[NodeId, Plate], boxes: np.ndarray, rows: np.ndarray) -> list[Batch]:
    """The blocks of some nodes by colour, in its order, so that blocks that overlap do so whatever else is drawn."""
    fills = {node: plate.fill for node, plate in plates.items() if plate.fill is not None}
    by_name = {fill.name(): fill for fill in fills.values()}
    ids, found = drawing.boxes()[0], dict[str, list[int]]()
    for row in rows.tolist():
        node = ids[row]
        found.setdefault(fills[node].name() if node in fills else drawing.faces[node].category, []).append(row)
    return [
        Batch(by_name[name] if name in by_name else theme().category(name).solid, rects(boxes[of]), np.array(of))
        for name, of in sorted(found.items())
    ]


def _names(painter: QPainter, drawing: Drawing, rect: QRectF, zoom: float, near: np.ndarray) -> None:
    """Names on those of the near blocks that touch `rect` and have room for one."""
    t, m = theme(), metrics()
    ids, boxes = drawing.boxes()
    near = np.flatnonzero(near & drawing.touching(rect))
    boxes = boxes[near]
    wide = (boxes[:, 2] - boxes[:, 0]) * zoom >= m.lod.far_name_min_w
    high = (boxes[:, 3] - boxes[:, 1]) * zoom >= m.canvas.far_name_h
    for i in near[wide & high].tolist():
        face = drawing.faces[ids[i]]
        room, baseline = math.floor(face.width * zoom) - 2 * m.space.xs, texts.middle(face.height * zoom / 2, "caption")
        painter.save()
        painter.translate(*drawing.at[face.id])
        painter.scale(1 / zoom, 1 / zoom)
        texts.draw_cut(painter, m.space.xs, baseline, face.name, room, t.category(face.category).on, "caption", 600)
        painter.restore()


def _rings(painter: QPainter, drawing: Drawing, marks: Marks, zoom: float, among: np.ndarray | None) -> None:
    t, m = theme(), metrics()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    grown, radius = m.node.selection_outset / zoom, m.canvas.compact_radius / zoom
    for node in marks.selected | {n for n in (marks.hover, marks.focus if marks.shows_focus else None) if n}:
        if node in drawing.faces and (among is None or among[drawing.place_of(node)]):
            chosen = node in marks.selected
            painter.setPen(cosmetic(t.accent.base if chosen else t.border.strong, m.line.selection if chosen else 1))
            painter.drawRoundedRect(drawing.rect(node).adjusted(-grown, -grown, grown, grown), radius, radius)


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
