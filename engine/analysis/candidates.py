"""What might mend a problem: edits that are worth trying, the likeliest first."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from engine.document.edits import Batch, Connect, Insert, RemoveNodes, SetLayer, SetParam, fresh_ids
from engine.document.project import Project
from engine.errors import EngineError, Problem, Repair
from engine.expr import Expr
from engine.graph.graph import BlockId, Edge, Graph, Node, NodeId
from engine.graph.shapes import BlockShapes, NodeShapes
from engine.layers.base import Layer
from engine.layers.block import BlockLayer
from engine.tensor import TensorSpec

_SET = re.compile(r"\b[Ss]et (\w+) to ([^.]+?)(?= to |, or | or |\.$|\. |$)")
_PUT = re.compile(r"\b(?:Put|[Tt]hrough) an? (\w+)")
_FAR = 8
_SMALL = 5


@dataclass(frozen=True)
class Place:
    """The node at fault, in the instance of its block where it is."""

    project: Project
    problem: Problem
    block: BlockId
    graph: Graph
    node: Node
    shapes: NodeShapes
    instance: BlockShapes

    def wires(self) -> list[tuple[Edge, TensorSpec]]:
        """The wires into the node whose shapes are known."""
        found = []
        for edge in sorted(self.graph.into(self.node.id)):
            source = self.instance.nodes.get(edge.source)
            spec = source.outputs.get(edge.source_port) if source else None
            if spec is not None:
                found.append((edge, spec))
        return found

    def before(self, id: NodeId) -> Iterator[Node]:
        """The node and those before it along a chain, the nearest first."""
        for _ in range(_FAR):
            yield self.graph.nodes[id]
            edges = self.graph.into(id)
            if not edges:
                return
            id = edges[0].source

    def named(self, node: Node) -> str:
        return "" if node.id == self.node.id else f"{node.name} "


def matching(place: Place) -> Iterator[Repair]:
    """What the layer names as the way out, put on the wire."""
    for edge, spec in place.wires():
        for key in _PUT.findall(place.problem.hint):
            for layer in _fit_for(key, spec):
                yield insert(place, edge, layer)


def set_option(place: Place, node: Node, name: str, value: Any) -> Iterator[Repair]:
    """Give an option another value; one that holds an expression is left alone."""
    if name not in node.layer.params or isinstance(getattr(node.layer, name), Expr):
        return
    if getattr(node.layer, name) != value:
        shown = node.layer.params[name].show(value)
        yield Repair(f"Set {place.named(node)}{name} to {shown}", SetParam(node.id, name, value, place.block))


def insert(place: Place, edge: Edge, *layers: Layer, title: str = "") -> Repair:
    """Put layers on a wire, one after another."""
    layout = place.project.layout_of(place.block)
    (x0, y0), (x1, y1) = layout.at(edge.source), layout.at(edge.target)
    edits: list[Any] = []
    for number, (layer, id) in enumerate(zip(layers, fresh_ids(place.project, place.block, len(layers))), 1):
        share = number / (len(layers) + 1)
        at = (round(x0 + (x1 - x0) * share), round(y0 + (y1 - y0) * share))
        edits.append(Insert(edge, layer, at, place.block))
        edge = Edge(id, layer.ports_out()[0].name, edge.target, edge.target_port, edge.slot)
    title = title or "Insert " + " and ".join(layer.title for layer in layers)
    return Repair(title, edits[0] if len(edits) == 1 else Batch(title, tuple(edits)))


def make(key: str, **options: Any) -> Iterator[Layer]:
    """The layer if this catalogue has it and it takes these options."""
    kind = Layer.find(key)
    if kind is not None:
        try:
            yield kind(**options)
        except EngineError:
            return


def from_hint(place: Place) -> Iterator[Repair]:
    """What the layer itself says would help: "Set padding to 1", "Put an Unsqueeze before it"."""
    for name, text in _SET.findall(place.problem.hint):
        declared = place.node.layer.params.get(name)
        if declared is None:
            continue
        try:
            value = declared.parse(text, place.node.layer.title)
        except EngineError:
            continue
        yield from set_option(place, place.node, name, value)


def own_options(place: Place) -> Iterator[Repair]:
    """Heads and groups that divide what comes in, kernels that fit, dimensions that are there."""
    layer, wires = place.node.layer, place.wires()
    if not wires:
        return
    spec = wires[0][1]
    for name, axis in (("num_heads", -1), ("nhead", -1), ("num_groups", 1), ("groups", 1)):
        size = spec.shape[axis] if spec.rank > 1 else ""
        current = getattr(layer, name, None)
        if isinstance(size, int) and isinstance(current, int):
            fitting = [n for n in range(min(current, size), 0, -1) if size % n == 0]
            yield from set_option(place, place.node, name, fitting[0] if fitting else 1)
    yield from _windows(place, [size for size in spec.shape[2:] if isinstance(size, int)])
    for name in ("dim", "dims"):
        if isinstance(getattr(layer, name, None), int):
            for value in range(1, spec.rank):
                yield from set_option(place, place.node, name, value)


def _windows(place: Place, space: list[int]) -> Iterator[Repair]:
    """A small filter keeps its size and gets a border; anything else becomes as small as what it looks at."""
    layer, node = place.node.layer, place.node
    kernel = getattr(layer, "kernel_size", None)
    half = kernel // 2 if isinstance(kernel, int) and "padding" in layer.params else None
    if half is not None and layer.category == "convolution" and 2 * half <= _SMALL:
        yield from set_option(place, node, "padding", half)
    if "kernel_size" in layer.params and space:
        yield from set_option(place, node, "kernel_size", min(space))
    if half is not None:
        yield from set_option(place, node, "padding", half)


def other_kind(place: Place) -> Iterator[Repair]:
    """Conv1d where an image comes in becomes Conv2d."""
    layer, wires = place.node.layer, place.wires()
    match = re.fullmatch(r"(\w+)([123])d", layer.key)
    dims = wires[0][1].rank - 2 if wires else 0
    if match and match[1] == "BatchNorm" and dims == 0:
        dims = 1  # features (B, C)
    if match and wires and str(dims) != match[2]:
        kind = Layer.find(f"{match[1]}{dims}d")
        if kind is not None:
            options = {n: v for n, v in layer.changed().items() if not isinstance(v, tuple)}
            for changed in make(kind.key, **options):
                yield Repair(f"Change to {changed.title}", SetLayer(place.node.id, changed, place.block))


def insertions(place: Place) -> Iterator[Repair]:
    """A layer on one of the wires that gives what the node wants."""
    several = len(place.wires()) > 1
    for edge, spec in place.wires():
        for layers in _reshapers(spec):
            title = "Insert " + " and ".join(layer.title for layer in layers)
            if several:
                title += f" after {place.graph.nodes[edge.source].name}"
            yield insert(place, edge, *layers, title=title)


def _fit_for(key: str, spec: TensorSpec) -> Iterator[Layer]:
    """A layer with the options that make sense for this input."""
    last = spec.shape[-1] if spec.rank else 0
    side = math.isqrt(last) if isinstance(last, int) else 0
    if key == "Squeeze":
        for axis, size in enumerate(spec.shape):
            if size == 1 and axis:
                yield from make(key, dim=axis)
    elif key == "Unflatten" and spec.rank == 2 and side * side == last:
        yield from make(key, dim=1, unflattened_size=(1, side, side))
        yield from make(key, dim=1, unflattened_size=(side, side))
    else:
        yield from make(key)


def _reshapers(spec: TensorSpec) -> Iterator[tuple[Layer, ...]]:
    if spec.dtype.startswith(("int", "uint")):
        yield from ((layer,) for layer in make("Embedding"))
    if spec.rank > 2:
        yield from ((layer,) for layer in make("Flatten"))
    for key in ("Squeeze", "Unflatten") if spec.shape else ():
        yield from ((layer,) for layer in _fit_for(key, spec))
    if spec.rank == 2:
        yield from ((layer,) for layer in make("Unsqueeze", dim=1))
        yield from ((layer,) for layer in make("Unsqueeze", dim=2))
    if spec.rank == 3:
        yield from ((layer,) for layer in make("Transpose", dim0=1, dim1=2))
        yield from ((layer,) for layer in make("Unsqueeze", dim=1))
    if spec.rank == 4:
        for order in ((0, 3, 1, 2), (0, 2, 3, 1)):
            yield from ((layer,) for layer in make("Permute", dims=order))
        yield from zip(make("Flatten", start_dim=2), make("Transpose", dim0=1, dim1=2))
    if spec.rank in (3, 4, 5):
        yield from zip(make(f"AdaptiveAvgPool{spec.rank - 2}d"), make("Flatten"))


def wirings(place: Place, ranked: list[tuple[NodeId, str]]) -> Iterator[Repair]:
    """Wire a source into the port that has none."""
    for source, port in ranked:
        edge = Edge(source, port, place.node.id, place.problem.port)
        title = f"Wire {place.graph.nodes[source].name} into {place.node.name}"
        yield Repair(title, Connect(edge, place.block))


def removal(place: Place) -> Iterator[Repair]:
    """Take the node out and join its neighbours."""
    yield Repair(f"Delete {place.node.name}", RemoveNodes((place.node.id,), place.block, heal=True))


def for_block(place: Place) -> Iterator[Repair]:
    """Drop arguments that the block does not have; weights of their own for repeats that change the size; no row."""
    layer = place.node.layer
    assert isinstance(layer, BlockLayer)
    inner = place.project.blocks.get(BlockId(layer.block))
    known = {p.name for p in inner.params} if inner else set()
    extra = [name for name in layer.args if name not in known]
    if inner is not None and extra:
        args = {name: value for name, value in layer.args.items() if name in known}
        yield Repair(f"Remove {', '.join(extra)}", SetParam(place.node.id, "args", args, place.block))
    if layer.shared:
        yield Repair("Give each repeat its own weights", SetParam(place.node.id, "shared", False, place.block))
    if layer.repeat != 1:
        yield Repair("Set repeat to 1", SetParam(place.node.id, "repeat", 1, place.block))
    if inner is None:
        yield from removal(place)
