"""A whole project as one frozen value: its blocks, where they are drawn, and how it is trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from engine.errors import EditError
from engine.graph.block import Block
from engine.graph.graph import BlockId, Edge, Node, NodeId
from engine.layers.base import Layer, Port
from engine.layers.block import Holder, Ports, Shared
from engine.layers.chosen import Chosen
from engine.recipe.recipe import Recipe

Point = tuple[float, float]
MAIN = BlockId("main")


@dataclass(frozen=True)
class Frame:
    """A titled rectangle that carries the nodes inside it; `kind` "note" is a card with Markdown text."""

    id: str
    text: str
    x: float
    y: float
    width: float
    height: float
    colour: str = ""
    kind: Literal["frame", "note"] = "frame"


@dataclass(frozen=True)
class Bookmark:
    """A view worth coming back to: its middle in scene units, and its zoom."""

    name: str
    x: float
    y: float
    zoom: float = 1.0


@dataclass(frozen=True)
class Reroute:
    """A point that wires of one output are led through; where it is shared they run together."""

    id: str
    x: float
    y: float
    wires: frozenset[Edge]


@dataclass(frozen=True, order=True)
class Probe:
    """Says that what comes out of a port is to be looked at closely."""

    node: NodeId
    port: str


@dataclass(frozen=True)
class Layout:
    """Where the nodes of one block are drawn: the top left corner in scene units. Never means anything else.

    reroutes: a wire runs through its points in this order. Wires that are no longer there mean nothing.
    probes: of the block's outputs that are looked at; those of nodes that are no longer there mean nothing.
    """

    positions: Mapping[NodeId, Point] = field(default_factory=dict)
    frames: tuple[Frame, ...] = ()
    bookmarks: tuple[Bookmark, ...] = ()
    reroutes: tuple[Reroute, ...] = ()
    probes: tuple[Probe, ...] = ()

    def at(self, node: NodeId) -> Point:
        return self.positions.get(node, (0.0, 0.0))

    def through(self, edge: Edge) -> tuple[Reroute, ...]:
        """The points of one wire, from its source to its target."""
        return tuple(reroute for reroute in self.reroutes if edge in reroute.wires)


def _first_block() -> dict[BlockId, Block]:
    return {MAIN: Block(MAIN, "Model")}


@dataclass(frozen=True)
class Project:
    """What is saved, undone, analysed, generated and trained. Canvas, code and run are functions of it."""

    blocks: Mapping[BlockId, Block] = field(default_factory=_first_block)
    main: BlockId = MAIN
    layout: Mapping[BlockId, Layout] = field(default_factory=dict)
    recipe: Recipe = field(default_factory=Recipe)

    def block(self, block: BlockId | str = "") -> Block:
        """A block by id, the main block for "". Raises: EditError if there is none."""
        found = self.blocks.get(BlockId(block) if block else self.main)
        if found is None:
            raise EditError(f"There is no block {block}.")
        return found

    def node(self, node: NodeId | str, block: BlockId | str = "") -> Node:
        """A node by id. Raises: EditError if there is none."""
        found = self.block(block).graph.nodes.get(NodeId(node))
        if found is None:
            raise EditError(f"There is no layer {node} in {self.block(block).name}.")
        return found

    def layout_of(self, block: BlockId | str = "") -> Layout:
        return self.layout.get(BlockId(block) if block else self.main, Layout())

    def with_block(self, block: Block) -> Project:
        return replace(self, blocks={**self.blocks, block.id: block})

    def with_layout(self, block: BlockId | str, layout: Layout) -> Project:
        return replace(self, layout={**self.layout, BlockId(block) if block else self.main: layout})

    def ports(self, node: Node, block: BlockId | str = "") -> tuple[tuple[Port, ...], tuple[Port, ...]]:
        """Input and output ports of a node, those of blocks and shared layers included."""
        layer = node.layer
        if isinstance(layer, Holder):
            inner = self.inner_ports(layer)
            return layer.ports(inner) if inner is not None else ((), ())
        if isinstance(layer, Shared):
            original = self.block(block).graph.nodes.get(NodeId(layer.node))
            if original is None or isinstance(original.layer, Shared):
                return (), ()
            return self.ports(original, block)
        if isinstance(layer, Chosen):
            default = self.block(block).choice(layer.param)
            return (default.ports_in(), default.ports_out()) if default else ((), ())
        return layer.ports_in(), layer.ports_out()

    def inner_ports(self, layer: Holder) -> list[Ports] | None:
        """The ports of the blocks that a layer holds, None if one of them is not there."""
        inner = [self.blocks.get(BlockId(instance.block)) for instance in layer.held()]
        return [(b.ports_in(), b.ports_out()) for b in inner if b] if all(inner) else None

    def why_not(self, edge: Edge, block: BlockId | str = "") -> str | None:
        """Why a wire cannot be drawn, in words, or None if it can. Shapes are the analysis's business."""
        graph = self.block(block).graph
        source, target = graph.nodes.get(edge.source), graph.nodes.get(edge.target)
        if source is None or target is None:
            return "One end of the wire is no layer."
        out = {p.name: p for p in self.ports(source, block)[1]}
        if edge.source_port not in out:
            return f"{source.name} has no output {edge.source_port}."
        into = {p.name: p for p in self.ports(target, block)[0]}
        if edge.target_port not in into:
            return f"{target.name} has no input {edge.target_port}."
        if edge.source == edge.target:
            return f"{source.name} cannot feed itself."
        if reason := into[edge.target_port].why_not(out[edge.source_port]):
            return f"{target.name}: {reason}"
        if graph.closes_cycle(edge.source, edge.target):
            return f"{target.name} already feeds {source.name}: data would go round in a circle."
        return None

    def uses(self, block: BlockId) -> frozenset[BlockId]:
        """Blocks whose instances stand in this block, directly or deeper."""
        found: set[BlockId] = set()
        waiting = [block]
        while waiting:
            inner = self.blocks.get(waiting.pop())
            children = inner.graph.holders.keys() - found if inner else set()
            found |= children
            waiting += children
        return frozenset(found)

    def user_code(self) -> tuple[str, ...]:
        """The user's own Python in this project, and what it imports from packages: what trust is about."""
        found: list[str] = []
        for graph in (block.graph for block in self.blocks.values()):
            kinds = [kind for kind in graph.kinds if kind.user_code is not Layer.user_code]
            found += [text for node in graph.of_kind(*kinds) for text in graph.nodes[node].layer.user_code()]
        return tuple(found)
