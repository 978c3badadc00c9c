"""How much of the network's inputs one value of a layer sees: its receptive field, in pixels or steps.

For windows the recurrence of Araujo, Norris and Sim 2019 (Computing receptive fields of convolutional neural networks):
with the distance j between neighbours measured in the input, a window that covers k adds (k - 1) j, and a stride s
makes j into s j. Where ways meet, a value sees all that any of them sees.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from engine.graph.block import Block
from engine.graph.graph import BlockId, Edge, NodeId
from engine.graph.shapes import BlockShapes, NodeShapes
from engine.layers.base import Layer
from engine.layers.block import BlockLayer
from engine.layers.convolution import Convolution, TransposedConvolution
from engine.layers.io import Input, Output
from engine.layers.pooling import AdaptivePooling, WindowPooling
from engine.layers.reduce import Reduction
from engine.tensor import Dim, TensorSpec

Place = tuple[BlockId, NodeId]


@dataclass(frozen=True, slots=True)
class Seen:
    """One dimension of an input as a value sees it. axis: the dimension along which the view moves, None: all of it.

    For the value at 0 it goes from `low` to `high`; a step along the axis moves it by `jump`.
    """

    axis: int | None
    low: Fraction = Fraction(0)
    high: Fraction = Fraction(0)
    jump: Fraction = Fraction(1)


Key = tuple[str, int]
"""An input by its name, and one of its dimensions."""
Field = Mapping[Key, Seen]
_ALL = Seen(None)


@dataclass(frozen=True, slots=True)
class View:
    """What a value sees of one input: how many entries of each dimension beside batch and channels, and of how many."""

    input: str
    seen: tuple[Dim, ...]
    of: tuple[Dim, ...]

    @property
    def is_whole(self) -> bool:
        return self.seen == self.of

    def __str__(self) -> str:
        what = " × ".join(map(str, self.seen))
        whole = " × ".join(map(str, self.of))
        return f"all of {self.input}" if self.is_whole else f"{what} of {whole} of {self.input}"


def receptive_fields(blocks: Mapping[BlockId, Block], main: BlockShapes) -> dict[Place, tuple[View, ...]]:
    """For every node, in the first instance of its block, what it sees of those inputs that have space or time.

    The blocks are those without muted layers. Norms count as looking at one place, as is usual: what they take in of
    the whole input is a mean.
    """
    sizes: dict[str, tuple[Dim, ...]] = {}
    given: list[Field] = []
    for node in blocks[main.block].inputs:
        shapes = main.nodes.get(node.id)
        spec = shapes.outputs.get("out") if shapes else None
        rank = spec.rank if isinstance(spec, TensorSpec) else 0
        sizes[node.name] = spec.shape if spec else ()
        given.append({(node.name, axis): Seen(axis) for axis in range(1, rank)})
    found: dict[Place, Field] = {}
    _walk(blocks, main, given, found)
    return {place: _views(field, sizes) for place, field in found.items()}


def _views(field: Field, sizes: Mapping[str, tuple[Dim, ...]]) -> tuple[View, ...]:
    views = []
    for name, shape in sizes.items():
        axes = range(2, len(shape)) if len(shape) > 3 or _is_signal(field, name) else range(1, len(shape) - 1)
        pairs = [(_width(field[name, axis], shape[axis]), shape[axis]) for axis in axes if (name, axis) in field]
        if pairs:
            views.append(View(name, tuple(seen for seen, _ in pairs), tuple(size for _, size in pairs)))
    return tuple(views)


def _is_signal(field: Field, name: str) -> bool:
    """Of three dimensions, the last may be time, when a window moves along it, or the features of a step."""
    last = field.get((name, 2))
    return last is not None and (last.axis is not None or field.get((name, 1), _ALL).axis is None)


def _width(seen: Seen, size: Dim) -> Dim:
    if seen.axis is None:
        return size
    width = int(seen.high - seen.low) + 1
    return min(width, size) if isinstance(size, int) else width


def _walk(
    blocks: Mapping[BlockId, Block], shapes: BlockShapes, given: list[Field], found: dict[Place, Field]
) -> list[Field]:
    """The fields of the block's outputs; those of its nodes go into `found`."""
    block = blocks[shapes.block]
    fields: dict[tuple[NodeId, str], Field] = {}
    ends: dict[NodeId, Field] = {}
    order = {node.id: i for i, node in enumerate(block.inputs)}
    for id in block.graph.order():
        node, record = block.graph.nodes[id], shapes.nodes.get(id)
        if record is None:
            continue
        wires = block.graph.wiring.into.get(id, {})
        if isinstance(node.layer, Input):
            made = [given[order[id]] if order[id] < len(given) else {}]
        elif isinstance(node.layer, Output):
            ends[id] = _joined([fields.get((e.source, e.source_port), {}) for edges in wires.values() for e in edges])
            continue
        elif record.repeats and isinstance(record.layer, BlockLayer):
            made = _row(blocks, record.layer, record, wires, fields, found)
        elif record.known:
            made = [_through(record, wires, fields)] * len(record.outputs)
        else:  # it may stand where it does not fit: a window of one dimension on an image
            made = [{}] * len(record.outputs)
        found.setdefault((shapes.block, id), made[0] if made else {})
        fields.update({(id, port): field for port, field in zip(record.outputs, made)})
    return [ends.get(node.id, {}) for node in block.outputs]


