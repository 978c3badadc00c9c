"""What one pass forward leaves in memory for the pass back: every tensor that some layer keeps, each counted once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from engine.graph.block import Block
from engine.graph.graph import BlockId, Edge, Graph, NodeId
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


_NOTHING: Mapping[str, tuple[Edge, ...]] = {}


@lru_cache(maxsize=1024)
def _alone(names: Names, size: int) -> Bytes:
    """Bytes of one kind: a single mapping, never changed, for all layers that keep as much."""
    return {names: size}


def _taken(layer: Branch, repeats: tuple[BlockShapes, ...]) -> tuple[BlockShapes, ...]:
    """The way that is taken, the dearer one where that is not known before; none where the inputs go through."""
    if layer.on == "parameter":
        return repeats[:1] if layer.when else repeats[1:2]
    return (max(repeats, key=lambda shapes: shapes.activation_bytes),)


def _sound(graph: Graph) -> Graph:
    """The graph without wires that lead nowhere, which only a damaged file can have."""
    lost = frozenset(e for e in graph.edges if e.source not in graph.nodes or e.target not in graph.nodes)
    return Graph(graph.nodes, graph.edges - lost, graph.next_id) if lost else graph


@dataclass(slots=True)
class _Tensor:
    """A piece of memory. place: the input of the block that it is, else -1."""

    names: Names
    size: int
    owner: NodeId
    learns: bool
    place: int = -1
    kept: bool = False


def _is_built_alike(a: NodeShapes, b: NodeShapes) -> bool:
    """Whether two looks at a node differ in nothing but sizes, as far as it matters who keeps what."""
    if a.repeats or b.repeats or (a.trainable > 0) != (b.trainable > 0) or a.outputs.keys() != b.outputs.keys():
        return False
    kept, other = a.kept, b.kept
    if (kept.inputs, kept.outputs, kept.views) != (other.inputs, other.outputs, other.views) or isinstance(
        a.layer, Input
    ):
        return a.outputs == b.outputs and kept == other
    pairs = zip(a.outputs.values(), b.outputs.values(), strict=True)
    return all(type(x) is type(y) and (x is None or y is None or x.dtype == y.dtype) for x, y in pairs)


class Holdings:
    """Finds what instances keep, looking at each distinct one once. The blocks are those without muted layers."""

    def __init__(self, blocks: Mapping[BlockId, Block]) -> None:
        self._blocks = blocks
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
            self._known[key] = Walk(self, self._blocks, shapes, flags, ends).walk()
        return self._known[key]

    def main(self, shapes: BlockShapes, last: Walk | None) -> tuple[Held, Walk]:
        """What the main block keeps, and the walk that found it, from which the next goes on where it can."""
        if last is not None and (held := last.again(self._blocks, shapes)) is not None:
            return held, last
        nothing, all_of_them = (False,) * len(shapes.inputs), (True,) * len(shapes.outputs)
        walk = Walk(self, self._blocks, shapes, nothing, all_of_them)
        return walk.walk(), walk


class Walk:
    """One look at one instance, in the order of its wires."""

    def __init__(
        self,
        holdings: Holdings,
        blocks: Mapping[BlockId, Block],
        shapes: BlockShapes,
        learns: tuple[bool, ...],
        used: tuple[bool, ...],
    ) -> None:
        self._holdings, self._shapes, self._learns = holdings, shapes, learns
        self._blocks_of, self._block = blocks, blocks[BlockId(shapes.block)]
        self._graph = _sound(self._block.graph)
        self._read: set[tuple[NodeId, str]] = set()
        self._idle = self._leading_nowhere(used)
        self._tensors: dict[tuple[NodeId, str], _Tensor] = {}
        self._extra: dict[NodeId, Bytes] = {}
        self._all: list[_Tensor] = []
        self._backward = 0
        self._unreached: set[NodeId] = set()

    def again(self, blocks: Mapping[BlockId, Block], shapes: BlockShapes) -> Held | None:
        """The same for shapes that differ in nothing but sizes; None where they do, and all must be looked at anew."""
        block, before, now = blocks.get(shapes.block), self._shapes.nodes, shapes.nodes
        if block is None or block.graph.wiring is not self._graph.wiring or before.keys() != now.keys():
            return None
        changed = [id for id, record in now.items() if record is not before[id]]
        if not all(_is_built_alike(before[id], now[id]) for id in changed):
            return None
        self._shapes, self._block, self._graph = shapes, block, block.graph
        for id in changed:
            self._resize(id, before[id], now[id])
        return self._result(self._graph)

    def _resize(self, id: NodeId, before: NodeShapes, now: NodeShapes) -> None:
        self._extra.pop(id, None)
        for port, spec in now.outputs.items():
            tensor = self._tensors.get((id, port))
            if tensor is not None and tensor.owner == id and spec is not None:  # else it is a view of another's
                tensor.names, tensor.size = spec.memory
                if tensor.kept and tensor.place < 0:
                    self._add(id, tensor.names, tensor.size)
        unreached = id in self._unreached
        learns = not unreached or now.trainable > 0
        for spec in now.kept.extra if learns else ():
            self._add(id, *spec.memory)
        if learns and id not in self._idle:
            self._backward += now.backward[unreached] - before.backward[unreached]

    def walk(self) -> Held:
        graph = self._graph
        order = {node.id: i for i, node in enumerate(self._block.inputs)}
        for id in graph.order():
            shapes = self._shapes.nodes.get(id)
            if shapes is None:
                continue
            if isinstance(graph.nodes[id].layer, Input):
                place = order[id]
                spec = shapes.outputs.get("out")
                if spec is not None and not isinstance(spec, NumberSpec):
                    learns = place < len(self._learns) and self._learns[place] and spec.is_floating
                    self._tensors[id, "out"] = self._new(*spec.memory, id, learns, False, place)
                self._unreached.add(id)
            elif isinstance(graph.nodes[id].layer, Output):
                self._unreached.add(id)
            else:
                self._node(graph, id, shapes)
        return self._result(graph)

    def _leading_nowhere(self, used: tuple[bool, ...]) -> set[NodeId]:
        """The few nodes from which nothing is reached that is learned from, so that they are not run back.

        Of those that hold blocks, the outputs that do lead on are noted.
        """
        found = {node.id for node, is_used in zip(self._block.outputs, used) if is_used}
        into, nodes = self._graph.wiring.into, self._shapes.nodes
        for id in reversed(self._graph.order()):
            if id in found:
                for edges in into.get(id, _NOTHING).values():
                    for edge in edges:
                        found.add(edge.source)
                        if (source := nodes.get(edge.source)) and source.repeats:
                            self._read.add((edge.source, edge.source_port))
        return self._graph.nodes.keys() - found

    def _node(self, graph: Graph, id: NodeId, shapes: NodeShapes) -> None:
        wires = graph.wiring.into.get(id, _NOTHING)
        if shapes.repeats:
            if isinstance(shapes.layer, BlockLayer):
                self._row(id, shapes, wires, shapes.repeats)
            elif isinstance(shapes.layer, Branch):
                self._row(id, shapes, wires, _taken(shapes.layer, shapes.repeats))
            else:
                self._loop(id, shapes, wires)
            return
        tensors, reached = self._tensors, False
        for edges in wires.values():  # written out: this is walked after every edit
            for edge in edges:
                tensor = tensors.get((edge.source, edge.source_port))
                reached = reached or (tensor is not None and tensor.learns)
        if not reached:
            self._unreached.add(id)
        learns, kept = reached or shapes.trainable > 0, shapes.kept
        for port, spec in shapes.outputs.items():
            shown = self._shown(wires, kept, port) if kept.views else None
            if shown is not None:
                tensors[id, port] = shown
            elif spec is not None and not isinstance(spec, NumberSpec):
                tensor = _Tensor(*spec.memory, id, learns and spec.dtype in FLOATING)
                tensors[id, port] = tensor
                self._all.append(tensor)
        if not learns:
            return
        self._backward += shapes.backward[not reached] if id not in self._idle else 0
        for name in kept.inputs:
            self._keep(self._named(wires, name))
        for port in kept.outputs:
            self._keep(self._tensors.get((id, port)))
        for spec in kept.extra:
            self._add(id, *spec.memory)

    def _shown(self, wires: Mapping[str, tuple[Edge, ...]], kept: Kept, port: str) -> _Tensor | None:
        """The input that an output is a view of."""
        return next((self._named(wires, source) for view, source in kept.views if view == port), None)

    def _row(
        self, id: NodeId, shapes: NodeShapes, wires: Mapping[str, tuple[Edge, ...]], repeats: tuple[BlockShapes, ...]
    ) -> None:
        """Instances in a row, the first outputs of each going into the first inputs of the next."""
        ports = [node.name for node in self._blocks_of[shapes.repeats[0].block].inputs]
        given = [self._from(wires[port][0]) if wires.get(port) else None for port in ports]
        made: list[_Tensor | None] = list(given)
        carry = shapes.layer.carry if isinstance(shapes.layer, BlockLayer) else 1
        used = [(id, port) in self._read for port in shapes.outputs]
        for index, repeat in enumerate(repeats):
            is_last = index == len(repeats) - 1
            leads = used if is_last else [id not in self._idle] * carry + [False] * (len(used) - carry)
            held = self._holdings.of(repeat, [t is not None and t.learns for t in given], leads)
            for names, size in held.total.items():
                self._add(id, names, size)
            self._backward += held.backward
            for place in held.inputs:
                self._keep(given[place] if place < len(given) else None)
            made = [
                given[place] if 0 <= place < len(given) else self._new(names, size, id, learns, kept)
                for place, names, size, learns, kept in held.outputs
            ]
            given = [*made[:carry], *given[carry:]]
        for port, tensor in zip(shapes.outputs, made):
            if tensor is not None:
                self._tensors[id, port] = tensor

    def _loop(self, id: NodeId, shapes: NodeShapes, wires: Mapping[str, tuple[Edge, ...]]) -> None:
        """A block applied over and over: what one time keeps, as often as it is applied."""
        once = max(inner.activation_bytes for inner in shapes.repeats)
        times = max(1, shapes.activation_bytes // once) if once else 1
        rows = []
        for inner in shapes.repeats:
            ports = [node.name for node in self._blocks_of[inner.block].inputs]
            given = [self._from(wires[port][0]) if wires.get(port) else None for port in ports]
            held = self._holdings.of(inner, [t is None or t.learns for t in given])
            first = self._holdings.of(inner, [t is not None and t.learns for t in given])  # its state is zeros
            rows.append((evaluate(held.total, {}), held, first, given))
        _, held, first, given = max(rows, key=lambda row: row[0])
        for names, size in held.total.items():
            self._add(id, names, times * size)
        for place in held.inputs:
            self._keep(given[place])
        self._backward += first.backward + (times - 1) * held.backward
        learns = shapes.trainable > 0 or any(t is not None and t.learns for t in given)
        for port, spec in shapes.outputs.items():
            if spec is not None and not isinstance(spec, NumberSpec):
                self._tensors[id, port] = self._new(*spec.memory, id, learns and spec.is_floating, False)

    def _from(self, edge: Edge) -> _Tensor | None:
        return self._tensors.get((edge.source, edge.source_port))

    def _named(self, wires: Mapping[str, tuple[Edge, ...]], name: str) -> _Tensor | None:
        port, _, index = name.partition(":")
        edges, number = wires.get(port, ()), int(index or 0)
        return self._from(edges[number]) if number < len(edges) else None

    def _new(self, names: Names, size: int, id: NodeId, learns: bool, kept: bool, place: int = -1) -> _Tensor:
        tensor = _Tensor(names, size, id, learns, place, kept)
        self._all.append(tensor)
        return tensor

    def _keep(self, tensor: _Tensor | None) -> None:
        if tensor is None or tensor.kept:
            return
        tensor.kept = True
        if tensor.place < 0:
            self._add(tensor.owner, tensor.names, tensor.size)

    def _add(self, id: NodeId, names: Names, size: int) -> None:
        mine = self._extra.get(id)
        if mine is None:
            self._extra[id] = _alone(names, size)
        elif len(mine) == 1 and names in mine:
            self._extra[id] = _alone(names, mine[names] + size)
        else:
            self._extra[id] = {**mine, names: mine.get(names, 0) + size}

    def _result(self, graph: Graph) -> Held:
        total: dict[Names, int] = {}
        for memory in self._extra.values():
            for names, size in memory.items():
                total[names] = total.get(names, 0) + size
        largest = max(self._all, key=lambda t: (len(t.names), t.size), default=None)
        return Held(
            nodes=dict(self._extra),
            total=total,
            inputs=frozenset(t.place for t in self._all if t.place >= 0 and t.kept),
            outputs=tuple(self._end(graph, node.id) for node in self._block.outputs),
            backward=self._backward,
            largest={largest.names: largest.size} if largest else {},
            given={n: sum(t.size for t in self._all if t.place >= 0 and t.names == n) for n in self._given()},
        )

    def _given(self) -> set[Names]:
        return {t.names for t in self._all if t.place >= 0}

    def _end(self, graph: Graph, id: NodeId) -> tuple[int, Names, int, bool, bool]:
        edges = graph.feeding(id, "x")
        tensor = self._from(edges[0]) if edges else None
        if tensor is None:
            return -1, (), 0, False, True
        return tensor.place, tensor.names, tensor.size, tensor.learns, tensor.kept
