"""The points of a drawing that wires are led through by hand: where they are, and which one is meant."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Collection

from PySide6.QtCore import QPointF, QRectF

from engine.document.project import Reroute
from engine.graph.graph import Edge, Graph, NodeId
from gui.canvas.placed import Placed, Xy


class Threaded(Placed):
    """Nodes, wires, and the points that wires run through."""

    def __init__(self) -> None:
        super().__init__()
        self.reroutes: tuple[Reroute, ...] = ()
        self._through: dict[Edge, list[Xy]] = {}

    @property
    @abstractmethod
    def graph(self) -> Graph:
        """Whose wires these are."""

    def lead(self, reroutes: tuple[Reroute, ...]) -> None:
        """Take in the points that wires run through; whoever calls lays those wires anew."""
        edges = self.graph.edges
        self.reroutes = (
            reroutes if all(r.wires <= edges for r in reroutes) else tuple(r for r in reroutes if r.wires & edges)
        )
        self._through = {}
        for reroute in reroutes:
            for edge in reroute.wires:
                self._through.setdefault(edge, []).append((reroute.x, reroute.y))

    def point(self, id: str) -> Reroute | None:
        """A point of wires by its id."""
        return next((r for r in self.reroutes if r.id == id), None)

    def points_in(self, rect: QRectF) -> list[str]:
        """The points of wires inside a rectangle."""
        return [r.id for r in self.reroutes if rect.contains(QPointF(r.x, r.y))]

    def point_at(self, pos: QPointF, reach: float, but: Collection[str] = ()) -> str | None:
        """The nearest point of wires within reach."""
        found = [(math.hypot(r.x - pos.x(), r.y - pos.y()), r.id) for r in self.reroutes if r.id not in but]
        best = min(found, default=None)
        return best[1] if best and best[0] <= reach else None

    def points_between(self, nodes: Collection[NodeId]) -> set[str]:
        """The points all of whose wires run from one of these nodes to another."""
        return {r.id for r in self.reroutes if all(e.source in nodes and e.target in nodes for e in r.wires)}
