"""Dragged layers come level with others, and lines say with which; what is said of a layer keeps out of the way."""

from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.document.edits import AddNode, MoveNodes, SetFrames, SetReroutes
from engine.document.project import Frame
from engine.document.reroutes import added
from engine.layers import Layer
from gui.snapping import snapping
from gui.theme import theme
from tests.gui.canvas_driver import LEFT, PLAIN, drag, has_colour, key, place, press, pull, shot, type_text
from tests.gui.conftest import chain

L = Layer.registry
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def two(canvas, session, settled):
    """Two layers, the second a little off the height of the first; places that are on no grid. Returns: their ids."""
    session.document.replace(AddNode(L["ReLU"](), "low", (240.0, 130.0))(chain(L["ReLU"](), names=("high",))))
    settled()
    canvas.surface.look_at(canvas.drawing.bounds().center(), 1.0)
    ids = {node.name: node.id for node in session.block.graph.nodes.values()}
    session.document.apply(MoveNodes({ids["high"]: (3.0, 5.0)}))
    return ids["high"], ids["low"]


def test_a_layer_dragged_nearly_level_comes_exactly_level_off_the_grid(canvas, session, two):
    high, low = two
    start = canvas.node_point(low)
    drag(canvas, start, start + QPoint(60, 5 - 130 + 4))
    assert canvas.drawing.at[low][1] == canvas.drawing.at[high][1] == 5.0
    assert canvas.drawing.at[low][0] % 8 == 0


def test_a_line_shows_what_it_is_level_with_and_goes_when_it_is_let_go(canvas, two):
    high, low = two
    start = canvas.node_point(low)
    end = start + QPoint(60, 5 - 130 + 2)
    between = canvas.to_view(canvas.drawing.rect(high).topRight()) + QPoint(40, 0)
    press(canvas, start)
    pull(canvas, start, end)
    assert has_colour(shot(canvas), theme().accent.base, between, 1)
    QTest.mouseRelease(canvas.surface.viewport(), LEFT, PLAIN, end)
    assert not has_colour(shot(canvas), theme().accent.base, between, 1)


def test_alt_held_while_dragging_takes_the_layer_to_the_very_place(canvas, two):
    _, low = two
    start = canvas.node_point(low)
    end = start + QPoint(61, 5 - 130 + 3)
    press(canvas, start)
    pull(canvas, start, end - QPoint(8, 0))
    viewport = canvas.surface.viewport()
    for kind in (QEvent.Type.MouseMove, QEvent.Type.MouseButtonRelease):
        whole = QPointF(viewport.mapToGlobal(end))
        held = LEFT if kind == QEvent.Type.MouseMove else Qt.MouseButton.NoButton
        button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else LEFT
        QApplication.sendEvent(viewport, QMouseEvent(kind, QPointF(end), whole, button, held, ALT))
    assert canvas.drawing.at[low] == (301.0, 8.0)
    QTest.mouseRelease(viewport, LEFT, PLAIN, end)


def test_without_the_grid_nothing_pulls(canvas, two):
    _, low = two
    snapping.switch(False)
    try:
        start = canvas.node_point(low)
        drag(canvas, start, start + QPoint(61, 5 - 130 + 3))
        assert canvas.drawing.at[low] == (301.0, 8.0)
    finally:
        snapping.switch(True)


def test_the_card_of_a_layer_in_trouble_goes_while_it_is_dragged_and_comes_back(canvas, two):
    _, low = two
    start = canvas.node_point(low)
    press(canvas, start)
    assert canvas.problem_card.isVisible()
    pull(canvas, start, start + QPoint(0, 90))
    assert not canvas.problem_card.isVisible()
    QTest.mouseRelease(canvas.surface.viewport(), LEFT, PLAIN, start + QPoint(0, 90))
    assert canvas.problem_card.isVisible()


