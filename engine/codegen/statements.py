"""The statements of a `forward`: how one was written, and what stands on its lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from engine.codegen.layout import statement_lines
from engine.codegen.scope import BODY
from engine.layers.block import BlockLayer, Holder
from engine.layers.control import Branch

Wires = Mapping[str, str | tuple[str, ...]]


class Statement(NamedTuple):
    """What is known of what was written for a node, beside its lines.

    text: what it says, if that is one statement. stored, failures: what the class has to keep for it, and what could
    not be written.
    """

    text: str = ""
    stored: frozenset[str] = frozenset()
    failures: tuple[str, ...] = ()


def is_one_call(layer: Holder) -> bool:
    """Whether a layer that holds blocks calls one of them once."""
    if isinstance(layer, BlockLayer):
        return layer.repeat == 1
    return isinstance(layer, Branch) and layer.on == "parameter"


def is_sequential(inputs: tuple[object, ...], outputs: tuple[object, ...]) -> bool:
    """Whether repeats with these ports can stand in an `nn.Sequential`."""
    return len(inputs) == len(outputs) == 1


def indented(statement: str) -> list[str]:
    """The lines of a statement; one that begins with spaces stands in a loop."""
    body = statement.lstrip(" ")
    return statement_lines(body, BODY + statement[: len(statement) - len(body)])


def each(wires: str | tuple[str, ...]) -> tuple[str, ...]:
    """The variables at a port."""
    return (wires,) if isinstance(wires, str) else wires
