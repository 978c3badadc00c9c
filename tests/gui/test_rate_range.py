"""A learning rate is looked for in the real window, and set as one step."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.document.block_edits import SetRecipe
from engine.recipe.base import Schedule
from gui.demo_hands import Hands, wait_until
from gui.dialogs.rate_range import RateRangeDialog, edit_of
from gui.plots.parallel import written
from gui.plots.rate import round_losses

# ruff: noqa: F811
from tests.gui.window_fixture import hands, open_example  # noqa: F401

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def test_a_rate_is_found_while_the_window_is_free_and_set_as_one_step(hands: Hands) -> None:
    open_example(hands, "mlp-moons")
    session = hands.window.session
    before = session.project
    hands.window.actions_.refresh()
    hands.window.actions_.trigger("train.find_rate")
    dialog = hands.dialog(RateRangeDialog)
    assert not dialog.apply.isEnabled()
    wait_until(lambda: dialog.test is not None and dialog.test.is_over and dialog.apply.isEnabled(), "it is over", 120)
    assert 1e-3 < dialog.found.rate < 0.1
    assert f"{dialog.found.rate:g}" in dialog.apply.text()
    rate = dialog.found.rate
    QTest.mouseClick(dialog.apply, Qt.MouseButton.LeftButton)
    assert session.project.recipe.optimizer.lr == rate
    session.undo()
    assert session.project is before


def test_it_can_be_stopped_and_left(hands: Hands) -> None:
    open_example(hands, "digits-cnn")
    hands.window.actions_.refresh()
    hands.window.actions_.trigger("train.find_rate")
    dialog = hands.dialog(RateRangeDialog)
    QTest.mouseClick(dialog.stop, Qt.MouseButton.LeftButton)
    wait_until(lambda: dialog.test.is_over, "it is over", 60)
    test = dialog.test
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert test.wait(60)


def test_the_highest_rate_of_a_schedule_follows(hands: Hands) -> None:
    open_example(hands, "mlp-moons")
    project = SetRecipe("schedule", Schedule.registry["OneCycle"]())(hands.window.session.project)
    changed = edit_of(project, 0.02)(project)
    assert changed.recipe.optimizer.lr == changed.recipe.schedule.max_lr == 0.02


@pytest.mark.parametrize(("low", "high"), [(0.0262, 1.33), (0.0, 1.0), (2.301, 2.312), (-3.0, 950.0)])
def test_losses_are_labelled_at_round_numbers_within_the_limits(low: float, high: float) -> None:
    marks = round_losses(low, high)
    assert 2 <= len(marks) <= 5
    assert low <= marks[0] <= marks[-1] <= high
    assert all(len(f"{abs(mark):.4g}".replace(".", "").strip("0")) <= 4 for mark in marks)


def test_limits_of_an_axis_are_written_whole_or_in_three_figures() -> None:
    assert [written(v) for v in (64.0, 1024.0, 0.00317, 1.2e-5)] == ["64", "1,024", "0.00317", "1.2e-5"]
