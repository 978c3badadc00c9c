"""What might make the inputs of a sum, a product or a join alike: on the skip, or where the odd one comes from."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from engine.analysis.candidates import Place, insert, make, set_option
from engine.document.edits import Batch, SetParam
from engine.errors import Repair
from engine.graph.graph import Edge, Node
from engine.tensor import TensorSpec

_WIDTHS = ("out_features", "out_channels", "hidden_size", "embedding_dim")
Wire = tuple[Edge, TensorSpec]


def alike(place: Place) -> Iterator[Repair]:
    """Ways to bring each wire to the size of another, the likeliest first."""
    wires = place.wires()
    skips = [wire for wire in wires if _is_skip(place, wire[0], wires)]
    for edge, spec in skips:
        for _, other in wires:
            if _may_match(spec, other):
                yield from _projected(place, edge, spec, other)
    for edge, spec in wires:
        for _, other in wires:
            yield from _along(place, edge, spec, other)
    yield from _padded(place, wires)
    for edge, spec in sorted(wires, key=lambda wire: wires.count(wire)):
        for _, other in wires:
            if _may_match(spec, other) and _is_odd(spec, other, wires):
                yield from _wider(place, edge, spec, other)
                yield from _smaller(place, edge, spec, other)
    for edge, spec in [wire for wire in wires if wire not in skips] + skips:
        for _, other in wires:
            if _may_match(spec, other):
                yield from _resized(place, edge, spec, other)
    for edge, spec in wires:
        for _, other in wires:
            if _may_match(spec, other) and (edge, spec) not in skips:
                yield from _projected(place, edge, spec, other)


def _may_match(spec: TensorSpec, other: TensorSpec) -> bool:
    return other.rank == spec.rank and other.shape != spec.shape and spec.rank > 1


def _is_odd(spec: TensorSpec, other: TensorSpec, wires: list[Wire]) -> bool:
    """Whether it is rarer than the other; of two alike in number, either."""
    shapes = [found.shape for _, found in wires]
    return shapes.count(spec.shape) <= shapes.count(other.shape)


def _is_skip(place: Place, edge: Edge, wires: list[Wire]) -> bool:
    """Whether the source also feeds another wire's source: it goes round what that one does."""
    after = place.graph.downstream(edge.source)
    return any(other.source in after for other, _ in wires if other.source != edge.source)


def _joins(place: Place) -> bool:
    return place.node.layer.key == "Concat"


def _projected(place: Place, edge: Edge, spec: TensorSpec, other: TensorSpec) -> Iterator[Repair]:
    """A 1 × 1 convolution, or a Linear where there is no space, that gives the channels and the size of the other."""
    name = place.graph.nodes[edge.source].name
    if spec.rank == 2 or (spec.rank == 3 and spec.shape[1] == other.shape[1]):
        if isinstance(other.shape[-1], int) and not _joins(place):
            for linear in make("Linear", out_features=other.shape[-1]):
                yield insert(place, edge, linear, title=f"Insert Linear after {name}")
        return
    space, wanted = spec.shape[2:], other.shape[2:]
    if not all(isinstance(size, int) for size in (*spec.shape[1:], *other.shape[1:])):
        return
    if _joins(place) and space == wanted:
        return
    ratios = [math.ceil(a / b) for a, b in zip(space, wanted)]  # type: ignore[operator]
    stride: Any = ratios[0] if len(set(ratios)) == 1 else tuple(ratios)
    dims = spec.rank - 2
    for conv in make(f"Conv{dims}d", out_channels=other.shape[1], kernel_size=1, stride=stride, padding=0):
        yield insert(place, edge, conv, title=f"Insert a 1 × 1 convolution after {name}")


