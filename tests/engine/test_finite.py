"""Whether gradients are finite is found out for every one of them, before an optimizer uses it, at a bounded cost."""

import pytest
import torch
from torch import nn

from engine.recipe.optimizers import SGD
from engine.training.finite import LEAST, SMALL_BYTES, FiniteCheck
from tests.engine.runs import layer, moons
from tests.engine.test_bad_node import failure

LARGE = SMALL_BYTES // 4 + 1
CHEAP, DEAR = 1.0, 1e-9  # seconds of a step


def learned(sizes, dtype=torch.float32):
    """Parameters with gradients."""
    parameters = [nn.Parameter(torch.ones(size, dtype=dtype)) for size in sizes]
    for p in parameters:
        p.grad = torch.ones_like(p)
    return parameters


def spoil(gradient, bad):
    gradient.view(-1)[len(gradient) // 2] = bad


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_where_a_step_takes_long_every_gradient_is_looked_at_in_every_step(bad):
    parameters = learned([3, LARGE] * 20)
    check = FiniteCheck(parameters)
    for p in parameters:
        assert check.are_finite(CHEAP)
        good, p.grad = p.grad, p.grad.clone()
        spoil(p.grad, bad)
        assert not check.are_finite(CHEAP)
        p.grad = good


@pytest.mark.parametrize("sizes", [[3] * 80, [LARGE] * 80, [3, LARGE] * 40], ids=["small", "large", "both"])
def test_where_a_step_takes_no_time_every_gradient_has_its_turn_soon(sizes):
    parameters = learned(sizes)
    check = FiniteCheck(parameters)
    for _ in range(100):  # it finds its pace
        assert check.are_finite(DEAR)
    missed = 0
    for p in parameters:
        spoil(p.grad, float("nan"))
        assert not check.are_finite(DEAR, is_whole=True)
        found = [check.are_finite(DEAR) for _ in range(max(1, len(sizes) // min(LEAST)))]
        assert not all(found)
        missed += sum(found)
        p.grad = torch.ones_like(p)
    assert missed > len(parameters), "nothing was left out, though a step takes no time"


def test_few_parameters_have_no_turns():
    parameters = learned([3, LARGE] * (LEAST[0] // 2))
    check = FiniteCheck(parameters)
    for _ in range(100):
        check.are_finite(DEAR)
    for p in parameters:
        spoil(p.grad, float("nan"))
        assert not check.are_finite(DEAR)
        p.grad = None
    assert check.are_finite(DEAR)


KINDS = (torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.complex64)


@pytest.mark.parametrize("dtype", KINDS, ids=str)
def test_numbers_of_every_type_are_looked_at(dtype):
    parameters = learned([7, 7], dtype)
    check = FiniteCheck(parameters)
    assert check.are_finite(CHEAP)
    spoil(parameters[1].grad, float("nan"))
    assert not check.are_finite(CHEAP)


def test_sparse_gradients_are_looked_at():
    table = nn.Embedding(5, 3, sparse=True)
    check = FiniteCheck(list(table.parameters()))
    for factor, is_finite in ((1.0, True), (float("nan"), False)):
        table.zero_grad()
        (table(torch.tensor([1, 2, 2])).sum() * factor).backward()
        assert table.weight.grad.is_sparse
        assert check.are_finite(CHEAP) == is_finite


def test_looking_changes_neither_gradients_nor_random_numbers():
    parameters = learned([9, LARGE])
    for p in parameters:
        p.grad = torch.randn_like(p) * 10.0 ** torch.randint(-44, 38, p.shape)
    before, state = [p.grad.clone() for p in parameters], torch.get_rng_state()
    assert FiniteCheck(parameters).are_finite(CHEAP)
    assert all(torch.equal(p.grad, b) for p, b in zip(parameters, before))
    assert torch.equal(torch.get_rng_state(), state)


def test_a_parameter_that_a_step_made_infinite_is_named_with_that_step(tmp_path):
    deep = [layer("Linear", out_features=4) for _ in range(3)]
    ending = failure(moons(*deep, optimizer=SGD(lr=1e300)), tmp_path)
    step = int(ending.message.split("step ")[1].split(",")[0])
    named = ending.message.split(f"What step {step - 1} made of ")[1].split(" was none, either.")[0]
    assert named.startswith(ending.bad.name + ".")
    assert next(given.bad for given in ending.bad.inputs if given.name == named.removeprefix(ending.bad.name + "."))
