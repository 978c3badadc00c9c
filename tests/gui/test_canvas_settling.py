"""What is known of a large network is taken in by and by; in the end it is what taking it in at once gives."""

import pytest

from bench.networks import NETWORKS
from engine.analysis.infer import infer
from engine.document.edits import MoveNodes, RemoveNodes, SetParam
from engine.document.fragment import Paste, copy
from engine.document.project import MAIN
from gui.canvas.drawing import MANY_NEW, Drawing
from gui.canvas.lasting import MANY_WIRES
from gui.canvas.steps import at_once, parts
from tests.gui.canvas_driver import drag, shot
from tests.gui.test_canvas_sheet import THIN, other_pixels, pixels

MANY = MANY_NEW + 60
VERY_MANY = MANY_WIRES + 60


def courses(drawing):
    return {edge: (type(wire.route), wire.route.corners) for edge, wire in drawing.wires.items()}


def settled_by_and_by(drawing):
    for _ in range(100_000):
        if drawing.settle():
            return drawing
    raise AssertionError("it never ends")


def assert_as_at_once(drawing, analysis):
    fresh = Drawing(drawing.project, drawing.block, analysis)
    assert drawing.faces == fresh.faces
    assert drawing.looks == fresh.looks
    assert courses(drawing) == courses(fresh)
    assert (drawing.boxes()[1] == fresh.boxes()[1]).all()


@pytest.mark.parametrize("name", NETWORKS)
def test_what_was_taken_in_by_and_by_is_what_is_taken_in_at_once(qapp, name):
    project = NETWORKS[name](MANY)
    analysis = infer(project)
    drawing = Drawing(project, MAIN, hurry=True)
    drawing.learn(analysis, True, hurry=True)
    assert not drawing.is_settled
    assert_as_at_once(settled_by_and_by(drawing), analysis)


@pytest.mark.parametrize("name", ["skips", "wide"])
def test_wires_that_were_sketched_get_the_courses_that_they_get_at_once(qapp, name):
    project = NETWORKS[name](VERY_MANY)
    drawing = Drawing(project, MAIN, hurry=True)
    assert not drawing.is_settled
    assert drawing.wires.keys() == project.block().graph.edges
    assert_as_at_once(settled_by_and_by(drawing), None)


def test_a_small_network_is_there_at_once(qapp):
    project = NETWORKS["skips"](60)
    drawing = Drawing(project, MAIN, hurry=True)
    drawing.learn(infer(project), True, hurry=True)
    assert drawing.is_settled


@pytest.mark.parametrize("after", [0, 3, 9])
def test_an_edit_in_the_middle_is_taken_in_too(canvas, session, settled, after):
    session.document.replace(NETWORKS["skips"](MANY))
    settled()
    canvas.settling.finish()
    drawing = canvas.drawing
    project = session.project
    drawing.learn(infer(project), True)
    drawing._unseen = dict.fromkeys(drawing.faces)
    drawing.is_settled = False
    for _ in range(after):
        drawing.settle()
    canvas.settling.start()
    session.apply(RemoveNodes(["n9"]))
    session.apply(SetParam("n6", "out_channels", 8))
    session.apply(MoveNodes({"n20": (900.0, 900.0)}))
    settled()
    canvas.settling.finish()
    assert_as_at_once(canvas.drawing, session.analysis)


def test_a_large_paste_and_its_undo_show_at_once_and_find_their_courses_by_and_by(canvas, session, settled, qtbot):
    session.document.replace(NETWORKS["skips"](2 * MANY))
    settled()
    canvas.settling.finish()
    piece = copy(session.project, list(session.block.graph.nodes)[1:-1])
    for change in (lambda: session.apply(Paste(piece, (32.0, 32.0))), session.undo):
        change()
        drawing = canvas.drawing
        assert drawing.wires.keys() == session.block.graph.edges
        assert all((w.route.start, w.route.end) == drawing.ends(edge) for edge, w in drawing.wires.items())
        assert canvas.settling.is_going_on
        settled()
        qtbot.waitUntil(lambda: not canvas.settling.is_going_on)
        assert_as_at_once(canvas.drawing, session.analysis)


def test_the_window_settles_by_itself_and_shows_it(canvas, session, settled, qtbot):
    session.document.replace(NETWORKS["skips"](MANY))
    canvas.surface.look_at(canvas.drawing.rect("n30").center(), 1.0)
    settled()
    shot(canvas)
    qtbot.waitUntil(lambda: not canvas.settling.is_going_on)
    assert canvas.drawing.is_settled
    seen = shot(canvas)
    canvas.scene.redraw()
    assert other_pixels(pixels(seen), pixels(shot(canvas))) <= THIN
    assert_as_at_once(canvas.drawing, session.analysis)


def test_a_drag_meanwhile_ends_where_it_was_let_go(canvas, session, settled, qtbot):
    session.document.replace(NETWORKS["skips"](MANY))
    settled()
    canvas.surface.look_at(canvas.drawing.rect("n30").center(), 1.0)
    start = canvas.node_point("n30")
    drag(canvas, start, start + (canvas.node_point("n31") - start) / 2)
    qtbot.waitUntil(lambda: not canvas.settling.is_going_on and not session.analysing)
    canvas.settling.finish()
    assert_as_at_once(canvas.drawing, session.analysis)


def test_steps_return_what_they_worked_out(qapp):
    def work():
        yield
        return 7

    assert at_once(work()) == 7
    assert [list(part) for part in parts([1, 2, 3, 4, 5], 2)] == [[1, 2], [3, 4], [5]]
