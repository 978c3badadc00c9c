"""What every edit owes the wires and layers it leaves behind, so that a project always holds together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from engine.document.project import Project
from engine.document.weights import suited_to
from engine.errors import EditError
from engine.graph.block import Block
from engine.graph.graph import BlockId, Edge, Graph, Node, NodeId
from engine.layers.base import Layer, Port
from engine.layers.block import Holder, Shared, held
from engine.layers.chosen import Chosen
from engine.layers.code import Missing
from engine.layers.io import Input, Output


def with_graph(project: Project, block: str, graph: Graph) -> Project:
    """The project with another graph in one block; the very same project if it is the same graph."""
    old = project.block(block)
    if graph is old.graph:
        return project
    graph.go_on_from(old.graph)
    return project.with_block(replace(old, graph=graph))


def with_edges(graph: Graph, edges: Iterable[Edge]) -> Graph:
    """The graph with other edges; the very same graph if they are equal."""
    found = frozenset(edges)
    return graph if found == graph.edges else replace(graph, edges=found)


def with_positions(project: Project, block: str, positions: Mapping[NodeId, tuple[float, float]]) -> Project:
    """The project with other positions in one block, in order of the nodes; the same if nothing moves."""
    old, nodes = project.layout_of(block), project.block(block).graph.nodes
    placed = [*filter(positions.__contains__, nodes)]  # no line of Python is run for each of many layers
    wanted = dict(zip(placed, map(positions.__getitem__, placed)))
    if wanted == old.positions:
        return project
    return project.with_layout(block, replace(old, positions=wanted))


def need_nodes(project: Project, block: str, nodes: Iterable[NodeId]) -> tuple[Node, ...]:
    """The nodes in their order of creation. Raises: EditError if one is not there or there is none."""
    wanted = {project.node(node, block).id for node in nodes}
    if not wanted:
        raise EditError("No layer is selected.", "Select at least one layer first.")
    return tuple(node for node in project.block(block).graph.nodes.values() if node.id in wanted)


def need_layer(project: Project, block: str, layer: Layer, node: str = "") -> None:
    """Raises: EditError if the layer cannot stand in the block: blocks in a circle, sharing with nothing."""
    here = project.block(block)
    if isinstance(layer, Holder) and not layer.held():
        raise EditError(f"{layer.title} needs a block.", "Name the block that it applies.")
    for instance in held(layer):
        if not instance.block:
            raise EditError("An instance needs a block.", "Name the block that it is an instance of.")
        inner = project.block(instance.block)
        if inner.id == project.main:
            raise EditError(f"{inner.name} is the network itself and cannot be one of its layers.")
        if inner.id == here.id or here.id in project.uses(inner.id):
            raise EditError(
                f"{inner.name} cannot stand in {here.name}: blocks would hold one another in a circle.",
                f"{inner.name} is or contains {here.name}.",
            )
    if isinstance(layer, Chosen) and here.choice(layer.param) is None:
        names = ", ".join(p.name for p in here.params if p.kind == "layer") or "none"
        raise EditError(
            f"{here.name} has no parameter {layer.param or 'for it'} that is a kind of layer.",
            f"Its kinds of layers: {names}.",
        )
    if isinstance(layer, Missing) and not isinstance((layer.data or {}).get("kind"), str):
        raise EditError("A layer of an unknown kind comes from a file only.")
    if isinstance(layer, Shared):
        original = here.graph.nodes.get(NodeId(layer.node))
        if original is None or original.id == node:
            raise EditError(f"There is no layer {layer.node} in {here.name} whose weights could be used again.")
        if isinstance(original.layer, (Shared, Input, Output)):
            raise EditError(f"{original.name} has no weights of its own that could be used again.")
    if isinstance(layer, (Shared, Input, Output)) and sharing(here.graph, node):
        name = here.graph.nodes[NodeId(node)].name
        raise EditError(f"The weights of {name} are used a second time.", "Remove the shared layers first.")


def sharing(graph: Graph, node: str) -> tuple[Node, ...]:
    """The Shared nodes that use this node's weights."""
    users = (graph.nodes[id] for id in graph.of_kind(Shared))
    return tuple(user for user in users if isinstance(user.layer, Shared) and user.layer.node == node)


