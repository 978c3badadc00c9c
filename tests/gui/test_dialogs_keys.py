"""Keys of one's own: given, taken from another command, kept, and given back."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest

from gui.dialogs.keys import KeysDialog
from gui.dialogs.shortcuts import ShortcutsDialog
from gui.preferences import Preferences
from gui.widgets import KeyCap
from tests.gui.window_fixture import hands, open_example  # noqa: F401


def opened(hands) -> KeysDialog:  # noqa: F811
    hands.window.actions_.trigger("help.keys")
    return hands.dialog(KeysDialog)


def press(dialog, key, modifiers=Qt.KeyboardModifier.ControlModifier) -> None:
    dialog.keys.clear()
    QTest.keyClick(dialog.keys, key, modifiers)
    QTest.keyClick(dialog.take, Qt.Key.Key_Space)


def test_keys_that_are_pressed_do_the_command_from_then_on(hands):  # noqa: F811
    open_example(hands, "mlp-moons")
    dialog = opened(hands)
    dialog.choose("graph.arrange")
    press(dialog, Qt.Key.Key_J)
    dialog.reject()
    assert hands.window.actions_["graph.arrange"].shortcut() == QKeySequence("Ctrl+J")
    assert Preferences().keys == {"graph.arrange": "Ctrl+J"}
    before = hands.session.document.undo_label
    hands.shortcut("Ctrl+J")
    assert (before, hands.session.document.undo_label) == (None, "Arrange")


def test_keys_that_another_command_has_are_taken_from_it_with_a_word(hands):  # noqa: F811
    dialog = opened(hands)
    dialog.choose("graph.frame")
    dialog.keys.setKeySequence(QKeySequence("Ctrl+L"))
    assert dialog.said.text() == "Arrange has these keys, and would have none."
    QTest.keyClick(dialog.take, Qt.Key.Key_Space)
    assert hands.window.actions_["graph.arrange"].shortcut().isEmpty()
    dialog.choose("graph.arrange")
    QTest.keyClick(dialog.own, Qt.Key.Key_Space)
    assert hands.window.actions_["graph.arrange"].shortcut() == QKeySequence("Ctrl+L")
    assert hands.window.actions_["graph.frame"].shortcut().isEmpty()
    dialog.choose("graph.frame")
    QTest.keyClick(dialog.own, Qt.Key.Key_Space)
    assert hands.window.actions_["graph.frame"].shortcut() == QKeySequence("Ctrl+Shift+F")
    assert Preferences().keys == {}


def test_commands_are_found_by_words_and_by_keys(hands):  # noqa: F811
    dialog = opened(hands)
    for text, name in (("arrange folded", "graph.arrange_folded"), ("f5 train", "train.start")):
        dialog.search.setText(text)
        assert name in [n for n, item in dialog.items.items() if not item.isHidden()]
        assert len([n for n, item in dialog.items.items() if not item.isHidden()]) < 5


def test_the_sheet_shows_the_keys_of_now_and_leads_to_changing_them(hands):  # noqa: F811
    hands.window.actions_.set_keys("graph.arrange", "Ctrl+J")
    hands.window.actions_.trigger("help.shortcuts")
    sheet = hands.dialog(ShortcutsDialog)
    assert "Key Ctrl+J" in [label.accessibleName() for label in sheet.findChildren(KeyCap)]
