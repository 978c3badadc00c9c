"""Options that are declared, documented, checked and serialised in one place.

A `Spec` is a frozen dataclass whose fields are made by `param(...)`. Layers, data sets, losses, optimizers and
schedules are all specs: the inspector, the command line, the files and the help pages read the same declaration.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from inspect import get_annotations
from typing import Annotated, Any, ClassVar, Self, cast, dataclass_transform

from engine.errors import ExprError, SpecError
from engine.expr import Expr, composed
from engine.kinds import DTYPE, Either, FrozenDict, Int, Ints, Kind, KindError, Literals, Text, kind_of
from engine.tree import Tree

Single = Annotated[int | tuple[int], Ints(1)]
Pair = Annotated[int | tuple[int, int], Ints(2)]
Triple = Annotated[int | tuple[int, int, int], Ints(3)]
IntList = Annotated[tuple[int, ...], Ints(None, single=False)]
Sizes = Annotated[tuple[int | str, ...], Ints(None, single=False, names=True)]
Padding1 = Annotated[int | tuple[int] | str, Either(("same", "valid"), Ints(1))]
Padding2 = Annotated[int | tuple[int, int] | str, Either(("same", "valid"), Ints(2))]
Padding3 = Annotated[int | tuple[int, int, int] | str, Either(("same", "valid"), Ints(3))]
Identifier = Annotated[str, Text(identifier=True)]
Source = Annotated[str, Text(lines=True)]
FilePath = Annotated[str, Text(path=True)]
DType = Annotated[str, DTYPE]
Arguments = Annotated[dict[str, Any], Literals()]

REQUIRED = object()
_SAME = object()


@dataclass(frozen=True)
class Param:
    """The declaration of one option.

    torch: the default of the framework's own constructor, REQUIRED if it has none; what equals it is not printed.
    main: shown on the node itself. advanced: folded away at first in the inspector. literal: takes no expression.
    """

    name: str
    kind: Kind
    default: Any
    torch: Any
    help: str
    main: bool = False
    advanced: bool = False
    literal: bool = False
    unit: str = ""
    fed: bool = False
    """An expression may also mention wires, which bring numbers."""

    @property
    def is_required(self) -> bool:
        return self.torch is REQUIRED

    @property
    def least(self) -> Any:
        return _inner(self.kind, "least")

    @property
    def most(self) -> Any:
        return _inner(self.kind, "most")

    def check(self, value: Any, owner: str) -> Any:
        """The value in its normal form. Raises: SpecError naming the owner, the option and what is allowed."""
        if isinstance(value, Expr) and self.kind.takes_expressions:
            if self.literal:
                raise SpecError(f"{owner}: {self.name} takes no expression.", field=self.name)
            return value
        try:
            return self.kind.check(value)
        except KindError as wrong:
            raise SpecError(f"{owner}: {self.name} must be {wrong}, not {value!r}.", field=self.name) from None

    def parse(self, text: str, owner: str, scope: Iterable[str] = ()) -> Any:
        """What a person typed: a value, else an expression over the names in `scope`. Raises: SpecError.

        What can be worked out at once, `28 * 28`, is the number that it comes to.
        """
        text = composed(text)
        try:
            return self.kind.parse(text)
        except KindError as wrong:
            said = f"must be {wrong}, not {text!r}"
            expression = _expression(text) if self.kind.takes_expressions else None
            if expression is not None and not expression.names():
                number, expression = _number(expression), None
                try:
                    return self.kind.parse(number)
                except KindError as out:
                    said = f"must be {out}, not {number}" if number not in ("", text.strip()) else said
            if expression is not None and not self.literal and (self.fed or expression.names() <= set(scope)):
                return expression
            if expression is not None and not text.strip().isidentifier() and not self.literal:
                said = f"names {min(expression.names() - set(scope))}, which is no parameter of this block"
            raise SpecError(f"{owner}: {self.name} {said}.", field=self.name) from None

    def show(self, value: Any) -> str:
        """The value as a person would type it."""
        return value.text if isinstance(value, Expr) else self.kind.show(value)


def _expression(text: str) -> Expr | None:
    try:
        return Expr(text)
    except ExprError:
        return None


def _number(expression: Expr) -> str:
    """What an expression without names comes to, a whole number where it is one; "" where that cannot be computed."""
    try:
        value = expression.evaluate({})
    except ExprError:
        return ""
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)


def _inner(kind: Kind, attribute: str) -> Any:
    while not hasattr(kind, attribute) and hasattr(kind, "inner"):
        kind = kind.inner
    return getattr(kind, attribute, None)


def param(
    default: Any,
    *,
    help: str,
    min: Any = None,
    max: Any = None,
    required: bool = False,
    torch: Any = _SAME,
    main: bool = False,
    advanced: bool = False,
    literal: bool = False,
    unit: str = "",
) -> Any:
    """Declare an option of a Spec. `required`: the framework's constructor has no default for it."""
    if not required and torch is _SAME:
        torch = default
    extra = {
        "default": default,
        "min": min,
        "max": max,
        "torch": REQUIRED if required else torch,
        "help": help,
        "main": main,
        "advanced": advanced,
        "literal": literal,
        "unit": unit,
    }
    if isinstance(default, (dict, list)):
        return dataclasses.field(default_factory=lambda: default, metadata=extra)
    return dataclasses.field(default=default, metadata=extra)


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Spec:
    """A frozen value made of declared options. Subclasses of a family find their place in its registry by `key`.

    Most of what a frozen dataclass has is here once for all, since Python would compile it for each of hundreds of
    classes at every start. How they are compared and hashed, as often as layers are looked up, each has for itself.
    """

    key: ClassVar[str] = ""
    former_keys: ClassVar[tuple[str, ...]] = ()
    title: ClassVar[str] = ""
    aliases: ClassVar[tuple[str, ...]] = ()
    params: ClassVar[Mapping[str, Param]] = {}
    registry: ClassVar[dict[str, type[Self]]] = {}
    is_abstract: ClassVar[bool] = True

    def __init_subclass__(cls, *, family: bool = False, abstract: bool = False) -> None:
        super().__init_subclass__()
        cls.is_abstract = family or abstract
        if "__doc__" not in cls.__dict__:
            cls.__doc__ = None
        dataclass(init=False, repr=False, kw_only=True, unsafe_hash="__hash__" not in cls.__dict__)(cls)
        cls.params = _params_of(cls)
        if family:
            cls.registry = {}
        if not cls.is_abstract:
            cls.key = cls.__dict__.get("key", cls.__name__)
            cls.title = cls.__dict__.get("title", cls.key)
            assert cls.key not in cls.registry, f"two specs are called {cls.key}"
            cls.registry[cls.key] = cast(Any, cls)

    def __init__(self, **options: Any) -> None:
        for name, declared in self.params.items():
            value = declared.default
            if name in options:
                value = declared.check(options.pop(name), self.title or type(self).__name__)
            object.__setattr__(self, name, value)
        if options:
            raise TypeError(f"{type(self).__name__} has no option {', '.join(options)}")
        self.__post_init__()

    def __setattr__(self, name: str, value: Any) -> None:
        raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> None:
        raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")

    def __repr__(self) -> str:
        return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in self.params)})"

    def __post_init__(self) -> None:
        """For kinds that have more to check than each option by itself."""

    @classmethod
    def summary(cls) -> str:
        """The first sentence of what it is."""
        return (cls.__doc__ or "").strip().split("\n\n")[0].replace("\n", " ").strip()

    def with_(self, **changes: Any) -> Self:
        """The same with other values. Raises: SpecError for an option that is not declared or a value out of range."""
        for name in changes:
            if name not in self.params:
                known = ", ".join(self.params) or "none"
                raise SpecError(f"{self.title} has no option {name}.", f"Options: {known}.", field=name)
        return dataclasses.replace(cast(Any, self), **changes)

    def changed(self) -> dict[str, Any]:
        """The options whose values differ from their defaults."""
        return {n: v for n in self.params if (v := getattr(self, n)) != self.params[n].default}

    def expressions(self) -> dict[str, Expr]:
        """The options that hold an expression; what stands in brackets counts only if it mentions a name."""
        return {n: v for n in self.params if isinstance(v := getattr(self, n), Expr) and is_open(v)}

    def resolve(self, scope: Mapping[str, Any]) -> Self:
        """The same with every expression replaced by its value. Raises: ExprError, SpecError."""
        expressions = self.expressions()
        if not expressions:
            return self
        return self.with_(**{name: expression.evaluate(scope) for name, expression in expressions.items()})

    def to_json(self) -> dict[str, Any]:
        """Plain data: the kind and every option that is not at its default."""
        data: dict[str, Any] = {"kind": self.key}
        for name, value in self.changed().items():
            data[name] = dump_value(self.params[name].kind, value)
        return data

    @classmethod
    def from_json(cls, raw: Any) -> Self:
        """The spec of this family that the data describes. Raises: SpecError."""
        if not isinstance(raw, dict) or not isinstance(raw.get("kind"), str):
            raise SpecError(f'A {cls.__name__.lower()} needs a "kind", got {_short(raw)}.')
        found = cls.find(raw["kind"])
        if found is None:
            raise SpecError(f"There is no {cls.__name__.lower()} called {_short(raw['kind'])}.")
        return found.read({k: v for k, v in raw.items() if k != "kind"})

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> Self:
        """One of this very kind from its options as plain data. Raises: SpecError."""
        values = {}
        for name, value in raw.items():
            if name not in cls.params:
                raise SpecError(f"{cls.title} has no option {_short(name)}.", field=str(name))
            values[name] = load_value(cls.params[name], value, cls.title)
        return cls(**values)

    @classmethod
    def find(cls, key: str) -> type[Self] | None:
        """The member of the family by its key, or by a key it once had."""
        if key in cls.registry:
            return cls.registry[key]
        return next((c for c in cls.registry.values() if key in c.former_keys), None)


