"""The options that a person types behind a layer's name: "Conv2d 64 3 s2", "LSTM 128 bidirectional", "dropout p=.5".

What is written as in PyTorch, `nn.Conv2d(3, 64, 7, stride=2)`, is read in PyTorch's order, and sizes that follow from
the wiring are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

from engine.errors import EngineError, SpecError
from engine.kinds import Bool, Either, Float, Int, Ints, Numeric, Optional
from engine.layers.base import Layer, ModuleLayer
from engine.spec import Param
from engine.tensor import TensorSpec

NUMBER = re.compile(r"[+-]?(\d[\d_]*\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_TIMES = re.compile(r"\d+(x\d+)+")
_SHORT = re.compile(r"([kspdg])(\d+)")
_SHORT_NAMES = {"k": "kernel_size", "s": "stride", "p": "padding", "d": "dilation", "g": "groups"}
_NAMED = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_CALL = re.compile(r"\s*([A-Za-z_][\w.]*)\((.*?)\s*", re.DOTALL)
_TORCH = re.compile(r"\s*(torch\.)?nn\.\w+\(")
_TOKEN = re.compile(r"[A-Za-z_]\w*\s*=\s*(?:\([^)]*\)?|\[[^\]]*\]?|[^\s,]*)|\([\s\d,]*\)|[^\s,()=]+")
_FORMULA = re.compile(r"(?<=\w)(?:\s*(\*\*|//|[*/%])\s*|\s+([+-])\s+)(?=\w)")
_ASSIGNED = re.compile(r"\s*(?:self\.)?[A-Za-z_]\w*\s*=\s*(?=[A-Za-z_][\w.]*\()")
_WORD_OF_NAME = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+d?")
_SPACES = re.compile(r"\s*=\s*")


@dataclass(frozen=True)
class Typed:
    """A layer with the options that were typed, and in words what of it could not be taken."""

    layer: Layer
    refused: tuple[str, ...] = ()


def tokens(query: str, scope: Collection[str] = ()) -> tuple[str, ...]:
    """What is typed, piece by piece: "conv 64 bias = no" -> ("conv", "64", "bias=no").

    scope: the parameters of the block; where there are any, "width * 2" is one piece.
    """
    query = call_of(query)
    if call := _CALL.fullmatch(query):
        inside = call[2].removesuffix(")") if call[2].count(")") > call[2].count("(") else call[2]
        return call[1], *tokens(inside, scope)
    joined = _FORMULA.sub(lambda m: m[1] or m[2], query) if scope else query
    return tuple(_SPACES.sub("=", found) for found in _TOKEN.findall(joined))


def call_of(query: str) -> str:
    """What a line of Python calls, without what it is given to: `self.fc = nn.Linear(3, 7)` -> `nn.Linear(3, 7)`."""
    return _ASSIGNED.sub("", query, count=1).strip()


def is_short(token: str) -> bool:
    """Whether it is a letter with a number, as in "conv 64 k3 s2"."""
    return _SHORT.fullmatch(token) is not None


def is_argument(token: str, scope: Collection[str] = ()) -> bool:
    """Whether a piece is a value whatever the layer: a number, 3x3, name=value, a formula of the block's parameters."""
    if NUMBER.fullmatch(token) or _TIMES.fullmatch(token) or _NAMED.fullmatch(token) or token.startswith("("):
        return True
    return token in scope or (not token.isidentifier() and bool(set(re.findall(r"[A-Za-z_]\w*", token)) & set(scope)))


def split(query: str, scope: Collection[str] = ()) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words that name a layer, and the pieces behind them that are about its options."""
    pieces = tokens(query, scope)
    first = next((i for i, p in enumerate(pieces) if is_argument(p, scope) or (i and is_short(p))), len(pieces))
    if first == 0:
        return tuple(p for p in pieces if not is_argument(p, scope)), tuple(p for p in pieces if is_argument(p, scope))
    return pieces[:first], pieces[first:]


def options_behind(layer: type[Layer], words: Sequence[str]) -> int:
    """How many of the last words are about the layer's options and not its name: "lstm bidirectional", "conv same"."""
    reading = _Reading(layer.title, layer.params, (), tuple, frozenset())
    own = {word.lower() for word in _WORD_OF_NAME.findall(layer.title)}
    count = 0
    for word in reversed(words[1:]):
        if not (reading.knows(word) or (word.lower() == "no" and count)) or word.lower() in own:
            break
        count += 1
    return count


