"""Several layers, points of wires and frames brought into line, or spread evenly: each command one step of undo."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from PySide6.QtCore import QRectF

from engine.document.edits import Batch, MoveNodes, SetFrames, SetReroutes
from engine.document.project import Frame
from engine.graph.graph import NodeId
from gui.canvas.frame_paint import frame_rect
from gui.canvas.placed import Xy
from gui.canvas.rerouting import Rerouting
from gui.canvas.stage import Stage
from gui.canvas.tools.frames import carried

Side = Literal["left", "centre", "right", "top", "middle", "bottom"]
Axis = Literal["across", "down"]
_SHARE = {"left": 0.0, "top": 0.0, "centre": 0.5, "middle": 0.5, "right": 1.0, "bottom": 1.0}


@dataclass(frozen=True)
class Piece:
    """What is moved as one: a layer, a point of wires, or frames with all that is in them. rect: the outermost's."""

    rect: QRectF
    nodes: Mapping[NodeId, Xy] = field(default_factory=dict)
    points: Mapping[str, Xy] = field(default_factory=dict)
    frames: tuple[Frame, ...] = ()


class Aligning:
    """Moves what is selected on the block on screen; a frame all of whose layers are selected goes as a whole."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def align(self, side: Side) -> None:
        """Bring one side, or the middles, of all that is selected to the outermost one's, or to the middle of all."""
        pieces, share = self._pieces(), _SHARE[side]
        across = side in ("left", "centre", "right")
        low = min(_begin(piece, across) for piece in pieces)
        high = max(_begin(piece, across) + _length(piece, across) for piece in pieces)
        snap = self._stage.snap
        self._move([(p, snap(low + share * (high - low - _length(p, across)))) for p in pieces], across)

    def distribute(self, axis: Axis) -> None:
        """Make the gaps between what is selected equal; the outermost two stay where they are."""
        across = axis == "across"
        pieces = sorted(self._pieces(), key=lambda p: _begin(p, across) + _length(p, across) / 2)
        if len(pieces) < 3:
            return
        at, last = _begin(pieces[0], across), pieces[-1]
        room = _begin(last, across) + _length(last, across) - at - sum(_length(p, across) for p in pieces)
        found = []
        for piece in pieces[:-1]:
            found.append((piece, self._stage.snap(at)))
            at += _length(piece, across) + room / (len(pieces) - 1)
        self._move(found[1:], across)

    def _pieces(self) -> list[Piece]:
        drawing, chosen = self._stage.drawing, set(self._stage.session.selection)
        found, taken = [], set[NodeId]()
        for frame in sorted(drawing.frames, key=lambda f: -f.width * f.height):
            nodes, points = carried(drawing, frame)
            if nodes and nodes.keys() < chosen and not nodes.keys() & taken:
                around = frame_rect(frame)
                frames = tuple(f for f in drawing.frames if around.contains(frame_rect(f)))
                found.append(Piece(around, nodes, points, frames))
                taken |= nodes.keys()
        found += [Piece(drawing.rect(n), {n: drawing.at[n]}) for n in self._stage.session.selection if n not in taken]
        led = {id for piece in found for id in piece.points}
        chosen_points = self._stage.marks.points - led
        found += [
            Piece(QRectF(r.x, r.y, 0, 0), {}, {r.id: (r.x, r.y)}) for r in drawing.reroutes if r.id in chosen_points
        ]
        return found

    def _move(self, pieces: Iterable[tuple[Piece, float]], across: bool) -> None:
        """Bring the left or upper edges of pieces there, in one step of undo."""
        session, drawing = self._stage.session, self._stage.drawing
        nodes: dict[NodeId, Xy] = {}
        points: dict[str, Xy] = {}
        frames: dict[str, Frame] = {}
        for piece, at in pieces:
            away = at - _begin(piece, across)
            dx, dy = (away, 0.0) if across else (0.0, away)
            if away:
                nodes |= {n: (x + dx, y + dy) for n, (x, y) in piece.nodes.items()}
                points |= {id: (x + dx, y + dy) for id, (x, y) in piece.points.items()}
                frames |= {f.id: replace(f, x=f.x + dx, y=f.y + dy) for f in piece.frames}
        edits: tuple[MoveNodes | SetReroutes | SetFrames, ...] = Rerouting(self._stage).moving(nodes, points)
        if frames:
            edits = (*edits, SetFrames(tuple(frames.get(f.id, f) for f in drawing.frames), session.block_id))
        if edits:
            session.apply(edits[0] if len(edits) == 1 else Batch(edits[0].label, edits))


def _begin(piece: Piece, across: bool) -> float:
    return piece.rect.left() if across else piece.rect.top()


def _length(piece: Piece, across: bool) -> float:
    return piece.rect.width() if across else piece.rect.height()
