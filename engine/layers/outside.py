"""A module from any package, by its dotted path: what is known of it stands in the project as data."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Self

from engine.errors import LayerError, SpecError
from engine.expr import Expr
from engine.layers.base import Call, Layer, Names, Port, Word, source
from engine.layers.chosen import Given
from engine.layers.signature import Argument, Signature, SignatureKind, is_name
from engine.spec import Param, param
from engine.tensor import TensorSpec

KNOWN = re.compile(r"torch\.nn(\.modules\.\w+)?\.[A-Z]\w*|torchvision\.(ops|models)(\.\w+)*\.[A-Z]\w*")
"""Paths whose import runs nothing that torch would not run anyway: they need no trust."""
_LONGEST = 300


class OutsideModule(Layer):
    """Is any nn.Module of a package that is installed, such as timm.layers.Mlp.

    Its inputs are the arguments of forward, its options those of the constructor, read from the class when it is
    added. It runs only in a project that you trust, unless it is one of torch or torchvision.

    Input shape:  whatever its forward takes
    Output shape: whatever its forward gives
    """

    key = "Module"
    title = "Module"
    category = "code"
    aliases = ("package", "class", "dotted path", "import", "third party", "custom", "timm", "library")
    use = (
        "Take it for a ready module of a package; what it does is written in that package, and whoever opens the "
        "exported code needs the package, too."
    )
    results_hint = "Name what it gives in returns, as in out, state, or out, (h, c)."
    inputs = ()
    path: str = param("", help="Where the class is: package.module.Class.", literal=True)
    signature: Annotated[Any, SignatureKind()] = param(
        Signature(), help="How it is built and called, read from the class.", literal=True
    )
    args: Given = param({}, help="Values for its arguments.", literal=True)
    returns: str = param(
        "out", literal=True, help="Names for what it returns: out, or as in Python out, (h, c); _ for what is not used."
    )
    called: str = param(
        "", advanced=True, literal=True, help="A name for the class in the code, where its own is taken."
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        parts = self.path.split(".")
        if self.path and (len(parts) < 2 or not all(map(is_name, parts)) or len(self.path) > _LONGEST):
            raise SpecError(f"Module: {self.path!r} is no path such as package.module.Class.", field="path")
        if self.called and not is_name(self.called):
            raise SpecError(f"Module: {self.called!r} is no Python name.", field="called")
        _targets(self.returns)
        known = {a.name: a for a in self.signature.arguments}
        for name, value in self.args.items():
            if name not in known:
                raise SpecError(f"{self.kind_name()} has no argument {name}.", field="args")
            if not isinstance(value, Expr):
                known[name].param().check(value, self.kind_name())
            elif name in self.params:
                raise SpecError(f"{self.kind_name()}: {name} takes no expression.", field="args")

    def kind_name(self) -> str:
        """The class by its own name."""
        return self.path.rpartition(".")[2] or self.title

    def about(self) -> str:
        return self.signature.help or self.summary()

    def ports_in(self) -> tuple[Port, ...]:
        return tuple(Port(w.name, w.kind, carries=w.carries) for w in self.signature.wires)

    def ports_out(self) -> tuple[Port, ...]:
        taken = {w.name for w in self.signature.wires}
        return tuple(Port(f"{name}_out" if name in taken else name) for name in _names(_targets(self.returns)))

    def options(self) -> list[Param]:
        """Its arguments as options for a form, what has to be set first."""
        return [a.param() for a in sorted(self.signature.arguments, key=lambda a: not a.required)]

    def user_code(self) -> tuple[str, ...]:
        if not self.path or KNOWN.fullmatch(self.path):
            return ()
        return (f"{self._import()}  # runs the package {self.path.split('.')[0]}",)

    def expressions(self) -> dict[str, Expr]:
        return {n: v for n, v in self.args.items() if isinstance(v, Expr)}

    def with_(self, **changes: Any) -> Self:
        """The same with other options, arguments of the class among them."""
        own = {name: value for name, value in changes.items() if name in self.params}
        rest = {name: value for name, value in changes.items() if name not in self.params}
        if rest:
            own["args"] = {**own.get("args", self.args), **rest}
        return super().with_(**own)

    def with_argument(self, name: str, value: Any) -> dict[str, Any]:
        """`args` with another value for one of them; what is the class's own default is not kept."""
        option = next(p for p in self.options() if p.name == name)
        rest = {n: v for n, v in self.args.items() if n != name}
        is_default = value is None if option.is_required else value == option.default
        return rest if is_default else {**rest, name: value}

    def option_values(self) -> dict[str, Any]:
        given = (a for a in self.signature.arguments if a.place == "forward" and self._is_given(a))
        return {a.name: self._value(a) for a in given}

    def check(self, **inputs: TensorSpec | tuple[TensorSpec, ...] | None) -> None:
        if not self.path:
            raise LayerError("It names no class yet.", "Add it anew, with Module from a package in the menu Graph.")
        for argument in self.signature.arguments:
            if argument.required and self.args.get(argument.name) is None:
                raise LayerError(f"{argument.name} of {self.kind_name()} is not set.", "Set it in the inspector.")

    def imports(self) -> tuple[str, ...]:
        return (self._import(),) if self.path else ()

    def _import(self) -> str:
        package, _, name = self.path.rpartition(".")
        alias = f" as {self.called}" if self.called else ""
        return f"from {package} import {name}{alias}"

    def build(self, derived: Mapping[str, Any]) -> Call:
        leading: list[Any] = []
        named: list[tuple[str, Any]] = []
        for argument in (a for a in self.signature.arguments if a.place == "init"):
            if not self._is_given(argument):
                continue
            value = self._value(argument)
            if argument.required and not argument.named and not named:
                leading.append(value)
            else:
                named.append((argument.name, value))
        return Call(self.called or self.kind_name(), tuple(leading), tuple(named))

    def _is_given(self, argument: Argument) -> bool:
        if argument.name not in self.args:
            return False
        value = self.args[argument.name]
        return argument.required or isinstance(value, Expr) or value != argument.default

    def _value(self, argument: Argument) -> Any:
        value = self.args[argument.name]
        return Word(value) if argument.kind == "class" and isinstance(value, str) else value

    def emit(self, names: Names) -> tuple[str, ...]:
        wires: list[str] = []
        for port in self.ports_in():
            given = names.inputs.get(port.name, "None")
            if port.kind == "many":
                wires += given if isinstance(given, tuple) else (given,)
            elif port.kind == "required":
                wires.append(str(given))
            elif given != "None":
                wires.append(f"{port.name}={given}")
        wires += [f"{name}={names.params.get(name, source(value))}" for name, value in self.option_values().items()]
        left = _written(_targets(self.returns), iter([names.outputs[port.name] for port in self.ports_out()]))
        return (f"{left} = {names.me}({', '.join(wires)})",)


Targets = str | tuple[Any, ...]


def _targets(text: str) -> Targets:
    """What is assigned, nested as it is written. Raises: SpecError."""
    try:
        found = _read(ast.parse(text.strip() or "out", mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        found = None
    names = list(_names(found)) if found is not None else []
    if not names or len(set(names)) < len(names) or not all(map(is_name, names)):
        raise SpecError(f"Module: {text!r} names no results: write out, or out, (h, c).", field="returns")
    assert found is not None
    return found


def _read(node: ast.expr) -> Targets:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Tuple) and node.elts:
        return tuple(_read(element) for element in node.elts)
    raise ValueError("neither a name nor several")


def _names(targets: Targets) -> Iterator[str]:
    if isinstance(targets, str):
        if targets != "_":
            yield targets
        return
    for inner in targets:
        yield from _names(inner)


def _written(targets: Targets, variables: Iterator[str], depth: int = 0) -> str:
    if isinstance(targets, str):
        return "_" if targets == "_" else next(variables)
    inside = ", ".join(_written(inner, variables, depth + 1) for inner in targets)
    inside += "," if len(targets) == 1 else ""
    return f"({inside})" if depth else inside
