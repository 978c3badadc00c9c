"""Several windows, each with a project of its own; layers go from one to the other."""

import pytest
from PySide6.QtWidgets import QApplication

from engine.document.edits import AddNode
from engine.layers import Layer
from gui.app import Program
from gui.demo_hands import wait_until

L = Layer.registry


@pytest.fixture
def program(qtbot, qapp: QApplication, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NETSMITH_REDUCED_MOTION", "1")
    program = Program(qapp)
    program.window.show_desk()
    program.window.show()
    yield program
    for window in [*program.others, program.window]:
        wait_until(lambda session=window.session: not session.background.busy, "the threads are idle")
        window.session.document.mark_saved()
        window.close()
    program.deleteLater()


def names(window):
    return [node.name for node in window.session.block.graph.nodes.values()]


def test_layers_are_copied_from_window_to_window(program):
    first = program.window
    first.actions_.trigger("file.window")
    (second,) = program.others
    first.session.apply(AddNode(L["Conv2d"](), "stem"))
    assert names(second) == []
    first.desk.canvas.choosing.everything()
    first.desk.canvas.copy()
    second.desk.canvas.paste()
    assert names(second) == ["stem"]
    second.session.undo()
    assert (names(first), names(second)) == (["stem"], [])


def test_a_window_that_is_closed_is_forgotten_and_the_others_stay(program):
    program.window.actions_.trigger("file.window")
    (second,) = program.others
    wait_until(lambda: not second.session.background.busy, "the threads are idle")
    second.close()
    assert program.others == []
    assert program.window.isVisible()


def test_work_that_is_not_saved_is_asked_for_before_its_window_goes(program):
    program.window.actions_.trigger("file.window")
    (second,) = program.others
    second.session.apply(AddNode(L["Conv2d"](), "stem"))
    second.close()
    assert second.isVisible()
    assert program.others == [second]
