"""Names of parameters complete what is typed, in the inspector and on the canvas."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from engine.document.edits import SetBlockParams
from engine.graph.block import BlockParam
from engine.layers import Layer
from gui.editors import make_editor
from tests.gui.conftest import chain
from tests.gui.test_canvas_gestures import names
from tests.gui.window_fixture import hands, open_example  # noqa: F401

L = Layer.registry


@pytest.fixture
def editor(qtbot):
    editor = make_editor(L["Linear"].params["out_features"], "Linear", {"width": 8, "window": 3, "depth": 2})
    qtbot.addWidget(editor)
    editor.show()
    editor.field.setFocus()
    editor.field.clear()
    return editor


def press(key):
    QTest.keyClick(QApplication.activePopupWidget(), key)


def test_parameters_that_begin_with_what_is_typed_are_offered_and_one_is_taken(editor):
    QTest.keyClicks(editor.field, "2 * wi")
    popup = editor.names.completer.popup()
    assert [popup.model().index(i, 0).data() for i in range(popup.model().rowCount())] == ["width", "window"]
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_Return)
    assert editor.field.text() == "2 * window"


@pytest.mark.parametrize("typed", ["12", "depth", "zz", ""])
def test_nothing_is_offered_where_nothing_fits(editor, typed):
    QTest.keyClicks(editor.field, typed)
    assert not editor.names.completer.popup().isVisible()


def test_on_the_canvas_a_name_is_completed_and_the_expression_taken(canvas, session):
    session.document.replace(chain(L["Input"](shape=(8,)), L["Linear"](), names=("x", "fc")))
    session.apply(SetBlockParams("", [BlockParam("width", default=16)]))
    canvas.editing.edit_option(names(session)["fc"], "out_features")
    field = canvas.editing.editor
    QTest.keyClicks(field, "wid")
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_Return)
    assert field.text() == "width"
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert session.project.node(names(session)["fc"]).layer.out_features.text == "width"


def test_names_are_offered_again_after_one_has_been_elsewhere(hands):  # noqa: F811
    open_example(hands, "digits-cnn")
    hands.session.select([hands.node("stem"), hands.node("proj")])
    fields = hands.window.desk.inspector.findChildren(QLineEdit)
    field = next(f for f in fields if f.isVisible() and f.accessibleName() == "out_channels")
    for _ in range(2):
        field.setFocus()
        QTest.keyClicks(field, "cla")
        press(Qt.Key.Key_Escape)
        hands.canvas.surface.setFocus()
        QTest.qWait(20)
