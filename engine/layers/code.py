"""The user's own Python, and nodes whose kind is not known here."""

import ast
from collections.abc import Mapping
from typing import Annotated, Any

from engine.errors import SpecError
from engine.kinds import Kind
from engine.layers.base import Layer, Names, Port
from engine.spec import Source, param

_START = "def double(x):\n    return x * 2\n"


class CodeLayer(Layer):
    """Your own Python: one function from tensors to a tensor, or to a tuple of them.

    The arguments are the input ports, those with a default of None are optional. A return of several names,
    as in "return mean, spread", gives as many output ports. It runs only in a project that you trust.
    """

    key = "Code"
    title = "Code"
    category = "code"
    use = "Take it for the few lines that no layer has; what is used twice reads better as a block."
    aliases = ("python", "custom", "lambda", "function", "script")
    source: Source = param(_START, help="One function, in Python.", literal=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.function()

    def function(self) -> ast.FunctionDef:
        """The function, read but never run. Raises: SpecError if the text is not exactly one function."""
        try:
            body = ast.parse(self.source).body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            line = getattr(error, "lineno", None)
            where = f" on line {line}" if line else ""
            raise SpecError(
                f"Code: this is no Python{where}: {getattr(error, 'msg', error)}.", field="source"
            ) from None
        if len(body) != 1 or not isinstance(body[0], ast.FunctionDef):
            raise SpecError(
                "Code: needs exactly one function.",
                "Write def name(x): ... return ... with what it imports inside.",
                field="source",
            )
        arguments = body[0].args
        if arguments.vararg or arguments.kwarg or arguments.kwonlyargs or not (arguments.args or arguments.posonlyargs):
            raise SpecError("Code: the function needs plain arguments, one for each input.", field="source")
        return body[0]

    def ports_in(self) -> tuple[Port, ...]:
        arguments = self.function().args
        names = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
        optional = len(names) - len(arguments.defaults)
        return tuple(Port(n, "optional" if i >= optional else "required", carries="any") for i, n in enumerate(names))

    def ports_out(self) -> tuple[Port, ...]:
        returns = [n.value for n in ast.walk(self.function()) if isinstance(n, ast.Return)]
        if len(returns) == 1 and isinstance(returns[0], ast.Tuple) and len(returns[0].elts) > 1:
            named = [e.id if isinstance(e, ast.Name) else f"out{i}" for i, e in enumerate(returns[0].elts)]
            taken = {p.name for p in self.ports_in()}
            unique = [f"out{i}" if n in taken or named.count(n) > 1 else n for i, n in enumerate(named)]
            return tuple(Port(n, carries="any") for n in unique)
        return (Port("out", carries="any"),)

    def emit(self, names: Names) -> tuple[str, ...]:
        targets = ", ".join(names.outputs[p.name] for p in self.ports_out())
        wires = [(p, names.inputs[p.name]) for p in self.ports_in()]
        while wires and wires[-1][0].kind == "optional" and wires[-1][1] == "None":
            wires.pop()
        return (f"{targets} = {self.function().name}({', '.join(str(w) for _, w in wires)})",)

    def definitions(self) -> tuple[str, ...]:
        return (self.source.strip("\n"),)


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
