"""What can be asked of a run and what cannot, and what the run tells of it."""

import pytest

from engine.cli import run as cli
from engine.document.project import Project
from engine.errors import TrainingError
from engine.layers.io import Input, Output
from engine.recipe.base import Optimizer, Schedule
from engine.training.events import Awaited, Paused, Planned, Started, Steerable, Steered, Steps, Warned
from engine.training.history import History
from engine.training.run import TrainingRun
from engine.training.steering_recipe import edit_of
from engine.training.steering_words import words_of
from tests.engine.networks import chain, project
from tests.engine.runs import finished, layer, moons, of, until

LAST = (("main", "last"),)


def paused(given: Project) -> TrainingRun:
    run = TrainingRun(given)
    run.pause()
    run.start()
    until(run, Paused)
    return run


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("lr", -1.0, "not negative"),
        ("weight_decay", float("nan"), "not negative"),
        ("clip", float("inf"), "not negative"),
        ("dropout", 1.5, "between 0 and 1"),
        ("batch_size", 0, "1 or more"),
        ("batch_size", 2.5, "whole number"),
        ("epochs", -3, "1 or more"),
        ("colour", 1, "cannot be changed"),
    ],
)
def test_a_value_that_is_none_is_refused_before_anything_is_asked(option, value, words):
    with TrainingRun(moons()) as run, pytest.raises(TrainingError, match=words):
        run.steer(option, value)


def test_a_phase_that_there_is_not_is_named():
    with TrainingRun(moons()) as run, pytest.raises(TrainingError, match="no phase nobody"):
        run.steer("lr", 0.1, phase="nobody")


def test_a_layer_that_learns_nothing_cannot_be_frozen():
    with paused(moons(layer("Dropout"))) as run:
        with pytest.raises(TrainingError, match="act has nothing that learns"):
            run.steer("frozen", 1, node=(("main", "act"),))
        with pytest.raises(TrainingError, match="last leaves nothing out"):
            run.steer("dropout", 0.5, node=LAST)


def test_nothing_is_frozen_before_the_layers_are_known():
    with TrainingRun(moons()) as run, pytest.raises(TrainingError, match="still being prepared"):
        run.steer("frozen", 1, node=LAST)


def test_what_an_optimizer_cannot_do_is_told_with_the_values():
    closing = Optimizer.registry["LBFGS"](max_iter=2)
    with paused(moons(optimizer=closing)) as run:
        for option, node in (("clip", ()), ("frozen", LAST), ("weight_decay", ())):
            with pytest.raises(TrainingError):
                run.steer(option, 1.0, node=node)


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("dropout", 0.5, "Nothing in this network is left out"),
        ("accumulate", 2, "makes a step of every batch"),
        ("batch_size", 1000, "There are 80 samples"),
    ],
)
def test_what_this_run_cannot_do_is_a_warning_and_the_run_goes_on(option, value, words):
    with paused(moons()) as run:
        run.steer(option, value)
        assert words in of(until(run, Warned), Warned)[0].message
        run.resume()
        assert not of(finished(run), Steered)


def test_a_network_of_which_nothing_would_learn_is_refused():
    given = project(chain(x=Input(), last=layer("Linear", out_features=2), out=Output()), recipe=moons().recipe)
    with paused(given) as run:
        run.steer("frozen", 1, node=LAST)
        assert "nothing would be left to learn" in of(until(run, Warned), Warned)[0].message


def test_a_batch_of_one_beside_a_batch_norm_is_refused():
    with paused(moons(layer("BatchNorm1d"))) as run:
        run.steer("batch_size", 79)
        assert "alone in a batch of 79" in of(until(run, Warned), Warned)[0].message


def test_epochs_are_not_fewer_than_the_one_being_trained():
    with paused(moons(epochs=4)) as run:
        for _ in range(4):
            run.step()
            until(run, Paused)
        run.steer("epochs", 1)
        assert "Epoch 2 is being trained" in of(until(run, Warned), Warned)[0].message


