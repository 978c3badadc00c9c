"""Finding a layer by what a person types: "conv 64", "dense", "skip connection", "lrelu"."""

from __future__ import annotations

import re
from typing import Any

from engine.errors import SpecError
from engine.layers.base import Layer
from engine.layers.catalogue import catalogue

_WORD = re.compile(r"[^\s,()=]+")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?")
_SHORT = {"k": "kernel_size", "s": "stride", "p": "padding", "d": "dilation", "g": "groups"}
_OPTION = re.compile(r"([kspdg])(\d+)")


def parse_query(query: str) -> tuple[tuple[str, ...], tuple[int | float, ...]]:
    """Words and bare numbers of what was typed: "conv 64 3" -> (("conv",), (64, 3))."""
    words: list[str] = []
    numbers: list[int | float] = []
    for word in _WORD.findall(query):
        if _NUMBER.fullmatch(word):
            numbers.append(int(word) if word.lstrip("+-").isdigit() else float(word))
        elif not (words and _OPTION.fullmatch(word)):
            words.append(word)
    return tuple(words), tuple(numbers)


def find(query: str) -> list[type[Layer]]:
    """The layers that match, best first; all of them for an empty query. Numbers in the query are not searched.

    Of equals the one for images comes first, since that is what most people look for.
    """
    words = [word.lower() for word in parse_query(query)[0]]
    if not words:
        return catalogue()
    found = []
    for place, layer in enumerate(catalogue()):
        rank = score(layer, " ".join(words))
        if rank:
            found.append((-rank, not layer.key.endswith("2d"), place, layer))
    return [entry[-1] for entry in sorted(found, key=lambda entry: entry[:3])]


def configured(layer: type[Layer], query: str) -> Layer:
    """The layer with the numbers of the query in its main options, in order: "Conv2d 64 k5 s2" sets three.

    What does not fit an option is left out, since the person is still typing.
    """
    mains = [p.name for p in layer.main_params()]
    wanted: dict[str, Any] = dict(zip(mains, parse_query(query)[1]))
    for word in _WORD.findall(query.lower())[1:]:
        if option := _OPTION.fullmatch(word):
            wanted[_SHORT[option[1]]] = int(option[2])
    result = layer()
    for name, value in wanted.items():
        if name in layer.params:
            result = _with(result, name, value)
    return result


def _with(layer: Layer, name: str, value: Any) -> Layer:
    try:
        return layer.with_(**{name: value})
    except SpecError:
        return layer


def score(layer: type[Layer], text: str) -> float:
    """How well a layer matches; 0 not at all. Names count more than aliases, aliases more than the summary."""
    names = {layer.key.lower(), layer.title.lower()}
    target = layer.target.lower()
    if text in names or text == target:
        return 100.0
    best = max((_name_score(name, text) for name in names), default=0.0)
    best = max(best, 0.9 * max((_name_score(alias.lower(), text) for alias in layer.aliases), default=0.0))
    if target and target.split(".")[-1].startswith(text):
        best = max(best, 55.0)
    words = text.split()
    if best < 30 and len(words) > 1:
        parts = [score(layer, word) for word in words]
        best = max(best, 0.8 * min(parts))
    if layer.category.startswith(text) and len(text) > 2:
        best = max(best, 35.0)
    if best < 20 and len(text) > 2 and re.search(rf"\b{re.escape(text)}", layer.summary().lower()):
        best = 20.0
    return best


def _name_score(name: str, text: str) -> float:
    if name == text:
        return 90.0
    if name.startswith(text):
        return 80.0 - min(len(name) - len(text), 20)
    if re.search(rf"\b{re.escape(text)}", name):
        return 55.0
    if len(text) > 1 and text in name:
        return 45.0
    gaps = _gaps(name, text)
    return max(12.0 - gaps, 2.0) if len(text) > 1 and gaps is not None else 0.0


def _gaps(name: str, text: str) -> int | None:
    """How many letters of the name are skipped to read the text in it, None if it cannot be read there."""
    place = name.find(text[0])
    if place != 0:
        return None
    skipped = 0
    for letter in text[1:]:
        found = name.find(letter, place + 1)
        if found < 0:
            return None
        skipped += found - place - 1
        place = found
    return skipped
