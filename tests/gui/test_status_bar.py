"""What the status bar says of a run."""

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from engine.training.events import Norms, Started
from engine.training.history import History
from gui.window.status_bar import how_often
from tests.gui.window_fixture import hands, open_example  # noqa: F401


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


@pytest.mark.parametrize("width", [1024, 900])
def test_a_narrow_window_still_says_whether_all_is_kept_and_the_zoom(hands, width):  # noqa: F811
    open_example(hands)
    bar = hands.window.statusBar()
    whole = bar.facts["memory"].text()
    assert "at batch" in whole
    hands.window.resize(width, 700)
    bar.show_queue("3 runs wait")
    bar.show_activity("Trying ways out of the problems of this network")
    QApplication.sendPostedEvents()
    facts = bar.facts
    for name in ("saved", "zoom"):
        right = facts[name].mapTo(bar, facts[name].rect().topRight()).x()
        assert facts[name].text()
        assert 0 < right <= bar.width()
    shown = [fact for fact in facts.values() if fact.isVisible()]
    spans = sorted((fact.mapTo(bar, fact.rect().topLeft()).x(), fact.width()) for fact in (*shown, bar.queue))
    assert all(x + wide <= after for (x, wide), (after, _) in pairwise(spans)), "nothing covers another"
    assert "at batch" not in facts["memory"].text()
    bar.show_activity("")
    hands.window.resize(1440, 900)
    QApplication.sendPostedEvents()
    assert facts["memory"].text() == whole
