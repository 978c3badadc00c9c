"""Laying layers out: in columns with room for their chips, all or only some, with frames and the points of wires."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import replace

from PySide6.QtCore import QRectF

from engine.document.edits import Batch, MoveNodes, SetFrames, SetReroutes
from engine.document.project import Frame
from engine.document.reroutes import moved
from engine.graph.arrange import GRID, ROW_GAP, arrange
from engine.graph.aside import aside
from engine.graph.graph import Edge, Graph, Node, NodeId
from engine.graph.rows import PORT
from gui.canvas.drawing import Drawing
from gui.canvas.placed import Xy
from gui.canvas.stage import Stage
from gui.theme import metrics

Places = dict[NodeId, Xy]


def arrange_layers(stage: Stage, only: Collection[NodeId] | None = None, folded: bool = False) -> None:
    """Lay the layers out, folded into lines if wanted, in one step of undo; what moves glides to its place.

    only: lay these out among themselves, and leave every other layer where it is.
    """
    drawing, block = stage.drawing, stage.session.block_id
    if not drawing.faces:
        return
    chosen = set(only) if only is not None else None
    places, points = arranged(drawing, chosen, _line_width(stage, chosen) if folded else None)
    reroutes = moved(drawing.reroutes, points)
    frames = _frames_around(drawing, places)
    edits = (MoveNodes(places, block), SetReroutes(reroutes, block), SetFrames(frames, block))
    before = stage.gliding.remembered()
    if stage.session.apply(Batch("Arrange" if chosen is None else "Arrange selection", edits)):
        if chosen is None:
            stage.fit()
        stage.gliding.start(before)


def _line_width(stage: Stage, chosen: set[NodeId] | None) -> float:
    """How long lines are so that all of them together have the form of the window; no shorter than what reads well."""
    view, faces = stage.surface.viewport(), stage.drawing.faces
    flat = laid_out(stage.drawing, chosen)
    long = max(x + faces[n].width for n, (x, _) in flat.items()) - min(x for x, _ in flat.values())
    high = max(y + faces[n].height for n, (_, y) in flat.items()) - min(y for _, y in flat.values()) + 2 * ROW_GAP
    width, height = view.width(), max(1, view.height())
    return max(width * metrics().canvas.fold_share, math.sqrt(long * high * width / height))


def laid_out(drawing: Drawing, only: set[NodeId] | None = None, fold: float | None = None) -> Places:
    """Where layers stand in columns with room for their chips; only these, the others stay. fold: width of a line."""
    return arranged(drawing, only, fold)[0]


def arranged(
    drawing: Drawing, only: set[NodeId] | None = None, fold: float | None = None
) -> tuple[Places, dict[str, Xy]]:
    """Where layers go, and the points of the wires between them, which stand in columns as layers do."""
    chosen = set(drawing.faces) if only is None else only & drawing.faces.keys()
    points = drawing.points_between(chosen)
    radius = float(metrics().wire.reroute_r)
    sizes = {n: (f.width, f.height) for n, f in drawing.faces.items()}
    graph, sizes = _with_points(drawing, points), sizes | dict.fromkeys(map(_node, points), (2 * radius, 2.0 * PORT))
    before = None
    if only is not None:
        there = {_node(r.id): (r.x - radius, r.y - PORT) for r in drawing.reroutes if r.id in points}
        before = {**drawing.at, **there}
    found = arrange(
        graph,
        sizes,
        _chip_widths(drawing),
        None if only is None else {*chosen, *map(_node, points)},
        positions=before,
        ports=_port_heights(drawing),
        fold=fold,
    )
    if only is not None:
        dx, dy = _out_of_the_way(drawing, {n: found[n] for n in chosen if n in found})
        found = {n: (x + dx, y + dy) for n, (x, y) in found.items()}
    led = {id: (found[_node(id)][0] + radius, found[_node(id)][1] + PORT) for id in points}
    return {n: at for n, at in found.items() if n in drawing.faces}, led


def _node(point: str) -> NodeId:
    return NodeId(f"point {point}")


def _with_points(drawing: Drawing, points: set[str]) -> Graph:
    """The graph with points of wires as nodes on them."""
    graph = drawing.graph
    if not points:
        return graph
    nodes, edges = dict(graph.nodes), set(graph.edges)
    layer = next(iter(nodes.values())).layer
    nodes |= {_node(id): Node(_node(id), id, layer) for id in sorted(points)}
    for edge in graph.edges:
        course = [_node(r.id) for r in drawing.reroutes if r.id in points and edge in r.wires]
        if course:
            edges.remove(edge)
            starts = [(edge.source, edge.source_port), *((node, "out") for node in course)]
            ends = [*((node, "x", 0) for node in course), (edge.target, edge.target_port, edge.slot)]
            edges |= {Edge(*start, *end[:2], end[2]) for start, end in zip(starts, ends, strict=True)}
    return Graph(nodes, frozenset(edges), graph.next_id)


def _out_of_the_way(drawing: Drawing, places: Mapping[NodeId, Xy]) -> Xy:
    """How far what was laid out must go aside so that it lies on none of the layers that stay."""
    faces = drawing.faces
    group = [(x, y, x + faces[n].width, y + faces[n].height) for n, (x, y) in places.items()]
    ids, boxes = drawing.boxes()
    others = [(a, b, c, d) for n, (a, b, c, d) in zip(ids, boxes.tolist(), strict=True) if n not in places]
    return aside(group, others, ROW_GAP / 2, GRID)


def _chip_widths(drawing: Drawing) -> dict[NodeId, float]:
    return {
        n: max((c.width for s in f.outlets if (c := drawing.chip(n, s.port.name))), default=0.0)
        for n, f in drawing.faces.items()
    }


def _port_heights(drawing: Drawing) -> dict[tuple[NodeId, str, bool], float]:
    """How far below its node's top each port is; the flag says whether it is an input."""
    faces = drawing.faces
    return {(n, s.port.name, s.side == "in"): s.y for n, f in faces.items() for s in (*f.inlets, *f.outlets)}


def _frames_around(drawing: Drawing, places: Mapping[NodeId, Xy]) -> tuple[Frame, ...]:
    """The frames, each around the layers that it held before these moved; notes and empty frames stay."""
    n, result = metrics().node, []
    for frame in drawing.frames:
        around = QRectF(frame.x, frame.y, frame.width, frame.height)
        inside = [node for node in drawing.nodes_in(around) if around.contains(drawing.rect(node).center())]
        if frame.kind == "frame" and any(node in places for node in inside):
            box = QRectF()
            for node in inside:
                x, y = places.get(node, drawing.at[node])
                box = box.united(QRectF(x, y, drawing.faces[node].width, drawing.faces[node].height))
            box = box.adjusted(-n.frame_pad, -n.frame_pad - n.frame_title, n.frame_pad, n.frame_pad)
            frame = replace(frame, x=box.x(), y=box.y(), width=box.width(), height=box.height())
        result.append(frame)
    return tuple(result)
