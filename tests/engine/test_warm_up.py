"""What is done before anybody waits leaves no trace in what is drawn at random."""

import sys

import torch

from engine.analysis.warm_up import LATE, warm_up


def test_warming_up_imports_what_comes_late_and_draws_no_random_number():
    before = torch.get_rng_state()
    warm_up()
    assert torch.equal(before, torch.get_rng_state())
    assert LATE in sys.modules
