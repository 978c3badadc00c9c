"""What stands in Python statements: names that are read and written, literals, shapes that are asked for."""

from __future__ import annotations

import ast

from engine.errors import EngineError
from engine.expr import Expr


def shape_of(expression: ast.expr) -> ast.expr | None:
    """The tensor whose shape is asked for: x in x.shape and in x.size()."""
    if isinstance(expression, ast.Attribute) and expression.attr == "shape":
        return expression.value
    is_size = isinstance(expression, ast.Call) and isinstance(expression.func, ast.Attribute) and not expression.args
    if is_size and isinstance(expression, ast.Call) and isinstance(expression.func, ast.Attribute):
        return expression.func.value if expression.func.attr == "size" else None
    return None


def is_literal(expression: ast.expr, params: frozenset[str]) -> bool:
    try:
        return Expr(ast.unparse(expression)).names() <= params
    except EngineError:
        return False


def read(target: ast.expr) -> ast.expr:
    return ast.parse(ast.unparse(target), mode="eval").body


def kind_of(statement: ast.stmt) -> str:
    words = {ast.If: "an if", ast.For: "a for", ast.While: "a while", ast.With: "a with", ast.Assign: "an assignment"}
    return words.get(type(statement), "a statement")


def variables(statement: ast.stmt) -> tuple[list[str], list[str]]:
    """Names that a statement reads, and those that it gives a value, each once and in order."""
    reads: dict[str, None] = {}
    writes: dict[str, None] = {}
    for node in ast.walk(statement):
        if isinstance(node, ast.Name):
            (reads if isinstance(node.ctx, ast.Load) else writes)[node.id] = None
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            reads[node.target.id] = None
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name):
            writes[node.value.id] = None
    return list(reads), list(writes)


def reads_of(statement: ast.stmt) -> list[str]:
    """Names that a statement reads."""
    return variables(statement)[0]
