"""From node to node with the arrow keys: along the wires, else to the nearest node on that side."""

from __future__ import annotations

from engine.graph.graph import NodeId
from gui.canvas.drawing import Drawing


def neighbour(drawing: Drawing, node: NodeId | None, dx: int, dy: int) -> NodeId | None:
    """Where an arrow leads from a node; the first node if there is none yet."""
    if node is None or node not in drawing.faces:
        return next(iter(drawing.graph.order()), None)
    graph, here = drawing.graph, drawing.rect(node).center()
    if dx:
        ends = [e.target for e in graph.out_of(node)] if dx > 0 else [e.source for e in graph.into(node)]
        if ends:
            return min(ends, key=lambda n: abs(drawing.rect(n).center().y() - here.y()))
    best: tuple[float, NodeId] | None = None
    for other in drawing.faces:
        away = drawing.rect(other).center() - here
        along, across = (away.x() * dx, abs(away.y())) if dx else (away.y() * dy, abs(away.x()))
        if other != node and along > 0 and (best is None or along + 2 * across < best[0]):
            best = along + 2 * across, other
    return best[1] if best else None
