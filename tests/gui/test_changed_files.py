"""Files that another program or another window writes while they are open: nothing of theirs is lost unasked."""

import pytest
from PySide6.QtWidgets import QDialog, QPushButton

from engine.document.block_edits import SetMainName
from engine.document.files import load, save
from gui.app import Program
from gui.demo_hands import wait_until
from tests.gui.window_fixture import end, files, hands  # noqa: F401

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def wine(hands, files):  # noqa: F811
    """A file that is open, without changes."""
    hands.window.files.open_path(files[1])
    return files[1]


def name(session):
    return session.project.block().name


def write(path, name):
    """What another program does: the same network, its class called otherwise."""
    save(SetMainName(name)(load(path)), path)


def button(hands, words):  # noqa: F811
    def found():
        return next((b for b in hands.window.findChildren(QPushButton) if b.text() == words and b.isVisible()), None)

    wait_until(found, f"a button says {words}", 10)
    return found()


def test_a_file_that_another_program_changed_is_not_saved_over_unasked(hands, wine):  # noqa: F811
    write(wine, "Theirs")
    hands.session.apply(SetMainName("Mine"))
    hands.shortcut("Ctrl+S")
    button(hands, "Keep editing").click()
    assert (name(hands.session), load(wine).block().name) == ("Mine", "Theirs")
    assert hands.session.file.dirty
    hands.shortcut("Ctrl+S")
    button(hands, "Overwrite it").click()
    wait_until(lambda: not hands.session.file.dirty, "it is saved", 10)
    assert load(wine).block().name == "Mine"


def test_a_file_that_was_written_with_the_same_again_or_is_gone_is_saved_without_a_question(hands, wine):  # noqa: F811
    wine.write_text(wine.read_text())
    for step, new in enumerate(("Mine", "Later")):
        hands.session.apply(SetMainName(new))
        hands.shortcut("Ctrl+S")
        wait_until(lambda: not hands.session.file.dirty, "it is saved", 10)
        assert load(wine).block().name == new
        if not step:
            wine.unlink()
    assert not hands.window.findChildren(QDialog)


def test_a_change_from_outside_is_noticed_and_read_again_in_one_step_of_undo(hands, wine):  # noqa: F811
    before = hands.session.project
    write(wine, "Theirs")
    hands.window.files.noticing.look()
    hands.click(button(hands, "Read it again"))
    assert (name(hands.session), hands.session.file.dirty) == ("Theirs", False)
    hands.session.undo()
    assert hands.session.project is before
    assert hands.session.file.dirty


def test_changes_on_both_sides_are_shown_against_each_other(hands, wine):  # noqa: F811
    hands.session.apply(SetMainName("Mine"))
    write(wine, "Theirs")
    hands.window.files.noticing.look()
    hands.click(button(hands, "Show what differs"))
    assert hands.canvas.changes.is_shown
    assert name(hands.session) == "Mine"


def test_a_file_that_is_open_in_another_window_is_shown_there(qapp, hands, wine):  # noqa: F811
    program = Program(qapp)
    other = program.window
    other.show_desk()
    other.show()
    other.files.open_path(wine)
    assert other.session.file.path is None
    wait_until(hands.window.isActiveWindow, "the window that has it is in front", 10)
    said = []
    other.session.message.connect(lambda text, *_: said.append(text))
    other.files.write(other.session, wine)
    assert said == [f"{wine.name} is open in another window. Choose another name."]
    end(program)


def test_a_click_on_what_a_message_offers_leaves_the_keys_on_the_canvas(hands, wine):  # noqa: F811
    hands.canvas.surface.setFocus()
    write(wine, "Theirs")
    hands.window.files.noticing.look()
    hands.click(button(hands, "Read it again"))
    assert hands.canvas.surface.hasFocus()
