"""What a layer contributes to the text, remembered: an edit changes one layer and leaves a thousand as they were."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from engine.codegen.calls import call_text
from engine.codegen.expressions import value_text
from engine.kinds import FrozenDict
from engine.layers.base import Call, Derived, Layer, Names
from engine.tensor import TensorSpec

_KEPT = 16384
_ALIKE = 1024
"""So many statements are remembered: few layers of a network differ in more than their names."""
_ME = "\0"  # in the place of a layer's attribute: it stands in no source


class Built(NamedTuple):
    """A constructor call, the derived sizes in it, and its text if nothing but literals stands in it."""

    call: Call | None
    sizes: tuple[str, ...]
    text: str


@lru_cache(_KEPT)
def built(layer: Layer, derived: tuple[tuple[str, Any], ...]) -> Built:
    """What is assigned to `self.<name>` for these derived sizes."""
    call = layer.build(dict(derived))
    if call is None:
        return Built(None, (), "")
    flat = "" if layer.expressions() else call_text(call, literal)
    return Built(call, tuple(d.name for d in _derived_in(call)), flat)


def built_from(call: Call) -> Built:
    """The same for a call in which a name stands that is known in its class alone."""
    return Built(call, tuple(d.name for d in _derived_in(call)), "")


def emitted(
    layer: Layer, me: str, wires: tuple[Any, ...], targets: tuple[Any, ...], spelled: tuple[tuple[str, str], ...]
) -> tuple[str, ...]:
    """What the layer contributes to `forward`; `spelled` are the block's parameters as they stand there."""
    return tuple([statement.replace(_ME, me) for statement in _emitted(layer, wires, targets, spelled)])


@lru_cache(_ALIKE)
def _emitted(
    layer: Layer, wires: tuple[Any, ...], targets: tuple[Any, ...], spelled: tuple[tuple[str, str], ...]
) -> tuple[str, ...]:
    """The same for every layer that differs in its name alone."""
    inputs = dict(wires)
    return layer.emit(Names(_ME, inputs, dict(targets), option_texts(layer, inputs, dict(spelled))))


def option_texts(layer: Layer, wires: Mapping[str, Any], spelled: Mapping[str, str] | None = None) -> dict[str, str]:
    """Every option as source; `wires` are the variables of its inputs, which expressions may mention."""
    names = {**(spelled or {}), **{name: str(wires[name]) for name in layer.fed_by() if name in wires}}
    found: dict[str, str] = {}
    for name, value in layer.option_values().items():
        if isinstance(value, FrozenDict):  # options that the user's own code declares
            found |= {inner: value_text(v, names) for inner, v in value.items()}
        else:
            found[name] = value_text(value, names)
    return found


@lru_cache(_KEPT)
def has_expressions(layer: Layer) -> bool:
    """Whether an option is an expression."""
    return bool(layer.expressions())


@lru_cache(_KEPT)
def spec_text(spec: TensorSpec) -> str:
    """The shape as a comment shows it."""
    return str(spec)


def literal(value: Any) -> str:
    """A value of a call as source, derived sizes as their numbers."""
    if isinstance(value, Derived):
        return value_text(value.value)
    return call_text(value, literal) if isinstance(value, Call) else value_text(value)


def _derived_in(call: Call) -> Iterator[Derived]:
    for value in (*call.positional, *(v for _, v in call.named)):
        if isinstance(value, Derived):
            yield value
        elif isinstance(value, Call):
            yield from _derived_in(value)
