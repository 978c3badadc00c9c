"""Arranged on the canvas: no wire through a layer, points of wires in columns, the rest in place, and the glide."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtTest import QTest

from engine.document.edits import MoveNodes, SetReroutes
from engine.document.files import load
from engine.document.project import MAIN, Layout, Project
from engine.document.reroutes import added
from engine.graph.arrange import ROW_GAP
from engine.graph.aside import aside
from engine.graph.block import Block
from engine.graph.graph import Edge, Graph, Node, NodeId
from engine.layers import Layer
from gui.analysed import analyse
from gui.canvas.arranging import arranged
from gui.canvas.drawing import Drawing
from gui.canvas.moving import Motion
from gui.canvas.wires import Bent
from gui.theme import metrics
from tests.gui.canvas_driver import LEFT, PLAIN, press
from tests.gui.canvas_hands import agrees
from tests.gui.conftest import chain
from tests.gui.test_canvas_courses import crossed, project_of

pytestmark = pytest.mark.usefixtures("qapp")
L = Layer.registry
ROOT = Path(__file__).parents[2]
FILES = [
    *sorted((ROOT / "resources").rglob("*.netsmith")),
    *sorted((ROOT / "tests/golden/reference").glob("*.netsmith")),
]


def is_clear(drawing: Drawing) -> None:
    """Arrange it as Ctrl+L does, and look at every wire."""
    places, points = arranged(drawing)
    project = MoveNodes(places, drawing.block)(drawing.project)
    reroutes = [r for r in drawing.reroutes if r.id not in points]
    assert reroutes == []
    assert crossed(Drawing(project, drawing.block)) == []


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_no_wire_of_an_arranged_network_goes_through_a_layer(path):
    project = load(path)
    for block in project.blocks:
        is_clear(Drawing(project, block))


WIRES = st.lists(st.tuples(st.integers(0, 17), st.integers(1, 6)), max_size=34)


@given(WIRES)
@settings(max_examples=60)
def test_no_wire_of_an_arranged_random_network_goes_through_a_layer(pairs):
    wires = [(a, a + step) for a, step in sorted(set(pairs)) if a + step < 18]
    is_clear(Drawing(project_of([(0.0, 0.0)] * 18, wires), MAIN))


def test_points_of_wires_stand_in_columns_between_their_layers():
    project = project_of([(0.0, 0.0), (500.0, 300.0), (100.0, 900.0)], [(0, 1), (1, 2)])
    (edge, _) = sorted(project.block().graph.edges)
    reroutes, id = added(project.layout_of(), (7.0, 7.0), {edge: 0})
    drawing = Drawing(SetReroutes(reroutes)(project), MAIN)
    places, points = arranged(drawing)
    (x, y), width = points[id], drawing.faces[NodeId("n1")].width
    assert places["n1"][0] + width < x < places["n2"][0]
    assert y == places["n1"][1] + metrics().node.port_y


@pytest.fixture
def rows(canvas, session):
    """Six layers in a row, one of them under the place that the arranged middle ones take."""
    session.document.replace(chain(*(L["ReLU"]() for _ in range(6)), step=64))
    session.apply(MoveNodes({NodeId("n6"): (264.0, 40.0)}))
    canvas.surface.look_at(QPointF(300, 100), 1.0)
    return canvas


def test_arranging_a_selection_is_one_step_and_leaves_the_rest_where_it_is(rows, session):
    before = session.project
    session.select(["n2", "n3", "n4"])
    rows.arrange_selection()
    layout, old = session.project.layout_of(), before.layout_of()
    assert [layout.at(n) for n in ("n1", "n5", "n6")] == [old.at(n) for n in ("n1", "n5", "n6")]
    rects = {n: rows.drawing.rect(n) for n in rows.drawing.faces}
    assert not any(rects[a].intersects(rects[b]) for a in ("n2", "n3", "n4") for b in ("n1", "n5", "n6"))
    assert [a < b for a, b in pairwise(layout.at(n)[0] for n in ("n2", "n3", "n4"))] == [True, True]
    session.undo()
    assert session.project is before


def test_what_is_arranged_glides_there_while_the_project_is_there_at_once(rows, session, qtbot, monkeypatch):
    monkeypatch.setenv("NETSMITH_REDUCED_MOTION", "0")
    before = dict(rows.drawing.at)
    rows.arrange()
    places = dict(session.project.layout_of().positions)
    assert rows.gliding.is_going_on
    assert rows.drawing.at == before
    qtbot.waitUntil(lambda: not rows.gliding.is_going_on)
    assert rows.drawing.at == places
    assert crossed(rows.drawing) == []


@pytest.mark.parametrize(("frame", "last"), [(10, 180), (50, 100), (90, 90)])
def test_a_motion_is_at_its_end_with_the_last_frame_that_is_seen_in_time(qapp, frame, last):
    """Frames that take so long each: a frame is seen when the next one is begun."""
    motion, seen = Motion(190, qapp), {}
    now = 0
    motion.valueChanged.connect(lambda share: seen.setdefault(share, now))
    for now in range(0, 400, frame):
        motion.setCurrentTime(now)
    assert seen[1.0] == last
    assert last + frame <= 190


@pytest.mark.parametrize("what", ["press", "undo", "open"])
def test_a_hand_or_another_change_ends_the_glide(rows, session, monkeypatch, what):
    monkeypatch.setenv("NETSMITH_REDUCED_MOTION", "0")
    rows.arrange()
    assert rows.gliding.is_going_on
    if what == "press":
        press(rows, QPoint(3, 3))
    elif what == "undo":
        session.undo()
    else:
        session.document.replace(chain(L["Tanh"]()))
    assert not rows.gliding.is_going_on
    assert rows.drawing.at == dict(session.project.layout_of().positions)
    QTest.mouseRelease(rows.surface.viewport(), LEFT, PLAIN, QPoint(3, 3))


def test_nothing_glides_with_reduced_motion(rows, session):
    rows.arrange()
    assert not rows.gliding.is_going_on
    assert rows.drawing.at == dict(session.project.layout_of().positions)
    QTest.mouseRelease(rows.surface.viewport(), LEFT, PLAIN, QPoint(3, 3))


BOXES = st.tuples(st.integers(-300, 300), st.integers(-300, 300), st.integers(8, 200), st.integers(8, 200)).map(
    lambda b: (float(b[0]), float(b[1]), float(b[0] + b[2]), float(b[1] + b[3]))
)


@given(st.lists(BOXES, min_size=1, max_size=5), st.lists(BOXES, max_size=8))
def test_what_goes_aside_is_clear_and_on_the_grid(group, others):
    dx, dy = aside(group, others, ROW_GAP / 2, 8)
    assert dx == 0 or dy == 0
    assert dx % 8 == dy % 8 == 0
    for a in group:
        for b in others:
            apart = [max(a[i] + d, b[i]) - min(a[i + 2] + d, b[i + 2]) for i, d in ((0, dx), (1, dy))]
            assert max(apart) >= ROW_GAP / 2


def test_a_fanned_network_shares_a_lane_when_arranged():
    wires = [*pairwise(range(8)), (0, 3), (0, 5), (0, 7)]
    ids = [NodeId(f"n{i}") for i in range(8)]
    nodes = {n: Node(n, n, L["Add"]()) for n in ids}
    graph = Graph(nodes, frozenset(Edge(ids[a], "out", ids[b], "inputs", i) for i, (a, b) in enumerate(wires)), 9)
    project = Project({MAIN: Block(MAIN, "Model", (), graph)}, MAIN, {MAIN: Layout()})
    places, _ = arranged(Drawing(project, MAIN))
    drawing = Drawing(MoveNodes(places)(project), MAIN)
    long = [w.route for e, w in drawing.wires.items() if e.source == "n0" and e.target != "n1"]
    bent = [route for route in long if isinstance(route, Bent)]
    assert len(bent) > 1
    assert len({route.lane for route in bent}) == 1
    assert crossed(drawing) == []


@pytest.fixture
def many(canvas, session, monkeypatch):
    """More layers in a row than whose wires find their ways at every step."""
    monkeypatch.setenv("NETSMITH_REDUCED_MOTION", "0")
    count = metrics().canvas.glide_most + 2
    wires = [*pairwise(range(count)), *((i, i + 4) for i in range(0, count - 4, 7))]
    session.document.replace(project_of([(256.0 * (i % 40), 176.0 * (i // 40)) for i in range(count)], wires))
    canvas.settling.finish()
    return canvas


def test_very_many_layers_glide_as_well_and_land_where_the_project_has_them(many, session, qtbot):
    before = dict(many.drawing.at)
    many.arrange()
    places = dict(session.project.layout_of().positions)
    assert many.gliding.is_going_on
    assert many.drawing.at == before
    many.gliding._show(0.5)
    halfway = [(a + b) / 2 for a, b in zip(before["n9"], places["n9"], strict=True)]
    assert many.drawing.at["n9"] == tuple(halfway)
    qtbot.waitUntil(lambda: not many.gliding.is_going_on)
    assert many.drawing.at == places
    assert many.drawing.boxes()[1].tolist() == [list(many.drawing._box(n)) for n in many.drawing.faces]
    many.settling.finish()
    agrees(many, session)


@pytest.mark.parametrize("what", ["press", "undo", "learn", "move"])
def test_a_hand_an_edit_or_news_of_shapes_ends_the_glide_of_very_many(many, session, what):
    many.arrange()
    assert many.gliding.is_going_on
    many.gliding._show(0.5)
    if what == "press":
        press(many, QPoint(3, 3))
        QTest.mouseRelease(many.surface.viewport(), LEFT, PLAIN, QPoint(3, 3))
    elif what == "undo":
        session.undo()
    elif what == "learn":
        many.drawing.learn(analyse(session.project, True).analysis, True)
    else:
        session.apply(MoveNodes({NodeId("n5"): (0.0, -400.0)}))
    assert many.drawing.at == dict(session.project.layout_of().positions)
    many.gliding.stop()
    many.settling.finish()
    agrees(many, session)


def test_wires_go_along_while_very_many_layers_glide(many):
    many.arrange()
    drawing, flight = many.drawing, many.drawing.flight
    many.gliding._show(0.4)
    bounds = drawing.extent()
    path = flight.path(bounds)
    edge = Edge(NodeId("n1"), "out", NodeId("n2"), "inputs", 0)
    start, _ = drawing.ends(edge)
    ends = {(path.elementAt(i).x, path.elementAt(i).y) for i in range(path.elementCount())}
    assert min(abs(x - start[0]) + abs(y - start[1]) for x, y in ends) < 1
    assert path.boundingRect().width() > bounds.width() / 2
    many.gliding.stop()
    assert drawing.flight is None
