"""Frames, notes, kept views and probes that go with layers into a block, and come out of it again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from engine.document.names import unique
from engine.document.project import Frame, Layout, Point
from engine.graph.graph import NodeId


def split_frames(
    layout: Layout, chosen: Collection[NodeId], named: Collection[str] = ()
) -> tuple[tuple[Frame, ...], tuple[Frame, ...]]:
    """The frames that go along with layers, and those that stay: one that holds any other layer stays.

    A note goes with the frame that it lies in. named: ids of frames that go in any case.
    """
    going = {f.id for f in layout.frames if f.kind == "frame" and _goes(f, layout, chosen)} | {*named}
    around = [f for f in layout.frames if f.id in going]
    going |= {f.id for f in layout.frames if f.kind == "note" and any(_holds(a, (f.x, f.y)) for a in around)}
    return tuple(f for f in layout.frames if f.id in going), tuple(f for f in layout.frames if f.id not in going)


def _goes(frame: Frame, layout: Layout, chosen: Collection[NodeId]) -> bool:
    inside = {node for node, at in layout.positions.items() if _holds(frame, at)}
    return bool(inside) and inside <= set(chosen)


def _holds(frame: Frame, at: Point) -> bool:
    return frame.x <= at[0] <= frame.x + frame.width and frame.y <= at[1] <= frame.y + frame.height


def with_inside(
    outer: Layout, inside: Layout, away: Sequence[Point], made: Sequence[Mapping[NodeId, NodeId]]
) -> Layout:
    """The layout with what is drawn inside a block beside it.

    away: how far each copy of the inside is drawn from where it was. made: what each copy's layers are called now.
    """
    frames, bookmarks, probes = list(outer.frames), list(outer.bookmarks), list(outer.probes)
    for i, (dx, dy) in enumerate(away):
        for frame in inside.frames:
            id = unique(frame.id, {f.id for f in frames})
            frames.append(replace(frame, id=id, x=frame.x + dx, y=frame.y + dy))
        for mark in inside.bookmarks if i == 0 else ():
            bookmarks.append(replace(mark, x=mark.x + dx, y=mark.y + dy))
        probes += [replace(p, node=made[i][p.node]) for p in inside.probes if p.node in made[i]]
    return replace(outer, frames=tuple(frames), bookmarks=tuple(bookmarks), probes=tuple(dict.fromkeys(probes)))
