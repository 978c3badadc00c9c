"""Nodes in the hand in a large drawing: they and the wires among them go along as one picture, until let go."""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, Mapping, ValuesView
from typing import Any, Literal

import numpy as np
from PySide6.QtCore import QRectF

from engine.graph.graph import Edge, NodeId
from gui.canvas.wires import Wire

MANY = 200
"""In a drawing of as many nodes those that are dragged are carried; a smaller one is drawn anew at each step."""
Part = Literal["all", "rest", "border", "hand"]
"""What is painted: everything; or, while something is in the hand, what stays, the wires between both, or the hand."""


class CarriedWires(dict[Edge, Wire]):
    """Wires of which some are elsewhere than where they were laid: one is moved when someone looks at it."""

    def __init__(self, wires: Mapping[Edge, Wire], carried: Mapping[Edge, Wire]) -> None:
        super().__init__(wires)
        self.laid = dict(carried)
        self._by = 0.0, 0.0
        self._moved: dict[Edge, Wire] = {}

    def carry(self, dx: float, dy: float) -> None:
        """The carried wires are so far from where they were laid."""
        self._by = dx, dy
        self._moved = {}

    def __getitem__(self, edge: Edge) -> Wire:
        laid = self.laid.get(edge)
        if laid is None:
            return super().__getitem__(edge)
        if edge not in self._moved:
            self._moved[edge] = Wire(edge, laid.route.moved(*self._by))
        return self._moved[edge]

    def get(self, edge: Any, default: Any = None) -> Any:
        return self[edge] if edge in self.keys() else default

    def values(self) -> ValuesView[Wire]:  # type: ignore[override]
        return self.settled().values()

    def items(self) -> ItemsView[Edge, Wire]:  # type: ignore[override]
        return self.settled().items()

    def at_first(self) -> ValuesView[Wire]:
        """All of them, those that are carried where they were laid."""
        return super().values()

    def settled(self) -> dict[Edge, Wire]:
        """All of them where they are now."""
        return {edge: self[edge] for edge in self}


class Carry:
    """What is carried, and how far from where it was taken up.

    boxes, spans: which rows in the tables of places it has. border: the rows of wires between it and what stays.
    loose: those of wires that may take another course at each step, the border and others that share its lanes.
    laid: how often wires had been laid when it was taken up.
    """

    def __init__(
        self,
        nodes: Iterable[NodeId],
        wires: CarriedWires,
        boxes: np.ndarray,
        spans: np.ndarray,
        border: np.ndarray,
        loose: np.ndarray,
        laid: int,
    ) -> None:
        self.nodes, self.wires = frozenset(nodes), wires
        self.boxes, self.spans, self.border, self.loose, self.laid = boxes, spans, border, loose, laid
        self.dx = self.dy = 0.0
        self.stirred: list[QRectF] = []
        """Where wires that stay have taken another course, until that is painted."""

    def by(self, dx: float, dy: float) -> None:
        """Go on by so much."""
        self.dx, self.dy = self.dx + dx, self.dy + dy
        self.wires.carry(self.dx, self.dy)

    def nodes_of(self, part: Part) -> np.ndarray:
        """Which rows of the boxes belong to a part."""
        return {"hand": self.boxes, "rest": ~self.boxes}.get(part, np.full(len(self.boxes), part == "all"))

    def wires_of(self, part: Part) -> np.ndarray:
        """Which rows of the spans belong to a part."""
        if part == "all":
            return np.ones(len(self.spans), bool)
        return {"hand": self.spans, "border": self.border}.get(part, ~(self.spans | self.border))
