"""Every command: named once, found everywhere, and safe to press at any time."""

from collections import Counter

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog

from gui.actions import MENUS
from gui.window.command_palette import caps
from tests.gui.window_fixture import hands, open_example  # noqa: F401

LEAVES = {"file.quit"}


def test_every_command_has_a_text_a_menu_and_keys_of_its_own(hands):  # noqa: F811
    commands = hands.window.actions_.commands.values()
    keys = Counter(key for command in commands for key in command.keys)
    assert [key for key, times in keys.items() if times > 1] == []
    assert all(command.text and command.menu in MENUS for command in commands)


def test_every_command_stands_in_its_menu(hands):  # noqa: F811
    for name, command in hands.window.actions_.commands.items():
        menu = hands.window.menus.menus[command.menu]
        places = [menu, *(a.menu() for a in menu.actions() if a.menu() is not None)]
        assert any(hands.window.actions_[name] in place.actions() for place in places), name


def test_a_command_that_cannot_be_done_says_why(hands):  # noqa: F811
    for name, command in hands.window.actions_.commands.items():
        action, reason = hands.window.actions_[name], command.why_not()
        assert action.isEnabled() == (not reason), name
        assert reason in action.toolTip()


def press_everything(hands) -> None:  # noqa: F811
    """Every command once, whatever it opens closed again."""
    for name in hands.window.actions_.commands:
        if name in LEAVES:
            continue
        hands.window.actions_.trigger(name)
        for dialog in hands.window.findChildren(QDialog):
            dialog.reject()
        hands.window.commands.list.close_list()
        hands.canvas.search.list.close_list()
        hands.window.show_desk()


def test_every_command_can_be_pressed_on_an_empty_model(hands, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.chdir(tmp_path)
    press_everything(hands)
    assert hands.window.isVisible()


def test_every_command_can_be_pressed_on_a_whole_network(hands, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.chdir(tmp_path)
    open_example(hands)
    hands.session.select([hands.node("stage")])
    press_everything(hands)
    assert hands.window.isVisible()
    hands.session.runner.close()


def test_undo_names_its_step_and_redo_too(hands):  # noqa: F811
    open_example(hands, "mlp-moons")
    undo, redo = hands.window.actions_["edit.undo"], hands.window.actions_["edit.redo"]
    hands.canvas.add_layer("ReLU")
    hands.window.actions_.refresh()
    assert undo.text() == "Undo Add ReLU"
    hands.shortcut("Ctrl+Z")
    assert redo.text() == "Redo Add ReLU"
    assert not undo.isEnabled()


def test_the_command_palette_finds_a_command_by_some_letters_and_does_it(hands):  # noqa: F811
    hands.shortcut("Ctrl+Shift+P")
    palette = hands.window.commands.list
    assert palette.isVisible()
    hands.write("light")
    assert palette.current is not None
    assert palette.current.title == "Light"
    hands.key("Return")
    assert hands.window.preferences.scheme == "light"
    assert not palette.isVisible()


def test_the_command_palette_keeps_what_cannot_be_done_and_says_why(hands):  # noqa: F811
    hands.shortcut("Ctrl+Shift+P")
    hands.write("ungroup")
    entry = next(e for e in hands.window.commands.list.entries if e.title == "Ungroup")
    assert not entry.enabled
    assert entry.right == "Select a block."
    hands.key("Return")
    assert hands.window.commands.list.isVisible()


def test_the_search_field_adds_a_layer(hands):  # noqa: F811
    field = hands.window.toolbar.search
    hands.click(field)
    hands.write("dropout")
    hands.key("Return")
    assert [n.layer.key for n in hands.session.block.graph.nodes.values()] == ["Dropout"]


def test_keys_of_the_canvas_do_nothing_while_one_types_elsewhere(hands):  # noqa: F811
    open_example(hands, "mlp-moons")
    hands.session.select([next(iter(hands.session.block.graph.nodes))])
    before = hands.session.project
    hands.window.desk.show_part("palette")
    field = hands.window.desk.palette_dock.search
    field.setFocus(Qt.FocusReason.OtherFocusReason)
    QTest.keyClicks(field, "cf1")
    QTest.keyClick(field, Qt.Key.Key_Backspace)
    assert field.text() == "cf"
    assert hands.session.project is before


def test_a_key_is_shown_as_its_caps(hands):  # noqa: F811
    assert caps(hands.window.actions_["file.save_as"].shortcut())[-1] == "S"
    assert caps(hands.window.actions_["view.zoom_in"].shortcut())[-1] == "+"
