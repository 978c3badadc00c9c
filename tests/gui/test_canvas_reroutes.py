"""Points of wires by hand: put on, dragged, boxed, joined, copied, deleted and undone with the real mouse and keys."""

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.document.edits import Connect, MoveNodes
from engine.graph.graph import Edge
from engine.layers import Layer
from gui.snapping import snapping
from gui.theme import metrics, theme
from tests.gui.canvas_driver import (
    CTRL,
    LEFT,
    PLAIN,
    SHIFT,
    click,
    double_click,
    drag,
    has_colour,
    key,
    place,
    press,
    pull,
    shot,
)
from tests.gui.conftest import chain

L = Layer.registry
ALT = Qt.KeyboardModifier.AltModifier
FIRST, SECOND = Edge("n1", "out", "n2", "x"), Edge("n2", "out", "n3", "x")


@pytest.fixture
def row(canvas, session):
    """images -> stem -> act, 400 apart, and head beside them without wires."""
    project = chain(L["Input"](shape=(1, 8, 8)), L["Conv2d"](), L["ReLU"](), names=("images", "stem", "act"), step=400)
    session.document.replace(project)
    canvas.add_layer("Linear", QPointF(800, 240))
    session.select(())
    canvas.surface.look_at(QPointF(480, 100), 1.0)
    return canvas


@pytest.fixture(autouse=True)
def grid():
    """Things snap, whatever a test did before."""
    yield
    snapping.switch(True)


def points(session):
    return [(r.x, r.y) for r in session.project.layout_of().reroutes]


def middle(canvas, edge):
    (x0, y0), (x1, y1) = canvas.drawing.ends(edge)
    return place(canvas, (x0 + x1) / 2, (y0 + y1) / 2)


def put(canvas, edge=FIRST, at=None):
    """A point on a wire, dragged to a place if told. Returns: its id."""
    double_click(canvas, middle(canvas, edge))
    (id,) = canvas.marks.points
    if at is not None:
        point = canvas.drawing.point(id)
        drag(canvas, place(canvas, point.x, point.y), place(canvas, *at))
        canvas.select(())
    return id


@pytest.mark.parametrize("how", ["double-click", "Alt+click", "command"])
def test_a_point_is_put_on_a_wire_and_selected(row, session, how):
    before = session.project
    if how == "double-click":
        double_click(row, middle(row, FIRST))
    elif how == "Alt+click":
        click(row, middle(row, FIRST), ALT)
    else:
        click(row, middle(row, FIRST))
        row.commands.rerouting.add_to_chosen()
    ((x, y),) = points(session)
    assert x % metrics().node.snap == 0
    assert y == row.drawing.ends(FIRST)[0][1]
    assert len(row.marks.points) == 1
    session.undo()
    assert session.project is before
    assert row.marks.points == frozenset()


def test_a_point_is_dragged_on_the_grid_in_one_step_of_undo(row, session):
    put(row)
    before = session.project
    point = row.drawing.reroutes[0]
    start = place(row, point.x, point.y)
    drag(row, start, start + QPoint(21, 90))
    ((x, y),) = points(session)
    assert (x % 8, y % 8) == (0, 0)
    assert (x - point.x - 21) ** 2 + (y - point.y - 90) ** 2 < 64
    assert row.drawing.wires[FIRST].route.distance(*points(session)[0]) < 1
    session.undo()
    assert session.project is before


def test_a_point_dragged_nearly_level_with_another_comes_exactly_level_and_a_line_shows_it(row, session):
    other, id = put(row, SECOND, at=(700, 203)), put(row, FIRST, at=(240, 120))
    there, point = row.drawing.point(other), row.drawing.point(id)
    start, end = place(row, point.x, point.y), place(row, 300, there.y + 3)
    between = place(row, 500, there.y)
    press(row, start)
    pull(row, start, end)
    assert has_colour(shot(row), theme().accent.base, between, 1)
    QTest.mouseRelease(row.surface.viewport(), LEFT, PLAIN, end)
    assert row.drawing.point(id).y == there.y
    assert not has_colour(shot(row), theme().accent.base, between, 1)


def test_a_point_comes_level_with_the_edge_of_a_layer_and_alt_leaves_it_where_the_hand_is(row, session):
    id = put(row, FIRST, at=(240, 120))
    low = next(n for n, face in row.drawing.faces.items() if face.name == "linear")
    session.apply(MoveNodes({low: (303.0, 240.0)}))
    row.surface.look_at(QPointF(480, 100), 1.0)
    point = row.drawing.point(id)
    start = place(row, point.x, point.y)
    drag(row, start, place(row, 306, 150))
    assert row.drawing.point(id).x == 303.0
    start = place(row, 303, row.drawing.point(id).y)
    press(row, start)
    pull(row, start, start + QPoint(40, 20))
    QTest.mouseMove(row.surface.viewport(), start)
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(start + QPoint(3, 20)),
        QPointF(row.surface.viewport().mapToGlobal(start + QPoint(3, 20))),
        LEFT,
        LEFT,
        ALT,
    )
    QApplication.sendEvent(row.surface.viewport(), event)
    assert row.drawing.point(id).x == 306.0
    key(row, Qt.Key.Key_Escape)


