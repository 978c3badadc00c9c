"""Points of wires by hand: put on a wire, moved, made one, taken off. Each command is one step of undo."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from PySide6.QtCore import QPointF

from engine.document.document import Edit
from engine.document.edits import Batch, MoveNodes, SetFrames, SetReroutes
from engine.document.reroutes import added, joined, merged, moved
from engine.graph.graph import Edge, NodeId
from gui.canvas.along import Load, named_frames
from gui.canvas.placed import Xy
from gui.canvas.stage import Stage
from gui.theme import metrics


class Rerouting:
    """Acts on the block on screen: on the wire that was clicked, or on the points that are selected."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    @property
    def _layout(self):  # type: ignore[no-untyped-def]
        return self._stage.session.project.layout_of(self._stage.session.block_id)

    def add(self, wire: Edge, pos: QPointF | None = None, whole: bool = False) -> bool:
        """Put a point on a wire, at its middle unless told, and on all wires of its output that run there.

        whole: every wire of its output is led through it.
        """
        stage = self._stage
        drawing, block = stage.drawing, stage.session.block_id
        at = pos if pos is not None else self._middle(wire)
        places = {}
        for other in drawing.graph.out_of(wire.source):
            if other.source_port != wire.source_port or other not in drawing.wires:
                continue
            away, along = drawing.wires[other].route.nearest(at.x(), at.y())
            if other == wire or whole or away < metrics().line.wire:
                places[other] = self._before(other, along)
        knots = [knot for edge, place in places.items() for knot in self._beside(edge, place)]
        place = stage.snap(at.x()), level(stage.snap(at.y()), knots)
        reroutes, id = added(self._layout, place, places)
        if not stage.session.apply(SetReroutes(reroutes, block, "Add point")):
            return False
        stage.select((), (id,))
        return True

    def _beside(self, wire: Edge, place: int) -> list[Xy]:
        """Where a wire was before a new point that so many others come before, and where it goes on."""
        start, end = self._stage.drawing.ends(wire)
        knots = [start, *((r.x, r.y) for r in self._layout.through(wire)), end]
        return knots[place : place + 2]

    def levelled(self, id: str, y: float) -> float:
        """The height of a point that is dragged: level with what comes before or after it, if it is nearly so."""
        point = self._stage.drawing.point(id)
        knots: list[Xy] = []
        for edge in point.wires if point else ():
            course = [r.id for r in self._layout.through(edge)]
            place = course.index(id) if id in course else 0
            start, end = self._stage.drawing.ends(edge)
            around = [start, *((r.x, r.y) for r in self._layout.through(edge)), end]
            knots += around[place], around[place + 2]
        return level(y, knots)

    def _middle(self, wire: Edge) -> QPointF:
        route = self._stage.drawing.wires[wire].route
        return route.path.pointAtPercent(0.5) if not route.middle[1] else route.middle[0]

    def _before(self, wire: Edge, along: float) -> int:
        """How many points of a wire come before a place so far along it."""
        route = self._stage.drawing.wires[wire].route
        return sum(route.nearest(r.x, r.y)[1] < along for r in self._layout.through(wire))

    def add_to_chosen(self, whole: bool = False) -> None:
        """Put a point on the wire that was clicked. whole: all wires of its output are led through it."""
        if (wire := self._stage.marks.chosen_wire) is not None:
            self.add(wire, whole=whole)

    def straighten(self) -> None:
        """Take the points off: those that are selected, else those of the clicked wire or between selected layers."""
        session, gone = self._stage.session, self.straightened()
        left = tuple(r for r in self._layout.reroutes if r.id not in gone)
        session.apply(SetReroutes(left, session.block_id, "Straighten wires"))

    def straightened(self) -> frozenset[str]:
        """The points that `straighten` takes off."""
        marks, chosen = self._stage.marks, set(self._stage.session.selection)
        if marks.points:
            return marks.points
        if marks.chosen_wire is not None:
            return frozenset(r.id for r in self._layout.through(marks.chosen_wire))
        return frozenset(
            r.id for r in self._layout.reroutes if any(e.source in chosen and e.target in chosen for e in r.wires)
        )

    def removal(self, points: Iterable[str]) -> SetReroutes:
        """The edit that takes points off their wires."""
        gone = set(points)
        label = "Delete point" if len(gone) == 1 else f"Delete {len(gone)} points"
        left = tuple(r for r in self._layout.reroutes if r.id not in gone)
        return SetReroutes(left, self._stage.session.block_id, label)

    def moving(self, load: Load, named: Collection[NodeId] = ()) -> Edit:
        """The edit that brings layers, points of wires, frames and notes to other places.

        named: the layers that the step is called after; without any it is called after the frames, if there are some.
        """
        block, layout = self._stage.session.block_id, self._layout
        points, frames = load.points, load.frames
        edits: list[MoveNodes | SetReroutes | SetFrames] = [MoveNodes(load.nodes, block)] if load.nodes else []
        if points:
            label = "Move point" if len(points) == 1 else f"Move {len(points)} points"
            edits.append(SetReroutes(moved(layout.reroutes, points), block, label))
        if frames:
            there = tuple(frames.get(f.id, f) for f in layout.frames)
            edits.append(SetFrames(there, block, f"Move {named_frames(frames.values())}"))
        word = edits[-1].label if frames and not named else edits[0].label
        return edits[0] if len(edits) == 1 else Batch(word, tuple(edits))

    def target(self, id: str, at: QPointF) -> str | Edge | None:
        """What a point that is let go here becomes one with: another point of its output, or a wire that joins it."""
        stage, point = self._stage, self._stage.drawing.point(id)
        if point is None:
            return None
        source = {(e.source, e.source_port) for e in point.wires}
        reach = metrics().canvas.pick / stage.zoom
        other = stage.drawing.point(stage.drawing.point_at(at, reach, (id,)) or "")
        if other is not None:
            return other.id if {(e.source, e.source_port) for e in other.wires} == source else None
        for edge in stage.drawing.graph.out_of(next(iter(point.wires)).source):
            is_other = (edge.source, edge.source_port) in source and edge not in point.wires
            wire = stage.drawing.wires.get(edge) if is_other else None
            if wire is not None and wire.route.distance(at.x(), at.y()) <= reach:
                return edge
        return None

    def joining(self, id: str, target: str | Edge, at: Xy) -> SetReroutes:
        """The edit that lets a point become one with another, or lets a wire join it at a place."""
        block, layout = self._stage.session.block_id, self._layout
        if isinstance(target, str):
            return SetReroutes(merged(layout, id, target), block, "Join points")
        along = self._stage.drawing.wires[target].route.nearest(*at)[1]
        place = {target: self._before(target, along)}
        there = moved(joined(layout, id, place), {id: at})
        return SetReroutes(there, block, "Join wire")


def level(y: float, knots: Iterable[Xy]) -> float:
    """A height, or that of one of these places where the two are less than a step of the grid apart."""
    near = min((other for _, other in knots), key=lambda other: abs(other - y), default=y)
    return near if abs(near - y) < metrics().node.snap else y