def test_the_card_of_a_refused_wire_covers_no_port_of_its_layer(canvas, session, settled):
    project = AddNode(L["LSTM"](), "scan", (340.0, 120.0))(chain(L["Input"](shape=(1, 8, 8)), names=("images",)))
    session.document.replace(project)
    settled()
    canvas.surface.look_at(canvas.drawing.bounds().center(), 1.0)
    ids = {node.name: node.id for node in session.block.graph.nodes.values()}
    start = canvas.port_point(ids["images"], "out", "out")
    end = canvas.port_point(ids["scan"], "in", "input")
    press(canvas, start)
    pull(canvas, start, end)
    settled()
    card, node = canvas.gestures.card, canvas.view_rect(canvas.drawing.rect(ids["scan"])).toRect()
    assert card.isVisible()
    assert not card.geometry().intersects(node)
    assert canvas.rect().contains(card.geometry())
    key(canvas, Qt.Key.Key_Escape)
    QTest.mouseRelease(canvas.surface.viewport(), LEFT, PLAIN, end)


def test_a_value_that_is_longer_than_its_field_is_edited_in_full_and_says_why_it_cannot_be(canvas, session, settled):
    session.document.replace(chain(L["Linear"](out_features=3), names=("head",)))
    settled()
    canvas.surface.look_at(canvas.drawing.bounds().center(), 0.8)
    (node,) = session.block.graph.nodes
    session.select([node])
    key(canvas, Qt.Key.Key_Return)
    type_text("wide_hidden * 2")
    editor = canvas.editing.editor
    assert editor.width() >= editor.fontMetrics().horizontalAdvance("wide_hidden * 2")
    key(canvas, Qt.Key.Key_Return)
    assert "wide_hidden" in canvas.tip.text
    key(canvas, Qt.Key.Key_Escape)
    assert canvas.tip.text == ""


def test_a_line_makes_room_for_a_layer_that_is_dropped_on_one_of_its_wires(canvas, session, settled):
    project = chain(L["Input"](shape=(4,)), L["Linear"](), L["ReLU"](), names=("x", "head", "act"), step=240)
    session.document.replace(AddNode(L["Tanh"](), "new", (120.0, 200.0))(project))
    settled()
    canvas.surface.look_at(canvas.drawing.bounds().center(), 1.0)
    before = session.project
    ids = {node.name: node.id for node in session.block.graph.nodes.values()}
    wire = next(e for e in session.block.graph.edges if e.target == ids["head"])
    at = canvas.to_view(canvas.drawing.wires[wire].route.middle[0])
    drag(canvas, canvas.node_point(ids["new"]), at)
    assert {(e.source, e.target) for e in session.block.graph.edges} >= {
        (ids["x"], ids["new"]),
        (ids["new"], ids["head"]),
    }
    rects = [canvas.drawing.rect(ids[name]) for name in ("x", "new", "head", "act")]
    assert all(a.right() < b.left() for a, b in pairwise(rects))
    assert {rect.top() for rect in rects} == {0.0}
    session.undo()
    assert session.project is before


@pytest.fixture
def line(canvas, session, settled):
    """x, head and act in a row with a frame around x and head and one around act, and a layer below. Returns: ids."""
    project = chain(L["Input"](shape=(4,)), L["Linear"](), L["ReLU"](), names=("x", "head", "act"), step=240)
    project = AddNode(L["Tanh"](), "new", (120.0, 300.0))(project)
    frames = (Frame("f1", "Head", -20, -64, 440, 160), Frame("f2", "Tail", 460, -64, 220, 160))
    session.document.replace(SetFrames((*frames, Frame("note", "Note", 900, 0, 160, 80, kind="note")))(project))
    settled()
    canvas.surface.look_at(canvas.drawing.bounds().center(), 0.8)
    return {node.name: node.id for node in session.block.graph.nodes.values()}


def test_frames_widen_and_move_with_the_layers_that_make_room(canvas, session, line):
    before = session.project
    old = {f.id: f for f in canvas.drawing.frames}
    wire = next(e for e in session.block.graph.edges if e.target == line["head"])
    at = canvas.to_view(canvas.drawing.wires[wire].route.middle[0])
    drag(canvas, canvas.node_point(line["new"]), at)
    away = canvas.drawing.at[line["head"]][0] - before.layout_of().at(line["head"])[0]
    assert away > 0
    now = {f.id: f for f in session.project.layout_of().frames}
    assert (now["f1"].x, now["f1"].width) == (old["f1"].x, old["f1"].width + away)
    assert (now["f2"].x, now["f2"].width) == (old["f2"].x + away, old["f2"].width)
    assert now["note"] == old["note"]
    session.undo()
    assert session.project is before


