"""Which family of pictures a layer belongs to, told by what it is: its kind, its options, its ports, its curve."""

from __future__ import annotations

from collections.abc import Callable

from engine.layers.base import Layer
from gui.diagrams.base import Diagram, Known
from gui.diagrams.ports import ports_diagram

Family = Callable[[Layer, Known], Diagram | None]
FAMILIES: tuple[Family, ...] = ()
"""Asked in this order; the first that draws the layer does."""


def diagram(layer: Layer, known: Known) -> Diagram:
    """The picture of a layer; of its ports and shapes where no family fits."""
    for family in FAMILIES:
        if (found := family(layer, known)) is not None:
            return found
    return ports_diagram(layer, known)
