"""A table that forgets the oldest when it is full, and what layers are remembered by."""

import pytest

from engine.analysis.execute import outcome
from engine.analysis.memo import Memo
from engine.layers import Layer
from engine.tensor import TensorSpec


def test_the_oldest_go_when_the_weight_is_passed():
    memo = Memo(10)
    for number in range(11):
        memo.put(number, str(number))
    assert memo.get(10) == "10"
    assert memo.get(0) is None
    assert len(memo) == 5


def test_what_is_put_again_is_young_again():
    memo = Memo(10)
    for number in (*range(10), 0, 10):
        memo.put(number, str(number))
    assert memo.get(0) == "0"
    assert memo.get(1) is None


def test_one_that_is_too_heavy_is_still_kept_by_itself():
    memo = Memo(10)
    memo.put("light", 1)
    memo.put("heavy", 2, weight=50)
    assert (memo.get("light"), memo.get("heavy")) == (None, 2)
    memo.clear()
    assert len(memo) == 0


@pytest.mark.parametrize("kind", ["Linear", "Concat"])
def test_a_refusal_that_is_remembered_keeps_nothing_of_where_it_was_found(kind):
    layer = Layer.registry[kind]()
    error = outcome(layer, {port.name: TensorSpec(("B", 3), "int64") for port in layer.ports_in()}).error
    assert error is not None
    assert (error.__traceback__, error.__context__) == (None, None)