def test_a_batch_size_is_awaited_until_the_epoch_ends_and_then_the_plan_is_another():
    history = History()
    with paused(moons(epochs=3)) as run:
        run.step()
        until(run, Paused)
        run.steer("batch_size", 16)
        history.extend(until(run, Awaited))
        assert history.steering.awaited == {"batch_size": 16}
        run.resume()
        events = finished(run)
    history.extend(events)
    assert of(events, Steered) == [Steered(3, "batch_size", 32, 16, epoch=1)]
    assert of(events, Planned) == [Planned(1, 3, 3, 5, 16)]
    assert sum(len(s.losses) for s in of(events, Steps)) == 2 + 10
    assert (history.total_steps, history.step, history.epoch) == (13, 13, 3)
    assert not history.steering.awaited


def test_what_can_be_changed_is_told_after_the_start():
    with TrainingRun(moons(layer("Dropout", p=0.3), clip=0.5)) as run:
        events = finished(run)
    told = of(events, Steerable)[0]
    assert events.index(told) == events.index(of(events, Started)[0]) + 1
    assert told.values == {"lr": 0.001, "weight_decay": 0.01, "clip": 0.5, "batch_size": 32, "epochs": 3}
    assert told.dropouts == (("middle0", 0.3),)
    assert told.nodes == ((("main", "middle0"),),)


def test_what_was_changed_becomes_one_edit_of_the_project():
    given, history = moons(layer("Dropout", p=0.3)), History()
    with TrainingRun(given) as run:
        run.pause()
        run.start()
        history.extend(until(run, Paused))
        assert edit_of(given, history.steering) is None
        for option, value, node in (("lr", 0.1, ()), ("dropout", 0.6, ()), ("frozen", 1, LAST), ("epochs", 2, ())):
            run.steer(option, value, node=node)
        run.resume()
        history.extend(finished(run))
    changed = edit_of(given, history.steering)(given)
    assert (changed.recipe.optimizer.lr, changed.recipe.epochs) == (0.1, 2)
    nodes = changed.block().graph.nodes
    assert nodes["middle0"].layer.p == 0.6
    assert nodes["last"].weights.frozen
    assert edit_of(changed, history.steering) is None


def test_a_schedule_that_cannot_be_stretched_says_so():
    cycle = Schedule.registry["Sequential"](
        schedulers=(Schedule.registry["Linear"](per="step"), Schedule.registry["OneCycle"]()), milestones=(2,)
    )
    with TrainingRun(moons(schedule=cycle)) as run:
        run.pause()
        run.steer("epochs", 9)
        run.start()
        events = until(run, Paused)
        run.resume()
        events += finished(run)
    assert not of(events, Steered)
    assert any("cannot be stretched" in warned.message for warned in of(events, Warned))


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (Steered(1, "lr", 3e-3, 1e-3), "lr 3e-3 → 1e-3"),
        (Steered(1, "generator_lr", 2.5e-4, 0.0), "generator lr 2.5e-4 → 0"),
        (Steered(1, "clip", 0.0, 0.5), "clipping off → 0.5"),
        (Steered(1, "batch_size", 32.0, 1024.0), "batch size 32 → 1,024"),
        (Steered(1, "frozen", 0.0, 1.0, LAST), "froze last"),
        (Steered(1, "frozen", 1.0, 0.0, LAST), "unfroze last"),
        (Steered(1, "dropout", 0.1, 0.5, (("main", "middle0"),)), "dropout middle0 0.1 → 0.5"),
    ],
)
def test_a_change_is_said_in_a_few_words(event, words):
    assert words_of(event, moons(layer("Dropout"))) == words


def test_the_script_of_a_steered_run_is_exported_from_the_command_line(tmp_path, capsys):
    with TrainingRun(moons(), runs_dir=tmp_path / "runs") as run:
        run.pause()
        run.start()
        until(run, Paused)
        run.steer("lr", 0.5)
        run.resume()
        finished(run)
    out = tmp_path / "again.py"
    assert cli(["runs", "export", run.run_id[:-1], "-o", str(out), "--runs", str(tmp_path / "runs")]) == 0
    assert out.read_text(encoding="utf-8") == (run.folder / "steered.py").read_text(encoding="utf-8")
    assert 'group["lr"] = 0.5' in out.read_text(encoding="utf-8")
    assert (run.folder / "script.py").read_text(encoding="utf-8") == run.source.text
    assert cli(["runs", "export", run.run_id, "--runs", str(tmp_path / "runs")]) == 0
    assert out.read_text(encoding="utf-8") in capsys.readouterr().out
