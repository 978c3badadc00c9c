"""A history keeps every loss and what happened."""

import subprocess
import sys

import numpy as np
import pytest

from engine.training.events import Ended, Evaluated, Failed, Paused, Preparing, Resumed, Started, Steps, Warned
from engine.training.history import History

STARTED = Started("run", ("a", "b"), ((), ()), epochs=4, steps_per_epoch=10, batch_size=32, device="cpu")


def steps(first, count, value=1.0):
    return Steps(first, np.full(count, value), 640.0, 0.01)


def test_losses_of_all_steps_are_kept_in_order():
    history = History()
    history.extend([STARTED, *(steps(1 + 100 * i, 100, value=i) for i in range(50))])
    assert np.array_equal(history.losses, np.repeat(np.arange(50), 100))
    assert np.array_equal(history.steps, np.arange(1, 5001))


def test_facts_for_the_bar_follow_the_steps():
    history = History()
    assert (history.epoch, history.step, history.total_steps, history.seconds_left) == (0, 0, 0, None)
    history.extend([Preparing("Loading data"), STARTED])
    assert (history.stage, history.epoch, history.total_steps) == ("Loading data", 1, 40)
    history.extend([steps(1, 10)])
    assert (history.epoch, history.step, history.seconds_left) == (1, 10, 30 * 32 / 640)
    history.extend([Evaluated(1, 10, {"loss": 1.0}, seconds=2.0), steps(11, 1)])
    assert (history.epoch, history.step, history.seconds_left) == (2, 11, 29 * 32 / 640 + 3 * 2.0)
    history.extend([Paused(11)])
    assert history.paused
    history.extend([Resumed(11), Ended("stopped")])
    assert not history.paused
    assert history.seconds_left == 0.0


def test_a_resumed_run_counts_on_from_where_it_was():
    history = History()
    history.extend([Started("run", (), (), 4, 10, 32, "cpu", first_epoch=2)])
    assert (history.step, history.epoch) == (20, 2)
    history.extend([steps(21, 5)])
    assert (history.step, history.epoch, history.steps[0]) == (25, 3, 21)


def test_figures_stand_at_the_steps_where_they_were_measured():
    history = History()
    history.extend([STARTED, Evaluated(1, 10, {"loss": 2.0}), Evaluated(2, 20, {"loss": 1.0, "val_loss": 3.0})])
    assert [a.tolist() for a in history.figure("loss")] == [[10, 20], [2.0, 1.0]]
    assert [a.tolist() for a in history.figure("val_loss")] == [[20], [3.0]]
    assert [a.tolist() for a in history.figure("f1")] == [[], []]
    assert history.figure_names == ("loss", "val_loss")


def test_what_happened_is_kept_but_not_every_step():
    history = History()
    history.extend([Preparing("Loading data"), STARTED, steps(1, 3), Warned("No space."), Failed("Oh.")])
    assert [type(e) for e in history.events] == [Started, Warned, Failed]
    assert history.over == Failed("Oh.")


def test_a_million_steps_stay_in_order():
    history = History()
    history.extend([Started("run", (), (), 1, 1_000_000, 32, "cpu")])
    history.extend([steps(1, 10_000)] * 100)
    assert len(history.loss) == 1_000_000


@pytest.mark.parametrize("module", ["events", "history", "norm_log"])
def test_the_window_can_use_it_without_torch(module):
    code = f"import sys, engine.training.{module}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
