"""Dragged layers come level with others, and lines say with which; what is said of a layer keeps out of the way."""

from itertools import pairwise

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.document.edits import AddNode, MoveNodes
from engine.layers import Layer
from gui.snapping import snapping
from gui.theme import theme
from tests.gui.canvas_driver import LEFT, PLAIN, drag, has_colour, key, press, pull, shot, type_text
from tests.gui.conftest import chain

L = Layer.registry
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def two(canvas, session, settled):
    """Two layers, the second a little off the height of the first; places that are on no grid. Returns: their ids."""
    session.document.replace(AddNode(L["ReLU"](), "low", (240.0, 130.0))(chain(L["ReLU"](), names=("high",))))
    settled()
    canvas.surface.look_at(canvas.drawing.bounds().center(), 1.0)
    ids = {node.name: node.id for node in session.block.graph.nodes.values()}
    session.document.apply(MoveNodes({ids["high"]: (3.0, 5.0)}))
    return ids["high"], ids["low"]


def test_a_layer_dragged_nearly_level_comes_exactly_level_off_the_grid(canvas, session, two):
    high, low = two
    start = canvas.node_point(low)
    drag(canvas, start, start + QPoint(60, 5 - 130 + 4))
    assert canvas.drawing.at[low][1] == canvas.drawing.at[high][1] == 5.0
    assert canvas.drawing.at[low][0] % 8 == 0


def test_a_line_shows_what_it_is_level_with_and_goes_when_it_is_let_go(canvas, two):
    high, low = two
    start = canvas.node_point(low)
    end = start + QPoint(60, 5 - 130 + 2)
    between = canvas.to_view(canvas.drawing.rect(high).topRight()) + QPoint(40, 0)
    press(canvas, start)
    pull(canvas, start, end)
    assert has_colour(shot(canvas), theme().accent.base, between, 1)
    QTest.mouseRelease(canvas.surface.viewport(), LEFT, PLAIN, end)
    assert not has_colour(shot(canvas), theme().accent.base, between, 1)


def test_alt_held_while_dragging_takes_the_layer_to_the_very_place(canvas, two):
    _, low = two
    start = canvas.node_point(low)
    end = start + QPoint(61, 5 - 130 + 3)
    press(canvas, start)
    pull(canvas, start, end - QPoint(8, 0))
    viewport = canvas.surface.viewport()
    for kind in (QEvent.Type.MouseMove, QEvent.Type.MouseButtonRelease):
        whole = QPointF(viewport.mapToGlobal(end))
        held = LEFT if kind == QEvent.Type.MouseMove else Qt.MouseButton.NoButton
        button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else LEFT
        QApplication.sendEvent(viewport, QMouseEvent(kind, QPointF(end), whole, button, held, ALT))
    assert canvas.drawing.at[low] == (301.0, 8.0)
    QTest.mouseRelease(viewport, LEFT, PLAIN, end)


def test_without_the_grid_nothing_pulls(canvas, two):
    _, low = two
    snapping.switch(False)
    try:
        start = canvas.node_point(low)
        drag(canvas, start, start + QPoint(61, 5 - 130 + 3))
        assert canvas.drawing.at[low] == (301.0, 8.0)
    finally:
        snapping.switch(True)


def test_the_card_of_a_layer_in_trouble_goes_while_it_is_dragged_and_comes_back(canvas, two):
    _, low = two
    start = canvas.node_point(low)
    press(canvas, start)
    assert canvas.problem_card.isVisible()
    pull(canvas, start, start + QPoint(0, 90))
    assert not canvas.problem_card.isVisible()
    QTest.mouseRelease(canvas.surface.viewport(), LEFT, PLAIN, start + QPoint(0, 90))
    assert canvas.problem_card.isVisible()


def test_the_card_of_a_refused_wire_covers_no_port_of_its_layer(canvas, session, settled):
    project = AddNode(L["LSTM"](), "scan", (340.0, 120.0))(chain(L["Input"](shape=(1, 8, 8)), names=("images",)))
    session.document.replace(project)
    settled()
    canvas.surface.look_at(canvas.drawing.bounds().center(), 1.0)
    ids = {node.name: node.id for node in session.block.graph.nodes.values()}
    start = canvas.port_point(ids["images"], "out", "out")
    end = canvas.port_point(ids["scan"], "in", "input")
    press(canvas, start)
    pull(canvas, start, end)
    settled()
    card, node = canvas.gestures.card, canvas.view_rect(canvas.drawing.rect(ids["scan"])).toRect()
    assert card.isVisible()
    assert not card.geometry().intersects(node)
    assert canvas.rect().contains(card.geometry())
    key(canvas, Qt.Key.Key_Escape)
    QTest.mouseRelease(canvas.surface.viewport(), LEFT, PLAIN, end)


def test_a_value_that_is_longer_than_its_field_is_edited_in_full_and_says_why_it_cannot_be(canvas, session, settled):
    session.document.replace(chain(L["Linear"](out_features=3), names=("head",)))
    settled()
    canvas.surface.look_at(canvas.drawing.bounds().center(), 0.8)
    (node,) = session.block.graph.nodes
    session.select([node])
    key(canvas, Qt.Key.Key_Return)
    type_text("wide_hidden * 2")
    editor = canvas.editing.editor
    assert editor.width() >= editor.fontMetrics().horizontalAdvance("wide_hidden * 2")
    key(canvas, Qt.Key.Key_Return)
    assert "wide_hidden" in canvas.tip.text
    key(canvas, Qt.Key.Key_Escape)
    assert canvas.tip.text == ""


def test_a_line_makes_room_for_a_layer_that_is_dropped_on_one_of_its_wires(canvas, session, settled):
    project = chain(L["Input"](shape=(4,)), L["Linear"](), L["ReLU"](), names=("x", "head", "act"), step=240)
    session.document.replace(AddNode(L["Tanh"](), "new", (120.0, 200.0))(project))
    settled()
    canvas.surface.look_at(canvas.drawing.bounds().center(), 1.0)
    before = session.project
    ids = {node.name: node.id for node in session.block.graph.nodes.values()}
    wire = next(e for e in session.block.graph.edges if e.target == ids["head"])
    at = canvas.to_view(canvas.drawing.wires[wire].route.middle[0])
    drag(canvas, canvas.node_point(ids["new"]), at)
    assert {(e.source, e.target) for e in session.block.graph.edges} >= {
        (ids["x"], ids["new"]),
        (ids["new"], ids["head"]),
    }
    rects = [canvas.drawing.rect(ids[name]) for name in ("x", "new", "head", "act")]
    assert all(a.right() < b.left() for a, b in pairwise(rects))
    assert {rect.top() for rect in rects} == {0.0}
    session.undo()
    assert session.project is before
