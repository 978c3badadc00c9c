"""What is closed is gone: nothing keeps a project, a window, a side, a dialog or a run that nobody can see any more."""

import gc
import weakref
from collections import Counter
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QDialog

from engine.document.edits import AddNode, SetParam
from engine.layers import Layer
from gui.app import Program
from gui.demo_hands import Hands, wait_until
from gui.main_window import MainWindow
from gui.window.workplace import Workplace
from tests.gui.window_fixture import files, hands, open_example, program  # noqa: F401

L = Layer.registry
DIALOGS = ("file.save_as", "file.export", "file.picture", "file.preferences", "graph.module", "help.shortcuts",
           "help.keys", "help.pages", "help.about")  # fmt: skip


class Watched:
    """Objects that are expected to go, by name."""

    def __init__(self, **watched: object) -> None:
        self._watched = {name: weakref.ref(each) for name, each in watched.items()}

    def left(self) -> list[str]:
        """Those that are still there."""
        gc.collect()
        return [name for name, each in self._watched.items() if each() is not None]

    def wait(self) -> None:
        wait_until(lambda: not self.left(), f"nothing is left of {', '.join(self._watched)}", 30.0)


def parts_of(workplace: Workplace) -> dict[str, object]:
    """What belongs to one open project alone."""
    session, desk = workplace.session, workplace.desk
    whole = {"workplace": workplace, "session": session, "work": session.work, "document": session.document}
    return whole | {"desk": desk, "canvas": desk.canvas, "drawing": desk.canvas.drawing, "inspector": desk.inspector}


def idle(window: MainWindow) -> None:
    wait_until(lambda: not window.session.background.busy, "the threads are idle")


def test_nothing_is_left_of_a_project_whose_tab_was_closed(hands: Hands, files: list[Path]) -> None:  # noqa: F811
    for path in files[:2]:
        hands.window.files.open_path(path)
    hands.settle()
    watched = Watched(**parts_of(hands.window.projects.front))
    hands.window.files.close()
    watched.wait()


def test_nothing_is_left_of_a_window_that_was_closed(program: Program, files: list[Path]) -> None:  # noqa: F811
    window = program.open_window()
    window.files.open_path(files[0])
    idle(window)
    watched = Watched(window=window, files=window.files, menus=window.menus, **parts_of(window.projects.front))
    window.close()
    del window
    watched.wait()


def test_nothing_is_left_of_a_side_that_was_closed(hands: Hands) -> None:  # noqa: F811
    open_example(hands)
    canvases = hands.window.desk.canvases
    side = canvases.split()
    hands.settle()
    watched = Watched(canvas=side, session=side.session, place=side.session.place)
    canvases.close_side(side)
    del side
    watched.wait()


@pytest.mark.parametrize("command", DIALOGS)
def test_nothing_is_left_of_a_dialog_that_was_left(hands: Hands, command: str) -> None:  # noqa: F811
    open_example(hands)
    hands.window.actions_.trigger(command)
    (dialog,) = [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog) and w.isVisible()]
    watched = Watched(dialog=dialog)
    dialog.reject()
    del dialog
    watched.wait()


def test_nothing_is_left_of_a_run_when_the_next_one_begins(hands: Hands) -> None:  # noqa: F811
    open_example(hands, "mlp-moons")
    runner = hands.session.runner
    watched = []
    for _ in range(2):
        hands.session.train()
        wait_until(lambda: runner.history.step > 0, "it trains")
        watched.append(Watched(history=runner.history))
        runner.stop()
        wait_until(lambda: not runner.active, "it has ended")
    watched[0].wait()
    assert watched[1].left() == ["history"]  # it is still looked at


def test_edits_that_were_undone_leave_nothing_that_is_seen(hands: Hands) -> None:  # noqa: F811
    open_example(hands)
    stem = hands.node("stem")

    def edit_and_undo() -> Counter[str]:
        for width in range(8, 16):
            hands.session.apply(SetParam(stem, "out_channels", width))
            hands.session.apply(AddNode(L["Linear"](out_features=width), f"spare{width}"))
            hands.settle()
        while hands.session.document.undo_label:
            hands.session.undo()
        hands.settle()
        gc.collect()
        kinds = (kind for kind in map(type, gc.get_objects()) if str(kind.__module__).startswith("gui."))
        return Counter(kind.__name__ for kind in kinds if not issubclass(kind, QObject))  # widgets go a little later

    edit_and_undo()
    before = edit_and_undo()
    assert not edit_and_undo() - before
