"""What changed since saving, marked on the real canvas."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from engine.document.edits import AddNode, RemoveNodes, SetParam
from engine.layers import Layer
from gui.theme import theme
from tests.gui.canvas_driver import has_colour, shot
from tests.gui.conftest import chain
from tests.gui.test_canvas_gestures import names

L = Layer.registry


@pytest.fixture
def edited(canvas, session):
    """images -> stem -> act, saved; then stem is wider, act is gone and tanh is new."""
    layers = (L["Input"](shape=(1, 8, 8)), L["Conv2d"](out_channels=16), L["ReLU"]())
    session.document.replace(chain(*layers, names=("images", "stem", "act")))
    canvas.fit(animate=False)
    canvas.zoom_reset()
    ids = names(session)
    session.apply(SetParam(ids["stem"], "out_channels", 24))
    session.apply(RemoveNodes([ids["act"]]))
    session.apply(AddNode(L["Tanh"](), "tanh", (0.0, 160.0)))
    canvas.changes.show_since(session.document.saved, "Since saving")
    return canvas


def left_edge(canvas, name):
    rect = canvas.drawing.rect(names(canvas.session)[name])
    return canvas.to_view(rect.topLeft()) + QPoint(2, int(rect.height() * 0.75))


def test_new_and_different_layers_have_a_bar_in_their_colour(edited):
    picture = shot(edited)
    assert has_colour(picture, theme().status.ok, left_edge(edited, "tanh"), 1)
    assert has_colour(picture, theme().status.warn, left_edge(edited, "stem"), 1)
    assert not has_colour(picture, theme().status.warn, left_edge(edited, "images"), 1)


def test_what_is_gone_is_drawn_where_it_was(edited):
    assert [face.name for face, _ in edited.picture.gone.faces] == ["act"]
    before = shot(edited)
    edited.changes.stop()
    assert shot(edited) != before


def test_the_line_counts_and_follows_every_edit(edited, session):
    assert edited.changes.bar.words.text() == "Since saving: 1 added, 1 removed, 1 changed"
    session.undo()
    assert edited.changes.bar.words.text() == "Since saving: 1 removed, 1 changed"
    session.document.go_to(0)
    assert edited.changes.bar.words.text() == "Since saving: nothing"
    assert not edited.marks.differences


def test_the_arrows_lead_from_one_difference_to_the_next(edited, session):
    ids = names(session)
    for expected in ("tanh", "stem", "tanh"):
        QTest.mouseClick(edited.changes.bar.next, Qt.MouseButton.LeftButton)
        assert session.selection == (ids[expected],)


def test_what_differs_is_read_at_the_pointer(edited, session):
    rect = edited.drawing.rect(names(session)["stem"])
    QTest.mouseMove(edited.surface.viewport(), edited.to_view(rect.center()))
    assert edited.tip.text == "out_channels 16 → 24"
