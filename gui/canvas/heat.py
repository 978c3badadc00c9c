"""Heat on the canvas: a plate per node, a colour per wire."""

from __future__ import annotations

import math

from PySide6.QtGui import QColor

from engine.graph.graph import NodeId
from gui.canvas.drawing import Drawing
from gui.canvas.look import Plate
from gui.plots.axis import scientific
from gui.plots.heat import heat_colour, text_on
from gui.xray.modes import Heat


def plates(drawing: Drawing, heat: Heat) -> dict[NodeId, Plate]:
    """The footer of every node that learns: its value on its colour, a hatch where there is none."""
    found = {}
    for node, face in drawing.faces.items():
        value = heat.values.get(node)
        label = heat.mode.label if len(heat.parts.get(node, ())) < 2 else f"{heat.sum} {heat.mode.label}"
        if value is not None:
            colour = heat_colour(value, heat.scale)
            found[node] = Plate(label, _short(value, heat), colour, text_on(colour), is_bad=not math.isfinite(value))
        elif face.has_footer:
            found[node] = Plate(label, "", hatched=True)
    return found


def _short(value: float, heat: Heat) -> str:
    """As little as a plate has room for."""
    if heat.mode.kind in ("share", "signed") and math.isfinite(value):
        return f"{value:.2g}"
    return number(value, heat.mode.unit)


def number(value: float, unit: str = "") -> str:
    """A value with two figures and its unit, NaN and Inf as words."""
    if value != value:
        return "NaN"
    if abs(value) == float("inf"):
        return "Inf"
    if not unit:
        return scientific(value)
    # Times and amounts are read more easily without a power of ten.
    size = abs(value)
    if size == 0 or 1e-3 <= size < 100:
        return f"{value:.2g} {unit}"
    return f"{value:,.0f} {unit}" if 100 <= size < 1e5 else f"{scientific(value)} {unit}"


def colours(drawing: Drawing, heat: Heat) -> dict[NodeId, QColor]:
    """A colour for every node: its own, else that of the nearest node before it, else of the nearest behind it."""
    found: dict[NodeId, QColor] = {n: heat_colour(v, heat.scale) for n, v in heat.values.items() if n in drawing.faces}
    order, graph = drawing.graph.order(), drawing.graph
    for node in order:
        if node not in found and (edges := graph.into(node)):
            source = next((e.source for e in edges if e.source in found), None)
            if source is not None:
                found[node] = found[source]
    for node in reversed(order):
        if node not in found and (out := graph.out_of(node)):
            target = next((e.target for e in out if e.target in found), None)
            if target is not None:
                found[node] = found[target]
    return found
