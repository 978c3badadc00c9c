"""Finding a layer by what a person types: "conv 64", "dense", "skip connection", "lrelu"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from engine.errors import SpecError
from engine.layers.base import Layer
from engine.layers.catalogue import catalogue

_WORD = re.compile(r"[^\s,()=]+")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?")
_SHORT = {"k": "kernel_size", "s": "stride", "p": "padding", "d": "dilation", "g": "groups"}
_EVERYDAY = frozenset(
    (
        *("Input", "Output", "Linear", "Conv2d", "ReLU", "Flatten", "BatchNorm2d", "LayerNorm", "MaxPool2d"),
        *("Dropout", "Embedding", "Add", "Concat", "Softmax"),
    )
)
"""What most networks are made of: first among those that match about as well."""
_WORDS = re.compile(r"[\w \-]+")
_AS_TYPED = 95.0
"""For what a person wrote as Python writes it: x[:, -1], //, torch.logaddexp."""
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
    typed, words = query.strip().lower(), [word.lower() for word in parse_query(query)[0]]
    found, is_code = [], bool(typed) and _WORDS.fullmatch(typed) is None
    for place, layer in enumerate(catalogue()):
        rank = score(layer, " ".join(words)) if words else 0.0
        if is_code and (typed in layer.aliases or layer.typed(query.strip()) is not None):
            rank = max(rank, _AS_TYPED)
        if rank:
            found.append((-rank, not layer.key.endswith("2d"), place, layer))
    if not found and not words:
        return catalogue()
    return [entry[-1] for entry in sorted(found, key=lambda entry: entry[:3])]


def configured(layer: type[Layer], query: str) -> Layer:
    """The layer with the numbers of the query in its main options, in order: "Conv2d 64 k5 s2" sets three.

    What does not fit an option is left out, since the person is still typing.
    """
    made = layer.typed(query.strip())
    if made is not None:
        return made
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
    entry = _entry(layer.key)
    if text in entry.names or text == entry.target:
        return 100.0
    best = max(_name_score(name, text) for name in entry.names)
    if best < 75 and text in entry.words:
        best = 75.0
    if not best and len(text) > 1:
        best = max(_letters_score(name, text) for name in entry.names)
    best += 10.0 if best and layer.key in _EVERYDAY else 0.0
    best = max(best, 0.8 * max((_name_score(alias, text) for alias in entry.aliases), default=0.0))
    if best < 55 and entry.target.split(".")[-1].startswith(text):
        best = 55.0
    if best < 30 and " " in text:
        best = max(best, 0.8 * min(score(layer, word) for word in text.split()))
    if best < 35 and len(text) > 2 and layer.category.startswith(text):
        best = 35.0
    if best < 20 and len(text) > 2 and f" {text}" in entry.summary:
        best = 20.0
    return best


@dataclass(frozen=True)
class _Entry:
    """What is searched of a layer, in lower case."""

    names: tuple[str, ...]
    words: frozenset[str]
    aliases: tuple[str, ...]
    target: str
    summary: str


@cache
def _entry(key: str) -> _Entry:
    layer = Layer.registry[key]
    words = frozenset(word.lower() for word in re.findall(r"[A-Z]+[a-z]*", layer.key))
    names = tuple(sorted({layer.key.lower(), layer.title.lower()}))
    aliases = tuple(alias.lower() for alias in layer.aliases)
    return _Entry(names, words, aliases, layer.target.lower(), " " + re.sub(r"\W+", " ", layer.summary().lower()))


def _name_score(name: str, text: str) -> float:
    place = name.find(text)
    if place == 0:
        return 90.0 if name == text else 80.0 - min(len(name) - len(text), 20)
    if place > 0:
        starts_word = not name[place - 1].isalnum() or f" {text}" in name
        return 55.0 if starts_word else 45.0 if len(text) > 1 else 0.0
    return 0.0


def _letters_score(name: str, text: str) -> float:
    """For a text whose letters stand in the name in order, from its start: the fewer left out the better."""
    if name[:1] != text[:1]:
        return 0.0
    place, skipped = 0, 0
    for letter in text[1:]:
        found = name.find(letter, place + 1)
        if found < 0:
            return 0.0
        skipped += found - place - 1
        place = found
    return max(12.0 - skipped, 2.0)
