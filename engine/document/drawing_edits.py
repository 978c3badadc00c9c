"""Edits of the drawing alone: places, frames, notes, bookmarks, points of wires. They never change what is trained."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.document.project import Bookmark, Frame, Point, Probe, Project, Reroute
from engine.document.wiring import with_positions
from engine.errors import EditError
from engine.graph.graph import NodeId


def need_point(at: Any) -> Point:
    """A position as two finite floats. Raises: EditError."""
    x, y = at
    if not (math.isfinite(x) and math.isfinite(y)):
        raise EditError(f"A layer cannot be drawn at {at}.", "Positions are two finite numbers.")
    return float(x), float(y)


@dataclass(frozen=True)
class MoveNodes:
    """Draw layers somewhere else."""

    positions: Mapping[NodeId, Point]
    block: str = ""

    @property
    def label(self) -> str:
        return "Move layer" if len(self.positions) == 1 else f"Move {len(self.positions)} layers"

    def __call__(self, project: Project) -> Project:
        moved = {project.node(node, self.block).id: need_point(at) for node, at in self.positions.items()}
        return with_positions(project, self.block, {**project.layout_of(self.block).positions, **moved})


@dataclass(frozen=True)
class SetFrames:
    """Draw other frames and notes behind the layers of a block."""

    frames: Iterable[Frame]
    block: str = ""
    label: str = "Change frames"

    def __call__(self, project: Project) -> Project:
        frames, old = tuple(self.frames), project.layout_of(self.block)
        project.block(self.block)
        if len({frame.id for frame in frames}) != len(frames):
            raise EditError("Two frames have the same id.")
        for frame in frames:
            need_point((frame.x, frame.y))
            if not (0 < frame.width < math.inf and 0 < frame.height < math.inf):
                raise EditError(f"The frame {frame.text!r} has no size.", "Width and height are above 0.")
        return project if frames == old.frames else project.with_layout(self.block, replace(old, frames=frames))


def fresh_frame_ids(project: Project, block: str = "", count: int = 1) -> list[str]:
    """The ids that the next frames and notes of a block will get."""
    taken = {frame.id for frame in project.layout_of(block).frames}
    found: list[str] = []
    number = 1
    while len(found) < count:
        found += [f"f{number}"] if f"f{number}" not in taken else []
        number += 1
    return found


@dataclass(frozen=True)
class SetBookmarks:
    """Keep other views of a block to come back to."""

    bookmarks: Iterable[Bookmark]
    block: str = ""
    label: str = "Change bookmarks"

    def __call__(self, project: Project) -> Project:
        bookmarks, old = tuple(self.bookmarks), project.layout_of(self.block)
        project.block(self.block)
        for bookmark in bookmarks:
            need_point((bookmark.x, bookmark.y))
            if not 0 < bookmark.zoom < math.inf:
                raise EditError(f"The bookmark {bookmark.name!r} has no zoom.", "A zoom is above 0.")
        if bookmarks == old.bookmarks:
            return project
        return project.with_layout(self.block, replace(old, bookmarks=bookmarks))


@dataclass(frozen=True)
class SetProbes:
    """Look at other outputs of a block closely."""

    probes: Iterable[Probe]
    block: str = ""
    label: str = "Change probes"

    def __call__(self, project: Project) -> Project:
        probes, old = tuple(dict.fromkeys(self.probes)), project.layout_of(self.block)
        nodes = project.block(self.block).graph.nodes
        for probe in probes:
            ports = project.ports(nodes[probe.node], self.block)[1] if probe.node in nodes else ()
            if probe.port not in {port.name for port in ports}:
                raise EditError("There is no such output to look at.", "Put the probe on a wire.")
        return project if probes == old.probes else project.with_layout(self.block, replace(old, probes=probes))


@dataclass(frozen=True)
class SetReroutes:
    """Lead the wires of a block through other points."""

    reroutes: Iterable[Reroute]
    block: str = ""
    label: str = "Change points of wires"

    def __call__(self, project: Project) -> Project:
        reroutes, old = tuple(self.reroutes), project.layout_of(self.block)
        edges = project.block(self.block).graph.edges
        if len({reroute.id for reroute in reroutes}) != len(reroutes):
            raise EditError("Two points of wires have the same id.")
        for reroute in reroutes:
            need_point((reroute.x, reroute.y))
            if not reroute.wires or not reroute.wires <= edges:
                raise EditError("A point stands on a wire that is not there.")
            if len({(edge.source, edge.source_port) for edge in reroute.wires}) > 1:
                raise EditError("A point is shared by wires of different outputs.", "Give each output its own.")
        if reroutes == old.reroutes:
            return project
        return project.with_layout(self.block, replace(old, reroutes=reroutes))
