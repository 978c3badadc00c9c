"""Formulas in front of layers that are slow to run without data; a law test holds each against the run itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

from engine.layers.attention import TransformerEncoderLayer
from engine.layers.base import Layer
from engine.layers.linear import Linear
from engine.layers.recurrent import LSTM, Recurrent
from engine.tensor import TensorSpec


@dataclass(frozen=True)
class Closed:
    """What forward gives, None for an output of unknown size, and its operations for one sample."""

    outputs: Mapping[str, TensorSpec | None]
    flops: int = 0


_SAME = """
    ReLU ReLU6 LeakyReLU RReLU ELU CELU SELU GELU SiLU Mish Sigmoid LogSigmoid Tanh Softplus Softsign Softshrink
    Hardshrink Tanhshrink Hardtanh Hardsigmoid Hardswish Threshold Dropout AlphaDropout
    BatchNorm1d BatchNorm2d BatchNorm3d GroupNorm LayerNorm RMSNorm
"""
SAME = frozenset(_SAME.split())
"""Layers that give what they take in shape and type, at no operation that torch counts, once `derive` lets them."""
_GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}


def closed_form(layer: Layer, inputs: Mapping[str, Any], derived: Mapping[str, Any]) -> Closed | None:
    """The result by formula, or None where there is none and the layer has to be run."""
    given = [spec for spec in inputs.values() if spec is not None]
    if not given or not isinstance(given[0], TensorSpec) or given[0].dtype != "float32":
        return None
    x = given[0]
    if layer.key in SAME:
        return Closed({"out": x})
    if isinstance(layer, Linear):
        result = TensorSpec((*x.shape[:-1], layer.out_features))
        return Closed({"out": result}, 2 * x.count() * layer.out_features)
    if isinstance(layer, Recurrent):
        return _recurrent(layer, x, derived)
    if isinstance(layer, TransformerEncoderLayer) and layer.batch_first and x.rank == 3 and len(given) == 1:
        return _encoder(layer, x)
    return None


def _recurrent(layer: Recurrent, x: TensorSpec, derived: Mapping[str, Any]) -> Closed:
    ways = 2 if layer.bidirectional else 1
    memory = layer.hidden_size
    state = (layer.proj_size or memory) if isinstance(layer, LSTM) else memory
    batch = x.shape[0 if layer.batch_first else 1]
    outputs = {
        "output": TensorSpec((*x.shape[:2], ways * state)),
        "h": TensorSpec((ways * layer.num_layers, batch, state)),
        "c": TensorSpec((ways * layer.num_layers, batch, memory)),
    }
    step = 0
    for depth in range(layer.num_layers):
        into = ways * state if depth else derived["input_size"]
        step += ways * 2 * _GATES[layer.key] * memory * (into + state)
        step += ways * 2 * memory * state if state != memory else 0
    steps = TensorSpec(x.shape[:2]).count()
    return Closed({port.name: outputs[port.name] for port in layer.ports_out()}, step * steps)


def _encoder(layer: TransformerEncoderLayer, x: TensorSpec) -> Closed:
    steps, size = TensorSpec(x.shape[1:2]).count(), x.dim(2, "features", of="(B, T, features)")
    projections, attention, wide = 4 * size * size, 2 * steps * size, 2 * size * layer.dim_feedforward
    return Closed({"out": x}, prod((2, TensorSpec(x.shape[:1]).count(), steps, projections + attention + wide)))
