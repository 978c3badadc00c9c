"""A picture of what is selected shows the frames and notes that belong to it, in a file and on the clipboard."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtTest import QTest

from engine.document.edits import AddNode, SetFrames
from engine.document.project import Frame
from engine.document.unfolding import unfolded
from engine.layers import Layer
from gui.demo_hands import Hands, wait_until
from gui.dialogs.picture import PictureDialog
from gui.theme import metrics
from tests.gui.canvas_driver import SHIFT, click, place
from tests.gui.conftest import chain
from tests.gui.test_dialogs import choose
from tests.gui.window_fixture import hands, open_example  # noqa: F401

L = Layer.registry
COLOUR, OTHER = "#11AA77", "#AA1177"


@pytest.fixture
def framed(hands):  # noqa: F811
    """x and head in a frame with a note in it; below and last in another one; a note outside."""
    project = chain(L["Input"](shape=(1, 8, 8)), L["Linear"](), names=("x", "head"), step=240)
    project = AddNode(L["Tanh"](), "below", (0.0, 360.0))(project)
    project = AddNode(L["Tanh"](), "last", (240.0, 360.0))(project)
    frames = (
        Frame("f1", "Head", -24, -64, 480, 240, colour=COLOUR),
        Frame("inside", "Within", 0, 120, 96, 40, kind="note"),
        Frame("f2", "Tail", -24, 296, 480, 200, colour=OTHER),
        Frame("aside", "Aside", 600, 0, 160, 80, kind="note"),
    )
    hands.session.document.replace(SetFrames(frames)(project))
    hands.settle()
    hands.window.desk.show_part("bottom", False)
    hands.canvas.surface.look_at(hands.canvas.drawing.bounds().center(), 0.8)
    hands.canvas.surface.setFocus()
    return hands.canvas


def cut(canvas) -> tuple[set[str], set[str]]:
    """The names of the layers, and the frames, that a picture of the selection shows."""
    found = canvas.commands.in_picture()
    return {canvas.drawing.faces[node].name for node in found.nodes}, set(found.frames)


def pick(canvas, *names: str) -> None:
    for i, name in enumerate(names):
        node = next(n for n, face in canvas.drawing.faces.items() if face.name == name)
        click(canvas, canvas.node_point(node), SHIFT if i else Qt.KeyboardModifier.NoModifier)


def test_a_frame_whose_layers_are_all_selected_comes_with_what_lies_in_it(framed):
    pick(framed, "x", "head")
    assert cut(framed) == ({"x", "head"}, {"f1", "inside"})


def test_a_frame_that_holds_other_layers_too_stays_away(framed):
    pick(framed, "x", "below")
    assert cut(framed) == ({"x", "below"}, set())


def test_frames_and_notes_are_shown_that_are_selected_with_all_that_lies_in_them(framed):
    click(framed, place(framed, 300, -50))
    click(framed, place(framed, 680, 40), SHIFT)
    assert cut(framed) == ({"x", "head"}, {"f1", "inside", "aside"})


def test_a_note_alone_is_a_picture(hands, framed, tmp_path):  # noqa: F811
    click(framed, place(framed, 680, 40))
    image = exported(hands, tmp_path / "note.png")
    assert (image.width(), image.height()) == tuple(2 * (side + 2 * metrics().canvas.fit_margin) for side in (160, 80))
    assert not has_frame(image, COLOUR)


def test_the_file_shows_the_frame(hands, framed, tmp_path):  # noqa: F811
    pick(framed, "x", "head")
    image = exported(hands, tmp_path / "part.png")
    assert has_frame(image, COLOUR)
    assert not has_frame(image, OTHER)


def test_what_is_selected_is_copied_as_a_picture_by_a_key(hands, framed):  # noqa: F811
    QGuiApplication.clipboard().clear()
    hands.shortcut("Ctrl+Shift+C")
    wait_until(lambda: not QGuiApplication.clipboard().image().isNull(), "all of it is copied", 30)
    whole = QGuiApplication.clipboard().image()
    pick(framed, "below", "last")
    QGuiApplication.clipboard().clear()
    QTest.keyClick(framed.surface, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier | SHIFT)
    wait_until(lambda: not QGuiApplication.clipboard().image().isNull(), "the selection is copied", 30)
    part = QGuiApplication.clipboard().image()
    assert part.width() * part.height() < whole.width() * whole.height() / 2
    assert has_frame(part, OTHER)
    assert has_frame(whole, COLOUR)


def test_only_the_selected_blocks_are_opened_in_their_picture(hands):  # noqa: F811
    open_example(hands)
    session = hands.session
    blocks = [n.id for n in session.block.graph.nodes.values() if n.name == "stage"]
    there = set(session.block.graph.nodes)
    opened = unfolded(session.project, session.block_id, 9, blocks)
    assert set(opened.members) == {"u1"}
    assert set(opened.members["u1"]) == set(opened.project.block(session.block_id).graph.nodes) - there
    closed = unfolded(session.project, session.block_id, 9, there - set(blocks))
    assert closed.members == {}
    assert set(closed.project.block(session.block_id).graph.nodes) == there


def exported(hands: Hands, path) -> QImage:  # noqa: F811
    """The picture of the selection, from a file."""
    hands.window.actions_.trigger("file.picture")
    dialog = hands.dialog(PictureDialog)
    choose(dialog.part, "selection")
    dialog.file.line.setText(str(path))
    hands.click(dialog.button)
    wait_until(path.exists, "it is written")
    wait_until(lambda: not hands.session.background.busy, "all is done")
    return QImage(str(path))


def has_frame(image: QImage, colour: str) -> bool:
    """Whether lines of about this hue are painted."""
    hue = QColor(colour).hue()
    for y in range(0, image.height(), 2):
        for x in range(image.width()):
            seen = image.pixelColor(x, y)
            if abs(seen.hue() - hue) < 8 and seen.saturation() > 60:
                return True
    return False
