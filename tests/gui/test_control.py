"""Loops and branches in the window: added, wrapped, entered, and set in the inspector."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPointF

from engine.document.control_edits import Wrap, started
from engine.document.edits import AddNode, SetParam
from engine.document.project import Project
from engine.errors import EditError
from engine.expr import Expr
from engine.graph.block import BlockParam
from engine.layers.block import held
from gui.canvas.adding import add_layer
from gui.control_words import control_title, mark_of
from gui.panels.inspect_control import ControlView
from gui.panels.inspect_node import NodeView
from gui.session import Session
from tests.engine.cells import rnn_cell, widener
from tests.engine.drawing import Drawing
from tests.gui.window_fixture import hands  # noqa: F401


def with_control(kind: str) -> Project:
    bring, layer = started(Project(), kind)
    return AddNode(layer)(bring(Project()))


@pytest.fixture
def session(qapp) -> Session:
    return Session()


@pytest.mark.parametrize("kind", ["Scan", "While", "Branch"])
def test_a_loop_or_branch_is_added_with_a_first_block_and_entered(hands, kind):  # noqa: F811
    canvas, session = hands.window.desk.canvas, hands.session
    node = add_layer(canvas, kind, QPointF(0, 0))
    assert node is not None
    session.enter(node)
    assert [len(session.block.inputs) > 0, len(session.block.outputs)] == [True, 1]
    session.undo()
    assert len(session.project.blocks) == 1


def test_selected_layers_become_the_block_of_a_loop_in_one_step(hands):  # noqa: F811
    d = Drawing("Main")
    d.output("y", d.add("body", widener().nodes["n2"].layer, d.input("x", 4)))
    session = hands.session
    session.document.replace(d.project())
    session.select(["n2"])
    hands.window.desk.canvas.commands.wrap("Scan")
    (node,) = (n for n in session.block.graph.nodes.values() if held(n.layer))
    assert node.layer.key == "Scan"
    assert len(session.block.graph.edges) == 2
    session.undo()
    assert session.project.block().graph.nodes["n2"].layer.key == "Linear"


def test_a_row_of_blocks_is_not_wrapped():
    d = Drawing("Main")
    d.instance("row", widener(), d.input("x", 4), repeat=3)
    with pytest.raises(EditError, match="3 times in a row"):
        Wrap(["n2"], "Scan")(d.project())


def test_the_part_of_an_input_is_chosen_in_the_inspector(session, qtbot):
    session.document.replace(with_control("Scan"))
    view = ControlView(session)
    qtbot.addWidget(view)
    view.show_node(session.block.graph.nodes["n1"])
    assert list(view.roles.editors) == ["x", "h"]
    view.roles.edited.emit("h", "constant")
    assert session.block.graph.nodes["n1"].layer.roles == {"x": "sequence", "h": "constant"}


def test_a_second_way_is_chosen_in_the_inspector_and_entered(session, qtbot):
    project = with_control("Branch")
    other = rnn_cell().block()
    session.document.replace(project.with_block(other))
    view = ControlView(session)
    qtbot.addWidget(view)
    view.show_node(session.block.graph.nodes["n1"])
    view.blocks.edited.emit("otherwise", "RNNCell")
    assert session.block.graph.nodes["n1"].layer.otherwise == other.id
    session.enter("n1", 1)
    assert session.block.name == "RNNCell"
    session.undo()
    assert session.path == ()


def test_an_argument_of_the_block_of_a_loop_is_set_in_the_inspector(session, qtbot):
    session.document.replace(with_control("Scan"))
    view = ControlView(session)
    qtbot.addWidget(view)
    view.show_node(session.block.graph.nodes["n1"])
    view.arguments[0].edited.emit("hidden", 7)
    assert session.block.graph.nodes["n1"].layer.args == {"hidden": 7}


@pytest.mark.parametrize(
    ("kind", "mark", "title"), [("Scan", "scan", "Cell"), ("While", "≤ 10", "Step"), ("Branch", "if training", "Way")]
)
def test_the_node_says_how_its_block_is_applied(kind, mark, title):
    project = with_control(kind)
    layer = project.block().graph.nodes["n1"].layer
    assert (mark_of(layer), control_title(project, layer)) == (mark, title)


def test_what_decides_between_two_ways_is_written_as_an_expression(session, qtbot):
    project = with_control("Branch")
    main = replace(project.block(), params=(BlockParam("depth", default=2),))
    session.document.replace(SetParam("n1", "on", "parameter")(project.with_block(main)))
    view = NodeView(session)
    qtbot.addWidget(view)
    view.show_node(session.block.graph.nodes["n1"])
    editor = view.form.editors["when"]
    editor.field.setText("depth > 3")
    editor.take()
    assert session.block.graph.nodes["n1"].layer.when == Expr("depth > 3")


@pytest.mark.parametrize("kind", ["Scan", "While", "Branch"])
def test_a_loop_or_branch_is_wired_behind_what_is_selected_and_put_on_a_wire(hands, kind):  # noqa: F811
    d = Drawing("Main")
    d.output("y", d.input("x", "T", 4))
    canvas, session = hands.window.desk.canvas, hands.session
    session.document.replace(d.project())
    session.select(["n1"])
    behind = add_layer(canvas, kind)
    assert [e.target for e in session.block.graph.out_of("n1")].count(behind) == 1
    session.undo()
    (wire,) = session.block.graph.edges
    between = add_layer(canvas, kind, QPointF(0, 0), wire)
    assert {(e.source, e.target) for e in session.block.graph.edges} == {("n1", between), (between, "n2")}
