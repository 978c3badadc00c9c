"""What is measured at a step is what the gradients were, and measuring disturbs nothing."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from engine.training.norms import ClipWatch, GradientNorms, before_clipping
from engine.training.probes import StepLog
from engine.training.updates import Trained, Turns, Updates


def small():
    return nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 1))


def large():
    return nn.Sequential(nn.Linear(3, 400), nn.ReLU(), nn.Linear(400, 400), nn.ReLU(), nn.Linear(400, 1))


def gradients(model):
    return [p.grad for p in model.parameters()]


def trained(model, count, log, *, set_to_none=True):
    """Norms as they were, of steps that the log is told."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    expected = []
    for step in range(1, count + 1):
        optimizer.zero_grad(set_to_none=set_to_none)
        model(torch.randn(7, 3)).square().mean().backward()
        optimizer.step()
        log.add(step, gradients(model))
        expected.append([p.grad.norm().item() for p in model.parameters()])
    return np.array(expected, np.float32)


@pytest.mark.parametrize("model", [small(), large()], ids=["small", "large"])
@pytest.mark.parametrize("count", [1, 2, 129, 263])
def test_norms_are_those_of_the_gradients_at_every_step(model, count):
    log = GradientNorms(tuple(model.parameters()))
    expected = trained(model, count, log)
    assert len(log) == count
    steps, norms = log.take()
    assert steps.tolist() == list(range(1, count + 1))
    assert norms.dtype == np.float32
    np.testing.assert_allclose(norms, expected, rtol=1e-5)
    assert len(log) == 0


def test_what_was_taken_does_not_come_again():
    model = small()
    log = GradientNorms(tuple(model.parameters()))
    for _ in range(3):
        expected = trained(model, 5, log)
        np.testing.assert_allclose(log.take()[1], expected, rtol=1e-5)


def test_gradients_that_are_zeroed_in_place_are_not_mixed_up():
    model = small()
    log = GradientNorms(tuple(model.parameters()))
    expected = trained(model, 50, log, set_to_none=False)
    np.testing.assert_allclose(log.take()[1], expected, rtol=1e-5)


@pytest.mark.parametrize("make", [small, large])
def test_a_parameter_without_a_gradient_has_no_norm_at_that_step(make):
    model = make()
    log = GradientNorms(tuple(model.parameters()))
    for step in range(1, 40):
        model.zero_grad()
        model(torch.randn(7, 3)).mean().backward()
        found = gradients(model)
        log.add(step, [g if i != 1 and (i != 3 or step % 2) else None for i, g in enumerate(found)])
    norms = log.take()[1]
    assert np.isnan(norms[:, 1]).all()
    assert np.isnan(norms[1::2, 3]).all()
    assert np.isfinite(norms[::2, 3]).all()
    assert np.isfinite(norms[:, [0, 2]]).all()


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("steps", [1, 40])
def test_a_gradient_that_is_not_finite_shows_as_infinite(value, steps):
    log = GradientNorms((nn.Parameter(torch.ones(3)),))
    for step in range(1, steps + 1):
        log.add(step, [torch.tensor([1.0, value, 2.0])])
    assert np.isposinf(log.take()[1]).all()


def test_norms_of_half_precision_do_not_overflow():
    log = GradientNorms((nn.Parameter(torch.ones(10, dtype=torch.float16)),))
    for step in range(1, 4):
        log.add(step, [torch.full((10,), 1e4, dtype=torch.float16)])
    np.testing.assert_allclose(log.take()[1], 1e4 * math.sqrt(10), rtol=1e-3)


def test_sparse_gradients_have_norms():
    table = nn.Embedding(10, 3, sparse=True)
    log = GradientNorms(tuple(table.parameters()))
    expected = []
    for step in range(1, 6):
        table.zero_grad()
        table(torch.tensor([1, 1, 4])).square().sum().backward()
        log.add(step, gradients(table))
        expected.append([table.weight.grad.to_dense().norm().item()])
    np.testing.assert_allclose(log.take()[1], expected, rtol=1e-5)


def test_a_loss_that_is_not_finite_is_noticed_at_once():
    log = StepLog()
    assert not log.add(torch.tensor(1.0))
    assert log.add(torch.tensor(math.nan))
    assert log.add(torch.tensor(math.inf))
    assert log.take().tolist()[0] == 1.0
    assert len(log) == 0


@pytest.mark.parametrize("most", [0.1, 1.0, 100.0])
def test_norms_before_clipping_are_worked_out_from_the_norm_of_all(most):
    model = small()
    model(torch.randn(7, 3)).square().sum().backward()
    expected = [p.grad.norm().item() for p in model.parameters()]
    script = {"clip_grad_norm_": torch.nn.utils.clip_grad_norm_}
    watch = ClipWatch(script)
    script["clip_grad_norm_"](model.parameters(), most)
    ((clipped, total, limit),) = watch.take()
    assert [id(p) for p in clipped] == [id(p) for p in model.parameters()]
    after = np.array([[p.grad.norm().item() for p in model.parameters()]], np.float32)
    found = before_clipping(after, np.array([total.item()]), np.array([limit]))
    np.testing.assert_allclose(found, [expected], rtol=1e-5)
    watch.remove()
    assert script["clip_grad_norm_"] is torch.nn.utils.clip_grad_norm_


