"""Two places of one project side by side: what each has for itself, and what they share."""

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.document.edits import AddNode, RemoveNodes, Rename, SetParam
from engine.document.files import load, save
from engine.layers import Layer
from gui.demo_hands import Hands, wait_until
from gui.window.files import EXAMPLES
from tests.gui.window_fixture import hands, open_example  # noqa: F401

L = Layer.registry
LEFT = Qt.MouseButton.LeftButton
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def sides(hands):  # noqa: F811
    """The residual network at the left, and at the right, in use, the inside of its repeated block."""
    open_example(hands)
    hands.select("stage")
    hands.window.desk.show_part("bottom", False)
    hands.shortcut("Ctrl+Alt+Return")
    hands.window.desk.canvases.all()[0].fit(animate=False)
    return hands.window.desk.canvases.all()


def names(canvas):
    return [node.name for node in canvas.session.block.graph.nodes.values()]


def click(canvas, name: str) -> None:
    node = next(n.id for n in canvas.session.block.graph.nodes.values() if n.name == name)
    QTest.mouseClick(canvas.surface.viewport(), LEFT, pos=canvas.node_point(node))


def carry(source, name: str, target, at: QPoint, held=Qt.KeyboardModifier.NoModifier) -> None:
    """Drag a layer from one side to a point of the other."""
    node = next(n.id for n in source.session.block.graph.nodes.values() if n.name == name)
    viewport, start = source.surface.viewport(), source.node_point(node)
    end = viewport.mapFromGlobal(target.surface.viewport().mapToGlobal(at))
    QTest.mousePress(viewport, LEFT, pos=start)
    for step in range(1, 9):
        QTest.mouseMove(viewport, start + (end - start) * step / 8)
    QTest.mouseRelease(viewport, LEFT, held, end)


def test_each_side_has_its_block_selection_and_view(hands, sides):  # noqa: F811
    left, right = sides
    assert left.session.block.name == "DigitsCNN"
    assert right.session.block.name == "ResidualBlock"
    click(left, "head")
    zoom = right.zoom
    left.zoom_in()
    assert [left.session.selection, right.session.selection] == [(hands.node("head"),), ()]
    assert right.zoom == zoom


def test_panels_and_commands_act_on_the_side_that_was_clicked(hands, sides):  # noqa: F811
    left, right = sides
    click(right, "conv1")
    assert hands.session.selection == right.session.selection
    assert hands.session.block_id == right.session.block_id
    click(left, "drop")
    assert hands.window.desk.canvas is left
    assert hands.session.selection == left.session.selection
    hands.key("M")
    assert hands.session.block.graph.nodes[hands.node("drop")].muted
    click(right, "norm1")
    hands.shortcut("Delete")
    assert "norm1" not in names(right)
    hands.shortcut("Ctrl+Z")
    assert "norm1" in names(right)
    assert "drop" in names(left)


def test_an_edit_on_one_side_shows_on_the_other_at_once(hands, sides):  # noqa: F811
    left, right = sides
    right.session.leave(0)
    assert names(left) == names(right)
    right.session.apply(AddNode(L["ReLU"](), "extra"))
    assert "extra" in {face.name for face in left.drawing.faces.values()}
    node = next(n.id for n in left.session.block.graph.nodes.values() if n.name == "extra")
    left.session.apply(Rename(node, "other"))
    assert right.drawing.faces[node].name == "other"


def test_a_side_whose_block_goes_shows_what_is_around_it(hands, sides):  # noqa: F811
    left, right = sides
    stage = next(n.id for n in left.session.block.graph.nodes.values() if n.name == "stage")
    left.session.apply(RemoveNodes((stage,)))
    assert right.session.path == ()
    assert set(right.drawing.faces) == set(left.drawing.faces)


def test_a_layer_is_carried_from_one_block_into_the_other_in_one_step(hands, sides):  # noqa: F811
    left, right = sides
    before = hands.session.project
    carry(left, "drop", right, QPoint(200, 120))
    assert "drop" not in names(left)
    assert "drop" in names(right)
    assert hands.window.desk.canvas is right
    assert hands.session.document.undo_label == "Move 1 layer to ResidualBlock"
    hands.shortcut("Ctrl+Z")
    assert hands.session.project is before


def test_with_ctrl_it_is_copied_and_stays_where_it_was(hands, sides):  # noqa: F811
    left, right = sides
    at = {n: left.drawing.at[n] for n in left.drawing.faces}
    carry(left, "drop", right, QPoint(200, 120), CTRL)
    assert "drop" in names(left)
    assert "drop" in names(right)
    assert {n: left.drawing.at[n] for n in left.drawing.faces} == at


def test_a_block_is_not_carried_into_itself(hands, sides):  # noqa: F811
    left, right = sides
    before = hands.session.project
    carry(left, "stage", right, QPoint(200, 120))
    assert hands.session.project is before
    assert hands.window.toasts.shown()
    assert left.drawing.at == {n: tuple(p) for n, p in before.layout_of().positions.items() if n in left.drawing.at}


