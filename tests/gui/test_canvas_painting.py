"""What is painted: wires, badges, levels of detail, heat, pictures; looked at pixel by pixel."""

from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QSize
from PySide6.QtGui import QImage, QPainter, QTransform
from PySide6.QtSvg import QSvgRenderer

from engine.analysis.infer import infer
from engine.document.edits import MoveNodes, SetFrames, SetParam
from engine.document.project import Frame, Project
from engine.errors import FileError, Problem
from engine.layers import Layer
from engine.tensor import TensorSpec
from gui.canvas.chips import chip_of
from gui.canvas.detail import reach
from gui.canvas.face import short_count
from gui.canvas.picture import Shot, render, shooting, thumbnail
from gui.canvas.steps import at_once
from gui.canvas.wires import Route, back
from gui.plots.heat import HeatScale
from gui.theme import in_colours, metrics, set_scheme, theme
from gui.xray.modes import GRADIENT, Heat, Reading
from tests.gui.canvas_driver import has_colour, place, shot
from tests.gui.conftest import chain

L = Layer.registry


def heat_of(values):
    """Gradient norms of nodes of the main block, between 1e-4 and 1."""
    parts = {node: (Reading((("main", node),), node, value),) for node, value in values.items()}
    return Heat(GRADIENT, values, HeatScale(-4.0, 0.0), parts)


@pytest.fixture
def row(canvas, session, settled):
    layers = (L["Input"](shape=(1, 8, 8)), L["Conv2d"](), L["Linear"](out_features=10))
    session.document.replace(chain(*layers, names=("images", "stem", "head"), step=360.0))
    settled()
    canvas.surface.look_at(QPointF(430, 60), 1.0)
    return canvas


def middle_of(canvas, source, target):
    edge = next(e for e in canvas.drawing.wires if (e.source, e.target) == (source, target))
    path = canvas.drawing.wires[edge].route.path
    point = path.pointAtPercent(0.95)
    return place(canvas, point.x(), point.y())


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("zoom", [1.0, 0.5, 0.2])
def test_a_wire_and_a_node_are_painted_at_every_zoom_and_in_both_themes(row, scheme, zoom):
    set_scheme(scheme)
    row.surface.look_at(QPointF(430, 60), zoom)
    image = shot(row)
    assert has_colour(image, theme().wire.rest, middle_of(row, "n1", "n2"), 2, 60)  # thin lines are blended
    corner = row.to_view(row.drawing.rect("n2").topLeft()) + QPoint(3, round(14 * zoom))
    colours = theme().category("convolution")
    assert has_colour(image, colours.header if zoom > 0.35 else colours.solid, corner, 4)
    set_scheme("dark")


def test_a_picture_of_a_node_that_is_kept_looks_like_the_node_itself(row):
    first = shot(row)
    assert shot(row) == shot(row)
    kept = shot(row)
    spot = row.node_point("n2")
    assert has_colour(kept, first.pixelColor(spot * first.devicePixelRatio()), spot, 1)


def test_a_problem_shows_a_badge_and_its_card_and_the_repair_mends_it(row, session, settled, qtbot):
    session.apply(SetParam("n2", "out_channels", 16))
    session.document.replace(chain(L["Input"](shape=(64,)), L["Conv2d"](), names=("x", "conv"), step=360.0))
    settled()
    row.surface.look_at(QPointF(250, 60), 1.0)
    corner = row.to_view(row.drawing.rect("n2").topRight())
    assert has_colour(shot(row), theme().status.danger, corner, 8)
    session.select(["n2"])
    assert row.problem_card.isVisible()
    assert "(B, C, H, W)" in row.problem_card.accessibleName()
    for button in row.problem_card.buttons()[:1]:
        before = session.project
        button.click()
        assert session.project is not before
        settled()
        assert not any("(B, C, H, W)" in p.message for p in row.drawing.problems.get("n2", ()))


