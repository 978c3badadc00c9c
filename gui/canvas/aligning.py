"""Several layers, points of wires and frames brought into line, or spread evenly: each command one step of undo."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QRectF

from engine.graph.graph import NodeId
from gui.canvas.along import Load, carried
from gui.canvas.frame_paint import frame_rect
from gui.canvas.rerouting import Rerouting
from gui.canvas.stage import Stage

Side = Literal["left", "centre", "right", "top", "middle", "bottom"]
Axis = Literal["across", "down"]
_SHARE = {"left": 0.0, "top": 0.0, "centre": 0.5, "middle": 0.5, "right": 1.0, "bottom": 1.0}


@dataclass(frozen=True)
class Piece:
    """What is moved as one: a layer, a point of wires, a note, or a frame with all that is in it."""

    rect: QRectF
    load: Load


class Aligning:
    """Moves what is selected on the block on screen; a frame goes as a whole, selected itself or all of its layers."""

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

    def count(self) -> int:
        """How many things would be moved, each of them for itself."""
        frames, taken = self._whole_frames()
        led = {id for load in frames for id in load.points}
        return len(frames) + len(set(self._stage.session.selection) - taken) + len(self._stage.marks.points - led)

    def _whole_frames(self) -> tuple[list[Load], set[NodeId]]:
        """The frames and notes that go as a whole, each first, and the layers in them.

        Those are the selected ones, and frames all of whose layers are selected; but not one that holds all that is
        selected, whose things are then moved for themselves.
        """
        drawing, marks = self._stage.drawing, self._stage.marks
        chosen, found, taken, gone = set(self._stage.session.selection), list[Load](), set[NodeId](), set[str]()
        for frame in sorted(drawing.frames, key=lambda f: -f.width * f.height):
            if frame.id in gone:
                continue
            load = carried(drawing, frame)
            holds_all = load.nodes.keys() >= chosen and load.frames.keys() >= marks.frames
            is_whole = bool(load.nodes) and load.nodes.keys() <= chosen
            if (frame.id in marks.frames or is_whole) and not load.nodes.keys() & taken and not holds_all:
                found.append(Load(load.nodes, load.points, {frame.id: frame, **load.frames}))
                taken |= load.nodes.keys()
                gone |= load.frames.keys()
        return found, taken

    def _pieces(self) -> list[Piece]:
        drawing, (frames, taken) = self._stage.drawing, self._whole_frames()
        found = [Piece(frame_rect(next(iter(load.frames.values()))), load) for load in frames]
        alone = [n for n in self._stage.session.selection if n not in taken]
        found += [Piece(drawing.rect(n), Load({n: drawing.at[n]})) for n in alone]
        led = {id for piece in found for id in piece.load.points}
        points = [r for r in drawing.reroutes if r.id in self._stage.marks.points - led]
        return [*found, *(Piece(QRectF(r.x, r.y, 0, 0), Load(points={r.id: (r.x, r.y)})) for r in points)]

    def _move(self, pieces: Iterable[tuple[Piece, float]], across: bool) -> None:
        """Bring the left or upper edges of pieces there, in one step of undo."""
        total = Load()
        for piece, at in pieces:
            away = at - _begin(piece, across)
            if away:
                there = piece.load.moved(*((away, 0.0) if across else (0.0, away)))
                total = Load(
                    {**total.nodes, **there.nodes}, {**total.points, **there.points}, {**total.frames, **there.frames}
                )
        if total != Load():
            self._stage.session.apply(Rerouting(self._stage).moving(total, self._stage.session.selection))


def _begin(piece: Piece, across: bool) -> float:
    return piece.rect.left() if across else piece.rect.top()


def _length(piece: Piece, across: bool) -> float:
    return piece.rect.width() if across else piece.rect.height()
