"""The look: the token file, the two themes, the fonts, the signs and the dress of standard widgets."""

import json

import pytest
from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QColor, QFontInfo, QIcon, QImage, QPainter
from PySide6.QtWidgets import QFocusFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from gui import glyphs, style
from gui import theme as look
from gui.plots.heat import HeatScale, contrast, heat_colour, text_on
from gui.theme import CATEGORIES, TOKENS, Theme, ThemeError
from gui.tokens import Category

# Said by Qt's offscreen platform of any window that has a least size.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

TEXT, GRAPHIC = 4.5, 3.0  # WCAG 2.2, AA
TOKEN_FILE = json.loads(TOKENS.read_text(encoding="utf-8"))
THEMES = pytest.mark.parametrize("theme", [Theme.dark(), Theme.light()], ids=["dark", "light"])


@pytest.fixture(autouse=True)
def dark_before_and_after():
    look.set_scheme("dark")
    yield
    look.set_scheme("dark")
    look.set_reduced_motion(None)


@pytest.fixture
def dressed(qapp):
    style.apply(qapp)
    return qapp


def groups(data, path=()):
    """The path of every group of tokens that a field reads."""
    if isinstance(data, dict) and path[:1] not in [("measured",), ("glyph",), ("layout",)]:
        if path and path != ("theme",):
            yield path
        for key, value in data.items():
            yield from groups(value, (*path, key))


def without_first_token(path):
    data = json.loads(json.dumps(TOKEN_FILE))
    group = data
    for key in path:
        group = group[key]
    lost = next(iter(group))
    del group[lost]
    return data, lost


def written(folder, data):
    file = folder / "tokens.json"
    file.write_text(json.dumps(data), encoding="utf-8")
    return file


# What is written on what, and what is drawn on what.


def text_pairs(t):
    grounds = [t.bg.window, t.bg.canvas, t.bg.panel, t.bg.raised, t.bg.field, t.bg.hover, t.bg.overlay]
    for ground in grounds:
        yield from ((text, ground) for text in (t.text.primary, t.text.secondary, t.text.muted))
    for ground in (t.bg.window, t.bg.panel, t.bg.raised, t.bg.overlay):
        yield t.text.link, ground
        yield from ((status, ground) for status in (t.status.danger, t.status.warn, t.status.ok, t.status.info))
    for name in ("danger", "warn", "ok", "info"):
        yield t.text.primary, getattr(t.status, f"{name}_soft")
        yield t.text.secondary, getattr(t.status, f"{name}_soft")
    yield from ((t.accent.on, ground) for ground in (t.accent.base, t.accent.hover, t.accent.pressed))
    yield from ((t.status.on, ground) for ground in (t.status.danger, t.status.ok, t.status.info))
    yield from ((text, t.wire.chip_fill) for text in (t.wire.chip_text, t.wire.chip_changed))
    yield from ((text, t.node.fill) for text in (t.text.primary, t.text.secondary))
    yield t.text.primary, t.accent.soft
    yield t.plot.axis, t.bg.panel
    s = t.syntax
    for colour in (s.keyword, s.name, s.call, s.number, s.string, s.comment, s.self):
        yield colour, t.bg.panel
        yield colour, t.status.warn_soft
    for colours in (t.category(name) for name in CATEGORIES):
        yield colours.on, colours.solid
        yield t.text.primary, colours.header
        yield t.text.secondary, colours.header


def graphic_pairs(t):
    grounds = [t.bg.window, t.bg.canvas, t.bg.panel, t.bg.raised, t.bg.field, t.bg.overlay]
    for ground in grounds:
        yield t.focus.ring, ground
        yield t.border.strong, ground
        yield t.accent.base, ground
    wires = (t.wire.rest, t.wire.hover, t.wire.path, t.wire.valid, t.wire.invalid)
    yield from ((wire, t.bg.canvas) for wire in wires)
    yield from ((series, t.plot.background) for series in t.plot.series)
    for colours in (t.category(name) for name in CATEGORIES):
        yield from ((colours.solid, ground) for ground in (t.node.fill, t.bg.canvas, colours.header))


def test_contrast_is_measured_as_the_standard_says():
    assert contrast(QColor("black"), QColor("white")) == pytest.approx(21)
    assert contrast(QColor("red"), QColor("red")) == pytest.approx(1)


@THEMES
def test_every_text_can_be_read(theme):
    assert [(a.name(), b.name()) for a, b in text_pairs(theme) if contrast(a, b) < TEXT] == []


@THEMES
def test_every_graphic_can_be_seen(theme):
    assert [(a.name(), b.name()) for a, b in graphic_pairs(theme) if contrast(a, b) < GRAPHIC] == []


@THEMES
def test_text_on_any_heat_can_be_read(theme):
    look.set_scheme(theme.scheme)
    heats = [heat_colour(10 ** (-4 + place / 16), HeatScale(-4, 0)) for place in range(65)]
    assert min(contrast(text_on(heat), heat) for heat in heats) >= TEXT