def test_a_wire_into_a_shape_error_is_in_danger(row, session, settled):
    session.document.replace(chain(L["Input"](shape=(64,)), L["Conv2d"](), names=("x", "conv"), step=360.0))
    settled()
    (edge,) = row.drawing.wires
    assert row.drawing.is_bad(edge)


def test_every_wire_says_its_shape_and_what_the_layer_changed_is_strong(row):
    chip = row.drawing.chip("n2", "out")
    assert chip.text == "B × 32 × 8 × 8"
    assert [text for text, strong in chip.parts if strong] == ["32"]
    assert row.drawing.chip_at("n2", "out") is not None


def test_old_shapes_stay_until_new_ones_are_known(row, session):
    session.apply(SetParam("n2", "out_channels", 48))
    assert session.analysing
    assert row.drawing.chip("n2", "out").text == "B × 32 × 8 × 8"


def test_heat_colours_plates_and_wires_without_moving_anything(row, qtbot):
    rects = {n: row.drawing.rect(n) for n in row.drawing.faces}
    row.xray.show(heat_of({"n2": 1e-1, "n3": 1e-4}))
    assert row.xray.legend.isVisible()
    plate = row.marks.plates["n2"]
    assert plate.value == "1.0e-1"
    footer = row.to_view(row.drawing.rect("n2").bottomLeft()) + QPoint(6, -8)
    assert has_colour(shot(row), plate.fill, footer, 2)
    assert {n: row.drawing.rect(n) for n in row.drawing.faces} == rects
    with qtbot.waitSignal(row.xray.switched_off):
        row.xray.legend.off.click()
    row.xray.show(None)
    assert row.marks.plates == {}


def test_what_is_not_finite_says_so(row):
    row.xray.show(heat_of({"n2": float("inf")}))
    assert row.marks.plates["n2"].value == "Inf"
    assert row.marks.plates["n2"].fill == theme().heat.not_finite.fill
    assert row.picture.look("n2").severity == "error"


def test_a_frame_and_a_note_are_painted_behind_the_nodes(row, session):
    frames = (Frame("f1", "Stage", 320, -60, 220, 260), Frame("f2", "**Idea**", 0, 160, 160, 60, kind="note"))
    session.apply(SetFrames(frames))
    image = shot(row)
    assert has_colour(image, theme().canvas.note, place(row, 140, 200), 1)


def test_nodes_speak_as_they_are_read(row, session):
    session.select(["n2"])
    said = row.surface.accessibleDescription()
    assert said == "stem, Conv2d, output B by 32 by 8 by 8, 320 parameters, no problems"


def test_a_whole_block_becomes_a_picture_without_a_screen(qapp, tmp_path):
    project = chain(L["Input"](shape=(1, 8, 8)), L["Conv2d"](), L["ReLU"]())
    analysis = infer(project)
    render(project, analysis, tmp_path / "net.png", Shot(colours="light", scale=2.0))
    image = QImage(str(tmp_path / "net.png"))
    assert image.width() > 1000
    assert image.pixelColor(2, 2) == theme_colour("light")
    data = render(project, analysis, tmp_path / "net.svg", Shot(colours="dark"))
    assert b"<svg" in data
    assert b"Model" in data
    assert render(project, analysis, tmp_path / "net.pdf").startswith(b"%PDF")
    small = thumbnail(project, analysis, QSize(200, 120), 2.0)
    assert small.size() == QSize(400, 240)
    assert not thumbnail(Project(), None, QSize(200, 120)).isNull()


def test_a_drawing_in_svg_holds_no_empty_paths_and_names_a_kind_of_font_for_who_has_not_ours(qapp):
    project = chain(L["Input"](shape=(1, 8, 8)), L["Conv2d"](), L["Linear"](out_features=10), L["Output"]())
    note = Frame("n", "two `words`", 0.0, 300.0, 200.0, 100.0, kind="note")
    project = SetFrames((note,))(project)
    with in_colours("dark"):
        text = at_once(shooting(project, infer(project), Shot(), ".svg"))
    root = ElementTree.fromstring(text)
    assert all(path.get("d") for path in root.iter("{*}path"))
    families = {e.get("font-family") for e in root.iter() if e.get("font-family")}
    assert {family.rsplit(",")[-1] for family in families} == {"sans-serif", "monospace"}
    assert QSvgRenderer(text).isValid()