def test_between_two_places_of_one_block_a_layer_only_moves(hands, sides):  # noqa: F811
    left, right = sides
    right.session.leave(0)
    edges = left.session.block.graph.edges
    node = next(n.id for n in left.session.block.graph.nodes.values() if n.name == "drop")
    carry(left, "drop", right, QPoint(200, 120))
    assert left.session.block.graph.edges == edges
    assert abs(left.drawing.at[node][0] - right.surface.mapToScene(QPoint(200, 120)).x()) < 400


def test_layers_are_copied_between_the_sides_by_keys(hands, sides):  # noqa: F811
    left, right = sides
    click(left, "drop")
    hands.key("Ctrl+C")
    hands.shortcut("Ctrl+Alt+\\")
    assert hands.window.desk.canvas is right
    hands.key("Ctrl+V")
    assert "drop" in names(right)
    assert names(left).count("drop") == 1


def test_the_button_closes_its_side_and_the_other_has_the_room(hands, sides):  # noqa: F811
    left, _ = sides
    wide = left.width()
    side = hands.window.desk.canvases.sides[1]
    hands.click(side.close_button)
    assert hands.window.desk.canvases.all() == [left]
    assert hands.window.desk.canvas is left
    assert not hands.window.desk.canvases.sides[0].corner.isVisible()
    wait_until(lambda: left.width() > 1.5 * wide, "the left side has the room", 10)
    assert len(hands.session.work.places) == 1
    hands.shortcut("Ctrl+A")
    assert len(hands.session.selection) == len(names(left))


def test_the_first_side_can_be_closed_as_well_and_the_view_split_again(hands, sides):  # noqa: F811
    left, right = sides
    click(left, "head")
    hands.shortcut("Ctrl+Shift+\\")
    assert hands.window.desk.canvases.all() == [right]
    assert hands.session.block.name == "ResidualBlock"
    hands.shortcut("Ctrl+\\")
    first, second = hands.window.desk.canvases.all()
    assert first is right
    assert second.session.path == right.session.path
    hands.shortcut("Ctrl+\\")
    assert hands.window.desk.canvases.all() == [second]


def test_f6_goes_through_both_sides(hands, sides):  # noqa: F811
    left, right = sides
    left.surface.setFocus()
    hands.key("F6")
    assert right.surface.hasFocus()
    assert hands.window.desk.canvas is right
    hands.key("Shift+F6")
    assert hands.window.desk.canvas is left
    assert left.surface.accessibleName() == "Canvas in use: DigitsCNN"
    assert right.surface.accessibleName() == "Other canvas: ResidualBlock"


def test_a_split_project_goes_to_another_tab_and_back(hands: Hands, sides):  # noqa: F811
    session = hands.session
    hands.shortcut("Ctrl+T")
    hands.canvas.add_layer("ReLU")
    assert not hands.window.desk.canvases.is_split
    hands.shortcut("Ctrl+Tab")
    assert hands.session is session
    assert hands.window.desk.canvases.all() == sides
    click(sides[0], "head")
    assert hands.session.selection == (hands.node("head"),)


def test_a_file_dropped_with_shift_gives_one_of_its_blocks(hands: Hands, tmp_path):  # noqa: F811
    path = tmp_path / "residual.netsmith"
    save(load(EXAMPLES / "digits-cnn.netsmith"), path)
    canvas, data = hands.canvas, QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    at = QPointF(hands.window.mapFromGlobal(canvas.mapToGlobal(canvas.rect().center())))
    shift, copy = Qt.KeyboardModifier.ShiftModifier, Qt.DropAction.CopyAction
    QApplication.sendEvent(hands.window, QDragEnterEvent(at.toPoint(), copy, data, LEFT, shift))
    QApplication.sendEvent(hands.window, QDropEvent(at, copy, data, LEFT, shift))
    menu = hands.window.shelf.menu
    assert [a.text() for a in menu.actions() if a.text()] == [
        "Insert DigitsCNN",
        "Insert ResidualBlock",
        "List them in the palette",
    ]
    menu.actions()[1].trigger()
    menu.close()
    (node,) = hands.session.block.graph.nodes.values()
    assert hands.session.project.blocks[node.layer.block].name == "ResidualBlock"
    assert len(hands.window.tabs.faces) == 1


def test_a_block_that_differs_inside_is_marked_from_outside_and_duplicating_is_called_so(hands: Hands):  # noqa: F811
    open_example(hands)
    saved = hands.session.project
    (inner,) = (b for b in saved.blocks.values() if b.id != saved.main)
    conv = next(n.id for n in inner.graph.nodes.values() if n.name == "conv1")
    hands.session.apply(SetParam(conv, "kernel_size", 5, inner.id))
    changes, marks = hands.canvas.changes, hands.canvas.marks
    changes.show_since(saved, "Since saving")
    assert marks.differences == {hands.node("stage"): "changed"}
    assert marks.words[hands.node("stage")] == "differs inside: ResidualBlock"
    hands.session.undo()
    assert hands.canvas.marks.differences == {}
    hands.session.select([hands.node("stem"), hands.node("relu")])
    hands.canvas.duplicate()
    assert hands.session.document.undo_label == "Duplicate 2 layers"
