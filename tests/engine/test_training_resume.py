"""Going on from a run that ended, and going on although the record of a run is lost."""

import shutil
import subprocess
import sys

import pytest

from engine.recipe.base import Schedule
from engine.training.events import Ended, Evaluated, Failed, Paused, Started, Steered, Warned
from engine.training.run import TrainingRun
from tests.engine.runs import end_of, finished, layer, moons, of, until


def ended(given, **options):
    with TrainingRun(given, **options) as run:
        finished(run)
    return run


def failure(given, **options) -> Failed:
    with TrainingRun(given, **options) as run:
        ending = end_of(finished(run))
    assert isinstance(ending, Failed)
    return ending


def test_a_finished_run_goes_on_when_it_is_given_more_epochs():
    first = ended(moons(epochs=2))
    with TrainingRun(moons(epochs=3), resume=first.run_id) as run:
        events = finished(run)
    assert of(events, Started)[0].first_epoch == 2
    assert [e.epoch for e in of(events, Evaluated)] == [3]
    assert isinstance(end_of(events), Ended)
    assert run.store.checkpoint_path(run.run_id, "best").exists()


def test_a_run_that_has_all_its_epochs_says_so():
    first = ended(moons(epochs=2))
    assert "already has all its 2 epochs" in failure(moons(epochs=2), resume=first.run_id).message


def test_a_run_that_is_not_there_cannot_go_on():
    assert "There is no run nothing" in failure(moons(), resume="nothing").message


def test_another_network_does_not_go_on_from_it():
    first = ended(moons(epochs=2))
    assert "model has changed" in failure(moons(layer("PReLU"), epochs=3), resume=first.run_id).message


def test_a_run_that_failed_before_its_first_epoch_has_nothing_to_go_on_from():
    first = ended(moons(layer("Conv2d")))
    assert "There is no checkpoint" in failure(moons(), resume=first.run_id).message


@pytest.mark.parametrize("mode", ["thread"])
def test_a_record_that_cannot_be_written_costs_a_warning_but_not_the_run(mode):
    with TrainingRun(moons(epochs=100_000), mode=mode) as run:
        run.pause()
        run.start()
        until(run, Paused)
        shutil.rmtree(run.store.folder)
        run.store.folder.write_text("in the way", encoding="utf-8")
        run.step()
        events = until(run, Paused)
        run.step()
        events += until(run, Paused)
        run.stop()
        events += finished(run)
        run.store.folder.unlink()
    assert isinstance(end_of(events), Ended)
    assert "cannot be recorded" in of(events, Warned)[0].message


@pytest.mark.parametrize("key", ["Cosine", "OneCycle", "WarmUp", "Constant"])
def test_a_finished_run_is_continued_beyond_the_end_of_its_schedule(key):
    schedule = Schedule.registry[key]()
    with TrainingRun(moons(epochs=2, schedule=schedule)) as first:
        lines = [e.line for e in of(finished(first), Evaluated)]
    with TrainingRun(moons(epochs=4, schedule=schedule), resume=first.run_id) as run:
        events = finished(run)
    assert isinstance(end_of(events), Ended)
    assert [e.epoch for e in of(events, Evaluated)] == [3, 4]
    (steered,) = of(events, Steered)
    assert (steered.name, steered.before, steered.after) == ("epochs", 2.0, 4.0)
    assert of(events, Evaluated)[0].figures["lr"] > 1e-5
    # The record of the run alone gives the whole curve, the part of the run before it, too.
    alone = subprocess.run(
        [sys.executable, "-I", run.folder / "steered.py"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    ours = [line.replace("/2", "/4") for line in lines] + [e.line for e in of(events, Evaluated)]
    assert alone == ours
