"""Parts of a network that are trained in turn, losses that are drawn, and optimizers that want more of the loop."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.analysis.infer import infer
from engine.build import build
from engine.codegen.script import script
from engine.document.edits import SetWeights
from engine.errors import TrainingError
from engine.layers.io import Input, Output
from engine.layers.linear import Linear as Dense
from engine.recipe.losses import BCEWithLogitsLoss, CrossEntropyLoss, FromCanvas, NoLoss
from engine.recipe.optimizers import SGD, AdamW, Rprop
from engine.recipe.optimizers_special import LBFGS, Muon, SparseAdam
from engine.recipe.schedules import Plateau
from engine.recipe.schedules_joined import Chained, Sequential
from engine.recipe.schedules_more import Exponential, Linear
from engine.recipe.tables import Wine
from engine.recipe.transforms import Standardise
from engine.training.events import Evaluated, Started, Steered, Steps
from engine.training.history import History
from engine.training.run import TrainingRun
from tests.engine.networks import chain, project
from tests.engine.recipe_networks import suited
from tests.engine.runs import finished, of, until
from tests.laws.special_scripts import changed, drawn, gan, heads, words


def namespace(given):
    return build(script(given, infer(given)))


def curve_of(given):
    """Every loss of two epochs, those of several phases as rows."""
    script_ = namespace(given)
    events = script_["train"](*script_["setup"](epochs=2), epochs=2)
    return torch.stack([e for e in events if isinstance(e, torch.Tensor)])


def test_a_phase_changes_what_it_trains_and_nothing_else():
    given = gan(validation=0.0)
    script_ = namespace(given)
    run = script_["setup"](epochs=1)
    before = {name: p.detach().clone() for name, p in run.model.named_parameters()}
    only = gan(validation=0.0, phases=given.recipe.phases[:1])
    script_ = namespace(only)
    run = script_["setup"](epochs=1)
    for _ in script_["train"](*run, epochs=1):
        pass
    moved = {name for name, p in run.model.named_parameters() if not torch.equal(p, before[name])}
    assert moved == {name for name in before if name.startswith("discriminator.")}


def test_a_run_tells_the_loss_of_every_phase_and_their_sum():
    with TrainingRun(gan()) as run:
        events = finished(run)
    history = History()
    history.extend(events)
    assert of(events, Started)[0].phases == ("discriminator", "generator")
    assert [len(part) for part in history.parts] == 2 * [len(history.losses)]
    assert np.allclose(sum(part.stretch().mean for part in history.parts), history.losses)
    assert {"loss", "discriminator_loss", "generator_loss", "val_generator_loss", "generator_lr"} <= set(
        of(events, Evaluated)[-1].figures
    )
    assert np.isfinite(history.norm_log.values("gradient")).all()


def test_a_phase_that_rests_is_trained_every_so_many_steps():
    losses = curve_of(gan(generator={"every": 3}))
    generator = losses[:, 1].tolist()
    assert generator[0] == generator[1] == 0.0
    assert generator[2] == generator[3] == generator[4] != generator[5]


def test_the_rate_of_one_phase_is_steered_alone():
    given = gan(epochs=3)
    with TrainingRun(given) as run:
        run.pause()
        run.start()
        run.step()
        until(run, Steps)
        run.set(lr=0.5, phase="generator")
        run.resume()
        events = finished(run)
    (steered,) = of(events, Steered)
    assert (steered.name, steered.before, steered.after) == ("generator_lr", 1e-3, 0.5)
    figures = of(events, Evaluated)[-1].figures
    assert (figures["lr"], figures["generator_lr"]) == (1e-3, 0.5)
    with pytest.raises(TrainingError, match="no phase nobody"):
        TrainingRun(given).set(lr=0.1, phase="nobody")


SPICES = {
    "phases": lambda: gan(epochs=4, generator={"every": 2, "schedule": Exponential()}),
    "closure": lambda: suited(Wine(), epochs=4, optimizer=LBFGS(max_iter=2), transforms=(Standardise(),)),
    "two optimizers": lambda: suited(Wine(), epochs=4, optimizer=Muon(), schedule=Plateau(patience=0)),
    "one after another": lambda: suited(Wine(), epochs=4, schedule=Sequential(milestones=(2,))),
    "all at once": lambda: suited(Wine(), epochs=4, optimizer=SGD(momentum=0.9), schedule=Chained()),
    "sparse": lambda: words(SparseAdam(), epochs=4, schedule=Linear(total_iters=3)),
    "frozen": lambda: changed(suited(Wine(), epochs=4), SetWeights(["hidden"], "frozen", True)),
    "signs": lambda: suited(Wine(), epochs=4, optimizer=Rprop()),
    "drawn": lambda: drawn(epochs=4),
}


@pytest.mark.parametrize("spice", SPICES)
def test_a_resumed_run_goes_on_bit_for_bit(spice):
    given = SPICES[spice]()
    with TrainingRun(given) as straight:
        events = finished(straight)
    losses, lines = np.concatenate([s.losses for s in of(events, Steps)]), [e.line for e in of(events, Evaluated)]
    with TrainingRun(given) as half:
        half.pause()
        half.start()
        told: list = []
        while len(of(told, Evaluated)) < 2:
            half.step()
            told += until(half, Steps)
        half.stop()
        finished(half)
    with TrainingRun(given, resume=half.run_id) as rest:
        after = finished(rest)
    started = of(after, Started)[0]
    assert (started.first_epoch, started.first_step) == (2, 2 * started.steps_per_epoch + 1)
    assert np.array_equal(np.concatenate([s.losses for s in of(after, Steps)]), losses[started.first_step :])
    assert [e.line for e in of(after, Evaluated)] == lines[2:]


def test_a_drawn_loss_trains_as_the_same_loss_of_the_recipe():
    by_recipe = suited(losses=(CrossEntropyLoss(label_smoothing=0.1),), metrics=())
    graph = drawn().block().graph
    assert graph.by_name("surprise").layer.label_smoothing == 0.1
    given = drawn()
    ways = (NoLoss(is_a="scores"), FromCanvas())
    assert torch.isfinite(curve_of(given)).all()
    assert curve_of(by_recipe).shape == curve_of(drawn()).shape
    assert torch.allclose(2 * curve_of(given)[0], curve_of(_with(given, ways))[0])


def _with(given, losses):
    return replace(given, recipe=given.recipe.with_(losses=losses))


def test_a_head_for_training_only_counts_in_training_and_not_in_validation():
    given = heads()
    main_only = _with(given, (CrossEntropyLoss(), NoLoss()))
    first, alone = curve_of(given)[0], curve_of(main_only)[0]
    assert first > alone
    text = script(given, infer(given)).text
    assert "criterion(outputs, digit, training=False)" in text


def test_every_parameter_is_in_one_group_and_frozen_ones_in_none():
    edits = SetWeights(["hidden"], "lr_factor", 0.1), SetWeights(["head0"], "weight_decay", 0.0)
    given = changed(suited(Wine(), decay="matrices"), *edits)
    script_ = namespace(given)
    run = script_["setup"]()
    grouped = [p for group in run.optimizer.param_groups for p in group["params"]]
    assert len(grouped) == len(set(grouped)) == len(list(run.model.parameters()))
    rates = {id(p): group["lr"] for group in run.optimizer.param_groups for p in group["params"]}
    assert rates[id(run.model.hidden.weight)] == pytest.approx(1e-4)
    decays = {id(p): group["weight_decay"] for group in run.optimizer.param_groups for p in group["params"]}
    assert decays[id(run.model.hidden.weight)] == 0.01
    assert decays[id(run.model.hidden.bias)] == decays[id(run.model.head0.weight)] == 0.0


def test_a_tied_weight_is_in_the_group_of_the_layer_that_it_belongs_to():
    edits = SetWeights(["head0"], "tied", "hidden"), SetWeights(["head0"], "lr_factor", 0.1)
    body = {"hidden": Dense(out_features=13), "head0": Dense(out_features=13), "last": Dense(out_features=3)}
    network = project(chain(x=Input(), **body, out=Output()), recipe=suited(Wine()).recipe)
    given = changed(network, *edits)
    script_ = namespace(given)
    run = script_["setup"]()
    groups = [list(group["params"]) for group in run.optimizer.param_groups]
    assert [len(group) for group in groups] == [4, 1]
    assert groups[1] == [run.model.head0.bias]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (lambda: gan(generator={"trains": ("nobody",)}), "generator: there is no layer nobody to train."),
        (lambda: gan(generator={"trains": ("real",)}), "generator: real has nothing to train."),
        (lambda: gan(generator={"losses": (BCEWithLogitsLoss(),)}), "The network has 3 outputs, generator 1 loss."),
        (lambda: gan(generator={"name": "discriminator"}), "Two phases are called discriminator."),
        (lambda: suited(Wine(), optimizer=SparseAdam()), "SparseAdam has nothing to train"),
        (lambda: words(AdamW()), "AdamW cannot follow sparse gradients."),
    ],
)
def test_what_cannot_be_trained_is_said_in_words(given, words):
    assert any(words in problem.message for problem in infer(given()).problems)
