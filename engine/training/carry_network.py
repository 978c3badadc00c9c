"""A network with all blocks unfolded, for comparing it with another: every layer by the way that leads to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from engine.document.muting import without_muted
from engine.document.project import Project
from engine.graph.block import Block
from engine.graph.chain import chain_of, is_row
from engine.graph.graph import BlockId, Node, NodeId
from engine.graph.shapes import Analysis, BlockShapes, NodeShapes
from engine.layers.base import Layer
from engine.layers.block import BlockLayer, Shared, held, module_names
from engine.layers.io import Input, Output

Step = tuple[str, int, int]
"""A node by its id, which of the blocks that it holds, and which repeat of that one."""
Path = tuple[Step, ...]
End = tuple[Path, str]
"""An output port of a layer, or of an input of the network."""


@dataclass(frozen=True)
class Leaf:
    """One application of one layer. home: where its weights live, another than `path` for what is used again.

    layer: with every expression evaluated. inputs: what is wired into each port. trail: names of the nodes on the way.
    """

    path: Path
    home: Path
    block: str
    node: Node
    layer: Layer
    inputs: Mapping[str, tuple[End, ...]]
    shapes: NodeShapes
    trail: tuple[str, ...]


@dataclass(frozen=True)
class Network:
    """leaves: in an order in which they can be computed. inputs, outputs: of the whole, by name."""

    leaves: Mapping[Path, Leaf]
    inputs: Mapping[str, Leaf]
    outputs: Mapping[str, tuple[End, ...]]
    uses: Mapping[End, int] = field(default_factory=dict)


def unfold(project: Project, analysis: Analysis) -> Network:
    """The network of a project without problems."""
    project = without_muted(project)
    walk = _Walk(project)
    block = project.block()
    ends = walk.block(block, analysis.main, (), (), {}, ())
    uses: dict[End, int] = {}
    for leaf in walk.leaves.values():
        for end in (e for wires in leaf.inputs.values() for e in wires):
            uses[end] = uses.get(end, 0) + 1
    for end in (e for wires in ends for e in wires):
        uses[end] = uses.get(end, 0) + 1
    outputs = {node.name: wires for node, wires in zip(block.outputs, ends)}
    return Network(walk.leaves, walk.inputs, outputs, uses)


class _Walk:
    def __init__(self, project: Project) -> None:
        self._project = project
        self.leaves: dict[Path, Leaf] = {}
        self.inputs: dict[str, Leaf] = {}

    def block(
        self,
        block: Block,
        shapes: BlockShapes,
        path: Path,
        home: Path,
        bound: Mapping[NodeId, tuple[End, ...]],
        trail: tuple[str, ...],
    ) -> list[tuple[End, ...]]:
        """Add the layers of an instance. Returns: what each of its outputs is."""
        known: dict[tuple[NodeId, str], tuple[End, ...]] = {}
        results: dict[NodeId, tuple[End, ...]] = {}
        for id in block.graph.order():
            node, seen = block.graph.nodes[id], shapes.nodes.get(id)
            if seen is None:
                continue
            wires = block.graph.wiring.into.get(id, {})
            given = {
                port: tuple(end for e in edges for end in known.get((e.source, e.source_port), ()))
                for port, edges in wires.items()
            }
            here = (*path, (str(id), 0, 0))
            if isinstance(node.layer, Input):
                known[id, "out"] = bound.get(id, ()) if path else ((here, "out"),)
                if not path:
                    self.inputs[node.name] = Leaf(here, here, str(block.id), node, node.layer, {}, seen, (node.name,))
                continue
            if isinstance(node.layer, Output):
                results[id] = given.get("x", ())
                continue
            original = block.graph.nodes[NodeId(node.layer.node)] if isinstance(node.layer, Shared) else node
            if isinstance(original.layer, BlockLayer):
                found = self._row(node, original, seen, path, home, given, trail)
                known.update(((id, port), ends) for port, ends in found.items())
                continue
            at_home = (*home, (str(original.id), 0, 0))
            self.leaves[here] = Leaf(
                here, at_home, str(block.id), original, seen.layer, given, seen, (*trail, node.name)
            )
            known.update(((id, port), ((here, port),)) for port in seen.outputs)
        return [results.get(node.id, ()) for node in block.outputs]

    def _row(
        self,
        node: Node,
        original: Node,
        seen: NodeShapes,
        path: Path,
        home: Path,
        given: Mapping[str, tuple[End, ...]],
        trail: tuple[str, ...],
    ) -> dict[str, tuple[End, ...]]:
        layer = original.layer
        assert isinstance(layer, BlockLayer)
        inner = self._project.blocks[BlockId(layer.block)]
        feed = [given.get(n.name, ()) for n in inner.inputs]
        ends: list[tuple[End, ...]] = []
        for repeat, shapes in enumerate(seen.repeats):
            own = 0 if layer.shared else repeat
            name = f"{node.name}.{repeat}" if len(seen.repeats) > 1 else node.name
            ends = self.block(
                inner,
                shapes,
                (*path, (str(node.id), 0, repeat)),
                (*home, (str(original.id), 0, own)),
                {n.id: wires for n, wires in zip(inner.inputs, feed)},
                (*trail, name),
            )
            feed = [*ends[: layer.carry], *feed[layer.carry :]]
        return {n.name: wires for n, wires in zip(inner.outputs, ends)}


@dataclass(frozen=True)
class Group:
    """The state of one layer: full names by the names within the layer, "weight" or "self_attn.in_proj_weight"."""

    home: Path
    key: str
    name: str
    names: Mapping[str, str]


def groups(project: Project, names: Iterable[str]) -> dict[Path, Group]:
    """Names of a model's state, gathered by the layer that they belong to."""
    project = without_muted(project)
    found: dict[Path, Group] = {}
    for name in names:
        home, node, rest = _home(project, name)
        old = found.get(home)
        key, called = (node.layer.key, node.name) if node is not None else ("", name)
        if old is None:
            found[home] = Group(home, key, called, {rest: name})
        else:
            found[home] = replace(old, names={**old.names, rest: name})
    return found


def _home(project: Project, name: str) -> tuple[Path, Node | None, str]:
    """The way to the layer that holds a parameter or buffer, the layer, and what is left of the name."""
    parts = name.split(".")
    path: list[Step] = []
    block: Block | None = project.block()
    node: Node | None = None
    index = 0
    while index < len(parts) and block is not None:
        found = _module(block, parts[index])
        if found is None:
            break
        node, which, instance = found
        layer, repeat = node.layer, 0
        if isinstance(layer, BlockLayer) and layer.repeat != 1 and not layer.shared:
            if not (parts[index].isdigit() and block.sequence and is_row(block)):
                index += 1
            repeat = int(parts[index]) if index < len(parts) and parts[index].isdigit() else 0
        index += 1
        path.append((str(node.id), which, repeat))
        block = project.blocks.get(instance) if instance is not None else None
    return tuple(path), node, ".".join(parts[index:])


def _module(block: Block, name: str) -> tuple[Node, int, BlockId | None] | None:
    node = block.graph.by_name(name)
    if name.isdigit() and block.sequence and (is_row(block) or int(name) < len(chain_of(block))):
        node = chain_of(block)[0 if is_row(block) else int(name)]
        name = node.name
    for each in block.graph.nodes.values() if node is None else (node,):
        for which, (module, instance) in enumerate(zip(module_names(each.name, each.layer), held(each.layer))):
            if module == name:
                return each, which, BlockId(instance.block)
    return (node, 0, None) if node is not None else None
