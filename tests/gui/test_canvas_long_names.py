"""Names and notes without room: nothing grows into its neighbour, what is cut says so, and the whole can be read."""

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtTest import QTest

from engine.document.edits import Rename, SetFrames
from engine.document.project import Frame
from engine.layers import Layer
from gui.theme import metrics, theme
from tests.gui.canvas_driver import has_colour, place, shot
from tests.gui.conftest import chain

L = Layer.registry
LONG = "the_third_residual_stage_of_the_encoder_17"


@pytest.fixture
def three(canvas, session, settled):
    """Three layers in a row that were arranged while their names were short. Returns: their ids."""
    session.document.replace(chain(L["ReLU"](), L["ReLU"](), L["ReLU"](), names=("a", "b", "c")))
    settled()
    canvas.arrange()
    settled()
    canvas.surface.look_at(canvas.drawing.bounds().center(), 1.0)
    return [node.id for node in session.block.graph.nodes.values()]


def heard(canvas, pos):
    """What is said at the pointer there."""
    said = []
    canvas.show_tip = lambda words, _: said.append(words)
    QTest.mouseMove(canvas.surface.viewport(), QPoint(2, 2))
    QTest.mouseMove(canvas.surface.viewport(), pos)
    return said[-1]


def test_a_layer_that_is_given_a_long_name_stays_out_of_the_next_one(canvas, session, three):
    for id in three:
        session.apply(Rename(id, f"{LONG}{id}"))
    rects = [canvas.drawing.rect(id) for id in three]
    assert all(a.right() < b.left() for a, b in pairwise(rects))
    assert rects[0].width() <= metrics().node.name_max


@pytest.mark.parametrize("zoom", [1.0, 0.6])
def test_a_name_that_is_cut_is_said_whole_at_the_pointer_and_a_short_one_is_not(canvas, session, three, zoom):
    session.apply(Rename(three[0], LONG))
    canvas.surface.look_at(canvas.drawing.bounds().center(), zoom)
    assert LONG in heard(canvas, canvas.to_view(canvas.drawing.rect(three[0]).center()))
    assert heard(canvas, canvas.to_view(canvas.drawing.rect(three[1]).center())) == ""


def test_a_long_name_is_written_as_far_as_it_goes_from_afar(canvas, session):
    session.document.replace(chain(L["Linear"](), names=(LONG,)))
    canvas.surface.look_at(canvas.drawing.bounds().center(), 0.33)
    block = canvas.view_rect(canvas.drawing.rect("n1"))
    assert block.width() >= metrics().lod.far_name_min_w
    ink = theme().category("linear").on
    assert has_colour(shot(canvas), ink, block.center().toPoint(), round(block.height() / 3), 60)


def test_a_layer_with_a_long_name_makes_room_for_itself_on_a_wire(canvas, session, three):
    wire = next(e for e in session.block.graph.edges if e.source == three[0])
    canvas.add_layer("TransformerEncoderLayer", wire=wire)
    new = session.selection[0]
    rects = [canvas.drawing.rect(id) for id in (three[0], new, three[1], three[2])]
    assert all(a.right() < b.left() for a, b in pairwise(rects))


def test_a_note_without_room_ends_in_dots_and_says_the_rest_at_the_pointer(canvas, session, three):
    words = "First line\n\nSecond line\n\nThe last words"
    small = Frame("f1", words, 0, 200, 160, 40, kind="note")
    session.apply(SetFrames((small, Frame("f2", "First line", 200, 200, 160, 40, kind="note"))))
    canvas.surface.look_at(QPointF(180, 200), 1.0)
    cut, whole = (shot(canvas).copy(*place(canvas, x + 4, 204).toTuple(), 152, 32) for x in (0, 200))
    assert cut != whole, "three dots stand behind the first line"
    assert "The last words" in heard(canvas, place(canvas, 80, 220))
    assert heard(canvas, place(canvas, 280, 220)) == ""
