"""A drawing of which something can be in the hand: few things are laid anew at each step, many go along as one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence

import numpy as np
from PySide6.QtCore import QRectF

from engine.document.reroutes import moved
from engine.graph.graph import Edge, NodeId
from gui.canvas.carry import CarriedWires, Carry, Part
from gui.canvas.crossings import Crossings
from gui.canvas.placed import Xy
from gui.canvas.steps import takes_longer
from gui.canvas.wired import SAME, Wired
from gui.canvas.wires import Wire

MOST_LAID = 48  # wires that find their way round layers at each step of a drag; more of them find it when let go
STEP = 0.005  # seconds that they look for them at each step
MOST_LED = 24  # nodes in the hand whose wires do
NO_POINTS: Mapping[str, Xy] = {}


class Handled(Wired):
    """Nodes and wires, and which of them are carried."""

    def __init__(self) -> None:
        super().__init__()
        self.carry: Carry | None = None
        self.at_border: set[Edge] = set()
        self._crossings: tuple[object, Crossings] = None, Crossings(0)

    def drag(self, places: dict[NodeId, Xy], edges: Iterable[Edge], points: Mapping[str, Xy] = NO_POINTS) -> None:
        """Nodes are in the hand: they stand in nobody's way, and wires between two that go together go along.

        edges: the wires whose course depends on where these nodes are. points: where points of wires are now.
        """
        if points:
            self.lead(moved(self.reroutes, points))
            edges = {*edges, *(edge for r in self.reroutes if r.id in points for edge in r.wires)}
        self.let_go()
        away = {n: (x - self.at[n][0], y - self.at[n][1]) for n, (x, y) in places.items()}
        self._put(places)
        rest: list[Edge] = []
        for edge in edges:
            by, wire = away.get(edge.source), self.wires.get(edge)
            if by is None or wire is None or by != away.get(edge.target) or edge in self._through:
                rest.append(edge)
            else:
                self._lay(Wire(edge, wire.route.moved(*by)))
        self._dragged = set(places)
        self._lay_in_hand(rest)
        self._dragged = set()

    def carried(self, places: Mapping[NodeId, Xy], leaning: Callable[[], set[Edge]]) -> bool:
        """Many nodes go by as much: they and the wires among them are moved as one. Returns: whether that could be.

        leaning: asks for the wires whose course depends on where these nodes are.
        """
        node, (x, y) = next(iter(places.items()))
        dx, dy = x - self.at[node][0], y - self.at[node][1]
        if self.carry is None or self.carry.nodes != places.keys():
            if not all(
                abs(x - self.at[n][0] - dx) + abs(y - self.at[n][1] - dy) < SAME for n, (x, y) in places.items()
            ):
                return False
            self.let_go()
            self._take_up(places, leaning())
        assert self.carry is not None
        self.at.update(places)
        step = np.array((dx, dy, dx, dy))
        self.boxes()[1][self.carry.boxes] += step
        self.spans()[1][self.carry.spans] += step
        self.carry.by(dx, dy)
        self._bounds = None
        if self.at_border:
            self._dragged = set(self.carry.nodes)
            self.carry.stirred += self._lay_border(self.carry.nodes)
            self._dragged = set()
        return True

    def _lay_border(self, nodes: Collection[NodeId]) -> list[QRectF]:
        """Lay the wires anew that lean on these nodes. Returns: where those ran or run that do not end at any."""
        trail: list[Wire] = []
        self._trail = trail
        if len(self.at_border) > MOST_LAID or len(nodes) > MOST_LED:
            self.lay_later(self.at_border)
        else:
            self._lay_in_hand(self.at_border)
        self._trail = None
        pairs = zip(trail[::2], trail[1::2], strict=True)
        others = ((was, now) for was, now in pairs if now.edge.source not in nodes and now.edge.target not in nodes)
        stirred = (pair for pair in others if pair[0].route.corners != pair[1].route.corners)
        return [wire.route.rect for pair in stirred for wire in pair]

    def _lay_in_hand(self, edges: Collection[Edge]) -> None:
        """Lay wires anew at a step of a drag: round layers, or plainly where that would hold up the hand."""
        if takes_longer(self._laying(edges), STEP):
            self.lay_later(edges)

    def _take_up(self, places: Mapping[NodeId, Xy], leaning: set[Edge]) -> None:
        (ids, _), (edges, _) = self.boxes(), self.spans()
        is_whole = len(places) == len(ids) and not self._through
        rows = range(len(edges)) if is_whole else [self._row[edge] for edge in leaning if edge in self._row]
        inner = rows if is_whole else [i for i in rows if self._goes_along(edges[i], places)]
        boxes: np.ndarray = np.zeros(len(ids), bool)
        spans: np.ndarray = np.zeros(len(edges), bool)
        border: np.ndarray = np.zeros(len(edges), bool)
        loose: np.ndarray = np.zeros(len(edges), bool)
        boxes[[self._index[node] for node in places]] = True
        spans[inner] = True
        self.at_border = set() if is_whole else {edges[i] for i in rows if not spans[i]}
        loose[[self._row[e] for e in self.at_border]] = True
        border[[self._row[e] for e in self.at_border if e.source in places or e.target in places]] = True
        wires = CarriedWires(self.wires, self.wires if is_whole else {edges[i]: self.wires[edges[i]] for i in inner})
        self.wires, self.carry = wires, Carry(places, wires, boxes, spans, border, loose, self.laid)

    def _goes_along(self, edge: Edge, nodes: Container[NodeId]) -> bool:
        return edge.source in nodes and edge.target in nodes and edge not in self._through

    def let_go(self) -> None:
        """What was carried is where it is, and what was on its way where it belongs."""
        if self.flight is not None:
            self.flight.land()
        if self.carry is not None:
            self.wires = self.carry.wires.settled()
            self.carry = None
            self.placed += 1
            self.laid += 1
            self._changed()

    def near(self, rect: QRectF, part: Part = "all") -> np.ndarray:
        """Which nodes of a part touch a rectangle, in the order of painting."""
        found = self.touching(rect)
        return found if self.carry is None else found & self.carry.nodes_of(part)

    def wire_rows(self, rect: QRectF, part: Part = "all") -> list[int]:
        """The rows in `spans` of the wires of a part whose bounds touch a rectangle."""
        rows = super().wire_rows(rect)
        if self.carry is None or not rows:
            return rows
        found: np.ndarray = np.array(rows)
        left: list[int] = found[self.carry.wires_of(part)[found]].tolist()
        return left

    def crossed(self, rows: Sequence[int]) -> frozenset[int]:
        """The rows of those of these wires that could cross one of another output, and therefore need a casing.

        What is carried crosses what it crossed when it was taken up.
        """
        (edges, spans), known_for = self.spans(), self.carry or self.laid
        if self._crossings[0] != known_for or len(edges) != self._crossings[1].count:
            self._crossings = known_for, Crossings(len(edges))
        return self._crossings[1].among(rows, spans, self.owners)
