"""What one pass forward leaves in memory for the pass back: every tensor that some layer keeps, each counted once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import heappop, heappush

from engine.costs.tally import Part, Tally, Tensor
from engine.graph.block import Block
from engine.graph.graph import BlockId, Edge, Graph, NodeId, Wiring
from engine.graph.others import difference, rewired
from engine.graph.shapes import BlockShapes, Bytes, Held, Kept, Names, NodeShapes
from engine.layers.block import BlockLayer
from engine.layers.control import Branch
from engine.layers.io import Input, Output
from engine.tensor import FLOATING, NumberSpec, TensorSpec


def evaluate(memory: Bytes, free: Mapping[str, int]) -> int:
    """The bytes at these free sizes; one that is not given counts as 1."""
    total = 0
    for names, count in memory.items():
        for name in names:
            count *= free[name] if name in free else TensorSpec((name,)).count(**free)
        total += count
    return total


Wires = Mapping[str, tuple[Edge, ...]]
_NOTHING: Wires = {}


def _taken(layer: Branch, repeats: tuple[BlockShapes, ...]) -> tuple[BlockShapes, ...]:
    """The way that is taken, the dearer one where that is not known before; none where the inputs go through."""
    if layer.on == "parameter":
        return repeats[:1] if layer.when else repeats[1:2]
    return (max(repeats, key=lambda shapes: shapes.activation_bytes),)


def _sound(graph: Graph) -> Graph:
    """The graph without wires that lead nowhere, which only a damaged file can have."""
    return Graph(graph.nodes, graph.edges - graph.lost, graph.next_id) if graph.lost else graph


def _is_sorted(graph: Graph) -> bool:
    """Whether no wires run in a circle, so that every node has its place in the order."""
    return len(graph.order()) == len(graph.nodes)


class _Course:
    """Nodes that are due, in the order in which they are computed, or back; more may become due further on."""

    def __init__(self, wiring: Wiring, due: Iterable[NodeId], *, back: bool = False) -> None:
        self._wiring, self._step = wiring, -1 if back else 1
        self._due: set[NodeId] = set()
        self._waiting: list[int] = []
        self.add(due)

    def add(self, nodes: Iterable[NodeId]) -> None:
        rank = self._wiring.rank
        for id in nodes:
            if id not in self._due and id in rank:
                self._due.add(id)
                heappush(self._waiting, self._step * rank[id])

    def __iter__(self) -> Iterator[NodeId]:
        while self._waiting:
            yield self._wiring.order[abs(heappop(self._waiting))]


class Holdings:
    """Finds what instances keep, looking at each distinct one once. The blocks are those without muted layers."""

    def __init__(self, blocks: Mapping[BlockId, Block]) -> None:
        self.blocks = blocks
        self._known: dict[tuple[int, tuple[bool, ...], tuple[bool, ...]], Held] = {}
        self._kept: list[BlockShapes] = []  # an instance that is gone may lend its id to another

    def of(self, shapes: BlockShapes, learns: Sequence[bool] = (), used: Sequence[bool] = ()) -> Held:
        """What the instance keeps. learns: which inputs want a gradient; those that are not named do not.

        used: which outputs lead on to what is learned from; those that are not named do.
        """
        flags = tuple(learns) + (False,) * (len(shapes.inputs) - len(learns))
        ends = tuple(used) + (True,) * (len(shapes.outputs) - len(used))
        key = (id(shapes), flags, ends)
        if key not in self._known:
            self._kept.append(shapes)
            self._known[key] = Walk(flags, ends).held(self, shapes)
        return self._known[key]

    def main(self, shapes: BlockShapes, last: Walk | None) -> tuple[Held, Walk]:
        """What the main block keeps, and the walk that found it, from which the next goes on where it can."""
        walk = last if last is not None and last.goes_on_to(self.blocks[shapes.block].graph) else Walk()
        return walk.held(self, shapes), walk


class Walk:
    """What one instance keeps, and each time that it is looked at again, only what became of it since.

    learns: which inputs want a gradient; those that are not named do not.
    used: which outputs lead on to what is learned from; those that are not named do.
    """

    def __init__(self, learns: tuple[bool, ...] = (), used: tuple[bool, ...] = ()) -> None:
        self._learns, self._used = learns, used
        self._graph = Graph()
        self._shapes: BlockShapes | None = None
        self._ends: set[NodeId] = set()
        self._idle: set[NodeId] = set()
        self._tally = Tally()

    def goes_on_to(self, graph: Graph) -> bool:
        """Whether it can be led on to this graph: a circle has no order in which that could be done."""
        return _is_sorted(self._graph) and _is_sorted(graph)

    def held(self, holdings: Holdings, shapes: BlockShapes) -> Held:
        """What the instance keeps as it is now."""
        block = holdings.blocks[BlockId(shapes.block)]
        graph, records = _sound(block.graph), shapes.nodes
        self._holdings, self._block = holdings, block
        changed, gone = (records.keys(), frozenset()) if self._shapes is None else difference(self._shapes, shapes)
        due = {*changed, *(node.id for node in block.inputs)}  # their places may be other ones without any news of them
        ends = {node.id for i, node in enumerate(block.outputs) if i >= len(self._used) or self._used[i]}
        if graph.wiring is not self._graph.wiring or ends != self._ends:
            due |= self._rewired(graph, ends)
            for id in gone:
                self._tally.drop(id)
        if 2 * len(due) > len(records):
            self._tally, due = Tally(), set(records)  # quicker than to take apart what there was
        self._graph, self._shapes = graph, shapes
        course = _Course(graph.wiring, due)
        for id in course:
            if id in records and self._tally.put(self._part(id, records[id])):
                course.add(edge.target for edge in graph.out_of(id))
        return self._result()

    def _rewired(self, graph: Graph, ends: set[NodeId]) -> set[NodeId]:
        """The nodes that other wires reach, or of which others lead on to what is learned from.

        Those from which none of the ends is reached, which are learned from, are idle: they are not run back.
        """
        other = rewired(self._graph, graph)
        changed, gone = difference(self._graph, graph)
        found = {edge.target for edge in other}
        waiting = {edge.source for edge in other} | {id for id in changed if id not in self._graph.nodes}
        waiting |= self._ends ^ ends  # an end may have become another layer with the same wires
        found |= waiting
        self._ends = ends
        self._idle -= gone
        if not _is_sorted(graph):
            self._idle |= graph.nodes.keys() - set(graph.order())
        idle, into, out_of = self._idle, graph.wiring.into, graph.wiring.out_of
        course = _Course(graph.wiring, waiting, back=True)
        for id in course:
            if (id in idle) is (id in ends or not idle.issuperset(e.target for e in out_of.get(id, ()))):
                idle ^= {id}
                sources = [edge.source for edges in into.get(id, _NOTHING).values() for edge in edges]
                course.add(sources)
                found.update((id, *sources))
        return found

    def _part(self, id: NodeId, shapes: NodeShapes) -> Part:
        layer = self._graph.nodes[id].layer
        part = Part(id)
        if isinstance(layer, Input):
            spec, place = shapes.outputs.get("out"), self._block.inputs.index(self._graph.nodes[id])
            if spec is not None and not isinstance(spec, NumberSpec):
                learns = place < len(self._learns) and self._learns[place] and spec.is_floating
                part.give("out", self._tally.make(part, Tensor(*spec.memory, id, learns, place)))
        elif not isinstance(layer, Output):
            self._node(part, shapes)
        return part

    def _node(self, part: Part, shapes: NodeShapes) -> None:
        wires = self._graph.wiring.into.get(part.node, _NOTHING)
        if shapes.repeats:
            if isinstance(shapes.layer, BlockLayer):
                self._row(part, shapes, wires, shapes.repeats)
            elif isinstance(shapes.layer, Branch):
                self._row(part, shapes, wires, _taken(shapes.layer, shapes.repeats))
            else:
                self._loop(part, shapes, wires)
            return
        reached = False
        for edges in wires.values():  # written out: of a new network every node passes here
            for edge in edges:
                tensor = self._from(edge)
                reached = reached or (tensor is not None and tensor.learns)
        learns, kept = reached or shapes.trainable > 0, shapes.kept
        for port, spec in shapes.outputs.items():
            shown = self._shown(wires, kept, port) if kept.views else None
            if shown is not None:
                part.give(port, shown)
            elif spec is not None and not isinstance(spec, NumberSpec):
                tensor = Tensor(*spec.memory, part.node, learns and spec.dtype in FLOATING)
                part.give(port, self._tally.make(part, tensor))
        if not learns:
            return
        part.backward = shapes.backward[not reached] if part.node not in self._idle else 0
        for name in kept.inputs:
            part.keep(self._named(wires, name))
        for port in kept.outputs:
            part.keep(part.at(port))
        for spec in kept.extra:
            part.add(*spec.memory)

    def _shown(self, wires: Wires, kept: Kept, port: str) -> Tensor | None:
        """The input that an output is a view of."""
        return next((self._named(wires, source) for view, source in kept.views if view == port), None)

    def _row(self, part: Part, shapes: NodeShapes, wires: Wires, repeats: tuple[BlockShapes, ...]) -> None:
        """Instances in a row, the first outputs of each going into the first inputs of the next."""
        given = self._given(wires, shapes.repeats[0])
        made: list[Tensor | None] = list(given)
        carry = shapes.layer.carry if isinstance(shapes.layer, BlockLayer) else 1
        leading = {e.source_port for e in self._graph.out_of(part.node) if e.target not in self._idle}
        used = [port in leading for port in shapes.outputs]
        for index, repeat in enumerate(repeats):
            is_last = index == len(repeats) - 1
            leads = used if is_last else [part.node not in self._idle] * carry + [False] * (len(used) - carry)
            held = self._holdings.of(repeat, [t is not None and t.learns for t in given], leads)
            for names, size in held.total.items():
                part.add(names, size)
            part.backward += held.backward
            for place in held.inputs:
                part.keep(given[place] if place < len(given) else None)
            made = [
                given[place]
                if 0 <= place < len(given)
                else self._tally.make(part, Tensor(names, size, part.node, learns, counted=kept))
                for place, names, size, learns, kept in held.outputs
            ]
            given = [*made[:carry], *given[carry:]]
        for port, tensor in zip(shapes.outputs, made):
            if tensor is not None:
                part.give(port, tensor)

    def _loop(self, part: Part, shapes: NodeShapes, wires: Wires) -> None:
        """A block applied over and over: what one time keeps, as often as it is applied."""
        once = max(inner.activation_bytes for inner in shapes.repeats)
        times = max(1, shapes.activation_bytes // once) if once else 1
        rows = []
        for inner in shapes.repeats:
            given = self._given(wires, inner)
            held = self._holdings.of(inner, [t is None or t.learns for t in given])
            first = self._holdings.of(inner, [t is not None and t.learns for t in given])  # its state is zeros
            rows.append((evaluate(held.total, {}), held, first, given))
        _, held, first, given = max(rows, key=lambda row: row[0])
        for names, size in held.total.items():
            part.add(names, times * size)
        for place in held.inputs:
            part.keep(given[place])
        part.backward = first.backward + (times - 1) * held.backward
        learns = shapes.trainable > 0 or any(t is not None and t.learns for t in given)
        for port, spec in shapes.outputs.items():
            if spec is not None and not isinstance(spec, NumberSpec):
                tensor = Tensor(*spec.memory, part.node, learns and spec.is_floating)
                part.give(port, self._tally.make(part, tensor))

    def _given(self, wires: Wires, inner: BlockShapes) -> list[Tensor | None]:
        """What is wired to the inputs of an instance that a node holds."""
        ports = (node.name for node in self._holdings.blocks[inner.block].inputs)
        return [self._from(wires[port][0]) if wires.get(port) else None for port in ports]

    def _from(self, edge: Edge) -> Tensor | None:
        part = self._tally.parts.get(edge.source)
        return part.at(edge.source_port) if part is not None else None

    def _named(self, wires: Wires, name: str) -> Tensor | None:
        port, _, index = name.partition(":")
        edges, number = wires.get(port, ()), int(index or 0)
        return self._from(edges[number]) if number < len(edges) else None

    def _result(self) -> Held:
        total = self._tally.total()
        parts = (self._tally.parts.get(node.id) for node in self._block.inputs)
        entering = [part.outputs[0] for part in parts if part is not None and part.outputs]
        given: dict[Names, int] = {}
        for tensor in entering:
            given[tensor.names] = given.get(tensor.names, 0) + tensor.size
        return Held(
            nodes=dict(self._tally.nodes),
            total=total,
            inputs=frozenset(tensor.place for tensor in entering if tensor.is_kept),
            outputs=tuple(self._end(node.id) for node in self._block.outputs),
            backward=self._tally.backward,
            largest=self._tally.largest(),
            given=given,
        )

    def _end(self, id: NodeId) -> tuple[int, Names, int, bool, bool]:
        edges = self._graph.feeding(id, "x")
        tensor = self._from(edges[0]) if edges else None
        if tensor is None:
            return -1, (), 0, False, True
        return tensor.place, tensor.names, tensor.size, tensor.learns, tensor.is_kept
