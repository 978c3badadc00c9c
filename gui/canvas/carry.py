"""Nodes in the hand in a large drawing: they and the wires among them go along as one picture, until let go."""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, Mapping, ValuesView
from typing import Any

import numpy as np

from engine.graph.graph import Edge, NodeId
from gui.canvas.wires import Wire

MANY = 200
"""In a drawing of as many nodes those that are dragged are carried; a smaller one is drawn anew at each step."""


class CarriedWires(dict[Edge, Wire]):
    """Wires of which some are elsewhere than where they were laid: one is moved when someone looks at it."""

    def __init__(self, wires: Mapping[Edge, Wire], carried: Iterable[Edge]) -> None:
        super().__init__(wires)
        self.laid = {edge: wires[edge] for edge in carried}
        self._waiting: set[Edge] = set()
        self._by = 0.0, 0.0

    def carry(self, dx: float, dy: float) -> None:
        """The carried wires are so far from where they were laid."""
        self._by = dx, dy
        self._waiting = set(self.laid)

    def __getitem__(self, edge: Edge) -> Wire:
        if edge in self._waiting:
            self._waiting.discard(edge)
            self[edge] = Wire(edge, self.laid[edge].route.moved(*self._by))
        return super().__getitem__(edge)

    def get(self, edge: Any, default: Any = None) -> Any:
        return self[edge] if edge in self.keys() else default

    def values(self) -> ValuesView[Wire]:  # type: ignore[override]
        self.settle()
        return super().values()  # type: ignore[return-value]

    def items(self) -> ItemsView[Edge, Wire]:  # type: ignore[override]
        self.settle()
        return super().items()  # type: ignore[return-value]

    def settle(self) -> None:
        """Move all that wait."""
        for edge in list(self._waiting):
            self[edge]


class Carry:
    """What is carried, and how far from where it was taken up. boxes, spans: its rows in the tables of places."""

    def __init__(self, nodes: Iterable[NodeId], wires: CarriedWires, boxes: np.ndarray, spans: np.ndarray) -> None:
        self.nodes, self.wires = frozenset(nodes), wires
        self.boxes, self.spans = boxes, spans
        self.dx = self.dy = 0.0

    def by(self, dx: float, dy: float) -> None:
        """Go on by so much."""
        self.dx, self.dy = self.dx + dx, self.dy + dy
        self.wires.carry(self.dx, self.dy)
