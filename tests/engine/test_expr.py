"""Expressions over block parameters: read and computed, and nothing else."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ExprError
from engine.expr import FUNCTIONS, Expr

PIECES = [
    "width", "i", "2", "0", "-1", "0.5", "1e400", "9" * 30, "'a'", "True", "None", "__import__('os')", "open", "(", ")",
    "[", "]", "{", "}", ",", " if ", " else ", " for x in ", "+", "-", "*", "**", "/", "//", "%", "<", "==", ".real",
    ".__class__", "lambda: ", "not ", "~", "min(", "max(", "round(", "int(", "abs(", "\0", "\n", "f'{1}'", ":=", "...",
]  # fmt: skip


@given(st.text(max_size=60) | st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_any_text_is_an_expression_or_an_error_in_words(text):
    try:
        expression = Expr(text)
        value = expression.evaluate({"width": 8, "i": 2})
    except ExprError as error:
        assert str(error).endswith(".")  # noqa: PT017
        return
    assert isinstance(value, (int, float, str, tuple, type(None)))
    assert Expr(expression.source()) is not None


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map("".join))
def test_what_is_read_calls_nothing_but_the_whitelist(text):
    try:
        expression = Expr(text)
    except ExprError:
        return
    tree = ast.parse(expression.text, mode="eval")
    calls = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert calls <= FUNCTIONS.keys()
    assert not any(isinstance(node, (ast.Attribute, ast.Subscript, ast.Lambda)) for node in ast.walk(tree))


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')", "x.__class__", "x[0]", "[1, 2]", "{1: 2}", "lambda: 1", "(y := 1)", "f'{x}'", "open('x')",
        "min(x, key=abs)", "x for x in y", "1 < x < 3", "x and y", "1j", "b'x'", "...", "if", "", "  ", "x;y", "*x",
    ],
)  # fmt: skip
def test_everything_outside_the_whitelist_is_refused_on_reading(text):
    with pytest.raises(ExprError):
        Expr(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("width * 2", 16),
        ("width // 3 + i % 2", 2),
        ("-width", -8),
        ("width if i == 2 else 1", 8),
        ("max(width, 32)", 32),
        ("int(width / 3)", 2),
        ("round(width / 3, 1)", 2.7),
        ("(width, 1) + (i,)", (8, 1, 2)),
        ("width ** i", 64),
        ("not width", False),
        ('"same"', "same"),
    ],
)
def test_arithmetic_is_pythons(text, value):
    assert Expr(text).evaluate({"width": 8, "i": 2}) == value


@pytest.mark.parametrize(
    "text",
    [
        "width / 0",
        "9 ** 9 ** 9",
        "10 ** 64 * 10 ** 64",
        "round(width, -9999999999)",
        "(-8) ** 0.5",
        "1e400",
        "'a' * 99",
    ],
)
def test_what_cannot_be_computed_is_an_error_and_costs_nothing(text):
    with pytest.raises(ExprError):
        Expr(text).evaluate({"width": 8})


@pytest.mark.parametrize("text", ["-" * 900 + "1", "(" * 150 + "1" + ")" * 150, "1+" * 400 + "1", "x" * 2000])
def test_no_text_is_too_deep_or_too_long(text):
    try:
        Expr(text).evaluate({})
    except ExprError:
        return
    assert len(text) < 1000


def test_an_unknown_name_is_named_with_those_that_are_known():
    with pytest.raises(ExprError, match=r"mentions depth, .* Parameters: i, width\."):
        Expr("depth * 2").evaluate({"width": 8, "i": 0})


def test_names_leave_functions_out_and_the_source_is_formatted():
    expression = Expr(" max(width*2,i) ")
    assert expression.names() == {"width", "i"}
    assert expression.source() == "max(width * 2, i)"
    assert str(expression) == "max(width*2,i)"
