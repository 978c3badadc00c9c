"""What is shown after looking elsewhere is what painting everything anew would show."""

from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter, QTransform

from bench.networks import skips, wide
from engine.document.edits import MoveNodes, RemoveNodes
from gui.canvas.levels import MOST
from gui.canvas.pieces import pieces
from gui.canvas.sheet import Sheet
from gui.canvas.strokes import strokes
from gui.canvas.wires import Route, Wire
from gui.theme import theme
from tests.gui.canvas_driver import has_colour, shot, wheel

SEAM = 32  # how much a pixel may differ where a wire was cut at the edge of a strip
THIN = 200  # pixels of lines seen from far away, which are stepped differently from another edge


def pixels(image: QImage) -> np.ndarray:
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)[..., :3].astype(int)


def other_pixels(a: np.ndarray, b: np.ndarray) -> int:
    """How many differ by more than one could see."""
    return int((np.abs(a - b).max(2) > SEAM).sum())


@pytest.mark.parametrize("zoom", [0.2, 0.45, 0.77, 1.0, 1.7])
@pytest.mark.parametrize("network", [skips, wide])
def test_a_canvas_that_was_panned_shows_what_one_painted_anew_shows(canvas, session, settled, network, zoom):
    session.document.replace(network(300))
    settled()
    canvas.settling.finish()
    canvas.surface.look_at(canvas.drawing.rect("n150").center(), zoom)
    shot(canvas)
    for dx, dy in ((40, 0), (-7, 31), (0, -90), (300, 200), (-1, -1), (-55, 13)):
        canvas.surface.pan(QPointF(dx, dy))
        panned = shot(canvas)
    canvas.scene.redraw()
    assert other_pixels(pixels(panned), pixels(shot(canvas))) <= THIN


def test_a_change_shows_after_a_pan_that_was_not_painted(canvas, session, settled):
    session.document.replace(skips(40))
    settled()
    canvas.surface.look_at(canvas.drawing.rect("n5").center(), 1.0)
    shot(canvas)
    canvas.surface.pan(QPointF(30, 20))
    session.apply(MoveNodes({"n5": (canvas.drawing.at["n5"][0] + 64, canvas.drawing.at["n5"][1] + 64)}))
    changed = shot(canvas)
    canvas.scene.redraw()
    assert other_pixels(pixels(changed), pixels(shot(canvas))) == 0


def test_another_size_and_another_theme_are_painted_whole(canvas, session, settled):
    session.document.replace(skips(40))
    settled()
    canvas.surface.look_at(canvas.drawing.rect("n5").center(), 1.0)
    shot(canvas)
    canvas.resize(canvas.width() + 120, canvas.height() + 80)
    assert has_colour(shot(canvas), theme().bg.canvas, canvas.rect().bottomRight(), 3)