def test_escape_leaves_a_dragged_point_where_it_was(row, session):
    put(row)
    before, point = session.project, row.drawing.reroutes[0]
    start = place(row, point.x, point.y)
    press(row, start)
    pull(row, start, start + QPoint(40, 90))
    assert row.drawing.reroutes[0].y != point.y
    key(row, Qt.Key.Key_Escape)
    QTest.mouseRelease(row.surface.viewport(), LEFT, PLAIN, start)
    assert session.project is before
    assert row.drawing.reroutes == (point,)


def test_points_are_boxed_and_move_and_go_together_with_layers(row, session):
    put(row, at=(304, 104))
    drag(row, place(row, -20, -60), place(row, 420, 140))
    assert len(row.marks.points) == 1
    assert {session.block.graph.nodes[n].name for n in session.selection} == {"images", "stem"}
    drag(row, row.node_point("n1") + QPoint(20, 0), row.node_point("n1") + QPoint(20, 80))
    assert points(session) == [(304, 184)]
    assert session.project.layout_of().at("n1") == (0, 80)
    before = session.project
    row.delete_selection()
    assert points(session) == []
    assert set(session.block.graph.nodes) == {"n3", "n4"}
    session.undo()
    assert session.project is before


def test_points_between_layers_that_are_dragged_go_along(row, session):
    put(row, at=(304, 104))
    session.select(["n1", "n2"])
    drag(row, row.node_point("n1") + QPoint(20, 0), row.node_point("n1") + QPoint(20, 80))
    assert points(session) == [(304, 184)]


def test_delete_takes_points_off_and_leaves_the_wire(row, session):
    put(row)
    before = session.project
    row.delete_selection()
    assert points(session) == []
    assert FIRST in session.block.graph.edges
    session.undo()
    assert session.project is before


def test_shift_adds_points_and_a_click_selects_one(row):
    first = put(row, FIRST, (304, 104))
    second = put(row, SECOND, (704, 104))
    click(row, place(row, 304, 104))
    click(row, place(row, 704, 104), SHIFT)
    assert row.marks.points == {first, second}
    click(row, place(row, 704, 104), SHIFT)
    assert row.marks.points == {first}
    click(row, place(row, 300, 300))
    assert row.marks.points == frozenset()


@pytest.fixture
def fan(row, session):
    """images also feeds head."""
    session.apply(Connect(Edge("n1", "out", "n4", "x")))
    return row


def test_a_point_dropped_on_another_one_of_its_output_becomes_one_with_it(fan, session):
    put(fan, FIRST, (304, 104))
    other = Edge("n1", "out", "n4", "x")
    assert fan.commands.rerouting.add(other, QPointF(600, 250))
    (moved,) = fan.marks.points
    point = fan.drawing.point(moved)
    start = place(fan, point.x, point.y)
    press(fan, start)
    pull(fan, start, place(fan, 304, 104))
    assert fan.marks.drop_point is not None
    QTest.mouseRelease(fan.surface.viewport(), LEFT, PLAIN, place(fan, 304, 104))
    (reroute,) = session.project.layout_of().reroutes
    assert reroute.wires == {FIRST, other}
    assert (reroute.x, reroute.y) == (304, 104)


def test_a_wire_joins_a_point_that_is_dropped_on_it(fan, session):
    put(fan, FIRST)
    other = Edge("n1", "out", "n4", "x")
    course = fan.drawing.wires[other].route
    at = course.path.pointAtPercent(0.5)
    point = fan.drawing.reroutes[0]
    drag(fan, place(fan, point.x, point.y), place(fan, at.x(), at.y()))
    (reroute,) = session.project.layout_of().reroutes
    assert reroute.wires == {FIRST, other}


def test_one_point_leads_all_wires_of_an_output(fan, session):
    click(fan, middle(fan, SECOND))
    fan.choose(wire=FIRST)
    fan.commands.rerouting.add_to_chosen(whole=True)
    (reroute,) = session.project.layout_of().reroutes
    assert reroute.wires == {FIRST, Edge("n1", "out", "n4", "x")}


def test_cut_wires_follow_the_course_through_points(row, session):
    put(row, at=(304, 184))
    drag(row, place(row, 304, 140), place(row, 304, 230), ALT)
    assert FIRST not in session.block.graph.edges
    assert points(session) == []


