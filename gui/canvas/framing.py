"""Frames that give way: when layers make room for another one, and by keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import QRectF

from engine.document.project import Frame
from engine.graph.graph import Edge, NodeId
from gui.canvas.drawing import Drawing
from gui.canvas.frame_paint import frame_rect
from gui.canvas.placed import Xy
from gui.theme import metrics


def with_room(
    drawing: Drawing,
    wire: Edge,
    at: Xy,
    moved: Mapping[NodeId, Xy],
    node: NodeId | None = None,
    width: float | None = None,
) -> tuple[Frame, ...]:
    """The frames after these layers went aside for a new one on a wire: each as far around its layers as before.

    at: where the new layer goes; it belongs to the frames that hold both ends of the wire. node: it, if it is in the
    hand already. width: that of one that is not.
    """
    n = metrics().node
    new = QRectF(*at, drawing.faces[node].width if node else width or n.width, n.header)
    return tuple(_around(drawing, frame, wire, new, moved, node) for frame in drawing.frames)


def _around(
    drawing: Drawing, frame: Frame, wire: Edge, new: QRectF, moved: Mapping[NodeId, Xy], but: NodeId | None
) -> Frame:
    around = frame_rect(frame)
    held = [n for n in drawing.nodes_in(around) if n != but and around.contains(drawing.rect(n).center())]
    if frame.kind != "frame" or not any(n in moved for n in held):
        return frame
    before = {n: drawing.rect(n) for n in held}
    after = [rect.translated(moved[n][0] - rect.x(), 0) if n in moved else rect for n, rect in before.items()]
    if wire.source in before and wire.target in before:
        after.append(new)
    left = frame.x + min(r.left() for r in after) - min(r.left() for r in before.values())
    right = around.right() + max(r.right() for r in after) - max(r.right() for r in before.values())
    return replace(frame, x=left, width=right - left)


def resized(frame: Frame, dx: float, dy: float) -> Frame:
    """A frame or a note wider and taller by so much, not smaller than what is still seen of it."""
    m = metrics()
    width, height = max(m.node.width_min, frame.width + dx), max(m.node.header, frame.height + dy)
    return replace(frame, width=float(width), height=float(height))
