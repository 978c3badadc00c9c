"""Edits of layers and wires: frozen values that turn one project into the next, or say why they cannot.

An edit on a block names it by id, "" is the main block. Every edit keeps what a project always holds to: names are
unique identifiers, wires join ports that exist, one wire at most ends at a single port, ids are never used twice.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

from engine.document.block_edits import (
    AddBlock,
    MakeUnique,
    RemoveBlock,
    RenameBlock,
    RenameParam,
    SetBlockHelp,
    SetBlockParams,
    SetBlockSequence,
    SetMainName,
    SetRecipe,
)
from engine.document.document import Edit
from engine.document.drawing_edits import (
    MoveNodes,
    SetBookmarks,
    SetFrames,
    SetReroutes,
    fresh_frame_ids,
    need_point,
)
from engine.document.names import compose, free_name, need_name
from engine.document.project import Point, Project
from engine.document.removing import Wires
from engine.document.weight_edits import SetWeights
from engine.document.weights import untied
from engine.document.wiring import (
    need_layer,
    need_nodes,
    next_slot,
    sharing,
    with_edges,
    with_graph,
    with_inner_port_renamed,
    with_layer,
    with_positions,
    without_lost_wires,
)
from engine.errors import EditError
from engine.graph.graph import Edge, Graph, Node, NodeId
from engine.layers.base import Layer
from engine.layers.io import Input, Output
from engine.layers.wired import WiredLayer

__all__ = [
    "AddBlock",
    "AddNode",
    "Batch",
    "Connect",
    "Disconnect",
    "Insert",
    "MakeUnique",
    "MoveNodes",
    "RemoveBlock",
    "RemoveNodes",
    "Rename",
    "RenameBlock",
    "RenameParam",
    "SetBlockHelp",
    "SetBlockParams",
    "SetBlockSequence",
    "SetBookmarks",
    "SetFrames",
    "SetLayer",
    "SetMainName",
    "SetParam",
    "SetRecipe",
    "SetReroutes",
    "SetWeights",
    "fresh_frame_ids",
    "fresh_ids",
]


def fresh_ids(project: Project, block: str = "", count: int = 1) -> list[NodeId]:
    """The ids that the next nodes will get, so that they can be wired before they are there."""
    first = project.block(block).graph.next_id
    return [NodeId(f"n{first + i}") for i in range(count)]


@dataclass(frozen=True)
class AddNode:
    """Put a layer into a block. An empty name finds a free one: conv, conv2."""

    layer: Layer
    name: str = ""
    at: Point = (0.0, 0.0)
    block: str = ""

    def __post_init__(self) -> None:
        compose(self, "name")

    @property
    def label(self) -> str:
        return f"Add {self.layer.title}"

    def __call__(self, project: Project) -> Project:
        graph = project.block(self.block).graph
        need_layer(project, self.block, self.layer)
        name = self.name or free_name(project, self.block, self.layer)
        need_name(name, {n.name for n in graph.nodes.values()}, project.block(self.block).name)
        (new,) = fresh_ids(project, self.block)
        nodes = {**graph.nodes, new: Node(new, name, self.layer)}
        project = with_graph(project, self.block, replace(graph, nodes=nodes, next_id=graph.next_id + 1))
        positions = {**project.layout_of(self.block).positions, new: need_point(self.at)}
        return with_positions(project, self.block, positions)


@dataclass(frozen=True)
class RemoveNodes:
    """Take layers out, and their wires with them. `heal` keeps what goes through a layer, as muting it does.

    What fed its first wired input then feeds what its one used output, or the first of several, did.

    Where the weights of a removed layer are used a second time, the first user becomes the layer itself.
    """

    nodes: Iterable[NodeId]
    block: str = ""
    heal: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "nodes", tuple(self.nodes))

    @property
    def label(self) -> str:
        count = len(tuple(self.nodes))
        return "Delete layer" if count == 1 else f"Delete {count} layers"

    def __call__(self, project: Project) -> Project:
        gone = need_nodes(project, self.block, self.nodes)
        ids = {node.id for node in gone}
        graph = project.block(self.block).graph
        wires = Wires(graph)
        for node in gone:
            if self.heal:
                wires.heal(node.id, *project.ports(node, self.block))
            wires.cut(node.id)
        graph = replace(graph, nodes=_without(graph, gone), edges=wires.edges())
        graph = untied(graph, ids)
        project = with_graph(project, self.block, graph)
        project = with_positions(project, self.block, project.layout_of(self.block).positions)
        if any(isinstance(node.layer, (Input, Output)) for node in gone):
            project = without_lost_wires(project)
        return project


def _without(graph: Graph, gone: Collection[Node]) -> dict[NodeId, Node]:
    """The layers that stay. Where the weights of one that goes are used again, the first user becomes that layer."""
    ids = {node.id for node in gone}
    nodes = {id: node for id, node in graph.nodes.items() if id not in ids}
    for node in gone:
        for number, user in enumerate(users := [user for user in sharing(graph, node.id) if user.id not in ids]):
            if number:
                nodes[user.id] = replace(user, layer=user.layer.with_(node=users[0].id))
            else:
                nodes[user.id] = replace(user, layer=node.layer, weights=node.weights)
    return nodes


@dataclass(frozen=True)
class Connect:
    """Draw a wire. It takes the place of the wire at a single input; a many-port takes it as its last."""

    edge: Edge
    block: str = ""
    label = "Connect"

    def __call__(self, project: Project) -> Project:
        edge, graph = self.edge, project.block(self.block).graph
        if reason := project.why_not(edge, self.block):
            raise EditError(reason)
        ports = {p.name: p for p in project.ports(graph.nodes[edge.target], self.block)[0]}
        there = graph.feeding(edge.target, edge.target_port)
        if ports[edge.target_port].kind == "many":
            edge = replace(edge, slot=next_slot(graph, edge.target, edge.target_port))
            there = ()
        else:
            edge = replace(edge, slot=0)
        return with_graph(project, self.block, with_edges(graph, graph.edges - set(there) | {edge}))


@dataclass(frozen=True)
class Disconnect:
    """Take a wire away."""

    edge: Edge
    block: str = ""
    label = "Disconnect"

    def __call__(self, project: Project) -> Project:
        graph = project.block(self.block).graph
        if self.edge not in graph.edges:
            raise EditError("This wire is no longer there.")
        return with_graph(project, self.block, with_edges(graph, graph.edges - {self.edge}))


@dataclass(frozen=True)
class SetParam:
    """Set one option of a layer, to a literal or an expression; names that are no parameters become inputs."""

    node: NodeId
    name: str
    value: Any
    block: str = ""

    @property
    def label(self) -> str:
        return f"Set {self.name}"

    def __call__(self, project: Project) -> Project:
        node = project.node(self.node, self.block)
        layer = node.layer.with_(**{self.name: self.value})
        if isinstance(layer, WiredLayer) and self.name != "wires":
            layer = layer.rewired(p.name for p in project.block(self.block).params)
        return with_layer(project, self.block, node, layer)


@dataclass(frozen=True)
class SetLayer:
    """Put another layer into a node's place. Wires stay where their ports do."""

    node: NodeId
    layer: Layer
    block: str = ""

    @property
    def label(self) -> str:
        return f"Change to {self.layer.title}"

    def __call__(self, project: Project) -> Project:
        return with_layer(project, self.block, project.node(self.node, self.block), self.layer)


