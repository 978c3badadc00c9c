"""A run in a thread: what it tells, how it is steered, how it ends."""

import math
import threading
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from engine.analysis.infer import infer
from engine.codegen.script import script
from engine.document.files import load
from engine.document.project import Project
from engine.errors import TrainingError
from engine.layers.block import BlockLayer
from engine.layers.io import Input, Output
from engine.recipe.base import Dataset, Optimizer, Schedule
from engine.recipe.recipe import Recipe
from engine.training.events import (
    Checkpointed,
    Ended,
    Evaluated,
    Failed,
    Norms,
    Paused,
    Preparing,
    Resumed,
    Started,
    Steered,
    Steps,
)
from engine.training.history import History
from engine.training.run import TrainingRun
from tests.engine.networks import block, chain, project
from tests.engine.runs import PATIENCE_SECONDS, code, end_of, finished, layer, moons, of, until

LONG = 100_000


def run_of(given: Project, **options) -> TrainingRun:
    return TrainingRun(given, **options)


def test_a_run_tells_of_every_step_and_every_epoch():
    with run_of(moons()) as run:
        events = finished(run)
    started = of(events, Started)[0]
    assert (started.epochs, started.steps_per_epoch, started.batch_size, started.device) == (3, 3, 32, "cpu")
    steps = of(events, Steps)
    assert [s.first for s in steps] == np.cumsum([1, *(len(s.losses) for s in steps[:-1])]).tolist()
    assert sum(len(s.losses) for s in steps) == 9
    assert [e.epoch for e in of(events, Evaluated)] == [1, 2, 3]
    assert [e.step for e in of(events, Evaluated)] == [3, 6, 9]
    ending = end_of(events)
    assert ending == Ended("finished", of(events, Evaluated)[-1].figures, run.run_id)
    assert run.state == "ended"


def test_figures_are_told_as_the_script_prints_them():
    with run_of(moons()) as run:
        first = of(finished(run), Evaluated)[0]
    loss, validation = first.figures["loss"], first.figures["val_loss"]
    assert first.line.startswith(f"epoch 1/3  loss {loss:.6f}  val_loss {validation:.6f}  val_accuracy ")


def test_stages_are_told_before_the_first_step():
    with run_of(moons()) as run:
        events = finished(run)
    before = events[: events.index(of(events, Started)[0])]
    assert before
    assert all(isinstance(e, Preparing) for e in before)
    assert "Loading data" in [e.stage for e in before]


def test_every_parameter_leads_to_its_node():
    inner = block("stage", chain(x=Input(), deep=layer("Linear", out_features=8), out=Output()))
    main = chain(
        x=Input(), twice=BlockLayer(block="stage", repeat=2), last=layer("Linear", out_features=2), out=Output()
    )
    recipe = Recipe(dataset=Dataset.registry["TwoMoons"](samples=100), epochs=1, device="cpu")
    with run_of(project(main, inner, recipe=recipe)) as run:
        started = of(finished(run), Started)[0]
    nodes = dict(zip(started.parameters, started.nodes, strict=True))
    assert nodes["last.weight"] == (("main", "last"),)
    assert nodes["twice.1.deep.bias"] == (("main", "twice"), ("stage", "deep"))
    assert started.count == (2 * 8 + 8) + (8 * 8 + 8) + (8 * 2 + 2)


def test_the_history_of_a_run_is_whole():
    history = History()
    with run_of(moons(epochs=20)) as run:
        history.extend(finished(run))
    assert len(history.losses) == history.total_steps == history.step == 60
    for name in ("gradient", "weight", "ratio"):
        values, steps = history.norm_log.values(name), history.norm_log.steps(name)
        assert values.shape == (4, len(steps))
        assert np.isfinite(values).all()
        assert set(steps.tolist()) <= set(range(1, 61))
        assert steps[0] == 1
    assert isinstance(history.over, Ended)


def test_a_paused_run_makes_no_step_until_it_is_resumed():
    with run_of(moons(epochs=LONG)) as run:
        run.start()
        until(run, Steps)
        run.pause()
        paused = of(until(run, Paused), Paused)[0]
        assert run.state == "paused"
        run.resume()
        events = until(run, Steps)
        assert of(events, Resumed) == [Resumed(paused.step)]
        assert of(events, Steps)[0].first == paused.step + 1
        assert run.state == "running"


