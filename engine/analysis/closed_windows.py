"""Formulas for what slides over space and for what joins tensors; a law test holds each against the run itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

from engine.analysis.closed import Closed
from engine.analysis.keeping import merged
from engine.analysis.line import line_of
from engine.graph.shapes import NOTHING_KEPT, Kept
from engine.layers.base import Layer
from engine.layers.convolution import Convolution, TransposedConvolution
from engine.layers.merge import ElementwiseMany
from engine.layers.pooling import MaxPooling, WindowPooling
from engine.layers.shape import Flatten
from engine.tensor import Dim, TensorSpec

_X = Kept(inputs=("x",))


def windowed(layer: Layer, x: TensorSpec, derived: Mapping[str, Any]) -> Closed | None:
    """Convolutions, pooling with a window, and Flatten."""
    if isinstance(layer, Convolution):
        return _convolution(layer, x, derived)
    if isinstance(layer, TransposedConvolution):
        return _transposed(layer, x, derived)
    if isinstance(layer, WindowPooling):
        return _pooling(layer, x)
    return _flatten(layer, x) if isinstance(layer, Flatten) else None


def _slid(size: Dim, kernel: int, stride: int, around: int, dilation: int) -> Dim | None:
    """(size + around - dilation * (kernel - 1) - 1) // stride + 1."""
    line = line_of(size)
    return line.plus(around - dilation * (kernel - 1) - 1).over(stride).plus(1).size() if line else None


def _convolution(layer: Convolution, x: TensorSpec, derived: Mapping[str, Any]) -> Closed | None:
    kernel, dilation = layer.each("kernel_size"), layer.each("dilation")
    covered = [d * (k - 1) for d, k in zip(dilation, kernel)]
    if layer.padding == "same":
        if layer.padding_mode != "zeros" or any(c % 2 for c in covered):
            return None  # an uneven border is added by a layer before it
        around = covered
    elif layer.padding_mode != "zeros":
        return None
    else:
        around = [0] * layer.dims if layer.padding == "valid" else [2 * p for p in layer.each("padding")]
    rows = zip(x.shape[2:], kernel, layer.each("stride"), around, dilation)
    space = [_slid(*row) for row in rows]
    if not _all_there(space):
        return None
    named = {"weight": (layer.out_channels, derived["in_channels"] // layer.groups, *kernel)}
    result = TensorSpec((x.shape[0], layer.out_channels, *(s for s in space if s is not None)))
    return _with_bias(layer, result, 2 * result.count() * prod(named["weight"][1:]), named)


def _transposed(layer: TransposedConvolution, x: TensorSpec, derived: Mapping[str, Any]) -> Closed | None:
    names = ("kernel_size", "stride", "padding", "dilation", "output_padding")
    space: list[Dim | None] = []
    for size, kernel, stride, padding, dilation, extra in zip(x.shape[2:], *map(layer.each, names)):
        line = line_of(size)
        grown = line.plus(-1).times(stride) if line else None
        space.append(grown.plus(dilation * (kernel - 1) - 2 * padding + extra + 1).size() if grown else None)
    if not _all_there(space):
        return None
    named = {"weight": (derived["in_channels"], layer.out_channels // layer.groups, *layer.each("kernel_size"))}
    result = TensorSpec((x.shape[0], layer.out_channels, *(s for s in space if s is not None)))
    return _with_bias(layer, result, 2 * x.count() * prod(named["weight"][1:]), named)


def _with_bias(layer: Any, result: TensorSpec, flops: int, named: dict[str, tuple[int, ...]]) -> Closed:
    bias = {"bias": (layer.out_channels,)} if layer.bias else {}
    for_weights = flops * layer.groups  # torch counts the weights' gradient as if all channels met
    return Closed({"out": result}, flops, named | bias, _X, (flops + for_weights, for_weights))


def _all_there(space: Sequence[Dim | None]) -> bool:
    return all(size is not None and (isinstance(size, str) or size > 0) for size in space)


def _pooling(layer: WindowPooling, x: TensorSpec) -> Closed | None:
    if layer.key.startswith("LP") or getattr(layer, "ceil_mode", False):
        return None
    kernel = layer.each("kernel_size")
    stride = layer.each("stride") if layer.stride is not None else kernel
    padding = layer.each("padding")
    dilation = layer.each("dilation") if "dilation" in layer.params else (1,) * layer.dims
    rows = zip(x.shape[2:], kernel, stride, (2 * p for p in padding), dilation)
    space = [_slid(*row) for row in rows]
    if not _all_there(space):
        return None
    result = TensorSpec((*x.shape[:2], *(s for s in space if s is not None)))
    if not isinstance(layer, MaxPooling):
        return Closed({"out": result}, named={}, kept=_X)
    where = TensorSpec(result.shape, "int64")
    if layer.return_indices:
        return Closed({"out": result, "indices": where}, named={}, kept=Kept(("x",), ("indices",)))
    return Closed({"out": result}, named={}, kept=Kept(("x",), extra=(TensorSpec(merged(where.shape), "int64"),)))


def _flatten(layer: Flatten, x: TensorSpec) -> Closed | None:
    start, end = layer.start_dim % x.rank, layer.end_dim % x.rank
    joined_sizes = x.shape[start : end + 1]
    if not all(isinstance(size, int) for size in joined_sizes):
        return None
    size = prod(s for s in joined_sizes if isinstance(s, int))
    result = TensorSpec((*x.shape[:start], size, *x.shape[end + 1 :]))
    return Closed({"out": result}, named={}, kept=Kept(views=(("out", "x"),)))


def joined(layer: Layer, given: tuple[TensorSpec, ...]) -> Closed | None:
    """Sums and products of several tensors, and one after another."""
    if any(type(spec) is not TensorSpec or spec.dtype != "float32" for spec in given) or len(given) < 2:
        return None
    if layer.key in ("Add", "Multiply") and isinstance(layer, ElementwiseMany):
        return _elementwise(layer, given)
    if layer.key == "Concat":
        index = layer.dim % given[0].rank  # type: ignore[attr-defined]
        along = [spec.shape[index] for spec in given]
        if not all(isinstance(size, int) for size in along):
            return None
        shape = list(given[0].shape)
        shape[index] = sum(size for size in along if isinstance(size, int))
        return Closed({"out": TensorSpec(tuple(shape))}, named={})
    return None


def _elementwise(layer: ElementwiseMany, given: tuple[TensorSpec, ...]) -> Closed | None:
    rank = max(spec.rank for spec in given)
    padded = [(1,) * (rank - spec.rank) + spec.shape for spec in given]
    shape = tuple(next((size for size in column if size != 1), 1) for column in zip(*padded))
    result = TensorSpec(shape)
    if layer.key == "Add":
        return Closed({"out": result}, named={}, kept=NOTHING_KEPT)
    if len(given) > 2:
        return None
    return Closed({"out": result}, named={}, kept=Kept(inputs=("inputs:0", "inputs:1")))
