"""Gestures that change several wires at once, with the real mouse, judged by the document they leave behind."""

import itertools

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtTest import QTest

from engine.document.edits import AddNode, Connect, MoveNodes, fresh_ids
from engine.graph.graph import Edge
from engine.layers import Layer
from gui.canvas.wires import draft
from gui.theme import metrics, theme
from tests.gui.canvas_driver import CTRL, LEFT, SHIFT, drag, has_colour, key, place, press, pull, shot
from tests.gui.conftest import chain
from tests.gui.test_canvas_gestures import names, wires

L = Layer.registry
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def fan(canvas, session):
    """images -> left, right, both into join; other beside images, unwired."""
    project = chain(L["Input"](shape=(8,)), L["Linear"](out_features=8), names=("images", "left"))
    for name, layer, at in (("right", L["ReLU"](), (264.0, 160.0)), ("join", L["Add"](), (528.0, 0.0))):
        project = AddNode(layer, name, at)(project)
    project = AddNode(L["Input"](shape=(8,)), "other", (0.0, 160.0))(project)
    ids = {n.name: n.id for n in project.block().graph.nodes.values()}
    for a, b, port in (("images", "right", "x"), ("left", "join", "inputs"), ("right", "join", "inputs")):
        project = Connect(Edge(ids[a], "out", ids[b], port))(project)
    session.document.replace(project)
    canvas.fit(animate=False)
    canvas.zoom_reset()
    return canvas


def slots(session):
    """What feeds the join, in order."""
    graph = session.block.graph
    return [graph.nodes[e.source].name for e in graph.feeding(names(session)["join"], "inputs")]


def test_alt_drag_cuts_every_wire_it_crosses_in_one_step_of_undo(fan, session):
    before = session.project
    drag(fan, place(fan, 220, -60), place(fan, 220, 220), ALT)
    assert wires(session) == {("left", "join"), ("right", "join")}
    session.undo()
    assert session.project is before


def test_a_wire_that_is_about_to_be_cut_is_marked_and_escape_leaves_it(fan, session):
    before = session.project
    press(fan, place(fan, 220, -60), ALT)
    pull(fan, place(fan, 220, -60), place(fan, 220, 220))
    assert {session.block.graph.nodes[e.target].name for e in fan.marks.cut} == {"left", "right"}
    assert has_colour(shot(fan), theme().wire.invalid, place(fan, 220, 20), 40)
    key(fan, Qt.Key.Key_Escape)
    QTest.mouseRelease(fan.surface.viewport(), LEFT, ALT, place(fan, 220, 220))
    assert session.project is before
    assert not fan.marks.cut


def test_alt_drag_over_nothing_changes_nothing(fan, session):
    before = session.project
    drag(fan, place(fan, -100, -80), place(fan, -60, 260), ALT)
    assert session.project is before


def test_shift_drag_takes_all_wires_of_an_output_to_another_one(fan, session):
    ids, before = names(session), session.project
    drag(fan, fan.port_point(ids["images"], "out", "out"), fan.port_point(ids["other"], "out", "out"), SHIFT)
    assert {("other", "left"), ("other", "right")} <= wires(session)
    assert "images" not in {a for a, _ in wires(session)}
    session.undo()
    assert session.project is before


def test_wires_keep_their_order_at_a_port_of_many(fan, session):
    ids = names(session)
    (new,) = fresh_ids(session.project)
    session.apply(AddNode(L["Tanh"](), "tanh", (264.0, -160.0)))
    assert slots(session) == ["left", "right"]
    drag(fan, fan.port_point(ids["left"], "out", "out"), fan.port_point(new, "out", "out"), SHIFT)
    assert slots(session) == ["tanh", "right"]


def test_wires_that_would_go_round_in_a_circle_are_refused_with_the_reason(fan, session):
    ids, before = names(session), session.project
    start, end = fan.port_point(ids["images"], "out", "out"), fan.port_point(ids["join"], "out", "out")
    press(fan, start, SHIFT)
    pull(fan, start, end)
    assert "circle" in fan.gestures.card.accessibleName()
    QTest.mouseRelease(fan.surface.viewport(), LEFT, SHIFT, end)
    assert session.project is before


def test_wires_dropped_on_nothing_stay_where_they_were(fan, session):
    ids, before = names(session), session.project
    drag(fan, fan.port_point(ids["images"], "out", "out"), place(fan, 100, 320), SHIFT)
    assert session.project is before
    assert not fan.search.is_open


