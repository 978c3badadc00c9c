"""How a kind of layers is divided for people: groups within it, and the same layer for other dimensions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from engine.layers.base import Layer

_DIMENSIONS = re.compile(r"[123]d$")
_TITLES = {
    "io": "Inputs, outputs, weights",
    "numbers": "Sizes and numbers",
    "create": "Made on the spot",
    "linear": "Matrices of weights",
    "adaptive_softmax": "Very many classes",
    "vision_blocks": "From torchvision",
    "boxes": "Boxes in images",
    "convolution": "Convolutions",
    "pooling": "Windows and regions",
    "unpooling": "Undone, and random windows",
    "normalization": "Modules",
    "activation": "Rectifiers and smooth ones",
    "squash": "Squashing and cutting off",
    "softmax": "Shares and gates",
    "functional": "Functions",
    "dropout": "Dropout",
    "recurrent": "Whole sequences",
    "cells": "One step",
    "attention": "Layers and masks",
    "transformer": "Whole transformers",
    "embedding": "Tables",
    "gather": "Picked by index",
    "merge": "Together and apart",
    "operators": "Operators",
    "arithmetic": "Functions of every number",
    "reduce": "Many numbers to one",
    "statistics": "Statistics",
    "ranking": "Sorted and sought",
    "distance": "Distances",
    "matrix": "Matrices",
    "spectrum": "Frequencies",
    "flow": "Masks and conditions",
    "losses": "Losses",
    "shape": "Shapes and types",
    "index": "Parts",
    "subscript": "Parts by brackets",
    "rearrange": "Rearranged",
    "padding": "Borders",
    "vision": "Images",
    "sampling": "Sampled",
    "code": "Your own",
    "control": "Loops and branches",
}


def group_of(layer: type[Layer]) -> str:
    """The heading under which the layer stands within its kind: its own `group`, else that of its chapter."""
    chapter = layer.__module__.rpartition(".")[2]
    return layer.group or _TITLES.get(chapter) or chapter.replace("_", " ").capitalize()


def stem_of(layer: type[Layer]) -> str:
    """The name without the number of dimensions: "Conv" for Conv2d."""
    return _DIMENSIONS.sub("", layer.key)


def dimensions_of(layer: type[Layer]) -> str:
    """What the name says of dimensions: "2d", or nothing."""
    found = _DIMENSIONS.search(layer.key)
    return found[0] if found else ""


def folded(layers: Sequence[type[Layer]]) -> list[tuple[type[Layer], ...]]:
    """The layers in their order, those that differ by their dimensions together where the first of them stands."""
    rows: dict[str, list[type[Layer]]] = {}
    for layer in layers:
        name = stem_of(layer) if dimensions_of(layer) else f"{layer.key} alone"
        rows.setdefault(name, []).append(layer)
    return [tuple(sorted(row, key=dimensions_of)) for row in rows.values()]


def grouped(layers: Sequence[type[Layer]]) -> list[tuple[str, list[type[Layer]]]]:
    """The layers under the headings of their groups, in the order in which these are met."""
    groups: dict[str, list[type[Layer]]] = {}
    for layer in layers:
        groups.setdefault(group_of(layer), []).append(layer)
    return list(groups.items())
