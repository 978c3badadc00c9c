"""What a layer gives that is no tensor: Python numbers, and how they follow from free sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from engine.analysis.dims import Sizes, sizes_of_run
from engine.codegen.memo import option_texts
from engine.errors import EngineError, ExprError
from engine.expr import Expr
from engine.layers.base import FunctionLayer, Layer, Names, source
from engine.tensor import Dim, NumberSpec, TensorSpec

Number = int | float | bool
_RUNS = 3
_TYPES = {bool: "bool", float: "float64", int: "int64"}


def as_sizes(number: Number) -> tuple[int, ...]:
    """A whole number as a shape of one size, so that it is read back like any other size; else no size at all."""
    return (number,) if type(number) is int else ()


def number_spec(
    layer: Layer,
    inputs: Mapping[str, Any],
    number: Number,
    read: Dim | None,
    names: tuple[str, ...],
    at: Callable[[Sizes], Any],
) -> NumberSpec | None:
    """The spec of a number that came out. None for a whole number that follows no known rule.

    read: a whole number as an expression over the free sizes, None where none was found. at: the number elsewhere.
    """
    dtype = _TYPES[type(number)]
    if read is not None:
        return NumberSpec(dtype=dtype, value=read)
    runs = [sizes_of_run(names, run) for run in range(_RUNS)] if names else []
    seen = [at(sizes) for sizes in runs]
    text = _composed(layer, inputs) if names else None
    # All sizes that are tried are large, so a comparison that comes out the same every time proves nothing.
    if all(value == number for value in seen) and (dtype != "bool" or text is None):
        return NumberSpec(dtype=dtype, value=number)
    if text is not None and all(_is_close(text, sizes, value) for sizes, value in zip(runs, seen)):
        return NumberSpec(dtype=dtype, value=text)
    return None if dtype == "int64" else NumberSpec(dtype=dtype)


def _composed(layer: Layer, inputs: Mapping[str, Any]) -> str | None:
    """The layer's own text with what is wired in put in its place: "T % 2"."""
    if not isinstance(layer, FunctionLayer):
        return None
    wires: dict[str, str | tuple[str, ...]] = {}
    for port, given in inputs.items():
        texts = [_text(spec) for spec in (given if isinstance(given, tuple) else (given,))]
        wires[port] = tuple(texts) if isinstance(given, tuple) else texts[0]
    outputs = {port.name: port.name for port in layer.ports_out()}
    try:
        return Expr(layer.write(Names("", wires, outputs, option_texts(layer, wires)))).source()
    except EngineError:
        return None


def _text(spec: TensorSpec | None) -> str:
    if isinstance(spec, NumberSpec) and spec.value is not None:
        return f"({spec.value})" if isinstance(spec.value, str) else source(spec.value)
    return "None"


def _is_close(text: str, sizes: Sizes, value: Number) -> bool:
    try:
        found = Expr(text).evaluate(sizes)
    except ExprError:
        return False
    return bool(abs(found - value) <= 1e-9 * max(abs(value), 1.0))


def need_results(ports: Iterable[str], results: Iterable[Any], tensor: type) -> str | None:
    """What is wrong with what a layer gave, in words: None where all of it are tensors and numbers."""
    for port, result in zip(ports, results):
        if not isinstance(result, (tensor, bool, int, float)):
            return f"Gives {type(result).__name__} at {port}, where a tensor or a number is needed."
    return None
