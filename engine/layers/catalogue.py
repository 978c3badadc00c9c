"""All layers in the order of their categories, and the same as plain data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.layers.base import CATEGORIES, Layer
from engine.layers.block import BlockLayer, Shared
from engine.layers.chosen import Chosen
from engine.layers.code import Missing
from engine.layers.outside import OutsideModule
from engine.spec import dump_value

_NOT_PLACED: tuple[type[Layer], ...] = (BlockLayer, Shared, Chosen, OutsideModule, Missing)
"""These come about by grouping, by wrapping, by sharing, by block parameters, by packages and by opening a file."""


def catalogue() -> list[type[Layer]]:
    """Every layer that a person can place, category by category, in order of declaration."""
    layers = [layer for layer in Layer.registry.values() if layer not in _NOT_PLACED]
    return sorted(layers, key=lambda layer: CATEGORIES.index(layer.category))


def as_json(layers: Iterable[type[Layer]] | None = None) -> list[dict[str, Any]]:
    """Layers for other programs, by default all: blocks and shared layers are in it, since files hold them too."""
    shown = (*catalogue(), BlockLayer, Shared, Chosen, OutsideModule) if layers is None else layers
    return [_described(layer) for layer in shown]


def _described(layer: type[Layer]) -> dict[str, Any]:
    example = layer()
    return {
        "key": layer.key,
        "title": layer.title,
        "category": layer.category,
        "target": layer.target,
        "aliases": list(layer.aliases),
        "help": layer.summary(),
        "use": layer.use,
        "formula": layer.formula,
        "inputs": [port.name for port in example.ports_in()],
        "outputs": [port.name for port in example.ports_out()],
        "params": [
            {
                "name": p.name,
                "kind": p.kind.name,
                "default": dump_value(p.kind, p.default),
                "min": p.least,
                "max": p.most,
                "choices": [dump_value(p.kind, c) for c in p.kind.choices],
                "help": p.help,
            }
            for p in layer.params.values()
        ],
    }
