"""What is seen of a heap of layers: a card that lies under another as a whole shows no more than its ports."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from engine.graph.graph import NodeId
from gui.canvas.drawing import Drawing
from gui.canvas.face import Spot
from gui.canvas.look import Look, Marks
from gui.canvas.node_paint import opacity

BLOCK = 128  # cards that are held at once against all that lie over them


def covered(boxes: np.ndarray, hides: np.ndarray) -> np.ndarray:
    """Which boxes, shape (N, 4), from the back to the front, lie within one further in front that hides them."""
    found: np.ndarray = np.zeros(len(boxes), bool)
    over = np.empty((0, 4))
    for end in range(len(boxes), 0, -BLOCK):
        begin = max(0, end - BLOCK)
        some, hiding = boxes[begin:end], hides[begin:end]
        is_under = _within(some, over).any(1)
        is_under |= (np.triu(_within(some, some), 1) & hiding).any(1)
        found[begin:end] = is_under
        over = np.concatenate((over, some[hiding & ~is_under]))  # what lies under another hides no more than that does
    return found


def _within(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Which boxes lie within which others, shape (N, M)."""
    result: np.ndarray = np.ones((len(boxes), len(others)), bool)
    for side in (0, 1):
        result &= boxes[:, None, side] >= others[None, :, side]
        result &= boxes[:, None, 2 + side] <= others[None, :, 2 + side]
    return result


def under(
    drawing: Drawing, nodes: Sequence[NodeId], marks: Marks, look: Callable[[NodeId], Look]
) -> dict[NodeId, list[Spot]]:
    """Of nodes from the back to the front those whose cards are not seen, and those of their ports that are drawn."""
    boxes = drawing.boxes()[1][[drawing.place_of(node) for node in nodes]]
    if not covered(boxes, np.ones(len(boxes), bool)).any():
        return {}
    looks = [look(node) for node in nodes]
    found = covered(boxes, np.array([opacity(each) == 1.0 for each in looks]))
    flat = [drawing.faces[node].repeat == 1 and _is_flat(each) for node, each in zip(nodes, looks, strict=True)]
    hidden = {node for node, is_under, is_flat in zip(nodes, found.tolist(), flat, strict=True) if is_under and is_flat}
    return _ports(drawing, nodes, hidden, marks) if hidden else {}


def _is_flat(look: Look) -> bool:
    """Whether nothing of a card but its ports reaches beyond it that means something."""
    is_marked = look.hover or look.selected or look.focused or look.dragged
    return not is_marked and look.severity not in ("error", "warning")


def _ports(drawing: Drawing, nodes: Sequence[NodeId], hidden: set[NodeId], marks: Marks) -> dict[NodeId, list[Spot]]:
    """The ports of hidden nodes, but for those on which another one lies that looks the same."""
    found: dict[NodeId, list[Spot]] = {}
    seen: set[tuple[object, ...]] = set()
    for node in reversed(nodes):
        (x, y), face, left = drawing.at[node], drawing.faces[node], []
        for spot in (*face.inlets, *face.outlets):
            state = marks.port((node, spot.side, spot.port.name))
            key = x + spot.x, y + spot.y, spot.side, spot.port.kind, spot.wires, state
            if key not in seen:
                seen.add(key)
                left.append(spot)
        if node in hidden:
            found[node] = left
    return found
