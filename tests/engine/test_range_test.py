"""The learning-rate range test: what is read off a curve, and the rates that it finds for real networks."""

from pathlib import Path

import numpy as np
import pytest

from engine.cli import run as cli
from engine.document.files import load
from engine.errors import TrainingError
from engine.recipe.base import Optimizer, Schedule
from engine.training.range_curve import RangeCurve, rates_between
from engine.training.range_test import Over, Point, RangeTest, losses_at
from tests.engine.runs import PATIENCE_SECONDS, code, layer, moons
from tests.laws.scripts import script_of
from tests.laws.special_scripts import gan

EXAMPLES = Path(__file__).parents[2] / "resources" / "examples"
FAMILIES = {"mlp-moons": (1e-3, 0.1), "digits-cnn": (1e-4, 0.05), "regression-diabetes": (1e-3, 0.1)}


def curve_of(losses, low=1e-6, high=10.0) -> RangeCurve:
    curve = RangeCurve()
    for rate, loss in zip(rates_between(low, high, len(losses)), losses):
        if curve.is_diverged:
            break
        curve.add(rate, loss)
    return curve


def falling_then_wild(steps: int = 150) -> list[float]:
    """Flat until 1e-3, down to a third at 1e-1, then away."""
    rates = np.log10(rates_between(1e-6, 10.0, steps))
    falls = 1 / (1 + np.exp(-4 * (rates + 2)))
    return list(1.0 - 0.7 * falls + np.where(rates > -0.5, np.exp(6 * (rates + 0.5)) - 1, 0.0))


def test_the_suggestion_lies_where_the_loss_falls():
    curve = curve_of(falling_then_wild())
    found = curve.suggestion()
    assert curve.is_diverged
    assert 3e-3 < found.steepest < 5e-2
    assert found.steepest < found.least
    assert found.rate == pytest.approx(min(found.steepest, found.least / 10), rel=0.05)


@pytest.mark.parametrize("losses", [[1.0] * 5, [1.0 + 0.1 * k for k in range(60)], [float("nan")] * 60])
def test_a_curve_that_never_falls_suggests_nothing(losses):
    assert curve_of(losses).suggestion() is None


def test_a_loss_that_is_no_number_ends_the_test():
    curve = curve_of([*falling_then_wild()[:40], float("inf"), 1.0])
    assert curve.is_diverged
    assert len(curve.rates) == 40


def test_a_negative_loss_that_goes_on_falling_has_not_run_away():
    assert not curve_of(list(np.linspace(1.0, -20.0, 80))).is_diverged


SPICES = {
    "one cycle": {"schedule": Schedule.registry["OneCycle"]()},
    "plateau and patience": {"schedule": Schedule.registry["Plateau"](patience=0), "patience": 1},
    "accumulated and clipped": {"accumulate": 2, "batch_size": 16, "clip": 1.0},
    "bfloat16": {"precision": "bfloat16"},
    "two optimizers": {"optimizer": Optimizer.registry["Muon"]()},
    "closures": {"optimizer": Optimizer.registry["LBFGS"](max_iter=2)},
}


@pytest.mark.parametrize("spice", SPICES)
def test_every_step_is_made_at_its_own_rate_whatever_the_recipe(spice):
    rates = rates_between(1e-5, 1e-2, 20)
    made = list(losses_at(script_of(moons(layer("Dropout"), **SPICES[spice])), rates, "", 0))
    assert [rate for rate, _ in made] == rates
    assert np.isfinite([loss for _, loss in made]).all()


def test_the_rate_of_one_phase_grows_and_the_other_keeps_its_own():
    source = script_of(gan())
    first, second = (list(losses_at(source, rates_between(1e-6, 1e-1, 20), p, k)) for k, p in enumerate(_PREFIXES))
    assert first[0][1] != second[0][1]
    assert len(first) == len(second) == 20


_PREFIXES = ("discriminator_", "generator_")


@pytest.mark.parametrize("name", FAMILIES)
def test_the_rate_found_for_an_example_is_sane(name):
    given = load(EXAMPLES / f"{name}.netsmith")
    curve, low_high = RangeCurve(), FAMILIES[name]
    for rate, loss in losses_at(script_of(given), rates_between(1e-6, 10.0, 150), "", 0):
        curve.add(rate, loss)
        if curve.is_diverged:
            break
    assert low_high[0] < curve.suggestion().rate < low_high[1]


def test_a_test_in_a_process_tells_every_step_and_that_it_is_over():
    test = RangeTest(moons(), steps=30, high=1e-2)
    test.start()
    assert test.wait(PATIENCE_SECONDS)
    told = test.drain()
    assert [type(t) for t in told] == [Point] * 30 + [Over]
    assert test.is_over
    assert not test.over.message


def test_a_test_that_is_stopped_keeps_what_it_found():
    test = RangeTest(moons(), steps=100_000)
    test.start()
    test.stop()
    assert test.wait(PATIENCE_SECONDS)
    test.drain()
    assert test.is_over
    assert not test.over.message


def test_what_stands_in_the_way_is_told():
    mine = code("def mine(x):\n    return x\n")
    for given, words in ((moons(layer("Conv2d")), "needs"), (moons(mine), "not trusted")):
        test = RangeTest(given)
        test.start()
        assert test.wait(PATIENCE_SECONDS)
        test.drain()
        assert words in test.over.message.lower()


def test_limits_and_phases_that_make_no_sense_are_refused():
    with pytest.raises(TrainingError, match="no phase nobody"):
        RangeTest(moons(), phase="nobody")
    with pytest.raises(TrainingError, match="grow"):
        RangeTest(moons(), low=1.0, high=0.1)


def test_a_rate_is_found_from_the_command_line(capsys):
    assert cli(["find-lr", "mlp-moons", "--device", "cpu"]) == 0
    out = capsys.readouterr()
    assert 1e-3 < float(out.out) < 0.1
    assert "steepest at" in out.err