@THEMES
def test_high_contrast_leaves_no_weak_text_and_no_weak_border(theme):
    strong = theme.high_contrast()
    assert {strong.text.secondary.rgba(), strong.text.muted.rgba()} == {theme.text.primary.rgba()}
    assert strong.border.subtle == strong.node.border == theme.border.strong


def test_no_type_is_smaller_than_the_least_that_can_be_read():
    scale = TOKEN_FILE["font"]["scale"].values()
    assert min(role["px"] for role in scale) >= TOKEN_FILE["font"]["minimum_px"]


@pytest.mark.parametrize("path", list(groups(TOKEN_FILE)), ids=".".join)
def test_a_missing_token_stops_the_program_at_its_start(path, tmp_path):
    data, lost = without_first_token(path)
    with pytest.raises(ThemeError, match=f"\\b{lost}\\b"):
        look.load(written(tmp_path, data))


@pytest.mark.parametrize("path", list(groups(TOKEN_FILE)), ids=".".join)
def test_every_token_is_read(path, tmp_path):
    data = json.loads(json.dumps(TOKEN_FILE))
    group = data
    for key in path:
        group = group[key]
    group["unheard_of"] = 1
    with pytest.raises(ThemeError, match="unheard_of"):
        look.load(written(tmp_path, data))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": 99}, "version 1"),
        ({"glyph_grid": "16"}, "glyph_grid must be int"),
        ({"theme": {"dark": {}}}, "dark and light"),
        ({"glyph": {}}, "one glyph for each"),
    ],
)
def test_a_wrong_token_file_is_told_by_what_is_wrong(change, said, tmp_path):
    with pytest.raises(ThemeError, match=said):
        look.load(written(tmp_path, TOKEN_FILE | change))


def test_a_file_that_cannot_be_read_is_told_by_its_path(tmp_path):
    with pytest.raises(ThemeError, match=r"absent\.json"):
        look.load(tmp_path / "absent.json")


def test_a_colour_with_alpha_is_read_in_the_order_of_the_file():
    assert Theme.dark().bg.scrim.getRgb() == (0, 0, 0, 0xA0)


def test_an_unknown_kind_names_the_kinds_there_are():
    assert isinstance(look.theme().category("convolution"), Category)
    with pytest.raises(ThemeError, match="convolution"):
        look.theme().category("convolutoin")


def test_a_change_of_scheme_is_told_once_and_only_when_it_is_one(qtbot):
    told = []
    look.theme_changed.connect(lambda: told.append(look.theme().scheme))
    for chosen in ("light", "light", "dark"):
        look.set_scheme(chosen)
    assert told == ["light", "dark"]


def test_the_system_decides_when_it_is_asked_to(qapp):
    look.set_scheme("system")
    light = qapp.styleHints().colorScheme() == Qt.ColorScheme.Light
    assert look.theme() is (Theme.light() if light else Theme.dark())
    with pytest.raises(ThemeError, match="system"):
        look.set_scheme("sepia")


def test_fonts_have_the_size_and_the_weight_of_their_role(qapp):
    assert (look.font("body").pixelSize(), look.font("heading").weight()) == (13, 600)
    assert look.font("caption", 500).weight() == 500
    assert QFontInfo(look.font("mono")).fixedPitch()
    assert look.line_height("body") == 20
    with pytest.raises(ThemeError, match="role"):
        look.font("huge")


def test_a_font_handed_out_can_be_changed_by_who_has_it(qapp):
    look.font("body").setPixelSize(99)
    assert look.font("body").pixelSize() == 13


def test_the_environment_outweighs_the_preference_for_motion(monkeypatch):
    monkeypatch.delenv("NETSMITH_REDUCED_MOTION", raising=False)
    look.set_reduced_motion(False)
    assert look.duration("fast") == look.metrics().motion.fast > 0
    look.set_reduced_motion(True)
    assert look.duration("fast") == 0
    monkeypatch.setenv("NETSMITH_REDUCED_MOTION", "0")
    assert look.duration("slow") > 0


# Signs


@THEMES
@pytest.mark.parametrize("category", CATEGORIES)
def test_a_tile_shows_its_kind_in_both_its_colours(theme, category, qapp):
    look.set_scheme(theme.scheme)
    image = QImage(48, 48, QImage.Format.Format_ARGB32)
    image.fill(theme.bg.canvas)
    painter = QPainter(image)
    glyphs.paint_tile(painter, QRectF(0, 0, 48, 48), category)
    painter.end()
    seen = {image.pixelColor(x, y).rgba() for x in range(48) for y in range(48)}
    assert {theme.category(category).solid.rgba(), theme.category(category).on.rgba()} <= seen


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_an_icon_is_sharp_at_the_ratio_of_its_screen(ratio, qapp):
    for icon in (glyphs.tile_icon("code", 16), glyphs.icon("play"), glyphs.logo_icon(16), glyphs.mark_icon("warn", 16)):
        assert icon.pixmap(QSize(16, 16), ratio).size() == QSize(round(16 * ratio), round(16 * ratio))


