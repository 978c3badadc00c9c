"""Where a new layer goes: beside the one it follows, on the grid, on nothing else."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF

from engine.graph.graph import Edge, NodeId
from gui.canvas.drawing import Drawing
from gui.canvas.placed import Xy
from gui.canvas.tools.base import snapped
from gui.theme import metrics

TRIES = 40


def free_place(drawing: Drawing, x: float, y: float) -> tuple[float, float]:
    """The first free place from here downwards, on the grid."""
    n = metrics().node
    x, y = snapped(x), snapped(y)
    for _ in range(TRIES):
        wanted = QRectF(x, y, n.width, n.header + n.footer)
        if not drawing.nodes_in(wanted):
            break
        y += n.gap_y
    return x, y


def beside(drawing: Drawing, node: NodeId) -> tuple[float, float]:
    """Right of a node, as far as its widest chip needs."""
    rect = drawing.rect(node)
    return free_place(drawing, rect.right() + max(float(metrics().node.gap_x), _chip_room(drawing, node)), rect.top())


def _chip_room(drawing: Drawing, node: NodeId) -> float:
    """What the widest chip of a node needs on its right."""
    n = metrics().node
    chips = [drawing.chip(node, spot.port.name) for spot in drawing.faces[node].outlets]
    return max((chip.width for chip in chips if chip), default=0.0) + n.port_r + n.chip_gap + metrics().canvas.chip_room


def on_wire(
    drawing: Drawing, wire: Edge, at: QPointF, node: NodeId | None = None, width: float | None = None
) -> tuple[Xy, dict[NodeId, Xy], dict[str, Xy]]:
    """Where a layer stands that goes into a wire, and what makes room for it: the layers to its right in the same line,
    with the points of the wires between them.

    at: where it is wanted; used where the wire leads to another line or has room enough. node: the layer, if it is
    there already. width: that of one that is not.
    """
    n, (start, end) = metrics().node, drawing.ends(wire)
    before, after = drawing.rect(wire.source), drawing.rect(wire.target)
    wanted = free_place(drawing, at.x(), at.y()) if node is None else (at.x(), at.y())
    width = (width or n.width) if node is None else drawing.faces[node].width
    if after.left() <= before.right() or abs(start[1] - end[1]) > n.header:
        return wanted, {}, {}
    room = _chip_room(drawing, wire.source)
    x, y = snapped(before.right() + room), snapped(end[1] - n.port_y)
    need = x + width + room - after.left()
    if need <= 0:
        return ((x + snapped(-need / 2), y) if node is None and abs(at.y() - end[1]) < n.header else wanted), {}, {}
    away = math.ceil(need / n.snap) * n.snap
    there = _in_line(drawing, wire.target, y, node)
    between = drawing.points_between(there)
    points = {r.id: (r.x + away, r.y) for r in drawing.reroutes if r.id in between}
    return (x, y), {id: (left + away, top) for id, (left, top) in there.items()}, points


def _in_line(drawing: Drawing, first: NodeId, top: float, but: NodeId | None) -> dict[NodeId, Xy]:
    """A layer and those to its right that would be in its way, or in the way of one of them."""
    ids, boxes = drawing.boxes()
    left = drawing.rect(first).left()
    moved, others = np.array([node == first for node in ids]), np.array([node != but for node in ids])
    low, high = top, top + metrics().node.header
    while True:
        low, high = min(low, boxes[moved, 1].min()), max(high, boxes[moved, 3].max())
        found = others & (boxes[:, 0] >= left) & (boxes[:, 1] <= high) & (boxes[:, 3] >= low)
        if not (found & ~moved).any():
            return {ids[i]: drawing.at[ids[i]] for i in np.flatnonzero(moved)}
        moved |= found


def at_port(drawing: Drawing, pos: QPointF) -> tuple[float, float]:
    """Where a node stands whose first input is at a point."""
    return free_place(drawing, pos.x(), pos.y() - metrics().node.port_y)
