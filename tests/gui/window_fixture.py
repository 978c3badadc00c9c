"""The whole window for tests, with hands that click and type on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from engine.document.files import load, save
from gui.app import Program
from gui.demo_hands import Hands, wait_until
from gui.main_window import MainWindow
from gui.preferences import Preferences
from gui.session import Session
from gui.style import apply
from gui.window.files import EXAMPLES

LARGE = 1440, 900


def new_window(qtbot) -> MainWindow:
    window = MainWindow(Session(), Preferences())
    window.resize(*LARGE)
    window.show()
    qtbot.waitExposed(window)
    return window


def put_away(window: MainWindow) -> None:
    """End what goes on and close the window without its question."""
    for workplace in window.projects.workplaces():
        workplace.session.runner.close()
    if window.isVisible():
        for workplace in window.projects.workplaces():
            session = workplace.session
            wait_until(lambda session=session: not session.background.busy, "the threads are idle")
            session.document.mark_saved()
        window.close()


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Three projects in files of one's own."""
    paths = [tmp_path / f"{name}.netsmith" for name in ("moons", "wine", "digits")]
    for path, example in zip(paths, ("mlp-moons", "wine-mlp", "digits-cnn"), strict=True):
        save(load(EXAMPLES / f"{example}.netsmith"), path)
    return paths


@pytest.fixture
def hands(qtbot, qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hands]:
    """An empty model on the desk of the real window, which hears the keys."""
    monkeypatch.setenv("NETSMITH_REDUCED_MOTION", "1")
    apply(qapp)
    window = new_window(qtbot)
    window.show_desk()
    hands = Hands(window)
    hands.take()
    yield hands
    put_away(window)
    window.deleteLater()


@pytest.fixture
def program(qtbot, qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[Program]:
    """The whole program, with its first window on the desk."""
    monkeypatch.setenv("NETSMITH_REDUCED_MOTION", "1")
    program = Program(qapp)
    program.window.show_desk()
    program.window.show()
    yield program
    end(program)


def end(program: Program) -> None:
    """Put away what it has open and let it go."""
    for window in [*program.others, program.window]:
        put_away(window)
        window.deleteLater()
    program.deleteLater()


def open_example(hands: Hands, name: str = "digits-cnn") -> None:
    """An example on the desk, its shapes known."""
    hands.window.files.open_example(EXAMPLES / f"{name}.netsmith")
    hands.settle()
