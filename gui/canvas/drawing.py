"""One block as it is drawn: faces at their places, wires, chips, and what lies under a point. Qt's values, no items."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from itertools import islice

from PySide6.QtCore import QRectF

from engine.document.diff import BlockChange, Change, others
from engine.document.muting import origin, ways
from engine.document.project import Project
from engine.errors import Problem
from engine.graph.block import Block
from engine.graph.graph import BlockId, Edge, Graph, NodeId
from engine.graph.shapes import Analysis, NodeShapes
from engine.layers.block import Shared
from engine.tensor import TensorSpec
from gui.canvas.carry import MANY
from gui.canvas.chips import Chip, chip_of, chip_rect, sample_text, without_batch
from gui.canvas.face import Face, end_of, face_of, size_text
from gui.canvas.handled import NO_POINTS
from gui.canvas.lasting import Lasting
from gui.canvas.look import Look, Plate, plain_look
from gui.canvas.placed import MOST_PLACES, Near, Xy
from gui.theme import metrics, theme

NO_CHANGE = BlockChange()
MANY_NEW = 250  # nodes, of which as much is known at once as one waits for without noticing
RANK = {"error": 2, "warning": 1, "info": 0}


class Drawing(Lasting):
    """What is on the canvas of one block. `sync` follows the project, `learn` the analysis, `shift` a drag."""

    def __init__(
        self,
        project: Project,
        block: BlockId,
        analysis: Analysis | None = None,
        trusted: bool = True,
        hurry: bool = False,
    ) -> None:
        """hurry: the courses of very many wires may be found later, by `settle`."""
        super().__init__()
        self.project, self.block, self.trusted = project, block, trusted
        self.shapes: dict[NodeId, NodeShapes] = {}
        self.problems: dict[NodeId, tuple[Problem, ...]] = {}
        self.looks: dict[NodeId, Look] = {}
        self._edges: frozenset[Edge] = frozenset()
        if analysis:
            self._note(analysis)
        self.rebuild(hurry)

    @property
    def graph(self) -> Graph:
        return self.project.block(self.block).graph

    def rebuild(self, hurry: bool = False) -> None:
        """Draw everything anew."""
        self._steps, self._unseen, self.is_settled = None, {}, True
        layout = self.project.layout_of(self.block)
        self.frames = layout.frames
        self.at = {node: layout.at(node) for node in self.graph.nodes}
        self.faces = {node: self._face(node) for node in self.graph.nodes}
        self.looks = {node: self._look(node) for node in self.graph.nodes}
        self._dirty()
        self._edges = self.graph.edges
        self.lead(layout.reroutes)
        self.lay_first() if hurry else self.lay_all()

    def keep(self, nodes: Iterable[NodeId], frames: Collection[str]) -> None:
        """Draw only these nodes, the wires among them, and these frames and notes."""
        self._steps = None
        kept = set(nodes)
        self.faces = {n: face for n, face in self.faces.items() if n in kept}
        self.wires = {e: wire for e, wire in self.wires.items() if e.source in kept and e.target in kept}
        self._dirty()
        self.frames = tuple(f for f in self.frames if f.id in frames)
        self.reroutes = tuple(r for r in self.reroutes if any(e in self.wires for e in r.wires))
        self.lay_all()

    def sync(self, project: Project, change: BlockChange | None, hurry: bool = False) -> None:
        """Follow the project, given what changed in this block (None: only other blocks, whose ports may show).

        hurry: the courses of many wires may be found later, by `settle`.
        """
        self._steps = None
        self.let_go()
        before, placed, self.project = self.project, self.placed, project
        change = change or NO_CHANGE
        layout, nodes = project.layout_of(self.block), self.graph.nodes
        is_framed = layout.frames != self.frames
        if is_framed:
            self.frames = layout.frames
            self.wires, self._spans = {}, None  # wires that run back go round frames
        touched = self._touched(change) | self._leaning(before, change)
        stirred = touched | change.moved
        where = self._around(stirred | change.removed)
        for node in change.removed:
            for table in (self.faces, self.at, self.looks, self.shapes, self.problems):
                table.pop(node, None)  # type: ignore[attr-defined]
        stirred &= nodes.keys()
        for node in stirred:
            self.at[node] = layout.at(node)
        formed = {node for node in touched & nodes.keys() if self._see(node)}
        if change.added or change.removed:
            self.faces = {n: self.faces[n] for n in nodes}
            self._relist()
        for node in stirred:
            self._stand(node)
        if layout.reroutes is not self.reroutes:
            self.lead(layout.reroutes)
        where += self._around(stirred) + self._wires_at(touched)
        stirred &= formed | change.moved | change.ends
        where += self._rewire(stirred, change, hurry=hurry)
        is_anywhere = is_framed or (self.frames and placed != self.placed)  # titles make room for what is in a frame
        self._changed(None if is_anywhere else where)

    def _touched(self, change: BlockChange) -> set[NodeId]:
        return {*change.added, *change.changed, *change.ends} | (self.graph.nodes.keys() - self.faces.keys())

    def _leaning(self, before: Project, change: BlockChange) -> set[NodeId]:
        """Instances of blocks show their block's name, parameters and ports, and shared layers another layer's."""
        after = self.project.blocks
        others = (before.blocks.keys() | after.keys()) - {self.block}
        if change.described or any(before.blocks.get(b) is not after.get(b) for b in others):
            return set(self.graph.of_kind(*(kind for kind in self.graph.kinds if kind.category == "block")))
        return set(self.graph.of_kind(Shared)) if change.changed else set()

    def _around(self, nodes: Iterable[NodeId]) -> list[QRectF]:
        """Where these nodes are drawn, those that are, with their chips; of many only so many that it is anywhere."""
        wide, high = metrics().node.width, metrics().canvas.shadow_margin
        drawn = islice((node for node in nodes if node in self.faces), MOST_PLACES + 1)
        return [self.rect(node).adjusted(-wide, -high, wide, high) for node in drawn]

    def _wires_at(self, nodes: Iterable[NodeId]) -> list[QRectF]:
        """Where the wires of these nodes run, which may be drawn otherwise although their courses are the same."""
        into, out_of, some = self.graph.into, self.graph.out_of, islice(nodes, MOST_PLACES + 1)
        edges = (edge for node in some for edge in (*into(node), *out_of(node)))
        return [self.wires[edge].route.rect for edge in edges if edge in self.wires]

    def learn(self, analysis: Analysis, trusted: bool, hurry: bool = False) -> set[NodeId]:
        """Take in what is known of the shapes. Returns: the nodes that look different now.

        hurry: of very many nodes it may be taken in later, by `settle`.
        """
        self.let_go()
        self._steps = None
        trust_changed, self.trusted = trusted != self.trusted, trusted
        before, wrong = self.shapes, self.problems
        self._note(analysis)
        differs = {*others(before, self.shapes), *(before.keys() - self.shapes.keys())}
        changed = set(self.graph.nodes) if trust_changed else differs
        changed |= {n for n in {**wrong, **self.problems} if wrong.get(n) != self.problems.get(n)}
        changed &= self.graph.nodes.keys()
        if not changed:
            return changed
        if self._unseen or (hurry and len(changed) > MANY_NEW):
            self._unseen |= dict.fromkeys(n for n in self.graph.nodes if n in changed)
            self.is_settled = False
            return changed
        reshaped, placed, where = set(), self.placed, self._around(changed)
        for node in changed:
            if self._see(node):
                reshaped.add(node)
                self._stand(node)
        where += self._around(reshaped) + self._rewire(reshaped, also=self.rechipped(changed), hurry=hurry)
        where += self._wires_at(changed)
        self._changed(None if self.frames and placed != self.placed else where)
        return changed

    def see(self, nodes: Iterable[NodeId]) -> None:
        """Show what is known of these nodes before that of others."""
        for node in nodes:
            if node in self._unseen:
                del self._unseen[node]
                if node in self.graph.nodes and self._see(node):
                    self._stand(node)
        self._changed()

    def _see(self, node: NodeId) -> bool:
        """Take in how a node looks. Returns: whether its size or a place of a port is another one."""
        face, before, look = self._face(node), self.faces.get(node), self.looks.get(node)
        if face != before:
            self.faces[node] = face
        self.looks[node] = now = self._look(node)
        if before is None or look is None or face.category != before.category or look.severity != now.severity:
            self.placed += 1
        return before is None or _form(face) != _form(before)

    def _note(self, analysis: Analysis) -> None:
        shapes = analysis.of(self.block)
        self.shapes = dict(shapes.nodes) if shapes else {}
        self.shapes |= passing(self.project, self.project.block(self.block), self.shapes)
        found: dict[NodeId, list[Problem]] = {}
        for problem in analysis.problems:
            if problem.node and problem.block == self.block:
                found.setdefault(NodeId(problem.node), []).append(problem)
        self.problems = {n: tuple(sorted(ps, key=lambda p: -RANK[p.severity])) for n, ps in found.items()}

    def mark_failure(self, node: NodeId, problem: Problem) -> None:
        """A run failed here: shown until the next analysis, which follows the next edit."""
        self.problems[node] = (problem, *self.problems.get(node, ()))
        self.looks[node] = replace(self._look(node), plate=failure_plate(problem.message, self.looks[node].plate))
        self.placed += 1
        self._changed()

    def shift(self, places: dict[NodeId, Xy], points: Mapping[str, Xy] = NO_POINTS) -> None:
        """Show nodes somewhere else for the time of a drag; the project stays as it is."""
        self._steps = None

        def leaning() -> set[Edge]:
            return self._leaning_on(set(places))

        if points or len(self.faces) < MANY or not places or not self.carried(places, leaning):
            self.drag(places, leaning(), points)

    def shift_back(self, nodes: Iterable[NodeId], hurry: bool = False) -> None:
        """Show nodes where the project has them, those that are still there. hurry: as in `sync`."""
        layout = self.project.layout_of(self.block)
        self._steps = None
        self.let_go()
        there = {node: layout.at(node) for node in nodes if node in self.faces}
        self._put(there)
        bent = {edge for r in (*self.reroutes, *layout.reroutes) for edge in r.wires}
        if layout.reroutes != self.reroutes:
            self.lead(layout.reroutes)
        self._rewire(set(there), also=bent & self.graph.edges, hurry=hurry)
        self._changed()

    def _face(self, node: NodeId) -> Face:
        into = {port: len(edges) for port, edges in self.graph.wiring.into.get(node, {}).items()}
        out: dict[str, int] = {}
        for edge in self.graph.out_of(node):
            out[edge.source_port] = out.get(edge.source_port, 0) + 1
        return face_of(self.project, self.block, self.graph.nodes[node], (into, out), self.shapes.get(node))

    def _look(self, node: NodeId) -> Look:
        problems, shapes = self.problems.get(node), self.shapes.get(node)
        first = next(iter(shapes.outputs.values()), None) if shapes else None
        severity, muted = problems[0].severity if problems else None, self.graph.nodes[node].muted
        return plain_look(
            self.trusted, muted, severity, size_text(self.faces[node], shapes, self.trusted), sample_text(first)
        )

    def _rewire(
        self,
        touched: set[NodeId],
        change: BlockChange = NO_CHANGE,
        also: Iterable[Edge] = (),
        hurry: bool = False,
    ) -> list[QRectF]:
        """Lay the wires anew that lean on these nodes, and those that run where nodes came or went.

        Returns: where wires ran or run that are others now.
        """
        edges, stale, gone = self.graph.edges, {*also, *(change.bent & self.graph.edges)}, []
        if edges is not self._edges or len(self.wires) != len(edges):
            self._edges = edges
            stale |= edges.difference(self.wires)
            gone = [self.wires[edge] for edge in set(self.wires).difference(edges)]
            self._drop([wire.edge for wire in gone])
            stale |= self.freed({(wire.edge.source, wire.edge.source_port) for wire in gone})
        stale |= self.disturbed() | self._leaning_on(touched)
        self._trail = gone
        self.lay_soon(stale) if hurry else self.lay(stale)
        self._trail = None
        return [wire.route.rect for wire in gone[: MOST_PLACES + 1]]

    def _leaning_on(self, touched: set[NodeId]) -> set[Edge]:
        """The wires whose course depends on these nodes: theirs, and those that share a port's lane or capsule."""
        graph = self.graph
        found: set[Edge] = set()
        if 2 * len(touched) > len(self.faces):
            return set(self.wires)
        there = touched & self.faces.keys()
        found.update(edge for node in there for edge in (*graph.into(node), *graph.out_of(node)))
        sources, targets = {edge.source for edge in found} - there, {edge.target for edge in found} - there
        found.update(edge for node in sources for edge in graph.out_of(node))
        found.update(edge for node in targets for edge in graph.into(node))
        return found

    def spec(self, node: NodeId, port: str) -> TensorSpec | None:
        shapes = self.shapes.get(node)
        return shapes.outputs.get(port) if shapes else None

    def chip(self, node: NodeId, port: str) -> Chip | None:
        """What is known of an output: a shape, "?" on a wire whose shape is unknown, None at most free ports."""
        face = self.faces[node]
        spot = face.place_of("out", port)
        spec = self.spec(node, port)
        if spot is None or (spec is None and (not spot.wires or node not in self.shapes)):
            return None
        if not spot.wires and (spot is not face.outlets[0] or self.graph.out_of(node)):
            return None  # what nobody reads is only said at the end of a branch
        shapes = self.shapes.get(node)
        before = next(iter(shapes.inputs.values()), None) if shapes else None
        return chip_of(spec, before[0] if isinstance(before, tuple) and before else before or None)  # type: ignore[arg-type]

    def chip_at(self, node: NodeId, port: str, near: Near | None = None) -> tuple[Chip, QRectF] | None:
        """An output's chip and where it stands: without the batch where that is too wide, None where both are.

        near: the nodes that it could meet, where one asks for many chips.
        """
        chip, spot = self.chip(node, port), self.faces[node].place_of("out", port)
        if chip is None or spot is None:
            return None
        room, near = metrics().canvas.port_ring + metrics().node.port_r, near or Near(self.boxes())
        for shown in dict.fromkeys((chip, without_batch(chip))):
            rect = chip_rect(shown, end_of(spot, self.at[node]))
            if near.is_free(rect.adjusted(-1, 0, room, 0), node):
                return shown, rect
        return None

    def is_muted(self, edge: Edge) -> bool:
        """Whether the wire begins or ends at a layer that does not take part."""
        nodes = self.graph.nodes
        return nodes[edge.source].muted or nodes[edge.target].muted

    def is_bad(self, edge: Edge) -> bool:
        """Whether the wire joins a shape error: its target has a problem with what comes in here."""
        for problem in self.problems.get(edge.target, ()):
            if problem.severity == "error" and problem.port in ("", edge.target_port):
                shapes = self.shapes.get(edge.target)
                return bool(shapes and shapes.failed)
        return False


