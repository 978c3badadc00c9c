"""Formulas in front of layers that are slow to run without data; a law test holds each against the run itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.analysis.keeping import merged
from engine.graph.shapes import NOTHING_KEPT, Kept
from engine.layers.activation import Activation
from engine.layers.base import Layer
from engine.layers.linear import Linear
from engine.layers.normalization import BatchNorm, GroupNorm, LayerNorm
from engine.layers.recurrent import LSTM, Recurrent
from engine.tensor import TensorSpec

Sizes = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Closed:
    """What forward gives, None for an output of unknown size, its operations for one sample, and what it keeps.

    named: the sizes of its parameters; None: the module has to be made to see them. backward: operations of the pass
    back, and those that are left where no input wants a gradient.
    """

    outputs: Mapping[str, TensorSpec | None]
    flops: int = 0
    named: Sizes | None = None
    kept: Kept = field(default=NOTHING_KEPT)
    backward: tuple[int, int] = (0, 0)


_X, _OUT = Kept(inputs=("x",)), Kept(outputs=("out",))
_SMOOTH = ("ELU", "CELU", "SELU", "GELU", "SiLU", "Mish", "Softplus", "LeakyReLU", "ReLU6", "Threshold")
_KEEPS_INPUT = (*_SMOOTH, "Softshrink", "Hardshrink", "Hardtanh", "Hardsigmoid", "Hardswish")
_KEEPS_RESULT = ["ReLU", "Sigmoid", "Tanh"]
SAME = frozenset((*_KEEPS_INPUT, *_KEEPS_RESULT, "Dropout"))
"""Layers without weights that give what they take in shape and type, at no operation that torch counts."""
_GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}


def closed_form(layer: Layer, inputs: Mapping[str, Any], derived: Mapping[str, Any]) -> Closed | None:
    """The result by formula, or None where there is none and the layer has to be run."""
    from engine.analysis.closed_windows import joined, windowed

    given = [spec for spec in inputs.values() if spec is not None]
    if not given or getattr(layer, "inplace", False):
        return None
    if isinstance(given[0], tuple):
        return joined(layer, given[0])
    if any(type(spec) is not TensorSpec or spec.dtype != "float32" for spec in given):
        return None
    x = given[0]
    if layer.key in SAME:
        return _same(layer, x)
    if isinstance(layer, (BatchNorm, GroupNorm, LayerNorm)):
        return _norm(layer, x, derived)
    if isinstance(layer, Linear):
        return _linear(layer, x, derived)
    if isinstance(layer, Recurrent):
        return _recurrent(layer, x, derived, len(given) == 1)
    return windowed(layer, x, derived) if len(given) == 1 else None


def _same(layer: Layer, x: TensorSpec) -> Closed | None:
    if layer.key == "Dropout":
        if not 0 < layer.p < 1:  # type: ignore[attr-defined]
            return None
        return Closed({"out": x}, named={}, kept=Kept(extra=(TensorSpec(merged(x.shape)),)))
    if isinstance(layer, Activation) and layer.key == "Threshold" and not x.is_floating:
        return None
    return Closed({"out": x}, named={}, kept=_OUT if layer.key in _KEEPS_RESULT else _X)


def _norm(layer: Layer, x: TensorSpec, derived: Mapping[str, Any]) -> Closed | None:
    weights: tuple[str, ...] = ("weight", "bias")
    size: tuple[int, ...]
    if isinstance(layer, BatchNorm):
        size, learns = (derived["num_features"],), layer.affine
        statistics = TensorSpec(size)
    elif isinstance(layer, GroupNorm):
        size, learns = (derived["num_channels"],), layer.affine
        statistics = TensorSpec(merged((*x.shape[:1], layer.num_groups)))
    elif isinstance(layer, LayerNorm):
        wide = derived["normalized_shape"]
        size, learns = wide if isinstance(wide, tuple) else (wide,), layer.elementwise_affine
        weights = weights if layer.bias else weights[:1]
        statistics = TensorSpec(merged(x.shape[: -layer.dims]))
    else:
        return None
    named = dict.fromkeys(weights, size) if learns else {}
    return Closed({"out": x}, named=named, kept=Kept(inputs=("x",), extra=(statistics, statistics)))


def _linear(layer: Linear, x: TensorSpec, derived: Mapping[str, Any]) -> Closed:
    result = TensorSpec((*x.shape[:-1], layer.out_features))
    named: dict[str, tuple[int, ...]] = {"weight": (layer.out_features, derived["in_features"])}
    if layer.bias:
        named["bias"] = (layer.out_features,)
    flops = 2 * x.count() * layer.out_features
    return Closed({"out": result}, flops, named, _X, (2 * flops, flops))


def _recurrent(layer: Recurrent, x: TensorSpec, derived: Mapping[str, Any], begins: bool) -> Closed:
    """begins: the state before the first step is zeros, which want no gradient."""
    ways = 2 if layer.bidirectional else 1
    memory = layer.hidden_size
    state = (layer.proj_size or memory) if isinstance(layer, LSTM) else memory
    batch = x.shape[0 if layer.batch_first else 1]
    outputs = {
        "output": TensorSpec((*x.shape[:2], ways * state)),
        "h": TensorSpec((ways * layer.num_layers, batch, state)),
        "c": TensorSpec((ways * layer.num_layers, batch, memory)),
    }
    turn = ways * 2 * _GATES[layer.key] * memory
    step = 0
    for depth in range(layer.num_layers):
        step += turn * ((ways * state if depth else derived["input_size"]) + state)
        step += ways * 2 * memory * state if state != memory else 0
    steps = TensorSpec(x.shape[:2]).count()
    first = turn * state * layer.num_layers * TensorSpec((batch,)).count()
    back = 2 * step * steps
    return Closed(
        {port.name: outputs[port.name] for port in layer.ports_out()},
        step * steps,
        kept=remembered(layer, x),
        backward=(back - first if begins else back, back - first - turn * derived["input_size"] * steps),
    )


def remembered(layer: Recurrent, x: TensorSpec) -> Kept:
    """What a recurrent layer keeps: for each step its gates and states, as libraries that compute it at once do.

    How much these libraries keep besides is theirs to know.
    """
    ways = 2 if layer.bidirectional else 1
    a_step = ways * layer.num_layers * (_GATES[layer.key] + 2) * layer.hidden_size
    return Kept(inputs=("input",), outputs=("output",), extra=(TensorSpec(merged((*x.shape[:2], a_step))),))
