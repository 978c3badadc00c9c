"""Bookmarks, colours of frames, blocks made unique and ×N where it stands, with real mouse and keys."""

import pytest
from PySide6.QtCore import QPointF, Qt

from engine.document.edits import SetFrames, SetParam
from engine.document.files import dumps, loads
from engine.document.grouping import Group
from engine.document.project import Frame
from engine.layers import Layer
from tests.gui.canvas_driver import SHIFT, double_click, key, shot, type_text
from tests.gui.conftest import chain
from tests.gui.test_canvas_gestures import names

L = Layer.registry


@pytest.fixture
def network(canvas, session):
    """images -> one -> two, both instances of Head."""
    layers = (L["Input"](shape=(8,)), L["Linear"](out_features=8), L["ReLU"]())
    session.document.replace(chain(*layers, names=("images", "fc", "act")))
    ids = names(session)
    session.apply(Group((ids["fc"], ids["act"]), "Head", ""))
    session.select([names(session)["head"]])
    canvas.duplicate()
    canvas.fit(animate=False)
    canvas.zoom_reset()
    return canvas


def test_a_view_is_kept_with_the_project_and_led_back_to(network, session):
    session.select([names(session)["head"]])
    network.surface.look_at(QPointF(300, 40), 1.2)
    network.bookmarks.keep()
    session.enter(names(session)["head"])
    network.bookmarks.open()
    key(network, Qt.Key.Key_Return)
    assert session.path == ()
    assert (network.surface.centre - QPointF(300, 40)).manhattanLength() < 2
    assert abs(network.zoom - 1.2) < 0.01
    again = loads(dumps(session.project))
    assert [b.name for b in again.layout_of().bookmarks] == ["head"]


def test_a_bookmark_is_forgotten_and_undo_brings_it_back(network, session):
    network.bookmarks.keep()
    before = session.project
    network.bookmarks.open()
    key(network, Qt.Key.Key_Return, SHIFT)
    assert session.project.layout_of().bookmarks == ()
    session.undo()
    assert session.project is before


def test_a_frame_takes_the_colour_of_a_kind(network, session):
    session.apply(SetFrames([Frame("f1", "Stage", -40.0, 100.0, 200.0, 120.0)]))
    session.select(())
    inside = network.to_view(QPointF(100, 200))
    plain = shot(network).pixelColor(inside)
    network.choose(frame="f1")
    network.commands.colour_frame("linear")
    assert session.project.layout_of().frames[0].colour == "linear"
    yellow = shot(network).pixelColor(inside)
    assert yellow.red() - yellow.blue() > plain.red() - plain.blue() + 5


def test_a_block_made_unique_is_changed_alone(network, session):
    ids = names(session)
    before = session.project.node(ids["head"]).layer.block
    session.select([ids["head2"]])
    network.commands.make_unique()
    assert session.project.node(ids["head"]).layer.block == before
    copy = session.project.node(ids["head2"]).layer.block
    assert session.project.block(copy).name == "Head2"
    assert session.project.block(copy).graph == session.project.block(before).graph
    assert session.project.layout_of(copy) == session.project.layout_of(before)


def test_how_often_a_block_stands_in_a_row_is_edited_where_it_says_so(network, session):
    head = names(session)["head"]
    session.apply(SetParam(head, "repeat", 3))
    pill = network.drawing.faces[head].pill_rect.translated(*network.drawing.at[head])
    double_click(network, network.to_view(pill.center()))
    type_text("5")
    key(network, Qt.Key.Key_Return)
    assert session.project.node(head).layer.repeat == 5
    assert session.path == ()
