"""Every norm and ratio that is shown equals one that is worked out by hand with `torch.autograd.grad`.

A second copy of the run is made from the same script and the same seed, and its training loop is written out here in
the plainest way: gradients by `torch.autograd.grad`, clipping by its formula, steps by the same optimizer.
"""

from collections import defaultdict

import numpy as np
import pytest
import torch

from engine.build import build
from engine.document.weight_edits import SetWeights
from engine.layers.block import BlockLayer
from engine.layers.io import Input, Output
from engine.recipe.base import Dataset, Optimizer
from engine.recipe.recipe import Recipe
from engine.training.events import Skipped
from engine.training.history import History
from engine.training.measuring import NormProbe
from engine.training.run import TrainingRun
from tests.engine.networks import block, chain, project
from tests.engine.runs import finished, layer, moons
from tests.laws.special_scripts import gan

NAMES = ("gradient", "before", "weight", "ratio")


def told(given):
    """What a run told of every quantity: {(name, step): values}, the steps that were measured, and its script."""
    with TrainingRun(given) as run:
        events = finished(run)
    history = History()
    history.extend(events)
    log = history.norm_log
    assert history.over.reason == "finished", history.over
    found = {
        (name, step): log.values(name)[:, column]
        for name in log.quantities
        for column, step in enumerate(log.steps(name).tolist())
    }
    return found, run.source


def by_hand(source, clip=0.0, accumulate=1, precision=None):
    """The same from a loop that is written out. float64 where sums are made."""
    script = build(source)
    parts = script["setup"]()._asdict()
    model, optimizer, data = parts["model"], parts["optimizer"], parts["train_data"]
    trained = {id(p) for group in optimizer.param_groups for p in group["params"]}
    parameters = list(model.parameters())
    is_learned = [p.requires_grad and id(p) in trained for p in parameters]
    found, step = {}, 0
    for epoch in range(script["EPOCHS"]):
        model.train()
        for inputs, targets in script["batches"](data, parts["seed"] + epoch):
            step += 1
            learned = [p for p, is_it in zip(parameters, is_learned) if is_it]
            total = [torch.zeros_like(p) for p in learned]
            size = script.get("BATCH_SIZE")
            for x, y in zip(inputs.split(size), targets.split(size)) if accumulate > 1 else [(inputs, targets)]:
                with torch.autocast("cpu", dtype=precision, enabled=precision is not None):
                    loss = torch.nn.functional.cross_entropy(model(x), y) * (len(x) / len(inputs))
                total = [t + g for t, g in zip(total, torch.autograd.grad(loss, learned))]
            before = [t.double().norm().item() for t in total]
            whole = float(np.linalg.norm(before))
            share = min(1.0, clip / (whole + 1e-6)) if clip else 1.0
            was = [p.detach().double().clone() for p in learned]
            for p, gradient in zip(learned, total):
                p.grad = gradient * share
            optimizer.step()
            weights = [p.detach().double().norm().item() for p in learned]
            moved = [(p.detach().double() - w).norm().item() for p, w in zip(learned, was)]
            rows = {
                "gradient": [b * share for b in before],
                "before": before,
                "weight": weights,
                "ratio": [m / w if m else 0.0 for m, w in zip(moved, weights)],
            }
            for name, values in rows.items():
                row = np.full(len(parameters), np.nan)
                row[np.flatnonzero(is_learned)] = values
                found[name, step] = row
    return found


def assert_told_the_truth(given, tolerance=2e-4, **how):
    shown, source = told(given)
    truth = by_hand(source, **how)
    assert {name for name, _ in shown} == set(NAMES) - (set() if how.get("clip") else {"before"})
    seen = defaultdict(list)
    for (name, step), values in shown.items():
        np.testing.assert_allclose(values, truth[name, step], rtol=tolerance, atol=1e-9, err_msg=f"{name} at {step}")
        seen[name].append(step)
    assert all(steps[0] == 1 for steps in seen.values())


def optimizer(key, **options):
    return Optimizer.registry[key](**options)


@pytest.mark.parametrize("key", ["SGD", "AdamW", "Adagrad", "RMSprop"])
def test_plain(key):
    assert_told_the_truth(moons(optimizer=optimizer(key)))


@pytest.mark.parametrize("clip", [0.05, 1000.0])
def test_clipped_and_where_there_is_nothing_to_clip(clip):
    assert_told_the_truth(moons(clip=clip, optimizer=optimizer("SGD", lr=0.5)), clip=clip)


def test_accumulated():
    assert_told_the_truth(moons(accumulate=3, batch_size=16), accumulate=3)


def test_accumulated_and_clipped():
    assert_told_the_truth(moons(accumulate=2, batch_size=16, clip=0.02), accumulate=2, clip=0.02)


def test_mixed_precision_of_bfloat16():
    assert_told_the_truth(moons(precision="bfloat16"), precision=torch.bfloat16, tolerance=1e-3)


def test_mixed_precision_clipped_and_accumulated():
    given = moons(precision="bfloat16", clip=0.05, accumulate=2, batch_size=16)
    assert_told_the_truth(given, precision=torch.bfloat16, clip=0.05, accumulate=2, tolerance=1e-3)


def test_a_frozen_layer_has_neither_gradient_nor_update():
    given = moons()
    first = given.block().graph.by_name("first").id
    shown, source = told(SetWeights((first,), "frozen", True)(given))
    truth = by_hand(source)
    for (name, step), values in shown.items():
        assert np.isnan(values[:2]).all(), name
        np.testing.assert_allclose(values[2:], truth[name, step][2:], rtol=2e-4)


