"""What stands in brackets, as Python writes it: arguments of a call and what is inside x[...]. Never evaluated.

A tree is an expression that may also hold lists, slices, `...`, `self.training`, and constants of torch such as
`torch.float32`. Its names are block parameters and wires: code generation spells them, nothing looks them up.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Mapping
from typing import Any

from engine.errors import ExprError
from engine.expr import Expr, check_expression, read_python
from engine.tensor import DTYPES

TORCH_CONSTANTS = frozenset((*DTYPES, "complex128", "inf", "nan", "pi", "e", "contiguous_format", "channels_last"))
TRAINING = "self.training"
_ALLOWED = "numbers, words, names, lists, tuples, slices, ..., self.training and torch.float32"
_DEEPEST = 50


class Tree(Expr):
    """One argument: a literal, a name, or several of them in lists and tuples. Raises: ExprError for anything else."""

    def __post_init__(self) -> None:
        if not isinstance(self.text, str):
            raise ExprError("An argument is text.", "Write it as in Python: [a, b] or 0.5.")
        object.__setattr__(self, "text", self.text.strip())
        _check(self.parsed(), self.text)

    def parsed(self) -> ast.expr:
        """The text as a syntax tree."""
        return read_python(self.text, "An argument", "Write it as in Python: [a, b] or 0.5.")

    def names(self) -> frozenset[str]:
        found = {n.id for n in ast.walk(self.parsed()) if isinstance(n, ast.Name)}
        return frozenset(found - {"self", "torch"} - _called(self.parsed()))

    def evaluate(self, scope: Mapping[str, Any]) -> Any:
        """The same with values for its names. Raises: ExprError naming what is missing."""
        missing = sorted(self.names() - scope.keys())
        if missing:
            known = ", ".join(sorted(scope)) or "none"
            raise ExprError(
                f'"{self.text}" mentions {missing[0]}, which is no parameter here.', f"Parameters: {known}."
            )
        return self.with_values(scope)

    def with_values(self, values: Mapping[str, Any]) -> Expr:
        """The same with literals for some of its names."""
        return type(self)(_unparsed(put(self.parsed(), values)))

    def source(self) -> str:
        return _unparsed(self.parsed())


class Subscript(Tree):
    """What stands in the brackets of x[...]: ":, -1", "..., 0", ":, None", "mask"."""

    def parsed(self) -> ast.expr:
        if "\n" in self.text or not self.text:
            raise ExprError("An index needs some text.", "Write it as in x[...]: :, -1 is the last step.")
        hint = "Write what stands in the brackets of x[...]."
        whole = read_python(f"_[{self.text}]", f'"{self.text}"', hint)
        if not isinstance(whole, ast.Subscript) or not isinstance(whole.value, ast.Name):
            raise ExprError(f'"{self.text}" is no index.', hint)
        return whole.slice

    def items(self) -> tuple[ast.expr, ...]:
        """One entry for each dimension, slice, `None` and `...`."""
        inside = self.parsed()
        return tuple(inside.elts) if isinstance(inside, ast.Tuple) else (inside,)

    def __post_init__(self) -> None:
        super().__post_init__()
        if sum(isinstance(i, ast.Constant) and i.value is ... for i in self.items()) > 1:
            raise ExprError(f'"{self.text}" holds "..." twice.', "It stands for all dimensions that are not named.")

    def with_values(self, values: Mapping[str, Any]) -> Subscript:
        return Subscript(_bracketed(put(self.parsed(), values)))

    def source(self) -> str:
        return _bracketed(self.parsed())


class Called(Tree):
    """One call, as Python writes it: torch.cat([a, b], dim=1), x.softmax(-1).

    Which functions may stand there is for whoever reads it to say.
    """

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", str(self.text).strip())
        call = self.call()
        for argument in call.args:
            _check(argument, self.text)
        for named in call.keywords:
            if named.arg is None:
                raise ExprError(f'"{self.text}" unpacks a table.', "Write every argument by its name.")
            _check(named.value, self.text)

    def call(self) -> ast.Call:
        """The call. Raises: ExprError where the text is none."""
        tree = self.parsed()
        if not isinstance(tree, ast.Call) or not _dotted(tree.func):
            raise ExprError(f'"{self.text}" is no call.', "Write it as torch.logaddexp(a, b) or x.softmax(-1).")
        return tree

    @property
    def function(self) -> str:
        """The dotted name: "torch.linalg.det", "F.pad"; "Tensor.softmax" for a method."""
        *owners, name = _dotted(self.call().func)
        return ".".join([*owners, name]) if owners[0] in ("torch", "F") else f"Tensor.{name}"

    @property
    def receiver(self) -> ast.Name | None:
        """What a method is called on; None for a function."""
        func = self.call().func
        value = func.value if isinstance(func, ast.Attribute) else None
        return value if isinstance(value, ast.Name) and value.id not in ("torch", "F") else None

    def names(self) -> frozenset[str]:
        return frozenset(super().names() - {"F"})


def _dotted(func: ast.expr) -> list[str]:
    """The parts of torch.linalg.det, of F.pad or of x.softmax; nothing for what is none of these."""
    names: list[str] = []
    while isinstance(func, ast.Attribute):
        names.insert(0, func.attr)
        func = func.value
    if not isinstance(func, ast.Name) or not names or (len(names) > 1 and func.id != "torch"):
        return []
    return [func.id, *names]


def partly(expression: Expr, scope: Mapping[str, Any], kept: frozenset[str]) -> Any:
    """The expression with the parameters of a block put in; names in `kept` stay. Raises: ExprError."""
    missing = sorted(expression.names() - scope.keys() - kept)
    if missing:
        raise ExprError(f'"{expression.text}" mentions {missing[0]}, which is no parameter and no wire here.')
    given = {name: scope[name] for name in expression.names() - kept}
    if isinstance(expression, Tree):
        return expression.with_values(given)
    if not expression.names() & kept:
        return expression.evaluate(given)
    return Expr(_unparsed(put(ast.parse(expression.text, mode="eval").body, given)))


def put(tree: ast.expr, values: Mapping[str, Any]) -> ast.expr:
    """The syntax tree with literals for some of its names."""
    return _Put(values).visit(copy.deepcopy(tree)) if values else tree  # type: ignore[no-any-return]


class _Put(ast.NodeTransformer):
    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id not in self.values:
            return node
        value = self.values[node.id]
        return ast.parse(value.text if isinstance(value, Expr) else repr(value), mode="eval").body


def _bracketed(inside: ast.expr) -> str:
    """What stands in brackets, without the parentheses that a tuple has elsewhere: slices cannot stand in them."""
    if isinstance(inside, ast.Tuple) and len(inside.elts) > 1:
        return ", ".join(_unparsed(element) for element in inside.elts)
    return _unparsed(inside)


def _unparsed(tree: ast.expr) -> str:
    return ast.unparse(tree)


def _called(tree: ast.expr) -> set[str]:
    return {n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}


def _check(node: ast.expr, text: str, depth: int = 0) -> None:
    """Raises: ExprError for anything that is no literal, name, arithmetic, list, tuple, slice or known constant."""
    if depth > _DEEPEST:
        raise ExprError(f'"{text}" is nested too deeply.')
    inside: list[ast.expr | None]
    match node:
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            inside = list(elements)
        case ast.Slice(lower=lower, upper=upper, step=step):
            inside = [lower, upper, step]
        case ast.Constant(value=value) if value is ...:
            return
        case ast.Attribute(value=ast.Name(id="self"), attr="training"):
            return
        case ast.Attribute(value=ast.Name(id="torch"), attr=name) if name in TORCH_CONSTANTS:
            return
        case _:
            try:
                check_expression(node, text)
            except ExprError as error:
                raise ExprError(error.message, error.hint and f"Allowed are {_ALLOWED}.") from None
            return
    for child in inside:
        if child is not None:
            _check(child, text, depth + 1)
