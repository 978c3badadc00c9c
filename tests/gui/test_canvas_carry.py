"""Many layers in the hand at once: they go along with their wires, are painted where they are, and dropped there."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRectF, QSizeF
from PySide6.QtTest import QTest

from bench.networks import wide
from engine.document.edits import MoveNodes
from engine.layers.activation import ReLU
from gui.canvas.carry import MANY
from gui.canvas.drawing import Drawing
from gui.canvas.view import CanvasView
from gui.session import Session
from gui.theme import theme
from tests.gui.canvas_driver import LEFT, PLAIN, has_colour, press, pull, shot
from tests.gui.conftest import chain
from tests.gui.test_canvas_sheet import THIN, other_pixels, pixels

AWAY = QPoint(60, 40)


@pytest.fixture
def full(canvas: CanvasView, session: Session, settled) -> CanvasView:  # type: ignore[no-untyped-def]
    """A chain of more layers than are drawn anew one by one, all of them in view."""
    project = chain(*(ReLU() for _ in range(MANY + 20)))
    nodes = project.block().graph.nodes
    places = {node: (260.0 * (i % 20), 160.0 * (i // 20)) for i, node in enumerate(nodes)}
    session.document.replace(MoveNodes(places)(project))
    settled()
    canvas.fit(animate=False)
    return canvas


def test_wires_follow_what_is_carried(full: CanvasView) -> None:
    full.select_all()
    node = full.session.selection[MANY // 2]
    start = full.node_point(node)
    press(full, start)
    pull(full, start, start + AWAY)
    drawing = full.drawing
    assert drawing.carry is not None
    for edge, wire in drawing.wires.items():
        assert np.allclose((wire.route.start, wire.route.end), drawing.ends(edge))
    assert all(np.allclose(box, drawing.rect(n).getCoords()) for n, box in zip(*drawing.boxes(), strict=True))
    QTest.mouseRelease(full.surface.viewport(), LEFT, PLAIN, start + AWAY)
    assert drawing.carry is None
    layout = full.session.project.layout_of()
    assert all(layout.at(n) == drawing.at[n] for n in drawing.faces)


def test_what_is_carried_is_painted_where_it_is(full: CanvasView) -> None:
    full.select_all()
    nodes = full.session.selection
    start = full.node_point(nodes[MANY // 2])
    press(full, start)
    pull(full, start, start + QPoint(0, 90))
    solid = theme().category(full.drawing.faces[nodes[0]].category).solid
    middle = full.to_view(full.drawing.rect(nodes[3]).center())
    picture = shot(full)
    assert has_colour(picture, solid, middle, 2)
    assert not has_colour(picture, solid, middle - QPoint(0, 90), 2)
    QTest.mouseRelease(full.surface.viewport(), LEFT, PLAIN, start)


def test_letting_some_of_them_go_with_escape_leaves_all_where_they_were(full: CanvasView) -> None:
    before = dict(full.drawing.at)
    chosen = list(full.drawing.faces)[: MANY + 5]
    full.session.select(chosen)
    start = full.node_point(chosen[0])
    press(full, start)
    pull(full, start, start + AWAY)
    drawing = full.drawing
    assert drawing.carry is not None
    assert drawing.at_border
    for edge, wire in drawing.wires.items():
        assert np.allclose((wire.route.start, wire.route.end), drawing.ends(edge))
    full.gestures.cancel()
    assert full.drawing.at == before
    assert full.drawing.carry is None
    for edge, wire in full.drawing.wires.items():
        assert np.allclose((wire.route.start, wire.route.end), full.drawing.ends(edge))


@pytest.mark.parametrize("zoom", [0.2, 0.5, 1.0])
@pytest.mark.parametrize("count", [1, 5, MANY + 60])
def test_a_step_of_a_drag_shows_what_painting_everything_anew_shows(canvas, session, settled, zoom, count):
    session.document.replace(wide(MANY + 60))
    settled()
    canvas.settling.finish()
    nodes = list(canvas.drawing.faces)
    node = nodes[len(nodes) // 2]
    chosen = [node, *(n for n in nodes if n != node)][:count]
    session.select(chosen)
    canvas.surface.look_at(canvas.drawing.rect(node).center(), zoom)
    shot(canvas)
    start = canvas.node_point(node)
    press(canvas, start)
    for step in (QPoint(30, 0), QPoint(55, 48), QPoint(-70, 90), QPoint(-64, -130)):
        pull(canvas, start, start + step)
        dragged = shot(canvas)
        assert canvas.drawing.carry is not None
    canvas.scene.redraw()
    assert other_pixels(pixels(dragged), pixels(shot(canvas))) <= THIN
    QTest.mouseRelease(canvas.surface.viewport(), LEFT, PLAIN, start + step)
    settled()
    dropped = shot(canvas)
    canvas.scene.redraw()
    assert other_pixels(pixels(dropped), pixels(shot(canvas))) == 0


def test_what_is_dragged_leaves_the_picture_of_all_that_stays_as_it_is(canvas, session, settled):
    session.document.replace(wide(MANY + 60))
    settled()
    canvas.settling.finish()
    node = list(canvas.drawing.faces)[MANY // 2]
    canvas.surface.look_at(canvas.drawing.rect(node).center(), 1.0)
    start = canvas.node_point(node)
    press(canvas, start)
    pull(canvas, start, start + AWAY)
    shot(canvas)
    before = canvas.scene.sheet.picture.toImage()
    pull(canvas, start, start + 2 * AWAY)
    shot(canvas)
    assert canvas.scene.sheet.picture.toImage() == before
    QTest.mouseRelease(canvas.surface.viewport(), LEFT, PLAIN, start)


def test_wires_of_many_in_the_hand_meet_their_ports_and_find_their_courses_when_let_go(canvas, session, settled):
    session.document.replace(wide(MANY + 60))
    settled()
    canvas.settling.finish()
    nodes = list(canvas.drawing.faces)
    session.select(nodes[40:120])
    canvas.surface.look_at(canvas.drawing.rect(nodes[80]).center(), 0.5)
    start = canvas.node_point(nodes[80])
    press(canvas, start)
    pull(canvas, start, start + QPoint(-90, 70))
    drawing = canvas.drawing
    for edge, wire in drawing.wires.items():
        assert np.allclose((wire.route.start, wire.route.end), drawing.ends(edge))
    QTest.mouseRelease(canvas.surface.viewport(), LEFT, PLAIN, start + QPoint(-90, 70))
    settled()
    canvas.settling.finish()
    fresh = Drawing(session.project, session.block_id, session.analysis)
    for edge, wire in drawing.wires.items():
        assert np.allclose((wire.route.start, wire.route.end), fresh.ends(edge))


@pytest.mark.parametrize("zoom", [0.2, 0.5, 1.0])
def test_a_box_that_grows_and_shrinks_leaves_what_painting_everything_anew_shows(canvas, session, settled, zoom):
    session.document.replace(wide(60))
    settled()
    canvas.settling.finish()
    canvas.surface.look_at(canvas.drawing.rect(list(canvas.drawing.faces)[30]).center(), zoom)
    shot(canvas)
    start = next(p for x in range(4, 200, 8) if not canvas.drawing.nodes_in(around(canvas, p := QPoint(x, 4))))
    press(canvas, start)
    for end in (QPoint(300, 200), QPoint(700, 480), QPoint(420, 90), QPoint(120, 300)):
        pull(canvas, start, end)
        shot(canvas)
    boxed = shot(canvas)
    canvas.scene.redraw()
    assert other_pixels(pixels(boxed), pixels(shot(canvas))) <= THIN
    QTest.mouseRelease(canvas.surface.viewport(), LEFT, PLAIN, end)


def around(canvas: CanvasView, at: QPoint) -> QRectF:
    """A little of the scene round a point of the view."""
    return QRectF(canvas.surface.mapToScene(at), QSizeF(1, 1)).adjusted(-20, -20, 20, 20)


def test_wires_to_what_is_in_the_hand_run_under_the_shapes_and_ports_at_their_other_ends(full: CanvasView) -> None:
    before, node = list(full.drawing.faces)[4:6]
    full.surface.look_at(full.drawing.rect(node).center(), 1.0)
    shot(full)
    x, y = full.drawing.at[node]
    full.drawing.shift({node: (x + 150, y + 40)})
    full.scene.redraw_hand(full.zoom)
    carried = pixels(shot(full))
    full.drawing.let_go()
    full.scene.redraw()
    laid = pixels(shot(full))
    shown = full.drawing.chip_at(before, "out")
    assert shown is not None
    around = full.view_rect(shown[1].adjusted(-20, -4, 0, 4)).toRect()
    assert full.surface.viewport().rect().contains(around)
    rows, columns = slice(around.top(), around.bottom()), slice(around.left(), around.right())
    assert other_pixels(carried[rows, columns], laid[rows, columns]) == 0
