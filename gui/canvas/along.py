"""What goes along with what is selected: all that lies in a frame, and the points between layers that go together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from PySide6.QtCore import QRectF

from engine.document.project import Frame
from engine.graph.graph import NodeId
from gui.canvas.drawing import Drawing
from gui.canvas.frame_paint import frame_rect
from gui.canvas.placed import Xy


@dataclass(frozen=True)
class Load:
    """Layers, points of wires, and frames and notes, by their ids, with their places."""

    nodes: Mapping[NodeId, Xy] = field(default_factory=dict)
    points: Mapping[str, Xy] = field(default_factory=dict)
    frames: Mapping[str, Frame] = field(default_factory=dict)

    def moved(self, dx: float, dy: float) -> Load:
        """The same, further on by so much."""
        return Load(
            {n: (x + dx, y + dy) for n, (x, y) in self.nodes.items()},
            {id: (x + dx, y + dy) for id, (x, y) in self.points.items()},
            {id: replace(f, x=f.x + dx, y=f.y + dy) for id, f in self.frames.items()},
        )

    def bounds(self, drawing: Drawing) -> QRectF:
        """Around its layers, frames and notes, where they are drawn."""
        found = drawing.bounds(self.nodes)
        for frame in self.frames.values():
            found = found.united(frame_rect(frame))
        return found


def carried(drawing: Drawing, frame: Frame) -> Load:
    """A frame with the layers, points, frames and notes in it, and where they are; a note alone."""
    if frame.kind != "frame":
        return Load(frames={frame.id: frame})
    around = frame_rect(frame)
    nodes = middles_in(drawing, around)
    points = {*drawing.points_in(around), *drawing.points_between(nodes)}
    frames = {f.id: f for f in drawing.frames if around.contains(frame_rect(f))}
    return Load(
        {n: drawing.at[n] for n in nodes}, {r.id: (r.x, r.y) for r in drawing.reroutes if r.id in points}, frames
    )


def load_of(drawing: Drawing, nodes: Iterable[NodeId], points: Collection[str], frames: Collection[str]) -> Load:
    """What is selected, with all that goes along."""
    held = [carried(drawing, frame) for frame in drawing.frames if frame.id in frames]
    layers = {n: drawing.at[n] for n in (*nodes, *(n for load in held for n in load.nodes))}
    led = {*points, *drawing.points_between(layers.keys()), *(id for load in held for id in load.points)}
    return Load(
        layers,
        {r.id: (r.x, r.y) for r in drawing.reroutes if r.id in led},
        {id: frame for load in held for id, frame in load.frames.items()},
    )


def middles_in(drawing: Drawing, rect: QRectF) -> list[NodeId]:
    """The layers whose middles are in a rectangle."""
    ids, boxes = drawing.boxes()
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    inside = (x >= rect.left()) & (x <= rect.right()) & (y >= rect.top()) & (y <= rect.bottom())
    return [ids[i] for i in np.flatnonzero(inside).tolist()]


def named_frames(frames: Iterable[Frame]) -> str:
    """What a step of undo calls them: frame, note, 2 frames, 3 frames and notes. What is in another counts not."""
    outer = list(frames)
    rects = [frame_rect(frame) for frame in outer]
    outer = [f for f, rect in zip(outer, rects, strict=True) if not any(r != rect and r.contains(rect) for r in rects)]
    kinds = {frame.kind for frame in outer}
    noun = "frames and notes" if len(kinds) > 1 else f"{outer[0].kind}s"
    return outer[0].kind if len(outer) == 1 else f"{len(outer)} {noun}"