def instances(project: Project, block: BlockId) -> Iterator[tuple[BlockId, Node]]:
    """Every node in any block that holds an instance of `block`, or shares the weights of one."""
    for place in project.blocks.values():
        for node in place.graph.nodes.values():
            layer = node.layer
            if isinstance(layer, Shared):
                original = place.graph.nodes.get(NodeId(layer.node))
                layer = original.layer if original else layer
            if any(instance.block == block for instance in held(layer)):
                yield place.id, node


def with_ports_renamed(project: Project, block: str, node: NodeId, names: Mapping[str, str], into: bool) -> Project:
    """The project with the wires of one node on other ports; `into` says on which side."""

    def moved(edge: Edge) -> Edge:
        if into and edge.target == node and edge.target_port in names:
            return replace(edge, target_port=names[edge.target_port])
        if not into and edge.source == node and edge.source_port in names:
            return replace(edge, source_port=names[edge.source_port])
        return edge

    graph = project.block(block).graph
    return with_graph(project, block, with_edges(graph, map(moved, graph.edges)))


def with_layer(project: Project, block: str, node: Node, layer: Layer) -> Project:
    """The project with another layer at a node. Wires follow a port that only changed its name; lost ones go."""
    need_layer(project, block, layer, node.id)
    if layer == node.layer:
        return project
    before = project.ports(node, block)
    graph = project.block(block).graph
    kept = suited_to(layer, node.weights)
    project = with_graph(project, block, graph.with_nodes([replace(node, layer=layer, weights=kept)]))
    after = project.ports(project.node(node.id, block), block)
    if before == after and not isinstance(layer, (Input, Output)):
        return project
    for user in (node, *sharing(graph, node.id)):
        for old, new, into in ((before[0], after[0], True), (before[1], after[1], False)):
            project = with_ports_renamed(project, block, user.id, _successors(old, new), into)
    return without_lost_wires(project)


def with_inner_port_renamed(before: Project, project: Project, block: BlockId, old: str, new: str) -> Project:
    """The project with every node that holds the block following the new name of one of its ports.

    before: the project in which the port still has its old name.
    """
    for place, node in list(instances(before, block)):
        if isinstance(layer := node.layer, Holder) and (inner := before.inner_ports(layer)) is not None:
            renamed = replace(node, layer=layer.with_port_renamed(inner, old, new))
            project = with_graph(project, place, project.block(place).graph.with_nodes([renamed]))
    for place, node in list(instances(before, block)):
        ports = zip(before.ports(node, place), project.ports(project.node(node.id, place), place))
        for (was, now), into in zip(ports, (True, False)):
            project = with_ports_renamed(project, place, node.id, _successors(was, now), into)
    return project


def _successors(before: tuple[Port, ...], after: tuple[Port, ...]) -> dict[str, str]:
    """For every port that is gone the new one at its place, if there is one."""
    old, new = [p.name for p in before], [p.name for p in after]
    return {a: b for a, b in zip(old, new, strict=False) if a not in new and b not in old}


def without_lost_wires(project: Project) -> Project:
    """The project without the wires whose ports are gone or, where only one is allowed, taken."""
    for block in project.blocks.values():
        project = with_graph(project, block.id, with_edges(block.graph, _kept(project, block)))
    return project


def _kept(project: Project, block: Block) -> Iterator[Edge]:
    ports = {node.id: project.ports(node, block.id) for node in block.graph.nodes.values()}
    outputs = {node: {p.name for p in out} for node, (_, out) in ports.items()}
    single: set[tuple[NodeId, str]] = set()
    kinds = {(node, p.name): p.kind for node, (into, _) in ports.items() for p in into}
    for edge in sorted(block.graph.edges, key=lambda e: (e.slot, e)):
        kind = kinds.get((edge.target, edge.target_port))
        end = (edge.target, edge.target_port)
        if kind is None or edge.source_port not in outputs.get(edge.source, ()) or end in single:
            continue
        if kind != "many":
            single.add(end)
        yield edge


def next_slot(graph: Graph, node: NodeId, port: str) -> int:
    """The slot after the last wire of a many-port."""
    return max((edge.slot for edge in graph.feeding(node, port)), default=-1) + 1
