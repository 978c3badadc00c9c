"""Norms and ratios of phases, several optimizers, losses that are drawn and weights used twice, worked out by hand.

As in `test_truth_norms`: a second copy of the run, its loop written out with `torch.autograd.grad` and nothing of ours.
"""

from dataclasses import dataclass

import numpy as np
import pytest
import torch

from engine.build import build
from engine.document.weight_edits import SetWeights
from engine.layers.linear import Linear
from engine.recipe.optimizers import SGD, RMSprop
from engine.recipe.optimizers_special import LBFGS, Muon, SparseAdam
from engine.recipe.tables import Wine
from engine.recipe.transforms import Standardise
from engine.training.history import History
from tests.engine.drawing import Drawing
from tests.engine.recipe_networks import suited
from tests.engine.runs import layer, moons
from tests.engine.test_truth_norms import told
from tests.laws.special_scripts import changed, drawn, gan, heads, words
from tests.laws.test_steering import HEAD, Turn, steered_run
from tests.laws.test_training import sequences


@dataclass
class Part:
    """What is made small in a step by some optimizers, in its turn."""

    optimizers: list
    loss: object
    every: int = 1

    @property
    def parameters(self):
        return [p for o in self.optimizers for group in o.param_groups for p in group["params"] if p.requires_grad]


class ByHand:
    """The rows that a run ought to have told: {(name, step): values}, NaN for what no optimizer moved in the step."""

    def __init__(self, source, clip=0.0, accumulate=1, precision=None):
        self.script = build(source)
        self.setup = self.script["setup"]()._asdict()
        self.model, self.clip, self.accumulate, self.precision = self.setup["model"], clip, accumulate, precision
        self.places = {id(p): i for i, p in enumerate(self.model.parameters())}
        self.found = {}

    def optimizers(self, prefix=""):
        every = [(n, part) for n, part in self.setup.items() if isinstance(part, torch.optim.Optimizer)]
        return [part for name, part in every if name.startswith(prefix)]

    def train(self, parts):
        step = 0
        for epoch in range(self.script["EPOCHS"]):
            self.model.train()
            batches = self.script["batches"](self.setup["train_data"], self.setup["seed"] + epoch)
            for place, batch in enumerate(batches, 1):
                step += 1
                for name in ("gradient", "before", "weight", "ratio"):
                    self.found[name, step] = np.full(len(self.places), np.nan)
                for part in parts:
                    if place % part.every == 0:
                        self.turn(part, batch, step)
        return self.found

    def turn(self, part, batch, step):
        was = [p.detach().double().clone() for p in part.parameters]
        if any(isinstance(o, torch.optim.LBFGS) for o in part.optimizers):
            part.optimizers[0].step(lambda: self.gradients(part, batch, step))
        else:
            self.gradients(part, batch, step)
            for optimizer in part.optimizers:
                optimizer.step()
        for p, before in zip(part.parameters, was):
            size = p.detach().double().norm().item()
            self.put("weight", step, p, size)
            self.put("ratio", step, p, (p.detach().double() - before).norm().item() / size)

    def gradients(self, part, batch, step):
        total, whole = None, 0.0
        sizes = self.script["BATCH_SIZE"] if self.accumulate > 1 else len(batch[0])
        for piece in zip(*(tensor.split(sizes) for tensor in batch)):
            with torch.autocast("cpu", dtype=self.precision, enabled=self.precision is not None):
                loss = part.loss(self.model, *piece)
            loss = loss * (len(piece[0]) / len(batch[0]))
            new = torch.autograd.grad(loss, part.parameters)
            total = new if total is None else [a + b for a, b in zip(total, new)]
            whole += loss.detach()
        norms = [g.to_dense().double().norm().item() for g in total]
        share = min(1.0, self.clip / (float(np.linalg.norm(norms)) + 1e-6)) if self.clip else 1.0
        for p, gradient, norm in zip(part.parameters, total, norms):
            p.grad = gradient * share
            self.put("before", step, p, norm)
            self.put("gradient", step, p, norm * share)
        return whole

    def put(self, name, step, parameter, value):
        self.found[name, step][self.places[id(parameter)]] = value


def assert_the_same(shown, truth, tolerance=3e-4):
    assert {name for name, step in shown if step == 1} >= {"gradient", "weight", "ratio"}
    for (name, step), values in shown.items():
        np.testing.assert_allclose(values, truth[name, step], rtol=tolerance, atol=1e-8, err_msg=f"{name} at {step}")


PHASES = {
    "in turn": {},
    "clipped": {"clip": 0.05},
    "accumulated": {"accumulate": 2},
    "one rests": {"generator": {"every": 3}},
    "of different optimizers": {"generator": {"optimizer": RMSprop()}, "discriminator": {"optimizer": SGD(lr=0.1)}},
    "with two optimizers": {"generator": {"optimizer": Muon()}, "clip": 0.1},
    "with several looks a step": {"discriminator": {"optimizer": LBFGS(lr=0.1, max_iter=3)}},
    "of bfloat16": {"precision": "bfloat16"},
    "all of it": {"precision": "bfloat16", "accumulate": 2, "clip": 0.05, "generator": {"every": 2}},
}


@pytest.mark.parametrize("how", PHASES)
def test_every_phase_is_told_by_its_own_loss(how):
    given = gan(validation=0.0, **PHASES[how])
    shown, source = told(given)
    recipe = given.recipe
    by_hand = ByHand(source, recipe.clip, recipe.accumulate, torch.bfloat16 if recipe.precision == "bfloat16" else None)
    script = by_hand.script
    parts = [
        Part(
            by_hand.optimizers(f"{phase.name}_"),
            lambda model, points, criterion=script[f"{phase.name}_criterion"]: criterion(
                model(points, script["draw_noise"](points))
            ),
            phase.every,
        )
        for phase in recipe.phases
    ]
    tolerance = 3e-4 if recipe.precision == "float32" else 2e-3
    assert_the_same(shown, by_hand.train(parts), tolerance)
    rests = [np.isnan(shown[key]).any() for key in shown if key[0] == "gradient"]
    assert any(rests) == any(phase.every > 1 for phase in recipe.phases)