def test_a_lasso_selects_what_it_goes_round_and_not_what_its_box_holds(fan, session):
    ids = names(session)
    corners = [place(fan, *xy) for xy in ((-40, -60), (420, -60), (420, 60), (200, 60), (-40, 240))]
    press(fan, corners[0], CTRL)
    for a, b in itertools.pairwise(corners):
        pull(fan, a, b)
    QTest.mouseRelease(fan.surface.viewport(), LEFT, CTRL, corners[-1])
    assert set(session.selection) == {ids["images"], ids["left"]}


def test_a_layer_is_cut_out_and_its_neighbours_are_joined(fan, session):
    session.select([names(session)["right"]])
    before = session.project
    fan.cut()
    assert ("images", "join") in wires(session)
    session.undo()
    assert session.project is before
    session.select([names(session)["left"]])
    fan.commands.delete(heal=True)
    assert ("left", "join") not in wires(session)
    assert "left" not in names(session)


def test_all_wires_of_an_input_for_many_are_refused_by_an_input_for_one(fan, session):
    fan.add_layer("Tanh", QPointF(792, 220))
    ids = names(session)
    before, many = session.project, sum(e.target == ids["join"] for e in session.block.graph.edges)
    assert many > 1
    start, end = fan.port_point(ids["join"], "in", "inputs"), fan.port_point(ids["tanh"], "in", "x")
    press(fan, start, SHIFT)
    pull(fan, start, end)
    assert f"tanh takes one wire at x, and these are {many}." in fan.gestures.card.accessibleName()
    QTest.mouseRelease(fan.surface.viewport(), LEFT, SHIFT, end)
    assert session.project is before


def test_selecting_follows_the_wires(fan, session):
    ids = names(session)
    session.select([ids["join"]])
    fan.choosing.upstream()
    assert set(session.selection) == {ids[n] for n in ("join", "left", "right", "images")}
    session.select([ids["images"]])
    fan.choosing.downstream()
    assert set(session.selection) == {ids[n] for n in ("join", "left", "right", "images")}
    session.select([ids["images"], ids["join"]])
    fan.choosing.between()
    assert set(session.selection) == {ids[n] for n in ("join", "left", "right", "images")}
    fan.choosing.others()
    assert session.selection == (ids["other"],)
    fan.choosing.alike()
    assert set(session.selection) == {ids["images"], ids["other"]}


@pytest.mark.parametrize(
    ("side", "axis", "edge"),
    [
        ("left", 0, "left"), ("right", 0, "right"), ("top", 1, "top"), ("bottom", 1, "bottom"),
    ],
)  # fmt: skip
def test_layers_are_brought_into_line(fan, session, side, axis, edge):
    before = session.project
    fan.choosing.everything()
    fan.aligning.align(side)
    places = {round(getattr(fan.drawing.rect(n), edge)()) for n in session.selection}
    assert max(places) - min(places) <= 8  # widths need not be multiples of the grid
    session.undo()
    assert session.project is before


def test_gaps_are_made_equal_and_the_outermost_stay(fan, session, canvas):
    project = chain(L["ReLU"](), L["Tanh"](), L["Sigmoid"](), L["GELU"](), names=("a", "b", "c", "d"))
    session.document.replace(project)
    ids = names(session)
    session.apply(MoveNodes({ids["b"]: (200.0, 40.0), ids["c"]: (656.0, 80.0)}))
    canvas.choosing.everything()
    ends = [canvas.drawing.at[ids[n]] for n in "ad"]
    canvas.aligning.distribute("across")
    rects = [canvas.drawing.rect(ids[n]) for n in "abcd"]
    gaps = [b.left() - a.right() for a, b in itertools.pairwise(rects)]
    assert max(gaps) - min(gaps) <= 8
    assert [canvas.drawing.at[ids[n]] for n in "ad"] == ends
    assert canvas.drawing.at[ids["b"]][1] == 40.0


def test_mute_leaves_a_layer_in_its_place_and_the_shape_runs_through(fan, session, settled):
    settled()
    ids, before = names(session), session.project
    session.select([ids["right"]])
    fan.commands.mute()
    settled()
    assert session.project.node(ids["right"]).muted
    assert fan.drawing.at[ids["right"]] == (264.0, 160.0)
    assert fan.drawing.looks[ids["right"]].muted
    assert str(fan.drawing.spec(ids["right"], "out")) == "B × 8"
    rect = fan.drawing.rect(ids["right"])
    along = fan.to_view(QPointF(rect.center().x(), rect.top() + metrics().node.header))
    assert has_colour(shot(fan), theme().wire.rest, along, 4)
    fan.commands.mute()
    assert session.project == before


