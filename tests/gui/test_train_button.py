"""The Train button under the recipe."""

from itertools import pairwise

from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox

from engine.document.block_edits import SetRecipe
from gui.demo_hands import wait_until
from gui.window.bottom import RECIPE, TRAINING
from tests.gui.window_fixture import hands, open_example  # noqa: F401


def test_the_button_says_why_an_empty_model_cannot_be_trained(hands):  # noqa: F811
    hands.window.desk.show_part("bottom")
    hands.window.desk.bottom.prepare()
    panel = hands.window.desk.bottom.page(TRAINING)
    hands.click(panel.recipe.train)
    assert "no layers" in hands.window.toasts.shown()[-1].accessibleName()
    assert not hands.session.runner.active


def test_the_name_of_the_data_is_whole_in_a_small_window(hands):  # noqa: F811
    hands.window.resize(1280, 720)
    open_example(hands, "mlp-moons")
    hands.window.desk.bottom.show_tab(RECIPE)
    panel = hands.window.desk.bottom.page(RECIPE)
    combo = panel.forms["Data"].editors["dataset"].findChild(QComboBox)
    option = QStyleOptionComboBox()
    combo.initStyleOption(option)
    part = QStyle.SubControl.SC_ComboBoxEditField
    room = combo.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, combo).width()
    assert combo.currentText() == "Two moons"
    assert combo.fontMetrics().horizontalAdvance(combo.currentText()) <= room


def test_figures_of_a_long_run_in_a_small_window_push_nothing_away(hands):  # noqa: F811
    window = hands.window
    window.resize(1280, 720)
    open_example(hands, "mlp-moons")
    hands.session.apply(SetRecipe("epochs", 100_000))
    hands.settle()
    hands.shortcut("F5")
    facts = window.desk.bottom.facts
    wait_until(lambda: facts.loss.text() and facts.step.text() and facts.score.text(), "there are figures")
    every = (facts.loss, facts.score, facts.step, facts.speed, facts.rate, facts.steer)

    def stand_apart() -> bool:
        shown = [part for part in every if part.isVisible()]
        return all(a.geometry().right() < b.geometry().left() for a, b in pairwise(shown))

    wait_until(stand_apart, "none lies over another", 10)
    assert facts.loss.isVisible()
    assert facts.steer.isVisible()
    desk = window.desk
    assert desk.across.mapTo(desk, desk.right.geometry().bottomRight()).x() < desk.width()
    hands.shortcut("Shift+F5")
