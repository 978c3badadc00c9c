"""The arguments of a torch function in the inspector: typed one by one, each as a value, an expression or a wire."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.document.edits import Connect
from engine.graph.graph import Edge
from engine.layers.io import Input, Output
from engine.layers.op import Op
from gui.editors.calls import CallEditor
from gui.panels.inspector import InspectorPanel
from gui.session import Session
from tests.gui.conftest import chain

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def inspector(qtbot, session: Session, settled: Callable[[], None]) -> InspectorPanel:  # type: ignore[no-untyped-def]
    session.document.replace(
        chain(
            Input(shape=(5, 8)),
            Op(call="torch.topk(x, 2)").rewired(()),
            Output(),
            names=("rows", "best", "out"),
        )
    )
    panel = InspectorPanel(session)
    qtbot.addWidget(panel)
    panel.resize(320, 446)
    panel.show()
    session.select([node_of(session).id])
    settled()
    return panel


@pytest.fixture
def editor(inspector: InspectorPanel) -> CallEditor:
    found = inspector.node.form.editors["call"]
    assert isinstance(found, CallEditor)
    return found


def node_of(session: Session):  # type: ignore[no-untyped-def]
    return next(n for n in session.block.graph.nodes.values() if n.name == "best")


def write(editor: CallEditor, name: str, text: str) -> None:
    field = editor.rows[name]
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def test_every_argument_of_the_function_has_a_row_with_its_default(editor: CallEditor) -> None:
    assert list(editor.rows) == ["self", "k", "dim", "largest", "sorted"]
    assert [editor.rows[n].text() for n in ("self", "k", "dim")] == ["x", "2", ""]
    assert editor.rows["largest"].placeholderText() == "True"


def test_a_value_goes_into_the_call_by_its_name(session: Session, editor: CallEditor) -> None:
    write(editor, "dim", "1")
    assert node_of(session).layer.call.text == "torch.topk(x, 2, dim=1)"


def test_a_name_becomes_an_input_and_undo_takes_it_back(session: Session, editor: CallEditor) -> None:
    before = session.project
    write(editor, "k", "count")
    assert [p.name for p in node_of(session).layer.ports_in()] == ["x", "count"]
    session.undo()
    assert session.project is before


def test_an_emptied_row_is_the_default_again(session: Session, editor: CallEditor) -> None:
    write(editor, "dim", "1")
    editor.rows["dim"].clear()
    QTest.keyClick(editor.rows["dim"], Qt.Key.Key_Return)
    assert node_of(session).layer.call.text == "torch.topk(x, 2)"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("dim", "one half", "is no expression"),
        ("dim", "0.5", "dim must be a whole number, not 0.5"),
        ("largest", "3", "largest must be True or False, not 3"),
        ("k", "open('x')", "holds something that is not allowed here"),
    ],
)
def test_what_does_not_fit_is_said_and_stays_in_its_row(
    session: Session, editor: CallEditor, name: str, text: str, words: str
) -> None:
    before = session.project
    write(editor, name, text)
    assert words in editor.error()
    assert editor.rows[name].text() == text
    assert session.project is before


def test_a_whole_call_can_be_typed_as_well(session: Session, editor: CallEditor) -> None:
    editor.field.setFocus()
    editor.field.selectAll()
    QTest.keyClicks(editor.field, "x.softmax(-1)")
    QTest.keyClick(editor.field, Qt.Key.Key_Return)
    assert node_of(session).layer.function == "Tensor.softmax"
    assert list(editor.rows) == ["self", "dim", "dtype"]


def test_what_is_no_call_stays_in_the_field_with_the_reason(session: Session, editor: CallEditor) -> None:
    before = session.project
    editor.field.setFocus()
    editor.field.selectAll()
    QTest.keyClicks(editor.field, "x + y")
    QTest.keyClick(editor.field, Qt.Key.Key_Return)
    assert "is no call" in editor.error()
    assert session.project is before


def test_wires_stay_where_their_names_do(session: Session, editor: CallEditor) -> None:
    rows = next(n for n in session.block.graph.nodes.values() if n.name == "rows")
    session.apply(Connect(Edge(rows.id, "out", node_of(session).id, "x")))
    write(editor, "k", "3")
    assert any(e.target == node_of(session).id and e.target_port == "x" for e in session.block.graph.edges)
