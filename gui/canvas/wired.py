"""The wires of a drawing: where each begins and ends, and which course it takes round what is not its own."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Hashable, Iterable, Sequence
from copy import copy

import numpy as np

from engine.graph.graph import Edge, NodeId
from gui.canvas.chips import Chip
from gui.canvas.lanes import TRACK, Tracks
from gui.canvas.obstacles import CLEAR, Obstacles
from gui.canvas.placed import Xy
from gui.canvas.steps import PART, Steps, at_once, parts
from gui.canvas.threaded import Threaded
from gui.canvas.ways import Corners, Leg, Patience, Ways, straight
from gui.canvas.wires import (
    BERNSTEIN,
    Bent,
    Led,
    Route,
    Wire,
    back,
    controls,
    free_lane,
    lane_between,
    led,
    runs_back,
)
from gui.theme import metrics

Output = tuple[NodeId, str]
SAME = 1e-6  # as much rounding is no difference between two moves
MANY_AT_ONCE = 4 * PART  # wires that are held against all nodes within a few milliseconds
_ASIDES = (0.0, TRACK, -TRACK, 2 * TRACK, -2 * TRACK)


class Wired(Threaded):
    """Nodes, and wires that find their way between them. Nodes that are dragged are in nobody's way until dropped."""

    def __init__(self) -> None:
        super().__init__()
        self._tracks = Tracks()
        self._runs: dict[Output, float] = {}
        self._met: tuple[dict[NodeId, int], Obstacles] = {}, Obstacles(np.zeros((0, 4)))
        self._surveyed = -1
        self._dragged: set[NodeId] = set()
        self._patience = Patience(0)

    @abstractmethod
    def chip(self, node: NodeId, port: str) -> Chip | None:
        """What stands at the beginning of the wires of an output."""

    @abstractmethod
    def let_go(self) -> None:
        """What was in the hand is where it is."""

    def lay_all(self) -> None:
        """Find a course for every wire."""
        self.let_go()
        self._tracks, self._runs, self.wires, self._spans = Tracks(), {}, {}, None
        self.laid += 1
        self._survey()
        self.lay(e for e in self.graph.edges if e.source in self.faces and e.target in self.faces)

    def _survey(self) -> np.ndarray:
        """Take in where the nodes are. Returns: the places that were taken or left since the last time."""
        if self._surveyed == self.placed:
            return np.zeros((0, 4))
        self._surveyed = self.placed
        ids, boxes = self.boxes()
        before, old = self._met
        was: np.ndarray = np.arange(len(ids))
        if self._index is not before:
            was = np.fromiter((before.get(node, -1) for node in ids), np.int64, len(ids))
        stays = was >= 0
        stays[stays] = (old.boxes[was[stays]] == boxes[stays]).all(1)
        goes: np.ndarray = np.ones(len(old.boxes), bool)
        goes[was[stays]] = False
        if not goes.any() and stays.all() and self._index is before:
            return np.zeros((0, 4))
        self._met = self._index, Obstacles(boxes.copy())
        return np.concatenate((old.boxes[goes], boxes[~stays]))

    def disturbed(self) -> set[Edge]:
        """The wires that run where nodes came, went or changed their size since the courses were found."""
        changed = self._survey()
        if not len(changed) or not self.wires:
            return set()
        edges, spans = self.spans()
        return {edges[i] for i in set(Obstacles(changed).near(spans)[0].tolist())}

    def freed(self, outputs: set[Output]) -> set[Edge]:
        """Wires of these outputs went. Returns: the others of them, which may have better courses now."""
        for output in outputs:
            self._tracks.release(output)
        return {e for e in self.wires if (e.source, e.source_port) in outputs} if outputs else set()

    def lay(self, edges: Iterable[Edge]) -> None:
        """Find a course for these wires and for all others of their outputs, with which they may share a lane."""
        at_once(self._laying(edges))

    def lay_anew(self) -> Steps[None]:
        """Find a course for every wire as `lay_all` does, in steps; what is shown stays until all are found.

        Whoever changes anything meanwhile gives the steps up and begins anew.
        """
        other = copy(self)
        other._tracks, other._runs, other.wires, other._spans, other._row = Tracks(), {}, {}, None, {}
        other._surveyed = -1
        other._survey()
        yield
        yield from other._laying(e for e in self.graph.edges if e.source in self.faces and e.target in self.faces)
        self._met, self._surveyed = other._met, other._surveyed
        self._tracks, self._runs, self.wires, self._spans = other._tracks, other._runs, other.wires, None
        self.laid += 1
        self._changed()

    def sketch(self) -> None:
        """Draw every wire as it would run if nothing were in its way."""
        self.let_go()
        self._tracks, self._runs, self.wires, self._spans = Tracks(), {}, {}, None
        self._survey()
        for edge in self.graph.edges:
            if edge.source in self.faces and edge.target in self.faces:
                self._sketch(edge)

    def lay_later(self, edges: Iterable[Edge]) -> None:
        """These wires get their courses when all do: those that no longer meet their ports are drawn plainly so far."""
        for edge in edges:
            wire, (start, end) = self.wires.get(edge), self.ends(edge)
            if wire is None or math.dist(start, wire.route.start) + math.dist(end, wire.route.end) > SAME:
                self._sketch(edge)

    def _sketch(self, edge: Edge) -> None:
        start, end = self.ends(edge)
        if runs_back(start, end):
            source, target = self.rect(edge.source), self.rect(edge.target)
            left = target.left() - metrics().wire.back_in
            self._lay(Wire(edge, back(start, end, 0.0, lane_between(source, target), left)))
        else:
            self._lay(Wire(edge, Route(start, end)))

    def _laying(self, edges: Iterable[Edge]) -> Steps[None]:
        places: dict[Output, int] = {}
        for part in parts(list(edges), 16 * PART):
            places.update(((e.source, e.source_port), self._box_of(e.source)) for e in part)
            yield
        self._patience = Patience(len(places))
        outputs = [output for _, output in sorted((place, output) for output, place in places.items())]
        for output in outputs:
            self._tracks.release(output)
        plain: list[Leg] = []
        graph, faces = self.graph, self.faces
        for some in parts(outputs):
            for node, port in some:
                found = [e for e in graph.out_of(node) if e.source_port == port and e.target in faces]
                plain += yield from self._begun((node, port), found)
            yield
        yield from self._passing(plain)

    def _begun(self, output: Output, edges: list[Edge]) -> Steps[list[Leg]]:
        """Lay the wires of an output that run back or through points. Returns: the others, which run forwards."""
        run = self._runs[output] = self._run(output)
        legs: list[Leg] = []
        behind: list[Leg] = []
        for edge in edges:
            start, end = self.ends(edge)
            leg = Leg(edge, start, end, run, (self._box_of(edge.source), self._box_of(edge.target)))
            if edge in self._through:
                self._lay(Wire(edge, (yield from self._led(leg, self._through[edge]))))
            else:
                (behind if runs_back(start, end) else legs).append(leg)
        if behind:
            yield from self._lay_back(output, behind)
        return legs

    def _run(self, output: Output) -> float:
        """How far the wires of an output should go straight at first: under its chip."""
        chip, n = self.chip(*output), metrics().node
        return n.port_r + n.chip_gap + chip.width if chip else 0.0

    def rechipped(self, nodes: Iterable[NodeId]) -> set[Edge]:
        """The wires of these nodes whose chips are wider or narrower than when their courses were found."""
        found = {(e.source, e.source_port): e for node in nodes for e in self.graph.out_of(node)}
        return {edge for output, edge in found.items() if self._run(output) != self._runs.get(output)}

    def _box_of(self, node: NodeId) -> int:
        return self._met[0].get(node, -1)

    def _without(self) -> np.ndarray | None:
        """Which of the boxes are not there, because they are being dragged."""
        if not self._dragged:
            return None
        rows, obstacles = self._met
        found: np.ndarray = np.zeros(len(obstacles.boxes), bool)
        found[[rows[n] for n in self._dragged if n in rows]] = True
        return found

    def _ways(self) -> Ways:
        return Ways(self._met[1], self._tracks, self._without(), self._patience)

    def _passing(self, legs: list[Leg]) -> Steps[None]:
        """Lay wires that run forwards: as a curve where nothing is in the way, else past it, together if they can."""
        groups: dict[Hashable, list[Leg]] = {}
        free: list[Leg] = []
        ways = self._ways()
        for some in parts(legs, MANY_AT_ONCE):
            runs = [straight(leg) for leg in some]
            near = yield from self._near(some)
            is_shut = (yield from ways.shut([some[i] for i in near])).tolist()
            shut = {i for i, is_so in zip(near, is_shut, strict=True) if is_so}
            near = [i for i in near if i not in shut]
            blocked = yield from self._blocked([some[i] for i in near], [runs[i] for i in near])
            free += [leg for i, leg in enumerate(some) if i not in shut] if shut else some
            for i in blocked:
                groups.setdefault(some[near[i]].owner, []).append(some[near[i]])
            for leg, run in zip(some, runs, strict=True):
                self._lay(Wire(leg.edge, Route(leg.start, leg.end, run)))
            yield
        self._bundle(free, groups)
        alone = [found[0] for found in groups.values() if len(found) == 1]
        for leg, corners in zip(alone, (yield from ways.past(alone)), strict=True):
            self._take(leg, corners)
        for found in groups.values():
            if len(found) > 1:
                yield
                for leg, corners in zip(found, (yield from ways.together(found)), strict=True):
                    self._take(leg, corners)

    def _bundle(self, legs: list[Leg], groups: dict[Hashable, list[Leg]]) -> None:
        """Long wires of one output join those that have to go round, or one another."""
        far = metrics().canvas.bundle_from
        long: dict[Hashable, list[Leg]] = {}
        for leg in legs:
            if leg.end[0] - leg.start[0] > far and abs(leg.end[1] - leg.start[1]) > TRACK:
                long.setdefault(leg.owner, []).append(leg)
        for owner, found in long.items():
            there = groups.get(owner, [])
            more = [leg for leg in found if leg not in there]
            if more and len(there) + len(more) > 1:
                groups[owner] = [*there, *more]

    def _take(self, leg: Leg, corners: Corners | None) -> None:
        if corners is not None:
            self._lay(Wire(leg.edge, Bent(corners, leg.run)))

    def _near(self, legs: Sequence[Leg]) -> Steps[list[int]]:
        """Which of these wires have a node that is not theirs between, over or under their ends."""
        obstacles = self._met[1]
        if not legs or not len(obstacles.boxes):
            return []
        ends, own = np.array([(*leg.start, *leg.end) for leg in legs]), np.array([leg.own for leg in legs])
        low, high = np.minimum(ends[:, :2], ends[:, 2:]), np.maximum(ends[:, :2], ends[:, 2:])
        which, box = yield from obstacles.nearing(np.concatenate((low - CLEAR, high + CLEAR), axis=1))
        return sorted(set(which[(box != own[which, 0]) & (box != own[which, 1])].tolist()))

    def _blocked(self, legs: Sequence[Leg], runs: list[float]) -> Steps[list[int]]:
        """Which of these wires would, as they simply bend, go through a node that is not theirs."""
        if not legs:
            return []
        ends, own = np.array([(*leg.start, *leg.end) for leg in legs]), np.array([leg.own for leg in legs])
        courses = np.concatenate((ends[:, None, :2], BERNSTEIN @ controls(ends, np.array(runs))), axis=1)
        bad = yield from self._met[1].crossing(courses, own, self._without())
        found: list[int] = np.flatnonzero(bad).tolist()
        return found

    def _lay_back(self, output: Output, legs: list[Leg]) -> Steps[None]:
        """Lay wires that run back: all of an output at one height, each by itself where that is barred."""
        lane, left = self._way_back(legs)
        right = legs[0].start[0] + legs[0].run + metrics().wire.back_out
        asides = [a for a in _ASIDES if self._tracks.is_free(0, lane + a, left, right, output)] or [0.0]
        best: tuple[int, list[Route], list[bool]] | None = None
        for aside in asides:
            routes: list[Route] = [back(leg.start, leg.end, leg.run, lane + aside, left) for leg in legs]
            bad = [bool(self._meets(route.samples, leg.own)) for route, leg in zip(routes, legs, strict=True)]
            yield
            if best is None or sum(bad) < best[0]:
                best = sum(bad), routes, bad
            if not best[0]:
                break
        assert best is not None
        for leg, route, is_bad in zip(legs, best[1], best[2], strict=True):
            corners = (yield from self._ways().through(leg)) if is_bad else None
            course = Bent(corners, leg.run) if corners else route
            self._tracks.add(course.corners, output)
            self._lay(Wire(leg.edge, course))

    def _meets(self, course: np.ndarray, own: tuple[int, int]) -> bool:
        """Whether a course goes through a node that is not its own."""
        return bool(self._met[1].crossed(course[None], np.array((own,)), self._without())[0])

    def _led(self, leg: Leg, points: list[Xy]) -> Steps[Route]:
        """A wire through its points, past what stands between two of them where it can."""
        parts: list[Route] = list(led(leg.start, leg.end, leg.run, points))
        last = len(parts) - 1
        for i, part in enumerate(parts):
            if self._meets(part.samples, leg.own):
                piece = leg._replace(start=part.start, end=part.end, run=0.0 if i else leg.run)
                corners = yield from self._ways().through(piece, not i, i == last)
                parts[i] = Bent(corners, piece.run) if corners else part
        return Led(parts)

    def _way_back(self, legs: list[Leg]) -> tuple[float, float]:
        """Height and left end of a run back, shared by all wires of one port, outside frames the source is not in."""
        source, start = self.rect(legs[0].edge.source), legs[0].start
        targets = [self.with_frame(self.rect(leg.edge.target), source) for leg in legs]
        first, w = min(targets, key=lambda rect: rect.top()), metrics().wire
        left, right = min(rect.left() for rect in targets) - w.back_in, start[0] + legs[0].run + w.back_out
        wanted = lane_between(source, first)
        below = (source.bottom(), first.top()) if source.bottom() < wanted < first.top() else (wanted, math.inf)
        return free_lane(self.in_the_way(source, first), (left, right), wanted, below), left

    def ends(self, edge: Edge) -> tuple[Xy, Xy]:
        """Where the wire begins and ends, at the middle of the node's edge where its port is unknown."""
        out = self.faces[edge.source].place_of("out", edge.source_port)
        into = self.faces[edge.target].place_of("in", edge.target_port)
        nth = self._rank(edge) if into and into.wires > 1 else 0
        return self._met_at(out, edge.source), self._met_at(into, edge.target, nth)

    def _rank(self, edge: Edge) -> int:
        """Which of the wires into a port it is, counted from above by where they come from, so that none cross."""
        feeding = self.graph.feeding(edge.target, edge.target_port)
        ranked = sorted(feeding, key=lambda e: (self.at[e.source][1], e.slot))
        return ranked.index(edge) if edge in ranked else 0
