"""Putting the layers of a block where its instance stood."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import Any

from engine.document.expressions import argument_with_values, layer_with_values, weights_with_values
from engine.document.group_drawing import with_inside
from engine.document.names import unique
from engine.document.project import Layout, Point, Probe, Project, Reroute
from engine.document.reroutes import beside, carried
from engine.document.weights import may_hold_weights, retied
from engine.document.wiring import instances, sharing, with_graph, with_positions
from engine.errors import EditError
from engine.expr import Expr
from engine.graph.block import Block
from engine.graph.graph import Edge, Graph, Node, NodeId
from engine.layers.base import ModuleLayer
from engine.layers.block import COUNT, REPEAT, BlockLayer, Holder, Shared
from engine.layers.io import Input, Output, Parameter
from engine.recipe.weights import PLAIN

End = tuple[NodeId, str]
_COLUMN = 256.0
_GRID = 8
_MOST = 2000


@dataclass(frozen=True)
class Ungroup:
    """Put the layers of a block where its instance stands, as often as it repeats, with the same wiring.

    The values of its parameters go into every expression. A block that nothing uses any more goes with it.
    """

    node: NodeId
    block: str = ""
    label = "Ungroup"

    def __call__(self, project: Project) -> Project:
        node, outer = project.node(self.node, self.block), project.block(self.block)
        if not isinstance(node.layer, BlockLayer):
            raise EditError(f"{node.name} is no block.", "Only an instance of a block can be ungrouped.")
        if users := sharing(outer.graph, node.id):
            raise EditError(f"{users[0].name} uses the weights of {node.name}.", f"Remove {users[0].name} first.")
        inner, repeat = project.block(node.layer.block), node.layer.repeat
        if isinstance(repeat, Expr):
            raise EditError(f"{node.name} repeats {repeat} times, which is no fixed number.", "Set a number first.")
        if repeat * len(inner.graph.nodes) > _MOST:
            raise EditError(f"{node.name} would become more than {_MOST} layers.", "Lower its repeats first.")
        unrolled = _Unrolled(outer.graph, node, node.layer, inner)
        project = with_graph(project, self.block, unrolled.graph())
        layout = project.layout_of(self.block)
        positions = unrolled.positions(dict(project.layout_of(inner.id).positions), layout.at(node.id))
        project = with_positions(project, self.block, {**layout.positions, **positions})
        points = unrolled.reroutes(project.layout_of(inner.id), layout.at(node.id))
        drawn = unrolled.drawn(project.layout_of(self.block), project.layout_of(inner.id), layout.at(node.id))
        if points:
            drawn = replace(drawn, reroutes=beside(drawn.reroutes, points))
        project = project.with_layout(self.block, drawn)
        if any(True for _ in instances(project, inner.id)):
            return project
        blocks = {key: value for key, value in project.blocks.items() if key != inner.id}
        return replace(project, blocks=blocks, layout={k: v for k, v in project.layout.items() if k != inner.id})


class _Unrolled:
    """The layers of an instance as layers of the outer block, one copy for every repetition."""

    def __init__(self, outer: Graph, instance: Node, layer: BlockLayer, inner: Block) -> None:
        self.outer, self.instance, self.inner, self.carry = outer, instance, inner, layer.carry
        self.taken = {node.name for node in outer.nodes.values() if node is not instance}
        self.next = outer.next_id
        self.layers = [n for n in inner.graph.nodes.values() if not isinstance(n.layer, (Input, Output))]
        self.comes_back = layer.repeat == 1 and not any(n.id in outer.nodes for n in self.layers)
        """Whether the layers can be called what they were called before they were grouped."""
        self.copies: list[dict[NodeId, Node]] = []
        for i in range(layer.repeat):
            self.copies.append(self._copy(_values(inner, layer, i), layer.shared))

    def _copy(self, values: dict[str, Any], shared: bool) -> dict[NodeId, Node]:
        ids = {node.id: NodeId(f"n{self.next + k}") for k, node in enumerate(self.layers)}
        if self.comes_back:
            ids = {node.id: node.id for node in self.layers}
        owners = {old: made.id for old, made in self.copies[0].items()} if shared and self.copies else ids
        self.next = max(self.inner.graph.next_id, self.next) if self.comes_back else self.next + len(ids)
        found: dict[NodeId, Node] = {}
        for node in self.layers:
            layer, weights = layer_with_values(node.layer, values), weights_with_values(node.weights, values)
            if isinstance(layer, Shared):
                layer = layer.with_(node=owners[NodeId(layer.node)])
            elif owners is not ids and isinstance(layer, (ModuleLayer, Parameter, Holder)):
                layer = Shared(node=owners[node.id])
            name = unique(node.name, self.taken)
            self.taken.add(name)
            weights = weights.within(self.instance.weights)
            weights = weights if may_hold_weights(layer) else PLAIN
            if weights.tied:
                weights = retied(replace(node, weights=weights), ids)
            found[node.id] = Node(ids[node.id], name, layer, weights, node.muted or self.instance.muted)
        return found

    def graph(self) -> Graph:
        """The outer graph with the copies in the instance's place."""
        me = self.instance.id
        edges = {e for e in self.outer.edges if me not in (e.source, e.target)}
        for i, copy in enumerate(self.copies):
            for edge in self.inner.graph.edges:
                if edge.target in copy and (source := self._source(i, edge)):
                    edges.add(Edge(*source, copy[edge.target].id, edge.target_port, edge.slot))
        results = {node.name: node.id for node in self.inner.outputs}
        for edge in self.outer.out_of(me):
            if source := self._result(len(self.copies) - 1, results[edge.source_port]):
                edges.add(replace(edge, source=source[0], source_port=source[1]))
        return Graph(self._in_order(), frozenset(edges), self.next)

    def _in_order(self) -> dict[NodeId, Node]:
        """The layers in the instance's place, or where each was before they were grouped, if its number tells."""
        waiting = deque(made for copy in self.copies for made in copy.values())
        tells = self.comes_back and all(n.id[1:].isdigit() for n in (*waiting, *self.outer.nodes.values()))
        nodes: dict[NodeId, Node] = {}
        for node in self.outer.nodes.values():
            is_instance = node is self.instance
            while waiting and is_instance != tells and (is_instance or _comes_before(waiting[0], node)):
                made = waiting.popleft()
                nodes[made.id] = made
            if not is_instance:
                nodes[node.id] = node
        return nodes | {left.id: left for left in waiting}

    def _source(self, i: int, edge: Edge) -> End | None:
        """What feeds an inner wire of copy i: a layer of the same copy, or whatever comes in through the port."""
        if edge.source in self.copies[i]:
            return self.copies[i][edge.source].id, edge.source_port
        port = self.inner.graph.nodes[edge.source]
        place = self.inner.inputs.index(port)
        if i and place < self.carry:
            return self._result(i - 1, self.inner.outputs[place].id) if place < len(self.inner.outputs) else None
        for outside in self.outer.feeding(self.instance.id, port.name):
            return outside.source, outside.source_port
        return None

    def _result(self, i: int, output: NodeId) -> End | None:
        """What copy i gives at one of its outputs."""
        for edge in self.inner.graph.feeding(output, "x"):
            return self._source(i, edge)
        return None

    def reroutes(self, inside: Layout, at: Point) -> tuple[Reroute, ...]:
        """The points of the inner wires on what these became, one copy beside the other as the layers are."""
        found: list[Reroute] = []
        results = {node.id: node.name for node in self.inner.outputs}
        leaving = self.outer.out_of(self.instance.id)
        for i, (dx, dy) in enumerate(self._away(dict(inside.positions), at)):
            wires: dict[Edge, list[Edge]] = {}
            for edge in self.inner.graph.edges:
                source = self._source(i, edge)
                if source is None:
                    continue
                if edge.target in self.copies[i]:
                    wires[edge] = [Edge(*source, self.copies[i][edge.target].id, edge.target_port, edge.slot)]
                elif i == len(self.copies) - 1 and edge.target in results:
                    out = [e for e in leaving if e.source_port == results[edge.target]]
                    wires[edge] = [replace(e, source=source[0], source_port=source[1]) for e in out]
            found += carried(inside.reroutes, wires, (dx, dy))
        return tuple(found)

    def drawn(self, outside: Layout, inside: Layout, at: Point) -> Layout:
        """The drawing around the instance with that of the inside, beside each copy of the layers."""
        names = [{old: made.id for old, made in copy.items()} for copy in self.copies]
        results = {node.name: node.id for node in self.inner.outputs}
        ends = {name: self._result(len(self.copies) - 1, id) for name, id in results.items()}
        probes = []
        for probe in outside.probes:
            end = ends.get(probe.port) if probe.node == self.instance.id else (probe.node, probe.port)
            probes += [Probe(*end)] if end is not None else []
        outside = replace(outside, probes=tuple(probes))
        return with_inside(outside, inside, self._away(dict(inside.positions), at), names)

    def _away(self, inside: dict[NodeId, Point], at: Point) -> list[Point]:
        """How far each copy is drawn from where the layers stand inside the block."""
        old = [inside.get(node.id, (0.0, 0.0)) for node in self.layers]
        if not old:
            return []
        left, right = min(x for x, _ in old), max(x for x, _ in old)
        mx, my = middle(old)
        return [(at[0] - mx + i * (right - left + _COLUMN), at[1] - my) for i in range(len(self.copies))]

    def positions(self, inside: dict[NodeId, Point], at: Point) -> dict[NodeId, Point]:
        """The layers drawn around where the instance was, one copy beside the other."""
        old = {node.id: inside.get(node.id, (0.0, 0.0)) for node in self.layers}
        found: dict[NodeId, Point] = {}
        for copy, (dx, dy) in zip(self.copies, self._away(inside, at), strict=False):
            found |= {made.id: (old[node][0] + dx, old[node][1] + dy) for node, made in copy.items()}
        return found


def _comes_before(one: Node, other: Node) -> bool:
    """Whether the first was there before the second, as their numbers tell."""
    return int(one.id[1:]) < int(other.id[1:])


def middle(points: list[Point]) -> Point:
    """The mean of some positions, on the grid: where one instance stands for several layers."""
    x, y = sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)
    return float(round(x / _GRID) * _GRID), float(round(y / _GRID) * _GRID)


def _values(inner: Block, layer: BlockLayer, i: int) -> dict[str, Any]:
    """The block's parameters as literals or expressions of the outer block, in repetition i."""
    values = inner.defaults()
    for name, value in layer.args.items():
        values[name] = argument_with_values(value, {REPEAT: i, COUNT: layer.repeat})
    return values
