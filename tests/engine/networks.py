"""Small networks for tests, written the short way."""

from itertools import pairwise

from engine.document.project import MAIN, Project
from engine.graph.block import Block, BlockParam
from engine.graph.graph import BlockId, Edge, Graph, Node, NodeId
from engine.layers.base import Layer
from engine.recipe.recipe import Recipe


def graph(nodes: dict[str, Layer], *wires: str) -> Graph:
    """Layers by name, and wires such as "conv -> relu" or "lstm.h -> join.b:1"; the name is the id, too."""
    made = {NodeId(name): Node(NodeId(name), name, layer) for name, layer in nodes.items()}
    return Graph(made, frozenset(_edge(made, wire) for wire in wires), len(made) + 1)


def _edge(nodes: dict[NodeId, Node], wire: str) -> Edge:
    source, target = (end.strip() for end in wire.split("->"))
    target, _, slot = target.partition(":")
    source, _, source_port = source.partition(".")
    target, _, target_port = target.partition(".")
    return Edge(
        NodeId(source),
        source_port or _first(nodes, source, 1),
        NodeId(target),
        target_port or _first(nodes, target, 0),
        int(slot or 0),
    )


def _first(nodes: dict[NodeId, Node], name: str, side: int) -> str:
    node = nodes.get(NodeId(name))
    ports = (node.layer.ports_in(), node.layer.ports_out())[side] if node else ()
    return ports[0].name if ports else ("out" if side else "x")


def chain(**layers: Layer) -> Graph:
    """Layers one after another."""
    names = list(layers)
    return graph(layers, *(f"{a} -> {b}" for a, b in pairwise(names)))


def project(main: Graph, *blocks: Block, recipe: Recipe | None = None, params: tuple[BlockParam, ...] = ()) -> Project:
    """A project with this network as its main block."""
    every = (Block(MAIN, "Model", params, main), *blocks)
    return Project(blocks={b.id: b for b in every}, recipe=recipe or Recipe())


def block(id: str, main: Graph, *params: BlockParam) -> Block:
    return Block(BlockId(id), id.title(), params, main)
