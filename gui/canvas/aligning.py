"""Several layers brought into line, or spread evenly: each command one step of undo."""

from __future__ import annotations

from typing import Literal

from engine.document.edits import MoveNodes
from engine.graph.graph import NodeId
from gui.canvas.stage import Stage

Side = Literal["left", "centre", "right", "top", "middle", "bottom"]
Axis = Literal["across", "down"]
_SHARE = {"left": 0.0, "top": 0.0, "centre": 0.5, "middle": 0.5, "right": 1.0, "bottom": 1.0}


class Aligning:
    """Moves what is selected on the block on screen."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def align(self, side: Side) -> None:
        """Bring one side, or the middles, of all selected layers to the outermost one's, or to the middle of all."""
        drawing, chosen = self._stage.drawing, self._stage.session.selection
        bounds, share = drawing.bounds(chosen), _SHARE[side]
        across = side in ("left", "centre", "right")
        places = {}
        for node in chosen:
            rect = drawing.rect(node)
            if across:
                x = bounds.left() + share * (bounds.width() - rect.width())
                places[node] = (self._stage.snap(x), rect.top())
            else:
                y = bounds.top() + share * (bounds.height() - rect.height())
                places[node] = (rect.left(), self._stage.snap(y))
        self._move(places)

    def distribute(self, axis: Axis) -> None:
        """Make the gaps between the selected layers equal; the outermost two stay where they are."""
        drawing, across = self._stage.drawing, axis == "across"
        rects = {n: drawing.rect(n) for n in self._stage.session.selection}
        order = sorted(rects, key=lambda n: rects[n].center().x() if across else rects[n].center().y())
        sizes = {n: r.width() if across else r.height() for n, r in rects.items()}
        first, last = rects[order[0]], rects[order[-1]]
        room = last.right() - first.left() if across else last.bottom() - first.top()
        gap = (room - sum(sizes.values())) / (len(order) - 1)
        at = first.left() if across else first.top()
        places = {}
        for node in order:
            rect = rects[node]
            ends = node in (order[0], order[-1])
            moved = (self._stage.snap(at), rect.top()) if across else (rect.left(), self._stage.snap(at))
            places[node] = (rect.left(), rect.top()) if ends else moved
            at += sizes[node] + gap
        self._move(places)

    def _move(self, places: dict[NodeId, tuple[float, float]]) -> None:
        session = self._stage.session
        moved = {n: at for n, at in places.items() if at != self._stage.drawing.at[n]}
        if moved:
            session.apply(MoveNodes(moved, session.block_id))
