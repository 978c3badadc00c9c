"""Finding a layer by what a person types: "conv 64", "dense", "skip connection", "lrelu", "F.max_pool2d"."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, lru_cache

from engine.layers.base import Layer
from engine.layers.catalogue import catalogue
from engine.layers.typed_options import NUMBER, call_of, is_short, options_behind, read, split

EVERYDAY = (
    *("Linear", "Conv2d", "ReLU", "BatchNorm2d", "MaxPool2d", "Dropout", "Flatten", "Add", "Concat", "LayerNorm"),
    *("Embedding", "Softmax", "Reshape", "Input", "Output"),
)
"""What most networks are made of: first among those that match about as well."""
_WORDS = re.compile(r"[\w \-]+")
_LIKED = 12.0
_EVERYDAY = 10.0
_NAMED = 55.0
"""The least for a word that a name of the layer, or a word in it, begins with."""
_AS_TYPED = 95.0
"""For what a person wrote as Python writes it: x[:, -1], //, torch.logaddexp."""
_BY_NAME = 1.0
"""For a function of torch by its bare name, which every layer comes before."""
_PATH = re.compile(r"(?:(?:torch|torchvision|nn|f|functional|tensor|ops|x)\.)+(\w*)")
_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]+|\d+d?|[a-z]+")
_CLOSE = 0.74  # how alike a word with a slip of the keyboard must be to the one that was meant
_EXACT, _EXACT_ALIAS, _ALIAS, _LETTERS = 100.0, 74.5, 0.8, 12.0


def parse_query(query: str) -> tuple[tuple[str, ...], tuple[int | float, ...]]:
    """The words that name a layer, and the bare numbers behind them: "conv 64 3 same" -> (("conv",), (64, 3))."""
    words, pieces = split(query)
    numbers = [p for p in pieces if NUMBER.fullmatch(p)]
    return words, tuple(int(n) if n.lstrip("+-").isdigit() else float(n) for n in numbers)


def find(query: str, liked: tuple[str, ...] = (), scope: Collection[str] = ()) -> list[type[Layer]]:
    """The layers that match, best first; all of them for an empty query. Options in the query are not searched.

    liked: keys of those that the person takes often, most often first: they are first among those that match about
    as well.
    scope: parameters of the block, which are no words but values.

    Of equals the one for images comes first, since that is what most people look for. Where nothing matches, words
    that differ by a slip of the keyboard are taken for those that were meant. Layers that have the options that are
    typed come before those that do not.
    """
    typed = call_of(query)
    named, pieces = split(query, scope)
    words = tuple(word.lower() for word in named)
    if words and _PATH.fullmatch(words[0]):
        words = words[:1]  # a call as it stands in code: what follows are its arguments
    code = "" if _WORDS.fullmatch(typed) else typed
    size = len(Layer.registry)  # others may have been declared since
    found = _found(" ".join(words), code, liked, size)
    if words and not code and (not found or _score(found[0], " ".join(words)) <= _LETTERS):
        found = tuple(dict.fromkeys((*_found(_mended(words), "", liked, size), *found)))
    if len(words) > 1:
        found = _with_named(found, named, liked, size)
    if not words and not found:
        return catalogue()
    also = [p.lower() for p in pieces if p.isidentifier() and p not in scope and not is_short(p)]
    return _with_options([Layer.registry[key] for key in found], query, also, " ".join((*words, *also)), liked)


def _with_named(found: tuple[str, ...], words: Sequence[str], liked: tuple[str, ...], size: int) -> tuple[str, ...]:
    """Before what all words describe, what the first of them name and the others are options of: "conv same"."""
    if found and _score(found[0], " ".join(words).lower()) >= _NAMED:
        return found
    called: list[str] = []
    for count in range(len(words) - 1, 0, -1):
        name = " ".join(words[:count]).lower()
        alike = (key for key in _found(name, "", liked, size) if _score(key, name) >= _NAMED)
        called += [key for key in alike if options_behind(Layer.registry[key], words) == len(words) - count]
    return tuple(dict.fromkeys((*called, *found)))


def _with_options(
    found: list[type[Layer]], query: str, also: list[str], text: str, liked: tuple[str, ...]
) -> list[type[Layer]]:
    """First the layers that know the words behind the numbers; where none does, those that all words describe."""
    if not also:
        return found
    knowing = {layer.key for layer in found if not any("has no option" in said for said in read(layer, query).refused)}
    if knowing:
        return sorted(found, key=lambda layer: layer.key not in knowing)
    described = [Layer.registry[key] for key in _found(text, "", liked, len(Layer.registry))]
    return [*described, *(layer for layer in found if layer not in described)]


@lru_cache(maxsize=64)
def _found(text: str, code: str, liked: tuple[str, ...], size: int) -> tuple[str, ...]:
    ranked, reads_code = [], _readers_of_code()
    for place, layer in enumerate(catalogue()):
        rank = _score(layer.key, text) if text else 0.0
        reads = layer.key in reads_code
        if code and (code.lower() in layer.aliases or (reads and layer.typed(code) is not None)):
            rank = max(rank, _AS_TYPED)
        elif not rank and text and reads and layer.typed(text) is not None:
            rank = _BY_NAME
        if rank:
            rank += _liking(layer.key, liked) if rank < _AS_TYPED else 0.0
            ranked.append((-rank, not layer.key.endswith("2d"), place, layer.key))
    return tuple(entry[-1] for entry in sorted(ranked))


def _liking(key: str, liked: tuple[str, ...]) -> float:
    """What goes to a layer that is taken often: as much as to any everyday one, and a little more the more often."""
    if key not in liked:
        return 0.0
    return _LIKED + (0.0 if key in EVERYDAY else _EVERYDAY) + 1 - liked.index(key) / len(liked)