def called_twice():
    """One layer in two places, and another that uses the weight of a third."""
    d = Drawing()
    x = d.input("x")
    first = d.add("first", Linear(out_features=8), x)
    lender = d.add("lender", Linear(out_features=8), d.add("act", layer("Tanh"), first))
    again = d.again("again", lender, d.add("more", layer("Tanh"), lender))
    user = d.add("user", Linear(out_features=8), again)
    d.tie(user, lender)
    d.output("y", d.add("head", Linear(out_features=3), user))
    return d.project(**vars_of(suited(Wine()).recipe))


def vars_of(recipe):
    return {name: getattr(recipe, name) for name in ("dataset", "losses", "device", "epochs")} | {"metrics": ()}


def own_ways():
    slow = (SetWeights(("hidden",), "lr_factor", 0.1), SetWeights(("head0",), "weight_decay", 0.0))
    return changed(suited(Wine(), decay="matrices"), *slow)


def scaled(**options):
    return suited(Wine(), optimizer=LBFGS(lr=0.5, max_iter=3), transforms=(Standardise(),), **options)


def by_criterion(model, x, y, *, criterion):
    return criterion(model(x), y)


def of_the_canvas(model, x, y, *, criterion):
    return criterion(model(x, y))


SINGLE = {
    "a loss that is drawn": (drawn, of_the_canvas),
    "a loss that is drawn, all of it": (lambda: drawn(clip=0.1, accumulate=2, batch_size=64), of_the_canvas),
    "a head that counts in training": (heads, by_criterion),
    "weights used over time": (sequences, by_criterion),
    "weights used in several places": (called_twice, by_criterion),
    "sparse gradients": (lambda: words(SparseAdam()), by_criterion),
    "two optimizers": (lambda: suited(Wine(), optimizer=Muon(), clip=0.1), by_criterion),
    "several looks a step": (lambda: scaled(), by_criterion),
    "several looks, all of it": (
        lambda: scaled(accumulate=2, clip=15.0),
        by_criterion,
    ),
    "rates and decays of their own": (own_ways, by_criterion),
}


@pytest.mark.parametrize("case", SINGLE)
def test_one_loss_is_told_as_it_is_worked_out(case):
    make, how = SINGLE[case]
    given = make()
    shown, source = told(given)
    by_hand = ByHand(source, given.recipe.clip, given.recipe.accumulate)
    criterion = by_hand.script["criterion"]
    truth = by_hand.train([Part(by_hand.optimizers(), lambda *batch: how(*batch, criterion=criterion))])
    assert_the_same(shown, truth)


def stepped_by_hand(source, turns, steps):
    """Norms of a run whose `clip` is another one, or whose layers are frozen, from some of its steps on."""
    by_hand = ByHand(source)
    frozen, rows = set(), by_hand.found
    parameters = dict(by_hand.model.named_parameters())
    criterion = by_hand.script["criterion"]
    part = Part(by_hand.optimizers(), lambda model, x, y: criterion(model(x), y))
    step = 0
    for epoch in range(steps):
        by_hand.model.train()
        for batch in by_hand.script["batches"](by_hand.setup["train_data"], by_hand.setup["seed"] + epoch):
            for turn in (turn for turn in turns if turn.after == step):
                if turn.option == "clip":
                    by_hand.clip = turn.value
                else:
                    named = {p for name, p in parameters.items() if name.startswith(f"{turn.node[-1][1]}.")}
                    frozen = frozen | named if turn.value else frozen - named
            step += 1
            if step > steps:
                return rows
            for name in ("gradient", "before", "weight", "ratio"):
                rows[name, step] = np.full(len(by_hand.places), np.nan)
            for p in parameters.values():
                p.requires_grad_(p not in frozen)
                p.grad = None
            by_hand.turn(part, batch, step)
    return rows


STEERED = {
    "clipping on": [Turn(4, "clip", 0.1)],
    "clipping on, off and on": [Turn(2, "clip", 0.1), Turn(6, "clip", 0), Turn(9, "clip", 0.2)],
    "frozen": [Turn(4, "frozen", 1, "", HEAD)],
    "frozen and learning again, clipped": [
        Turn(3, "clip", 0.1),
        Turn(4, "frozen", 1, "", HEAD),
        Turn(8, "frozen", 0, "", HEAD),
    ],
}


@pytest.mark.parametrize("case", STEERED)
def test_what_is_changed_by_hand_is_told_from_that_step_on(case):
    given = moons(epochs=4)
    # Up to the last change steps are made by hand, and each of those is measured.
    run, events = steered_run(given, [*STEERED[case], Turn(12, "epochs", 5)])
    history = History()
    history.extend(events)
    log = history.norm_log
    truth = stepped_by_hand(run.source, STEERED[case], 12)
    clips = [turn.after for turn in STEERED[case] if turn.option == "clip"]
    assert ("before" in log.quantities) == bool(clips)
    for name in log.quantities:
        steps = log.steps(name).tolist()
        if name != "before":
            assert set(range(1, 13)) <= set(steps)
        for step, values in [row for row in zip(steps, log.values(name).T) if row[0] <= 12]:
            np.testing.assert_allclose(values, truth[name, step], rtol=3e-4, atol=1e-8, err_msg=f"{name} at {step}")
    if clips:
        assert min(log.steps("before")) > clips[0]