def test_a_wire_snaps_to_the_nearest_port_that_fits(canvas, session):
    """Between a port that would close a circle and one that fits a little further away."""
    project = chain(L["Input"](shape=(8,)), L["ReLU"](), L["Tanh"](), names=("x", "a", "b"))
    project = AddNode(L["ReLU"](), "free", (264.0, 32.0))(project)
    session.document.replace(project)
    canvas.surface.look_at(QPointF(400, 100), 1.0)
    ids, before = names(session), session.project
    barred = canvas.port_point(ids["a"], "in", "x")
    start = canvas.port_point(ids["b"], "out", "out")
    drag(canvas, start, QPoint(barred.x(), barred.y() + 15))
    assert ("b", "free") in wires(session)
    session.undo()
    assert session.project is before
    press(canvas, start)
    pull(canvas, start, barred)
    assert "circle" in canvas.gestures.card.accessibleName()
    key(canvas, Qt.Key.Key_Escape)
    QTest.mouseRelease(canvas.surface.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, barred)
    assert session.project is before


def test_a_wire_that_goes_round_is_cut_where_it_runs_and_takes_a_layer_that_is_dropped_on_it(canvas, session):
    project = chain(*(L["ReLU"]() for _ in range(4)), names=("a", "b", "c", "d"))
    project = Connect(Edge("n1", "out", "n4", "x"))(project)
    project = AddNode(L["Tanh"](), "free", (400.0, 300.0))(project)
    session.document.replace(project)
    canvas.surface.look_at(QPointF(400, 100), 1.0)
    (edge,) = [e for e in session.block.graph.edges if e.source == "n1" and e.target == "n4"]
    lane, length = canvas.drawing.wires[edge].route.middle
    assert length > 300
    start = canvas.node_point("n5")
    aim = place(canvas, lane.x(), lane.y()) - QPoint(0, 0)
    drag(canvas, start, aim)
    assert {("a", "free"), ("free", "d")} <= wires(session)
    session.undo()
    lane, _ = canvas.drawing.wires[edge].route.middle
    drag(canvas, place(canvas, lane.x() - 30, lane.y() - 12), place(canvas, lane.x() - 30, lane.y() + 12), ALT)
    assert edge not in session.block.graph.edges


@given(st.floats(-500, 400), st.floats(-300, 300), st.booleans())
def test_a_wire_that_is_dragged_backwards_goes_round_its_own_node(x, y, gives):
    own = QRectF(0.0, 0.0, 152.0, 64.0)
    assume(not own.adjusted(-24, -24, 24, 24).contains(x, y))
    path = draft((152.0, 20.0), (x, y), own, True) if gives else draft((x, y), (0.0, 20.0), own, False)
    points = [path.pointAtPercent(i / 400) for i in range(401)]
    assert not any(own.adjusted(1, 1, -1, -1).contains(p) for p in points)
    assert all(abs(p.x()) < 800 and abs(p.y()) < 400 for p in points)


@pytest.mark.parametrize("side", ["out", "in"])
def test_a_wire_dragged_over_its_own_node_leaves_the_title_free(canvas, session, side):
    session.document.replace(chain(L["ReLU"]()))
    canvas.surface.look_at(canvas.drawing.bounds().center(), 1.0)
    (node,) = session.block.graph.nodes
    rect = canvas.view_rect(canvas.drawing.rect(node)).toRect()
    start = canvas.port_point(node, side, "out" if side == "out" else "x")
    end = rect.topLeft() + QPoint(-40, -60) if side == "out" else rect.bottomRight() + QPoint(40, 60)
    press(canvas, start)
    pull(canvas, start, end)
    image, title = shot(canvas), rect.adjusted(14, 6, -14, -6)
    assert has_colour(image, theme().wire.valid, end, 4)
    for x in range(title.left(), title.right(), 6):
        assert not any(
            has_colour(image, theme().wire.valid, QPoint(x, y), 1, 8) for y in range(title.top(), title.bottom(), 6)
        )
    key(canvas, Qt.Key.Key_Escape)
    QTest.mouseRelease(canvas.surface.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, end)
