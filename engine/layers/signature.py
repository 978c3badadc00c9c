"""How a class that Netsmith does not know is built and called: read once, kept as data in the project."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from engine.kinds import Bool, Choice, Float, Int, Ints, Kind, KindError, Optional, Text
from engine.spec import REQUIRED, Param

CLASS_NAME = re.compile(r"nn\.[A-Z]\w{0,80}")
_KINDS: dict[str, Kind] = {"int": Int(), "float": Float(), "bool": Bool(), "text": Text(), "ints": Ints(None)}
_MOST = 200


@dataclass(frozen=True)
class ClassName(Kind):
    """A class of torch.nn by its name: nn.GELU."""

    name = "class"

    def check(self, value: Any) -> str:
        if not isinstance(value, str) or not CLASS_NAME.fullmatch(value):
            raise KindError("a class of torch.nn such as nn.GELU")
        return value

    def parse(self, text: str) -> str:
        word = text.strip()
        return self.check(word if word.startswith("nn.") else f"nn.{word}")


@dataclass(frozen=True)
class Plain(Kind):
    """Any number, word, yes or no, none, or several of them."""

    name = "value"

    def check(self, value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return tuple(self.check(v) for v in value)
        if isinstance(value, float) and not -1e300 < value < 1e300:
            raise KindError("a number of sensible size")
        if value is None or isinstance(value, (bool, int, float, str)):
            return value
        raise KindError("a number, a word, or several in parentheses")

    def show(self, value: Any) -> str:
        return value if isinstance(value, str) else repr(value)

    def to_json(self, value: Any) -> Any:
        return [self.to_json(v) for v in value] if isinstance(value, tuple) else value


@dataclass(frozen=True)
class Argument:
    """One argument of the constructor or of forward that takes no tensor.

    kind: int, float, bool, text, ints, class or value, "one" of `choices`. optional: it may be none. required: it has
    no default. default: the class's own, None where it is no plain value, and then `shown` says it in words.
    place: "init", or "forward" for an argument of the call. named: it can only be given by name.
    """

    name: str
    kind: str = "value"
    default: Any = None
    choices: tuple[Any, ...] = ()
    shown: str = ""
    optional: bool = False
    required: bool = False
    named: bool = False
    place: Literal["init", "forward"] = "init"

    def param(self) -> Param:
        """The argument as an option for forms; what equals its default is not written."""
        inner: Kind = Choice(self.choices) if self.kind == "one" else _KINDS.get(self.kind) or Plain()
        inner = ClassName() if self.kind == "class" else inner
        is_open = self.optional or self.required or bool(self.shown) or self.default is None
        word = "not set" if self.required else "default" if self.shown else "none"
        kind = Optional(inner, word) if is_open else inner
        where = "of the call" if self.place == "forward" else "of the constructor"
        told = f"Left alone it is {self.shown}." if self.shown else ""
        needed = "It has to be set." if self.required else told
        help = f"Argument {self.name} {where}. {needed}".strip()
        return Param(self.name, kind, self.default, REQUIRED if self.required else self.default, help)


@dataclass(frozen=True)
class Wire:
    """One argument of forward that takes a tensor, or a number where `carries` says so."""

    name: str
    kind: Literal["required", "optional", "many"] = "required"
    carries: Literal["tensor", "any"] = "tensor"


@dataclass(frozen=True)
class Signature:
    """What is known of a class: its wires, its other arguments, and the first words of its documentation."""

    wires: tuple[Wire, ...] = (Wire("x"),)
    arguments: tuple[Argument, ...] = ()
    help: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain data, short: what is as usual is left out."""
        return {
            "wires": [_short(wire, Wire(wire.name)) for wire in self.wires],
            "arguments": [_short(a, Argument(a.name)) for a in self.arguments],
            "help": self.help,
        }


def _short(value: Any, usual: Any) -> dict[str, Any]:
    shown = {n: v for n, v in vars(value).items() if n == "name" or v != getattr(usual, n)}
    return {n: list(v) if isinstance(v, tuple) else v for n, v in shown.items()}


@dataclass(frozen=True)
class SignatureKind(Kind):
    """The data of a signature, checked word by word: names from a file stand in the code that runs."""

    name = "signature"

    def check(self, value: Any) -> Signature:
        if isinstance(value, Signature):
            value = value.to_json()
        try:
            wires = tuple(Wire(**_known(raw, Wire)) for raw in value["wires"])
            arguments = tuple(_argument(raw) for raw in value["arguments"])
            result = Signature(wires, arguments, str(value.get("help", ""))[:2000])
        except (KeyError, TypeError, AttributeError, ValueError) as wrong:
            raise KindError(f"a signature of wires and arguments ({wrong})") from None
        _need_names(result)
        return result

    def to_json(self, value: Any) -> Any:
        return value.to_json()

    def show(self, value: Any) -> str:
        return ", ".join(wire.name for wire in value.wires)


def _known(raw: Mapping[str, Any], cls: type) -> dict[str, Any]:
    fields = cls.__dataclass_fields__  # type: ignore[attr-defined]
    return {"name": raw["name"], **{n: raw[n] for n in raw if n in fields}}


def _argument(raw: Mapping[str, Any]) -> Argument:
    values = _known(raw, Argument)
    for name in ("default", "choices"):
        if name in values:
            values[name] = Plain().check(values[name])
    for flag in ("optional", "required", "named"):
        values[flag] = values.get(flag) is True
    made = Argument(**values)
    if not isinstance(made.shown, str) or made.place not in ("init", "forward"):
        raise KindError("a signature of wires and arguments")
    return made


def _need_names(signature: Signature) -> None:
    """Raises: KindError unless every name is a Python name of its own."""
    for names in (
        [w.name for w in signature.wires],
        [a.name for a in signature.arguments if a.place == "init"],
        [w.name for w in signature.wires] + [a.name for a in signature.arguments if a.place == "forward"],
    ):
        if len(names) > _MOST or len(set(names)) < len(names) or not all(map(is_name, names)):
            raise KindError("a signature whose names are Python names, each once")
    if any(
        w.kind not in ("required", "optional", "many") or w.carries not in ("tensor", "any") for w in signature.wires
    ):
        raise KindError("a signature whose wires are required, optional or many")


def is_name(text: object) -> bool:
    """Whether a text is a Python name that can stand in code."""
    return isinstance(text, str) and text.isidentifier() and not keyword.iskeyword(text) and text.isascii()
