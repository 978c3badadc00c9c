"""Whatever else goes on in the program, a run in a thread draws the random numbers that it would draw alone."""

from concurrent.futures import ThreadPoolExecutor, wait
from itertools import islice

import numpy as np
import pytest
import torch

from engine.analysis.infer import infer
from engine.build import build
from engine.codegen.script import script as generate
from engine.errors import TrainingError
from engine.training.beside import going_on, is_training
from engine.training.events import Ended, Failed, Paused, Started, Steps
from engine.training.look_now import looked_at
from engine.training.looked import Look
from engine.training.range_test import RangeTest
from engine.training.run import TrainingRun
from tests.engine.looking import example
from tests.engine.runs import end_of, finished, layer, moons, of, until


def noisy(**recipe):
    return moons(layer("BatchNorm1d"), layer("Dropout", p=0.3), **recipe)


def losses_of(events):
    return np.concatenate([s.losses for s in of(events, Steps)])


LONG = noisy(epochs=100_000)
STEP_SECONDS = 0.01  # a step as often as this, so that what is done beside it has the processor as well


def beside(doing):
    """The losses of a run that makes steps for as long as something is done, and what came of that."""
    with ThreadPoolExecutor(1) as pool, TrainingRun(LONG) as run:
        run.pause()
        run.start()
        events = until(run, Paused)
        done = None
        while done is None or not done.done():
            run.step()
            events += until(run, Paused)
            done = done or pool.submit(doing)
            wait([done], STEP_SECONDS)
        run.step()  # one more, which draws after all that was done
        events += until(run, Paused)
        run.stop()
        events += finished(run)
        end_of(events)
        return losses_of(events), done.result()


def alone(count):
    """As many losses of the same script, with nothing beside it."""
    script = build(generate(LONG, infer(LONG)))
    steps = script["train"](*script["setup"](), epochs=script["EPOCHS"])
    found = (float(step) for step in steps if isinstance(step, torch.Tensor))
    return np.array(list(islice(found, count)), np.float32)


def whole(given):
    with TrainingRun(given) as run:
        return losses_of(finished(run))


def second_run(**options):
    def run():
        with TrainingRun(noisy(epochs=2, seed=5), **options) as other:
            events = finished(other)
            return other.mode, events

    return run


@pytest.mark.parametrize("mode", ["thread", "process"])
def test_a_second_run_leaves_both_curves_alone(mode):
    losses, (how, events) = beside(second_run(mode=mode))
    assert how == "process"
    assert np.array_equal(losses, alone(len(losses)))
    assert np.array_equal(losses_of(events), whole(noisy(epochs=2, seed=5)))


def test_what_was_asked_of_a_run_before_it_began_is_heard_in_its_process():
    def stepped():
        with TrainingRun(noisy(seed=5)) as other:
            other.pause()
            other.start()
            events = until(other, Paused)
            other.step()
            events += until(other, Steps)
            return other.mode, len(losses_of(events))

    _, found = beside(stepped)
    assert found == ("process", 1)


def test_weights_that_are_carried_over_meanwhile_leave_the_curve_alone(tmp_path):
    with TrainingRun(noisy(seed=3)) as first:
        finished(first)
    large = [layer("Linear", out_features=1500) for _ in range(3)]  # made for some time, from random numbers
    wider = moons(layer("Dropout", p=0.3), *large, width=24, seed=4, epochs=1)
    with TrainingRun(wider, resume=first.run_id, carry=True) as run:
        expected, report = losses_of(finished(run)), run.carried

    def carried():
        with TrainingRun(wider, resume=first.run_id, carry=True) as other:
            return losses_of(finished(other)), other.carried

    losses, (others, found) = beside(carried)
    assert np.array_equal(losses, alone(len(losses)))
    assert np.array_equal(others, expected)
    assert found == report


def test_a_range_test_meanwhile_leaves_the_curve_alone():
    def tested():
        test = RangeTest(noisy(seed=5), steps=20)
        test.start()
        test._thread.join()
        test.drain()
        return test.curve.rates

    losses, rates = beside(tested)
    assert len(rates) > 0
    assert np.array_equal(losses, alone(len(losses)))


def test_a_look_into_another_network_is_refused_while_steps_are_made_and_leaves_the_curve_alone():
    def look():
        with pytest.raises(TrainingError, match="going on"):
            looked_at(example("digits-cnn"), None, Look(), trusted=False)

    losses, _ = beside(look)
    assert np.array_equal(losses, alone(len(losses)))


def test_a_look_waits_for_a_run_that_was_told_to_stop():
    with TrainingRun(noisy(epochs=10_000)) as run:
        run.start()
        until(run, Started)
        run.stop()
        _, told = looked_at(example("digits-cnn"), None, Look(), trusted=False)
        assert told
        assert isinstance(end_of(finished(run)), Ended)
    assert not is_training()
    assert going_on() == []


def test_a_run_of_which_nobody_needs_the_curve_may_be_a_thread_beside_others():
    _, (how, _) = beside(second_run(shares=True))
    assert how == "thread"


def test_threads_may_follow_one_another():
    for _ in range(2):
        with TrainingRun(noisy(epochs=1)) as run:
            finished(run)
            assert run.mode == "thread"


@pytest.mark.parametrize("carry", [False, True], ids=["to go on from", "to begin with"])
@pytest.mark.parametrize("which", ["nowhere", "last"])
def test_nothing_is_kept_of_a_run_without_the_moment_that_it_was_to_begin_with(which, carry, tmp_path):
    with TrainingRun(moons(epochs=1), runs_dir=tmp_path) as first:
        finished(first)
    for path in (first.folder / "checkpoints").iterdir():
        path.unlink()
    with TrainingRun(moons(), runs_dir=tmp_path, resume=first.run_id, checkpoint=which, carry=carry) as run:
        ending = end_of(finished(run))
    assert isinstance(ending, Failed)
    assert "There is no checkpoint" in ending.message
    assert ending.run_id == ""
    assert not run.folder.exists()
    assert [record.id for record in run.store.list()] == [first.run_id]


def test_nothing_is_kept_of_a_run_that_was_to_go_on_from_the_weights_alone(tmp_path):
    with TrainingRun(moons(epochs=2), runs_dir=tmp_path) as first:
        finished(first)
    with TrainingRun(moons(epochs=4), runs_dir=tmp_path, resume=first.run_id, checkpoint="best") as run:
        assert "weights alone" in end_of(finished(run)).message
    assert not run.folder.exists()


def test_what_draws_in_another_thread_would_be_noticed():
    """What the tests above are worth."""
    losses, _ = beside(lambda: [torch.rand(3) for _ in range(100)])
    assert not np.array_equal(losses, alone(len(losses)))