@dataclass(frozen=True)
class Rename:
    """Give a layer another name. The wires of every instance follow the name of an Input or Output."""

    node: NodeId
    name: str
    block: str = ""

    def __post_init__(self) -> None:
        compose(self, "name")

    @property
    def label(self) -> str:
        return f"Rename to {self.name}"

    def __call__(self, project: Project) -> Project:
        node, block = project.node(self.node, self.block), project.block(self.block)
        if node.name == self.name:
            return project
        need_name(self.name, {n.name for n in block.graph.nodes.values()}, block.name)
        before, graph = project, block.graph.with_nodes([replace(node, name=self.name)])
        project = with_graph(project, self.block, graph)
        if isinstance(node.layer, (Input, Output)):
            project = with_inner_port_renamed(before, project, block.id, node.name, self.name)
        return project


@dataclass(frozen=True)
class Insert:
    """Put a layer on a wire, which then runs through its first input and first output."""

    edge: Edge
    layer: Layer
    at: Point = (0.0, 0.0)
    block: str = ""
    name: str = ""

    @property
    def label(self) -> str:
        return f"Insert {self.layer.title}"

    def __call__(self, project: Project) -> Project:
        edge = self.edge
        if edge not in project.block(self.block).graph.edges:
            raise EditError("This wire is no longer there.")
        (new,) = fresh_ids(project, self.block)
        project = AddNode(self.layer, self.name, self.at, self.block)(project)
        into, out = project.ports(project.node(new, self.block), self.block)
        if not into or not out:
            raise EditError(f"{self.layer.title} cannot stand on a wire.", "It needs an input and an output.")
        before = replace(edge, target=new, target_port=into[0].name, slot=0)
        after = replace(edge, source=new, source_port=out[0].name)
        graph = project.block(self.block).graph
        return with_graph(project, self.block, with_edges(graph, graph.edges - {edge} | {before, after}))


@dataclass(frozen=True)
class Batch:
    """Several edits as one step of undo: all of them or none."""

    label: str
    edits: tuple[Edit | Callable[[Project], Project], ...]

    def __call__(self, project: Project) -> Project:
        for edit in self.edits:
            project = edit(project)
        return project
