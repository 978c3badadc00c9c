"""Sizes that depend on free sizes are read back as the expressions they are, never as one that merely fits a number."""

import pytest

from engine.analysis.dims import names_in, read_back
from engine.expr import Expr
from engine.tensor import TensorSpec


def read(formula, *seen, names=("B", "T", "S")):
    """What is read back for a size that follows this formula."""
    specs = [TensorSpec(seen or ("B", "T", "S", 12))]
    return read_back(lambda sizes: ((int(Expr(formula).evaluate(sizes)),),), names, specs)[0][0]


@pytest.mark.parametrize(
    "formula",
    [
        "B", "T", "2 * B", "B + 1", "3 * T - 2", "B + T", "B - T", "2 * S + T + 5",
        "T // 2", "(T + 1) // 2", "(T - 3) // 4", "(T + 7) // 16", "(3 * T + 1) // 2", "T // 20",
        "B * T", "16 * B * T", "T * T", "B * T * S", "4 * T * T", "T // 33", "T - (T + 1) // 2", "3 * (T // 3)",
        "T - 2 * ((T + 2) // 3)", "2 * (T // 4) + 1", "T // 2 + S // 3", "(T // 2) * (S // 3)",
        "B * (T // 2) * (S // 3)", "5 * ((T - 2) // 3 + 1) * ((S - 2) // 3 + 1)", "min(T, 100)",
        "min(T, 100) - 30", "min(T - 10, 100)", "T + B // 2",
    ],
)  # fmt: skip
def test_a_size_is_read_back_as_its_formula(formula):
    found = read(formula)
    assert found is not None
    for sizes in ({"B": 5, "T": 41, "S": 7}, {"B": 1, "T": 100, "S": 3}, {"B": 2, "T": 37, "S": 64}):
        assert Expr(str(found)).evaluate(sizes) == Expr(formula).evaluate(sizes)


@pytest.mark.parametrize("number", [0, 1, 9973, 9974, 10000, 20160, 20170, 1009, 2018])
def test_a_number_stays_a_number(number):
    assert read(str(number)) == number


@pytest.mark.parametrize("formula", ["max(T, 2000)", "T % 7", "T % 2", "T // 1201", "max(T, 40)", "T * T + S"])
def test_what_follows_no_rule_is_unknown_rather_than_wrong(formula):
    assert read(formula) is None


def test_factors_may_be_sizes_that_were_computed_before():
    assert read("12 * B * (T // 2)", "B", "T // 2", 12) == "12 * B * (T // 2)"


def test_names_come_from_every_expression_with_the_batch_first():
    assert names_in([TensorSpec(("T", "2 * B", "A // 2", 3))]) == ("B", "A", "T")
