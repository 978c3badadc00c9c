"""Turning a selection into a block of its own, and a block back into its layers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from engine.document.block_edits import fresh_block_id
from engine.document.group_drawing import split_frames
from engine.document.names import compose, need_class_name, snake, unique
from engine.document.project import Layout, Point, Project, Reroute
from engine.document.reroutes import carried
from engine.document.ungrouping import End, Ungroup, middle
from engine.document.wiring import need_nodes, sharing, with_graph, with_positions
from engine.errors import EditError
from engine.expr import Expr
from engine.graph.block import Block
from engine.graph.graph import Edge, Graph, Node, NodeId
from engine.layers.base import Port
from engine.layers.block import BlockLayer, Shared, held
from engine.layers.chosen import Chosen, expressions_in
from engine.layers.io import Input, Output

__all__ = ["Group", "Ungroup"]

PortsOf = Mapping[NodeId, tuple[tuple[Port, ...], tuple[Port, ...]]]

_COLUMN = 256.0  # from one column of layers to the next
_ROW = 96.0


@dataclass(frozen=True)
class Group:
    """Make a block of some layers; one instance takes their place, and every wire across the border a port.

    name: the class name. Inputs and outputs of the network stay outside; frames that hold no other layer go along, and
    those that are named by their ids. Parameters that the layers mention become parameters of the block, and the
    instance passes them on.
    """

    nodes: Iterable[NodeId]
    name: str
    block: str = ""
    frames: Iterable[str] = ()

    def __post_init__(self) -> None:
        compose(self, "name")
        object.__setattr__(self, "nodes", tuple(self.nodes))
        object.__setattr__(self, "frames", tuple(self.frames))

    @property
    def label(self) -> str:
        return f"Group into {self.name}"

    def __call__(self, project: Project) -> Project:
        outer = project.block(self.block)
        need_class_name(self.name, {b.name for b in project.blocks.values()})
        wanted = {n.id for n in need_nodes(project, self.block, self.nodes) if not isinstance(n.layer, (Input, Output))}
        chosen = [node for node in outer.graph.nodes.values() if node.id in wanted]
        _need_whole(outer.graph, chosen)
        border = _Border(project, outer, chosen)
        params = tuple(p for p in outer.params if p.name in mentioned(chosen))
        inner = Block(fresh_block_id(project, self.name), self.name, params, border.inner_graph())
        new = NodeId(f"n{outer.graph.next_id}")
        layer = BlockLayer(block=inner.id, args={p.name: Expr(p.name) for p in params})
        ids = {node.id for node in chosen}
        taken = {n.name for n in outer.graph.nodes.values() if n.id not in ids}
        instance = Node(new, unique(snake(self.name), taken), layer)
        layout = project.layout_of(self.block)
        positions = dict(layout.positions)
        reroutes = carried(layout.reroutes, {edge: (edge,) for edge in border.inside})
        going, staying = split_frames(layout, ids, set(self.frames))
        inside = replace(border.inner_layout(positions, reroutes), frames=going)
        inside = replace(inside, probes=tuple(p for p in layout.probes if p.node in ids))
        project = project.with_block(inner).with_layout(inner.id, inside)
        project = project.with_layout(self.block, replace(layout, frames=staying))
        project = with_graph(project, self.block, border.outer_graph(instance))
        positions[new] = middle([positions.get(node.id, (0.0, 0.0)) for node in chosen])
        return with_positions(project, self.block, positions)


def _need_whole(graph: Graph, chosen: list[Node]) -> None:
    """Raises: EditError unless the nodes can become one without a circle, or weights shared across the border."""
    if not chosen:
        raise EditError("Inputs and outputs alone make no block.", "Select at least one layer.")
    ids = {node.id for node in chosen}
    after = frozenset[NodeId]().union(*(graph.downstream(node) for node in ids))
    before = frozenset[NodeId]().union(*(graph.upstream(node) for node in ids))
    if between := [graph.nodes[node].name for node in graph.nodes if node in (after & before) - ids]:
        raise EditError(
            f"{', '.join(between)} stands between these layers: data would go round in a circle.",
            "Select it too.",
        )
    for node in chosen:
        if isinstance(node.layer, Shared) and node.layer.node not in ids:
            original = graph.nodes[NodeId(node.layer.node)].name
            raise EditError(f"{node.name} uses the weights of {original}, which stays outside.", "Select both.")
        if node.weights.tied and node.weights.tied not in ids:
            raise EditError(f"{node.name} is tied to a layer that stays outside.", "Select both, or untie it.")
        for user in (*sharing(graph, node.id), *(n for n in graph.nodes.values() if n.weights.tied == node.id)):
            if user.id not in ids:
                raise EditError(f"{user.name} uses the weights of {node.name} and stays outside.", "Select both.")


def mentioned(nodes: Iterable[Node]) -> set[str]:
    """The parameters that expressions in these layers mention."""
    found: set[str] = set()
    for node in nodes:
        expressions = list(node.layer.expressions().values())
        for instance in held(node.layer):
            expressions += expressions_in(instance.args)
        if isinstance(node.layer, Chosen):
            found.add(node.layer.param)
        found = found.union(node.weights.mentioned(), *(e.names() for e in expressions))
    return found


class _Border:
    """What crosses from the outside into the chosen layers and back, and the ports that it becomes."""

    def __init__(self, project: Project, outer: Block, chosen: list[Node]) -> None:
        self.graph, self.chosen = outer.graph, chosen
        self.ids = {node.id for node in chosen}
        rank = {node: i for i, node in enumerate(outer.graph.nodes)}
        ports = {node.id: project.ports(node, outer.id) for node in chosen}
        order = {(n, p.name): i for n, (into, _) in ports.items() for i, p in enumerate(into)}
        edges = outer.graph.edges
        self.inside = {e for e in edges if e.source in self.ids and e.target in self.ids}
        entering = [e for e in edges if e.source not in self.ids and e.target in self.ids]
        leaving = [e for e in edges if e.source in self.ids and e.target not in self.ids]
        self.entering = sorted(entering, key=lambda e: (rank[e.target], order[e.target, e.target_port], e.slot))
        self.leaving = sorted(leaving, key=lambda e: (rank[e.source], e.source_port, rank[e.target], e))
        self.taken = {node.name for node in chosen}
        self.next = outer.graph.next_id
        self.inputs = self._inputs(ports)
        self.outputs = self._outputs(ports)

    def _port(self, name: str, layer: Input | Output) -> Node:
        name = unique(name, self.taken)
        self.taken.add(name)
        self.next += 1
        return Node(NodeId(f"n{self.next - 1}"), name, layer)

    def _inputs(self, ports: PortsOf) -> dict[End, Node]:
        """A port for every source outside, and one for every input that has no wire yet and needs one."""
        found: dict[End, Node] = {}
        many = {(n, p.name) for n, (into, _) in ports.items() for p in into if p.kind == "many"}
        for edge in self.entering:
            key = (edge.source, edge.source_port)
            if key not in found:
                by_source = (edge.target, edge.target_port) in many
                name = self.graph.nodes[edge.source].name if by_source else edge.target_port
                found[key] = self._port(name, Input())
        for node in self.chosen:
            for port in ports[node.id][0]:
                if port.kind == "required" and not self.graph.feeding(node.id, port.name):
                    found[node.id, port.name] = self._port(port.name, Input())
        return found

    def _outputs(self, ports: PortsOf) -> dict[End, Node]:
        """A port for every output that is read outside, and the first one of layers that nothing reads."""
        keys = dict.fromkeys((edge.source, edge.source_port) for edge in self.leaving)
        for node in self.chosen:
            if ports[node.id][1] and not self.graph.out_of(node.id):
                keys[node.id, ports[node.id][1][0].name] = None
        return {key: self._port("out" if len(keys) == 1 else self._told(key), Output()) for key in keys}

    def _told(self, key: tuple[NodeId, str]) -> str:
        name = self.graph.nodes[key[0]].name
        return f"{name}_out" if key[1] == "out" else f"{name}_{key[1]}"

    def inner_graph(self) -> Graph:
        """The layers as they were, between the ports that the wires across the border became."""
        edges = set(self.inside)
        for edge in self.entering:
            edges.add(replace(edge, source=self.inputs[edge.source, edge.source_port].id, source_port="out"))
        for (node, port), made in self.inputs.items():
            if node in self.ids:
                edges.add(Edge(made.id, "out", node, port))
        for (node, port), made in self.outputs.items():
            edges.add(Edge(node, port, made.id, "x"))
        nodes = (*self.inputs.values(), *self.chosen, *self.outputs.values())
        return Graph({node.id: node for node in nodes}, frozenset(edges), self.next)

    def outer_graph(self, instance: Node) -> Graph:
        """What is left around one instance in the place of the first of the layers."""
        nodes: dict[NodeId, Node] = {}
        for node in self.graph.nodes.values():
            if node is self.chosen[0]:
                nodes[instance.id] = instance
            if node.id not in self.ids:
                nodes[node.id] = node
        edges = set(self.graph.edges) - self.inside - set(self.entering) - set(self.leaving)
        for (source, port), made in self.inputs.items():
            if source not in self.ids:
                edges.add(Edge(source, port, instance.id, made.name))
        for edge in self.leaving:
            port = self.outputs[edge.source, edge.source_port].name
            edges.add(replace(edge, source=instance.id, source_port=port))
        return Graph(nodes, frozenset(edges), self.graph.next_id + 1)

    def inner_layout(self, positions: dict[NodeId, Point], reroutes: tuple[Reroute, ...]) -> Layout:
        """The layers and the points of wires where they were, ports in a column before and one after them."""
        found = {node.id: positions.get(node.id, (0.0, 0.0)) for node in self.chosen}
        left, right = min(x for x, _ in found.values()), max(x for x, _ in found.values())
        graph = self.inner_graph()
        for side, x in ((self.inputs, left - _COLUMN), (self.outputs, right + _COLUMN)):
            below = -float("inf")
            beside = {
                n.id: graph.out_of(n.id)[0].target if x < left else graph.into(n.id)[0].source for n in side.values()
            }
            for port in sorted(beside, key=lambda n: found[beside[n]][1]):
                below = max(found[beside[port]][1], below)
                found[port] = (x, below)
                below += _ROW
        return Layout(found, reroutes=reroutes)
