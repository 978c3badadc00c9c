"""Layers that a block leaves open: `norm=nn.BatchNorm2d`, and the places inside that are whatever it says."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from engine.errors import SpecError
from engine.expr import Expr
from engine.kinds import Kind, KindError, Literals
from engine.layers.base import Call, Derived, Layer, ModuleLayer, Names, source
from engine.spec import param


class Chosen(Layer):
    """Is whatever layer a parameter of its block says, such as a norm or an activation.

    Ports are those of the parameter's default. Each instance of the block may name another layer with such ports.
    """

    title = "Chosen layer"
    category = "block"
    aliases = ("parameter", "kind", "norm layer", "activation", "placeholder")
    use = "Take it in a block whose norm or activation is to be chosen where the block is used."
    inputs = ()
    outputs = ()
    param: str = param("", help="The parameter of the block that says which layer it is.", literal=True)

    def build(self, derived: Any) -> None:
        raise AssertionError("what a chosen layer is made of is known by its block alone")

    def emit(self, names: Names) -> tuple[str, ...]:
        raise AssertionError("a chosen layer is written as the layer it stands for")


@dataclass(frozen=True)
class LayerKind(Kind):
    """A kind of layer with its options: BatchNorm2d, GroupNorm(num_groups=8)."""

    name = "layer"

    def check(self, value: Any) -> Layer:
        if isinstance(value, dict):
            try:
                value = Layer.from_json(value)
            except SpecError as wrong:
                raise KindError(f"a kind of layer ({wrong.message.rstrip('.')})") from None
        if not isinstance(value, Layer):
            raise KindError("a kind of layer such as BatchNorm2d or GroupNorm(num_groups=8)")
        if reason := why_not_choosable(type(value)):
            raise KindError(f"a layer that is one module ({reason})")
        return value

    def parse(self, text: str) -> Layer:
        """The layer that a person typed: its name, with options as in Python. Raises: KindError."""
        try:
            tree = ast.parse(text.strip(), mode="eval").body
            call = tree if isinstance(tree, ast.Call) else ast.Call(tree, [], [])
            values = {k.arg or "": ast.literal_eval(k.value) for k in call.keywords}
            found = Layer.find(ast.unparse(call.func).removeprefix("nn."))
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            found, values, call = None, {}, ast.Call(ast.Name(""), [], [])
        if found is None or call.args:
            raise KindError("a kind of layer such as BatchNorm2d or GroupNorm(num_groups=8)")
        try:
            return self.check(found().with_(**values))
        except SpecError as wrong:
            raise KindError(f"a kind of layer ({wrong.message.rstrip('.')})") from None

    def show(self, value: Layer) -> str:
        given = ", ".join(f"{n}={source(v)}" for n, v in value.changed().items())
        return f"{value.key}({given})" if given else value.key

    def to_json(self, value: Layer) -> dict[str, Any]:
        return value.to_json()


def why_not_choosable(kind: type[Layer]) -> str:
    """Why a layer cannot be the value of a parameter, "" if it can: its class has to say all there is to say."""
    if not issubclass(kind, ModuleLayer):
        return f"{kind.title} is no nn.Module"
    if kind.build is not ModuleLayer.build or not (kind.emit is ModuleLayer.emit or kind().is_plain_call()):
        return f"{kind.title} is written in a way of its own"
    return ""


def choosable(default: Layer) -> list[type[Layer]]:
    """Every layer that can stand where this one does, those of its category first."""
    found = [kind for kind in Layer.registry.values() if not why_not_choosable(kind) and same_ports(kind(), default)]
    return sorted(found, key=lambda kind: kind.category != default.category)


def same_ports(one: Layer, other: Layer) -> bool:
    """Whether one can stand where the other does: the same ports, called in the same way."""

    def face(layer: Layer) -> tuple[Any, ...]:
        sides = (layer.ports_in(), layer.ports_out())
        return [[(p.name, p.kind) for p in side] for side in sides], dict(getattr(layer, "keywords", {}))

    return face(one) == face(other)


def given_options(layer: Layer) -> tuple[tuple[Any, ...], tuple[tuple[str, Any], ...]]:
    """What `functools.partial` has to hold of a layer: options that stand before its sizes, and options by name."""
    assert isinstance(layer, ModuleLayer)
    shown = {n: getattr(layer, n) for n in layer.params if n not in layer.hidden}
    leading: list[str] = []
    for name in layer.signature:
        if name not in shown:
            break
        leading.append(name)
    if len(leading) == len(layer.signature):  # it has no sizes, so every option may as well say its name
        leading = []
    rest = {n: v for n, v in shown.items() if n not in leading}
    differing = [n for n, v in rest.items() if layer.params[n].is_required or v != layer.params[n].torch]
    return tuple(shown[n] for n in leading), tuple((n, rest[n]) for n in differing)


def chosen_call(parameter: str, call: Call) -> Call:
    """`norm(width)` for `nn.BatchNorm2d(width)`: the sizes of a call, without the options the parameter holds."""
    sizes = tuple(v for v in call.positional if isinstance(v, Derived))
    return Call(parameter, sizes, tuple((n, v) for n, v in call.named if isinstance(v, Derived)))


@dataclass(frozen=True)
class BlockArguments(Literals):
    """Values for the parameters of a block: numbers, words, expressions, kinds of layers."""

    def allows(self, value: Any) -> bool:
        return super().allows(value) or isinstance(value, Layer)

    def dump(self, value: Any) -> Any:
        return value.to_json() if isinstance(value, Layer) else super().dump(value)

    def load(self, raw: Any) -> Any:
        if isinstance(raw, dict) and set(raw) != {"expr"}:
            return LayerKind().check(raw)
        return super().load(raw)


Given = Annotated[dict[str, Any], BlockArguments()]
"""The arguments of a block, as an option of a layer that holds one."""


def layers_in(values: Iterable[Any]) -> Iterable[Layer]:
    """The kinds of layers among some values."""
    return (value for value in values if isinstance(value, Layer))


def expressions_in(values: Mapping[str, Any]) -> list[Expr]:
    """Every expression among the arguments of a block, those in the options of layers too."""
    found = [v for v in values.values() if isinstance(v, Expr)]
    return [*found, *(e for layer in layers_in(values.values()) for e in layer.expressions().values())]
