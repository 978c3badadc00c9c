"""A curve of any length is read at the cost of what is drawn, and loses neither its ends nor a spike."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.training.curve_log import FOLD, CurveLog, averaged

VALUES = st.floats(-1e6, 1e6, width=32) | st.sampled_from([math.nan, math.inf, -math.inf])
SIZES = st.lists(st.integers(0, 200), max_size=20)


def filled(values, most, sizes):
    """A log that got its values in pieces."""
    log, start = CurveLog(most), 0
    for size in [*sizes, len(values)]:
        piece = values[start : start + size]
        log.append(np.arange(start, start + len(piece)), piece)
        start += len(piece)
    return log


@settings(max_examples=60, deadline=None)
@given(st.lists(VALUES, max_size=600), SIZES, st.integers(1, 64), st.integers(1, 400))
def test_every_level_says_least_most_and_mean_of_what_it_stands_for(values, sizes, most, least):
    y = np.array(values, np.float64)
    log = filled(y, most, sizes)
    shown = log.stretch(least=least)
    assert len(log) == len(y)
    edges = [*shown.x.astype(int), len(y)]
    assert edges[0] == 0 or not len(y)
    for place, (begin, end) in enumerate(pairwise(edges)):
        finite = y[begin:end][np.isfinite(y[begin:end])]
        assert shown.count[place] == len(finite)
        if len(finite):
            assert shown.low[place] == np.float32(finite.min())
            assert shown.high[place] == np.float32(finite.max())
            assert shown.mean[place] == pytest.approx(finite.mean(), rel=1e-6, abs=1e-6)
        else:
            assert np.isnan(shown.mean[place])


@settings(max_examples=60, deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=300), SIZES, st.data())
def test_a_part_is_what_the_whole_is_there_with_a_neighbour_on_either_side(values, sizes, data):
    log = filled(np.array(values), 1 << 16, sizes)
    low = data.draw(st.integers(0, len(values) - 1))
    high = data.draw(st.integers(low, len(values) - 1))
    part = log.stretch(low, high)
    assert part.stride == 1
    assert part.x.tolist() == list(range(low, min(high + 2, len(values))))


def test_memory_is_bounded_and_the_ends_are_as_they_came():
    log = CurveLog(most=1000)
    for start in range(0, 400_000, 1000):
        log.append(np.arange(start, start + 1000), np.arange(start, start + 1000) / 7)
    assert (log.first, log.last) == ((0.0, 0.0), (399_999.0, 399_999 / 7))
    whole = log.stretch()
    assert len(whole.x) <= 1000 + 2 * FOLD
    assert sum(level.kept for level in log._levels) < 3000
    assert whole.count.sum() == len(log) == 400_000
    assert log.at(-1) is None
    assert log.at(399_999) == 399_999 / 7
    assert log.at(200_000) == pytest.approx(200_000 / 7, abs=whole.stride)


def test_a_spike_of_one_step_is_in_what_is_drawn():
    y = np.zeros(100_000)
    y[67_890] = 5.0
    shown = CurveLog.of(np.arange(len(y)), y).stretch(0, len(y), 100)
    assert 100 <= len(shown.x) <= 100 * FOLD + 2
    assert shown.high.max() == 5.0
    assert shown.x[shown.high.argmax()] == pytest.approx(67_890, abs=shown.stride)


def test_the_first_values_that_are_not_finite_are_named_once_each():
    log = CurveLog()
    log.append([1, 2, 3], [0.5, math.nan, math.nan])
    log.append([4, 5, 6], [math.nan, 1.0, math.inf])
    assert [x for x, _ in log.breaks] == [2.0, 6.0]
    assert math.isnan(log.breaks[0][1])
    assert log.breaks[1][1] == math.inf


@settings(max_examples=40, deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=100), st.floats(0.01, 0.999))
def test_the_average_of_single_values_is_the_exponential_one_without_bias(values, keep):
    y = np.array(values)
    log = CurveLog.of(np.arange(len(y)), y)
    _, smooth = log.smoothed(-math.inf, math.inf, 1 << 20, keep)
    for place in range(len(y)):
        past = y[: place + 1]
        finite = np.isfinite(past)
        # NaN counts for nothing: the others keep the weights they would have without it.
        weights = keep ** np.arange(finite.sum() - 1, -1, -1)
        expected = (weights * past[finite]).sum() / weights.sum() if finite.any() else math.nan
        assert smooth[place] == pytest.approx(expected, rel=1e-5, abs=1e-3, nan_ok=True)


def test_an_average_zoomed_into_is_that_of_the_whole():
    rng = np.random.default_rng(0)
    log = CurveLog.of(np.arange(5000), rng.random(5000))
    xs, whole = log.smoothed(-math.inf, math.inf, 1 << 20, 0.98)
    part_x, part = log.smoothed(3000, 3100, 1 << 20, 0.98)
    begin = int(np.searchsorted(xs, part_x[0]))
    assert np.allclose(part, whole[begin : begin + len(part)], rtol=1e-2)


def test_an_average_over_groups_is_close_to_that_over_values():
    y = np.sin(np.arange(4096) / 200)
    each = averaged(y, np.ones(len(y), int), 0.99)
    groups = averaged(y.reshape(-1, 16).mean(axis=1), np.full(256, 16), 0.99)
    assert np.abs(groups - each[15::16]).max() < 0.05


def test_columns_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match=r"one length.*\(2,\) and \(3,\)"):
        CurveLog().append([1, 2], [1, 2, 3])
