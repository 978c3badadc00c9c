"""The list of steps, against the document."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.document.edits import AddNode
from engine.layers import Layer
from gui.panels.history import HistoryPanel

L = Layer.registry


@pytest.fixture
def panel(qtbot, session):
    for name in ("a", "b", "c"):
        session.apply(AddNode(L["ReLU"](), name))
    panel = HistoryPanel(session)
    qtbot.addWidget(panel)
    panel.resize(300, 400)
    panel.show()
    return panel


def rows(panel):
    return [panel.list.item(i).text() for i in range(panel.list.count())]


def click(panel, row):
    QTest.mouseClick(
        panel.list.viewport(), Qt.MouseButton.LeftButton, pos=panel.list.visualItemRect(panel.list.item(row)).center()
    )


def test_every_step_has_a_row_and_the_last_one_is_current(panel):
    assert rows(panel) == ["Opened  ·  saved", "Add ReLU", "Add ReLU", "Add ReLU"]
    assert panel.list.currentRow() == 3


def test_a_click_goes_to_the_step_and_forward_again(panel, session):
    after = session.project
    click(panel, 1)
    assert [n.name for n in session.block.graph.nodes.values()] == ["a"]
    assert panel.list.currentRow() == 1
    assert len(rows(panel)) == 4
    click(panel, 3)
    assert session.project is after


def test_what_was_undone_goes_when_something_is_done(panel, session):
    click(panel, 1)
    session.apply(AddNode(L["Tanh"]()))
    assert rows(panel)[1:] == ["Add ReLU", "Add Tanh"]
