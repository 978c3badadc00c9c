"""What might mend a tensor of the wrong form: the shape or type that was asked for, made of the one that comes."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

from engine.analysis.candidates import Place, insert, make, set_option
from engine.document.edits import RemoveNodes, SetLayer
from engine.errors import Repair
from engine.expr import Expr
from engine.graph.graph import Edge, Node, NodeId
from engine.layers.block import Shared
from engine.layers.shape import Permute, Reshape, Transpose, Unflatten
from engine.tensor import DTYPES, Dim, TensorSpec

_WANTED = re.compile(r"must be ((?:\w+ )?[^,]+?)(?:, gets|, not| or |\.$)")
_TYPE = re.compile(rf"\b(?:of type |[Nn]eeds? |both )((?:{'|'.join(DTYPES)})\b)")
_WIDTHS = ("out_channels", "out_features", "hidden_size", "embedding_dim")
_RECURRENT = ("RNN", "GRU", "LSTM")


def by_name(place: Place) -> Iterator[Repair]:
    """The shape or the type that the message asks for, by an option of the source or by a layer on the wire."""
    match = _WANTED.search(place.problem.message)
    wanted = _sizes(match[1]) if match else None
    for edge, spec in _at_port(place):
        if wanted is not None and wanted != spec.shape:
            yield from _source_of(place, edge, wanted)
            for layers in _towards(spec, wanted):
                yield insert(place, edge, layers)
    yield from _cast(place)


def _at_port(place: Place) -> list[tuple[Edge, TensorSpec]]:
    """The wires at the port of the problem, all where none is named."""
    wires = place.wires()
    named = [wire for wire in wires if wire[0].target_port == place.problem.port]
    if not named:
        named = [w for w in wires if place.problem.message.startswith(f"{w[0].target_port} must")]
    return named or wires


def _sizes(text: str) -> tuple[Dim, ...] | None:
    """ "8 × 8" as sizes."""
    sizes: list[Dim] = []
    for part in text.split(" × "):
        if part.isdigit():
            sizes.append(int(part))
        elif re.fullmatch(r"[A-Z]\w*", part):
            sizes.append(part)
        else:
            return None
    return tuple(sizes)


def _source_of(place: Place, edge: Edge, wanted: tuple[Dim, ...]) -> Iterator[Repair]:
    node = place.graph.nodes[edge.source]
    if "shape" in node.layer.params and not node.layer.ports_in() and all(isinstance(s, int) for s in wanted):
        yield from set_option(place, node, "shape", wanted)


def _towards(spec: TensorSpec, wanted: tuple[Dim, ...]) -> Iterator[Any]:
    """One layer that makes the wanted shape of this one."""
    for axis in range(len(wanted)):
        if wanted[axis] == 1 and (*wanted[:axis], *wanted[axis + 1 :]) == spec.shape:
            yield from make("Unsqueeze", dim=axis)
            return
    for axis, size in enumerate(spec.shape):
        if size == 1 and (*spec.shape[:axis], *spec.shape[axis + 1 :]) == wanted:
            yield from make("Squeeze", dim=axis)
            return
    if len(wanted) == spec.rank:
        moved = [i for i in range(spec.rank) if wanted[i] != spec.shape[i]]
        if len(moved) == 2 and wanted[moved[0]] == spec.shape[moved[1]] and wanted[moved[1]] == spec.shape[moved[0]]:
            yield from make("Transpose", dim0=moved[0], dim1=moved[1])
        elif moved == [spec.rank - 1] and isinstance(wanted[-1], int):
            yield from make("Linear", out_features=wanted[-1])


def _cast(place: Place) -> Iterator[Repair]:
    """The type that is asked for, on the wires that have another."""
    text = f"{place.problem.message} {place.problem.hint}"
    match = _TYPE.search(text)
    wires = _at_port(place)
    if match is None and "types differ" in text:
        floating = [spec.dtype for _, spec in wires if spec.is_floating]
        dtype = floating[0] if floating else wires[0][1].dtype if wires else ""
    else:
        dtype = match[1] if match else ""
    for edge, spec in wires:
        if dtype and spec.dtype != dtype:
            for cast in make("Cast", dtype=dtype):
                yield insert(place, edge, cast, title=f"Insert Cast to {dtype}")


def undone(place: Place) -> Iterator[Repair]:
    """Without the layer itself where it only changes the form."""
    layer = place.node.layer
    only_form = layer.category in ("shape", "activation", "regularisation") or layer.key in (
        "Add",
        "Multiply",
        "Concat",
    )
    if only_form and len(place.graph.into(place.node.id)) == 1:
        yield delete(place, place.node)


def _unmoved(place: Place) -> Iterator[Repair]:
    for edge, spec in place.wires():
        before = place.graph.nodes[edge.source]
        if isinstance(before.layer, (Transpose, Permute)) and spec.rank and spec.shape[0] != "B" and "B" in spec.shape:
            yield delete(place, before)


def delete(place: Place, node: Node) -> Repair:
    """Take a layer out and join what it stood between."""
    return Repair(f"Delete {node.name}", RemoveNodes((node.id,), place.block, heal=True))


def batch_first(place: Place) -> Iterator[Repair]:
    """The batch brought to the front where something has moved it: without that layer, or by another."""
    yield from _unmoved(place)
    for edge, spec in place.wires():
        if spec.rank > 1 and spec.shape[0] != "B" and spec.shape[1] == "B":
            for swap in make("Transpose", dim0=0, dim1=1):
                yield insert(place, edge, swap)


def other_sizes(place: Place) -> Iterator[Repair]:
    """Sizes for a Reshape, an Unflatten or a Permute that hold what comes in."""
    layer, wires = place.node.layer, place.wires()
    if not wires:
        return
    spec = wires[0][1]
    if isinstance(layer, Permute):
        yield from _orders(place, spec)
    name = "shape" if isinstance(layer, Reshape) else "unflattened_size"
    given = getattr(layer, name, None)
    if not isinstance(layer, (Reshape, Unflatten)) or isinstance(given, Expr) or not isinstance(given, tuple):
        return
    count = _count(layer, spec)
    for index in reversed(range(len(given))):
        rest = math.prod(size for i, size in enumerate(given) if i != index)
        if count and rest > 0 and count % rest == 0 and all(isinstance(size, int) for size in given):
            yield from set_option(place, place.node, name, (*given[:index], -1, *given[index + 1 :]))
    side = math.isqrt(count)
    if count and side * side == count:
        yield from set_option(place, place.node, name, (1, side, side) if len(given) == 3 else (side, side))
    yield from set_option(place, place.node, name, (1, -1) if isinstance(layer, Unflatten) else (-1,))


def _count(layer: Any, spec: TensorSpec) -> int:
    """How many numbers have to be laid out, 0 where that is not known."""
    sizes: tuple[Dim, ...] = spec.shape[1:]
    if isinstance(layer, Unflatten):
        sizes = (spec.shape[layer.dim],) if -spec.rank <= layer.dim < spec.rank else ()
    elif not layer.keep_batch:
        sizes = spec.shape
    return math.prod(s for s in sizes if isinstance(s, int)) if all(isinstance(s, int) for s in sizes) else 0


def _orders(place: Place, spec: TensorSpec) -> Iterator[Repair]:
    rank = spec.rank
    last_first = (0, rank - 1, *range(1, rank - 1))
    first_last = (0, *range(2, rank), 1)
    few = isinstance(spec.shape[-1], int) and spec.shape[-1] <= 4
    for order in (last_first, first_last) if few else (first_last, last_first):
        yield from set_option(place, place.node, "dims", order)


def shared_out(place: Place) -> Iterator[Repair]:
    """Channels or features that the layer can share out, from the layer before that makes them."""
    layer = place.node.layer
    parts = getattr(layer, "upscale_factor", 0) ** 2 if "upscale_factor" in layer.params else 0
    for name in ("num_heads", "nhead", "num_groups", "groups"):
        parts = parts or (getattr(layer, name, 0) if name in layer.params else 0)
    if not isinstance(parts, int) or parts < 2:
        return
    for edge, _ in place.wires()[:1]:
        for node in place.before(edge.source):
            name = next((n for n in _WIDTHS if n in node.layer.params), "")
            width = getattr(node.layer, name, None) if name else None
            if isinstance(width, int):
                yield from set_option(place, node, name, -(-width // parts) * parts)
                return


def own_weights(place: Place) -> Iterator[Repair]:
    """A layer of its own where shared weights do not fit."""
    layer = place.node.layer
    original = place.graph.nodes.get(NodeId(layer.node)) if isinstance(layer, Shared) else None
    if original is not None:
        title = f"Use a layer of its own for {place.node.name}"
        yield Repair(title, SetLayer(place.node.id, original.layer, place.block))


def one_step(place: Place, edge: Edge) -> Iterator[Repair]:
    """The last step of a sequence, or one layer of a state, before what should see one row for each sample."""
    for node in place.before(edge.source):
        into = place.graph.into(node.id)
        if len(into) != 1:
            return
        source = place.instance.nodes.get(into[0].source)
        spec = source.outputs.get(into[0].source_port) if source else None
        before = place.graph.nodes[into[0].source].layer
        if spec is None or spec.rank != 3 or source is None:
            continue
        is_state = spec.shape[1] == "B"
        if before.key in _RECURRENT or is_state:
            for select in make("Select", dim=0 if is_state else 1, index=-1):
                yield insert(place, into[0], select, title=f"Insert Select before {node.name}")
            return
