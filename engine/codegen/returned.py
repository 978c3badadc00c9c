"""How a network hands out its results, as a tuple, a dict or a named tuple, and how they are read again."""

from __future__ import annotations

from collections.abc import Sequence

from engine.codegen.names import RESERVED, identifier
from engine.graph.block import Returns

_ALSO_TAKEN = frozenset({"count", "index"})  # methods of every tuple


def field_names(outputs: Sequence[str]) -> tuple[str, ...]:
    """The names of outputs as those of a named tuple's fields."""
    found: list[str] = []
    for output in outputs:
        name = identifier(output, "result").lstrip("_") or "result"
        while name in RESERVED or name in _ALSO_TAKEN or name in found:
            name += "_"
        found.append(name)
    return tuple(found)


def return_text(returns: Returns, result: str, outputs: Sequence[str], values: Sequence[str]) -> str:
    """The statement that hands out the results; `result` is the class of a named tuple."""
    if returns == "dict":
        inside = ", ".join(f'"{name}": {value}' for name, value in zip(outputs, values))
        return f"return {{{inside}}}"
    if returns == "named tuple":
        return f"return {result}({', '.join(values)})"
    return f"return {', '.join(values)}"


def result_lines(result: str, outputs: Sequence[str]) -> list[str]:
    """The class of a named tuple."""
    fields = [f"    {name}: Tensor" for name in field_names(outputs)]
    return [f"class {result}(NamedTuple):", '    """What the network gives."""', "", *fields]


RESULT_IMPORTS = ("from typing import NamedTuple", "from torch import Tensor")


def opened(returns: Returns, call: str, outputs: Sequence[str]) -> str:
    """The call of a network as its result, or as all of them in their order."""
    if returns == "dict":
        return f'{call}["{outputs[0]}"]' if len(outputs) == 1 else f"tuple({call}.values())"
    if returns == "named tuple" and len(outputs) == 1:
        return f"{call}.{field_names(outputs)[0]}"
    return call
