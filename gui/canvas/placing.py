"""Where a new layer goes: beside the one it follows, on the grid, on nothing else."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF

from engine.graph.graph import NodeId
from gui.canvas.drawing import Drawing
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
    rect, n = drawing.rect(node), metrics().node
    chips = [drawing.chip(node, spot.port.name) for spot in drawing.faces[node].outs]
    room = max((chip.width for chip in chips if chip), default=0.0) + n.port_r + n.chip_gap + metrics().canvas.chip_room
    return free_place(drawing, rect.right() + max(float(n.gap_x), room), rect.top())


def at_port(drawing: Drawing, pos: QPointF) -> tuple[float, float]:
    """Where a node stands whose first input is at a point."""
    return free_place(drawing, pos.x(), pos.y() - metrics().node.port_y)
