"""What comes back with the next start: the files of every window, split views, and the blocks that were on screen."""

import pytest
from PySide6.QtWidgets import QApplication

from engine.document.files import load, save
from gui.app import Program
from gui.demo_hands import Hands, wait_until
from gui.preferences import Preferences
from tests.gui.window_fixture import files, put_away  # noqa: F401


@pytest.fixture
def start(qtbot, qapp: QApplication, monkeypatch: pytest.MonkeyPatch):
    """Starts the program as if anew, without its welcome page."""
    monkeypatch.setenv("NETSMITH_REDUCED_MOTION", "1")
    Preferences().welcome = False
    started = []

    def begin() -> Program:
        program = Program(qapp)
        started.append(program)
        program._reopen()
        program.window.show_desk()
        program.window.show()
        return program

    yield begin
    for program in started:
        for window in [*program.others, program.window]:
            put_away(window)
        program.deleteLater()


def quit_all(program: Program) -> None:
    """As the command does it, with nothing left to ask about."""
    for session in program.sessions():
        wait_until(lambda session=session: not session.background.busy, "the threads are idle")
        session.document.mark_saved()
    program.window.actions_.trigger("file.quit")


def blocks(window) -> list[str]:
    return [canvas.session.block.name for canvas in window.desk.canvases.all()]


def names(window) -> list[str]:
    return [face.name for face in window.tabs.faces]


def test_a_split_view_comes_back_with_the_block_on_each_side_and_the_side_in_use(start, files):  # noqa: F811
    program = start()
    hands = Hands(program.window)
    hands.take()
    program.window.files.open_path(files[2])
    hands.settle()
    hands.select("stage")
    hands.shortcut("Ctrl+Alt+Return")
    assert blocks(program.window) == ["DigitsCNN", "ResidualBlock"]
    hands.shortcut("Ctrl+Alt+\\")
    quit_all(program)
    again = start().window
    assert blocks(again) == ["DigitsCNN", "ResidualBlock"]
    assert again.desk.canvas is again.desk.canvases.all()[0]
    assert again.session.block.name == "DigitsCNN"


def test_a_tab_that_nobody_looked_at_keeps_its_split_for_the_start_after(start, files):  # noqa: F811
    program = start()
    hands = Hands(program.window)
    hands.take()
    program.window.files.open_path(files[2])
    hands.settle()
    hands.shortcut("Ctrl+\\")
    program.window.files.open_path(files[0])
    quit_all(program)
    quit_all(start())  # the moons are in front, the digits are not read
    again = start().window
    assert len(again.desk.canvases.all()) == 1
    again.projects.bring(0)
    assert again.session.file.path == files[2]
    assert blocks(again) == ["DigitsCNN", "DigitsCNN"]


def test_a_block_that_is_gone_from_the_file_is_not_looked_into(start, files):  # noqa: F811
    program = start()
    hands = Hands(program.window)
    program.window.files.open_path(files[2])
    hands.settle()
    hands.session.enter(hands.node("stage"))
    quit_all(program)
    save(load(files[0]), files[2])
    again = start().window
    assert again.session.path == ()
    assert again.session.project == load(files[0])


def test_every_window_comes_back_with_its_own_tabs(start, files):  # noqa: F811
    program = start()
    program.window.files.open_path(files[0])
    second = program.open_window()
    second.files.open_path(files[1])
    second.files.open_path(files[2])
    quit_all(program)
    again = start()
    (other,) = again.others
    assert names(again.window) == ["moons"]
    assert names(other) == ["wine", "digits"]


def test_a_window_that_was_closed_while_others_stayed_does_not_come_back(start, files):  # noqa: F811
    program = start()
    program.window.files.open_path(files[0])
    second = program.open_window()
    second.files.open_path(files[1])
    wait_until(lambda: not second.session.background.busy, "the threads are idle")
    second.close()
    quit_all(program)
    again = start()
    assert again.others == []
    assert names(again.window) == ["moons"]
