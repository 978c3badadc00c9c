"""Which family of pictures a layer belongs to, told by what it is: its kind, its options, its ports, its curve."""

from __future__ import annotations

from collections.abc import Callable

from engine.layers.base import Layer
from gui.diagrams.axes import axes_diagram
from gui.diagrams.base import Diagram, Known
from gui.diagrams.curve import curve_diagram
from gui.diagrams.dense import dense_diagram
from gui.diagrams.flow import flow_diagram
from gui.diagrams.mask import mask_diagram
from gui.diagrams.merge import merge_diagram
from gui.diagrams.numbers import numbers_diagram
from gui.diagrams.ports import ports_diagram
from gui.diagrams.resample import resample_diagram
from gui.diagrams.shapes import shapes_diagram
from gui.diagrams.shares import shares_diagram
from gui.diagrams.window import window_diagram
from gui.diagrams.wiring import wiring_diagram

Family = Callable[[Layer, Known], Diagram | None]
FAMILIES: tuple[Family, ...] = (
    numbers_diagram,
    flow_diagram,
    mask_diagram,
    axes_diagram,
    shares_diagram,
    resample_diagram,
    window_diagram,
    wiring_diagram,
    dense_diagram,
    curve_diagram,
    merge_diagram,
    shapes_diagram,
)
"""Asked in this order; the first that draws the layer does."""


def diagram(layer: Layer, known: Known) -> Diagram:
    """The picture of a layer; of its ports and shapes where no family fits."""
    for family in FAMILIES:
        if (found := family(layer, known)) is not None:
            return found
    return ports_diagram(layer, known)
