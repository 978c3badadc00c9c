"""The courses of wires: round every node that is not theirs where a way exists, together where their output is one."""

from collections import deque

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.document.edits import MoveNodes
from engine.document.project import MAIN, Layout, Project
from engine.graph.block import Block
from engine.graph.graph import Edge, Graph, Node, NodeId
from engine.layers import Layer
from gui.analysed import analyse
from gui.canvas.drawing import Drawing
from gui.canvas.lanes import Tracks, gaps, joined, lane, reach, reaches
from gui.canvas.maze import way
from gui.canvas.obstacles import Obstacles
from gui.canvas.steps import at_once
from gui.canvas.strokes import strokes
from gui.canvas.wires import Bent, Led, Route

pytestmark = pytest.mark.usefixtures("qapp")
L = Layer.registry
PLACES = st.tuples(st.integers(0, 100), st.integers(0, 60)).map(lambda p: (8.0 * p[0], 8.0 * p[1]))
CELL = 8.0


def project_of(places: list[tuple[float, float]], wires: list[tuple[int, int]]) -> Project:
    """Layers at these places, wired by their numbers."""
    ids = [NodeId(f"n{i + 1}") for i in range(len(places))]
    nodes = {n: Node(n, f"a{i}", L["Add"]()) for i, n in enumerate(ids)}
    edges = frozenset(Edge(ids[a], "out", ids[b], "inputs", i) for i, (a, b) in enumerate(wires))
    graph = Graph(nodes, edges, len(ids) + 1)
    return Project({MAIN: Block(MAIN, "Model", (), graph)}, MAIN, {MAIN: Layout(dict(zip(ids, places, strict=True)))})


def crossed(drawing: Drawing) -> list[tuple[Edge, NodeId]]:
    """Wires and the nodes that they are painted through, a hair's breadth aside."""
    ids, boxes = drawing.boxes()
    found = []
    for edge, wire in drawing.wires.items():
        points = (wire.route.path.pointAtPercent(i / 300) for i in range(301))
        line = np.array([(p.x(), p.y()) for p in points])
        for node, (left, top, right, bottom) in zip(ids, boxes, strict=True):
            inside = (line[:, 0] > left) & (line[:, 0] < right) & (line[:, 1] > top) & (line[:, 1] < bottom)
            if node not in (edge.source, edge.target) and inside.any():
                found.append((edge, node))
    return found


def apart(boxes: np.ndarray, room: float) -> bool:
    a, b = boxes[:, None], boxes[None]
    over = (a[..., :2] - room < b[..., 2:]) & (b[..., :2] - room < a[..., 2:])
    meet = over.all(2)
    np.fill_diagonal(meet, False)
    return not meet.any()


@given(st.lists(PLACES, min_size=3, max_size=9, unique=True), st.data())
@settings(max_examples=120)
def test_no_wire_goes_through_a_node_where_the_nodes_leave_room(places, data):
    count = len(places)
    ends = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).filter(lambda e: e[0] < e[1])
    drawing = Drawing(project_of(places, data.draw(st.lists(ends, min_size=1, max_size=6, unique=True))), MAIN)
    assume(apart(drawing.boxes()[1], 48.0))
    assert crossed(drawing) == []