def theme_colour(scheme):
    set_scheme(scheme)
    colour = theme().bg.canvas
    set_scheme("dark")
    return colour


def test_a_picture_that_cannot_be_written_says_why(qapp, tmp_path):
    project = chain(L["Input"](shape=(4,)))
    with pytest.raises(FileError, match="could not be written"):
        render(project, None, path=tmp_path / "missing" / "net.png")
    with pytest.raises(FileError, match=r"\.png, \.svg, \.pdf"):
        render(project, None, path=tmp_path / "net.jpg")


def test_long_wires_stay_within_what_they_join():
    route = Route((0.0, 0.0), (4000.0, 500.0))
    box = route.path.boundingRect()
    assert box.width() <= 4001
    behind = back((1000.0, 0.0), (0.0, 400.0), 90.0, 200.0, -40.0)
    assert behind.distance(500, 200) < 1


@pytest.mark.parametrize(("count", "text"), [(0, "0"), (320, "320"), (18_496, "18.5 k"), (12_400_000, "12.4 M")])
def test_counts_are_short(count, text):
    assert short_count(count) == text


def test_types_that_are_not_numbers_with_a_fraction_come_first():
    assert chip_of(TensorSpec(("B", "T"), "int64"), None).text == "int64 B × T"
    assert chip_of(TensorSpec(("2 * B", 8)), None).text == "2·B × 8"


def test_limits_are_short():
    assert [HeatScale(-4.0, -2.5).label(0.0), HeatScale(-4.0, 0.0).label(1.0)] == ["1e-4", "1"]
    assert HeatScale(-4.0, -2.5).label(1.0) == "3.2e-3"
    assert [HeatScale(-0.3, 0.3, "signed").label(share) for share in (0.0, 0.5, 1.0)] == ["-0.3", "0", "0.3"]


def test_a_shape_gives_up_its_batch_where_there_is_no_room_and_then_gives_way(row, session):
    right, wide = row.drawing.rect("n1").right(), row.drawing.chip("n1", "out").width
    seen = []
    for gap in (wide + 40, wide + 4, 24):
        session.apply(MoveNodes({"n2": (right + gap, 0.0)}))
        shown = row.drawing.chip_at("n1", "out")
        seen.append(shown[0].text if shown else "")
    assert seen == ["B × 1 × 8 × 8", "1 × 8 × 8", ""]


@pytest.mark.parametrize("zoom", [1.6, 1.0, 0.5, 0.3, 0.1])
def test_what_is_painted_of_a_layer_stays_as_near_to_it_as_what_is_painted_anew_of_it(row, session, zoom):
    session.select(["n2"])
    row.drawing.mark_failure("n2", Problem("error", "Of no use."))
    image = QImage(900, 600, QImage.Format.Format_RGB32)
    image.fill(0)
    row.drawing.keep(["n2"], ())
    drawn = row.drawing.rect("n2")
    view = QTransform().translate(450, 300).scale(zoom, zoom).translate(-drawn.center().x(), -drawn.center().y())
    painter = QPainter(image)
    painter.setTransform(view)
    row.picture.paint(painter, drawn.adjusted(-2000, -2000, 2000, 2000), zoom)
    painter.end()
    pixels = np.array(image.constBits()).reshape(image.height(), image.width(), 4)[..., :3].any(2)
    room = reach(zoom)
    near = view.mapRect(drawn.adjusted(-room, -room, room, room)).toAlignedRect().adjusted(-2, -2, 2, 2)
    chips = round(zoom * metrics().node.width)
    pixels[near.top() : near.bottom() + 1, near.left() : near.right() + 1 + chips] = False
    assert not pixels.any()
