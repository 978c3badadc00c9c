"""The user's own Python, and nodes whose kind is not known here."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Self

from engine.errors import LayerError, SpecError
from engine.expr import Expr
from engine.kinds import FrozenDict, Kind, KindError
from engine.layers.base import Call, Layer, Names, Port
from engine.layers.base import source as text_of
from engine.layers.code_text import UserCode, read_code, unknown_names
from engine.spec import Arguments, Param, Source, param

_START = "def double(x):\n    return x * 2\n"
_TENSOR = re.compile(r"\bTensor\b")


class CodeLayer(Layer):
    """Your own Python: one function from tensors to a tensor or a tuple of them, or one nn.Module with its weights.

    The arguments are the input ports, those with a default of None are optional; one that is written as
    scale: float = 1.0 is an option instead. A return of several names, as in "return mean, spread", gives as many
    output ports. Of a class, forward has the ports and the constructor the options. It runs only in a project that
    you trust.
    """

    key = "Code"
    title = "Code"
    category = "code"
    use = "Take it for the few lines that no layer has; what is used twice reads better as a block."
    aliases = ("python", "custom", "lambda", "function", "script", "own module", "class")
    source: Source = param(_START, help="One function, or one class made from nn.Module, in Python.", literal=True)
    values: Arguments = param({}, help="Values for its options, by name.", literal=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "values", FrozenDict(self._fitting(self.values)))

    def _fitting(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values of options that the code has and that are no defaults."""
        found = {}
        for option in self.code.options:
            value = values.get(option.name, option.default)
            if not isinstance(value, Expr):
                try:
                    value = option.kind.check(value)
                except KindError as wrong:
                    message = f"{self.code.name}: {option.name} must be {wrong}, not {value!r}."
                    raise SpecError(message, field=option.name) from None
            if isinstance(value, Expr) or value != option.default:
                found[option.name] = value
        return found

    @property
    def code(self) -> UserCode:
        """The function or class, read but never run."""
        return read_code(self.source)

    def options(self) -> tuple[Param, ...]:
        """The options that the code itself declares."""
        return tuple(Param(o.name, o.kind, o.default, o.default, "") for o in self.code.options)

    def ports_in(self) -> tuple[Port, ...]:
        return self.code.inputs

    def ports_out(self) -> tuple[Port, ...]:
        return self.code.outputs

    def with_(self, **changes: Any) -> Self:
        own = {o.name for o in self.code.options} - self.params.keys()
        values = {name: changes.pop(name) for name in list(changes) if name in own}
        if values:
            changes["values"] = {**self.values, **changes.get("values", {}), **values}
        elif "source" in changes and "values" not in changes:
            changes["values"] = _kept(self.values, read_code(changes["source"]))
        return super().with_(**changes)

    def expressions(self) -> dict[str, Expr]:
        return {name: value for name, value in self.values.items() if isinstance(value, Expr)}

    def check(self, *_: Any, **inputs: Any) -> None:
        if unknown := unknown_names(self.source):
            raise LayerError(f"On line {unknown[0].line}: {unknown[0].message}", port="source")

    def build(self, derived: Mapping[str, Any]) -> Call | None:
        if not self.code.is_module:
            return None
        given = {o.name: self.values.get(o.name, o.default) for o in self.code.options}
        shown = [o.name for o in self.code.options if o.is_required or o.name in self.values]
        return Call(self.code.name, (), tuple((name, given[name]) for name in shown))

    def emit(self, names: Names) -> tuple[str, ...]:
        targets = ", ".join(names.outputs[p.name] for p in self.ports_out())
        called = names.me if self.code.is_module else self.code.name
        return (f"{targets} = {called}({', '.join(self._passed(names))})",)

    def _passed(self, names: Names) -> list[str]:
        """The arguments of the call: by their places as long as none is left out, then by their names."""
        wires = {p.name: str(names.inputs[p.name]) for p in self.ports_in()}
        texts: dict[str, str] = {}
        for name in self.code.arguments:
            if name in wires and wires[name] != "None":
                texts[name] = wires[name]
            elif name in self.values:
                texts[name] = names.params.get(name) or text_of(self.values[name])
        found: list[str] = []
        by_name = False
        for index, name in enumerate(self.code.arguments):
            if index < self.code.positional:
                if any(later in texts for later in self.code.arguments[index:]):
                    found.append(texts.get(name, "None"))
            elif name not in texts:
                by_name = True
            else:
                by_name = by_name or name not in wires
                found.append(f"{name}={texts[name]}" if by_name else texts[name])
        return found

    def user_code(self) -> tuple[str, ...]:
        return (self.source,)

    def definitions(self) -> tuple[str, ...]:
        return (self.source.strip("\n"),)

    def imports(self) -> tuple[str, ...]:
        return ("from torch import Tensor",) if _TENSOR.search(self.source) else ()


def _kept(values: Mapping[str, Any], code: UserCode) -> dict[str, Any]:
    """The values that still mean something after the code has changed."""
    kinds = {option.name: option.kind for option in code.options}
    found = {}
    for name, value in values.items():
        try:
            if name in kinds and not isinstance(value, Expr):
                kinds[name].check(value)
        except KindError:
            continue
        if name in kinds:
            found[name] = value
    return found


class Anything(Kind):
    """Plain data that is kept as it came."""

    name = "data"

    def check(self, value: Any) -> Any:
        return freeze(value)

    def to_json(self, value: Any) -> Any:
        return thaw(value)


class Frozen(dict[str, Any]):
    """Data of an unknown layer, hashable by identity of its text."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(repr(sorted(self.items(), key=lambda item: item[0])))


def freeze(value: Any) -> Any:
    """JSON data as values that can be compared and hashed."""
    if isinstance(value, Mapping):
        return Frozen({k: freeze(v) for k, v in value.items()})
    return tuple(freeze(v) for v in value) if isinstance(value, (list, tuple)) else value


def thaw(value: Any) -> Any:
    """The inverse of `freeze`."""
    if isinstance(value, Mapping):
        return {k: thaw(v) for k, v in value.items()}
    return [thaw(v) for v in value] if isinstance(value, tuple) else value


class Missing(Layer):
    """A layer of a kind that this version does not know; it is kept and saved unchanged.

    Its ports are those that the project's wires use.
    """

    category = "code"
    inputs = ()
    outputs = ()
    data: Annotated[Any, Anything()] = param(None, help="What the file says of it.", literal=True)
    ports: Annotated[Any, Anything()] = param(((), ()), help="Ports that wires use.", literal=True, advanced=True)

    def ports_in(self) -> tuple[Port, ...]:
        return tuple(Port(name, "many", carries="any") for name in self.ports[0])

    def ports_out(self) -> tuple[Port, ...]:
        return tuple(Port(name, carries="any") for name in self.ports[1])

    def to_json(self) -> dict[str, Any]:
        return dict(thaw(self.data or {}))

    def emit(self, names: Names) -> tuple[str, ...]:
        raise AssertionError("an unknown layer has a problem and is never generated")
