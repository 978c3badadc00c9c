"""Layers in heaps, where most wires find no way: the search for one ends, and holds up neither window nor hand."""

import heapq
import random
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint

from engine.document.project import MAIN
from engine.graph.graph import NodeId
from gui.canvas.drawing import Drawing
from gui.canvas.lanes import Tracks
from gui.canvas.maze import CORNER, way
from gui.canvas.obstacles import Obstacles
from gui.canvas.steps import Steps, at_once, takes_longer
from gui.canvas.ways import Patience
from gui.canvas.wires import Bent
from tests.gui.canvas_driver import drag
from tests.gui.test_canvas_courses import project_of
from tests.gui.test_canvas_settling import courses, settled_by_and_by

pytestmark = pytest.mark.usefixtures("qapp")
COUNT = 160


def wired(places):
    rng = random.Random(1)
    wires = {(max(0, i - rng.randrange(1, 4)), i) for i in range(1, len(places))}
    wires |= {(i, min(len(places) - 1, i + rng.randrange(2, 12))) for i in range(0, len(places) - 2, 3)}
    return project_of(places, sorted(wires))


def scattered(width, height):
    rng = random.Random(3)
    return wired([(rng.uniform(0, width), rng.uniform(0, height)) for _ in range(COUNT)])


HEAPS = {
    "heap": lambda: scattered(600, 400),
    "loose": lambda: scattered(4000, 2600),
    "grid": lambda: wired([(160.0 * (i % 13), 70.0 * (i // 13)) for i in range(COUNT)]),
    "stack": lambda: wired([(0.0, 0.0)] * COUNT),
    "backwards": lambda: wired([(-40.0 * i, 8.0 * (i % 7)) for i in range(COUNT)]),
}


@pytest.mark.parametrize("name", HEAPS)
def test_wires_in_a_heap_get_by_and_by_the_courses_that_they_get_at_once(name):
    project = HEAPS[name]()
    drawing = Drawing(project, MAIN)
    drawing.sketch()
    drawing.is_settled = False
    assert courses(settled_by_and_by(drawing)) == courses(Drawing(project, MAIN))


def cost_of(corners):
    moves = [(np.sign(b[0] - a[0]), np.sign(b[1] - a[1])) for a, b in pairwise(corners)]
    turns = [(1.0, 0.0), *moves, (1.0, 0.0)]
    assert all(a[0] != -b[0] or a[1] != -b[1] for a, b in pairwise(turns)), "it turns round on the spot"
    length = sum(abs(a[0] - b[0]) + abs(a[1] - b[1]) for a, b in pairwise(corners))
    return length + CORNER * sum(a != b for a, b in pairwise(turns))


def least(boxes, start, end):
    """What the best way costs, from place to place; None where there is none."""
    xs = sorted({*boxes[:, 0], *boxes[:, 2], start[0], end[0]})
    ys = sorted({*boxes[:, 1], *boxes[:, 3], start[1], end[1]})
    first, goal = (xs.index(start[0]), ys.index(start[1])), (xs.index(end[0]), ys.index(end[1]))
    ways, waiting, seen = ((1, 0), (0, 1), (-1, 0), (0, -1)), [(0.0, *first, 0)], set()
    while waiting:
        paid, i, j, facing = heapq.heappop(waiting)
        if (i, j, facing) in seen:
            continue
        seen.add((i, j, facing))
        if (i, j) == goal and facing != 2:
            if facing == 0:
                return paid
            heapq.heappush(waiting, (paid + CORNER, i, j, 0))
        for turn, (di, dj) in enumerate(ways):
            m, n = i + di, j + dj
            if abs(turn - facing) == 2 or not (0 <= m < len(xs) and 0 <= n < len(ys)):
                continue
            x, y = (xs[i] + xs[m]) / 2, (ys[j] + ys[n]) / 2
            if not ((boxes[:, 0] < x) & (x < boxes[:, 2]) & (boxes[:, 1] < y) & (y < boxes[:, 3])).any():
                step = abs(xs[m] - xs[i]) + abs(ys[n] - ys[j]) + CORNER * (turn != facing)
                heapq.heappush(waiting, (paid + step, m, n, turn))
    return None


SPOTS = st.tuples(st.integers(0, 60), st.integers(0, 40)).map(lambda p: (8.0 * p[0], 8.0 * p[1]))


@given(st.lists(SPOTS, min_size=1, max_size=7), SPOTS, SPOTS)
@settings(max_examples=150)
def test_a_way_through_a_maze_is_the_shortest_with_the_fewest_corners(corners, start, end):
    if start == end:
        return
    boxes = np.array([(x, y, x + 96, y + 64) for x, y in corners], float)
    found = way(boxes, start, end)
    best = [least(boxes + np.array((-m, -m, m, m)), start, end) for m in (10.0, 5.0, 3.5)]
    first = next((cost for cost in best if cost is not None), None)
    assert (found is None) == (first is None)
    if found is not None:
        assert cost_of(found) == pytest.approx(first)


@given(st.lists(st.tuples(*[st.integers(0, 400)] * 3, st.integers(0, 3)), max_size=60), st.integers(0, 3))
def test_the_first_free_height_is_the_first_that_is_free(runs, owner):
    tracks = Tracks()
    for i, (y, a, b, who) in enumerate(runs):
        tracks.add(((float(a), float(y)), (float(b), float(y))), who)
        if i % 7 == 6:
            tracks.release(who)
            tracks.first_free(np.arange(400.0), 0.0, 400.0, owner)
    heights = np.arange(0.0, 400.0, 3.0)
    one_by_one = (y for y in heights.tolist() if tracks.is_free(0, y, 50.0, 300.0, owner))
    assert tracks.first_free(heights, 50.0, 300.0, owner) == next(one_by_one, None)


def test_a_search_that_is_given_up_leaves_the_wire_a_plain_curve():
    drawing = Drawing(project_of([(0.0, 0.0), (256.0, -300.0), (256.0, 0.0), (512.0, 0.0)], [(0, 3)]), MAIN)
    (wire,) = drawing.wires.values()
    assert isinstance(wire.route, Bent)
    (leg,) = at_once(drawing._begun((wire.edge.source, "out"), [wire.edge]))
    ways = drawing._ways()
    assert at_once(ways.through(leg)) is not None
    drawing._patience.take(1e9)
    assert at_once(ways.through(leg)) is None


def test_patience_grows_with_the_network_and_comes_to_an_end():
    few, many = Patience(1), Patience(10_000)
    for patience in (few, many):
        assert not patience.is_over
        patience.take(3_000)
    assert few.is_over
    assert not many.is_over


def test_work_that_takes_longer_goes_on_where_it_stopped():
    done: list[int] = []

    def work(count: int) -> Steps[None]:
        for i in range(count):
            done.append(i)
            yield

    steps = work(3)
    assert takes_longer(steps, 0.0)
    assert done == []
    assert not takes_longer(steps, 10.0)
    assert done == [0, 1, 2]


def test_steps_over_a_heap_are_small():
    """Of a thousand boxes on one another no step looks through more than a few thousand pairs."""
    boxes = Obstacles(np.array([(0.0, 0.0, 150.0, 64.0)] * 1000))
    rectangles = np.array([(10.0, 10.0, 20.0, 20.0)] * 100)
    assert sum(1 for _ in boxes.nearing(rectangles)) >= 4
    assert len(boxes.near(rectangles)[0]) == 100_000


def test_a_layer_that_is_dragged_in_a_heap_has_its_wires_and_all_settles(canvas, session, settled, qtbot):
    session.document.replace(HEAPS["loose"]())
    settled()
    canvas.settling.finish()
    node = NodeId("n80")
    canvas.surface.look_at(canvas.drawing.rect(node).center(), 1.0)
    start = canvas.node_point(canvas.drawing.node_at(canvas.drawing.rect(node).center()) or node)
    drag(canvas, start, start + QPoint(60, 40))
    drawing = canvas.drawing
    assert all((w.route.start, w.route.end) == drawing.ends(e) for e, w in drawing.wires.items())
    qtbot.waitUntil(lambda: not canvas.settling.is_going_on, timeout=60_000)
    assert drawing.is_settled
    assert all((w.route.start, w.route.end) == drawing.ends(e) for e, w in drawing.wires.items())