def _row(
    blocks: Mapping[BlockId, Block],
    layer: BlockLayer,
    record: NodeShapes,
    wires: Mapping[str, tuple[Edge, ...]],
    fields: Mapping[tuple[NodeId, str], Field],
    found: dict[Place, Field],
) -> list[Field]:
    ports = [node.name for node in blocks[record.repeats[0].block].inputs]
    edges = [wires[port][0] if wires.get(port) else None for port in ports]
    given: list[Field] = [fields.get((e.source, e.source_port), {}) if e else {} for e in edges]
    made: list[Field] = []
    for inner in record.repeats:
        made = _walk(blocks, inner, given, found)
        given = [*made[: layer.carry], *given[layer.carry :]]
    return made


def _through(
    record: NodeShapes, wires: Mapping[str, tuple[Edge, ...]], fields: Mapping[tuple[NodeId, str], Field]
) -> Field:
    """The field of a layer's result from those of its wires."""
    layer, given = record.layer, []
    ranks = {spec.rank for spec in record.outputs.values() if isinstance(spec, TensorSpec)}
    for port, edges in wires.items():
        specs = record.inputs.get(port)
        row = specs if isinstance(specs, tuple) else (specs,) * len(edges)
        for edge, spec in zip(edges, row):
            field = fields.get((edge.source, edge.source_port), {})
            if isinstance(spec, TensorSpec) and (layer.key not in _PLACE_BY_PLACE or ranks == {spec.rank}):
                given.append(_changed(layer, field, spec))
            else:
                given.append(_everything(field))
    return _joined(given)


def _changed(layer: Layer, field: Field, spec: TensorSpec) -> Field:
    if isinstance(layer, (Convolution, WindowPooling)):
        return _windowed(layer, field)
    if isinstance(layer, TransposedConvolution):
        return _spread(layer, field)
    if isinstance(layer, AdaptivePooling):
        return _shrunk(layer, field, spec)
    change = _BY_KEY.get(layer.key, _reduced if isinstance(layer, Reduction) else None)
    if change is not None:
        return change(layer, field, spec)
    return field if layer.category in _POINTWISE or layer.key in _PLACE_BY_PLACE else _everything(field)


