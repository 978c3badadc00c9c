"""The menu of a tab, by the right button and by keys, and what stands in it."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.document.block_edits import SetRecipe
from gui.demo_hands import Hands
from gui.dialogs.base import Dialog
from tests.gui.test_tabs import front, middle, names, open_all, press
from tests.gui.window_fixture import files, hands  # noqa: F401


def menu_of(hands: Hands) -> dict[str, QAction]:  # noqa: F811
    menu = hands.window.context_menu.menu
    assert menu is not None
    assert menu.isVisible()
    return {action.objectName(): action for action in menu.actions() if not action.isSeparator()}


def test_the_right_button_on_a_tab_opens_its_menu_and_closes_the_others(hands, files):  # noqa: F811
    open_all(hands, files)
    bar = hands.window.tabs
    at = middle(bar, 0)
    QTest.mouseClick(bar, Qt.MouseButton.RightButton, pos=at)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, bar.mapToGlobal(at))
    QApplication.sendEvent(bar, event)
    assert front(hands) == "moons"
    actions = menu_of(hands)
    actions["file.copy_path"].trigger()
    assert QApplication.clipboard().text() == str(files[0])
    hands.session.apply(SetRecipe("epochs", 7))  # the one that stays is not asked for
    actions["file.close_others"].trigger()
    assert names(hands) == ["moons"]
    assert hands.session.file.dirty
    hands.window.context_menu.menu.close()


def test_closing_the_others_asks_once_and_keeps_all_when_it_is_left(hands, files):  # noqa: F811
    open_all(hands, files)
    for index in (1, 2):
        hands.window.projects.bring(index)
        hands.session.apply(SetRecipe("epochs", 7))
    hands.window.projects.bring(0)
    hands.window.actions_.trigger("file.close_others")
    press(hands.dialog(Dialog), "Keep editing")
    assert len(names(hands)) == len(files)
    hands.window.actions_.trigger("file.close_others")
    press(hands.dialog(Dialog), "Discard changes")
    assert names(hands) == ["moons"]


def test_the_key_for_menus_opens_that_of_the_tab_that_is_heard(hands, files):  # noqa: F811
    open_all(hands, files[:2])
    bar = hands.window.tabs
    bar.setFocus()
    hands.key("Shift+F10")
    assert "file.close_others" in menu_of(hands)
    assert front(hands) == files[1].stem
    hands.window.context_menu.menu.close()
