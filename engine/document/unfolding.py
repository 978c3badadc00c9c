"""A network drawn with the insides of its blocks in their places, for pictures: each once, in a frame that says ×N."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from engine.document.edits import SetFrames, SetReroutes
from engine.document.expressions import layer_with_values
from engine.document.project import Frame, Project
from engine.document.ungrouping import Ungroup
from engine.document.wiring import with_graph
from engine.errors import EngineError
from engine.graph.block import Block
from engine.graph.graph import BlockId, Node, NodeId
from engine.graph.shapes import Analysis, BlockShapes, NodeShapes
from engine.layers.block import BlockLayer
from engine.layers.io import Input, Output

MOST = 2000
"""Layers beyond which no further block is unfolded."""

Way = tuple[tuple[BlockId, NodeId], ...]
"""From a layer of the block that is drawn down to one inside: the block that each stands in, and its id there."""


@dataclass(frozen=True)
class Unfolded:
    """A project with blocks unfolded in one of its blocks.

    members: the layers of each frame by its id. ways: where the layers of the unfolded blocks stand in the project.
    ends: for outputs of layers that are the results of a block, its way and the name of the result.
    """

    project: Project
    block: BlockId
    members: dict[str, list[NodeId]] = field(default_factory=dict)
    ways: dict[NodeId, Way] = field(default_factory=dict)
    ends: dict[tuple[NodeId, str], tuple[Way, str]] = field(default_factory=dict)

    def shapes(self, analysis: Analysis) -> Analysis:
        """What is known of the project, for this drawing of it: of a row its first, and what the last one gives."""
        whole = analysis.of(self.block)
        if whole is None:
            return analysis
        nodes = dict(whole.nodes)
        found = {node: shapes for node, way in self.ways.items() if (shapes := _along(whole, way)) is not None}
        for (node, port), (way, name) in self.ends.items():
            if node in found and (last := _along(whole, way)) is not None and name in last.outputs:
                found[node] = replace(found[node], outputs={**found[node].outputs, port: last.outputs[name]})
        nodes |= found
        at = {way[-1]: node for node, way in reversed(self.ways.items())}
        problems = [
            replace(p, block=self.block, node=at[BlockId(p.block), NodeId(p.node)])
            if (BlockId(p.block), NodeId(p.node)) in at
            else p
            for p in analysis.problems
        ]
        drawn = replace(whole, nodes=nodes)
        return replace(analysis, instances={**analysis.instances, self.block: (drawn,)}, problems=tuple(problems))


def _along(shapes: BlockShapes, way: Way) -> NodeShapes | None:
    """What is known of a layer, in the first of every row on the way to it."""
    found: NodeShapes | None = None
    for _, node in way:
        if found is not None:
            if not found.repeats:
                return None
            shapes = found.repeats[0]
        found = shapes.nodes.get(node)
        if found is None:
            return None
    return found


def unfolded(
    project: Project, block: BlockId | str = "", depth: int = 1, among: Collection[NodeId] | None = None
) -> Unfolded:
    """The project with the blocks in a block unfolded so many levels deep.

    A repeated block is drawn once and its frame says how often it stands there. The frames have no place yet: that
    follows from where the layers are put. What cannot be unfolded, as loops and branches cannot, stays a block. Notes
    and other frames and points of wires are left out, since their places would mean nothing.
    among: only blocks among these layers are unfolded, and those inside them.
    """
    done = Unfolded(project, project.block(block).id)
    if depth < 1:
        return done
    frames: list[Frame] = []
    there = done.project.block(block).graph.nodes.keys()
    barred = frozenset() if among is None else there - set(among)
    for _ in range(depth):
        nodes = done.project.block(block).graph.nodes.values()
        instances = [n for n in nodes if n.id not in barred and isinstance(n.layer, BlockLayer)]
        for node in instances:
            if len(done.project.block(block).graph.nodes) > MOST:
                break
            assert isinstance(node.layer, BlockLayer)
            title, inner = done.project.block(node.layer.block).name, done.project.block(node.layer.block)
            try:
                done = _opened(done, node, node.layer, inner)
            except EngineError:
                continue
            title = f"{title} ×{node.layer.repeat}" if node.layer.repeat != 1 else title
            frames.append(Frame(f"u{len(done.members)}", title, 0, 0, 1, 1))
    drawn = SetFrames(frames, str(block))(SetReroutes((), str(block))(done.project))
    return replace(done, project=drawn)


def _opened(done: Unfolded, node: Node, layer: BlockLayer, inner: Block) -> Unfolded:
    """The same with one more block unfolded. Raises: EditError if it cannot be."""
    block, before = str(done.block), done.project.block(done.block).graph.nodes
    after = Ungroup(node.id, block)(_once(done.project, done.block, node, layer))
    inside = [id for id in after.block(block).graph.nodes if id not in before]
    layers = [n for n in inner.graph.nodes.values() if not isinstance(n.layer, (Input, Output))]
    made = dict(zip((n.id for n in layers), inside, strict=True))
    after = _with_counts(after, block, layers, made, {**inner.defaults(), **layer.args})
    members = {name: [*_replaced(held, node.id, inside)] for name, held in done.members.items()}
    way: Way = done.ways.get(node.id, ((done.block, node.id),))
    ways = {id: there for id, there in done.ways.items() if id != node.id}
    ways |= {made[n.id]: (*way, (inner.id, n.id)) for n in layers}
    ends = {end: result for end, result in done.ends.items() if end[0] != node.id}
    for output in inner.outputs:
        for edge in inner.graph.feeding(output.id, "x"):
            if edge.source in made:
                ends[made[edge.source], edge.source_port] = done.ends.get((node.id, output.name), (way, output.name))
    return Unfolded(after, done.block, {**members, f"u{len(members) + 1}": inside}, ways, ends)


def _replaced(held: Iterable[NodeId], node: NodeId, inside: Iterable[NodeId]) -> Iterable[NodeId]:
    for each in held:
        if each == node:
            yield from inside
        else:
            yield each


def _with_counts(
    project: Project, block: str, layers: Iterable[Node], made: Mapping[NodeId, NodeId], values: Mapping[str, object]
) -> Project:
    """The project with options of unfolded layers as their rows say them, in terms of i and n."""
    graph = project.block(block).graph
    for old in layers:
        new = graph.nodes[made[old.id]]
        if type(new.layer) is type(old.layer):  # what was chosen, or shared, has no options of its own
            graph = graph.with_nodes([replace(new, layer=layer_with_values(old.layer, values))])
    return with_graph(project, block, graph)


def _once(project: Project, block: BlockId, node: Node, layer: BlockLayer) -> Project:
    """The same with one instance instead of a row of them."""
    graph = project.block(block).graph
    return with_graph(project, str(block), graph.with_nodes([replace(node, layer=layer.with_(repeat=1, shared=False))]))
