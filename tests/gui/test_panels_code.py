"""The code panel shows the text of the newest analysis, and stays in step with the selection both ways."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from engine.document.edits import SetParam
from engine.graph.graph import NodeId
from engine.layers.activation import ReLU
from engine.layers.io import Input, Output
from engine.layers.linear import Linear
from engine.layers.shape import Flatten
from gui.panels.code import NO_SCRIPT, CodePanel
from gui.panels.code_view import CodeView
from gui.session import Session
from tests.gui.conftest import chain

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

Settle = Callable[[], None]


def id_of(session: Session, name: str) -> NodeId:
    return next(n.id for n in session.block.graph.nodes.values() if n.name == name)


@pytest.fixture
def code(qtbot, session: Session, settled: Settle) -> CodePanel:  # type: ignore[no-untyped-def]
    layers = Input(shape=(1, 8, 8)), Flatten(), Linear(out_features=32), ReLU(), Linear(out_features=10), Output()
    session.document.replace(chain(*layers, names=("images", "flat", "hidden", "relu", "head", "digit")))
    panel = CodePanel(session)
    qtbot.addWidget(panel)
    panel.resize(376, 362)
    panel.show()
    settled()
    return panel


def line_of(view: CodeView, words: str) -> int:
    lines = view.toPlainText().split("\n")
    return next(i + 1 for i, line in enumerate(lines) if words in line)


def click_line(view: CodeView, line: int) -> None:
    view.reveal(line)
    top, height, _ = next(row for row in view.lines_in_view() if row[2] == line)
    place = QPoint(view.viewport().width() // 3, round(top + height / 2))
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_the_text_is_that_of_the_analysis_and_follows_every_edit(
    session: Session, code: CodePanel, settled: Settle
) -> None:
    assert session.result is not None
    assert session.result.script is not None
    assert code.model.toPlainText() == session.result.model.text
    code.tabs.setCurrentIndex(1)
    assert code.script.toPlainText() == session.result.script.text
    session.apply(SetParam(id_of(session, "hidden"), "out_features", 48))
    settled()
    assert code.script.toPlainText() == session.result.script.text
    code.tabs.setCurrentIndex(0)
    assert "nn.Linear(64, 48)" in code.model.toPlainText()
    session.undo()
    settled()
    assert "nn.Linear(64, 32)" in code.model.toPlainText()


def test_a_selected_node_has_its_lines_marked(session: Session, code: CodePanel) -> None:
    session.select([id_of(session, "hidden")])
    marked, wrong = code.model.marked()
    assert marked == {line_of(code.model, "self.hidden = "), line_of(code.model, "self.hidden(")}
    assert not wrong


def test_a_click_on_a_line_selects_its_node(session: Session, code: CodePanel) -> None:
    click_line(code.model, line_of(code.model, "self.head = "))
    assert session.selection == (id_of(session, "head"),)


def test_a_click_on_a_line_without_a_node_keeps_the_selection(session: Session, code: CodePanel) -> None:
    session.select([id_of(session, "head")])
    click_line(code.model, line_of(code.model, "def __init__"))
    assert session.selection == (id_of(session, "head"),)


def test_selecting_answers_no_selection_with_a_selection(session: Session, code: CodePanel) -> None:
    told: list[tuple[str, ...]] = []
    session.selection_changed.connect(lambda: told.append(session.selection))
    click_line(code.model, line_of(code.model, "self.hidden("))
    session.select([id_of(session, "head")])
    code.tabs.setCurrentIndex(1)
    assert told == [(id_of(session, "hidden"),), (id_of(session, "head"),)]


def test_lines_with_a_problem_are_marked_and_the_script_waits(
    session: Session, code: CodePanel, settled: Settle
) -> None:
    wrong_width = SetParam(id_of(session, "flat"), "start_dim", 3)
    session.apply(wrong_width)
    settled()
    assert session.analysis is not None
    assert not session.analysis.is_valid
    assert code.model.marked()[1]
    code.tabs.setCurrentIndex(1)
    assert code.script.toPlainText() == NO_SCRIPT


def test_the_reader_stays_where_they_are_when_the_text_changes(
    session: Session, code: CodePanel, settled: Settle
) -> None:
    code.tabs.setCurrentIndex(1)
    bar = code.script.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    place = bar.value()
    assert place > 0
    session.apply(SetParam(id_of(session, "hidden"), "out_features", 48))
    settled()
    assert bar.value() == place
    assert session.result is not None
    assert session.result.script is not None
    assert code.script.toPlainText() == session.result.script.text


def test_copy_takes_the_whole_text_that_is_seen(session: Session, code: CodePanel) -> None:
    said: list[str] = []
    session.message.connect(lambda words, action, call: said.append(words))
    code.copy()
    assert QGuiApplication.clipboard().text() == code.model.toPlainText()
    assert said == ["Model code copied"]
