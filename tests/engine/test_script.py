"""What the generated loop does, step by step."""

import math

import pytest
import torch

from engine.analysis.infer import infer
from engine.codegen.script import script
from engine.errors import CodeError
from engine.layers.activation import ReLU
from engine.layers.code import CodeLayer
from engine.layers.io import Input, Output
from engine.layers.linear import Linear
from engine.layers.normalization import BatchNorm1d
from engine.recipe.data import DigitPairs, DigitParity, Digits
from engine.recipe.files import CSVFile
from engine.recipe.generated import Sine, TwoMoons
from engine.recipe.losses import BCELoss, BCEWithLogitsLoss, CrossEntropyLoss, MSELoss
from engine.recipe.metrics import Accuracy, TopK
from engine.recipe.optimizers import SGD
from engine.recipe.recipe import Recipe
from engine.recipe.schedules import Cosine, OneCycle, Plateau, Step, WarmUp
from engine.recipe.tables import Iris, Wine
from engine.recipe.transforms import Standardise
from tests.engine.networks import chain, project
from tests.engine.recipe_networks import suited
from tests.laws.scripts import script_of


def namespace_of(wanted):
    """The script of a project, executed."""
    found = {"__name__": "script"}
    exec(compile(script_of(wanted).text, "<script>", "exec"), found)
    return found


def events_of(wanted, epochs=2, **options):
    """The steps' losses and the epochs' figures of a run."""
    names = namespace_of(wanted)
    run = names["setup"](epochs=epochs, **options)
    losses, figures = [], []
    for event in names["train"](*run, epochs=epochs):
        (figures if isinstance(event, dict) else losses).append(event)
    return losses, figures


def test_a_step_yields_a_detached_loss_and_leaves_its_gradients():
    names = namespace_of(suited(Iris()))
    run = names["setup"]()
    loss = next(names["train"](*run))
    assert loss.shape == ()
    assert not loss.requires_grad
    assert all(p.grad is not None for p in run.model.parameters())


def test_every_sample_is_seen_once_an_epoch_the_last_few_too():
    names = namespace_of(suited(Iris(), batch_size=32))
    data = (torch.arange(120.0).unsqueeze(1), torch.arange(120))
    batches = list(names["batches"](data, 0))
    assert [len(labels) for _, labels in batches] == [32, 32, 32, 24]
    assert sorted(torch.cat([labels for _, labels in batches]).tolist()) == list(range(120))
    assert all(torch.equal(values[:, 0].long(), labels) for values, labels in batches)


def test_the_order_changes_with_the_epoch_and_returns_with_the_seed():
    names = namespace_of(suited(Iris()))
    data = (torch.arange(120),)
    first, second, again = (torch.cat([b for (b,) in names["batches"](data, seed)]) for seed in (0, 1, 0))
    assert torch.equal(first, again)
    assert not torch.equal(first, second)


@pytest.mark.parametrize("dataset", [Iris(), Digits()], ids=lambda d: d.key)
def test_training_and_validation_share_no_sample_and_have_all_classes_in_proportion(dataset):
    names = namespace_of(suited(dataset, validation=0.3))
    labels = names["load_data"]()[1][0]
    train, validation = names["split"](labels, 5)
    assert sorted([*train.tolist(), *validation.tolist()]) == list(range(len(labels)))
    shares = labels[validation].bincount() / labels.bincount()
    assert ((shares - 0.3).abs() < 0.02).all()


def test_a_class_of_one_sample_can_be_split():
    names = namespace_of(suited(Iris()))
    train, validation = names["split"](torch.tensor([0] * 9 + [1]), 0)
    assert (len(train), len(validation)) == (8, 2)


def test_the_loss_of_an_epoch_is_the_mean_over_its_samples():
    wanted = suited(Iris(), batch_size=32, optimizer=SGD(lr=0.0), validation=0.0)
    losses, figures = events_of(wanted, epochs=1)
    sizes = torch.tensor([32.0, 32, 32, 32, 22])
    assert figures[0]["loss"] == pytest.approx(((torch.stack(losses) * sizes).sum() / 150).item())


def test_batches_gathered_before_a_step_are_as_good_as_one_large_batch():
    many = suited(Iris(), batch_size=10, accumulate=4, optimizer=SGD(lr=0.1))
    one = suited(Iris(), batch_size=40, optimizer=SGD(lr=0.1))
    gathered, large = events_of(many), events_of(one)
    assert len(gathered[0]) == len(large[0]) == 6
    torch.testing.assert_close(torch.stack(gathered[0]), torch.stack(large[0]))
    assert gathered[1][-1]["val_loss"] == pytest.approx(large[1][-1]["val_loss"], rel=1e-5)