def is_reachable(boxes: np.ndarray, start: tuple[float, float], end: tuple[float, float]) -> bool:
    """Whether a flood of cells, each as large as the grid and clear of all boxes, gets from one point to the other."""
    low, high = boxes[:, :2].min(0) - 80, boxes[:, 2:].max(0) + 80
    shape = tuple(((high - low) // CELL).astype(int) + 1)
    free = np.ones(shape, bool)
    for left, top, right, bottom in boxes:
        i, j = (int((v - o) // CELL) for v, o in zip((left - 4, top - 4), low, strict=True))
        m, n = (int((v - o) // CELL) + 1 for v, o in zip((right + 4, bottom + 4), low, strict=True))
        free[max(i, 0) : m, max(j, 0) : n] = False
    a, b = (tuple(((np.array(p) - low) // CELL).astype(int)) for p in (start, end))
    if not (free[a] and free[b]):
        return False
    seen, waiting = {a}, deque([a])
    while waiting:
        i, j = waiting.popleft()
        if (i, j) == b:
            return True
        for near in ((i + 1, j), (i - 1, j), (i, j + 1), (i, j - 1)):
            if 0 <= near[0] < shape[0] and 0 <= near[1] < shape[1] and free[near] and near not in seen:
                seen.add(near)
                waiting.append(near)
    return False


@given(st.lists(PLACES, min_size=3, max_size=10, unique=True))
@settings(max_examples=120)
def test_a_wire_finds_the_way_that_there_is(places):
    """Nodes may stand close and on one another; where a flood finds a way from port to port, so does the wire."""
    drawing = Drawing(project_of(places, [(0, 1)]), MAIN)
    ((start, end),) = (drawing.ends(edge) for edge in drawing.wires)
    boxes = drawing.boxes()[1]
    assume(is_reachable(boxes, (start[0] + 22, start[1]), (end[0] - 22, end[1])))
    stubs = [(start[0], start[1], start[0] + 24, start[1]), (end[0] - 24, end[1], end[0], end[1])]
    for left, top, right, bottom in boxes[2:]:
        assume(not any(a < right + 8 and c > left - 8 and top - 8 < b < bottom + 8 for a, b, c, _ in stubs))
    assert crossed(drawing) == []


def row(*more: tuple[float, float], wires: list[tuple[int, int]]) -> Drawing:
    return Drawing(project_of([(256.0 * i, 0.0) for i in range(5)] + list(more), wires), MAIN)


def test_what_is_in_nobodys_way_simply_bends():
    drawing = row(wires=[(0, 1), (1, 2)])
    assert {type(w.route) for w in drawing.wires.values()} == {Route}


def test_a_short_cut_over_layers_in_a_row_runs_over_or_under_them():
    drawing = row(wires=[(0, 1), (1, 2), (0, 2)])
    (route,) = [w.route for w in drawing.wires.values() if (w.edge.source, w.edge.target) == ("n1", "n3")]
    assert isinstance(route, Bent)
    assert route.lane is not None
    assert not -3 <= route.lane <= drawing.faces["n2"].height + 3


def test_wires_of_one_output_share_a_lane():
    drawing = row(wires=[(0, 2), (0, 3), (0, 4)])
    lanes = {w.route.lane for w in drawing.wires.values()}
    assert len(lanes) == 1
    assert crossed(drawing) == []


def test_wires_of_different_outputs_keep_their_lanes_apart():
    drawing = row(wires=[(0, 3), (1, 4)])
    one, other = (w.route.lane for w in drawing.wires.values())
    assert abs(one - other) >= 7


def test_a_moved_node_gets_out_of_the_way_and_the_wire_is_plain_again():
    project = project_of([(256.0 * i, 0.0) for i in range(3)], [(0, 2)])
    drawing = Drawing(project, MAIN)
    ((edge, wire),) = drawing.wires.items()
    assert isinstance(wire.route, Bent)
    from engine.document.diff import Change

    after = MoveNodes({NodeId("n2"): (256.0, 400.0)})(project)
    drawing.sync(after, Change(project, after).blocks[MAIN])
    assert type(drawing.wires[edge].route) is Route
    drawing.sync(project, Change(after, project).blocks[MAIN])
    assert isinstance(drawing.wires[edge].route, Bent)
    assert crossed(drawing) == []


def test_what_is_dragged_stands_in_nobodys_way_until_it_is_dropped():
    drawing = Drawing(project_of([(0.0, 0.0), (256.0, 400.0), (512.0, 0.0)], [(0, 2)]), MAIN)
    (edge,) = drawing.wires
    drawing.shift({NodeId("n2"): (256.0, 0.0)})
    assert type(drawing.wires[edge].route) is Route
    drawing.shift_back([NodeId("n2")])
    assert crossed(drawing) == []


def test_a_course_that_is_carried_along_keeps_its_form():
    drawing = row(wires=[(0, 2)])
    ((edge, wire),) = drawing.wires.items()
    drawing.shift({n: (x + 16, y + 8) for n, (x, y) in drawing.at.items()})
    assert drawing.wires[edge].route.corners == tuple((x + 16, y + 8) for x, y in wire.route.corners)


def test_what_lies_under_the_pointer_follows_the_course():
    drawing = row(wires=[(0, 3)])
    ((edge, wire),) = drawing.wires.items()
    middle, length = wire.route.middle
    assert length > 300
    assert drawing.wire_at(middle, 3.0) == edge
    straight = drawing.rect(NodeId("n2")).center()
    assert drawing.wire_at(straight, 3.0) is None
    assert strokes([wire.route]).length() >= length


@given(st.lists(st.tuples(*[st.integers(-500, 500)] * 2, *[st.integers(8, 300)] * 2), max_size=60), st.data())
def test_what_is_near_is_found_among_any_boxes(boxes, data):
    array = np.array([(x, y, x + w, y + h) for x, y, w, h in boxes], float).reshape(-1, 4)
    x, y, w, h = (data.draw(st.integers(low, 400)) for low in (-600, -600, 0, 0))
    meant = [i for i, (a, b, c, d) in enumerate(array) if a <= x + w and c >= x and b <= y + h and d >= y]
    assert Obstacles(array).within(x, y, x + w, y + h).tolist() == meant


def test_lanes_leave_room_and_prefer_the_height_of_an_end():
    box = np.array(((100.0, -20.0, 200.0, 60.0),))
    for end, best in ((300.0, 100.0), 100.0), ((300.0, 0.0), -30.0):
        assert lane(box, (50.0, 0.0), [end], reaches(box, [end]), Tracks(), "a") == best
    assert reach(box, 150.0, 0.0) is None
    assert reach(box, 150.0, 90.0) == (70.0, np.inf)
    assert gaps(box, 0.0, 300.0).tolist() == [[-np.inf, -30.0], [70.0, np.inf]]


def test_tracks_are_taken_and_given_back():
    tracks = Tracks()
    tracks.add(((0.0, 0.0), (100.0, 0.0), (100.0, 50.0)), "a")
    assert not tracks.is_free(0, 4.0, 50.0, 60.0, "b")
    assert tracks.is_free(0, 4.0, 50.0, 60.0, "a")
    assert tracks.is_free(0, 8.0, 50.0, 60.0, "b")
    assert not tracks.is_free(1, 96.0, 10.0, 20.0, "b")
    tracks.release("a")
    assert tracks.is_free(0, 4.0, 50.0, 60.0, "b")


def test_a_maze_is_walked_and_a_closed_room_is_not():
    walls = np.array(((0, -100, 20, 60), (0, 80, 20, 200), (60, -100, 80, 40), (60, 55, 80, 200)), float)
    found = way(walls, (-50.0, 0.0), (120.0, 0.0))
    assert found is not None
    assert found[0] == (-50.0, 0.0)
    assert found[-1] == (120.0, 0.0)
    assert not Obstacles(walls).crossed(np.array((found,)), np.array(((-1, -1),)))[0]
    room = np.array(((0, -100, 20, 100), (0, -100, 200, -80), (0, 80, 200, 100), (180, -100, 200, 100)), float)
    assert way(room, (-50.0, 0.0), (100.0, 0.0)) is None


def test_points_on_a_straight_piece_are_left_out():
    assert joined([(0, 0), (5, 0), (5, 0), (9, 0), (9, 4)]) == ((0, 0), (9, 0), (9, 4))


@pytest.mark.parametrize("points", [[(300.0, 200.0)], [(500.0, 200.0), (100.0, 300.0)]])
def test_a_wire_runs_through_its_points_in_their_order(points):
    from engine.document.edits import SetReroutes
    from engine.document.reroutes import added

    project = project_of([(0.0, 0.0), (800.0, 0.0)], [(0, 1)])
    (edge,) = project.block().graph.edges
    for i, at in enumerate(points):
        project = SetReroutes(added(project.layout_of(), at, {edge: i})[0])(project)
    route = Drawing(project, MAIN).wires[edge].route
    assert isinstance(route, Led)
    found = [route.nearest(*at) for at in points]
    assert all(away < 0.5 for away, _ in found)
    assert [along for _, along in found] == sorted(along for _, along in found)


def test_no_way_is_looked_for_where_a_wire_ends_under_another_layer():
    drawing = Drawing(project_of([(0, 0), (400, 0), (410, 8), (0, 200), (400, 200)], [(0, 1), (0, 2), (3, 4)]), MAIN)
    ways, legs = drawing._ways(), [at_once(drawing._begun((e.source, "out"), [e]))[0] for e in sorted(drawing.wires)]
    assert at_once(ways.shut(legs)).tolist() == [False, True, False]
    assert at_once(ways.through(legs[1])) is None
    assert type(drawing.wires[legs[1].edge].route) is Route


def test_an_analysis_that_changes_no_chip_leaves_every_course_as_it_is():
    project = project_of([(0, 0), (400, 0), (800, 0)], [(0, 1), (1, 2)])
    drawing = Drawing(project, MAIN, analyse(project, True).analysis)
    before = dict(drawing.wires)
    drawing.learn(analyse(project, True).analysis, trusted=False)
    assert all(drawing.wires[edge] is wire for edge, wire in before.items())