def _form(face: Face) -> tuple[object, ...]:
    """What of a node the courses of wires depend on."""
    return face.width, face.height, face.inlets, face.outlets


def passing(project: Project, block: Block, shapes: dict[NodeId, NodeShapes]) -> dict[NodeId, NodeShapes]:
    """What runs through the muted layers, of which the analysis knows nothing."""
    found: dict[NodeId, NodeShapes] = {}
    through = ways(project, block)
    for node, way in through.items():
        source = origin(block.graph, through, Edge(node, way.out, node, ""))
        record = shapes.get(source[0]) if source else None
        spec = record.outputs.get(source[1]) if record and source else None
        found[node] = NodeShapes(block.graph.nodes[node].layer, {}, {way.out: spec})
    return found


def failure_plate(message: str, plate: Plate) -> Plate:
    """The footer of the first node whose result was no finite number; that of another failure stays."""
    if "finite" not in message:
        return plate
    bad = theme().heat.not_finite
    return Plate("first bad node", bad.text, bad.fill, bad.on)


def is_another(change: Change, block: BlockId) -> bool:
    """Whether a change replaced the whole project, as opening a file does, rather than edited it."""
    before, after = change.before.blocks.get(block), change.after.blocks.get(block)
    if before is None or after is None or before is after or not before.graph.nodes or not after.graph.nodes:
        return before is None or after is None or (len(after.graph.nodes) > 1 and not before.graph.nodes)
    return not any(after.graph.nodes.get(key) is node for key, node in before.graph.nodes.items())