def stepped(model, optimizer, updates, step):
    before = [p.detach().clone() for p in model.parameters()]
    optimizer.zero_grad()
    model(torch.randn(7, 3)).square().mean().backward()
    optimizer.step()
    moved = [(p.detach() - b).norm().item() / p.detach().norm().item() for p, b in zip(model.parameters(), before)]
    if updates.is_armed:
        updates.measure(step)
    return [p.detach().norm().item() for p in model.parameters()], moved


@pytest.mark.parametrize("make", [torch.optim.SGD, torch.optim.Adam])
def test_updates_are_what_the_optimizer_did_to_the_parameters(make):
    model = small()
    optimizer = make(model.parameters(), lr=0.1)
    updates = Updates(Trained(tuple(model.parameters()), [optimizer]))
    expected = []
    for step in range(1, 10):
        if step in (1, 4, 5):
            updates.arm()
        with torch.no_grad():
            model[0].weight.mul_(1.5)  # between two steps: no doing of the optimizer's
        found = stepped(model, optimizer, updates, step)
        expected += [found] if step in (1, 4, 5) else []
    steps, weights, ratios = updates.take()
    assert steps.tolist() == [1, 4, 5]
    np.testing.assert_allclose(weights, [w for w, _ in expected], rtol=1e-5)
    np.testing.assert_allclose(ratios, [r for _, r in expected], rtol=1e-4)
    assert updates.take()[0].tolist() == []


def test_a_parameter_that_no_optimizer_moves_has_no_update():
    model = small()
    model[0].bias.requires_grad_(False)
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.1)
    updates = Updates(Trained(tuple(model.parameters()), [optimizer]))
    updates.arm()
    stepped(model, optimizer, updates, 1)
    _, weights, ratios = updates.take()
    assert np.isnan(ratios[0]).tolist() == [False, True, False, False]
    assert np.isnan(weights[0]).tolist() == [False, True, False, False]


def test_a_scaler_that_leaves_a_step_out_is_noticed():
    model = small()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scaler = torch.amp.GradScaler("cpu", init_scale=4.0)
    turns = Turns([optimizer], scaler)
    for step in range(1, 6):
        optimizer.zero_grad()
        loss = model(torch.randn(7, 3)).square().mean() * (math.inf if step in (2, 5) else 1.0)
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        scaler.step(optimizer)
        scaler.update()
        turns.end_step(step)
    assert turns.take_skipped() == (2, 5)
    assert turns.take_skipped() == ()
    turns.remove()


@pytest.mark.parametrize("make", [small, large])
def test_measuring_changes_neither_the_numbers_nor_the_random_ones(make):
    outcomes = []
    for measures in (True, False):
        torch.manual_seed(0)
        model = make()
        optimizer = torch.optim.AdamW(model.parameters())
        updates = Updates(Trained(tuple(model.parameters()), [optimizer]))
        log = GradientNorms(tuple(model.parameters()))
        for step in range(1, 40):
            if measures:
                updates.arm()
            stepped(model, optimizer, updates, step)
            if measures:
                log.add(step, gradients(model))
        outcomes.append((torch.nn.utils.parameters_to_vector(model.parameters()), torch.get_rng_state()))
    assert torch.equal(outcomes[0][0], outcomes[1][0])
    assert torch.equal(outcomes[0][1], outcomes[1][1])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_is_read_once_for_many_steps():
    model = small().cuda()
    log = GradientNorms(tuple(model.parameters()))
    expected = []
    for step in range(1, 41):
        model.zero_grad()
        model(torch.randn(7, 3, device="cuda")).square().mean().backward()
        log.add(step, gradients(model))
        expected.append(torch.stack([p.grad.norm() for p in model.parameters()]))
    np.testing.assert_allclose(log.take()[1], torch.stack(expected).cpu().numpy(), rtol=1e-5)


def test_large_networks_are_copied_in_turns(monkeypatch):
    monkeypatch.setattr("engine.training.updates.COPIED_BYTES", 70)
    model = small()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    updates = Updates(Trained(tuple(model.parameters()), [optimizer]))
    expected = []
    for step in range(1, 5):
        updates.arm()
        expected.append(stepped(model, optimizer, updates, step)[1])
    _, _, ratios = updates.take()
    assert [np.flatnonzero(~np.isnan(row)).tolist() for row in ratios] == [[0], [1, 2, 3], [0], [1, 2, 3]]
    known = ~np.isnan(ratios)
    np.testing.assert_allclose(ratios[known], np.array(expected)[known], rtol=1e-4)
