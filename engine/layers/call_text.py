"""The arguments of a call one by one, to be read and changed, and the call written again from them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from engine.errors import ExprError
from engine.layers.operations import REQUIRED, Argument, Signature, signatures
from engine.tensor import NumberSpec
from engine.tree import Called, Tree

_WORDS = {
    **{"Tensor": "a tensor", "int": "a whole number", "float": "a number", "number": "a number"},
    **{"bool": "True or False", "str": "a word", "dtype": "a type such as torch.float32"},
}
_LOGADDEXP = Signature((Argument("self", "Tensor"), Argument("other", "Tensor")), (("", "Tensor"),))
Source = Literal["default", "value", "expression", "wire"]


@dataclass(frozen=True)
class Written:
    """One argument of a call. text: what is written, "" where the default stands. default: that default as text."""

    argument: Argument
    text: str
    source: Source

    @property
    def default(self) -> str:
        return "" if self.argument.default is REQUIRED else repr(self.argument.default)


def given(call: Called) -> tuple[list[ast.expr], dict[str, ast.expr]]:
    """Plain and named arguments; the tensor that a method is called on is the first."""
    receiver, found = call.receiver, call.call()
    plain = [*([receiver] if receiver is not None else []), *found.args]
    return plain, {k.arg: k.value for k in found.keywords if k.arg is not None}


def way_of(call: Called) -> Signature:
    """The way of calling that fits what is written; the first if none does."""
    plain, named = given(call)
    ways = signatures(call.function)
    fitting = [s for s in ways if not s.bind(len(plain), named)]
    exact = [s for s in fitting if not _misfit(s, plain, named, {})]
    return (exact or fitting or list(ways) or [_LOGADDEXP])[0]


def refusal(call: Called, wires: Mapping[str, Any]) -> str:
    """Why no way of calling the function fits, in words; "" if one does. wires: what is known of the inputs."""
    plain, named = given(call)
    ways = signatures(call.function) or (_LOGADDEXP,)
    fitting = [s for s in ways if not s.bind(len(plain), named)]
    if not fitting:
        return f"{call.function} {ways[0].bind(len(plain), named)}"
    wrong = [_misfit(s, plain, named, wires) for s in fitting]
    return f"{call.function}: {wrong[0]}" if all(wrong) else ""


def written_arguments(call: Called, params: Iterable[str] = ()) -> tuple[Written, ...]:
    """Every argument that the function takes, in its order. params: names that are parameters of the block."""
    way = way_of(call)
    texts = way.arranged(*given(call))
    return tuple(_written(argument, texts.get(argument.name), frozenset(params)) for argument in way.arguments)


def _written(argument: Argument, value: ast.expr | None, params: frozenset[str]) -> Written:
    if value is None:
        return Written(argument, "", "default")
    text = ast.unparse(value)
    names = {n.id for n in ast.walk(value) if isinstance(n, ast.Name)} - {"self", "torch"}
    source: Source = "value" if not names else "expression" if names <= params else "wire"
    return Written(argument, text, source)


def with_argument(call: Called, name: str, text: str) -> Called:
    """The call with another text for one argument, or without it for "". Raises: ExprError."""
    way = way_of(call)
    values = dict(way.arranged(*given(call)))
    values.pop(name, None)
    if text.strip():
        values[name] = Tree(text).parsed()
    elif any(a.name == name and a.default is REQUIRED for a in way.arguments):
        raise ExprError(f"{call.function} needs {name}.", "Write a value, or a name for a wire.")
    return Called(_text(call, way, values))


def _text(call: Called, way: Signature, values: Mapping[str, ast.expr]) -> str:
    """Needed arguments in their order, the others by name."""
    needed = [values[a.name] for a in way.arguments if a.default is REQUIRED and not a.keyword]
    named = [a.name for a in way.arguments if a.name in values and (a.default is not REQUIRED or a.keyword)]
    texts = [ast.unparse(value) for value in needed]
    called = call.function
    if call.receiver is not None:
        called = f"{texts.pop(0)}.{called.removeprefix('Tensor.')}"
    return f"{called}({', '.join([*texts, *(f'{name}={ast.unparse(values[name])}' for name in named)])})"


def _misfit(way: Signature, plain: list[ast.expr], named: Mapping[str, ast.expr], wires: Mapping[str, Any]) -> str:
    """What is wrong with the kind of one argument, in words; "" for nothing."""
    types = {a.name: a.type for a in way.arguments}
    for name, value in way.arranged(plain, named).items():
        wrong = _wrong(types[name], value, wires)
        if wrong:
            return f"{name} must be {wrong}, not {ast.unparse(value)}"
    return ""


def _wrong(kind: str, value: ast.expr, wires: Mapping[str, Any]) -> str:
    """What an argument of this type must be, if the value is something else."""
    if kind.endswith("?"):
        is_none = isinstance(value, ast.Constant) and value.value is None
        wanted = "" if is_none else _wrong(kind[:-1], value, wires)
        return f"{wanted} or None" if wanted else ""
    if isinstance(value, ast.Name) and value.id in wires:
        is_number = isinstance(wires[value.id], NumberSpec)
        if kind == "Tensor" and is_number:
            return "a tensor"
        if kind == "Tensor[]":
            return _words(kind)
        return "" if is_number or kind.startswith("Tensor") else f"{_words(kind)}, and a number on a wire"
    if isinstance(value, (ast.Name, ast.BinOp, ast.Compare, ast.IfExp, ast.Call)):
        return ""
    if kind.endswith("[]"):
        if isinstance(value, (ast.List, ast.Tuple)):
            return next((_words(kind) for e in value.elts if _wrong(kind[:-2], e, wires)), "")
        return _words(kind) if kind == "Tensor[]" or _wrong(kind[:-2], value, wires) else ""
    return "" if _is_of(kind, value) else _words(kind)


def _words(kind: str) -> str:
    if kind.endswith("[]"):
        return "tensors in a list" if kind == "Tensor[]" else "numbers in parentheses"
    return (
        "a tensor"
        if kind == "Tensor"
        else "a type such as torch.float32"
        if kind == "dtype"
        else _WORDS.get(kind, kind)
    )


def words_of(kind: str) -> str:
    """What an argument of this type takes, in words."""
    return f"{_words(kind[:-1])}, or None" if kind.endswith("?") else _words(kind)


def _is_of(kind: str, value: ast.expr) -> bool:
    """Whether a literal is of the type."""
    if isinstance(value, ast.Attribute):
        is_training = isinstance(value.value, ast.Name) and value.value.id == "self"
        return kind == ("bool" if is_training else "dtype") or (kind in ("float", "number") and not is_training)
    try:
        literal = ast.literal_eval(value)
    except ValueError:
        return True
    kinds: dict[str, Any] = {"int": int, "float": (int, float), "number": (int, float), "bool": bool, "str": str}
    is_flag = isinstance(literal, bool)
    return kind in kinds and isinstance(literal, kinds[kind]) and (is_flag == (kind == "bool"))
