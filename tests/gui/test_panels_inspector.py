"""The inspector shows the newest document and changes it, and nothing a person writes is lost."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from engine.document.edits import Connect, RemoveNodes, SetParam
from engine.document.grouping import Group
from engine.expr import Expr
from engine.graph.graph import Edge, NodeId
from engine.layers.activation import ReLU
from engine.layers.code import CodeLayer
from engine.layers.convolution import Conv2d
from engine.layers.io import Input, Output
from engine.layers.linear import Linear
from engine.layers.merge import Add
from engine.layers.shape import Flatten
from gui.editors import FieldEditor
from gui.editors.choices import ChoiceEditor
from gui.editors.texts import CodeEditor
from gui.panels.help import HelpPanel
from gui.panels.inspector import InspectorPanel
from gui.panels.problems import ProblemRow, ProblemsPanel
from gui.panels.summary import SummaryPanel
from gui.session import Session
from tests.gui.conftest import chain

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

Settle = Callable[[], None]


def id_of(session: Session, name: str) -> NodeId:
    return next(n.id for n in session.block.graph.nodes.values() if n.name == name)


@pytest.fixture
def network(session: Session) -> Session:
    """Pictures of digits, two convolutions, ten scores."""
    session.document.replace(
        chain(
            Input(shape=(1, 8, 8)),
            Conv2d(out_channels=4),
            Conv2d(out_channels=8),
            ReLU(),
            Flatten(),
            Linear(out_features=10),
            Output(),
            names=("images", "stem", "body", "relu", "flat", "head", "digit"),
        )
    )
    return session


@pytest.fixture
def inspector(qtbot, network: Session, settled: Settle) -> InspectorPanel:  # type: ignore[no-untyped-def]
    panel = InspectorPanel(network)
    qtbot.addWidget(panel)
    panel.resize(320, 446)
    panel.show()
    settled()
    return panel


def write(editor: object, text: str) -> None:
    assert isinstance(editor, FieldEditor)
    editor.field.setFocus()
    editor.field.selectAll()
    QTest.keyClicks(editor.field, text)
    QTest.keyClick(editor.field, Qt.Key.Key_Return)


def test_a_value_typed_changes_the_document_and_undo_brings_it_back_into_the_field(
    network: Session, inspector: InspectorPanel
) -> None:
    stem = id_of(network, "stem")
    network.select([stem])
    before = network.project
    field = inspector.node.form.editors["out_channels"]
    write(field, "64")
    assert network.project.node(stem).layer == Conv2d(out_channels=64)
    network.undo()
    assert network.project is before
    assert isinstance(field, FieldEditor)
    assert field.field.text() == "4"


def test_what_is_being_written_goes_to_its_own_layer_when_another_is_selected(
    network: Session, inspector: InspectorPanel
) -> None:
    stem, body = id_of(network, "stem"), id_of(network, "body")
    network.select([stem])
    field = inspector.node.form.editors["out_channels"]
    assert isinstance(field, FieldEditor)
    inspector.activateWindow()
    field.field.setFocus()
    field.field.selectAll()
    QTest.keyClicks(field.field, "24")
    network.select([body])
    assert network.project.node(stem).layer == Conv2d(out_channels=24)
    assert network.project.node(body).layer == Conv2d(out_channels=8)
    assert field.field.text() == "8"


def test_each_value_typed_is_one_step_to_undo(network: Session, inspector: InspectorPanel) -> None:
    stem = id_of(network, "stem")
    network.select([stem])
    for text in ("16", "32"):
        write(inspector.node.form.editors["out_channels"], text)
    network.undo()
    assert network.project.node(stem).layer == Conv2d(out_channels=16)


def test_arrow_keys_held_are_one_step_to_undo(network: Session, inspector: InspectorPanel) -> None:
    stem = id_of(network, "stem")
    network.select([stem])
    before = network.project
    field = inspector.node.form.editors["out_channels"]
    assert isinstance(field, FieldEditor)
    for _ in range(5):
        QTest.keyClick(field.field, Qt.Key.Key_Up)
    assert network.project.node(stem).layer == Conv2d(out_channels=9)
    network.undo()
    assert network.project is before


def test_text_that_cannot_be_read_leaves_the_document_and_outlives_an_analysis(
    network: Session, inspector: InspectorPanel, settled: Settle
) -> None:
    stem, before = id_of(network, "stem"), network.project
    network.select([stem])
    field = inspector.node.form.editors["out_channels"]
    write(field, "0")
    assert network.project is before
    assert "at least 1" in field.error()
    network.apply(SetParam(id_of(network, "body"), "out_channels", 2))
    settled()
    assert isinstance(field, FieldEditor)
    assert field.field.text() == "0"
    network.select([id_of(network, "body")])
    assert not inspector.node.form.editors["out_channels"].error()


def test_code_that_is_none_is_refused_under_its_field_and_stays_there(
    network: Session, inspector: InspectorPanel, settled: Settle
) -> None:
    network.document.replace(chain(Input(shape=(2,)), CodeLayer(), Output(), names=("x", "mine", "y")))
    settled()
    network.select([id_of(network, "mine")])
    before, editor = network.project, inspector.node.form.editors["source"]
    assert isinstance(editor, CodeEditor)
    editor.text.setPlainText("def f(x:\n    return x")
    editor.take()
    assert "no Python on line 1" in editor.error()
    network.analysed.emit()
    assert editor.text.toPlainText() == "def f(x:\n    return x"
    assert network.project is before
    editor.text.setPlainText("def f(x):\n    return x\n")
    editor.take()
    assert network.project.node(id_of(network, "mine")).layer == CodeLayer(source="def f(x):\n    return x\n")


def test_a_layer_is_renamed_in_the_head_and_a_bad_name_is_taken_back(
    network: Session, inspector: InspectorPanel
) -> None:
    stem = id_of(network, "stem")
    network.select([stem])
    name = inspector.node.head.name
    for text, wanted in (("entry", "entry"), ("two words", "entry")):
        name.setFocus()
        name.selectAll()
        QTest.keyClicks(name, text)
        QTest.keyClick(name, Qt.Key.Key_Return)
        assert network.project.node(stem).name == wanted
        assert name.text() == wanted


def test_shapes_and_parameters_are_those_of_the_analysis(
    network: Session, inspector: InspectorPanel, settled: Settle
) -> None:
    network.select([id_of(network, "stem")])
    facts = dict(inspector.node.facts.texts())
    assert facts["in"] == "B × 1 × 8 × 8"
    assert facts["out"] == "B × 4 × 8 × 8"
    assert facts["parameters"] == "40"
    network.apply(SetParam(id_of(network, "stem"), "out_channels", 8))
    settled()
    assert dict(inspector.node.facts.texts())["out"] == "B × 8 × 8 × 8"


def test_several_layers_show_what_differs_and_take_one_value_as_one_step(
    network: Session, inspector: InspectorPanel
) -> None:
    stem, body = id_of(network, "stem"), id_of(network, "body")
    before = network.project
    network.select([stem, body])
    channels = inspector.several.form.editors["out_channels"]
    assert channels.mixed
    assert not inspector.several.form.editors["kernel_size"].mixed
    write(channels, "4")
    assert [network.project.node(n).layer for n in (stem, body)] == [Conv2d(out_channels=4)] * 2
    network.undo()
    assert network.project is before
    assert channels.mixed


def test_a_repair_in_the_card_mends_the_network(network: Session, inspector: InspectorPanel, settled: Settle) -> None:
    network.document.replace(
        chain(
            Input(shape=(1, 8, 8)),
            Conv2d(),
            Conv2d(stride=2, padding=1),
            Add(),
            Flatten(),
            Linear(out_features=10),
            Output(),
            names=("x", "a", "b", "add", "flat", "head", "y"),
        )
    )
    network.apply(Connect(Edge(id_of(network, "a"), "out", id_of(network, "add"), "inputs", 1)))
    settled()
    add = id_of(network, "add")
    assert network.analysis is not None
    assert not network.analysis.is_valid
    network.select([add])
    buttons = [b for b in inspector.node.findChildren(QPushButton) if b.property("kind") == "primary"]
    assert buttons
    QTest.mouseClick(buttons[0], Qt.MouseButton.LeftButton)
    settled()
    assert network.analysis.is_valid
    assert not inspector.node.cards.count()


def test_nothing_selected_shows_the_block_and_its_parameters_can_be_declared(
    network: Session, inspector: InspectorPanel, settled: Settle
) -> None:
    page = inspector.project
    assert inspector.stack.currentWidget().widget() is page
    page.add.menu().actions()[0].trigger()
    assert [p.name for p in network.block.params] == ["width"]
    write(page.editors["width"], "12")
    assert network.block.defaults() == {"width": 12}
    network.select([id_of(network, "stem")])
    write(inspector.node.form.editors["out_channels"], "width * 2")
    assert network.project.node(id_of(network, "stem")).layer == Conv2d().with_(out_channels=Expr("width * 2"))
    settled()
    assert dict(inspector.node.facts.texts())["out"] == "B × 24 × 8 × 8"


def test_an_instance_of_a_block_shows_its_arguments_and_leads_inside(
    network: Session, inspector: InspectorPanel, settled: Settle
) -> None:
    network.apply(Group([id_of(network, "body"), id_of(network, "relu")], "Stage"))
    (stage,) = [n for n in network.block.graph.nodes.values() if n.layer.key == "Block"]
    network.select([stage.id])
    network.enter(stage.id)
    inspector.project.add.menu().actions()[0].trigger()
    network.leave()
    network.select([stage.id])
    write(inspector.node.arguments.editors["width"], "3")
    assert network.project.node(stage.id).layer.args == {"width": 3}  # type: ignore[attr-defined]
    QTest.mouseClick(inspector.node.enter, Qt.MouseButton.LeftButton)
    assert network.block.name == "Stage"
    settled()


def test_help_and_summary_say_what_is_there(qtbot, network: Session, settled: Settle) -> None:  # type: ignore[no-untyped-def]
    summary, help_page = SummaryPanel(network), HelpPanel(network)
    for panel in (summary, help_page):
        qtbot.addWidget(panel)
        panel.show()
    settled()
    rows = [summary.rows.index(i, 0) for i in range(summary.rows.rowCount())]
    assert [row.data() for row in rows] == ["images", "stem", "body", "relu", "flat", "head", "digit"]
    assert "5,466 parameters" in summary.total.text()
    summary.tree.clicked.emit(rows[1])
    assert network.selection == (id_of(network, "stem"),)
    assert "Slides learned filters" in help_page.text()
    help_page.show_layer("Linear")
    assert Linear.summary() in help_page.text()


def test_problems_are_listed_counted_mended_and_gone(qtbot, network: Session, settled: Settle) -> None:  # type: ignore[no-untyped-def]
    panel = ProblemsPanel(network)
    qtbot.addWidget(panel)
    panel.show()
    settled()
    assert panel.stack.currentWidget() is panel.none
    counts: list[int] = []
    panel.count_changed.connect(counts.append)
    network.apply(SetParam(id_of(network, "body"), "padding", 0))
    network.apply(SetParam(id_of(network, "body"), "kernel_size", 11))
    settled()
    row = panel.rows[0]
    assert row.problem.severity == "error"
    assert counts[-1] >= 1
    QTest.mouseClick(row, Qt.MouseButton.LeftButton)
    assert network.selection == (row.problem.node,)
    assert row.property("row") == "current"
    repair = next(b for b in row.findChildren(QPushButton))
    QTest.mouseClick(repair, Qt.MouseButton.LeftButton)
    settled()
    assert not any(p.node == row.problem.node for p in network.analysis.problems)  # type: ignore[union-attr]


def test_a_choice_changes_the_document(network: Session, inspector: InspectorPanel) -> None:
    network.select([id_of(network, "stem")])
    editor = inspector.node.advanced.editors["padding_mode"]
    assert isinstance(editor, ChoiceEditor)
    editor.combo.activated.emit(1)
    assert network.project.node(id_of(network, "stem")).layer.padding_mode == editor.value  # type: ignore[attr-defined]


def test_a_row_speaks_of_the_problems_of_the_next_edit(qtbot, network: Session, settled: Settle) -> None:  # type: ignore[no-untyped-def]
    panel = ProblemsPanel(network)
    qtbot.addWidget(panel)
    panel.show()
    ids = {name: id_of(network, name) for name in ("images", "stem", "body")}
    first: list[ProblemRow] = []
    for reader in ("stem", "body", "stem"):
        gone = list(ids.values())[: list(ids).index(reader)]
        network.apply(RemoveNodes(gone))
        settled()
        fresh = ProblemsPanel(network)
        qtbot.addWidget(fresh)
        assert said_in(panel) == said_in(fresh)
        assert f"{reader} needs an input." in said_in(panel)[0]
        first.append(panel.rows[0])
        network.undo()
        settled()
        assert not [row for row in panel.findChildren(ProblemRow) if row.isVisible()]
    assert first[0] is first[1] is first[2]


def said_in(panel: ProblemsPanel) -> list[list[str]]:
    """All words of each row, and what a screen reader says of it."""
    return [[row.accessibleName(), *(words.text() for words in row.findChildren(QLabel))] for row in panel.rows]
