"""Python of one's own in the inspector: lines that are wrong, and options that it declares."""

from engine.document.edits import AddNode
from engine.document.project import Project
from engine.layers.base import Layer
from engine.layers.code import CodeLayer
from engine.recipe.generated import Blobs
from gui.demo_hands import wait_until
from gui.editors.texts import CodeEditor
from gui.panels.inspect_node import NodeView
from tests.engine.drawing import Drawing
from tests.gui.window_fixture import hands  # noqa: F401


def code_editor(text: str) -> CodeEditor:
    editor = CodeEditor(CodeLayer.params["source"], "Code")
    editor.set_value(text)
    return editor


def test_a_line_of_code_with_an_unknown_name_is_marked_and_the_name_said(qapp):
    editor = code_editor("def f(x):\n    return x + colour\n")
    (mark,) = editor.text.extraSelections()
    assert mark.cursor.blockNumber() == 1
    assert editor.error().startswith("Line 2: colour is not known here.")


def test_code_that_fails_when_it_runs_is_marked_until_one_types(qapp):
    editor = code_editor("def f(x):\n    return x\n")
    editor.show_failures({2: "shape '[3]' is invalid"})
    assert editor.error() == "Line 2: shape '[3]' is invalid"
    editor.text.setPlainText("def f(x):\n    return x + 1\n")
    editor.take()
    assert editor.error() == ""
    assert editor.text.extraSelections() == []


def test_code_that_is_no_python_stays_as_it_was_typed_and_says_where(qapp):
    editor = code_editor("def f(x):\n    return x\n")
    editor.text.setPlainText("def f(x):\n    return x +\n")
    editor.take()
    assert "on line 2" in editor.error()
    assert editor.text.extraSelections()[0].cursor.blockNumber() == 1


def test_an_option_of_the_code_is_a_row_of_the_inspector(session, qtbot):
    layer = CodeLayer(source="def f(x, scale: float = 1.0):\n    return x * scale\n")
    session.document.replace(AddNode(layer)(Project()))
    view = NodeView(session)
    qtbot.addWidget(view)
    view.show_node(session.block.graph.nodes["n1"])
    view.arguments.edited.emit("scale", 3.0)
    assert session.block.graph.nodes["n1"].layer.values == {"scale": 3.0}


def test_selected_code_is_taken_apart_in_one_step(hands):  # noqa: F811
    d = Drawing("Main")
    d.output("y", d.add("mine", CodeLayer(source="def bend(x):\n    return torch.relu(x) + x\n"), d.input("x", 4)))
    session, canvas = hands.session, hands.window.desk.canvas
    session.document.replace(d.project(dataset=Blobs(columns=4, classes=4)))
    session.trust_project()
    session.select(["n2"])
    hands.settle()
    canvas.commands.extract()
    wait_until(lambda: "bend" in session.project.blocks, "the code is taken apart")
    assert [n.layer.key for n in session.project.blocks["bend"].graph.nodes.values()] == [
        "Input",
        "ReLU",
        "Add",
        "Output",
    ]
    session.undo()
    assert session.block.graph.nodes["n2"].layer.key == "Code"


def test_code_that_waits_for_a_pause_goes_to_the_layer_it_was_typed_for(session, qtbot):
    session.document.replace(AddNode(Layer.registry["ReLU"]())(AddNode(CodeLayer())(Project())))
    code, other = session.block.graph.nodes.values()
    view, typed = NodeView(session), "def f(x):\n    return x + 1\n"
    qtbot.addWidget(view)
    view.show_node(code)
    view.form.editors["source"].text.setPlainText(typed)
    view.show_node(other)
    assert session.block.graph.nodes[code.id].layer.source == typed
    assert session.block.graph.nodes[other.id] == other
