"""What the status bar says of a run."""

import numpy as np
import pytest

from engine.training.events import Norms, Started
from engine.training.history import History
from gui.window.status_bar import how_often


def norms(quantity, every):
    return Norms(quantity, np.array([every]), np.ones((1, 1), np.float32), every)


def begun():
    history = History()
    history.extend([Started("r1", ("head.weight",), ((),), 1, 100, 32, "cpu")])
    return history


@pytest.mark.parametrize(("every", "said"), [(2, "2nd"), (32, "32nd"), (64, "64th"), (512, "512th")])
def test_it_is_said_which_steps_are_measured(every, said):
    history = begun()
    history.extend([norms("gradient", 1), norms("weight", every), norms("ratio", every)])
    words = f"The loss is kept of each step, gradient norms of each, weight norms and updates of every {said}."
    assert how_often(history) == words


def test_nothing_is_said_of_a_run_that_measures_nothing():
    assert how_often(begun()) == ""
