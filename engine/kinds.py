"""Kinds of values an option can hold: each checks, reads, shows and serialises its own."""

from __future__ import annotations

import ast
import keyword
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from engine.errors import ExprError
from engine.expr import Expr
from engine.tensor import DTYPES
from engine.tree import Subscript
from engine.whole import whole


class KindError(ValueError):
    """A value that a kind refuses; the text completes "kernel_size must be ..."."""


@dataclass(frozen=True)
class Kind:
    """What values are allowed. `check` returns the value in its one normal form or raises KindError."""

    name = "value"
    takes_expressions = True
    """An expression over the block's parameters may stand for a value, unless values are such text themselves."""

    def check(self, value: Any) -> Any:
        return value

    def parse(self, text: str) -> Any:
        """The value that a person typed. Raises: KindError."""
        try:
            value = ast.literal_eval(text.strip())
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            value = text.strip()
        return self.check(value)

    def show(self, value: Any) -> str:
        """The value as a person would type it."""
        return str(value)

    def to_json(self, value: Any) -> Any:
        return list(value) if isinstance(value, tuple) else value

    def from_json(self, raw: Any) -> Any:
        return self.check(raw)

    @property
    def choices(self) -> tuple[Any, ...]:
        return ()


def _limits(value: float, least: float | None, most: float | None, what: str) -> None:
    if least is not None and value < least:
        raise KindError(f"{what} of at least {least}")
    if most is not None and value > most:
        raise KindError(f"{what} of at most {most}")


