"""Norms of every parameter are kept in bounded memory, whatever comes and however often it was measured."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.training.events import Norms, Skipped, Started
from engine.training.history import History
from engine.training.norm_log import MergedRows, NormLog

A, B = 0, 1


@given(st.lists(st.integers(0, 40), max_size=30), st.integers(2, 16), st.integers(1, 5))
def test_a_column_is_the_largest_of_the_measurements_it_stands_for(sizes, most, stride):
    rows, total = MergedRows(3, most), sum(sizes)
    everything = np.random.default_rng(0).random((total, 3)).astype(np.float32)
    steps = 1 + stride * np.arange(total)
    position = 0
    for size in sizes:
        rows.append(steps[position : position + size], everything[position : position + size])
        position += size
    merged = rows.stride
    expected = [everything[i : i + merged].max(axis=0) for i in range(0, total, merged)]
    assert rows.values.shape[1] <= most
    assert np.array_equal(rows.values, np.array(expected, np.float32).reshape(-1, 3).T)
    assert np.array_equal(rows.steps, steps[::merged])


def test_what_is_missing_stays_missing_and_what_is_not_finite_is_never_lost():
    rows = MergedRows(2, most=2)
    rows.append(np.arange(1, 5), np.array([[np.nan, 1.0]] * 3 + [[np.nan, np.inf]], np.float32))
    assert np.isnan(rows.values[0]).all()
    assert rows.values[1].tolist() == [1.0, np.inf]


def test_a_million_measurements_of_many_parameters_stay_small():
    rows = MergedRows(100)
    block = np.ones((10_000, 100), np.float32)
    for begin in range(0, 1_000_000, 10_000):
        rows.append(np.arange(begin + 1, begin + 10_001), block)
    assert rows.values.shape[1] <= 4096
    assert rows.steps[0] == 1
    assert rows.steps[-1] <= 1_000_000 < rows.steps[-1] + 2 * rows.stride


def test_steps_that_are_made_again_replace_those_that_were():
    rows = MergedRows(1)
    rows.append(np.arange(1, 11), np.arange(1, 11, dtype=np.float32)[:, None])
    rows.append(np.array([6, 7]), np.array([[60.0], [70.0]], np.float32))
    assert rows.steps.tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert rows.values[0].tolist() == [1, 2, 3, 4, 5, 60, 70]


def test_every_quantity_has_steps_of_its_own():
    log = NormLog(2)
    log.extend(Norms("gradient", np.array([1, 2]), np.ones((2, 2), np.float32), stride=1))
    log.extend(Norms("ratio", np.array([2]), np.full((1, 2), 1e-3, np.float32), stride=16))
    assert log.quantities == ("gradient", "ratio")
    assert (log.steps("gradient").tolist(), log.steps("ratio").tolist()) == ([1, 2], [2])
    assert (log.stride("gradient"), log.stride("ratio")) == (1, 16)
    assert log.values("weight").shape == (2, 0)
    assert np.isnan(log.latest("weight")).all()


def test_what_is_known_last_outlives_steps_without_a_value_but_not_for_ever():
    log = NormLog(2)
    log.extend(Norms("gradient", np.array([1]), np.array([[1.0, 2.0]], np.float32)))
    log.extend(Norms("gradient", np.array([2]), np.array([[np.nan, 3.0]], np.float32)))
    assert log.latest("gradient").tolist() == [1.0, 3.0]
    nothing = np.array([[np.nan, 3.0]] * 100, np.float32)
    log.extend(Norms("gradient", np.arange(3, 103), nothing))
    assert np.isnan(log.latest("gradient")[A])
    assert log.latest("gradient")[B] == 3.0


@pytest.mark.parametrize("width", [0, 3])
def test_norms_of_another_network_are_not_mixed_in(width):
    log = NormLog(2)
    log.extend(Norms("gradient", np.array([1]), np.ones((1, width), np.float32)))
    assert log.quantities == ()


def test_a_history_keeps_norms_and_the_steps_that_were_left_out():
    history = History()
    history.extend([Started("run", ("a",), ((),), 1, 10, 32, "cpu"), Skipped((1, 2))])
    history.extend([Norms("gradient", np.array([3]), np.array([[0.5]], np.float32)), Skipped((4,))])
    assert history.norm_log.values("gradient").tolist() == [[0.5]]
    assert history.skipped == (1, 2, 4)
    assert [type(e) for e in history.events] == [Started]
