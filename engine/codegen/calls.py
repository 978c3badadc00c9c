"""Calls as source text, broken over lines where a formatter would break them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.layers.base import Call, Derived, source

LINE = 88

Write = Callable[[Any], str]


def plain(value: Any) -> str:
    """A value as source: derived sizes as their literal values."""
    if isinstance(value, Derived):
        return source(value.value)
    if isinstance(value, Call):
        return call_text(value, plain)
    return source(value)


def arguments(call: Call, write: Write = plain) -> list[str]:
    """The arguments of a call as source; `write` decides how a derived size is written."""
    return [write(v) for v in call.positional] + [f"{name}={write(value)}" for name, value in call.named]


def call_text(call: Call, write: Write = plain) -> str:
    """A call on one line."""
    return f"{call.target}({', '.join(arguments(call, write))})"


def assign_call(target: str, call: Call, write: Write = plain, indent: str = " " * 8) -> list[str]:
    """`target = call(...)` as formatted lines, one argument a line when it does not fit into `LINE` columns."""
    line = f"{indent}{target} = {call_text(call, write)}"
    if len(line) <= LINE:
        return [line]
    inside = arguments(call, write)
    joined = f"{indent}    {', '.join(inside)}"
    if len(joined) <= LINE:
        return [f"{indent}{target} = {call.target}(", joined, f"{indent})"]
    return [f"{indent}{target} = {call.target}(", *(f"{indent}    {a}," for a in inside), f"{indent})"]