def near(one, other):
    """Whether two colours are one, but for what blending an antialiased edge rounds away."""
    parts = zip(QColor(one).getRgb(), QColor(other).getRgb(), strict=True)
    return all(abs(a - b) <= 2 for a, b in parts)


def strongest(icon, mode=QIcon.Mode.Normal, state=QIcon.State.Off):
    """The colour of an icon's most opaque pixel."""
    image = icon.pixmap(QSize(16, 16), 2.0, mode, state).toImage()
    pixels = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    best = max(pixels, key=QColor.alpha)
    return QColor(best.rgb())


def test_an_icon_says_by_its_tint_that_it_is_on_or_off(qapp):
    theme, icon = look.theme(), glyphs.icon("corners-out")
    assert near(strongest(icon), theme.text.secondary)
    assert near(strongest(icon, state=QIcon.State.On), theme.accent.base)
    assert near(strongest(icon, QIcon.Mode.Disabled), theme.text.disabled)


def test_an_unknown_icon_is_told_with_those_that_are_close(qapp):
    with pytest.raises(ThemeError, match=r"'paly'.*play"):
        glyphs.icon("paly")


def test_a_bound_icon_follows_the_theme_and_can_be_bound_anew(qapp, qtbot):
    action, button = QAction(), QPushButton("Train")
    qtbot.addWidget(button)
    glyphs.bind_icon(action, "play")
    glyphs.bind_icon(button, "play", "on_accent")
    glyphs.bind_icon(button, "stop", "danger")
    look.set_scheme("light")
    assert near(strongest(action.icon()), Theme.light().text.secondary)
    assert near(strongest(button.icon()), Theme.light().status.danger)


# The dress of standard widgets


def middle(widget):
    image = widget.grab().toImage()
    return image.pixelColor(image.width() // 2, image.height() - 4).name()


def test_a_dressed_button_changes_with_the_theme(dressed, qtbot):
    button = QPushButton("Train")
    button.setProperty("kind", "primary")
    qtbot.addWidget(button)
    button.resize(120, 28)
    assert middle(button) == Theme.dark().accent.base.name()
    look.set_scheme("light")
    assert middle(button) == Theme.light().accent.base.name()


class CountingLabel(QLabel):
    """Counts how often it is dressed."""

    def __init__(self, parent=None):
        self.dressings = 0
        super().__init__("Train", parent)

    def changeEvent(self, event):
        self.dressings += event.type() == QEvent.Type.StyleChange
        super().changeEvent(event)


def test_a_widget_deep_in_others_is_dressed_as_often_as_one_that_stands_alone(dressed, qtbot):
    outermost = around = QWidget()
    for _ in range(12):
        around = QWidget(around)
    alone, deep = CountingLabel(), CountingLabel(around)
    for window in (alone, outermost):
        qtbot.addWidget(window)
        window.show()
    alone.dressings = deep.dressings = 0
    look.set_scheme("light")
    assert deep.dressings == alone.dressings > 0


def test_a_changed_property_is_shown_once_restyled(dressed, qtbot):
    button = QPushButton("Stop")
    qtbot.addWidget(button)
    button.resize(120, 28)
    plain = middle(button)
    button.setProperty("kind", "primary")
    style.restyle(button)
    assert middle(button) != plain


def test_a_label_takes_its_role_and_its_tone(dressed, qtbot):
    label = QLabel("0.143")
    label.setProperty("role", "title")
    label.setProperty("tone", "danger")
    qtbot.addWidget(label)
    label.ensurePolished()
    assert label.font().pixelSize() == 16
    assert label.palette().windowText().color() == Theme.dark().status.danger


@pytest.fixture
def two_buttons(dressed, qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    window.first, window.second = QPushButton("One"), QPushButton("Two")
    column.addWidget(window.first)
    column.addWidget(window.second)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.first.setFocus()
    return window


def ringed(window):
    return [ring.widget() for ring in window.findChildren(QFocusFrame) if ring.isVisible()]


def test_a_key_that_moves_the_focus_moves_the_ring(two_buttons, qtbot):
    qtbot.keyClick(two_buttons, Qt.Key.Key_Tab)
    assert ringed(two_buttons) == [two_buttons.second]


def test_a_click_shows_no_ring(two_buttons, qtbot):
    qtbot.mouseClick(two_buttons.second, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert two_buttons.second.hasFocus()
    assert ringed(two_buttons) == []


def test_the_ring_survives_a_change_of_theme_in_the_new_colour(two_buttons, qtbot):
    qtbot.keyClick(two_buttons, Qt.Key.Key_Tab)
    look.set_scheme("light")
    assert ringed(two_buttons) == [two_buttons.second]
    image = two_buttons.grab().toImage()
    seen = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}
    assert Theme.light().focus.ring.name() in seen
