"""Arithmetic over a block's parameters: "width * 2". Read with `ast`, evaluated over a whitelist, never `eval`."""

from __future__ import annotations

import ast
import keyword
import math
import operator
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from engine.errors import ExprError

Value = int | float | bool | str | tuple[Any, ...] | None

_BINARY: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_UNARY: dict[type, Callable[[Any], Any]] = {ast.USub: operator.neg, ast.UAdd: operator.pos, ast.Not: operator.not_}
_COMPARE: dict[type, Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_LARGEST = 2**53  # beyond this no size, rate or count makes sense, and powers could fill the memory
_LONGEST = 1000
_DEEPEST = 50  # reading and evaluating are recursive


def _round(value: float, digits: int | None = None) -> float:
    if digits is not None and abs(digits) > 20:
        raise ValueError("a number has no so many digits")  # 10 ** digits would fill the memory
    return round(value, digits)


FUNCTIONS: dict[str, Callable[..., Any]] = {"min": min, "max": max, "abs": abs, "round": _round, "int": int}


def composed(text: str) -> str:
    """What was typed or pasted, every letter in one piece with its accents, as Python reads names.

    Some keyboards and systems write é as an e and an accent, which looks the same.
    """
    return text if text.isascii() else unicodedata.normalize("NFC", text)


@dataclass(frozen=True)
class Expr:
    """An expression over block parameters, kept as the text the user wrote.

    Raises: ExprError where the text is no expression that Netsmith allows.
    """

    text: str

    def __post_init__(self) -> None:
        if not isinstance(self.text, str):
            raise ExprError("An expression is text.", "Write a value or something like width * 2.")
        object.__setattr__(self, "text", composed(self.text.strip()))
        _parse(self.text)

    def names(self) -> frozenset[str]:
        """The parameters the expression mentions."""
        tree = _parse(self.text)
        return frozenset(n.id for n in ast.walk(tree) if isinstance(n, ast.Name)) - FUNCTIONS.keys()

    def evaluate(self, scope: Mapping[str, Any]) -> Any:
        """The value with these parameters. Raises: ExprError naming what is missing or cannot be computed."""
        try:
            value = _evaluate(_parse(self.text), scope, self.text)
        except (ArithmeticError, TypeError, ValueError) as error:
            raise ExprError(f'"{self.text}" cannot be computed: {error}.') from None
        if isinstance(value, float) and not math.isfinite(value):
            raise ExprError(f'"{self.text}" is not a finite number.')
        return value

    def parts(self) -> tuple[Expr, ...]:
        """The parts of a tuple, each by itself; an expression that is none is its only part."""
        tree = _parse(self.text)
        return tuple(Expr(ast.unparse(e)) for e in tree.elts) if isinstance(tree, ast.Tuple) else (self,)

    def source(self) -> str:
        """The expression as Python code, spaced as a formatter would."""
        return ast.unparse(_parse(self.text))

    def __str__(self) -> str:
        return self.text


@lru_cache(maxsize=4096)
def _parse(text: str) -> ast.expr:
    tree = read_python(text, "An expression", "Write a value or something like width * 2.")
    check_expression(tree, text)
    return tree


def read_python(text: Any, what: str, hint: str) -> ast.expr:
    """The syntax tree of a Python expression, of any kind. Raises: ExprError; `what` says what was hoped for."""
    if not isinstance(text, str) or not text.strip() or len(text) > _LONGEST:
        raise ExprError(f"{what} needs some text.", hint)
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ExprError(f'"{text}" is no expression: {getattr(error, "msg", error)}.') from None


def check_expression(node: ast.AST, text: str, depth: int = 0) -> None:
    """Raises: ExprError unless there is nothing in it but arithmetic, comparisons and choices over names."""
    if depth > _DEEPEST:
        raise ExprError(f'"{text}" is nested too deeply.', "Give a part of it a parameter of its own.")
    match node:
        case ast.Constant(value=bool() | int() | float() | str() | None):
            return
        case ast.Name(id=name):
            if keyword.iskeyword(name) or name.startswith("__"):
                raise ExprError(f'"{name}" in "{text}" is no name for a parameter.')
            return
        case ast.BinOp(op=op) if type(op) in _BINARY:
            pass
        case ast.UnaryOp(op=op) if type(op) in _UNARY:
            pass
        case ast.Compare(ops=[op]) if type(op) in _COMPARE:
            pass
        case ast.IfExp() | ast.Tuple():
            pass
        case ast.Call(func=ast.Name(id=name), keywords=[]) if name in FUNCTIONS:
            for argument in node.args:
                check_expression(argument, text, depth + 1)
            return
        case _:
            allowed = "numbers, parameters, + - * / // % **, comparisons, a if b else c, min, max, abs, round, int"
            raise ExprError(f'"{text}" holds something that is not allowed here.', f"Allowed are {allowed}.")
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, (ast.operator, ast.unaryop, ast.cmpop, ast.expr_context)):
            check_expression(child, text, depth + 1)


def _evaluate(node: ast.expr, scope: Mapping[str, Any], text: str) -> Any:
    def visit(child: ast.expr) -> Any:
        return _evaluate(child, scope, text)

    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            if name not in scope:
                known = ", ".join(sorted(scope)) or "none"
                raise ExprError(f'"{text}" mentions {name}, which is no parameter here.', f"Parameters: {known}.")
            return scope[name]
        case ast.BinOp(left=left, op=op, right=right):
            return _combine(op, visit(left), visit(right), text)
        case ast.UnaryOp(op=op, operand=operand):
            return _UNARY[type(op)](visit(operand))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _COMPARE[type(op)](visit(left), visit(right))
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return visit(body) if visit(test) else visit(orelse)
        case ast.Tuple(elts=elements):
            return tuple(visit(e) for e in elements)
        case ast.Call(func=ast.Name(id=name), args=args):
            return FUNCTIONS[name](*(visit(a) for a in args))
    raise AssertionError(f"{text}: {type(node).__name__} passed the check but is not evaluated")


def _combine(op: ast.operator, left: Any, right: Any, text: str) -> Any:
    numbers = isinstance(left, (int, float)) and isinstance(right, (int, float))
    if not numbers and not (isinstance(op, ast.Add) and isinstance(left, tuple) and isinstance(right, tuple)):
        raise ExprError(f'"{text}" computes with {left!r} and {right!r}, which are not both numbers.')
    if isinstance(op, ast.Pow) and (abs(left) > _LARGEST or abs(right) > 64):
        raise ExprError(f'"{text}" is too large.')
    value = _BINARY[type(op)](left, right)
    if isinstance(value, complex):
        raise ExprError(f'"{text}" takes the root of a negative number.')
    if isinstance(value, (int, float)) and abs(value) > _LARGEST:
        raise ExprError(f'"{text}" is too large.')
    return value
