"""Frames and notes are selected, moved, aligned, coloured, copied and deleted together with layers."""

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from engine.document.edits import AddNode, SetFrames
from engine.document.project import Frame
from engine.layers import Layer
from tests.gui.canvas_driver import CTRL, LEFT, SHIFT, click, drag, key, place, press, pull
from tests.gui.conftest import chain
from tests.gui.window_fixture import hands  # noqa: F401

L = Layer.registry


@pytest.fixture
def framed(canvas, session, settled):
    """x and head in a row in a frame with a note in it, a layer and a note below. Returns: ids of the layers."""
    project = chain(L["Input"](shape=(4,)), L["Linear"](), names=("x", "head"), step=240)
    project = AddNode(L["Tanh"](), "below", (0.0, 360.0))(project)
    frames = (
        Frame("f1", "Head", -24, -64, 480, 240),
        Frame("inside", "Within", 0, 120, 96, 40, kind="note"),
        Frame("note", "Aside", 320, 360, 160, 80, kind="note"),
    )
    session.document.replace(SetFrames(frames)(project))
    settled()
    canvas.surface.look_at(canvas.drawing.bounds().center(), 0.8)
    return {node.name: node.id for node in session.block.graph.nodes.values()}


def frames_of(session):
    return {frame.id: (frame.x, frame.y) for frame in session.project.layout_of().frames}


def title(canvas):
    """A point on the title of the frame."""
    return place(canvas, 300, -50)


def note(canvas):
    return place(canvas, 400, 400)


def test_a_frame_a_note_and_a_layer_are_picked_one_by_one_and_dropped_again(canvas, session, framed):
    click(canvas, title(canvas))
    click(canvas, note(canvas), SHIFT)
    click(canvas, canvas.node_point(framed["below"]), CTRL)
    assert canvas.marks.frames == {"f1", "note"}
    assert session.selection == (framed["below"],)
    click(canvas, note(canvas), CTRL)
    assert canvas.marks.frames == {"f1"}
    assert session.selection == (framed["below"],)
    key(canvas, Qt.Key.Key_Escape)
    assert (canvas.marks.frames, session.selection) == (frozenset(), ())


def test_a_box_takes_notes_that_it_touches_and_frames_that_lie_in_it(canvas, session, framed):
    drag(canvas, place(canvas, 200, 340), place(canvas, 340, 480))
    assert (canvas.marks.frames, session.selection) == ({"note"}, ())
    drag(canvas, place(canvas, 470, -100), place(canvas, 300, 60))
    assert (canvas.marks.frames, session.selection) == (frozenset(), (framed["head"],))
    drag(canvas, place(canvas, 520, -100), place(canvas, -60, 330), SHIFT)
    assert canvas.marks.frames == {"f1", "inside"}
    assert set(session.selection) == {framed["x"], framed["head"]}


def test_a_lasso_takes_notes_by_their_middle_and_frames_as_a_whole(canvas, session, framed):
    corners = [place(canvas, *at) for at in ((300, 340), (500, 340), (500, 460), (300, 460))]
    press(canvas, corners[0], CTRL)
    for start, end in pairwise(corners):
        pull(canvas, start, end)
    QTest.mouseRelease(canvas.surface.viewport(), LEFT, CTRL, corners[-1])
    assert canvas.marks.frames == {"note"}


def test_what_is_selected_is_dragged_by_any_of_it_with_all_that_lies_in_frames(canvas, session, framed):
    before, old = session.project, frames_of(session)
    places = {name: canvas.drawing.at[id] for name, id in framed.items()}
    click(canvas, title(canvas))
    click(canvas, note(canvas), SHIFT)
    click(canvas, canvas.node_point(framed["below"]), SHIFT)
    start = canvas.node_point(framed["below"])
    drag(canvas, start, start + QPoint(64, 64))
    away = {canvas.drawing.at[id][0] - places[name][0] for name, id in framed.items()}
    away |= {x - old[id][0] for id, (x, _) in frames_of(session).items()}
    assert away == {80.0}
    session.undo()
    assert session.project is before


def test_keys_move_layers_and_frames_in_one_step(canvas, session, framed):
    before, old = session.project, frames_of(session)
    click(canvas, note(canvas))
    click(canvas, canvas.node_point(framed["below"]), SHIFT)
    for _ in range(3):
        key(canvas, Qt.Key.Key_Right, CTRL)
    assert frames_of(session)["note"][0] == old["note"][0] + canvas.drawing.at[framed["below"]][0] > old["note"][0]
    session.undo()
    assert session.project is before


