"""What an Einsum says of an equation that does not fit."""

from __future__ import annotations

import pytest

from engine.errors import LayerError
from engine.layers.matrix import Einsum
from engine.tensor import TensorSpec

LEFT, RIGHT = TensorSpec(("B", 3, 4)), TensorSpec(("B", 4, 5))


@pytest.mark.parametrize(
    ("equation", "inputs", "message"),
    [
        ("bij->bj", (LEFT, RIGHT), "bij->bj names 1 operand, and 2 inputs came."),
        ("bij,bjk->bik", (LEFT,), "bij,bjk->bik names 2 operands, and 1 input came."),
        ("bi,bjk->bik", (LEFT, RIGHT), '"bi" names 2 axes, and input 1, B × 3 × 4, has 3.'),
        ("bijk,bjk->bik", (LEFT, RIGHT), '"bijk" names 4 axes, and input 1, B × 3 × 4, has 3.'),
        ("bij,bik->bjk", (LEFT, RIGHT), "i is 3 in input 1 and 4 in input 2."),
        ("bij,jbk->bik", (LEFT, RIGHT), "j is 4 in input 1 and B in input 2."),
        ("bii->b", (LEFT,), "i is 3 and 4 in one input."),
        ("bij,bjk->bikx", (LEFT, RIGHT), "x stands on the right of bij,bjk->bikx, and in no input."),
        ("bij,bjk->biik", (LEFT, RIGHT), "i stands twice on the right of bij,bjk->biik."),
        ("bij,bjk->...k", (LEFT, RIGHT), "... stands on the right of bij,bjk->...k, and in no input."),
        ("b1j,bjk->bk", (LEFT, RIGHT), '"1" in b1j,bjk->bk is no axis.'),
        ('bij");import os;("', (LEFT,), '""" in bij");import os;(" is no axis.'),
        ("bi,bj->bij", (TensorSpec(("B", 2)), TensorSpec(("B", 2), "int64")), "The types differ: B × 2, int64 B × 2."),
        ("...ij,...jk->...ik", (LEFT, TensorSpec((7, 4, 5))), "The axes under ... differ: B, 7."),
    ],
)
def test_an_equation_that_does_not_fit_is_refused_by_its_letters(equation, inputs, message):
    with pytest.raises(LayerError) as refused:
        Einsum(equation=equation).check(inputs=inputs)
    assert refused.value.message == message


@pytest.mark.parametrize("equation", ["bij,bjk", "...ij,...jk->...ik", "b i j , b j k -> i k", "bij,bjk->"])
def test_an_equation_that_fits_is_taken(equation):
    Einsum(equation=equation).check(inputs=(LEFT, RIGHT))
