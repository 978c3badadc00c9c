"""A node in words, for those who hear the canvas; a little more in words, for those who point at something."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QRectF

from engine.document.project import Frame
from engine.expr import Expr
from engine.graph.graph import Edge, NodeId
from gui.canvas import compact_paint, node_paint
from gui.canvas.along import named_frames
from gui.canvas.chips import chip_of
from gui.canvas.drawing import Drawing
from gui.canvas.face import Row
from gui.canvas.frame_paint import is_text_cut, whole_text
from gui.canvas.look import Marks
from gui.figures import plural, size
from gui.theme import metrics


def of_focus(drawing: Drawing, marks: Marks, iced: Collection[NodeId] = ()) -> str:
    """What the keyboard is at: a wire, a frame or a note, points of wires, else a layer; "" where it is nowhere."""
    frame = next((f for f in drawing.frames if f.id == marks.chosen_frame), None)
    if marks.chosen_wire is not None and marks.chosen_wire in drawing.wires:
        return of_wire(drawing, marks.chosen_wire)
    if frame is not None:
        return of_frame(drawing, frame)
    if marks.frames and not marks.selected:
        chosen = named_frames([f for f in drawing.frames if f.id in marks.frames])
        return f"{chosen} and {plural(len(marks.points), 'point')}" if marks.points else chosen
    if marks.points and not marks.selected:
        return of_points(drawing, marks.points)
    node = marks.focus
    return of_node(drawing, node, node in iced) if node and node in drawing.faces else ""


def of_node(drawing: Drawing, node: NodeId, iced: bool = False) -> str:
    """As it is read: "stem, Conv2d, output B by 32 by 8 by 8, 320 parameters, no problems"."""
    face, shapes = drawing.faces[node], drawing.shapes.get(node)
    parts = [face.name, face.kind, *([face.pill] if face.pill and face.repeat == 1 else [])]
    for spot in face.outs:
        spec = drawing.spec(node, spot.port.name)
        name = "output" if len(face.outs) == 1 else f"output {spot.port.name}"
        parts.append(f"{name} {str(spec).replace(' × ', ' by ')}" if spec else f"{name} unknown")
    if shapes is not None and shapes.known:
        parts.append(f"{shapes.parameters:,} parameter{'' if shapes.parameters == 1 else 's'}")
    states = {
        "frozen": face.is_frozen,
        "frozen in the run": iced,
        "muted": drawing.graph.nodes[node].muted,
        "shared weights": face.is_shared,
        "code that is not trusted": face.is_code and not drawing.trusted,
    }
    parts += [state for state, is_so in states.items() if is_so]
    problems = drawing.problems.get(node, ())
    parts.append("; ".join(p.message for p in problems) or "no problems")
    return ", ".join(parts)


def of_wire(drawing: Drawing, edge: Edge) -> str:
    """As it is read: "wire from stem to join, B by 32 by 8 by 8, 2 points"."""
    spec, points = drawing.spec(edge.source, edge.source_port), sum(edge in r.wires for r in drawing.reroutes)
    shape = str(spec).replace(" × ", " by ") if spec else "shape unknown"
    count = f", {points} point{'' if points == 1 else 's'}" if points else ""
    return f"wire from {drawing.faces[edge.source].name} to {drawing.faces[edge.target].name}, {shape}{count}"


def of_frame(drawing: Drawing, frame: Frame) -> str:
    """As it is read: "frame Residual stage, 3 layers", or "note, try 64 channels"."""
    if frame.kind == "note":
        return f"note, {' '.join(frame.text.split())}"
    around = QRectF(frame.x, frame.y, frame.width, frame.height)
    inside = sum(around.contains(drawing.rect(n).center()) for n in drawing.nodes_in(around))
    return f"frame {frame.text}, {plural(inside, 'layer')}"


def of_points(drawing: Drawing, points: Collection[str]) -> str:
    """As they are read: "point 1 of 2 on the wire from stem to join", or how many are selected."""
    if len(points) != 1:
        return f"{len(points)} points of wires"
    (id,) = points
    point = drawing.point(id)
    if point is None:
        return ""
    edge = min(point.wires)
    course = [r.id for r in drawing.reroutes if edge in r.wires]
    names = [drawing.faces[node].name for node in (edge.source, edge.target)]
    more = f" and {len(point.wires) - 1} more" if len(point.wires) > 1 else ""
    return f"point {course.index(id) + 1} of {len(course)} on the wire from {names[0]} to {names[1]}{more}"


def tip(drawing: Drawing, marks: Marks, row: Row | None, zoom: float) -> str:
    """What is said at the pointer of the port, value, wire or far-away node under it."""
    if marks.hover_port is not None:
        return _of_port(drawing, *marks.hover_port)
    if marks.hover is not None:
        if marks.hover in marks.words:
            return marks.words[marks.hover]
        if row is not None:
            return _of_value(drawing, marks.hover, row)
        return _of_far(drawing, marks.hover) if _hides_name(drawing, marks.hover, zoom) else ""
    if marks.hover_frame is not None and marks.hover_port is None and marks.hover_wire is None:
        frame = next((f for f in drawing.frames if f.id == marks.hover_frame), None)
        return whole_text(frame) if frame is not None and is_text_cut(frame, drawing.band(frame), zoom) else ""
    if marks.hover_wire is not None:
        return _of_output(drawing, marks.hover_wire.source, marks.hover_wire.source_port)
    return ""


def _hides_name(drawing: Drawing, node: NodeId, zoom: float) -> bool:
    """Whether a layer's name is not, or not whole, to be read on it."""
    lod, face = metrics().lod, drawing.faces[node]
    if zoom < lod.full:
        return zoom < lod.compact or compact_paint.is_name_cut(face, zoom)
    return node_paint.is_name_cut(face, drawing.looks[node])


def _of_output(drawing: Drawing, node: NodeId, port: str) -> str:
    """Shape, type and memory of one sample."""
    spec = drawing.spec(node, port)
    if spec is None:
        return "shape unknown"
    kind = f"  {spec.dtype}" if spec.is_floating else ""
    return f"{chip_of(spec, None).text}{kind}  {size(spec.bytes())} a sample"


def _of_port(drawing: Drawing, node: NodeId, side: str, port: str) -> str:
    spot = drawing.faces[node].spot(side, port)
    if side == "out":
        return f"{port}  {_of_output(drawing, node, port)}"
    kind = spot.port.kind if spot else ""
    asks = {"optional": "  optional", "many": "  any number of wires"}.get(kind, "")
    return f"{port}{asks}  {spot.port.help}".rstrip() if spot else port


def _of_value(drawing: Drawing, node: NodeId, row: Row) -> str:
    """The value of an expression, the help of a plain option."""
    shapes, layer = drawing.shapes.get(node), drawing.graph.nodes[node].layer
    if row.is_expression and shapes is not None:
        value = getattr(shapes.layer, row.name, None)
        return f"= {value}" if value is not None and not isinstance(value, Expr) else ""
    declared = layer.params.get(row.name)
    return declared.help if declared else ""


def _of_far(drawing: Drawing, node: NodeId) -> str:
    face, chip = drawing.faces[node], None
    if face.outs:
        chip = drawing.chip(node, face.outs[0].port.name)
    return f"{face.name}  {face.kind}" + (f"  {chip.text}" if chip else "")