def test_a_frame_that_is_given_up_in_the_middle_is_where_it_was(canvas, session, framed):
    before = session.project
    press(canvas, title(canvas))
    pull(canvas, title(canvas), title(canvas) + QPoint(80, 40))
    assert frames_of(session) != {f.id: (f.x, f.y) for f in canvas.drawing.frames}
    key(canvas, Qt.Key.Key_Escape)
    assert session.project is before
    assert canvas.drawing.frames == before.layout_of().frames
    assert canvas.drawing.at[framed["x"]] == before.layout_of().at(framed["x"])


def test_delete_takes_layers_and_frames_in_one_step_and_leaves_what_lies_in_a_frame(canvas, session, framed):
    before = session.project
    click(canvas, title(canvas))
    click(canvas, canvas.node_point(framed["below"]), SHIFT)
    canvas.delete_selection()
    assert set(frames_of(session)) == {"inside", "note"}
    assert set(session.block.graph.nodes) == {framed["x"], framed["head"]}
    session.undo()
    assert session.project is before


def test_a_frame_is_copied_with_all_that_lies_in_it(canvas, session, framed):
    click(canvas, title(canvas))
    canvas.copy()
    canvas.paste()
    names = [node.name for node in session.block.graph.nodes.values()]
    assert names == ["x", "head", "below", "x2", "head2"]
    frames = session.project.layout_of().frames
    assert [f.text for f in frames] == ["Head", "Within", "Aside", "Head", "Within"]
    assert frames[3].x - frames[0].x == canvas.drawing.at[session.selection[0]][0] - canvas.drawing.at[framed["x"]][0]
    assert canvas.marks.frames == {f.id for f in frames[3:]}
    assert len(session.selection) == 2


def test_a_note_alone_is_copied_cut_and_pasted_where_it_is_wanted(canvas, session, framed):
    click(canvas, note(canvas))
    canvas.cut()
    assert set(frames_of(session)) == {"f1", "inside"}
    assert session.document.undo_label == "Cut note"
    canvas.commands.paste(QPointF(640, 80))
    pasted = session.project.layout_of().frames[-1]
    assert (pasted.text, pasted.x, pasted.y) == ("Aside", 640, 80)
    canvas.duplicate()
    assert [f.text for f in session.project.layout_of().frames[2:]] == ["Aside", "Aside"]


def test_layers_and_notes_are_aligned_and_a_frame_as_a_whole(canvas, session, framed):
    click(canvas, title(canvas))
    click(canvas, note(canvas), SHIFT)
    click(canvas, canvas.node_point(framed["below"]), SHIFT)
    assert canvas.aligning.count() == 3
    before = session.project
    canvas.aligning.align("left")
    frames = frames_of(session)
    assert {frames["f1"][0], frames["note"][0], canvas.drawing.at[framed["below"]][0]} == {-24.0}
    assert canvas.drawing.at[framed["head"]] == before.layout_of().at(framed["head"]), "it went with its frame"
    session.undo()
    assert session.project is before


def test_a_frame_and_notes_are_spread_evenly(canvas, session, framed):
    session.select([framed["below"]])
    canvas.select([framed["below"]], (), ("inside", "note"))
    canvas.aligning.distribute("across")
    x = sorted([canvas.drawing.at[framed["below"]][0], *(frames_of(session)[id][0] for id in ("inside", "note"))])
    assert x[0] == 0.0
    assert x[2] == 320.0


def test_frames_and_notes_take_one_colour_together(canvas, session, framed):
    click(canvas, title(canvas))
    click(canvas, note(canvas), SHIFT)
    canvas.commands.colour_frame("linear")
    colours = {f.id: f.colour for f in session.project.layout_of().frames}
    assert colours == {"f1": "linear", "inside": "", "note": "linear"}


def test_align_is_offered_for_a_frame_and_a_note(hands, framed_window):  # noqa: F811
    canvas, actions = hands.canvas, hands.window.actions_
    canvas.choose(frame="f1")
    actions.refresh()
    assert not actions["align.left"].isEnabled()
    canvas.select((), (), ("f1", "note"))
    actions.refresh()
    assert actions["align.left"].isEnabled()
    assert not actions["align.across"].isEnabled()
    assert actions["edit.copy"].isEnabled()


@pytest.fixture
def framed_window(hands):  # noqa: F811
    frames = Frame("f1", "One", 0, 0, 200, 200), Frame("note", "Two", 400, 0, 160, 80, kind="note")
    hands.session.apply(SetFrames(frames))


def test_a_note_that_is_selected_with_layers_goes_into_their_block_and_comes_back(canvas, session, framed):
    before = session.project
    click(canvas, canvas.node_point(framed["below"]))
    click(canvas, note(canvas), SHIFT)
    canvas.group()
    assert canvas.marks.frames == frozenset()
    assert set(frames_of(session)) == {"f1", "inside"}
    assert [f.text for f in session.project.layout_of("block").frames] == ["Aside"]
    canvas.ungroup()
    assert frames_of(session) == {f.id: (f.x, f.y) for f in before.layout_of().frames}