def test_a_frame_widens_for_a_layer_that_is_added_on_a_wire(canvas, session, line):
    before = session.project
    old = canvas.drawing.frames[0]
    wire = next(e for e in session.block.graph.edges if e.target == line["head"])
    canvas.add_layer("Dropout", wire=wire)
    now = session.project.layout_of().frames[0]
    assert now.x == old.x
    assert now.width > old.width
    session.undo()
    assert session.project is before


@pytest.mark.parametrize("which", ["f1", "note"])
def test_a_marked_frame_or_note_is_resized_by_keys_in_one_step_of_undo(canvas, session, line, which):
    before = session.project
    old = next(f for f in canvas.drawing.frames if f.id == which)
    canvas.choose(frame=which)
    for pressed in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left):
        key(canvas, pressed, ALT)
    now = next(f for f in session.project.layout_of().frames if f.id == which)
    assert (now.width, now.height) == (old.width + 8, old.height + 8)
    assert (now.x, now.y) == (old.x, old.y)
    session.undo()
    assert session.project is before


def test_a_frame_cannot_be_made_smaller_than_its_title_by_keys(canvas, session, line):
    canvas.choose(frame="f2")
    for _ in range(60):
        key(canvas, Qt.Key.Key_Up, ALT)
        key(canvas, Qt.Key.Key_Left, ALT)
    frame = session.project.layout_of().frames[1]
    assert frame.width > 40
    assert frame.height > 20


def test_a_frame_whose_layers_are_all_selected_is_aligned_as_a_whole(canvas, session, line):
    before = session.project
    session.select([line["x"], line["head"], line["new"]])
    canvas.aligning.align("top")
    layout = session.project.layout_of()
    assert layout.at(line["new"])[1] == layout.frames[0].y == -64
    assert layout.at(line["x"])[1] - layout.frames[0].y == 64
    assert layout.at(line["x"])[1] == layout.at(line["head"])[1]
    session.undo()
    assert session.project is before


def test_points_of_wires_are_aligned_and_spread(canvas, session, line):
    (edge,) = (e for e in session.block.graph.edges if e.target == line["act"])
    for at in ((440.0, 200.0), (448.0, 100.0), (456.0, 128.0)):
        session.apply(SetReroutes(added(session.project.layout_of(), at, {edge: 0})[0]))
    before = session.project
    canvas.select((), tuple(r.id for r in canvas.drawing.reroutes))
    canvas.aligning.align("left")
    assert {r.x for r in session.project.layout_of().reroutes} == {440.0}
    canvas.aligning.distribute("down")
    assert sorted(r.y for r in session.project.layout_of().reroutes) == [100.0, 152.0, 200.0]
    session.undo()
    session.undo()
    assert session.project is before


def test_a_note_dragged_nearly_level_with_a_frame_comes_exactly_level_and_a_line_shows_it(canvas, session, line):
    moved = tuple(replace(f, y=-61.0) if f.id == "f2" else f for f in canvas.drawing.frames)
    session.apply(SetFrames(moved))
    before = session.project
    start = place(canvas, 980, 8)
    end = start + QPoint(0, round((-61 - 0 + 2) * canvas.zoom))
    press(canvas, start)
    pull(canvas, start, end)
    assert canvas.drawing.frames[2].y == -61.0
    between = place(canvas, 780, -61)
    assert has_colour(shot(canvas), theme().accent.base, between, 1)
    QTest.mouseRelease(canvas.surface.viewport(), LEFT, PLAIN, end)
    assert not has_colour(shot(canvas), theme().accent.base, between, 1)
    assert session.project.layout_of().frames[2].y == -61.0
    session.undo()
    assert session.project is before
