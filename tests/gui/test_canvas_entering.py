"""Going into a block and out again, with motion and without."""

import pytest

from engine.document.edits import AddNode
from engine.document.grouping import Group
from engine.graph.graph import NodeId
from engine.layers import Layer
from gui import theme
from gui.theme import metrics
from tests.gui.conftest import chain

L = Layer.registry


@pytest.fixture
def block(session, canvas) -> NodeId:
    """A block in a row of layers, on the canvas."""
    project = chain(L["Input"](), L["Linear"](), L["ReLU"](), L["Linear"](), L["Output"]())
    before = set(project.block().graph.nodes)
    project = Group(("n2", "n3"), "Half")(project)
    session.document.replace(project)
    (new,) = set(session.block.graph.nodes) - before
    return new


@pytest.fixture
def moving(session, monkeypatch):
    monkeypatch.delenv("NETSMITH_REDUCED_MOTION")
    theme.set_reduced_motion(False)
    yield
    theme.set_reduced_motion(None)


def look(canvas):
    return canvas.surface.centre.toPoint(), round(canvas.zoom, 3)


def test_without_motion_the_inside_is_there_at_once_and_so_is_the_way_back(session, canvas, block):
    home = look(canvas)
    session.enter(block)
    inside = look(canvas)
    canvas.fit(animate=False)
    assert look(canvas) == inside
    session.leave()
    assert look(canvas) == home


def test_with_motion_the_inside_grows_out_of_the_node_and_comes_to_rest(session, canvas, block, moving, qtbot):
    session.apply(AddNode(L["ReLU"](), "after", (2000.0, 0.0)))
    canvas.fit(animate=False)
    place = canvas.view_rect(canvas.drawing.rect(block))
    session.enter(block)
    begun, zoom = canvas.view_rect(canvas.drawing.bounds()), canvas.zoom
    assert place.adjusted(-2, -2, 2, 2).contains(begun.center())
    qtbot.waitUntil(lambda: canvas.surface._animation is None)
    assert canvas.zoom > zoom
    inside = look(canvas)
    canvas.fit(animate=False)
    assert look(canvas) == inside


def test_with_motion_the_way_back_begins_at_the_node_and_ends_where_one_stood(session, canvas, block, moving, qtbot):
    home = look(canvas)
    session.enter(block)
    qtbot.waitUntil(lambda: canvas.surface._animation is None)
    session.leave()
    assert canvas.zoom > home[1]
    assert canvas.surface.visible().contains(canvas.drawing.rect(block).center())
    qtbot.waitUntil(lambda: canvas.surface._animation is None)
    assert look(canvas) == home


def test_no_motion_lasts_as_long_as_a_fifth_of_a_second():
    motion = metrics().motion
    assert max(motion.fast, motion.normal, motion.slow) < 200
