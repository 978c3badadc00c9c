"""Fewer points than pixels, axes that a person would choose, and numbers as the look writes them."""

import numpy as np
import pytest

from gui.plots.axis import reading, scientific, value_axis
from gui.plots.thinning import breaks, envelope, means

STEPS = np.arange(400.0)


def test_a_short_column_is_drawn_as_it_is():
    xs, ys = envelope(STEPS, STEPS * 2, (0, 400), 300)
    assert np.array_equal(xs, STEPS)
    assert np.array_equal(ys, STEPS * 2)


def test_a_million_points_come_down_to_two_per_column_and_lose_no_spike():
    x, y = np.arange(1_000_000.0), np.ones(1_000_000)
    y[777_777], y[3] = 50, -7
    xs, ys = envelope(x, y, (0, 1e6), 500)
    assert len(xs) <= 2 * 500 + 2
    assert (ys.max(), ys.min()) == (50, -7)
    assert abs(xs[np.argmax(ys)] - 777_777) < 1e6 / 500


def test_values_that_are_not_finite_hide_no_neighbour_and_break_the_line_only_where_all_are():
    y = np.ones(10_000)
    y[5], y[4000:6000], y[9000] = np.nan, np.nan, np.inf
    xs, ys = envelope(np.arange(10_000.0), y, (0, 10_000), 100)
    assert np.isfinite(ys[0])
    assert np.isnan(ys[(xs > 4200) & (xs < 5800)]).all()
    assert np.isfinite(ys[xs > 6200]).all()


def test_only_the_span_that_is_shown_is_thinned_and_the_line_runs_on_beyond_it():
    xs, _ = envelope(np.arange(100_000.0), np.zeros(100_000), (500, 600), 300)
    assert xs[0] < 500
    assert xs[-1] > 600
    assert len(xs) < 110


def test_a_smooth_column_keeps_its_ends_and_its_mean():
    x, y = np.arange(100_000.0), np.linspace(3, 1, 100_000)
    xs, ys = means(x, y, (0, 1e5), 200)
    assert len(xs) <= 200
    assert (xs[0], ys[0], xs[-1], ys[-1]) == (0, 3, 99_999, 1)
    assert np.interp(xs[1:-1], x, y) == pytest.approx(ys[1:-1])


@pytest.mark.parametrize("length", [0, 1, 2])
def test_a_column_of_next_to_nothing_is_thinned_to_itself(length):
    xs, ys = envelope(STEPS[:length], STEPS[:length], (0, 400), 10)
    assert len(xs) == len(ys) == length


def test_a_break_is_where_a_column_stops_being_finite():
    y = np.ones(100)
    y[10:20], y[50] = np.nan, np.inf
    assert [step for step, _ in breaks(np.arange(100.0), y, 9)] == [10, 50]
    assert breaks(STEPS, STEPS, 9) == []
    assert breaks(STEPS, np.full(400, 1e308), 9) == []


# Axes and numbers


@pytest.mark.parametrize(
    ("least", "most", "labels"),
    [
        (0.012, 0.95, ["1", "0.1", "0.01"]),
        (0.81, 0.97, ["0.8", "0.9", "1.0"]),
        (1e-5, 0.9, ["1", "0.01", "1e-4"]),
        (0.15, 1.1, ["0", "1", "2"]),
        (0.1, 1.9, ["0.1", "0.5", "2"]),
        (-3, 4, ["-5", "0", "5"]),
        (12_000, 31_000, ["0", "20,000", "40,000"]),
    ],
)
def test_an_axis_has_three_labels_that_a_person_would_choose(least, most, labels):
    axis = value_axis(least, most, least > 0)
    said = [label for _, label in axis.ticks]
    assert sorted(said, key=lambda text: float(text.replace(",", ""))) == sorted(
        labels, key=lambda text: float(text.replace(",", ""))
    )
    low, high = (10**axis.low, 10**axis.high) if axis.log else (axis.low, axis.high)
    assert low <= least * (1 + 1e-9)
    assert high >= most * (1 - 1e-9)


@pytest.mark.parametrize("value", [0.0, 1.0, -2.5, 1e-12, 1e12])
def test_an_axis_for_a_single_value_has_room_around_it(value):
    axis = value_axis(value, value, value > 0)
    assert axis.low <= value <= axis.high
    assert axis.high > axis.low


def test_the_axis_is_logarithmic_only_over_more_than_a_decade_of_positives():
    assert value_axis(0.01, 1, True).log
    assert not value_axis(0.2, 1, True).log
    assert not value_axis(-1, 100, False).log


def test_numbers_are_written_as_the_look_says():
    assert [scientific(v) for v in (0.0312, 1.0, np.nan, np.inf, -np.inf)] == ["3.1e-2", "1.0", "NaN", "Inf", "−Inf"]
    assert [reading(v) for v in (0.14349, 12.44, 2112.4, 3.1e-5)] == ["0.143", "12.4", "2,112", "3.1e-5"]
