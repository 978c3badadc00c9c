"""Faces at their places and the wires between them: what lies where, found with numpy."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import compress, islice
from typing import Protocol

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from engine.document.project import Frame
from engine.graph.graph import Edge, NodeId
from engine.graph.others import numbered, numbers
from gui.canvas.face import Face, Spot, end_of, place
from gui.canvas.look import PortKey
from gui.canvas.wires import Wire
from gui.theme import metrics

Xy = tuple[float, float]
Boxes = tuple[list[NodeId], np.ndarray]
"""Nodes, and the left, top, right and bottom of each."""
REMEMBERED = 32
MOST_PLACES = 64


class Flying(Protocol):
    """Nodes that are on their way from one place to another."""

    def land(self) -> None:
        """They are where they belong."""

    def paint(self, painter: QPainter, rect: QRectF, zoom: float) -> None:
        """Their wires."""


class Near:
    """Some nodes, of which one asks much: which touch a rectangle, among them the same one often."""

    def __init__(self, nodes: Boxes) -> None:
        self._ids, self._boxes = nodes
        self._known: dict[tuple[float, ...], list[NodeId]] = {}

    def is_free(self, rect: QRectF, but: NodeId | None = None) -> bool:
        """Whether none of them touches a rectangle, one apart."""
        key = rect.x(), rect.y(), rect.width(), rect.height()
        found = self._known.get(key)
        if found is None:
            rows = np.flatnonzero(_touching(self._boxes, rect))[:2].tolist()
            found = self._known[key] = [self._ids[i] for i in rows]
        return not found or found == [but]


class Placed:
    """Nodes, wires and frames with their rectangles.

    version: counts up whenever anything looks different. placed: whenever a node is elsewhere, or differs from far
    away. laid: whenever a wire runs elsewhere.
    """

    def __init__(self) -> None:
        self.faces: dict[NodeId, Face] = {}
        self.at: dict[NodeId, Xy] = {}
        self.wires: dict[Edge, Wire] = {}
        self.frames: tuple[Frame, ...] = ()
        self.version = self.placed = self.laid = 0
        self.flight: Flying | None = None
        """What paints the wires while very many nodes are on their way."""
        self._news: deque[tuple[QRectF, ...] | None] = deque(maxlen=REMEMBERED)
        self._boxes: Boxes | None = None
        self._spans: tuple[list[Edge], np.ndarray] | None = None
        self._owners: tuple[np.ndarray, dict[tuple[NodeId, str], int]] | None = None
        self._index: dict[NodeId, int] = {}
        self._row: dict[Edge, int] = {}
        self._boxes_listed = True
        self._trail: list[Wire] | None = None
        self._bounds: QRectF | None = None

    def _dirty(self) -> None:
        self._boxes = self._spans = None
        self.placed += 1
        self._changed()

    def _changed(self, where: Sequence[QRectF] | None = None) -> None:
        """What others have worked out from the places is old: those within some rectangles, or everywhere."""
        self._bounds = None
        self.version += 1
        self._news.append(tuple(where) if where is not None and len(where) <= MOST_PLACES else None)

    def since(self, version: int) -> list[QRectF] | None:
        """Where it looks different than it did in an earlier version, None for anywhere."""
        ago = self.version - version
        if ago > len(self._news):
            return None
        found: list[QRectF] = []
        for where in list(self._news)[len(self._news) - ago :]:
            if where is None:
                return None
            found += where
        return found

    def _put(self, places: dict[NodeId, Xy]) -> None:
        """Nodes are elsewhere now."""
        self.at.update(places)
        for node in places:
            self._stand(node)
        self._changed()

    def slide(self, boxes: np.ndarray) -> None:
        """Show all nodes somewhere else for a moment, shape (N, 4), in the order of `boxes`; wires stay as they are."""
        ids, there = self.boxes()
        there[:] = boxes
        self.at.update(zip(ids, map(tuple, boxes[:, :2].tolist()), strict=True))
        self.placed += 1
        self._changed()

    def _stand(self, node: NodeId) -> None:
        """A node is elsewhere, or has another face, which may be larger."""
        row = self._index.get(node)
        if row is None or self._boxes is None:
            self._relist()
        elif (box := self._box(node)) != tuple(self._boxes[1][row]):
            self._boxes[1][row] = box
            self.placed += 1

    def _box(self, node: NodeId) -> tuple[float, float, float, float]:
        (x, y), face = self.at[node], self.faces[node]
        return x, y, x + face.width, y + face.height

    def _relist(self) -> None:
        """Nodes came or went."""
        self._boxes_listed = False
        self.placed += 1

    def _lay(self, wire: Wire) -> None:
        """A wire runs elsewhere now."""
        if self._trail is not None:
            self._trail += [self.wires.get(wire.edge, wire), wire]
        self.wires[wire.edge] = wire
        self.laid += 1
        if self._spans is not None and (row := self._row.get(wire.edge)) is not None:
            self._spans[1][row] = wire.route.bounds

    def _drop(self, edges: list[Edge]) -> None:
        """These wires are no more; the others keep their order, in which they are listed and painted."""
        if self._spans is not None and edges:
            listed, data = self.spans()
            rows = [self._row.pop(edge) for edge in edges]
            stays: np.ndarray = np.ones(len(listed), bool)
            stays[rows] = False
            listed, first = list(compress(listed, stays.tolist())), min(rows)
            self._row.update(zip(listed[first:], numbers(len(listed))[first:]))
            self._spans, self._owners = (listed, data[stays]), None
        for edge in edges:
            del self.wires[edge]
        self.laid += 1

    def rect(self, node: NodeId) -> QRectF:
        """The node's rectangle in the scene."""
        return place(self.faces[node], *self.at[node])

    def _met_at(self, spot: Spot | None, node: NodeId, nth: int = 0) -> Xy:
        """Where a wire meets a port of a node."""
        if spot is None:
            middle = self.rect(node).center()
            return middle.x(), middle.y()
        x, y = self.at[node]
        return x + spot.x, y + spot.wire_y(nth)

    def boxes(self) -> Boxes:
        """Every node and its left, top, right, bottom, in the order in which they are painted."""
        if self._boxes is None or not self._boxes_listed:
            ids = list(self.faces)
            data, fresh = _listed(ids, self._index, self._boxes[1] if self._boxes else None)
            for i in fresh:
                data[i] = self._box(ids[i])
            self._index = numbered(ids)
            self._boxes, self._boxes_listed = (ids, data), True
        return self._boxes

    def place_of(self, node: NodeId) -> int:
        """Where in the order of painting a node comes."""
        self.boxes()
        return self._index[node]

    def spans(self) -> tuple[list[Edge], np.ndarray]:
        """Every wire and its bounds."""
        edges, data = self._spans or ([], np.empty((0, 4)))
        if self._spans is None or len(self.wires) > len(edges):  # a new one is the last
            new = list(islice(self.wires, len(edges), None))
            edges, begun = [*edges, *new], len(edges)
            bounds: np.ndarray = np.array([self.wires[edge].route.bounds for edge in new], float).reshape(-1, 4)
            if not begun:
                self._row = {}
            self._row.update(zip(new, numbers(len(edges))[begun:]))
            self._spans, self._owners = (edges, np.concatenate((data, bounds))), None
        return self._spans

    def owners(self, rows: np.ndarray) -> np.ndarray:
        """For wires with these rows in `spans`, a number of the output that each comes from."""
        edges = self.spans()[0]
        if self._owners is None:
            self._owners = np.full(len(edges), -1), {}
        known, numbers = self._owners
        for i in rows[known[rows] < 0].tolist():
            known[i] = numbers.setdefault((edges[i].source, edges[i].source_port), len(numbers))
        return known[rows]

    def nodes_in(self, rect: QRectF, among: Boxes | None = None) -> list[NodeId]:
        """The nodes that touch a rectangle, of all or of those in a larger one."""
        ids, boxes = among or self.boxes()
        return [ids[i] for i in np.flatnonzero(_touching(boxes, rect)).tolist()]

    def touching(self, rect: QRectF) -> np.ndarray:
        """Which nodes, in the order of painting, touch a rectangle."""
        return _touching(self.boxes()[1], rect)

    def boxes_in(self, rect: QRectF) -> Boxes:
        """The nodes that touch a rectangle, and their boxes."""
        ids, boxes = self.boxes()
        found = np.flatnonzero(_touching(boxes, rect))
        return [ids[i] for i in found.tolist()], boxes[found]

    def wires_in(self, rect: QRectF) -> list[Wire]:
        """The wires whose bounds touch a rectangle."""
        return self.wires_of(self.wire_rows(rect))[1]

    def wire_rows(self, rect: QRectF) -> list[int]:
        """The rows in `spans` of the wires whose bounds touch a rectangle."""
        rows: list[int] = np.flatnonzero(_touching(self.spans()[1], rect)).tolist()
        return rows

    def wires_of(self, rows: list[int], but: Collection[Edge] = ()) -> tuple[list[int], list[Wire]]:
        """The wires of rows in `spans`, without some, and their rows."""
        edges, wires = self.spans()[0], self.wires
        if but:
            rows = [i for i in rows if edges[i] not in but]
        return rows, [wires[edges[i]] for i in rows]

    def node_at(self, pos: QPointF, margin: float = 0.0, above: Iterable[NodeId] = ()) -> NodeId | None:
        """The uppermost node under a point; `above` are painted over the others."""
        found = self.nodes_in(QRectF(pos.x() - margin, pos.y() - margin, 2 * margin, 2 * margin))
        raised = set(above)
        return next((n for n in reversed(found) if n in raised), found[-1] if found else None)

    def spots(self, node: NodeId) -> Iterator[Spot]:
        face = self.faces[node]
        yield from face.ins
        yield from face.outs

    def port_at(self, pos: QPointF, reach: float, keys: Iterable[PortKey] | None = None) -> Spot | None:
        """The nearest port within reach, among the given ones."""
        around = QRectF(pos.x() - reach, pos.y() - reach, 2 * reach, 2 * reach)
        allowed = None if keys is None else set(keys)
        best: tuple[float, Spot] | None = None
        for node in self.nodes_in(around):
            for spot in self.spots(node):
                if allowed is not None and (node, spot.side, spot.port.name) not in allowed:
                    continue
                away = end_of(spot, self.at[node]) - pos
                tall = max(0.0, spot.height / 2 - metrics().node.port_r) if spot.port.kind == "many" else 0.0
                distance = float(np.hypot(away.x(), max(0.0, abs(away.y()) - tall)))
                if distance <= reach and (best is None or distance < best[0]):
                    best = distance, spot
        return best[1] if best else None

    def wire_at(self, pos: QPointF, reach: float) -> Edge | None:
        """The nearest wire within reach."""
        around = QRectF(pos.x() - reach, pos.y() - reach, 2 * reach, 2 * reach)
        found = [(w.route.distance(pos.x(), pos.y()), w.edge) for w in self.wires_in(around)]
        best = min(found, default=None)
        return best[1] if best and best[0] <= reach else None

    def frame_at(self, pos: QPointF) -> Frame | None:
        """The uppermost frame or note under a point."""
        found = [f for f in self.frames if QRectF(f.x, f.y, f.width, f.height).contains(pos)]
        return min(found, key=lambda f: f.width * f.height, default=None)

    def frames_in(self, rect: QRectF) -> list[str]:
        """The frames that lie in a rectangle as a whole, and the notes that touch it."""
        boxes = [(f, QRectF(f.x, f.y, f.width, f.height)) for f in self.frames]
        return [f.id for f, box in boxes if rect.contains(box) or (f.kind == "note" and rect.intersects(box))]

    def in_the_way(self, source: QRectF, target: QRectF) -> np.ndarray:
        """What a wire that runs back goes round: the nodes, and frames that it neither leaves nor enters."""
        ends = source.center(), target.center()
        frames = [QRectF(f.x, f.y, f.width, f.height) for f in self.frames]
        foreign = [f.getCoords() for f in frames if not any(f.contains(end) for end in ends)]
        return np.concatenate((self.boxes()[1], np.array(foreign).reshape(-1, 4))) if foreign else self.boxes()[1]

    def with_frame(self, target: QRectF, source: QRectF) -> QRectF:
        """The target and the frames around it that the source is not in."""
        for frame in self.frames:
            around = QRectF(frame.x, frame.y, frame.width, frame.height)
            if frame.kind == "frame" and around.contains(target.center()) and not around.intersects(source):
                target = target.united(around)
        return target

    def band(self, frame: Frame) -> float:
        """The room for a frame's title: from its top to the first node in it."""
        around = QRectF(frame.x, frame.y, frame.width, frame.height)
        tops = [top - frame.y for n in self.nodes_in(around) if (top := self.at[n][1]) >= frame.y]
        return min(tops, default=frame.height)

    def bounds(self, nodes: Iterable[NodeId] | None = None) -> QRectF:
        """Around the given nodes, or around everything; an empty rectangle if there is nothing."""
        if nodes is not None:
            result = QRectF()
            for node in nodes:
                result = result.united(self.rect(node))
            return result
        if self._bounds is None:
            back = [w.route.bounds for w in self.wires.values() if w.route.lane is not None]
            frames = [(f.x, f.y, f.x + f.width, f.y + f.height) for f in self.frames]
            parts = np.concatenate((self.boxes()[1], np.array([*back, *frames]).reshape(-1, 4)))
            self._bounds = _around(parts)
        return QRectF(self._bounds)

    def extent(self) -> QRectF:
        """Around all nodes."""
        return _around(self.boxes()[1])


def _listed(names: list[NodeId], rows: dict[NodeId, int], data: np.ndarray | None) -> tuple[np.ndarray, list[int]]:
    """A table with a row of four for each name, taken over where there was one, and the rows that are to be filled."""
    if data is None:
        return np.empty((len(names), 4)), list(range(len(names)))
    before: np.ndarray = np.fromiter((rows.get(name, -1) for name in names), np.int64, len(names))
    found: np.ndarray = data[before] if len(data) else np.empty((len(names), 4))
    return found, np.flatnonzero(before < 0).tolist()


def _around(boxes: np.ndarray) -> QRectF:
    if not len(boxes):
        return QRectF()
    left, top = boxes[:, :2].min(0).tolist()
    right, bottom = boxes[:, 2:].max(0).tolist()
    return QRectF(left, top, right - left, bottom - top)


def _touching(boxes: np.ndarray, rect: QRectF) -> np.ndarray:
    if not len(boxes):
        return np.zeros(0, bool)
    left, top, right, bottom = rect.left(), rect.top(), rect.right(), rect.bottom()
    return (boxes[:, 0] <= right) & (boxes[:, 2] >= left) & (boxes[:, 1] <= bottom) & (boxes[:, 3] >= top)
