"""Layers that are muted: they stay on the canvas, and the network runs as if each were a piece of wire.

What comes into a muted layer's first wired input goes out of its first output; its other outputs give nothing. Shapes,
problems, code and training are those of the network without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from engine.document.project import Project
from engine.document.wiring import need_nodes, sharing, with_graph
from engine.errors import EditError
from engine.graph.block import Block
from engine.graph.graph import Edge, Graph, Node, NodeId

_KEPT = "_without_muted"


@dataclass(frozen=True)
class Way:
    """The way through a muted layer: from the first of these inputs that is wired to the output."""

    into: tuple[str, ...]
    out: str


Ways = Mapping[NodeId, Way]


@dataclass(frozen=True)
class Mute:
    """Mute layers, or have them take part again."""

    nodes: Iterable[NodeId]
    muted: bool = True
    block: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "nodes", tuple(self.nodes))

    @property
    def label(self) -> str:
        count = len(tuple(self.nodes))
        return f"{'Mute' if self.muted else 'Unmute'} {'layer' if count == 1 else f'{count} layers'}"

    def __call__(self, project: Project) -> Project:
        changed = []
        for node in need_nodes(project, self.block, self.nodes):
            into, out = project.ports(node, self.block)
            if self.muted and not (into and out):
                what = "takes nothing in" if not into else "gives nothing out"
                raise EditError(f"{node.name} {what}, so nothing could pass through it.", "Delete it instead.")
            if node.muted != self.muted:
                changed.append(replace(node, muted=self.muted))
        if not changed:
            return project
        return with_graph(project, self.block, project.block(self.block).graph.with_nodes(changed))


def without_muted(project: Project) -> Project:
    """The network that runs; the very same project where nothing is muted. Blocks that stay the same are kept."""
    changed = {}
    for block in project.blocks.values():
        if block.muted:
            changed[block.id] = _active(project, block)
    return replace(project, blocks={**project.blocks, **changed}) if changed else project


def ways(project: Project, block: Block) -> dict[NodeId, Way]:
    """The ways through all muted layers of a block."""
    found = {}
    for id in block.muted:
        into, out = project.ports(block.graph.nodes[id], block.id)
        found[id] = Way(tuple(p.name for p in into), out[0].name if out else "")
    return found


def origin(graph: Graph, ways: Ways, edge: Edge) -> tuple[NodeId, str] | None:
    """Where what runs along a wire comes from, through muted layers; None where one of them gives nothing."""
    while (way := ways.get(edge.source)) is not None:
        feeding = next((wires for port in way.into if (wires := graph.feeding(edge.source, port))), ())
        if edge.source_port != way.out or not feeding:
            return None
        edge = feeding[0]
    return edge.source, edge.source_port


def _active(project: Project, block: Block) -> Block:
    """The block without its muted layers, the same object as long as the block is, so that its shapes stay known."""
    found = ways(project, block)
    kept: tuple[Ways, Block] | None = block.__dict__.get(_KEPT)
    if kept is None or kept[0] != found:
        kept = found, replace(block, graph=_healed(block.graph, found))
        block.__dict__[_KEPT] = kept
    return kept[1]


def _healed(graph: Graph, ways: Ways) -> Graph:
    edges = set()
    for edge in graph.edges:
        source = None if edge.target in ways else origin(graph, ways, edge)
        if source is not None:
            edges.add(replace(edge, source=source[0], source_port=source[1]))
    nodes = {id: node for id, node in graph.nodes.items() if id not in ways}
    for id in ways:
        _hand_on(graph, nodes, graph.nodes[id])
    return Graph(nodes, frozenset(edges), graph.next_id)


def _hand_on(graph: Graph, nodes: dict[NodeId, Node], gone: Node) -> None:
    """Where its weights are used a second time, the first user that runs becomes the layer itself."""
    users = [user for user in sharing(graph, gone.id) if user.id in nodes]
    if users:
        heir = users[0]
        nodes[heir.id] = replace(heir, layer=gone.layer, weights=gone.weights)
        for user in users[1:]:
            nodes[user.id] = replace(user, layer=user.layer.with_(node=heir.id))
