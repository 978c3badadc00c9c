"""A learning rate is looked for in the real window, and set as one step."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.document.block_edits import SetRecipe
from engine.recipe.base import Schedule
from gui.demo_hands import Hands, wait_until
from gui.dialogs.rate_range import RateRangeDialog, edit_of

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
