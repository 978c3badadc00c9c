"""The curve of a layer that treats every number by itself: its own text, run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from engine.analysis.execute import compiled_forward
from engine.errors import EngineError
from engine.layers.base import Layer
from engine.tensor import TensorSpec

_POINTS = 241
_RANGES = ((-4.0, 4.0), (0.02, 4.0))


@dataclass(frozen=True)
class Curve:
    """Points of a function and of its derivative."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    slope: tuple[float, ...]


def curve(layer: Layer) -> Curve | None:
    """The curve of a layer with one input, None if it has none: if it mixes numbers, draws them, or needs others."""
    needed = [port for port in layer.ports_in() if port.kind != "optional"]
    if len(needed) != 1 or needed[0].kind != "required" or len(layer.ports_out()) != 1:
        return None
    for lowest, highest in _RANGES:
        try:
            found = _sampled(layer, needed[0].name, torch.linspace(lowest, highest, _POINTS))
        except (EngineError, RuntimeError, TypeError, ValueError, LookupError, ArithmeticError):
            return None
        if found is not None:
            return found
    return None


def _sampled(layer: Layer, port: str, x: Tensor) -> Curve | None:
    spec = TensorSpec(("B", _POINTS))
    inputs = {p.name: spec if p.name == port else None for p in layer.ports_in()}
    forward, module = compiled_forward(layer, inputs)
    module.eval()
    x = x.clone().requires_grad_()
    y = _run(forward, module, x)
    if y is None or y.shape != (1, _POINTS) or not y.is_floating_point():
        return None
    plain, odd = x.detach(), torch.arange(_POINTS) % 2 == 1
    again, mixed = _run(forward, module, plain), _run(forward, module, torch.where(odd, plain, plain.square() + 1))
    if again is None or mixed is None or not torch.isfinite(y).all():
        return None
    if not torch.equal(again, y) or not torch.allclose(mixed[0][odd], y[0][odd], atol=1e-6):
        return None  # drawn at random, or a number depends on others than itself
    slope = torch.zeros_like(x)
    if y.requires_grad:
        (slope,) = torch.autograd.grad(y.sum(), x)
    return Curve(_floats(x), _floats(y[0]), _floats(slope))


def _run(forward: Any, module: nn.Module, x: Tensor) -> Tensor | None:
    (result,) = forward(module, (x * 1)[None])  # a product, so that a layer that overwrites its input may
    return result if isinstance(result, Tensor) else None


def _floats(values: Tensor) -> tuple[float, ...]:
    return tuple(round(float(v), 6) for v in values.detach())