def score(layer: type[Layer], words: Sequence[str]) -> float:
    """How well a layer matches; 0 not at all. Names count more than aliases, aliases more than the help's words.

    The last words may as well be about its options.
    """
    named = words[: len(words) - options_behind(layer, words)]
    return max(_score(layer.key, " ".join(each).lower()) for each in (words, named))


@lru_cache(maxsize=20_000)
def _score(key: str, text: str) -> float:
    entry = _entry(key)
    if text in entry.names:
        return _EXACT + (1.0 if key in EVERYDAY else 0.0)
    if path := _PATH.fullmatch(text):
        return _path_score(entry, path[1].replace("_", ""))
    if "_" in text and text.replace("_", "") in entry.tails:
        return _EXACT - 5
    best = _word_score(entry, text)
    if " " in text and best < 60:
        best = max(best, _phrase_score(entry, text.split()))
    return best


def _path_score(entry: _Entry, tail: str) -> float:
    """For a name with its place in torch: `nn.Conv2d`, `F.max_pool2d`, `torch.cat`, `x.view`."""
    if not tail:
        return 10.0 if entry.tails else 0.0
    if tail in entry.tails:
        return _EXACT - entry.tails.index(tail)
    best = max((60.0 - min(len(t) - len(tail), 20) for t in entry.tails if t.startswith(tail)), default=0.0)
    return max(best, 65.0 if tail in entry.aliases else 0.0)


def _word_score(entry: _Entry, text: str) -> float:
    if text not in entry.everything:
        if text[0] not in entry.initials or len(text) == 1:
            return 0.0
        return max(_letters_score(name, text) for name in entry.names)
    best = max(_name_score(name, text) for name in entry.names)
    if best < 75 and text in entry.words:
        best = 75.0
    if not best and len(text) > 1:
        best = max(_letters_score(name, text) for name in entry.names)
    best += _EVERYDAY if best and entry.everyday else 0.0
    if text in entry.aliases:
        best = max(best, _EXACT_ALIAS + (0.4 if entry.everyday else 0.0))
    else:
        best = max(best, _ALIAS * max((_name_score(alias, text) for alias in entry.aliases), default=0.0))
    if best < 55 and any(tail.startswith(text) for tail in entry.tails):
        best = 55.0
    if best < 35 and len(text) > 2 and entry.category.startswith(text):
        best = 35.0
    if best < 20 and len(text) > 2 and f" {text}" in entry.summary:
        best = 20.0
    if best < 15 and len(text) > 3 and text in entry.options:
        best = 15.0
    if best < 8 and len(text) > 3 and f" {text}" in entry.use:
        best = 8.0
    return best


def _phrase_score(entry: _Entry, words: list[str]) -> float:
    """All words have to be found somewhere; the weakest counts most, since it tells the layers apart least."""
    found = []
    for word in words:
        if not (rank := _word_score(entry, word)):
            return 0.0
        found.append(rank)
    return 0.8 * (0.7 * min(found) + 0.3 * sum(found) / len(found))


@dataclass(frozen=True)
class _Entry:
    """What is searched of a layer, in lower case. tails: the last parts of its names in torch, without underscores."""

    names: tuple[str, ...]
    words: frozenset[str]
    aliases: tuple[str, ...]
    tails: tuple[str, ...]
    category: str
    summary: str
    use: str
    options: frozenset[str]
    everyday: bool
    initials: frozenset[str]
    everything: str


@cache
def _entry(key: str) -> _Entry:
    layer = Layer.registry[key]
    parts = [part.lower() for part in _CAMEL.findall(layer.key)]
    names = tuple(dict.fromkeys((layer.key.lower(), layer.title.lower(), " ".join(parts))))
    aliases = tuple(alias.lower() for alias in layer.aliases)
    target = layer.target.rpartition(".")[2].lower().replace("_", "")
    tails = tuple(dict.fromkeys(tail for tail in (target, layer.key.lower()) if tail))
    summary, use = (" " + re.sub(r"\W+", " ", text.lower()) for text in (layer.summary(), layer.use))
    texts = (*names, *aliases, *tails, layer.category, summary, use, *layer.params)
    return _Entry(
        names,
        frozenset(parts[1:]),
        aliases,
        tails,
        layer.category,
        summary,
        use,
        frozenset(layer.params),
        layer.key in EVERYDAY,
        frozenset(name[0] for name in names),
        "\n".join(texts),
    )


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
    return max(_LETTERS - skipped, 2.0)


def _mended(words: tuple[str, ...]) -> str:
    """The words with slips of the keyboard put right, "" where a word is like none that is known."""
    meant = []
    for word in words:
        known = _vocabulary()
        if word in known:
            meant.append(word)
            continue
        near = [k for k in known if abs(len(k) - len(word)) < 3 and k[0] == word[0]] if len(word) > 3 else []
        close = get_close_matches(word, near, 1, _CLOSE)
        if not close:
            return ""
        meant.append(close[0])
    return " ".join(meant)


@cache
def _readers_of_code() -> frozenset[str]:
    """The layers that know what some Python would be as a layer."""
    return frozenset(layer.key for layer in catalogue() if layer.typed.__func__ is not Layer.typed.__func__)  # type: ignore[attr-defined]


@cache
def _vocabulary() -> frozenset[str]:
    """Every word in a name or an alias."""
    entries = [_entry(layer.key) for layer in catalogue()]
    texts = [text for entry in entries for text in (*entry.names, *entry.aliases, *entry.tails)]
    words = {word for text in texts for word in (text, *text.split())}
    return frozenset(stem for word in words if (stem := re.sub(r"[123]d$", "", word)))
