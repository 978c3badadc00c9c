"""Values and expressions as source text, spaced and quoted as a formatter would leave them."""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from engine.errors import CodeError, ExprError
from engine.expr import Expr
from engine.layers.base import Layer, Word, source
from engine.layers.chosen import expressions_in, given_options
from engine.tree import Subscript, Tree

_BINARY: dict[type[ast.operator], tuple[str, int]] = {
    ast.Add: ("+", 6),
    ast.Sub: ("-", 6),
    ast.Mult: ("*", 7),
    ast.Div: ("/", 7),
    ast.FloorDiv: ("//", 7),
    ast.Mod: ("%", 7),
    ast.Pow: ("**", 9),
}
_COMPARE: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
_ATOM, _POWER, _UNARY, _NOT, _COMPARISON, _CHOICE = 10, 9, 8, 3, 4, 1


def value_text(value: Any, names: Mapping[str, str] | None = None) -> str:
    """A literal or an expression as source; `names` says how parameters are spelled where it will stand.

    Raises: CodeError for anything that is no plain literal.
    """
    if isinstance(value, Tree):
        return tree_text(value, tuple((names or {}).items()))
    if isinstance(value, Expr):
        return expression_text(value.text, tuple((names or {}).items()))
    if isinstance(value, Layer):
        return kind_text(value, names)
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    if value is None or isinstance(value, (bool, int, float, str, Word)):
        return source(value)
    if isinstance(value, Sequence):
        inside = ", ".join(value_text(v, names) for v in value)
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    raise CodeError(f"{type(value).__name__} is no value that can be written into code.")


def kind_text(layer: Layer, names: Mapping[str, str] | None = None) -> str:
    """A kind of layer as source: `nn.GELU`, or `functools.partial(nn.GroupNorm, 8)` where it has options."""
    leading, named = given_options(layer)
    given = [*(value_text(v, names) for v in leading), *(f"{n}={value_text(v, names)}" for n, v in named)]
    return f"functools.partial({', '.join([layer.target, *given])})" if given else layer.target


@lru_cache(maxsize=4096)
def expression_text(text: str, names: tuple[tuple[str, str], ...] = ()) -> str:
    """An expression as source, its parameters spelled as `names` says."""
    return _write(ast.parse(text, mode="eval").body, dict(names))[0]


@lru_cache(maxsize=4096)
def tree_text(tree: Tree, names: tuple[tuple[str, str], ...] = ()) -> str:
    """An argument, or what stands in the brackets of x[...], as source."""
    inside, spelled = tree.parsed(), dict(names)
    if isinstance(tree, Subscript) and isinstance(inside, ast.Tuple) and len(inside.elts) > 1:
        return ", ".join(_write(element, spelled)[0] for element in inside.elts)
    return _write(inside, spelled)[0]


def at_repeat(value: Any, index: int) -> Any:
    """The value for one repeat: `i` replaced by its number, and computed as far as it can be."""
    if isinstance(value, Layer):
        moving = {n: at_repeat(e, index) for n, e in value.expressions().items()}
        return value.with_(**moving) if moving else value
    if not isinstance(value, Expr) or "i" not in value.names():
        return value
    tree = _fold(ast.parse(value.text, mode="eval").body, index)
    return tree.value if isinstance(tree, ast.Constant) else Expr(_write(tree, {})[0])


def mentions_repeat(value: Any) -> bool:
    """Whether an argument differs from repeat to repeat."""
    return any("i" in expression.names() for expression in expressions_in({"": value}))


