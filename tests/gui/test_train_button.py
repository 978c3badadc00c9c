"""The Train button under the recipe."""

from gui.window.bottom import TRAINING
from tests.gui.window_fixture import hands  # noqa: F401


def test_the_button_says_why_an_empty_model_cannot_be_trained(hands):  # noqa: F811
    hands.window.desk.show_part("bottom")
    hands.window.desk.bottom.prepare()
    panel = hands.window.desk.bottom.page(TRAINING)
    hands.click(panel.recipe.train)
    assert "no layers" in hands.window.toasts.shown()[-1].accessibleName()
    assert not hands.session.runner.active