def _windowed(layer: Convolution | WindowPooling, field: Field) -> Field:
    """A window slides along every dimension of space; a convolution mixes all channels."""
    kernel = layer.each("kernel_size")
    stride = layer.each("stride") if getattr(layer, "stride", None) is not None else kernel
    dilation = layer.each("dilation") if "dilation" in layer.params else (1,) * layer.dims
    covers = [d * (k - 1) for d, k in zip(dilation, kernel)]
    padding = getattr(layer, "padding", 0)
    before = [c // 2 for c in covers] if padding == "same" else [0] * layer.dims
    if padding not in ("same", "valid"):
        before = list(layer.each("padding")) if "padding" in layer.params else before
    mixes = isinstance(layer, Convolution)

    def one(seen: Seen) -> Seen:
        if seen.axis is None or seen.axis < 2:
            return _ALL if mixes and seen.axis == 1 else seen
        i = seen.axis - 2
        return Seen(
            seen.axis,
            seen.low - before[i] * seen.jump,
            seen.high + (covers[i] - before[i]) * seen.jump,
            seen.jump * stride[i],
        )

    return {key: one(seen) for key, seen in field.items()}


def _spread(layer: TransposedConvolution, field: Field) -> Field:
    """A value is written to by as many inputs as filters reach it: at most ceil(k / s)."""
    kernel, stride, dilation = (layer.each(name) for name in ("kernel_size", "stride", "dilation"))

    def one(seen: Seen) -> Seen:
        if seen.axis is None or seen.axis < 2:
            return _ALL if seen.axis == 1 else seen
        i = seen.axis - 2
        reach = -(-(dilation[i] * (kernel[i] - 1) + 1) // stride[i]) - 1
        return replace(seen, low=seen.low - reach * seen.jump, jump=seen.jump / stride[i])

    return {key: one(seen) for key, seen in field.items()}


def _shrunk(layer: AdaptivePooling, field: Field, spec: TensorSpec) -> Field:
    sizes = layer.each("output_size")

    def one(seen: Seen) -> Seen:
        if seen.axis is None or seen.axis < 2:
            return seen
        size, result = spec.shape[seen.axis], sizes[seen.axis - 2]
        if not isinstance(size, int) or result == 1:
            return _ALL
        bin = -(-size // result) + (1 if size % result else 0)
        return Seen(seen.axis, seen.low, seen.high + (bin - 1) * seen.jump, seen.jump * size / result)

    return {key: one(seen) for key, seen in field.items()}


def _moved(order: Callable[[int], int | None], field: Field) -> Field:
    return {
        key: seen if seen.axis is None else _ALL if (axis := order(seen.axis)) is None else replace(seen, axis=axis)
        for key, seen in field.items()
    }


def _mixed(axes: Iterable[int], field: Field) -> Field:
    """Everything along these dimensions is seen at once."""
    gone = set(axes)
    return {key: _ALL if seen.axis in gone else seen for key, seen in field.items()}


def _everything(field: Field) -> Field:
    return dict.fromkeys(field, _ALL)


def _joined(fields: list[Field]) -> Field:
    """All that any of the ways sees."""
    if len(fields) == 1:
        return fields[0]
    found: dict[Key, Seen] = {}
    for field in fields:
        for key, seen in field.items():
            other = found.setdefault(key, seen)
            if other.axis != seen.axis:
                found[key] = _ALL
            elif other != seen:
                low, high = min(other.low, seen.low), max(other.high, seen.high)
                found[key] = Seen(seen.axis, low, high, max(other.jump, seen.jump))
    return found


def _permuted(layer: Layer, field: Field, spec: TensorSpec) -> Field:
    order = [d % spec.rank for d in getattr(layer, "dims", ())]
    return _moved(lambda axis: order.index(axis) if axis in order else None, field)


def _transposed(layer: Layer, field: Field, spec: TensorSpec) -> Field:
    a, b = (getattr(layer, name) % spec.rank for name in ("dim0", "dim1"))
    return _moved(lambda axis: b if axis == a else a if axis == b else axis, field)


def _flattened(layer: Layer, field: Field, spec: TensorSpec) -> Field:
    start, end = getattr(layer, "start_dim", 1) % spec.rank, getattr(layer, "end_dim", -1) % spec.rank
    return _moved(lambda axis: axis if axis < start else start if axis <= end else axis - (end - start), field)


def _squeezed(layer: Layer, field: Field, spec: TensorSpec) -> Field:
    gone = getattr(layer, "dim", -1) % spec.rank
    return _moved(lambda axis: None if axis == gone else axis - (axis > gone), field)


def _unsqueezed(layer: Layer, field: Field, spec: TensorSpec) -> Field:
    new = getattr(layer, "dim", 1) % (spec.rank + 1)
    return _moved(lambda axis: axis + (axis >= new), field)


def _reduced(layer: Layer, field: Field, spec: TensorSpec) -> Field:
    dims = getattr(layer, "dim", None)
    if dims is None:
        return _everything(field)
    gone = {d % spec.rank for d in (dims if isinstance(dims, tuple) else (dims,))}
    field = _mixed(gone, field)
    if getattr(layer, "keepdim", False):
        return field
    return _moved(lambda axis: axis - sum(g < axis for g in gone), field)


def _upsampled(layer: Layer, field: Field, spec: TensorSpec) -> Field:
    """Copied pixels see what they are copies of; blended ones their neighbour, too."""
    size, factor = getattr(layer, "size", None), getattr(layer, "scale_factor", None)
    reach = 0 if str(getattr(layer, "mode", "nearest")).startswith("nearest") else 1

    def one(seen: Seen) -> Seen:
        if seen.axis is None or seen.axis < 2:
            return seen
        old = spec.shape[seen.axis]
        new = size[seen.axis - 2] if isinstance(size, tuple) else size
        times = Fraction(new, old) if new and isinstance(old, int) else Fraction(factor or 1).limit_denominator(64)
        return replace(seen, high=seen.high + reach * seen.jump, jump=seen.jump / times)

    return {key: one(seen) for key, seen in field.items()}


def _last_mixed(layer: Layer, field: Field, spec: TensorSpec) -> Field:
    return _mixed((spec.rank - 1,), field)


def _mixed_along(layer: Layer, field: Field, spec: TensorSpec) -> Field:
    return _mixed((getattr(layer, "dim", -1) % spec.rank,), field)


_POINTWISE = ("activation", "regularisation", "normalisation")
_PLACE_BY_PLACE = frozenset(
    (
        *("Add", "Multiply", "Subtract", "Divide", "FloorDivide", "Remainder", "Power", "Maximum", "Minimum", "Lerp"),
        *("AddProduct", "Compare", "Logic", "Not", "Math", "Scale", "Clamp", "Noise", "Where", "MaskedFill"),
        *("Concat", "Split", "Complex", "ComplexPart"),
    )
)
_BY_KEY: Mapping[str, Callable[[Layer, Field, TensorSpec], Field]] = {
    "Linear": _last_mixed,
    "MatMul": lambda layer, field, spec: _everything(field),
    "Identity": lambda layer, field, spec: field,
    "Cast": lambda layer, field, spec: field,
    "Pad": lambda layer, field, spec: field,
    "Permute": _permuted,
    "Transpose": _transposed,
    "Flatten": _flattened,
    "Squeeze": _squeezed,
    "Unsqueeze": _unsqueezed,
    **dict.fromkeys(("Prod", "Median", "ArgMax", "ArgMin", "Select"), _reduced),
    "Upsample": _upsampled,
    "UpsamplingNearest2d": _upsampled,
    "Embedding": lambda layer, field, spec: field,
    **dict.fromkeys(("Softmax", "LogSoftmax", "Softmin", "GumbelSoftmax", "GLU"), _mixed_along),
    "Softmax2d": lambda layer, field, spec: _mixed((spec.rank - 3,), field),
}