def test_a_copy_of_layers_brings_the_points_of_their_wires(row, session):
    put(row, at=(304, 104))
    session.select(["n1", "n2"])
    row.copy()
    row.paste()
    assert points(session) == [(304, 104), (336, 136)]


def test_everything_is_done_with_keys(row, session):
    session.select(["n2"])
    row.choosing.next_wire()
    assert row.marks.chosen_wire == FIRST
    assert row.surface.accessibleDescription().startswith("wire from images to stem")
    row.choosing.next_wire()
    assert row.marks.chosen_wire == SECOND
    row.choosing.next_wire()
    row.commands.rerouting.add_to_chosen()
    assert row.surface.accessibleDescription() == "point 1 of 1 on the wire from images to stem"
    ((x, y),) = points(session)
    key(row, Qt.Key.Key_Down, CTRL)
    key(row, Qt.Key.Key_Down, CTRL)
    assert points(session) == [(x, y + 16)]
    key(row, Qt.Key.Key_Right)
    assert session.selection == ("n2",)
    assert row.marks.points == frozenset()
    row.choose(wire=FIRST)
    row.commands.rerouting.straighten()
    assert points(session) == []


def test_wires_between_selected_layers_are_straightened(row, session):
    put(row, FIRST, (304, 104))
    put(row, SECOND, (704, 104))
    session.select(["n1", "n2"])
    row.commands.rerouting.straighten()
    assert points(session) == [(704, 104)]


def test_what_is_dragged_leaves_the_grid_while_the_switch_is_off_or_a_key_is_held(row, session):
    put(row)
    point = row.drawing.reroutes[0]
    snapping.switch(False)
    start = place(row, point.x, point.y)
    drag(row, start, start + QPoint(21, 93))
    ((x, y),) = points(session)
    assert (x % 8, y % 8) != (0, 0)
    snapping.switch(True)
    for keys, there in ((PLAIN, (416, 16)), (SHIFT, (434, 34)), (ALT, (452, 52))):
        start = row.node_point("n2") + QPoint(20, 0)
        press(row, start)
        hold(row, start + QPoint(9, 9), keys)
        hold(row, start + QPoint(18, 18), keys)
        QTest.mouseRelease(row.surface.viewport(), LEFT, PLAIN, start + QPoint(18, 18))
        assert session.project.layout_of().at("n2") == there


def hold(canvas, pos, keys):
    """The mouse moves with its button and these keys down."""
    view = canvas.surface.viewport()
    event = QMouseEvent(QEvent.Type.MouseMove, QPointF(pos), view.mapToGlobal(QPointF(pos)), LEFT, LEFT, keys)
    QApplication.sendEvent(view, event)


def test_the_grid_is_switched_at_the_zoom_bar(row):
    assert row.zoom_bar.grid.isChecked()
    QTest.mouseClick(row.zoom_bar.grid, LEFT)
    assert not snapping.is_on
    snapping.switch()
    assert row.zoom_bar.grid.isChecked()


@pytest.mark.parametrize("zoom", [1.0, 0.5])
def test_a_point_is_painted_on_its_wire(row, zoom):
    id = put(row, at=(304, 184))
    row.surface.look_at(QPointF(400, 100), zoom)
    row.select(())
    pos = place(row, 304, 184)
    QTest.mouseMove(row.surface.viewport(), QPoint(5, 500))
    assert has_colour(shot(row), theme().wire.rest, pos, 1)
    row.select((), (id,))
    assert has_colour(shot(row), theme().accent.base, pos, 1)


@pytest.mark.parametrize("zoom", [1.0, 0.5, 0.2])
def test_a_wire_that_goes_round_is_painted_where_it_runs_at_every_level(canvas, session, zoom):
    project = chain(*(L["ReLU"]() for _ in range(3)))
    project = Connect(Edge("n1", "out", "n3", "x"))(project)
    session.document.replace(project)
    (edge,) = [e for e in session.block.graph.edges if e.target == "n3"]
    lane, _ = canvas.drawing.wires[edge].route.middle
    canvas.surface.look_at(lane, zoom)
    assert has_colour(shot(canvas), theme().wire.rest, canvas.to_view(lane), 1, tolerance=60)
    assert canvas.wire_under(lane) == edge


def test_a_frame_takes_the_points_inside_along(row, session):
    put(row, at=(304, 104))
    session.select(["n1", "n2"])
    row.add_frame()
    (frame,) = session.project.layout_of().frames
    grip = place(row, frame.x + frame.width / 2, frame.y + 6)
    drag(row, grip, grip + QPoint(0, 80))
    assert points(session) == [(304, 184)]
