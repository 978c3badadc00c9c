"""What comes back with the next start: the files of every window, split views, and the blocks that were on screen."""

import pytest
from PySide6.QtWidgets import QApplication

from engine.document.files import load, save
from gui.app import Program
from gui.demo_hands import Hands, wait_until
from gui.preferences import Preferences
from tests.gui.window_fixture import end, files  # noqa: F401


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
        end(program)


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


def close(*windows) -> None:
    for window in windows:
        wait_until(lambda session=window.session: not session.background.busy, "the threads are idle")
        window.close()


def three_windows(program: Program, files) -> list:  # noqa: F811
    windows = [program.window, program.open_window(), program.open_window()]
    for window, path in zip(windows, files, strict=True):
        window.files.open_path(path)
    return windows


def test_windows_that_are_closed_one_soon_after_another_all_come_back(start, files):  # noqa: F811
    program = start()
    first, second, third = three_windows(program, files)
    close(second, first, third)
    again = start()
    assert [names(window) for window in [again.window, *again.others]] == [["wine"], ["moons"], ["digits"]]


def test_a_window_that_was_closed_long_before_the_last_ones_stays_away(start, files):  # noqa: F811
    program = start()
    first, second, third = three_windows(program, files)
    moment = 100.0
    program.preferences.clock = lambda: moment
    close(second)
    moment += 60
    close(first)
    moment += 20
    close(third)
    again = start()
    assert [names(window) for window in [again.window, *again.others]] == [["moons"], ["digits"]]


def test_windows_come_back_where_they_stood(start, files):  # noqa: F811
    program = start()
    program.window.files.open_path(files[0])
    second = program.open_window()
    second.files.open_path(files[1])
    program.window.setGeometry(20, 40, 950, 700)  # wider than the screen of tests, which Qt does not allow again
    second.setGeometry(30, 60, 950, 600)
    quit_all(program)
    again = start()
    (other,) = again.others
    assert again.window.geometry().height() == 700
    assert other.geometry().height() == 600


def looks(window) -> list[tuple[str, float, float, float]]:
    """Block, place and zoom of every side."""
    found = []
    for canvas in window.desk.canvases.all():
        centre = canvas.surface.centre
        found.append((canvas.session.block.name, round(centre.x()), round(centre.y()), round(canvas.zoom, 3)))
    return found


def split_unevenly(window) -> None:
    """The residual network at the left, its block at the right, each looked at from somewhere else than at first."""
    hands = Hands(window)
    hands.take()
    hands.settle()
    hands.select("stage")
    hands.shortcut("Ctrl+Alt+Return")
    left, right = window.desk.canvases.all()
    splitter = window.desk.canvases.splitter
    splitter.setSizes([300, splitter.width() - 300])
    left.surface.look_at(left.drawing.rect(next(iter(left.drawing.faces))).center(), 1.4)
    right.surface.look_at(right.drawing.rect(next(iter(right.drawing.faces))).center(), 0.8)


def test_each_side_comes_back_as_wide_as_near_and_at_the_same_place(start, files):  # noqa: F811
    program = start()
    program.window.files.open_path(files[2])
    split_unevenly(program.window)
    before, wide = looks(program.window), program.window.desk.canvases.splitter.sizes()
    quit_all(program)
    again = start().window
    wait_until(lambda: again.desk.canvases.splitter.sizes() == wide, "the sides have their widths", 10)
    assert looks(again) == before


def test_a_tab_that_is_closed_and_opened_again_is_seen_as_it_was(start, files):  # noqa: F811
    program = start()
    program.window.files.open_path(files[0])
    program.window.files.open_path(files[2])
    split_unevenly(program.window)
    before = looks(program.window)
    hands = Hands(program.window)
    hands.shortcut("Ctrl+W")
    assert names(program.window) == ["moons"]
    hands.shortcut("Ctrl+Shift+T")
    assert names(program.window) == ["moons", "digits"]
    hands.settle()
    assert looks(program.window) == before
