"""What a help page leads on to: layers that do much the same, and the page of PyTorch's manual."""

from __future__ import annotations

import re
from functools import cache

from engine.layers.base import Layer
from engine.layers.catalogue import catalogue

_MANUAL = "https://docs.pytorch.org/docs/stable/generated/torch."
_VISION = "https://docs.pytorch.org/vision/stable/generated/torchvision."
_MOST = 6
_NAMES = re.compile(r"[A-Z][A-Za-z0-9]+")
_DIMENSIONS = re.compile(r"[123]d$")
_GENERAL = frozenset(("normalise", "reduce", "scale", "merge", "join", "sequence", "block", "image", "transformer"))
"""Aliases that many layers share which are not alike."""


def torch_page(layer: type[Layer]) -> str:
    """The address of the layer's page in PyTorch's manual, "" if it has none."""
    target = layer.target.removeprefix("torch.")
    if not target or not re.fullmatch(r"[A-Za-z_][\w.]*", target):
        return ""
    if target.startswith("torchvision."):
        return f"{_VISION}{target.removeprefix('torchvision.')}.html"
    if target.startswith("F."):
        target = f"nn.functional.{target.removeprefix('F.')}"
    if target == "nn.Buffer":  # a page of its own folder
        return _MANUAL + "nn.parameter.Buffer.html"
    if target == "nn.Parameter":
        return _MANUAL + "nn.parameter.Parameter.html"
    if target.startswith("nn.Transformer."):
        target = "nn.Transformer"  # its methods stand on the page of the class
    return f"{_MANUAL}{target}.html"


def related(layer: type[Layer]) -> tuple[type[Layer], ...]:
    """The layers most like this one, those that its own words name first; variants in other dimensions are like it."""
    return _related(layer.key)


@cache
def _related(key: str) -> tuple[type[Layer], ...]:
    layer = Layer.registry[key]
    ranks = {other: _likeness(layer, other) for other in catalogue() if other is not layer}
    near = sorted((o for o, rank in ranks.items() if rank > 1), key=lambda o: -ranks[o])
    return tuple(near[:_MOST])


def _likeness(one: type[Layer], other: type[Layer]) -> float:
    """How much a reader of one page may want the other."""
    rank = 0.0
    if other.key in _NAMES.findall(f"{one.use} {one.summary()}"):
        rank += 8
    if one.key in _NAMES.findall(other.use):
        rank += 2
    if _stem(one) == _stem(other):
        rank += 4
    rank += 1.5 * min(2, len((set(one.aliases) & set(other.aliases)) - _GENERAL))
    if one.category == other.category:
        rank += 0.5 + (1 if one.__module__ == other.__module__ else 0)
        same_dims = _DIMENSIONS.search(one.key), _DIMENSIONS.search(other.key)
        rank += 0.5 if same_dims[0] and same_dims[1] and same_dims[0][0] == same_dims[1][0] else 0
    return rank


def _stem(layer: type[Layer]) -> str:
    return _DIMENSIONS.sub("", layer.key)
