"""A piece of a network on its own: what the clipboard holds, and how it is pasted."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace

from engine.document.block_edits import fresh_block_id
from engine.document.drawing_edits import fresh_frame_ids
from engine.document.edits import fresh_ids, need_point
from engine.document.files import dumps, loads
from engine.document.grouping import mentioned
from engine.document.names import unique, unique_class
from engine.document.project import Frame, Layout, Point, Project
from engine.document.quoted import looks_like_one, pieces_in
from engine.document.reroutes import beside, carried
from engine.document.weights import retied
from engine.document.wiring import need_layer, need_nodes, with_graph, with_positions
from engine.errors import EditError, FileError
from engine.graph.block import Block
from engine.graph.graph import BlockId, Graph, Node, NodeId
from engine.layers.base import Layer
from engine.layers.block import Shared, held, with_held
from engine.layers.chosen import Chosen, same_ports

_PIECE = BlockId("piece")
_STEP = (32.0, 32.0)  # how far a copy lies beside what it was copied from


@dataclass(frozen=True)
class Fragment:
    """A piece of a network: a project of its own, whose main block is the piece, with every block that it needs."""

    project: Project

    @property
    def nodes(self) -> tuple[Node, ...]:
        return tuple(self.project.block().graph.nodes.values())

    @property
    def frames(self) -> tuple[Frame, ...]:
        return self.project.layout_of().frames


def copy(project: Project, nodes: Iterable[NodeId], block: str = "", frames: Iterable[str] = ()) -> Fragment:
    """A piece of a block, with the wires among its nodes. Sharing with a layer left behind becomes a copy of it.

    frames: the ids of the frames and notes that are part of it.
    """
    graph, layout, framed = project.block(block).graph, project.layout_of(block), set(frames)
    wanted = tuple(nodes)
    chosen = _self_contained(graph, need_nodes(project, block, wanted)) if wanted else []
    ids = {node.id for node in chosen}
    needed: set[BlockId] = set()
    for node in chosen:
        for instance in held(node.layer):
            inner = BlockId(instance.block)
            needed |= {inner} | project.uses(inner)
    edges = frozenset(e for e in graph.edges if e.source in ids and e.target in ids)
    piece = Graph({node.id: node for node in chosen}, edges, graph.next_id)
    blocks = {b: project.blocks[b] for b in project.blocks if b in needed}
    main = BlockId(unique(_PIECE, blocks))
    name = unique_class("Piece", {b.name for b in blocks.values()})
    layouts = {b: project.layout[b] for b in blocks if b in project.layout}
    reroutes = carried(layout.reroutes, {edge: (edge,) for edge in edges})
    kept = tuple(frame for frame in layout.frames if frame.id in framed)
    layouts[main] = Layout({node.id: layout.at(node.id) for node in chosen}, kept, reroutes=reroutes)
    needs = mentioned(chosen)
    params = tuple(p for p in project.block(block).params if p.name in needs)
    return Fragment(Project({**blocks, main: Block(main, name, params, piece)}, main, layouts))


def _self_contained(graph: Graph, nodes: tuple[Node, ...]) -> list[Node]:
    """The nodes, where the first user of a layer left behind becomes a copy of that layer, which the others share."""
    here = {node.id: node.id for node in nodes}
    heirs: dict[str, NodeId] = {}
    result = []
    for node in nodes:
        if isinstance(node.layer, Shared) and node.layer.node not in here:
            original = graph.nodes[NodeId(node.layer.node)]
            if original.id in heirs:
                node = replace(node, layer=node.layer.with_(node=heirs[original.id]))
            else:
                heirs[original.id] = node.id
                node = replace(node, layer=original.layer, weights=original.weights)
        result.append(replace(node, weights=retied(node, here)))
    return result


def fragment_to_json(fragment: Fragment) -> str:
    """The text that goes to the clipboard: a project file like any other."""
    return dumps(fragment.project)


def fragment_from_json(text: str) -> Fragment:
    """What a text from the clipboard holds; a whole project is a piece too. A mail around it is left out.

    Raises: FileError.
    """
    try:
        return Fragment(loads(text))
    except FileError as error:
        for found in pieces_in(text):
            with suppress(FileError):
                return Fragment(loads(found))
        if looks_like_one(text):
            raise FileError("The piece is cut off or damaged.", "Copy it again, whole.", detail=str(error)) from None
        raise


@dataclass(frozen=True)
class Paste:
    """Put a piece into a block, with its wires and every block and parameter that it needs and that is not there yet.

    at: where its top left corner goes; otherwise it is drawn `offset` away from where it was copied.
    verb: what the person did, for the name of the step.
    """

    fragment: Fragment
    at: Point | None = None
    offset: Point = _STEP
    block: str = ""
    verb: str = "Paste"

    @property
    def label(self) -> str:
        count, frames = len(self.fragment.nodes), self.fragment.frames
        if len(frames) > 1 and not count:
            return f"{self.verb} {len(frames)} frames and notes"
        if frames and not count:
            return f"{self.verb} {frames[0].kind}"
        return f"{self.verb} layer" if count == 1 else f"{self.verb} {count} layers"

    def __call__(self, project: Project) -> Project:
        piece, nodes = self.fragment.project, self.fragment.nodes
        if not nodes and not self.fragment.frames:
            raise EditError("There is nothing to paste.")
        project, blocks = with_blocks(project, piece)
        project = self._with_params(project)
        graph = project.block(self.block).graph
        new = dict(zip((node.id for node in nodes), fresh_ids(project, self.block, len(nodes)), strict=True))
        taken = {node.name for node in graph.nodes.values()}
        added: dict[NodeId, Node] = {}
        for node in nodes:
            name = unique(node.name, taken)
            taken.add(name)
            layer = self._settled(project, _moved(node, new, blocks))
            added[new[node.id]] = replace(node, id=new[node.id], name=name, layer=layer, weights=retied(node, new))
        wires = {e: (replace(e, source=new[e.source], target=new[e.target]),) for e in piece.block().graph.edges}
        edges = frozenset(edge for (edge,) in wires.values())
        result = Graph({**graph.nodes, **added}, graph.edges | edges, graph.next_id + len(nodes))
        project = with_graph(project, self.block, result)
        for node in added.values():
            need_layer(project, self.block, node.layer, node.id)
        dx, dy = self._away()
        old = {node.id: piece.layout_of().at(node.id) for node in nodes}
        positions = {new[node]: need_point((x + dx, y + dy)) for node, (x, y) in old.items()}
        project = with_positions(project, self.block, {**project.layout_of(self.block).positions, **positions})
        points = carried(piece.layout_of().reroutes, wires, (dx, dy))
        frames = self._frames(project, dx, dy)
        if not points and not frames:
            return project
        layout = project.layout_of(self.block)
        drawn = replace(layout, reroutes=beside(layout.reroutes, points), frames=(*layout.frames, *frames))
        return project.with_layout(self.block, drawn)

    def _with_params(self, project: Project) -> Project:
        """The project with the numbers and texts that the options of the piece are computed from."""
        block, needs = project.block(self.block), mentioned(self.fragment.nodes)
        there = {p.name for p in block.params}
        missing = [p for p in self.fragment.project.block().params if p.name in needs - there and p.kind != "layer"]
        return project.with_block(replace(block, params=(*block.params, *missing))) if missing else project

    def _frames(self, project: Project, dx: float, dy: float) -> tuple[Frame, ...]:
        """The frames and notes of the piece, at their new places."""
        frames = self.fragment.frames
        ids = fresh_frame_ids(project, self.block, len(frames))
        return tuple(replace(f, id=id, x=f.x + dx, y=f.y + dy) for f, id in zip(frames, ids, strict=True))

    def _settled(self, project: Project, layer: Layer) -> Layer:
        """A chosen layer as what it was by default, unless this block has such a parameter too."""
        if not isinstance(layer, Chosen):
            return layer
        here, default = project.block(self.block).choice(layer.param), self.fragment.project.block().choice(layer.param)
        is_open = default is None or (here is not None and same_ports(here, default))
        return layer if is_open or default is None else default

    def _away(self) -> Point:
        """How far from where it was copied it is drawn."""
        if self.at is None:
            return self.offset
        old = [self.fragment.project.layout_of().at(node.id) for node in self.fragment.nodes]
        old += [(frame.x, frame.y) for frame in self.fragment.frames]
        return self.at[0] - min(x for x, _ in old), self.at[1] - min(y for _, y in old)


def _moved(node: Node, nodes: dict[NodeId, NodeId], blocks: dict[str, BlockId]) -> Layer:
    layer = node.layer
    if isinstance(layer, Shared):
        return layer.with_(node=nodes[NodeId(layer.node)])
    return with_held(layer, lambda instance: instance.with_(block=blocks[instance.block]))


def with_blocks(project: Project, piece: Project) -> tuple[Project, dict[str, BlockId]]:
    """The project with the blocks that the piece needs, and under which id each of them is there."""
    ids: dict[str, BlockId] = {}
    wanted = [piece.blocks[b] for b in piece.blocks if b != piece.main]
    while waiting := [b for b in wanted if b.id not in ids]:
        for block in waiting:
            if all(b in ids for b in piece.uses(block.id)):
                project, ids[block.id] = _with_block(project, piece, block, ids)
    return project, ids


def _with_block(project: Project, piece: Project, block: Block, ids: dict[str, BlockId]) -> tuple[Project, BlockId]:
    nodes = block.graph.nodes.values()
    inner = [replace(n, layer=_moved(n, {}, ids)) for n in nodes if held(n.layer)]
    block = replace(block, graph=block.graph.with_nodes(inner)) if inner else block
    for there in sorted(project.blocks.values(), key=lambda b: (b.name != block.name, b.id != block.id)):
        is_free = there.id != project.main and there.id not in ids.values()  # what was made unique stays two
        if is_free and (there.id == block.id or _is_called(there.name, block.name)) and is_alike(there, block):
            return project, there.id
    name = unique_class(block.name, {b.name for b in project.blocks.values()})
    new = block.id if block.id not in project.blocks else fresh_block_id(project, name)
    project = project.with_block(replace(block, id=new, name=name))
    if block.id in piece.layout:
        project = project.with_layout(new, piece.layout[block.id])
    return project, new


def _is_called(there: str, name: str) -> bool:
    """Whether a block got its name from this one, with a number where that was taken."""
    return there == name or (there.startswith(name) and there[len(name) :].isdecimal())


def is_alike(a: Block, b: Block) -> bool:
    """Whether two blocks are the same class: nodes with their ids, wires and parameters."""
    if a is b:
        return True
    nodes = list(a.graph.nodes.items()) == list(b.graph.nodes.items())
    return nodes and a.params == b.params and a.sequence == b.sequence and a.graph.edges == b.graph.edges
