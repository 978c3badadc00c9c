"""What is measured at a step is what the gradients were, and measuring disturbs nothing."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from engine.training.probes import KEPT_STEPS, StepLog


def small():
    return nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 1))


def large():
    return nn.Sequential(nn.Linear(3, 400), nn.ReLU(), nn.Linear(400, 400), nn.ReLU(), nn.Linear(400, 1))


def trained(model, count, log, *, set_to_none=True):
    """Norms as the log saw them, and as they were."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    expected, losses = [], []
    for _ in range(count):
        loss = model(torch.randn(7, 3)).square().mean()
        optimizer.zero_grad(set_to_none=set_to_none)
        loss.backward()
        optimizer.step()
        assert not log.add(loss.detach())
        expected.append([p.grad.norm().item() for p in model.parameters()])
        losses.append(loss.item())
    return np.array(losses, np.float32), np.array(expected, np.float32)


@pytest.mark.parametrize("model", [small(), large()], ids=["small", "large"])
@pytest.mark.parametrize("count", [1, 2, KEPT_STEPS + 1, 2 * KEPT_STEPS + 7])
def test_norms_are_those_of_the_gradients_at_every_step(model, count):
    log = StepLog(tuple(model.parameters()))
    losses, expected = trained(model, count, log)
    assert len(log) == count
    seen, norms = log.take()
    assert np.array_equal(seen, losses)
    assert norms.dtype == np.float32
    np.testing.assert_allclose(norms, expected, rtol=1e-5)
    assert len(log) == 0


def test_what_was_taken_does_not_come_again():
    model = small()
    log = StepLog(tuple(model.parameters()))
    for _ in range(3):
        losses, expected = trained(model, 5, log)
        seen, norms = log.take()
        assert np.array_equal(seen, losses)
        np.testing.assert_allclose(norms, expected, rtol=1e-5)


def test_gradients_that_are_zeroed_in_place_are_not_mixed_up():
    model = small()
    log = StepLog(tuple(model.parameters()))
    _, expected = trained(model, 50, log, set_to_none=False)
    np.testing.assert_allclose(log.take()[1], expected, rtol=1e-5)


def test_a_frozen_or_unused_parameter_has_no_norm():
    model = small()
    model[0].bias.requires_grad_(False)
    model.unused = nn.Parameter(torch.ones(2))
    names = [name for name, _ in model.named_parameters()]
    log = StepLog(tuple(model.parameters()))
    for _ in range(40):
        model.zero_grad()
        loss = model[2](model[1](model[0](torch.randn(7, 3)))).mean()
        loss.backward()
        log.add(loss.detach())
    norms = log.take()[1]
    is_missing = np.isnan(norms).all(axis=0)
    assert {name for name, missing in zip(names, is_missing, strict=True) if missing} == {"0.bias", "unused"}
    assert np.isfinite(norms[:, ~is_missing]).all()


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("steps", [1, 40])
def test_a_gradient_that_is_not_finite_shows_as_infinite(value, steps):
    parameter = nn.Parameter(torch.ones(3))
    log = StepLog((parameter,))
    for _ in range(steps):
        parameter.grad = torch.tensor([1.0, value, 2.0])
        log.add(torch.tensor(0.5))
    assert np.isposinf(log.take()[1]).all()


def test_a_loss_that_is_not_finite_is_noticed_at_once():
    log = StepLog(())
    assert not log.add(torch.tensor(1.0))
    assert log.add(torch.tensor(math.nan))
    assert log.add(torch.tensor(math.inf))


def test_norms_of_half_precision_do_not_overflow():
    parameter = nn.Parameter(torch.ones(10, dtype=torch.float16))
    log = StepLog((parameter,))
    for _ in range(3):
        parameter.grad = torch.full((10,), 1e4, dtype=torch.float16)
        log.add(torch.tensor(0.0))
    np.testing.assert_allclose(log.take()[1], 1e4 * math.sqrt(10), rtol=1e-3)


def test_sparse_gradients_have_norms():
    table = nn.Embedding(10, 3, sparse=True)
    log = StepLog(tuple(table.parameters()))
    expected = []
    for _ in range(5):
        table.zero_grad()
        table(torch.tensor([1, 1, 4])).square().sum().backward()
        log.add(torch.tensor(0.0))
        expected.append([table.weight.grad.to_dense().norm().item()])
    np.testing.assert_allclose(log.take()[1], expected, rtol=1e-5)


@pytest.mark.parametrize("make", [small, large])
def test_measuring_changes_neither_the_numbers_nor_the_random_ones(make):
    outcomes = []
    for norms in (True, False):
        torch.manual_seed(0)
        model = make()
        trained(model, 80, StepLog(tuple(model.parameters()), norms=norms))
        outcomes.append((torch.nn.utils.parameters_to_vector(model.parameters()), torch.get_rng_state()))
    assert torch.equal(outcomes[0][0], outcomes[1][0])
    assert torch.equal(outcomes[0][1], outcomes[1][1])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_is_read_once_for_many_steps():
    model = small().cuda()
    log = StepLog(tuple(model.parameters()))
    losses, expected = [], []
    for _ in range(40):
        model.zero_grad()
        loss = model(torch.randn(7, 3, device="cuda")).square().mean()
        loss.backward()
        assert not log.add(loss.detach())
        losses.append(loss.detach())
        expected.append(torch.stack([p.grad.norm() for p in model.parameters()]))
    seen, norms = log.take()
    assert np.array_equal(seen, torch.stack(losses).cpu().numpy())
    np.testing.assert_allclose(norms, torch.stack(expected).cpu().numpy(), rtol=1e-5)
