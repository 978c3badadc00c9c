"""A module from a package: its path is completed, read, added, set in the inspector; what is wrong is said in words."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.layers.outside import OutsideModule
from gui.dialogs.module import ModuleDialog
from tests.gui.window_fixture import hands  # noqa: F401

HERE = "tests.engine.outside_parts"


@pytest.fixture
def dialog(hands, qtbot):  # noqa: F811
    hands.window.dialogs.module(hands.window.desk.canvas.add_layer)
    found = hands.window.findChild(ModuleDialog)
    qtbot.waitUntil(lambda: found.found.count() > 0)
    return found


def typed(qtbot, dialog, path):
    dialog.field.clear()
    QTest.keyClicks(dialog.field, path)
    QTest.keyClick(dialog.field, Qt.Key.Key_Return)


def test_what_is_installed_is_listed_as_one_types(dialog, qtbot):
    QTest.keyClicks(dialog.field, f"{HERE}.G")
    qtbot.waitUntil(lambda: [dialog.found.item(i).text() for i in range(dialog.found.count())] == [f"{HERE}.Gate"])
    QTest.keyClick(dialog.field, Qt.Key.Key_Down)
    QTest.keyClick(dialog.found, Qt.Key.Key_Return)
    assert dialog.field.text() == f"{HERE}.Gate"
    assert dialog.go.isEnabled()


def test_a_class_becomes_a_layer_whose_arguments_are_options_in_the_inspector(hands, dialog, qtbot):  # noqa: F811
    typed(qtbot, dialog, f"{HERE}.Gate")
    session = hands.window.session
    qtbot.waitUntil(lambda: any(isinstance(n.layer, OutsideModule) for n in session.block.graph.nodes.values()))
    (node,) = (n for n in session.block.graph.nodes.values() if isinstance(n.layer, OutsideModule))
    session.select([node.id])
    form = hands.window.desk.inspector.node.arguments
    assert list(form.editors) == ["features", "rate", "act", "mode", "bias", "scheme", "scale"]
    form.edited.emit("features", 16)
    assert session.block.graph.nodes[node.id].layer.args == {"features": 16}
    assert session.trusted


def test_what_cannot_be_read_is_said_in_the_dialog(dialog, qtbot):
    typed(qtbot, dialog, f"{HERE}.Gat")
    qtbot.waitUntil(lambda: "Did you mean Gate" in dialog.said.text())
    assert dialog.isVisible()
    assert dialog.go.isEnabled()
