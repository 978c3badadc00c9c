"""The examples of the help pages, put onto the canvas."""

from __future__ import annotations

from PySide6.QtCore import QPointF

from engine.document.edits import fresh_ids
from engine.document.example import example
from engine.document.fragment import Paste
from engine.graph.graph import NodeId
from engine.layers.base import Layer
from gui.canvas.stage import Stage
from gui.canvas.tools.base import snapped
from gui.theme import metrics

EXAMPLE = "example:"


def add_example(stage: Stage, key: str, pos: QPointF | None = None) -> NodeId | None:
    """Paste an example, "example:<layer>": at a point of the scene, else under what is there. Returns: its first."""
    kind = Layer.registry.get(key.removeprefix(EXAMPLE))
    fragment = example(kind) if kind else None
    if fragment is None:
        return None
    session, nodes = stage.session, list(stage.session.block.graph.nodes)
    at = pos or stage.surface.centre
    if pos is None and nodes:
        there = stage.drawing.bounds(nodes)
        at = QPointF(there.left(), there.bottom() + metrics().node.gap_y)
    new = fresh_ids(session.project, session.block_id, len(fragment.nodes))
    if not session.apply(Paste(fragment, at=(snapped(at.x()), snapped(at.y())), block=session.block_id)):
        return None
    session.select(new)
    stage.reveal(new[0])
    return new[0]