def _write(node: ast.expr, names: Mapping[str, str]) -> tuple[str, int]:
    """The text and how tightly it binds."""

    def inner(child: ast.expr, least: int) -> str:
        text, tightness = _write(child, names)
        return text if tightness >= least else f"({text})"

    match node:
        case ast.Constant(value=value) if value is ...:
            return "...", _ATOM
        case ast.Attribute(value=owner, attr=name):
            return f"{inner(owner, _ATOM)}.{name}", _ATOM
        case ast.List(elts=elements):
            return f"[{', '.join(inner(e, 0) for e in elements)}]", _ATOM
        case ast.Slice(lower=lower, upper=upper, step=step):
            parts = [lower, upper] if step is None else [lower, upper, step]
            # A formatter puts spaces around the colons when a bound is more than a number or a name.
            colon = ":" if all(part is None or _is_plain(part) for part in parts) else " : "
            return colon.join("" if part is None else inner(part, 1) for part in parts).strip(), _CHOICE
        case ast.Constant(value=value):
            negative = isinstance(value, (int, float)) and not isinstance(value, bool) and value < 0
            return value_text(value), _UNARY if negative else _ATOM
        case ast.Name(id=name):
            return names.get(name, name), _ATOM
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            star = "**" if _is_simple(left) and _is_simple(right) else " ** "
            return f"{inner(left, _ATOM)}{star}{inner(right, _UNARY)}", _POWER
        case ast.BinOp(left=left, op=op, right=right):
            sign, tightness = _BINARY[type(op)]
            return f"{inner(left, tightness)} {sign} {inner(right, tightness + 1)}", tightness
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return f"not {inner(operand, _NOT)}", _NOT
        case ast.UnaryOp(op=op, operand=operand):
            text = inner(operand, _UNARY)
            text = f"({text})" if isinstance(operand, ast.BinOp) and isinstance(operand.op, ast.Pow) else text
            return f"{'-' if isinstance(op, ast.USub) else '+'}{text}", _UNARY
        case ast.Compare(left=left, ops=[compare], comparators=[right]):
            return f"{inner(left, 6)} {_COMPARE[type(compare)]} {inner(right, 6)}", _COMPARISON
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return f"{inner(body, 2)} if {inner(test, 2)} else {inner(orelse, _CHOICE)}", _CHOICE
        case ast.Tuple(elts=elements):
            texts = [inner(e, 0) for e in elements]
            return f"({texts[0]},)" if len(texts) == 1 else f"({', '.join(texts)})", _ATOM
        case ast.Call(func=func, args=args, keywords=keywords):
            given = [inner(a, 0) for a in args] + [f"{k.arg}={inner(k.value, 0)}" for k in keywords]
            called = func.id if isinstance(func, ast.Name) else inner(func, _ATOM)
            return f"{called}({', '.join(given)})", _ATOM
    raise CodeError("An expression holds something that cannot be written.")


def _is_plain(node: ast.expr) -> bool:
    """Whether a formatter writes a colon beside it without spaces."""
    inside = node.operand if isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.Not) else node
    return isinstance(inside, (ast.Constant, ast.Name, ast.Attribute))


def _is_simple(node: ast.expr) -> bool:
    """Whether a formatter writes a power of it without spaces."""
    if isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.Not):
        return isinstance(node.operand, ast.Constant) and isinstance(node.operand.value, (int, float))
    return isinstance(node, ast.Name) or (isinstance(node, ast.Constant) and type(node.value) in (int, float))


def _fold(node: ast.expr, index: int) -> ast.expr:
    """The tree with `i` replaced, parts without parameters computed, and `x * 1`, `x + 0`, `x ** 1` made `x`."""
    match node:
        case ast.Name(id="i"):
            return ast.Constant(index)
        case ast.BinOp(left=left, op=op, right=right):
            left, right = _fold(left, index), _fold(right, index)
            neutral = {ast.Mult: 1, ast.Pow: 1, ast.Add: 0, ast.Sub: 0, ast.FloorDiv: 1}.get(type(op))
            if _is_number(right, neutral):
                return left
            if isinstance(op, (ast.Mult, ast.Add)) and _is_number(left, neutral):
                return right
            return _computed(ast.BinOp(left, op, right))
        case ast.UnaryOp(op=unary, operand=operand):
            return _computed(ast.UnaryOp(unary, _fold(operand, index)))
        case ast.Compare(left=left, ops=ops, comparators=[right]):
            return _computed(ast.Compare(_fold(left, index), ops, [_fold(right, index)]))
        case ast.IfExp(test=test, body=body, orelse=orelse):
            test = _fold(test, index)
            if isinstance(test, ast.Constant):
                return _fold(body if test.value else orelse, index)
            return ast.IfExp(test, _fold(body, index), _fold(orelse, index))
        case ast.Tuple(elts=elements):
            return ast.Tuple([_fold(e, index) for e in elements], ast.Load())
        case ast.Call(func=func, args=args):
            return _computed(ast.Call(func, [_fold(a, index) for a in args], []))
    return node


def _is_number(node: ast.expr, value: int | None) -> bool:
    return value is not None and isinstance(node, ast.Constant) and type(node.value) is int and node.value == value


def _computed(node: ast.expr) -> ast.expr:
    """The constant that it comes to, or the tree as it is where a parameter is in the way."""
    expression = Expr(_write(node, {})[0])
    if expression.names():
        return node
    try:
        return ast.Constant(expression.evaluate({}))
    except ExprError:
        return node
