"""Loops and branches from what is there: around some layers, in the place of a block, or with a first block."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from engine.document.block_edits import fresh_block_id
from engine.document.grouping import Group
from engine.document.names import unique_class
from engine.document.project import Layout, Point, Project
from engine.document.wiring import need_nodes, with_layer
from engine.errors import EditError
from engine.expr import Expr
from engine.graph.block import Block, BlockParam
from engine.graph.graph import BlockId, Edge, Graph, Node, NodeId
from engine.layers.base import Layer
from engine.layers.block import BlockLayer, Holder, held
from engine.layers.control import Branch, Scan, While
from engine.layers.io import Input, Output

CONTROLS: dict[str, type[Holder]] = {"Scan": Scan, "While": While, "Branch": Branch}
_NAMES = {"Scan": "Cell", "While": "Step", "Branch": "Way"}
_COLUMN, _ROW = 264.0, 144.0


def around(kind: str, instance: BlockLayer) -> Holder:
    """A loop over a block, or a branch that takes it."""
    if kind == "Branch":
        return Branch(then=instance.block, then_args=instance.args)
    loop = Scan if kind == "Scan" else While
    return loop(block=instance.block, args=instance.args)


@dataclass(frozen=True)
class Wrap:
    """Put a loop or a branch around some layers, which become its block, or around one instance of a block.

    kind: "Scan", "While" or "Branch". The wires stay; the first input becomes the sequence of a Scan.
    """

    nodes: Iterable[NodeId]
    kind: str
    block: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "nodes", tuple(self.nodes))

    @property
    def label(self) -> str:
        return f"Wrap in {CONTROLS[self.kind].title}"

    def __call__(self, project: Project) -> Project:
        chosen = need_nodes(project, self.block, self.nodes)
        layer = chosen[0].layer
        if len(chosen) == 1 and isinstance(layer, BlockLayer):
            if layer.repeat != 1:
                raise EditError(f"{chosen[0].name} stands {layer.repeat} times in a row.", "Group it first.")
            return with_layer(project, self.block, chosen[0], around(self.kind, layer))
        taken = {b.name for b in project.blocks.values()}
        new = NodeId(f"n{project.block(self.block).graph.next_id}")
        project = Group(self.nodes, unique_class(_NAMES[self.kind], taken), self.block)(project)
        return Wrap((new,), self.kind, self.block)(project)


@dataclass(frozen=True)
class Unwrap:
    """Take a loop or a branch away: its block, or its first, is applied once."""

    node: NodeId
    block: str = ""
    label = "Apply once"

    def __call__(self, project: Project) -> Project:
        node = project.node(self.node, self.block)
        if isinstance(node.layer, BlockLayer) or not held(node.layer):
            raise EditError(f"{node.name} is no loop or branch.", "Select one.")
        return with_layer(project, self.block, node, held(node.layer)[0])


@dataclass(frozen=True)
class BringStarter:
    """Add the block that a new loop or branch begins with."""

    made: Block
    layout: Layout
    label = "Add block"

    def __call__(self, project: Project) -> Project:
        return project.with_block(self.made).with_layout(self.made.id, self.layout)


def started(project: Project, kind: str) -> tuple[BringStarter, Holder]:
    """A first block for a new loop or branch, under a name that is free, and the layer over it."""
    drawn = _Drawn()
    {"Scan": _cell, "While": _step, "Branch": _way}[kind](drawn)
    name = unique_class(_NAMES[kind], {b.name for b in project.blocks.values()})
    new = fresh_block_id(project, name)
    block = Block(new, name, drawn.params, drawn.graph(), _HELP[kind])
    return BringStarter(block, Layout(drawn.positions)), around(kind, BlockLayer(block=new))


_HELP = {
    "Scan": "One step: takes a slice and the state of the step before, and gives the next state.",
    "While": "One turn: what it gives is what it takes the next time.",
    "Branch": "Taken only while the network trains.",
}


class _Drawn:
    """A block drawn node by node."""

    def __init__(self) -> None:
        self.nodes: dict[NodeId, Node] = {}
        self.edges: set[Edge] = set()
        self.positions: dict[NodeId, Point] = {}
        self.params: tuple[BlockParam, ...] = ()

    def add(self, name: str, layer: Layer, *sources: NodeId, column: int, row: int = 0) -> NodeId:
        new = NodeId(f"n{len(self.nodes) + 1}")
        self.nodes[new] = Node(new, name, layer)
        self.positions[new] = (column * _COLUMN, row * _ROW)
        for slot, source in enumerate(sources):
            port = self.nodes[source].layer.ports_out()[0].name
            self.edges.add(Edge(source, port, new, layer.ports_in()[0].name, slot))
        return new

    def graph(self) -> Graph:
        return Graph(dict(self.nodes), frozenset(self.edges), len(self.nodes) + 1)


def _made(key: str, **options: Any) -> Layer:
    return Layer.registry[key](**options)


def _cell(d: _Drawn) -> None:
    d.params = (BlockParam("hidden", default=32, help="Size of the state."),)
    x, h = d.add("x", Input(), column=0), d.add("h", Input(), column=0, row=1)
    a = d.add("from_x", _made("Linear", out_features=Expr("hidden")), x, column=1)
    b = d.add("from_h", _made("Linear", out_features=Expr("hidden")), h, column=1, row=1)
    total = d.add("total", _made("Add"), a, b, column=2)
    d.add("h_next", Output(), d.add("tanh", _made("Tanh"), total, column=3), column=4)


def _step(d: _Drawn) -> None:
    d.add("x_next", Output(), d.add("tanh", _made("Tanh"), d.add("x", Input(), column=0), column=1), column=2)


def _way(d: _Drawn) -> None:
    d.add("y", Output(), d.add("dropout", _made("Dropout"), d.add("x", Input(), column=0), column=1), column=2)


def with_part(layer: Branch, part: int, block: str) -> Branch:
    """The branch with another block for yes (0) or no (1); "" takes the second away."""
    names = {p: "then" if p == 0 else "otherwise" for p in (0, 1)}
    return layer.with_(**{names[part]: block, f"{names[part]}_args": {}})


@dataclass(frozen=True)
class SetArgument:
    """Set one argument of a block that a layer holds; `part` counts the blocks."""

    node: NodeId
    name: str
    value: Any
    part: int = 0
    block: str = ""

    @property
    def label(self) -> str:
        return f"Set {self.name}"

    def __call__(self, project: Project) -> Project:
        node = project.node(self.node, self.block)
        layer, inner = node.layer, list(held(node.layer))
        if not isinstance(layer, Holder) or self.part >= len(inner):
            raise EditError(f"{node.name} holds no such block.")
        instance = inner[self.part]
        inner[self.part] = instance.with_(args={**instance.args, self.name: self.value})
        return with_layer(project, self.block, node, layer.with_held(inner))


def blocks_for(project: Project, here: BlockId) -> list[Block]:
    """The blocks that can stand in this one."""
    ids = [b for b in project.blocks if b not in (project.main, here) and here not in project.uses(b)]
    return [project.blocks[b] for b in ids]
