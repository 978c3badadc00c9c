"""Shapes of one instance of a block, node by node; what an edit did not touch is taken over from the last time."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from typing import Any

from engine.analysis.control import control_record, controlled
from engine.analysis.entering import input_record
from engine.analysis.execute import outcome
from engine.analysis.nested import (
    arguments,
    chosen_layer,
    culprit,
    holding,
    refusal,
    repeated_problem,
    same_blocks,
    sizes_as_default,
    unlike_shared,
)
from engine.analysis.record import Gathered, Record, differs, from_error, gather, is_troubled, kept, problem
from engine.analysis.structure import circle_problem, on_cycles
from engine.analysis.walked import Walked, told, unread, unread_again
from engine.analysis.weigh import counts, tied_records, weight_problems
from engine.document.project import Project
from engine.errors import EngineError, Problem
from engine.graph.block import Block
from engine.graph.graph import BlockId, Graph, Node, NodeId
from engine.graph.lately import Lately
from engine.graph.others import difference
from engine.graph.shapes import BlockShapes, NodeShapes
from engine.layers.base import Layer, Port
from engine.layers.block import COUNT, REPEAT, BlockLayer, Holder, Shared
from engine.layers.chosen import Chosen
from engine.layers.code import Missing
from engine.layers.io import Input, Output
from engine.tensor import TensorSpec

Specs = tuple[TensorSpec | None, ...]
_CONTEXTUAL = (Shared, Chosen, Input)
"""Layers whose result depends on more than their own wires, so that they are looked at every time."""


_memo: Lately[Walked] = Lately(100_000)  # nodes, of all instances together


def clear_memo() -> None:
    """Forget every instance of every block."""
    _memo.clear()


class Instances:
    """Finds the shapes of blocks of one project. Never raises; what is wrong stands in the result's problems."""

    def __init__(self, project: Project, trusted: bool) -> None:
        self._project, self._trusted = project, trusted
        self._inner: dict[BlockId, dict[BlockId, Block | None]] = {}

    def of(
        self,
        block: Block,
        args: Mapping[str, Any],
        inputs: Specs,
        above: tuple[BlockId, ...] = (),
        absent: frozenset[str] = frozenset(),
    ) -> BlockShapes:
        """The block with these values for its parameters and these tensors at its inputs; `absent` are left out."""
        circle = above if self.in_circle(block.id) else ()
        key = (block.id, tuple(args.items()), inputs, absent, self._trusted, circle)
        last = _memo.get(key, block)
        inner = self.inside(block.id)
        if last is not None and last.block is block and same_blocks(last.inner, inner):
            return last.shapes
        walk = _Walk(self, self._project, block, args, inputs, absent, (*above, block.id), self._trusted, last)
        walked = walk.walk(inner)
        _memo.put(key, block, walked)
        return walked.shapes

    def in_circle(self, block: BlockId) -> bool:
        """Whether a block stands in itself, or one does that it uses."""
        inner = self.inside(block)
        return any(b in self.inside(b) for b in (block, *inner))

    def inside(self, block: BlockId) -> dict[BlockId, Block | None]:
        if block not in self._inner:
            blocks = self._project.blocks
            self._inner[block] = {b: blocks.get(b) for b in sorted(self._project.uses(block))}
        return self._inner[block]