def test_clipping_limits_the_norm_of_all_gradients_together():
    names = namespace_of(suited(Wine(), clip=0.25))
    run = names["setup"]()
    steps = names["train"](*run)
    for _ in range(3):
        next(steps)
        norm = torch.stack([p.grad.norm() for p in run.model.parameters()]).norm()
        assert norm <= 0.25 * 1.0001


RESUMED = {
    "plain": {},
    "step": {"schedule": Step(step_size=1)},
    "one cycle": {"schedule": OneCycle()},
    "warm-up": {"schedule": WarmUp(warm_up_steps=5)},
    "plateau and patience": {"schedule": Plateau(patience=0), "patience": 3},
}


@pytest.mark.parametrize("options", RESUMED.values(), ids=RESUMED)
def test_a_run_that_is_resumed_goes_on_as_if_it_had_never_stopped(options):
    names = namespace_of(suited(Wine(), dropout=0.3, transforms=(Standardise(),), **options))
    whole = names["setup"](epochs=4)
    expected = [e for e in names["train"](*whole, epochs=4) if isinstance(e, dict)]

    stopped = names["setup"](epochs=4)
    steps = names["train"](*stopped, epochs=4)
    figures = [next(e for e in steps if isinstance(e, dict)) for _ in range(2)]
    kept = {n: part.state_dict() for n, part in stopped._asdict().items() if hasattr(part, "state_dict")}
    state = torch.get_rng_state()

    resumed = names["setup"](epochs=4)
    for name, part in kept.items():
        getattr(resumed, name).load_state_dict(part)
    torch.set_rng_state(state)
    rest = names["train"](*resumed, epochs=4, first_epoch=2)
    figures += [e for e in rest if isinstance(e, dict)]
    assert figures == expected


def test_training_stops_when_the_validation_loss_no_longer_falls():
    wanted = suited(Iris(), optimizer=SGD(lr=0.0), patience=3)
    _, figures = events_of(wanted, epochs=20)
    assert [f["epoch"] for f in figures] == [1, 2, 3, 4]


RATES = {
    "step": (Step(step_size=1, gamma=0.5), [0.01, 0.005, 0.0025, 0.00125]),
    "cosine": (Cosine(), [0.01 * (1 + math.cos(math.pi * i / 4)) / 2 for i in range(4)]),
}


@pytest.mark.parametrize(("schedule", "rates"), RATES.values(), ids=RATES)
def test_the_learning_rate_follows_its_schedule(schedule, rates):
    _, figures = events_of(suited(Iris(), optimizer=SGD(lr=0.01), schedule=schedule), epochs=4)
    assert [f["lr"] for f in figures] == pytest.approx(rates)


def test_warm_up_rises_in_a_line_and_falls_along_a_cosine():
    names = namespace_of(suited(Iris(), schedule=WarmUp(warm_up_steps=10)))
    shares = [names["warm_up"](step, steps=30) for step in range(31)]
    assert shares[:10] == pytest.approx([0.1 * (i + 1) for i in range(10)])
    assert shares[10] == 1.0
    assert shares[20] == pytest.approx(0.5)
    assert shares[30] == pytest.approx(0.0)


def test_inputs_are_standardised_by_the_training_part_alone():
    names = namespace_of(suited(Wine(), transforms=(Standardise(),)))
    run = names["setup"]()
    seen = run.train_data[0]
    assert torch.allclose(seen.mean(0), torch.zeros(13), atol=1e-5)
    assert torch.allclose(seen.std(0), torch.ones(13), atol=1e-5)
    assert not torch.allclose(run.validation_data[0].mean(0), torch.zeros(13), atol=1e-3)


def test_a_constant_column_is_standardised_to_zero():
    names = namespace_of(suited(Wine(), transforms=(Standardise(),)))
    assert names["standardise"](torch.full((5, 1), 3.0), torch.arange(4)).abs().max() == 0


def test_one_output_without_a_name_for_it_and_several_with():
    measured = {"val_loss", "val_accuracy", "train_loss", "train_accuracy"}
    assert set(events_of(suited(Digits()), epochs=1)[1][0]) == {"epoch", "loss", "lr", *measured}
    several = events_of(suited(DigitParity()), epochs=1)[1][0]
    assert [n for n in several if n.startswith("val_")] == ["val_loss", "val_digit_accuracy", "val_parity_accuracy"]