def test_a_run_can_be_paused_before_it_begins():
    with run_of(moons(epochs=LONG)) as run:
        run.pause()
        run.start()
        events = until(run, Paused)
        assert of(events, Paused) == [Paused(0)]
        assert not of(events, Steps)


def test_single_steps_are_made_one_by_one_and_across_epochs():
    with run_of(moons(epochs=LONG)) as run:
        run.pause()
        run.start()
        until(run, Paused)
        for number in range(1, 8):
            run.step()
            events = until(run, Paused)
            assert [(s.first, len(s.losses)) for s in of(events, Steps)] == [(number, 1)]
            assert of(events, Paused) == [Paused(number)]
        assert run.state == "paused"


def test_a_step_asked_of_a_going_run_pauses_it():
    with run_of(moons(epochs=LONG)) as run:
        run.start()
        until(run, Steps)
        run.step()
        until(run, Paused)
        assert run.state == "paused"


def test_a_stopped_run_keeps_its_last_epoch():
    with run_of(moons(epochs=LONG)) as run:
        run.start()
        events = until(run, Evaluated)
        run.stop()
        events += finished(run)
        assert end_of(events).reason == "stopped"
        assert {e.kind for e in of(events, Checkpointed)} == {"last", "best"}
        assert run.store.get(run.run_id).state == "stopped"


def test_a_paused_run_can_be_stopped():
    with run_of(moons(epochs=LONG)) as run:
        run.pause()
        run.start()
        until(run, Paused)
        run.stop()
        assert end_of(finished(run)).reason == "stopped"


def test_a_stop_takes_effect_within_a_pass():
    waits = code(
        "def waits(x):\n"
        "    if x.device.type != 'meta' and not torch.is_grad_enabled():\n"
        "        torch.netsmith_test.evaluating.set()\n"
        "        torch.netsmith_test.go_on.wait(60)\n"
        "        torch.netsmith_test.passes += 1\n"
        "    return x\n"
    )
    meeting = SimpleNamespace(evaluating=threading.Event(), go_on=threading.Event(), passes=0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch, "netsmith_test", meeting, raising=False)
        # Two batches are evaluated an epoch; a stop asked for in the first one spares the second.
        with run_of(moons(waits, epochs=1, samples=4000, validation=0.5), trusted=True) as run:
            run.start()
            assert meeting.evaluating.wait(PATIENCE_SECONDS)
            run.stop()
            meeting.go_on.set()
            assert end_of(finished(run)).reason == "stopped"
    assert meeting.passes == 1


def test_the_learning_rate_changes_between_two_steps_and_is_told():
    with run_of(moons(epochs=LONG)) as run:
        run.pause()
        run.start()
        until(run, Paused)
        run.set(lr=0.25)
        steered = of(until(run, Steered), Steered)[0]
        assert steered == Steered(0, "lr", 0.001, 0.25)
        run.resume()
        assert of(until(run, Evaluated), Evaluated)[0].figures["lr"] == 0.25
    assert (0, "Steered") in [e[:2] for e in run.store.events(run.run_id)]


def test_a_schedule_goes_on_from_a_rate_set_by_hand():
    step = Schedule.registry["Step"](step_size=1, gamma=0.5)
    with run_of(moons(epochs=3, schedule=step)) as run:
        run.pause()
        run.set(lr=0.8)
        run.start()
        until(run, Steered)
        run.resume()
        rates = [e.figures["lr"] for e in of(finished(run), Evaluated)]
    assert rates == pytest.approx([0.8, 0.4, 0.2])


@pytest.mark.parametrize("rate", [-1.0, math.nan, math.inf])
def test_a_rate_that_is_none_is_refused(rate):
    with run_of(moons()) as run, pytest.raises(TrainingError):
        run.set(lr=rate)


def test_early_stopping_is_told():
    with run_of(moons(epochs=LONG, patience=1, optimizer=_sgd(1e-30))) as run:
        ending = end_of(finished(run))
    assert ending.reason == "early"
    assert run.store.get(run.run_id).state == "early"


def _sgd(lr):
    return Optimizer.registry["SGD"](lr=lr)


def test_a_layer_that_gives_nan_is_named_with_its_step():
    poison = code("def poison(x):\n    return x / (x - x)\n")
    with run_of(moons(poison, layer("Linear", out_features=4)), trusted=True) as run:
        events = finished(run)
    ending = end_of(events)
    assert isinstance(ending, Failed)
    assert (ending.block, ending.node) == ("main", "middle0")
    assert "step 1" in ending.message
    assert "middle0" in ending.message
    assert len(of(events, Steps)[-1].losses) == 1
    assert run.state == "failed"


