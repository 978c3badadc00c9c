"""Figures and distributions are those of the tensor, and are kept in bounded memory."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.training.look_figures import counted, ends_of, figures_of, histogram_from
from engine.training.looked import (
    FIGURES,
    OCTAVES,
    Histogram,
)
from engine.training.looks import SpreadLog
from tests.engine.looking import by_hand


@given(st.lists(st.floats(width=32), min_size=1, max_size=60))
def test_a_histogram_counts_every_element_once(values):
    x = torch.tensor(values, dtype=torch.float32)
    histogram = histogram_from(counted(x).numpy())
    finite = x[torch.isfinite(x)]
    assert histogram.count == len(values)
    assert histogram.bad == len(values) - len(finite)
    assert histogram.octaves.sum() + histogram.zeros + histogram.bad == len(values)
    if len(finite) and 2.0**-90 < finite.abs().max() < 2.0**90:
        edge = 2.0**histogram.exponent
        seen = finite.double().numpy()
        seen[np.abs(seen) < edge * 2.0**-130] = 0.0  # no float32 is so much smaller than the largest
        np.testing.assert_array_equal(histogram.linear, np.histogram(seen, bins=128, range=(-edge, edge))[0])


@given(st.lists(st.lists(st.floats(-9, 9, width=32), min_size=1, max_size=9), min_size=1, max_size=60))
def test_distributions_over_time_are_bounded_and_lose_nothing(moments):
    log = SpreadLog(most=8)
    for step, values in enumerate(moments):
        log.append(step, histogram_from(counted(torch.tensor(values)).numpy()))
    assert len(log) <= 8
    assert log.steps[0] == 0
    assert sum(h.count for h in log.histograms) == sum(map(len, moments))
    everything = torch.tensor([v for values in moments for v in values])
    total = sum(log.histograms[1:], start=log.histograms[0])
    alone = histogram_from(counted(everything).numpy())
    np.testing.assert_array_equal(total.linear, alone.widened(total.exponent).linear)
    assert log.linear().sum(axis=1) == pytest.approx(1)


@pytest.mark.parametrize("shape", [(7,), (6, 5), (4, 3, 5), (4, 3, 5, 2), (2, 3, 4, 3, 2), ()])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16, torch.int64, torch.bool])
def test_figures_of_every_shape_and_type(shape, dtype):
    x = (torch.randn(shape, generator=torch.Generator().manual_seed(1)) * 3).relu().to(dtype)
    row = dict(zip(FIGURES, figures_of(x).tolist(), strict=False))
    units = {0: 0, 1: 0, 2: 1, 3: 2}.get(x.ndim, 1)
    expected = by_hand(x.double().reshape(shape or (1,)), units=units)
    for name in ("mean", "std", "low", "high", "zeros", "bad", "dead"):
        assert row[name] == pytest.approx(expected[name], rel=1e-2 if dtype is torch.bfloat16 else 1e-4), name


def test_what_squashes_is_known_as_module_and_as_function():
    assert ends_of(torch.nn.Sigmoid()) == (0, 1)
    assert ends_of(None, "x = torch.tanh(x)") == (-1, 1)
    assert ends_of(torch.nn.ReLU(), "x = self.tanh(x)") is None
    assert ends_of(torch.nn.Hardtanh(-2, 2)) == (-2, 2)


def test_a_histogram_keeps_its_elements_in_a_greater_range():
    small = histogram_from(counted(torch.tensor([0.1, -0.2, 0.3])).numpy())
    both = small + Histogram(2, np.zeros(128, np.int64), np.zeros(OCTAVES, np.int64))
    assert both.exponent == 2
    assert both.count == 3
    np.testing.assert_array_equal(both.linear, np.histogram([0.1, -0.2, 0.3], bins=128, range=(-4, 4))[0])
