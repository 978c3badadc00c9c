"""Layers that could stand in another one's place, with the options that both have carried over."""

from __future__ import annotations

import re

from engine.errors import EngineError
from engine.layers.base import Layer
from engine.layers.catalogue import catalogue
from engine.tensor import TensorSpec

_DIMS = re.compile(r"[123]d$")
_CONVOLUTION = re.compile(r"Conv[123]d")


def similar(layer: Layer, x: TensorSpec | None = None) -> list[Layer]:
    """Layers of the same kind with as many inputs and outputs, the likeliest first. x: what comes in, where known."""
    if not (layer.ports_in() or layer.ports_out()):
        return []
    near = [kind for kind in catalogue() if kind.category == layer.category and kind is not type(layer)]
    found = [carried(kind, layer) for kind in near]
    fitting = [other for other in found if _counts(other) == _counts(layer)]
    ranked = sorted(fitting, key=lambda other: (_dims(other) != _dims(layer), -_in_common(other, layer)))
    return [*depthwise(layer, x), *ranked]


def carried(kind: type[Layer], layer: Layer) -> Layer:
    """A layer of another kind with every option that the first one has too, where its value is allowed."""
    result = kind()
    for name, value in layer.changed().items():
        if name in kind.params:
            try:
                result = result.with_(**{name: value})
            except EngineError:
                continue
    return result


def likewise(new: Layer, of: Layer, other: Layer) -> Layer:
    """What another layer becomes as `of` became `new`: what was set on the way is, all else stays its own."""
    plain = carried(type(new), of)
    given = {name: getattr(new, name) for name in new.params if getattr(new, name) != getattr(plain, name)}
    try:
        return carried(type(new), other).with_(**given)
    except EngineError:
        return new


def depthwise(layer: Layer, x: TensorSpec | None) -> list[Layer]:
    """The convolution that looks at each channel by itself, and the one that mixes channels without looking around."""
    if not _CONVOLUTION.fullmatch(layer.key) or x is None or x.rank < 3 or not isinstance(x.shape[1], int):
        return []
    channels = x.shape[1]
    try:
        each = layer.with_(groups=channels, out_channels=channels)
        mixing = layer.with_(groups=1, kernel_size=1, padding=0, dilation=1)
    except EngineError:
        return []
    return [other for other in (each, mixing) if other != layer]


def _counts(layer: Layer) -> tuple[int, int]:
    """Inputs that must be wired, and whether anything comes out."""
    return sum(p.kind != "optional" for p in layer.ports_in()), min(1, len(layer.ports_out()))


def _dims(layer: Layer) -> str:
    found = _DIMS.search(layer.key)
    return found[0] if found else ""


def _in_common(one: Layer, other: Layer) -> int:
    return len(one.params.keys() & other.params.keys())