def test_a_diverging_run_stops_at_the_batch_that_broke_it():
    with run_of(moons(epochs=LONG, optimizer=_sgd(1e12))) as run:
        events = finished(run)
    losses = np.concatenate([s.losses for s in of(events, Steps)])
    assert np.isfinite(losses[:-1]).all()
    assert not np.isfinite(losses[-1])
    assert f"step {len(losses)}," in end_of(events).message
    assert end_of(events).node in ("first", "last")


def test_an_exception_in_user_code_names_its_node():
    broken = code("def broken(x):\n    if x.device.type != 'meta':\n        raise ValueError('oh no')\n    return x\n")
    with run_of(moons(broken), trusted=True) as run:
        ending = end_of(finished(run))
    assert isinstance(ending, Failed)
    assert (ending.block, ending.node) == ("main", "middle0")
    assert ending.message == "middle0: ValueError: oh no"
    assert "Traceback" in ending.detail


def test_user_code_that_wants_to_leave_the_program_only_ends_the_run():
    leaving = code("def leaving(x):\n    if x.device.type != 'meta':\n        raise SystemExit(3)\n    return x\n")
    with run_of(moons(leaving), trusted=True) as run:
        ending = end_of(finished(run))
    assert isinstance(ending, Failed)
    assert ending.node == "middle0"


def test_user_code_that_is_not_trusted_is_not_executed():
    marker = code("def mark(x):\n    torch.netsmith_was_here = True\n    return x\n")
    with run_of(moons(marker)) as run:
        ending = end_of(finished(run))
    assert isinstance(ending, Failed)
    assert "trust" in ending.message
    assert not hasattr(torch, "netsmith_was_here")


def test_a_network_with_a_problem_fails_at_its_node():
    broken = moons(layer("Conv2d"))
    with run_of(broken) as run:
        ending = end_of(finished(run))
    assert isinstance(ending, Failed)
    assert (ending.block, ending.node) == ("main", "middle0")
    assert run.store.get(run.run_id).state == "failed"


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has the device")
def test_a_device_that_is_not_there_is_named():
    with run_of(moons(device="cuda")) as run:
        ending = end_of(finished(run))
    assert isinstance(ending, Failed)
    assert "cuda" in ending.message
    assert "auto" in ending.hint


def test_too_little_memory_is_told_in_words():
    hungry = code("def hungry(x):\n    if x.device.type != 'meta':\n        torch.empty(1 << 60)\n    return x\n")
    with run_of(moons(hungry), trusted=True) as run:
        ending = end_of(finished(run))
    assert isinstance(ending, Failed)
    assert "not enough memory" in ending.message
    assert ending.node == "middle0"


def test_a_missing_file_is_told_in_words(tmp_path):
    table = tmp_path / "table.csv"
    table.write_text("a,b,y\n" + "1.0,2.0,0\n3.0,4.0,1\n" * 20, encoding="utf-8")
    data = Dataset.registry["CSVFile"](path=str(table))
    given = project(
        chain(x=Input(), last=layer("Linear", out_features=2), out=Output()), recipe=Recipe(dataset=data, epochs=1)
    )
    source = script(given, infer(given))
    table.unlink()
    with run_of(given, source=source) as run:
        ending = end_of(finished(run))
    assert isinstance(ending, Failed)
    assert "data" in ending.message
    assert "table.csv" in ending.message


def test_a_place_for_runs_that_cannot_be_written_fails_before_training(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with run_of(moons(), runs_dir=tmp_path / "file") as run:
        ending = end_of(finished(run))
    assert isinstance(ending, Failed)
    assert "cannot be kept" in ending.message


def test_the_run_keeps_the_project_and_the_script_it_began_with():
    given = moons()
    with run_of(given) as run:
        finished(run)
    assert load(run.store.project_path(run.run_id)) == given
    assert run.store.script_path(run.run_id).read_text(encoding="utf-8") == run.source.text


def test_norms_can_be_left_out():
    with run_of(moons(), norms=False) as run:
        assert not of(finished(run), Norms)


def test_drain_of_a_run_that_is_not_started_is_empty():
    with run_of(moons()) as run:
        assert run.drain() == []
        assert not run.wait(PATIENCE_SECONDS)


def test_events_of_a_run_come_to_whoever_waits_for_them():
    with run_of(moons()) as run:
        run.start()
        assert end_of(list(run.events())).reason == "finished"
