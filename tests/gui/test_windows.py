"""Several windows, each with a project of its own; layers go from one to the other."""

from engine.document.edits import AddNode
from engine.layers import Layer
from gui.demo_hands import wait_until
from tests.gui.window_fixture import program  # noqa: F401

L = Layer.registry


def names(window):
    return [node.name for node in window.session.block.graph.nodes.values()]


def test_layers_are_copied_from_window_to_window(program):  # noqa: F811
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


def test_a_window_that_is_closed_is_forgotten_and_the_others_stay(program):  # noqa: F811
    program.window.actions_.trigger("file.window")
    (second,) = program.others
    wait_until(lambda: not second.session.background.busy, "the threads are idle")
    second.close()
    assert program.others == []
    assert program.window.isVisible()


def test_work_that_is_not_saved_is_asked_for_before_its_window_goes(program):  # noqa: F811
    program.window.actions_.trigger("file.window")
    (second,) = program.others
    second.session.apply(AddNode(L["Conv2d"](), "stem"))
    second.close()
    assert second.isVisible()
    assert program.others == [second]
