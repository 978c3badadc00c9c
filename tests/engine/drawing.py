"""Networks drawn in a few lines: nodes in their order, wires by what they come from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from engine.document.project import Project
from engine.graph.block import Block, BlockParam
from engine.graph.graph import BlockId, Edge, Graph, Node, NodeId
from engine.layers import Layer
from engine.layers.base import Port
from engine.layers.block import BlockLayer, Holder, Shared
from engine.layers.chosen import Chosen
from engine.layers.io import Input, Output


@dataclass(frozen=True)
class Wire:
    """An output of a node; `wire.h` is another output of the same node."""

    node: NodeId
    port: str

    def __getattr__(self, port: str) -> Wire:
        if port.startswith("__"):
            raise AttributeError(port)
        return Wire(self.node, port)


class Drawing:
    """One block on paper: `stem = d.add("stem", Conv2d(), images)`, and in the end `d.project()`."""

    def __init__(self, name: str = "Model", *params: BlockParam, help: str = "", sequence: bool = False) -> None:
        self.id, self.name, self.params, self.help = BlockId(name.lower()), name, params, help
        self.sequence = sequence
        self.nodes: dict[NodeId, Node] = {}
        self.edges: set[Edge] = set()
        self.used: dict[BlockId, Block] = {}

    def input(self, name: str, *shape: int | str, **options: Any) -> Wire:
        return self.add(name, Input(shape=shape or None, **options))

    def output(self, name: str, wire: Wire) -> Wire:
        return self.add(name, Output(), wire)

    def add(self, name: str, layer: Layer, *wires: Wire | None) -> Wire:
        """A node, its inputs wired in the order of its ports; a last many-port takes all the rest."""
        node = Node(NodeId(f"n{len(self.nodes) + 1}"), name, layer)
        self.nodes[node.id] = node
        ports, outputs = self.ports(layer)
        for index, wire in enumerate(wires):
            if wire is None:
                continue
            port = min(index, len(ports) - 1)
            self.edges.add(Edge(wire.node, wire.port, node.id, ports[port].name, index - port))
        return Wire(node.id, outputs[0].name if outputs else "")

    def instance(
        self, name: str, of: Drawing, *wires: Wire, repeat: Any = 1, shared: bool = False, carry: int = 1, **args: Any
    ) -> Wire:
        """An instance of another drawing."""
        self.used |= {**of.used, of.id: of.block()}
        return self.add(name, BlockLayer(block=of.id, args=args, repeat=repeat, shared=shared, carry=carry), *wires)

    def control(self, name: str, layer: Holder, *wires: Wire | None, of: tuple[Drawing, ...]) -> Wire:
        """A loop over a drawing, or a branch between two; None where a wire is left out."""
        for drawing in of:
            self.used |= {**drawing.used, drawing.id: drawing.block()}
        return self.add(name, layer, *wires)

    def again(self, name: str, original: Wire, *wires: Wire) -> Wire:
        """The same layer once more, with the same weights."""
        return self.add(name, Shared(node=original.node), *wires)

    def tie(self, user: Wire, lender: Wire) -> None:
        """Have one layer use the weight of another."""
        node = self.nodes[user.node]
        self.nodes[user.node] = replace(node, weights=node.weights.with_(tied=lender.node))

    def ports(self, layer: Layer) -> tuple[tuple[Port, ...], tuple[Port, ...]]:
        if isinstance(layer, Shared):
            return self.ports(self.nodes[NodeId(layer.node)].layer)
        if isinstance(layer, Chosen):
            layer = next(p.default for p in self.params if p.name == layer.param)
        if isinstance(layer, Holder):
            blocks = [self.used[BlockId(instance.block)] for instance in layer.held()]
            return layer.ports([(block.ports_in(), block.ports_out()) for block in blocks])
        return layer.ports_in(), layer.ports_out()

    def block(self) -> Block:
        graph = Graph(dict(self.nodes), frozenset(self.edges), len(self.nodes) + 1)
        return Block(self.id, self.name, tuple(self.params), graph, self.help, sequence=self.sequence)

    def project(self, **recipe: Any) -> Project:
        """A project with this as its main block."""
        project = Project(blocks={**self.used, self.id: self.block()}, main=self.id)
        if not recipe:
            return project
        return replace(project, recipe=project.recipe.with_(**recipe))