class Dots:
    """A scene of coloured squares of 10 units, and how much of it was painted."""

    def __init__(self) -> None:
        self.painted = 0.0
        self.shift = 0
        self.odd: dict[tuple[int, int], int] = {}

    def __call__(self, painter: QPainter, rect: QRectF, zoom: float) -> None:
        self.painted += rect.width() * rect.height()
        for i in range(int(rect.left() // 10) - 1, int(rect.right() // 10) + 2):
            for j in range(int(rect.top() // 10) - 1, int(rect.bottom() // 10) + 2):
                colour = QColor(
                    (i * 37 + self.shift + self.odd.get((i, j), 0)) % 256, (j * 53) % 256, (i * j * 11) % 256
                )
                painter.fillRect(QRectF(10 * i, 10 * j, 10, 10), colour)

    def steps(self, painter: QPainter, rect: QRectF, zoom: float) -> Iterator[None]:
        """The same in columns."""
        for i in range(int(rect.left() // 10), int(rect.right() // 10) + 1):
            self(painter, QRectF(10 * i, rect.top(), 9, rect.height()), zoom)
            yield

    def roughly(self, painter: QPainter, rects: Sequence[QRectF], zoom: float) -> None:
        for rect in rects:
            self(painter, rect, zoom)


def shown(sheet: Sheet, view: QTransform, ratio: float, may_wait: bool = False) -> np.ndarray:
    image = QImage(round(120 * ratio), round(90 * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    painter = QPainter(image)
    sheet.show(painter, view, QSize(120, 90), ratio, may_wait)
    painter.end()
    return pixels(image)


@given(
    st.lists(st.tuples(st.integers(-150, 150), st.integers(-100, 100)), min_size=1, max_size=8),
    st.sampled_from((1.0, 2.0, 1.5)),
)
def test_a_sheet_that_went_any_way_shows_what_a_fresh_one_shows(qapp, ways, ratio):
    scene, x, y = Dots(), 0, 0
    sheet = Sheet(scene)
    for dx, dy in [(0, 0), *ways]:
        x, y = x + dx, y + dy
        view = QTransform(1, 0, 0, 1, x, y)
        if dx > 100:
            scene.shift += 1
            sheet.spoil()
        found = shown(sheet, view, ratio)
    assert (found == shown(Sheet(scene), view, ratio)).all()


@given(
    st.lists(
        st.tuples(st.sampled_from((0.5, 1.0, 1.25, 2.0)), st.integers(-60, 60), st.integers(-60, 60), st.booleans()),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from((1.0, 2.0)),
)
def test_a_sheet_that_is_zoomed_step_by_step_shows_in_the_end_what_a_fresh_one_shows(qapp, ways, ratio):
    scene = Dots()
    sheet = Sheet(scene, slowly=scene.steps, rough=scene.roughly, budget=0.0)
    shown(sheet, QTransform(), ratio)
    for zoom, x, y, is_spoilt in ways:
        view = QTransform(zoom, 0, 0, zoom, x, y)
        shown(sheet, view, ratio, may_wait=True)
        if is_spoilt:
            scene.shift += 1
            sheet.spoil(QRectF(-500, -500, 1000, 1000))
    found, turns = shown(sheet, view, ratio, may_wait=True), 0
    while sheet.is_unfinished:
        found, turns = shown(sheet, view, ratio, may_wait=True), turns + 1
        assert turns < 200
    assert (found == shown(Sheet(scene), view, ratio)).all()


def test_a_zoom_that_takes_long_shows_the_picture_there_is_stretched(qapp):
    scene = Dots()
    sheet = Sheet(scene, slowly=scene.steps, rough=scene.roughly, budget=0.0)
    before = shown(sheet, QTransform(), 1.0)
    stretched = shown(sheet, QTransform.fromScale(2, 2), 1.0, may_wait=True)
    assert sheet.is_unfinished
    assert (stretched[11:31:20, 11:31:20] == before[5:15:10, 5:15:10]).all()


def test_a_picture_in_the_making_is_finished_between_two_frames(qapp):
    scene, view = Dots(), QTransform.fromScale(2, 2)
    sheet = Sheet(scene, slowly=scene.steps, rough=scene.roughly, budget=0.0)
    shown(sheet, QTransform(), 1.0)
    shown(sheet, view, 1.0, may_wait=True)
    turns = 0
    while not sheet.go_on():
        turns += 1
    assert turns > 0
    assert not sheet.is_unfinished
    assert (shown(sheet, view, 1.0, may_wait=True) == shown(Sheet(scene), view, 1.0)).all()


@pytest.mark.parametrize("network", [skips, wide])
@pytest.mark.parametrize("notches", [(4, 4, 3), (10, -5), (7, -9)])
def test_a_canvas_shows_after_turning_the_wheel_what_one_painted_anew_shows(
    canvas, session, settled, qtbot, network, notches
):
    session.document.replace(network(300))
    settled()
    canvas.settling.finish()
    canvas.surface.look_at(canvas.drawing.rect("n150").center(), 0.3)
    shot(canvas)
    canvas.scene.sheet.budget = 0.0
    for turns in notches:
        for _ in range(abs(turns)):
            wheel(canvas, QPoint(250, 200), 1 if turns > 0 else -1)
            shot(canvas)
    qtbot.waitUntil(lambda: not canvas.scene.sheet.is_unfinished)
    zoomed = shot(canvas)
    canvas.scene.redraw()
    assert other_pixels(pixels(zoomed), pixels(shot(canvas))) <= THIN


@pytest.mark.parametrize("frames", [1, 4, 12, 30, 60])
@pytest.mark.parametrize("zoom", [0.5, 1.0])
def test_layers_that_go_while_another_zoom_is_painted_are_not_shown_after_it(canvas, session, settled, frames, zoom):
    session.document.replace(skips(300))
    settled()
    canvas.settling.finish()
    canvas.surface.look_at(canvas.drawing.rect("n150").center(), zoom)
    shot(canvas)
    canvas.scene.sheet.budget = 0.0
    wheel(canvas, QPoint(250, 200), -1)
    for _ in range(frames):
        shot(canvas)
    gone = canvas.drawing.nodes_in(canvas.surface.visible())[-1:]
    assert gone
    session.apply(RemoveNodes(frozenset(gone)))
    while canvas.scene.sheet.is_unfinished:
        shot(canvas)
    zoomed = shot(canvas)
    canvas.scene.redraw()
    assert other_pixels(pixels(zoomed), pixels(shot(canvas))) <= THIN


ZOOMS = st.sampled_from((0.25, 0.5, 1.0, 1.25, 2.0, 3.0))
CHANGES = st.sampled_from(("", "", "part", "whole"))


@given(
    st.lists(st.tuples(ZOOMS, st.integers(-30, 30), st.integers(-30, 30), CHANGES), min_size=2, max_size=12),
    st.sampled_from((1.0, 2.0)),
)
def test_pictures_of_other_zooms_that_are_shown_again_are_what_a_fresh_sheet_shows(qapp, ways, ratio):
    scene = Dots()
    sheet = Sheet(scene, slowly=scene.steps, rough=scene.roughly, budget=0.0)
    for zoom, x, y, change in ways:
        view = QTransform(zoom, 0, 0, zoom, x, y)
        found = finished(sheet, view, ratio)
        assert (found == shown(Sheet(scene), view, ratio)).all()
        if change == "part":
            scene.odd = {(1, 2): scene.odd.get((1, 2), 0) + 99, (3, 1): 50}
            sheet.spoil(QRectF(10, 20, 10, 10))
            sheet.spoil(QRectF(30, 10, 10, 10))
        elif change == "whole":
            scene.shift += 1
            sheet.spoil()


def finished(sheet: Sheet, view: QTransform, ratio: float) -> np.ndarray:
    """What is shown once nothing is stretched any more."""
    found = shown(sheet, view, ratio, may_wait=True)
    while sheet.is_unfinished:
        found = shown(sheet, view, ratio, may_wait=True)
    return found


def test_who_zooms_back_sees_at_once_what_was_painted_before(qapp):
    scene = Dots()
    sheet = Sheet(scene, slowly=scene.steps, rough=scene.roughly, budget=0.0)
    for zoom in (1.0, 1.5, 2.0):
        finished(sheet, QTransform.fromScale(zoom, zoom), 1.0)
    scene.painted = 0.0
    shown(sheet, QTransform.fromScale(1.5, 1.5), 1.0, may_wait=True)
    shown(sheet, QTransform(), 1.0, may_wait=True)
    assert not sheet.is_unfinished
    assert scene.painted == 0.0


def test_a_zoom_out_shows_round_the_picture_there_is_what_was_painted_from_farther_away(qapp):
    scene = Dots()
    sheet = Sheet(scene, slowly=scene.steps, rough=scene.roughly, budget=0.0)
    finished(sheet, QTransform(), 1.0)
    finished(sheet, QTransform.fromScale(4, 4), 1.0)
    scene.painted = 0.0
    found = shown(sheet, QTransform.fromScale(1.25, 1.25), 1.0, may_wait=True)
    assert sheet.is_unfinished
    assert scene.painted < 120 * 90 / 4
    assert (found.max(2) > 0).mean() > 0.9


def test_a_zoom_is_shown_by_the_picture_that_is_stretched_least(qapp):
    scene = Dots()
    sheet = Sheet(scene, slowly=scene.steps, rough=scene.roughly, budget=0.0)
    before = finished(sheet, QTransform(), 1.0)
    scene.shift += 100  # which the sheet is not told, so that one sees which of both is shown
    finished(sheet, QTransform.fromScale(4, 4), 1.0)
    found = shown(sheet, QTransform(1.25, 0, 0, 1.25, -10, -2), 1.0, may_wait=True)
    assert sheet.is_unfinished
    assert (found[4:80:25, 21:110:25] == before[5:66:20, 25:86:20]).all()


def test_no_more_pictures_are_kept_than_serve_and_none_once_nobody_zooms(qapp):
    scene = Dots()
    sheet = Sheet(scene, slowly=scene.steps, rough=scene.roughly, budget=0.0)
    for i in range(12):
        finished(sheet, QTransform.fromScale(1.2**i, 1.2**i), 1.0)
    assert 1 < sheet.kept <= MOST
    sheet.rest()
    assert sheet.kept == 0


def test_going_a_little_aside_paints_a_strip(qapp):
    scene = Dots()
    sheet = Sheet(scene)
    shown(sheet, QTransform(), 1.0)
    whole, scene.painted = scene.painted, 0.0
    shown(sheet, QTransform(1, 0, 0, 1, 5, 0), 1.0)
    assert 0 < scene.painted < whole / 8


@given(st.tuples(*[st.floats(-900, 900)] * 2), st.tuples(*[st.floats(-900, 900)] * 2), st.floats(0, 60), st.data())
def test_a_piece_of_a_wire_runs_where_the_wire_does(qapp, start, end, run, data):
    wire = Wire(None, Route(start, end, run))
    left, top = data.draw(st.floats(-900, 900)), data.draw(st.floats(-900, 900))
    rect = QRectF(left, top, data.draw(st.floats(5, 200)), data.draw(st.floats(5, 200)))
    found = pieces(rect, [0], [wire])
    inside = [p for i in range(401) if rect.contains(p := wire.route.path.pointAtPercent(i / 400))]
    assert found or not inside
    if found:
        course = [found[0].path.pointAtPercent(i / 2000) for i in range(2001)]
        xy = np.array([(p.x(), p.y()) for p in course])
        for p in inside:
            assert np.hypot(xy[:, 0] - p.x(), xy[:, 1] - p.y()).min() < 3.0


def test_strokes_go_through_the_ends_of_every_wire(qapp):
    routes = [Route((0, 0), (100, 50)), Route((0, 0), (2000, 700), 30.0), Route((5, 5), (900, 5))]
    path = strokes(routes)
    ends = {(path.elementAt(i).x, path.elementAt(i).y) for i in range(path.elementCount())}
    assert {xy for route in routes for xy in (route.start, route.end)} <= ends
    assert strokes([]).isEmpty()


def test_what_is_dragged_far_away_leaves_the_lines_of_all_others_as_they_are(canvas, session, settled):
    session.document.replace(skips(300))
    settled()
    canvas.settling.finish()
    canvas.surface.look_at(canvas.drawing.rect("n150").center(), 0.2)
    x, y = canvas.drawing.at["n150"]
    canvas.drawing.shift({"n150": (x + 8, y)})
    canvas.scene.redraw()
    shot(canvas)
    lines = canvas.picture._far_wires._strokes
    canvas.drawing.shift({"n150": (x + 16, y)})
    canvas.scene.redraw()
    carried = shot(canvas)
    assert canvas.picture._far_wires._strokes is lines
    canvas.drawing.shift_back(["n150"])
    canvas.scene.redraw()
    assert shot(canvas) != carried


def test_a_network_too_wide_for_the_smallest_zoom_is_not_shown_where_it_has_nothing(canvas, session):
    project = skips(40)
    places = dict.fromkeys(project.block().graph.nodes, (-90_000.0, 0.0))
    session.document.replace(MoveNodes({**places, "n40": (90_000.0, 40_000.0)})(project))
    canvas.fit(animate=False)
    assert canvas.drawing.nodes_in(canvas.surface.visible())