def test_two_inputs_are_given_in_order():
    text = script_of(suited(DigitPairs())).text
    assert "for left, right, same in batches(train_data, seed + epoch):" in text
    assert "loss = criterion(model(left, right), same)" in text


def test_only_what_the_recipe_needs_is_written():
    text = script_of(suited(Iris())).text
    for word in ("autocast", "GradScaler", "CLIP", "ACCUMULATE", "schedule", "EarlyStopping", "standardise", "Subset"):
        assert word not in text, word
    assert "fused=True" in text


def test_a_device_that_is_not_there_is_named():
    missing = "cuda" if not torch.cuda.is_available() else "mps"
    names = namespace_of(suited(Iris()))
    with pytest.raises(RuntimeError, match=f"No device {missing} here, only cpu"):
        names["setup"](device=missing)


def test_a_column_may_be_called_like_anything_in_the_script(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("loss,model,for,2 many\n" + "".join(f"{i},{-i / 8},{i % 2},{i % 3}\n" for i in range(20)))
    dataset = CSVFile(path=str(path), targets="model, for, 2 many")
    wanted = suited(dataset, losses=(MSELoss(), BCEWithLogitsLoss(), CrossEntropyLoss()))
    assert "for features, model_, for_, _2_many in batches(train_data, seed + epoch):" in script_of(wanted).text
    assert len(events_of(wanted)[1]) == 2


def test_a_users_function_may_be_called_like_a_metric():
    code = "def accuracy(x):\n    return x * 2\n"
    graph = chain(features=Input(), double=CodeLayer(source=code), head=Linear(out_features=3), species=Output())
    wanted = project(graph, recipe=Recipe(dataset=Iris(), device="cpu", metrics=(Accuracy(), TopK(k=2))))
    losses, figures = events_of(wanted, epochs=1)
    assert len(losses) == 4
    assert {"val_accuracy", "val_top2"} <= set(figures[0])


REFUSED = {
    "a loss for values": (Iris(), {"losses": (MSELoss(),)}),
    "two classes of three": (Iris(), {"losses": (BCEWithLogitsLoss(),)}),
    "a probability in half precision": (TwoMoons(), {"losses": (BCELoss(),), "precision": "bfloat16"}),
    "two losses": (Iris(), {"losses": (CrossEntropyLoss(), CrossEntropyLoss())}),
}


@pytest.mark.parametrize(("dataset", "options"), REFUSED.values(), ids=REFUSED)
def test_a_recipe_that_does_not_fit_is_refused_in_words(dataset, options):
    graph = chain(x=Input(), head=Linear(out_features=1 if "precision" in options else 3), out=Output())
    if "precision" in options:
        graph = suited(dataset, losses=options["losses"]).block().graph
    wanted = project(graph, recipe=Recipe(dataset=dataset, metrics=(Accuracy(),)).with_(**options))
    with pytest.raises(CodeError) as error:
        script(wanted, infer(wanted))
    assert error.value.hint


def test_a_share_that_leaves_nothing_to_validate_on_is_refused():
    wanted = suited(TwoMoons(samples=10), validation=0.05)
    with pytest.raises(CodeError, match="10 samples leave 0 for validation"):
        script(wanted, infer(wanted))


def test_a_sample_left_alone_in_the_last_batch_is_no_surprise_to_batch_norm():
    graph = chain(x=Input(), body=Linear(out_features=4), norm=BatchNorm1d(), head=Linear(out_features=3), out=Output())
    recipe = Recipe(dataset=Iris(), device="cpu", validation=0.0)
    for batch_size, remaining in ((149, 1), (1, 0)):
        wanted = project(graph, recipe=recipe.with_(batch_size=batch_size))
        with pytest.raises(CodeError, match=r"alone in a batch.*BatchNorm1d"):
            script(wanted, infer(wanted))
        assert 150 % batch_size == remaining
    assert len(events_of(project(graph, recipe=recipe.with_(batch_size=151)), epochs=1)[0]) == 1


def test_a_network_without_anything_to_learn_is_refused():
    graph = chain(x=Input(), relu=ReLU(), out=Output())
    wanted = project(graph, recipe=Recipe(dataset=Sine(), losses=(MSELoss(),)))
    with pytest.raises(CodeError, match="nothing to train"):
        script(wanted, infer(wanted))
