"""Keys of the whole window in any order, half of them while something is dragged: every canvas shows its document."""

import os
import random

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gui.snapping import snapping
from tests.gui.canvas_driver import LEFT, PLAIN, SHIFT
from tests.gui.canvas_hands import ALT, agrees
from tests.gui.canvas_odd_hands import OddHands
from tests.gui.window_fixture import hands, open_example  # noqa: F401

SEQUENCES = int(os.environ.get("NETSMITH_SEEDS", "2"))
STEPS = int(os.environ.get("NETSMITH_GESTURES", "30"))
KEYS = (
    *("Ctrl+Z", "Ctrl+Y", "Delete", "Shift+Delete", "Ctrl+X", "Ctrl+C", "Ctrl+V", "Ctrl+D", "Ctrl+G"),
    *("Ctrl+Shift+G", "M", "Ctrl+L", "Ctrl+Shift+L", "R", "Shift+R", "Shift+N", "G", "Shift+F", "Ctrl+A"),
    *("BracketLeft", "BracketRight", "Shift+B", "Shift+A", "Ctrl+I", "Alt+A", "Alt+D", "W", "Shift+W"),
    *("Ctrl+K", "Ctrl+Return", "Ctrl+Backspace", "Ctrl+Backslash", "Ctrl+Alt+Backslash", "Ctrl+T"),
    *("Ctrl+Tab", "Ctrl+Shift+F", "Ctrl+Shift+N", "F2", "Return", "Tab", "Home", "F", "1", "P", "Ctrl+H"),
    *("C", "Ctrl+F", "Ctrl+B"),
)


class Chance:
    """One sequence on one window."""

    def __init__(self, own_hands, seed):
        self.hands, self.rng = own_hands, random.Random(seed)

    def step(self):
        canvas = self.hands.canvas
        if self.rng.random() < 0.5:
            self.in_a_drag(canvas)
        else:
            canvas.surface.setFocus()
            self.press_key(canvas)
        self.put_away()
        assert self.hands.canvas.gestures.tool is None
        agrees(self.hands.canvas, self.hands.canvas.session)

    def in_a_drag(self, canvas):
        viewport, how = canvas.surface.viewport(), self.rng.choice([PLAIN, PLAIN, PLAIN, SHIFT, ALT])
        start = OddHands(canvas, canvas.session, self.rng).anywhere()
        QTest.mousePress(viewport, LEFT, how, start)
        for place in range(3):
            QTest.mouseMove(viewport, start + QPoint(self.rng.randrange(-150, 150), self.rng.randrange(-90, 90)))
            if place == 1:
                self.press_key(canvas)
        QTest.mouseRelease(viewport, LEFT, how, start + QPoint(20, 20))

    def press_key(self, canvas):
        *held, last = self.rng.choice(KEYS).split("+")
        modifiers = PLAIN
        for name in held:
            modifiers |= getattr(Qt.KeyboardModifier, {"Ctrl": "ControlModifier"}.get(name, f"{name}Modifier"))
        QTest.keyClick(QApplication.focusWidget() or canvas.surface, getattr(Qt.Key, f"Key_{last}"), modifiers)

    def put_away(self):
        """Whatever the key has opened."""
        if popup := QApplication.activePopupWidget():
            popup.close()
        for _ in range(2):
            if focused := QApplication.focusWidget():
                QTest.keyClick(focused, Qt.Key.Key_Escape)
        QTest.qWait(0)


@pytest.mark.parametrize("seed", range(SEQUENCES))
def test_keys_in_any_order_leave_every_canvas_in_step(hands, qtlog, seed):  # noqa: F811
    open_example(hands, ["digits-cnn", "mlp-moons"][seed % 2])
    chance = Chance(hands, seed)
    for _ in range(STEPS):
        chance.step()
    snapping.switch(True)
    assert [record.message for record in qtlog.records] == []