def read(layer: type[Layer], query: str, scope: Collection[str] = (), base: Layer | None = None) -> Typed:
    """The layer with the options of the query.

    scope: the parameters of the block that formulas may mention. base: what it is without what is typed.
    """
    query = call_of(query)
    made = layer.typed(query)
    if made is not None:
        return Typed(made)
    words, pieces = split(query, scope)
    behind = options_behind(layer, words)
    pieces = (*words[len(words) - behind :], *pieces)
    base = base or layer()
    if not pieces:
        return Typed(base)
    order = _torch_order(layer) if _TORCH.match(query) else _own_order(layer)
    reading = _Reading(layer.title, layer.params, order, partial(_sizes, layer.key), frozenset(scope))
    reading.take(pieces)
    return Typed(reading.result(base), tuple(reading.refused))


def read_arguments(
    title: str, params: Mapping[str, Param], query: str, scope: Collection[str] = ()
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The arguments that are typed behind a block's name, by its parameters, and what of it could not be taken."""
    order = tuple(name for name, param in params.items() if _is_numeric(param))
    reading = _Reading(title, params, order, tuple, frozenset(scope))
    reading.take(split(query, scope)[1])
    return reading.values, tuple(reading.refused)


@dataclass
class _Reading:
    """order: the names that plain numbers go to. sizes: gives those that follow from the wiring and are passed over."""

    title: str
    params: Mapping[str, Param]
    order: tuple[str, ...]
    sizes: Callable[[], tuple[str, ...]]
    scope: frozenset[str]
    values: dict[str, Any] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    def take(self, pieces: tuple[str, ...]) -> None:
        """Named ones first, since plain numbers go to what they leave."""
        plain: list[str] = []
        rest = list(pieces)
        while rest:
            piece = rest.pop(0)
            if named := _NAMED.fullmatch(piece):
                self._name(named[1], named[2])
            elif is_argument(piece, self.scope):
                option = self._owner(rest)
                if option is not None:  # "8 heads"
                    self._set(option, piece)
                    rest.pop(0)
                else:
                    plain.append(piece)
            elif self._is_size(piece):
                plain.append(piece)
            else:
                self._word(piece, rest)
        self._fill(plain)

    def knows(self, word: str) -> bool:
        """Whether the word says something about an option: its name, its value, or that it is off."""
        flag = self._option(word[2:].lstrip("-_")) if word.lower().startswith("no") else None
        if self._option(word) is not None or (flag is not None and isinstance(flag.kind, Bool)):
            return True
        return self._is_size(word) or self._choice(word) is not None

    def _owner(self, rest: Sequence[str]) -> Param | None:
        """The option that the number before these pieces is for: "8 heads". In "64 stride 2" the 2 is the stride."""
        option = self._option(rest[0]) if rest and not is_argument(rest[0], self.scope) else None
        if option is None or isinstance(option.kind, Bool):
            return None
        is_followed = len(rest) > 1 and is_argument(rest[1], self.scope) and not _NAMED.fullmatch(rest[1])
        if is_followed and not option.name.startswith("num_") and self._owner(rest[2:]) is None:
            return None
        return option

    def _is_size(self, word: str) -> bool:
        """Whether it names a size that is left free, as the T of "input T 16"."""
        kinds = (p.kind.inner if isinstance(p.kind, Optional) else p.kind for p in self.params.values())
        return word[:1].isupper() and word.isidentifier() and any(isinstance(k, Ints) and k.names for k in kinds)

    def _name(self, name: str, text: str) -> None:
        option = self.params.get(name) or self._option(name)
        if option is not None:
            self._set(option, text) if text.strip() else None
        elif name not in self.sizes():
            self.refused.append(f"{self.title} has no option {name}.")

    def _word(self, word: str, rest: list[str]) -> None:
        """A name of an option, that of its value, or a letter with a number."""
        if short := _SHORT.fullmatch(word.lower()):
            option = self.params.get(_SHORT_NAMES[short[1]])
            if option is not None:
                self._set(option, short[2])
                return
        if word.lower() == "no" and rest and self._flag(rest[0], "no"):
            rest.pop(0)
        elif self._flag(word, "yes") or (word.lower().startswith("no") and self._flag(word[2:].lstrip("-_"), "no")):
            return
        elif (option := self._option(word)) is not None and rest and is_argument(rest[0], self.scope):
            self._set(option, rest.pop(0))
        elif not self._choose(word):
            self.refused.append(f"{self.title} has no option {word}.")

    def _flag(self, word: str, value: str) -> bool:
        option = self._option(word)
        if option is None or not isinstance(option.kind, Bool):
            return False
        self._set(option, value)
        return True

    def _choose(self, word: str) -> bool:
        """A word that is the value of an option: "same", "nearest"."""
        found = self._choice(word)
        if found is not None:
            self._set(*found)
        return found is not None

    def _choice(self, word: str) -> tuple[Param, str] | None:
        for option in self.params.values():
            for choice in option.kind.choices:
                if isinstance(choice, str) and choice.lower() == word.lower() and option.name not in self.values:
                    return option, choice
        return None

    def _option(self, word: str) -> Param | None:
        """The option of that name, or the only one of whose name it is a part: "heads", "causal"."""
        word = word.lower().rstrip(".")
        if word in self.params:
            return self.params[word]
        found = [p for p in self.params.values() if len(word) > 2 and word in p.name.split("_")]
        return found[0] if len(found) == 1 else None

    def _fill(self, plain: list[str]) -> None:
        """Plain numbers go to the options in their order."""
        free: Iterator[str] = iter([name for name in self.order if name not in self.values])
        waiting = list(plain)
        while waiting:
            name = next(free, None)
            if name is None:
                self.refused.append(f"{', '.join(waiting)}: {self.title} has no more options that are numbers.")
                return
            option = self.params.get(name)
            if option is None:  # it follows from the wiring
                waiting.pop(0)
            elif _takes_all(option):
                self._set(option, ", ".join(waiting))
                return
            else:
                self._set(option, waiting.pop(0))

    def _set(self, option: Param, text: str) -> None:
        text = text.replace("x", ", ") if _TIMES.fullmatch(text) else text
        try:
            value = option.parse(text, self.title, self.scope)
        except EngineError as error:
            self.refused.append(error.message)
            return
        self.values[option.name] = value

    def result(self, layer: Layer) -> Layer:
        """The layer with all that could be taken."""
        for name, value in self.values.items():
            try:
                layer = layer.with_(**{name: value})
            except SpecError as error:
                self.refused.append(error.message)
        return layer if "padding" in self.values else _centred(layer)


def _own_order(kind: type[Layer]) -> tuple[str, ...]:
    """The main options, then the others that are numbers, as they are declared."""
    mains = [p.name for p in kind.main_params()]
    return (*mains, *(p.name for p in kind.params.values() if p.name not in mains and _is_numeric(p)))


def _is_numeric(option: Param) -> bool:
    kind = option.kind
    while isinstance(kind, (Optional, Either)):
        kind = kind.inner
    return isinstance(kind, (Int, Float, Ints, Numeric))


def _takes_all(option: Param) -> bool:
    """Whether it is a list of any length, which all numbers that are left belong to."""
    kind = option.kind.inner if isinstance(option.kind, Optional) else option.kind
    return isinstance(kind, Ints) and kind.length is None


def _torch_order(kind: type[Layer]) -> tuple[str, ...]:
    """The arguments of the constructor in torch's order, with the sizes that follow from the wiring."""
    if not issubclass(kind, ModuleLayer):
        return _own_order(kind)
    first = kind.signature or (*_sizes(kind.key), *(n for n, p in kind.params.items() if p.is_required))
    return (*first, *(name for name in kind.params if name not in first))


@cache
def _sizes(key: str) -> tuple[str, ...]:
    """The arguments of the constructor that follow from the wiring, found by trying inputs of every rank."""
    layer = Layer.registry[key]()
    for rank in (4, 3, 5, 2, 1):
        spec = TensorSpec(("B", *(64,) * (rank - 1)))
        ports: Iterable[str] = (p.name for p in layer.ports_in() if p.kind == "required")
        try:
            return tuple(layer.derive(**dict.fromkeys(ports, spec)))
        except (EngineError, TypeError):
            continue
    return tuple(name for name in getattr(layer, "signature", ()) if name not in layer.params)


def _centred(layer: Layer) -> Layer:
    """A layer that strides cannot keep the size; its padding is then the one that keeps the filter on its middle."""
    stride, kernel = getattr(layer, "stride", 1), getattr(layer, "kernel_size", None)
    numbers = (*_each(stride), *_each(kernel))
    if getattr(layer, "padding", None) != "same" or not all(isinstance(n, int) for n in numbers):
        return layer
    if all(step == 1 for step in _each(stride)):
        return layer
    dilation = _each(getattr(layer, "dilation", 1))
    sizes = _each(kernel)
    spread = dilation if len(dilation) == len(sizes) else dilation[:1] * len(sizes)
    if not all(isinstance(by, int) for by in spread):
        return layer
    padding = tuple((size - 1) * by // 2 for size, by in zip(sizes, spread, strict=True))
    return layer.with_(padding=padding[0] if len(padding) == 1 else padding)


def _each(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, tuple) else (value,)
