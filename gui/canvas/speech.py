"""A node in words, for those who hear the canvas."""

from __future__ import annotations

from engine.graph.graph import NodeId
from gui.canvas.drawing import Drawing


def of_node(drawing: Drawing, node: NodeId) -> str:
    """ "stem, Conv2d, output B by 32 by 8 by 8, 320 parameters, no problems" """
    face, shapes = drawing.faces[node], drawing.shapes.get(node)
    parts = [face.name, face.kind]
    for spot in face.outs:
        spec = drawing.spec(node, spot.port.name)
        name = "output" if len(face.outs) == 1 else f"output {spot.port.name}"
        parts.append(f"{name} {str(spec).replace(' × ', ' by ')}" if spec else f"{name} unknown")
    if shapes is not None and shapes.known:
        parts.append(f"{shapes.parameters:,} parameter{'' if shapes.parameters == 1 else 's'}")
    problems = drawing.problems.get(node, ())
    parts.append("; ".join(p.message for p in problems) or "no problems")
    return ", ".join(parts)