def is_open(expression: Expr) -> bool:
    """Whether something has to be put in before the value is known."""
    return not isinstance(expression, Tree) or bool(expression.names())


def dump_value(kind: Kind, value: Any) -> Any:
    """One option as plain data; an expression becomes {"expr": text}, text that stands in brackets is its text."""
    if isinstance(value, Expr) and not isinstance(value, Tree):
        return {"expr": value.text}
    return kind.to_json(value)


def load_value(declared: Param, raw: Any, owner: str) -> Any:
    """One option from plain data. Raises: SpecError."""
    try:
        if isinstance(raw, dict) and set(raw) == {"expr"} and not isinstance(declared.kind, Literals):
            return declared.check(Expr(raw["expr"]), owner)
        return declared.kind.from_json(raw)
    except KindError as wrong:
        raise SpecError(f"{owner}: {declared.name} must be {wrong}, not {_short(raw)}.", field=declared.name) from None
    except ExprError as wrong:
        raise SpecError(f"{owner}: {declared.name}: {wrong.message}", wrong.hint, field=declared.name) from None


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


_annotations: dict[tuple[str, str], Any] = {}
"""By module and text: the same few are written hundreds of times, and evaluating them all took half of the start."""


def _params_of(cls: type[Spec]) -> dict[str, Param]:
    """What the fields of a class declare; those that it has from other classes were declared there."""
    inherited: dict[str, Param] = {}
    for base in reversed(cls.__mro__[1:]):
        inherited |= base.__dict__.get("params", {})
    own = get_annotations(cls)
    return {
        f.name: _declared(f, _evaluated(cls.__module__, own[f.name])) if f.name in own else inherited[f.name]
        for f in dataclasses.fields(cast(Any, cls))
    }


def _evaluated(module: str, annotation: Any) -> Any:
    if not isinstance(annotation, str):
        return annotation
    if (module, annotation) not in _annotations:
        # Code of our own modules, as Python itself would evaluate it.
        _annotations[module, annotation] = eval(annotation, vars(sys.modules[module]))
    return _annotations[module, annotation]


def _declared(field: dataclasses.Field[Any], hint: Any) -> Param:
    extra = field.metadata
    kind = kind_of(hint, extra["min"], extra["max"])
    default = kind.check(extra["default"])
    flags = {k: extra[k] for k in ("help", "main", "advanced", "literal", "unit")}
    return Param(name=field.name, kind=kind, default=default, torch=extra["torch"], **flags)


__all__ = [
    "REQUIRED",
    "Arguments",
    "DType",
    "FilePath",
    "FrozenDict",
    "Identifier",
    "Int",
    "IntList",
    "Padding1",
    "Padding2",
    "Padding3",
    "Pair",
    "Param",
    "Single",
    "Sizes",
    "Source",
    "Spec",
    "Triple",
    "param",
]
