"""A run that met a number that is none: the card says which node, and its button what that was given."""

import numpy as np
import pytest

from engine.training.bad import BadInput, BadNode
from engine.training.events import Failed
from gui.dialogs.bad_inputs import BadInputsDialog
from gui.preferences import Preferences
from gui.session import Session
from gui.window.bottom import Bottom
from gui.window.later import Making

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

GIVEN = BadInput("input 1", (32, 16), "float32", float("nan"), -0.5, 2.0, 3, np.arange(32))
BAD = BadNode(
    (("main", "n1"), ("stage", "n2")), "stage.1.norm1", "backward", (GIVEN,), "/runs/1/bad-step-7.safetensors"
)


def test_the_card_offers_the_inputs_and_its_button_shows_them(qtbot, session: Session):
    bottom = Bottom(session, Preferences(), Making(session))
    qtbot.addWidget(bottom)
    panel = bottom._make_training()
    qtbot.addWidget(panel)
    session.runner.events.emit([Failed("The loss is not a finite number at step 7.", "", bad=BAD)])
    (button,) = panel.card.buttons()
    assert button.text() == "Show the inputs"
    button.click()
    dialog = bottom.window().findChild(BadInputsDialog)
    assert dialog is not None
    assert dialog.windowTitle() == "Inputs of stage.1.norm1"
    item = dialog.tree.topLevelItem(0)
    assert [item.text(c) for c in range(7)] == ["input 1", "32 × 16", "float32", "3", "−0.5", "2", "NaN"]
    dialog.reject()
    session.runner.events.emit([Failed("There is not enough memory for a step.")])
    assert not panel.card.buttons()
