"""Shapes and types before there is a tensor."""

from __future__ import annotations

import pytest

from engine.errors import LayerError
from engine.tensor import TensorSpec

IMAGE = TensorSpec(("B", 32, 28, 28))


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        (IMAGE, "B × 32 × 28 × 28"),
        (TensorSpec(("2 * B", "T"), "int64"), "int64 2·B × T"),
        (TensorSpec(()), "one value"),
        (TensorSpec((), "bool"), "bool one value"),
    ],
)
def test_a_spec_reads_as_people_write_it(spec, text):
    assert str(spec) == text


def test_a_fixed_size_is_given_and_a_free_one_is_refused_in_words():
    assert IMAGE.dim(1, "channels", of="(B, C, H, W)") == 32
    with pytest.raises(LayerError, match=r"Needs a fixed size for samples of \(B, C, H, W\), gets B × 32 × 28 × 28\."):
        IMAGE.dim(0, "samples", of="(B, C, H, W)")


def test_a_dimension_that_is_not_there_is_named():
    with pytest.raises(LayerError, match=r"Needs \(B, C, H, W\), gets B × 32 × 28 × 28\. .*dimension 4.*depth"):
        IMAGE.dim(4, "depth", of="(B, C, H, W)")


def test_the_number_of_dimensions_is_checked_with_the_hint():
    IMAGE.need_rank(3, 4, of="an image")
    with pytest.raises(LayerError, match=r"Needs a signal, gets B × 32 × 28 × 28\. Put a Flatten before it\."):
        IMAGE.need_rank(3, of="a signal", hint="Put a Flatten before it.")


def test_indices_are_sent_through_an_embedding():
    with pytest.raises(LayerError, match=r"gets int64 B × 5\. Indices go through an Embedding first\."):
        TensorSpec(("B", 5), "int64").need_floating()


@pytest.mark.parametrize(
    ("shape", "free", "count"),
    [
        (("B", 3, 4), {}, 12),
        (("B", 3), {"B": 10}, 30),
        (("2 * B", "T"), {"B": 4, "T": 5}, 40),
        (("B", "T"), {"T": 7}, 7),
        (("H // 2 + 1",), {"H": 9}, 5),
        ((), {}, 1),
    ],
)
def test_values_are_counted_for_one_sample_unless_told(shape, free, count):
    assert TensorSpec(shape).count(**free) == count


@pytest.mark.parametrize(("dtype", "size"), [("float32", 4), ("float64", 8), ("float16", 2), ("bool", 1), ("int64", 8)])
def test_memory_follows_from_the_type(dtype, size):
    assert TensorSpec(("B", 3), dtype).bytes(B=2) == 6 * size
