"""What the inspector offers for blocks: kinds of layers, sequences, and one weight for two layers."""

from collections.abc import Callable

import pytest

from engine.document.edits import AddNode, Connect, SetBlockParams
from engine.document.grouping import Group
from engine.document.project import Project
from engine.graph.block import BlockParam
from engine.graph.graph import Edge, NodeId
from engine.layers.activation import GELU, ReLU
from engine.layers.chosen import Chosen
from engine.layers.linear import Linear
from gui.editors.layer_kind import LayerEditor
from gui.panels.inspector import InspectorPanel
from gui.session import Session
from tests.engine.test_tied import HEAD, TABLE, network, tied

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

Settle = Callable[[], None]


def shown(qtbot, session: Session, project: Project, settled: Settle) -> InspectorPanel:  # type: ignore[no-untyped-def]
    session.document.replace(project)
    panel = InspectorPanel(session)
    qtbot.addWidget(panel)
    panel.resize(320, 600)
    panel.show()
    settled()
    return panel


def grouped() -> Project:
    """A chain of three layers in a block of its own."""
    project = Project()
    for layer in (Linear(out_features=8), ReLU(), Linear(out_features=4)):
        project = AddNode(layer)(project)
    graph = project.block().graph
    for a, b in (("n1", "n2"), ("n2", "n3")):
        project = Connect(Edge(NodeId(a), "out", NodeId(b), "x"))(project)
    return Group(list(graph.nodes), "Mlp")(project)


def test_a_chain_of_modules_can_be_written_as_a_sequence(qtbot, session: Session, settled: Settle) -> None:  # type: ignore[no-untyped-def]
    panel = shown(qtbot, session, grouped(), settled)
    session.enter(next(iter(session.block.graph.nodes)))
    settled()
    assert panel.project.sequence.isVisible()
    panel.project.sequence.click()
    assert session.block.sequence
    session.document.undo()
    settled()
    assert not panel.project.sequence.isChecked()


def test_a_kind_of_layer_is_chosen_among_the_parameters(qtbot, session: Session, settled: Settle) -> None:  # type: ignore[no-untyped-def]
    project = SetBlockParams("", (BlockParam("act", "layer", ReLU()),))(Project())
    panel = shown(qtbot, session, AddNode(Chosen(param="act"))(project), settled)
    editor = panel.project.editors["act"]
    assert isinstance(editor, LayerEditor)
    editor.combo.activated.emit(editor.choices.index(GELU))
    assert session.block.choice("act") == GELU()


def test_a_layer_offers_the_weights_of_its_size(qtbot, session: Session, settled: Settle) -> None:  # type: ignore[no-untyped-def]
    panel = shown(qtbot, session, network(), settled)
    session.select([HEAD])
    choice = panel.node.tie
    assert [choice.combo.itemText(i) for i in range(choice.combo.count())] == ["a weight of its own", "that of table"]
    choice.combo.activated.emit(1)
    assert session.project == tied(network())
    choice.combo.activated.emit(0)
    assert session.project.node(HEAD).weights.tied == "" != TABLE