def repeated(shared):
    inner = block("stage", chain(x=Input(), deep=layer("Linear", out_features=8), act=layer("Tanh"), out=Output()))
    stage = BlockLayer(block="stage", repeat=3, shared=shared)
    main = chain(
        x=Input(),
        first=layer("Linear", out_features=8),
        stage=stage,
        last=layer("Linear", out_features=2),
        out=Output(),
    )
    recipe = Recipe(dataset=Dataset.registry["TwoMoons"](samples=100), epochs=2, seed=1, device="cpu", clip=0.1)
    return project(main, inner, recipe=recipe)


@pytest.mark.parametrize("shared", [False, True], ids=["own weights", "shared weights"])
def test_repeats_each_their_own_or_all_together(shared):
    assert_told_the_truth(repeated(shared), clip=0.1)


def norm_of(gradient):
    return np.nan if gradient is None else gradient.double().norm().item()


def by_loop(source):
    """The same from the script's own loop, looked at between its steps: for steps that are more than one gradient."""
    script = build(source)
    parts = script["setup"]()._asdict()
    model = parts["model"]
    loop = script["train"](*parts.values(), epochs=script["EPOCHS"])
    found, step = {}, 0
    while True:
        was = [p.detach().double().clone() for p in model.parameters()]
        value = next(loop, None)
        if value is None:
            return found
        if isinstance(value, dict):
            continue
        step += 1
        now = [p.detach().double() for p in model.parameters()]
        moved = [(a - b).norm().item() for a, b in zip(now, was)]
        found["gradient", step] = np.array([norm_of(p.grad) for p in model.parameters()])
        found["weight", step] = np.array([p.norm().item() for p in now])
        found["ratio", step] = np.array(moved) / found["weight", step]
        found["has moved", step] = np.array(moved) > 0


def test_an_optimizer_that_looks_several_times_a_step():
    shown, source = told(moons(optimizer=optimizer("LBFGS", lr=0.1, max_iter=3), epochs=2))
    truth = by_loop(source)
    for (name, step), values in shown.items():
        np.testing.assert_allclose(values, truth[name, step], rtol=1e-3, atol=1e-7, err_msg=f"{name} at {step}")


def test_phases_each_in_its_turn():
    shown, source = told(gan(generator={"every": 2}))
    truth = by_loop(source)
    names = [name for name, _ in build(source)["setup"]()[0].named_parameters()]
    rests = np.array(["generator" in name for name in names])
    assert rests.any()
    for (name, step), values in shown.items():
        here = ~rests | truth["has moved", step]
        np.testing.assert_allclose(values[here], truth[name, step][here], rtol=1e-3, atol=1e-7)
        assert np.isnan(values[~here]).all(), "a part that rests has no gradient of this step"


def test_sparse_gradients_of_an_embedding():
    model = torch.nn.Sequential(torch.nn.Embedding(20, 4, sparse=True))
    steps = by_probe(model, torch.optim.SparseAdam(model.parameters(), lr=0.1), lambda: torch.randint(20, (7,)))
    assert steps > 0


class Told:
    """What stands for a run: a probe needs no more of one."""

    def __init__(self, model, optimizer, scaler=None):
        self.model, self.step, self.inside, self.trained = model, 0, 0.0, (0, 0.0)
        self.parts = {"model": model, "optimizer": optimizer, "scaler": scaler}
        self.script, self.events, self.when_changed = {}, [], []
        self.emit = self.events.append


def by_probe(model, optimizer, draw, scaler=None):
    """Some steps, each held against what is worked out by hand. Returns: how many were compared."""
    run = Told(model, optimizer, scaler)
    probe = NormProbe(run)
    truth = {}
    for step in range(1, 6):
        run.step, run.trained = step, (step, float(step))
        optimizer.zero_grad()
        loss = model(draw()).square().mean() * (1e38 if scaler is not None and step == 3 else 1.0)
        was = [p.detach().double().clone() for p in model.parameters()]
        scale = scaler.scale if scaler is not None else lambda value: value
        scale(loss).backward()
        if scaler is not None:
            scaler.unscale_(optimizer)
            scaler.step(optimizer)
            scaler.update()
        else:
            optimizer.step()
        gradients = [p.grad.to_dense().double().norm().item() for p in model.parameters()]
        moved = [(p.detach().double() - w).norm().item() for p, w in zip(model.parameters(), was)]
        sizes = [p.detach().double().norm().item() for p in model.parameters()]
        truth["gradient", step] = [g if np.isfinite(g) else np.inf for g in gradients]
        truth["ratio", step] = [m / s for m, s in zip(moved, sizes)]
        truth["weight", step] = sizes
        probe.after_step()
        probe.tell()
    probe.leave()
    compared = 0
    for event in run.events:
        for step, values in zip(getattr(event, "steps", ()), getattr(event, "values", ())):
            np.testing.assert_allclose(values, truth[event.quantity, int(step)], rtol=1e-4, err_msg=event.quantity)
            compared += 1
    run.skipped = [step for event in run.events if isinstance(event, Skipped) for step in event.steps]
    assert run.skipped == ([3] if scaler is not None else [])
    return compared


def test_a_scaled_loss_is_told_unscaled_and_a_step_that_was_left_out_as_such():
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Tanh(), torch.nn.Linear(8, 2))
    scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
    assert by_probe(model, torch.optim.SGD(model.parameters(), lr=0.1), lambda: torch.randn(16, 4), scaler) > 5


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("fused", [False, True])
def test_float16_on_a_gpu_is_told_unscaled(fused):
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Tanh(), torch.nn.Linear(8, 2)).cuda()
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.1, fused=fused)
    scaler = torch.amp.GradScaler("cuda", init_scale=1024.0)
    assert by_probe(model, optimizer, lambda: torch.randn(16, 4, device="cuda"), scaler) > 5