class _Walk:
    def __init__(
        self,
        instances: Instances,
        project: Project,
        block: Block,
        args: Mapping[str, Any],
        inputs: Specs,
        absent: frozenset[str],
        stack: tuple[BlockId, ...],
        trusted: bool,
        last: Walked | None,
    ) -> None:
        self._instances, self._project, self._stack, self._trusted = instances, project, stack, trusted
        self._block, self._args, self._inputs, self._absent, self._last = block, args, inputs, absent, last
        self._lost: list[Problem] = []
        self._graph = self._sound(block.graph)
        self._records: dict[NodeId, Record] = {}
        self._troubled: set[NodeId] = set()
        self._unread: frozenset[NodeId] = frozenset()

    def _sound(self, graph: Graph) -> Graph:
        """The graph without wires that lead nowhere, which only a damaged file can have."""
        if not graph.lost:
            return graph
        message, hint = "A wire has lost one of its ends.", "Save the file again without it."
        self._lost = [Problem("error", message, hint, self._block.id)]
        return Graph(graph.nodes, graph.edges - graph.lost, graph.next_id)

    def walk(self, inner: Mapping[BlockId, Block | None]) -> Walked:
        stale = self._stale(inner)
        if self._last is not None and self._is_sound(self._last):
            shapes = self._again(self._last, stale)
            circles: list[Problem] = []
        else:
            self._through(stale)
            circles = self._cyclic()
            shapes = {id: record.shapes for id, record in self._records.items()}
            self._troubled = {id for id, record in self._records.items() if is_troubled(record)}
            self._unread = unread(self._graph)
        for found in (unlike_shared, tied_records):
            self._records |= (other := found(self._block.id, self._graph, self._records))
            shapes |= {id: record.shapes for id, record in other.items()}
            self._troubled.update(other)
        result = self._result(circles, shapes)
        if self._last is not None:
            result.go_on_from(self._last.shapes)
        troubled = frozenset(self._troubled)
        return Walked(self._block, self._graph.wiring, inner, self._records, troubled, self._unread, result)

    def _is_sound(self, last: Walked) -> bool:
        """Whether the wires run nowhere in a circle, neither now nor the last time."""
        wiring = self._graph.wiring
        return len(wiring.order) == len(wiring.ids) and len(last.wiring.order) == len(last.wiring.ids)

    def _again(self, last: Walked, stale: set[NodeId]) -> dict[NodeId, NodeShapes]:
        """Look only at what an edit touched, and at what leans on that, in the order of the wires."""
        nodes, before, wiring = self._graph.nodes, last.block.graph.nodes, self._graph.wiring
        changed, gone = difference(last.block.graph, self._block.graph)
        records, shapes = dict(last.records), dict(last.shapes.nodes)
        self._records, self._troubled = records, set(last.troubled - gone)
        stale |= changed
        waiting = sorted(wiring.rank[id] for id in stale if id in wiring.rank)
        while waiting:
            id = wiring.order[heapq.heappop(waiting)]
            while waiting and wiring.order[waiting[0]] == id:
                heapq.heappop(waiting)
            node, old = nodes[id], last.records.get(id)
            records[id] = record = kept(old, self._record(node))
            shapes[id] = record.shapes
            (self._troubled.add if is_troubled(record) else self._troubled.discard)(id)
            if old is None or differs(old, record) or before[id].name != node.name:
                for edge in self._graph.out_of(id):
                    heapq.heappush(waiting, wiring.rank[edge.target])
        if wiring.order is not last.wiring.order and wiring.order != last.wiring.order:
            self._records = dict(zip(wiring.order, map(records.__getitem__, wiring.order)))
            shapes = dict(zip(wiring.order, map(shapes.__getitem__, wiring.order)))
        self._unread = last.unread
        if wiring is not last.wiring:
            ends = (edge.source for edge in last.rewired(self._block, self._graph))
            self._unread = unread_again(last.unread, self._graph, (*ends, *changed, *gone))
        return shapes

    def _through(self, stale: set[NodeId]) -> None:
        """Look at every node of which it is not certain that it is as it was."""
        nodes = self._graph.nodes
        last = self._last.records if self._last else {}
        before = self._last.block.graph.nodes if self._last else {}
        for id in self._graph.order():
            node, old = nodes[id], last.get(id)
            fresh = old is not None and id not in stale and before.get(id) is node
            record = old if fresh and old is not None else kept(old, self._record(node))
            self._records[id] = record
            if not fresh and (old is None or differs(old, record) or before[id].name != node.name):
                stale.update(edge.target for edge in self._graph.out_of(id))

    def _stale(self, inner: Mapping[BlockId, Block | None]) -> set[NodeId]:
        """Nodes that have to be looked at whatever became of those before them."""
        graph = self._graph
        stale = {id for kind in _CONTEXTUAL for id in graph.of_kind(kind)}
        stale.update(id for id in graph.marked if graph.nodes[id].weights.tied)
        if self._last is None:
            return stale
        other = {b for b in {**inner, **self._last.inner} if inner.get(b) is not self._last.inner.get(b)}
        if self._instances.in_circle(self._block.id):
            other |= inner.keys()
        stale.update(holding(graph, other | {b for b in inner if not other.isdisjoint(self._instances.inside(b))}))
        if self._last.wiring is not graph.wiring:
            stale.update(edge.target for edge in self._last.rewired(self._block, graph))
        return stale

    def _result(self, circles: list[Problem], shapes: Mapping[NodeId, NodeShapes]) -> BlockShapes:
        records, graph = self._records, self._graph
        said = told(self._block.id, graph, self._ports, records, self._troubled, self._unread)
        ends = (records[node.id].shapes.inputs.get("x") for node in self._block.outputs)
        return BlockShapes(
            block=self._block.id,
            args=dict(self._args),
            inputs=self._inputs,
            nodes=shapes,
            outputs=tuple(spec if isinstance(spec, TensorSpec) else None for spec in ends),
            problems=(*self._lost, *circles, *said),
        )

    def _cyclic(self) -> list[Problem]:
        """Nodes that no order reaches: those in a circle, and what hangs on them."""
        left = [id for id in self._graph.nodes if id not in self._records]
        if not left:
            return []
        circles = on_cycles(self._graph, left)
        guilty = {id for circle in circles for id in circle}
        for id in left:
            node = self._graph.nodes[id]
            root = id if id in guilty else circles[0][0]
            outputs: dict[str, TensorSpec | None] = {p.name: None for p in self._ports(node)[1]}
            until = f"{node.name} is out of its circle"
            self._records[id] = Record(NodeShapes(node.layer, outputs=outputs, failed=id in guilty), (), root, until)
        return [circle_problem(self._block.id, [self._graph.nodes[id] for id in circle]) for circle in circles]

    def _ports(self, node: Node) -> tuple[tuple[Port, ...], tuple[Port, ...]]:
        return self._project.ports(node, self._block.id)

    def _record(self, node: Node) -> Record:
        layer = node.layer
        if isinstance(layer, Input):
            return input_record(self._block, node, layer, self._inputs, self._absent)
        into, out = self._ports(node)
        given = gather(self._block.id, self._graph, node, into, self._records)
        unknown: dict[str, TensorSpec | None] = {port.name: None for port in out}
        try:
            resolved = self._resolved(layer)
            if isinstance(layer, Shared):
                return self._shared(node, layer, given, unknown)
            return self._known(node, resolved, given, unknown)
        except EngineError as error:
            return self._failed(node, layer, given, unknown, error)

    def _resolved(self, layer: Layer) -> Layer:
        """The layer with every expression evaluated; for a chosen one, the layer that was chosen."""
        if isinstance(layer, Chosen):
            return chosen_layer(self._block, layer, self._args)
        return layer.resolve(self._args)

    def _failed(
        self, node: Node, layer: Layer, given: Gathered, outputs: Mapping[str, TensorSpec | None], error: EngineError
    ) -> Record:
        said = from_error(self._block.id, self._graph, node, error, given.shown)
        shapes = NodeShapes(layer, given.shown, outputs, failed=True)
        return Record(shapes, (*given.problems, said), node.id, f"{node.name} fits")

    def _known(
        self, node: Node, layer: Layer, given: Gathered, unknown: Mapping[str, TensorSpec | None], weights: bool = True
    ) -> Record:
        if isinstance(layer, Missing):
            kind = (layer.data or {}).get("kind", "?")
            message = f"{kind} is no layer that this version knows."
            wrong = problem(self._block.id, node, message, "It is kept. Replace or delete it.")
            shapes = NodeShapes(layer, given.shown, unknown, failed=True)
            return Record(shapes, (wrong,), node.id, f"{node.name} is known")
        if isinstance(layer, BlockLayer):
            return self._block_record(node, layer, given, unknown, weights)
        if isinstance(layer, Holder):
            return self._control_record(node, layer, given, unknown, weights)
        if not self._trusted and layer.user_code():
            hint = "Read it, then let it run: the menu Train has Trust the code of this project."
            wrong = problem(self._block.id, node, f"{node.name} is not trusted yet.", hint, severity="warning")
            shapes = NodeShapes(layer, given.shown, unknown, failed=bool(given.problems))
            return Record(shapes, (*given.problems, wrong), node.id, given.until or f"{node.name} is trusted")
        if given.specs is None:
            shapes = NodeShapes(layer, given.shown, unknown, failed=bool(given.problems))
            return Record(shapes, given.problems, given.root, given.until)
        if isinstance(layer, Output):
            return Record(NodeShapes(layer, given.shown, {}))
        return self._ran(node, layer, given, weights)

    def _ran(self, node: Node, layer: Layer, given: Gathered, weights: bool) -> Record:
        assert given.specs is not None
        found = outcome(layer, given.specs)
        problems: tuple[Problem, ...] = ()
        root: NodeId | None = None
        if found.error is not None:
            problems = (from_error(self._block.id, self._graph, node, found.error, given.shown),)
            root = node.id
        elif found.unread:
            message = f"The size of {', '.join(found.unread)} follows no rule that can be written down."
            problems = (problem(self._block.id, node, message, "Give the inputs fixed sizes.", severity="warning"),)
            root = node.id
        derived, parameters, trainable = found.derived, found.parameters, found.trainable
        if isinstance(node.layer, Chosen) and found.error is None:
            derived = sizes_as_default(self._block, node.layer.param, layer, given.specs, derived)
        if not node.weights.is_plain and found.error is None:
            begins = node.weights.resolve(self._args)
            parameters, trainable = counts(begins, found.named, parameters, trainable)
            problems += tuple(weight_problems(self._block.id, node, begins, found.named))
        shapes = NodeShapes(
            layer,
            given.shown,
            found.outputs,
            derived,
            parameters if weights else 0,
            trainable if weights else 0,
            found.flops,
            found.activation_bytes,
            failed=found.error is not None,
            named=found.named if weights else {},
            kept=found.kept,
            backward=found.backward,
        )
        return Record(shapes, problems, root, f"{node.name} fits" if root else "")

    def _block_record(
        self, node: Node, layer: BlockLayer, given: Gathered, unknown: Mapping[str, TensorSpec | None], weights: bool
    ) -> Record:
        block = self._project.blocks.get(BlockId(layer.block))
        refused = refusal(block, layer, self._stack)
        if block is None or refused is not None:
            wrong = problem(self._block.id, node, *(refused or ()))
            return Record(NodeShapes(layer, given.shown, unknown, failed=True), (wrong,), node.id, f"{node.name} fits")
        repeats = tuple(self._repeats(block, layer, given))
        last = repeats[-1]
        wrong_row = repeated_problem(layer, block, repeats)
        problems = given.problems + ((problem(self._block.id, node, *wrong_row),) if wrong_row else ())
        outputs = dict(zip(unknown, last.outputs)) if not wrong_row else dict(unknown)
        counted = repeats[:1] if layer.shared else repeats
        shapes = NodeShapes(
            layer,
            given.shown,
            outputs,
            {},
            sum(r.parameters for r in counted) if weights else 0,
            sum(r.trainable for r in counted) if weights and not node.weights.frozen else 0,
            sum(r.flops for r in repeats),
            sum(r.activation_bytes for r in repeats),
            repeats,
            bool(problems),
        )
        root, until, inside = given.root, given.until, False
        if root is None and (wrong_row or None in outputs.values()):
            root, inside = node.id, not wrong_row
            until = f"{node.name}.{culprit(repeats)}" if inside else f"{node.name} fits"
        return Record(shapes, problems, root, until, inside)

    def _control_record(
        self, node: Node, layer: Holder, given: Gathered, unknown: Mapping[str, TensorSpec | None], weights: bool
    ) -> Record:
        """A loop or a branch."""
        blocks = [(self._project.blocks.get(BlockId(i.block)), i) for i in layer.held()]
        refused = next((r for block, i in blocks if (r := refusal(block, i, self._stack))), None)
        if refused is not None:
            wrong = problem(self._block.id, node, *refused)
            return Record(NodeShapes(layer, given.shown, unknown, failed=True), (wrong,), node.id, f"{node.name} fits")
        there = [block for block, _ in blocks if block is not None]

        def of(index: int, inputs: Specs) -> BlockShapes:
            args = arguments(there[index], blocks[index][1], self._args)
            return self._instances.of(there[index], args, inputs, self._stack)

        shown = {name: spec if isinstance(spec, TensorSpec) else None for name, spec in given.shown.items()}
        found = controlled(layer, there, shown, given.specs is None, of)
        return control_record(self._block.id, self._graph, node, layer, given, found, weights)

    def _repeats(self, block: Block, layer: BlockLayer, given: Gathered) -> Iterator[BlockShapes]:
        specs = [given.shown.get(node.name) for node in block.inputs]
        inputs: Specs = tuple(s if isinstance(s, TensorSpec) else None for s in specs)
        scope = {COUNT: layer.repeat, **self._args}
        for repeat in range(layer.repeat):
            if not layer.shared:
                scope[REPEAT] = repeat
            values = arguments(block, layer, scope)
            shapes = self._instances.of(block, values, inputs, self._stack, given.absent)
            yield shapes
            if inputs and shapes.outputs:
                inputs = (*shapes.outputs[: layer.carry], *inputs[layer.carry :])

    def _shared(self, node: Node, layer: Shared, given: Gathered, unknown: Mapping[str, TensorSpec | None]) -> Record:
        original = self._graph.nodes.get(NodeId(layer.node))
        if original is None or isinstance(original.layer, (Shared, Input, Output)):
            message = f"{node.name} repeats a layer that is not there."
            if original is not None:
                message = f"{node.name} repeats {original.name}, which has no weights of its own."
            wrong = problem(self._block.id, node, message, "Choose another layer to repeat, or delete this one.")
            return Record(NodeShapes(layer, {}, unknown, failed=True), (wrong,), node.id, f"{node.name} fits")
        return self._known(node, self._resolved(original.layer), given, unknown, weights=False)
