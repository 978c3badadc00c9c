"""The curve of a layer that treats every number by itself: its own text, run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Any

import torch
from torch import Tensor, nn

from engine.analysis.execute import compiled_forward
from engine.errors import EngineError
from engine.layers.base import Layer
from engine.tensor import TensorSpec

_POINTS = 241
_LOSS_POINTS = 61
_TOO_HIGH = 100.0
_RANGES = ((-4.0, 4.0), (0.02, 4.0))


@dataclass(frozen=True)
class Curve:
    """Points of a function and of its derivative."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    slope: tuple[float, ...]


def curve(layer: Layer) -> Curve | None:
    """The curve of a layer with one input, None if it has none: if it mixes numbers, draws them, or needs others.

    A loss is shown over one prediction, for a target of 0, else of 1, else for the margin of the right of two classes.
    """
    if layer.key.endswith("Loss"):
        return _loss(layer)
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


def _loss(layer: Layer) -> Curve | None:
    ports = [port.name for port in layer.ports_in() if port.kind != "optional"]
    if len(ports) < 2:
        return None
    values = torch.linspace(-3, 3, _LOSS_POINTS)
    shares = torch.linspace(0.02, 0.98, _LOSS_POINTS)
    for others, flat, x in product(product((0.0, 1.0), repeat=len(ports) - 1), (False, True), (values, shares)):
        rest = [torch.tensor([v] if flat else [[v]]) for v in others]
        if (found := _tried(layer, ports, x, lambda x: x.reshape(1, 1), rest)) is not None:
            return found
    two = [torch.tensor([0]), *(torch.tensor([1]) for _ in ports[2:])]
    return _tried(layer, ports, values, lambda x: torch.stack((x, torch.zeros(())))[None], two)


def _tried(
    layer: Layer, ports: list[str], values: Tensor, shaped: Callable[[Tensor], Tensor], rest: list[Tensor]
) -> Curve | None:
    """The loss at every value, if it takes them; None if it cannot, or is the same for all of them."""
    specs = [TensorSpec(("B", *shaped(values[0]).shape[1:])), *(_spec(tensor) for tensor in rest)]
    given = dict(zip(ports, specs, strict=True))
    points: list[tuple[float, float, float]] = []
    try:
        forward, module = compiled_forward(layer, {p.name: given.get(p.name) for p in layer.ports_in()})
        if any(True for _ in module.parameters()):
            return None  # it depends on weights that are drawn at random
        for value in values:
            x = value.clone().requires_grad_()
            (y,) = forward(module, shaped(x), *rest)
            (slope,) = torch.autograd.grad(y.sum(), x)
            if y.numel() == 1 and float(y.detach().abs()) < _TOO_HIGH:
                points.append((float(value), float(y.detach()), float(slope)))
    except (EngineError, RuntimeError, TypeError, ValueError, LookupError, ArithmeticError):
        return None
    heights = {round(y, 6) for _, y, _ in points}
    if len(points) < _LOSS_POINTS // 4 or len(heights) < 2:
        return None
    return Curve(*(tuple(column) for column in zip(*points, strict=True)))


def _spec(tensor: Tensor) -> TensorSpec:
    return TensorSpec(("B", *tensor.shape[1:]), str(tensor.dtype).removeprefix("torch."))


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
