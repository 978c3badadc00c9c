"""Laws of the look: colours that all eyes tell apart, text that can be read as it is painted, motion that is brief."""

import math
import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRect
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit, QTabBar

from engine.document.edits import SetFrames, SetParam
from engine.document.project import Frame
from gui import theme as look
from gui.demo_hands import wait_until
from gui.theme import CATEGORIES, Theme, metrics, theme
from gui.window.canvas_commands import FRAME_COLOURS
from tests.gui.window_fixture import hands, open_example  # noqa: F401

SIGHTS = {  # Machado, Oliveira and Fernandes 2009, table 1 at severity 1, over linear sRGB
    "normal": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
APART = {"normal": 15.0, "protanopia": 9.5, "deuteranopia": 9.5, "tritanopia": 9.5}  # CIEDE2000
CURVES_APART, STATUSES_APART = 8.0, 5.5  # these have a dash or a form besides
NOTES_APART = 3.0
BRIEF_MS = 200
READABLE = 4.5
SHARPER = 3  # so many pixels a pixel, for strokes as strong as their colour
THEMES = pytest.mark.parametrize("shown", [Theme.dark(), Theme.light()], ids=["dark", "light"])
GUI = Path(look.__file__).parent


def linear(colour: QColor) -> np.ndarray:
    parts = np.array([colour.redF(), colour.greenF(), colour.blueF()])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(colour: QColor, sight: str) -> np.ndarray:
    """CIELAB under D65 of a colour as this sight has it."""
    seen = np.clip(np.array(SIGHTS[sight]) @ linear(colour), 0, 1)
    to_xyz = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    white = np.array([0.95047, 1.0, 1.08883])
    share = np.array(to_xyz) @ seen / white
    x, y, z = np.where(share > 216 / 24389, np.cbrt(share), (24389 / 27 * share + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def distance(one: np.ndarray, other: np.ndarray) -> float:
    """CIEDE2000, as in Sharma, Wu and Dalal 2005."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean_c = (math.hypot(a1, b1) + math.hypot(a2, b2)) / 2
    grey = 1.5 - math.sqrt(mean_c**7 / (mean_c**7 + 25**7)) / 2
    c1, c2 = math.hypot(a1 * grey, b1), math.hypot(a2 * grey, b2)
    h1, h2 = (math.degrees(math.atan2(b, a * grey)) % 360 for a, b in ((a1, b1), (a2, b2)))
    turn = (h2 - h1 + 180) % 360 - 180 if c1 * c2 else 0.0
    hue = (h1 + turn / 2) % 360 if c1 * c2 else h1 + h2
    light, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    weight = (
        1 - 0.17 * math.cos(math.radians(hue - 30)) + 0.24 * math.cos(math.radians(2 * hue))
        + 0.32 * math.cos(math.radians(3 * hue + 6)) - 0.20 * math.cos(math.radians(4 * hue - 63))
    )  # fmt: skip
    by_light = (l2 - l1) / (1 + 0.015 * (light - 50) ** 2 / math.sqrt(20 + (light - 50) ** 2))
    by_chroma = (c2 - c1) / (1 + 0.045 * chroma)
    by_hue = 2 * math.sqrt(c1 * c2) * math.sin(math.radians(turn / 2)) / (1 + 0.015 * chroma * weight)
    bent = (
        -2
        * math.sqrt(chroma**7 / (chroma**7 + 25**7))
        * math.sin(math.radians(60 * math.exp(-(((hue - 275) / 25) ** 2))))
    )
    return math.sqrt(by_light**2 + by_chroma**2 + by_hue**2 + bent * by_chroma * by_hue)


def nearest(colours: list[QColor], sight: str) -> float:
    return min(distance(lab(a, sight), lab(b, sight)) for a, b in combinations(colours, 2))


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [  # of the pairs that the authors give to test by
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_distance_is_measured_as_its_authors_say(one, other, apart):
    assert distance(np.array(one), np.array(other)) == pytest.approx(apart, abs=1e-4)


@THEMES
@pytest.mark.parametrize("sight", SIGHTS)
def test_the_kinds_are_told_apart_by_every_sight(shown, sight):
    assert nearest([shown.category(name).solid for name in CATEGORIES], sight) >= APART[sight]


@THEMES
@pytest.mark.parametrize("sight", SIGHTS)
def test_the_first_curves_and_the_statuses_are_told_apart_by_every_sight(shown, sight):
    assert nearest(list(shown.plot.series[:5]), sight) >= CURVES_APART
    s = shown.status
    assert nearest([s.danger, s.warn, s.ok, s.info], sight) >= STATUSES_APART


def test_no_motion_lasts_as_long_as_people_wait_for_it_and_none_is_left_when_motion_is_reduced(monkeypatch):
    monkeypatch.setenv("NETSMITH_REDUCED_MOTION", "0")
    lengths = [look.duration(name) for name in ("instant", "fast", "normal", "slow")]
    assert max(lengths) < BRIEF_MS
    monkeypatch.setenv("NETSMITH_REDUCED_MOTION", "1")
    assert {look.duration(name) for name in ("instant", "fast", "normal", "slow")} == {0}


MOVES = re.compile(r"Q(Variant|Property)Animation\(|QTimeLine\(|(?<!class )\bMotion\(")


def test_whatever_moves_asks_the_theme_how_long():
    moving = {
        path.relative_to(GUI).as_posix(): text
        for path in GUI.rglob("*.py")
        if re.search(
            r"Q(Variant|Property)Animation\(|QTimeLine\(|(?<!class )\bMotion\(",
            text := path.read_text(encoding="utf-8"),
        )
    }
    assert moving
    assert [name for name, text in moving.items() if not re.search(r"\bduration\(", text)] == []


# Text as it is painted


def painted(widget) -> QImage:
    """The window, three pixels a pixel."""
    image = QImage(widget.size() * SHARPER, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(SHARPER)
    painter = QPainter(image)
    widget.render(painter, QPoint())
    painter.end()
    return image


def luminance(pixels: np.ndarray) -> np.ndarray:
    parts = np.stack([(pixels >> shift & 0xFF) / 255 for shift in (16, 8, 0)], axis=-1)
    straight = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return straight @ np.array([0.2126, 0.7152, 0.0722])


def strongest(image: QImage, place: QRect) -> float:
    """The contrast between the commonest colour of a place and whatever differs most from it."""
    whole = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.width())
    part = whole[place.top() * SHARPER : place.bottom() * SHARPER, place.left() * SHARPER : place.right() * SHARPER]
    colours, counts = np.unique(part, return_counts=True)
    light = luminance(colours)
    ground = light[np.argmax(counts)]
    return float(max((np.maximum(light, ground) + 0.05) / (np.minimum(light, ground) + 0.05)))


def words_in(window):
    """What shows words, can be used, and stands whole within what holds it, with its place in the window."""
    for kind in (QLabel, QAbstractButton, QLineEdit, QComboBox):
        for widget in window.findChildren(kind):
            text = widget.currentText() if isinstance(widget, QComboBox) else widget.text()
            whole = widget.visibleRegion().boundingRect() == widget.rect()
            if text.strip() and whole and widget.isEnabled() and widget.isVisible():
                yield text, QRect(widget.mapTo(window, QPoint()), widget.size())
    for bar in window.findChildren(QTabBar):
        for index in range(bar.count() if bar.isVisible() else 0):
            yield bar.tabText(index), bar.tabRect(index).translated(bar.mapTo(window, QPoint()))


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_every_word_in_the_window_can_be_read_as_it_is_painted(hands, scheme):  # noqa: F811
    open_example(hands)
    hands.session.apply(SetParam(hands.node("proj"), "stride", 1))
    hands.session.select([hands.node("join")])
    wait_until(lambda: hands.session.is_current and not hands.session.background.busy, "the problem is known")
    hands.window.preferences.scheme = scheme
    image, weak, seen = painted(hands.window), [], 0
    for text, place in words_in(hands.window):
        seen += 1
        if (contrast := strongest(image, place)) < READABLE:
            weak.append((text, round(contrast, 2)))
    hands.window.preferences.scheme = "dark"
    assert seen > 40
    assert weak == []


def test_there_are_three_levels_of_detail_and_nothing_moves_between_them(hands):  # noqa: F811
    open_example(hands)
    canvas, lod, found = hands.canvas, metrics().lod, {}
    node = hands.node("stem")
    rect = canvas.drawing.rect(node)
    header, solid = theme().category("convolution").header, theme().category("convolution").solid
    for name, zoom in (("full", lod.full), ("compact", lod.compact), ("far", lod.compact - 0.01)):
        canvas.surface.look_at(rect.center(), zoom)
        image = canvas.surface.grab().toImage()
        low = canvas.to_view(QPointF(rect.center().x(), rect.bottom() - metrics().node.footer / 2))
        spots = [image.pixelColor(low + QPoint(dx, 0)) for dx in range(-8, 9)]
        found[name] = {colour.rgb() for colour in spots}
        assert canvas.drawing.rect(node) == rect
    assert theme().node.fill.rgb() in found["full"]
    assert header.rgb() in found["compact"]
    assert found["far"] == {solid.rgb()}


def rows_of_text(image: QImage, place: QRect) -> np.ndarray:
    """The rows of pixels in a place, from its top, on which something stands out from the ground."""
    whole = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.width())
    part = luminance(whole[place.top() : place.bottom(), place.left() : place.right()])
    return np.flatnonzero((np.abs(part - np.median(part)) > 0.1).any(axis=1))


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_notes_of_all_colours_are_told_apart_and_their_words_and_links_are_read(hands, scheme):  # noqa: F811
    look.set_scheme(scheme)
    notes = [
        Frame(f"f{i}", f"[{'words ' * 9}](x)", 130 * (i % 4), 130 * (i // 4), 120, 100, colour, kind="note")
        for i, (colour, _) in enumerate(FRAME_COLOURS)
    ]
    hands.session.apply(SetFrames(tuple(notes), hands.session.block_id))
    canvas = hands.canvas
    canvas.surface.look_at(QPointF(260, 130), 1.0)
    image, grounds = painted(canvas), []
    for note in notes:
        corner = canvas.to_view(QPointF(note.x, note.y))
        grounds.append(image.pixelColor((corner + QPoint(60, 90)) * SHARPER))
        assert strongest(image, QRect(corner + QPoint(10, 4), corner + QPoint(100, 60))) >= READABLE
    look.set_scheme("dark")
    assert nearest(grounds, "normal") >= NOTES_APART


@pytest.mark.parametrize("zoom", [1.0, 0.8, 0.6, 0.4])
def test_a_note_is_read_at_every_zoom_that_shows_words_in_whole_lines_of_full_size(hands, zoom):  # noqa: F811
    text = "\n\n".join(["Words"] * 12)
    hands.session.apply(SetFrames((Frame("f1", text, 0, 0, 240, 240, kind="note"),), hands.session.block_id))
    canvas = hands.canvas
    canvas.surface.look_at(QPointF(120, 120), zoom)
    place = QRect(canvas.to_view(QPointF(0, 0)), canvas.to_view(QPointF(240, 240)))
    rows = rows_of_text(canvas.surface.viewport().grab().toImage(), place.adjusted(4, 4, -4, -4))
    assert min(rows) < look.line_height("small")
    assert max(rows) < place.height() - metrics().space.s


def test_a_word_that_is_longer_than_a_note_goes_on_in_its_next_line(hands):  # noqa: F811
    note = Frame("f1", "word" * 60, 0, 0, 160, 160, kind="note")
    hands.session.apply(SetFrames((note,), hands.session.block_id))
    canvas = hands.canvas
    canvas.surface.look_at(QPointF(80, 80), 1.0)
    place = QRect(canvas.to_view(QPointF(0, 0)), canvas.to_view(QPointF(160, 160)))
    rows = rows_of_text(canvas.surface.viewport().grab().toImage(), place.adjusted(4, 4, -4, -4))
    assert max(rows) > 3 * look.line_height("small")
