"""Formulas in front of layers that are slow to run without data; a law test holds each against the run itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.layers.base import Layer
from engine.tensor import TensorSpec


@dataclass(frozen=True)
class Closed:
    """What forward gives, None for an output of unknown size, and its operations for one sample."""

    outputs: Mapping[str, TensorSpec | None]
    flops: int = 0


ELEMENTWISE = frozenset({"ReLU", "LeakyReLU", "ELU", "GELU", "SiLU", "Mish", "Sigmoid", "Tanh", "Hardswish", "Dropout"})


def closed_form(layer: Layer, inputs: Mapping[str, Any], derived: Mapping[str, Any]) -> Closed | None:
    """The result by formula, or None where there is none and the layer has to be run."""
    x = inputs.get("x")
    if not isinstance(x, TensorSpec) or x.dtype != "float32":
        return None
    if layer.key in ELEMENTWISE:
        return Closed({layer.ports_out()[0].name: x})
    return None
