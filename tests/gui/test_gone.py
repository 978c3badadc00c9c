"""What was asked of a thread for a view that is closed meanwhile is told to nobody, and nothing fails."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from shiboken6 import isValid

from gui.demo_hands import Hands, wait_until
from gui.dialogs.picture import PictureDialog
from tests.gui.test_dialogs import choose
from tests.gui.test_split import sides  # noqa: F401
from tests.gui.window_fixture import hands, open_example  # noqa: F401


def look_at_the_other_side(hands: Hands) -> None:  # noqa: F811
    """Leave the block at the right and select a layer; nothing is worked out from now on."""
    hands.session.leave()
    hands.settle()
    hands.canvas.stand_at(hands.canvas.drawing.rect(hands.node("head")).center(), 1.0)
    hands.select("head")
    hold(hands)


def hold(hands: Hands) -> None:  # noqa: F811
    """Let nothing be worked out any more."""
    wait_until(lambda: not hands.session.background.busy and not hands.session.analysing, "all is known", 60)
    hands.session.background.hold()


def go_on(hands: Hands, gone: object) -> None:  # noqa: F811
    """Once a view is gone, work out what it asked for."""
    wait_until(lambda: not isValid(gone), "it is gone", 10)
    assert hands.session.background.busy
    hands.session.background.release()
    wait_until(lambda: not hands.session.background.busy, "all is worked out", 60)


@pytest.mark.parametrize("keys", ["Ctrl+K", "W", "Shift+W", "Tab"])
def test_a_list_whose_canvas_is_closed_waits_for_nothing(hands, sides, keys):  # noqa: F811
    look_at_the_other_side(hands)
    right = hands.canvas
    hands.shortcut(keys)
    wait_until(lambda: hands.session.background.busy, "the list asks", 10)
    hands.window.desk.canvases.close_side(right)
    go_on(hands, right)


def test_a_wire_in_the_hand_whose_canvas_is_closed_waits_for_nothing(hands, sides):  # noqa: F811
    look_at_the_other_side(hands)
    right, viewport = hands.canvas, hands.canvas.surface.viewport()
    start = right.port_point(hands.node("head"), "out", "out")
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=start)
    for step in range(1, 5):
        QTest.mouseMove(viewport, start + QPoint(12, 12) * step)
    wait_until(lambda: hands.session.background.busy, "the wire asks", 10)
    hands.window.desk.canvases.close_side(right)
    go_on(hands, right)


def test_a_picture_whose_dialog_is_left_is_not_drawn(hands):  # noqa: F811
    open_example(hands)
    hold(hands)
    hands.window.actions_.trigger("file.picture")
    dialog = hands.dialog(PictureDialog)
    choose(dialog.levels, 9)
    wait_until(lambda: hands.session.background.busy, "the dialog asks", 10)
    hands.click(dialog.leave)
    go_on(hands, dialog)