@dataclass(frozen=True)
class Int(Kind):
    least: int | None = None
    most: int | None = None
    name = "int"

    def parse(self, text: str) -> int:
        number = whole(text)
        return self.check(number) if number is not None else super().parse(text)

    def check(self, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise KindError("a whole number")
        _limits(value, self.least, self.most, "a whole number")
        if abs(value) > 2**53:
            raise KindError("a whole number of sensible size")
        return value


@dataclass(frozen=True)
class Float(Kind):
    least: float | None = None
    most: float | None = None
    name = "float"

    def check(self, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise KindError("a number")
        if not (abs(value) < 2**53 if isinstance(value, int) else math.isfinite(value)):
            raise KindError("a number of sensible size")
        _limits(value, self.least, self.most, "a number")
        return float(value)

    def show(self, value: Any) -> str:
        return f"{value:g}" if float(f"{value:g}") == value else repr(value)


@dataclass(frozen=True)
class Numeric(Kind):
    """A whole number, a number with a fraction, or yes or no, each kept as what it is: 2 stays 2, 2.0 stays 2.0."""

    flags: bool = True
    name = "number"

    def check(self, value: Any) -> int | float | bool:
        if isinstance(value, bool) and self.flags:
            return value
        return Int().check(value) if isinstance(value, int) else Float().check(value)


@dataclass(frozen=True)
class NameList(Kind):
    """Python names, each once."""

    name = "names"

    def check(self, value: Any) -> tuple[str, ...]:
        if not isinstance(value, (list, tuple)) or len(set(map(str, value))) != len(value):
            raise KindError("names such as b, t, each once")
        return tuple(Text(identifier=True).check(name) for name in value)

    def parse(self, text: str) -> tuple[str, ...]:
        return self.check([part.strip() for part in text.strip().strip("()[]").split(",") if part.strip()])

    def show(self, value: Any) -> str:
        return ", ".join(value)


@dataclass(frozen=True)
class Bool(Kind):
    name = "bool"

    def check(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise KindError("yes or no")
        return value

    def parse(self, text: str) -> bool:
        word = text.strip().lower()
        if word in {"true", "yes", "1", "on"}:
            return True
        if word in {"false", "no", "0", "off"}:
            return False
        raise KindError("yes or no")


@dataclass(frozen=True)
class Text(Kind):
    """One line of text; `identifier` asks for a Python name, `lines` allows several lines, `path` names a file."""

    identifier: bool = False
    lines: bool = False
    path: bool = False

    @property
    def name(self) -> str:  # type: ignore[override]
        return "path" if self.path else "code" if self.lines else "identifier" if self.identifier else "text"

    def check(self, value: Any) -> str:
        if not isinstance(value, str):
            raise KindError("text")
        if self.identifier and (not value.isidentifier() or keyword.iskeyword(value)):
            raise KindError("a Python name such as hidden_size")
        if not self.lines and ("\n" in value or "\r" in value or "\0" in value):
            raise KindError("one line of text")
        return value

    def parse(self, text: str) -> str:
        return self.check(text)


@dataclass(frozen=True)
class Choice(Kind):
    options: tuple[Any, ...] = ()
    name = "choice"

    def check(self, value: Any) -> Any:
        for option in self.options:
            if type(option) is type(value) and option == value:
                return value
        raise KindError("one of " + ", ".join(str(o) for o in self.options))

    @property
    def choices(self) -> tuple[Any, ...]:
        return self.options


@dataclass(frozen=True)
class Ints(Kind):
    """Whole numbers: `length` of them, any number of them if None; one number may stand for all if `single`."""

    length: int | None = None
    single: bool = True
    least: int | None = None
    most: int | None = None
    names: bool = False
    """Free sizes by name ("T") are allowed beside numbers."""
    name = "ints"

    def check(self, value: Any) -> Any:
        if isinstance(value, int) and not isinstance(value, bool) and self.single:
            return Int(self.least, self.most).check(value)
        if not isinstance(value, (list, tuple)):
            raise KindError(self._wanted())
        if self.length is not None and len(value) != self.length:
            raise KindError(self._wanted())
        return tuple(self._one(v) for v in value)

    def _one(self, value: Any) -> Any:
        if self.names and isinstance(value, str) and value.isidentifier() and not keyword.iskeyword(value):
            return value
        return Int(self.least, self.most).check(value)

    def _wanted(self) -> str:
        many = "whole numbers in parentheses" if self.length is None else f"{self.length} whole numbers"
        return f"a whole number or {many}" if self.single else many

    def parse(self, text: str) -> Any:
        text = text.strip().strip("()[]").replace("×", ",")
        parts = [p.strip() for p in text.split(",") if p.strip()]
        numbers = [whole(part) for part in parts]
        values = [part if number is None else number for number, part in zip(numbers, parts, strict=True)]
        return self.check(values[0] if len(values) == 1 and self.single and "," not in text else tuple(values))

    def show(self, value: Any) -> str:
        if not isinstance(value, tuple):
            return str(value)
        if not value:
            return "()"
        # The comma tells one number for one dimension from one number for all.
        return ", ".join(map(str, value)) + ("," if len(value) == 1 and self.single else "")


@dataclass(frozen=True)
class Optional(Kind):
    """Nothing at all, or a value of another kind."""

    inner: Kind = Kind()
    none: str = "none"

    @property
    def name(self) -> str:  # type: ignore[override]
        return f"optional {self.inner.name}"

    def check(self, value: Any) -> Any:
        return None if value is None else self.inner.check(value)

    def parse(self, text: str) -> Any:
        return None if text.strip().lower() in {"", "none", self.none} else self.inner.parse(text)

    def show(self, value: Any) -> str:
        return self.none if value is None else self.inner.show(value)

    def to_json(self, value: Any) -> Any:
        return None if value is None else self.inner.to_json(value)

    def from_json(self, raw: Any) -> Any:
        return None if raw is None else self.inner.from_json(raw)

    @property
    def choices(self) -> tuple[Any, ...]:
        return (None, *self.inner.choices) if self.inner.choices else ()


@dataclass(frozen=True)
class Either(Kind):
    """One of the words, or a value of another kind: a padding of "same" or of 2 pixels."""

    words: tuple[str, ...] = ()
    inner: Kind = Kind()

    @property
    def name(self) -> str:  # type: ignore[override]
        return f"{self.inner.name} or word"

    def check(self, value: Any) -> Any:
        if isinstance(value, str) and value in self.words:
            return value
        try:
            return self.inner.check(value)
        except KindError as wrong:
            raise KindError(f"{wrong}, or one of {', '.join(self.words)}") from None

    def parse(self, text: str) -> Any:
        word = text.strip().strip("\"'")
        return word if word in self.words else self.inner.parse(text)

    def show(self, value: Any) -> str:
        return value if isinstance(value, str) else self.inner.show(value)

    def to_json(self, value: Any) -> Any:
        return value if isinstance(value, str) else self.inner.to_json(value)

    @property
    def choices(self) -> tuple[Any, ...]:
        return self.words


@dataclass(frozen=True)
class Brackets(Kind):
    """What stands in the brackets of x[...], as Python writes it."""

    name = "index"
    takes_expressions = False

    def check(self, value: Any) -> Any:
        try:
            return value if isinstance(value, Subscript) else Subscript(value)
        except ExprError as wrong:
            raise KindError(f"what stands in x[...] ({wrong.message.rstrip('.')})") from None

    def parse(self, text: str) -> Any:
        return self.check(text.strip().removeprefix("x[").removesuffix("]") if text.strip()[:2] == "x[" else text)

    def to_json(self, value: Any) -> Any:
        return value.text


@dataclass(frozen=True)
class Literals(Kind):
    """A table of literal values by name: the arguments of a block."""

    name = "arguments"

    def check(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict) or not all(isinstance(k, str) and k.isidentifier() for k in value):
            raise KindError("arguments by name")
        if not all(self.allows(item) for item in value.values()):
            raise KindError("numbers, words and expressions")
        return FrozenDict(value)

    def allows(self, value: Any) -> bool:
        """Whether it can be one of the values."""
        return isinstance(value, (int, float, bool, str, tuple, Expr, type(None)))

    def dump(self, value: Any) -> Any:
        """One value as plain data; an expression becomes {"expr": text}."""
        if isinstance(value, Expr):
            return {"expr": value.text}
        return list(value) if isinstance(value, tuple) else value

    def load(self, raw: Any) -> Any:
        """One value from plain data. Raises: KindError, ExprError."""
        if isinstance(raw, dict) and set(raw) == {"expr"}:
            return Expr(raw["expr"])
        return tuple(self.load(v) for v in raw) if isinstance(raw, list) else raw

    def to_json(self, value: Any) -> Any:
        return {name: self.dump(v) for name, v in value.items()}

    def from_json(self, raw: Any) -> Any:
        return self.check({name: self.load(v) for name, v in raw.items()} if isinstance(raw, dict) else raw)


class FrozenDict(dict[str, Any]):
    """A table that is never changed, and can therefore stand in a set."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(tuple(sorted(self.items(), key=lambda item: item[0])))

    def __reduce__(self) -> tuple[Any, ...]:
        return FrozenDict, (dict(self),)  # copied as a whole: entry by entry would be a change

    def _never(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("this table is never changed; make a new one")

    __setitem__ = __delitem__ = __ior__ = update = pop = clear = setdefault = popitem = _never  # type: ignore[assignment]


def kind_of(annotation: Any, least: Any = None, most: Any = None) -> Kind:
    """The kind that a type annotation means: int, float, bool, str, Literal[...], X | None, or a kind in Annotated."""
    simple: dict[Any, Callable[[], Kind]] = {
        int: lambda: Int(least, most),
        float: lambda: Float(least, most),
        bool: Bool,
        str: Text,
    }
    if annotation in simple:
        return simple[annotation]()
    for extra in getattr(annotation, "__metadata__", ()):
        if isinstance(extra, Ints):
            return Ints(extra.length, extra.single, least, most, extra.names)
        if isinstance(extra, Either) and isinstance(extra.inner, Ints):
            inner = extra.inner
            return Either(extra.words, Ints(inner.length, inner.single, least, most, inner.names))
        if isinstance(extra, Kind):
            return extra
    if get_origin(annotation) is Literal:
        return Choice(get_args(annotation))
    arguments = get_args(annotation)
    if type(None) in arguments and len(arguments) == 2:
        inner_type = next(a for a in arguments if a is not type(None))
        return Optional(kind_of(inner_type, least, most))
    raise TypeError(f"no kind of option is declared for {annotation!r}")


DTYPE = Choice(DTYPES)
