"""Whatever is done in whatever order, the canvas shows the document: nothing lost, nothing left over."""

import os
import random

import pytest
from PySide6.QtCore import QPointF

from engine.document.edits import AddNode, Connect
from engine.document.project import Project
from engine.graph.graph import Edge
from engine.layers import Layer
from gui.snapping import snapping
from tests.gui.canvas_hands import Hands, agrees
from tests.gui.conftest import chain

L = Layer.registry
SEEDS = int(os.environ.get("NETSMITH_SEEDS", "6"))
GESTURES = int(os.environ.get("NETSMITH_GESTURES", "40"))


@pytest.fixture(autouse=True)
def grid():
    yield
    snapping.switch(True)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_after_any_gestures_the_canvas_shows_the_document(canvas, session, seed):
    hands = Hands(canvas, session, random.Random(seed))
    first = chain(L["Input"](shape=(8,)), L["Linear"](), L["ReLU"]())
    session.document.replace(first)
    for _ in range(GESTURES):
        hands.next()()
        if len(canvas.drawing.faces) > 24:
            session.undo()
        agrees(canvas, session)
    while session.document.undo_label:
        session.undo()
        agrees(canvas, session)
    assert session.project is first


def test_entering_and_leaving_shows_each_block_as_it_is(canvas, session):
    session.document.replace(chain(L["Input"](shape=(8,)), L["Linear"](), L["ReLU"]()))
    session.select(["n2", "n3"])
    canvas.group()
    (block,) = session.selection
    session.enter(block)
    agrees(canvas, session)
    canvas.add_layer("Dropout")
    agrees(canvas, session)
    canvas.leave()
    agrees(canvas, session)
    session.enter(block)
    session.undo()
    session.undo()
    assert session.path == ()
    agrees(canvas, session)


def test_opening_another_project_shows_it_whole(canvas, session):
    session.document.replace(chain(*(L["ReLU"]() for _ in range(40))))
    seen = canvas.surface.visible()
    assert seen.contains(canvas.drawing.bounds())
    session.document.replace(Project())
    assert canvas.hint.isVisible()
    agrees(canvas, session)


def test_a_change_of_a_blocks_ports_is_seen_on_its_instances(canvas, session):
    session.document.replace(chain(L["Input"](shape=(8,)), L["Linear"](), L["ReLU"]()))
    session.select(["n2", "n3"])
    canvas.group()
    (block,) = session.selection
    inner = session.block.graph.nodes[block].layer.block
    session.apply(AddNode(L["Input"](), "mask", block=inner))
    assert [s.port.name for s in canvas.drawing.faces[block].ins][-1] == "mask"
    agrees(canvas, session)


def test_what_is_revealed_can_be_seen(canvas, session):
    session.document.replace(chain(*(L["ReLU"]() for _ in range(60))))
    canvas.surface.look_at(QPointF(0, 0), 1.0)
    last = list(session.block.graph.nodes)[-1]
    session.reveal(session.block_id, last)
    assert canvas.surface.visible().contains(canvas.drawing.rect(last))
    assert session.selection == (last,)


def test_wires_that_run_back_go_round_the_nodes(canvas, session):
    project = chain(L["Input"](shape=(8,)), L["Linear"]())
    project = AddNode(L["ReLU"](), "act", (0.0, 300.0))(project)
    project = Connect(Edge("n2", "out", "n3", "x"))(project)
    session.document.replace(project)
    (back,) = [w for w in canvas.drawing.wires.values() if w.edge.target == "n3"]
    assert canvas.drawing.rect("n2").bottom() < back.route.lane < canvas.drawing.rect("n3").top()


def test_a_wire_that_runs_back_goes_through_no_node(canvas, session):
    project = chain(L["Input"](shape=(8,)), L["Linear"](), L["ReLU"]())
    project = AddNode(L["ReLU"](), "between", (264.0, 200.0))(project)
    project = AddNode(L["ReLU"](), "last", (0.0, 260.0))(project)
    project = Connect(Edge("n3", "out", "n5", "x"))(project)
    session.document.replace(project)
    (back,) = [w for w in canvas.drawing.wires.values() if w.edge.target == "n5"]
    between = canvas.drawing.rect("n4")
    assert not between.top() <= back.route.lane <= between.bottom()