def _along(place: Place, edge: Edge, spec: TensorSpec, other: TensorSpec) -> Iterator[Repair]:
    """Sizes of 1 added, so that one number for each channel goes with all of its pixels."""
    name = place.graph.nodes[edge.source].name
    if 1 < spec.rank < other.rank and spec.shape[:2] == other.shape[:2] and isinstance(spec.shape[-1], int):
        ones = (1,) * (other.rank - spec.rank)
        for unfold in make("Unflatten", dim=spec.rank - 1, unflattened_size=(spec.shape[-1], *ones)):
            yield insert(place, edge, unfold, title=f"Insert Unflatten after {name}")


def _padded(place: Place, wires: list[Wire]) -> Iterator[Repair]:
    """A border for the layer that made one input a little smaller."""
    for edge, spec in wires:
        for _, other in wires:
            node = place.graph.nodes[edge.source]
            if not _may_match(spec, other) or "padding" not in node.layer.params:
                continue
            less = [b - a for a, b in zip(spec.shape[2:], other.shape[2:]) if isinstance(a, int) and isinstance(b, int)]
            kernel = getattr(node.layer, "kernel_size", 0)
            slow = getattr(node.layer, "stride", 1) in (1, (1,) * len(less))
            if slow and less and isinstance(kernel, int) and all(0 < size < kernel for size in less):
                yield from set_option(place, node, "padding", "same")


def _wider(place: Place, edge: Edge, spec: TensorSpec, other: TensorSpec) -> Iterator[Repair]:
    """Another width for the layer that makes it."""
    for node in place.before(edge.source):
        for name in _WIDTHS:
            axis = 1 if name == "out_channels" else -1
            wanted = other.shape[axis]
            if name in node.layer.params and isinstance(wanted, int):
                yield from set_option(place, node, name, wanted)
                return


def _smaller(place: Place, edge: Edge, spec: TensorSpec, other: TensorSpec) -> Iterator[Repair]:
    """Another stride for the layer that makes it."""
    ratios = {
        a // b for a, b in zip(spec.shape[2:], other.shape[2:]) if isinstance(a, int) and isinstance(b, int) and b
    }
    ratio = ratios.pop() if len(ratios) == 1 else 0
    for node in place.before(edge.source):
        stride = getattr(node.layer, "stride", None)
        if isinstance(stride, int) and ratio > 1:
            yield from _set_stride(place, node, stride * ratio)
            return
        if isinstance(stride, int) and stride > 1 and ratio == 0:
            yield from _set_stride(place, node, 1)


def _set_stride(place: Place, node: Node, stride: int) -> Iterator[Repair]:
    """A padding of "same" goes with a stride of 1 only, so it becomes the number that it stands for."""
    kernel = getattr(node.layer, "kernel_size", 1)
    if getattr(node.layer, "padding", 0) != "same" or stride == 1:
        yield from set_option(place, node, "stride", stride)
    elif isinstance(kernel, int):
        edits = (
            SetParam(node.id, "padding", kernel // 2, place.block),
            SetParam(node.id, "stride", stride, place.block),
        )
        title = f"Set {place.named(node)}stride to {stride}"
        yield Repair(title, Batch(title, edits))


def _resized(place: Place, edge: Edge, spec: TensorSpec, other: TensorSpec) -> Iterator[Repair]:
    """The space of the other, larger by copying pixels, smaller by pooling."""
    name, dims = place.graph.nodes[edge.source].name, spec.rank - 2
    space, wanted = spec.shape[2:], other.shape[2:]
    if dims < 1 or not all(isinstance(size, int) for size in (*space, *wanted)) or space == wanted:
        return
    size = wanted if dims > 1 else wanted[0]
    shown = " × ".join(map(str, wanted))
    if all(a <= b for a, b in zip(space, wanted)):  # type: ignore[operator]
        for larger in make("Upsample", size=size, scale_factor=None):
            yield insert(place, edge, larger, title=f"Resize {name} to {shown}")
    else:
        for pool in make(f"AdaptiveAvgPool{dims}d", output_size=size):
            yield insert(place, edge, pool, title=f"Pool {name} to {shown}")
