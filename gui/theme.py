"""Colours, fonts and metrics: one frozen `Theme`, dark or light, filled from `resources/themes/tokens.json`.

Views read `theme()` when they paint and connect `theme_changed` to their `update`; nothing else holds a colour, a
length or a font.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

from PySide6.QtCore import QEasingCurve, QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication

from gui import motion
from gui.metrics import Fonts, Metrics, TypeScale, TypeScales
from gui.tokens import (
    Accent,
    Borders,
    CanvasColours,
    Categories,
    Category,
    Focus,
    Glyph,
    Grounds,
    Heat,
    NodeColours,
    PlotColours,
    Statuses,
    SyntaxColours,
    Texts,
    ThemeError,
    WireColours,
    fill,
)

Scheme = Literal["dark", "light", "system"]
Role = Literal[
    "display", "title", "heading", "body", "body_strong", "small", "caption", "caption_strong", "mono", "mono_small"
]

TOKENS = Path(__file__).parent.parent / "resources" / "themes" / "tokens.json"
TOKENS_VERSION = 1
ASIDE = {"version", "note", "measured", "theme"}  # what of the file is no token of every theme


@dataclass(frozen=True)
class Theme:
    """Everything that is seen: colours by the names in the token file, `metrics`, `fonts`, `glyphs` and `heat`."""

    scheme: Literal["dark", "light"]
    bg: Grounds
    text: Texts
    border: Borders
    accent: Accent
    focus: Focus
    status: Statuses
    canvas: CanvasColours
    node: NodeColours
    wire: WireColours
    syntax: SyntaxColours
    plot: PlotColours
    categories: Categories
    heat: Heat
    metrics: Metrics
    fonts: Fonts
    glyphs: Mapping[str, Glyph]
    glyph_grid: int
    glyph_stroke: float

    @staticmethod
    def dark() -> Theme:
        """The dark theme."""
        return _themes()["dark"]

    @staticmethod
    def light() -> Theme:
        """The light theme."""
        return _themes()["light"]

    def category(self, name: str) -> Category:
        """The colours of a kind of layer: "convolution", "io", ... (`categories()` names all fourteen)."""
        if name not in CATEGORIES:
            raise ThemeError(f"No kind of layer is named {name!r}; the kinds are {', '.join(CATEGORIES)}.")
        return getattr(self.categories, name)  # type: ignore[no-any-return]

    def ratio_stops(self) -> tuple[QColor, ...]:
        """The five colours of the diverging heat map, on this theme's ground."""
        return self.heat.ratio.dark if self.scheme == "dark" else self.heat.ratio.light

    def high_contrast(self) -> Theme:
        """This theme with every border strong and all text primary, as the system's contrast setting asks for."""
        strong, primary = self.border.strong, self.text.primary
        return replace(
            self,
            border=replace(self.border, subtle=strong, default=strong),
            text=replace(self.text, secondary=primary, muted=primary),
            node=replace(self.node, border=strong, divider=strong),
        )


CATEGORIES: tuple[str, ...] = tuple(field.name for field in fields(Categories))


class _Switch(QObject):
    """The one place that knows which theme is shown."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.scheme: Scheme = "system"
        self.current: Theme | None = None
        self.reduced: bool | None = None
        self.follows = False

    def follow_system(self) -> None:
        """Listen to the system's scheme and contrast, once there is an application to ask."""
        if self.follows or QGuiApplication.instance() is None:
            return
        self.follows = True
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self.refresh)
        if hasattr(hints, "accessibility"):
            hints.accessibility().contrastPreferenceChanged.connect(self.refresh)

    def refresh(self) -> None:
        """Choose the theme anew and tell everyone if it is another one."""
        chosen = _chosen(self.scheme)
        if chosen is not self.current:
            self.current = chosen
            self.changed.emit()


_switch = _Switch()
theme_changed = _switch.changed


def theme() -> Theme:
    """The theme that is shown now."""
    if _switch.current is None:
        _switch.follow_system()
        _switch.current = _chosen(_switch.scheme)
    return _switch.current


def metrics() -> Metrics:
    """The lengths, the same in every theme."""
    return _themes()["dark"].metrics


def scheme() -> Scheme:
    """What was chosen: "dark", "light", or "system"."""
    return _switch.scheme


def set_scheme(chosen: Scheme) -> None:
    """Show the dark or the light theme, or the one that the system prefers; emits `theme_changed` if it is another."""
    if chosen not in ("dark", "light", "system"):
        raise ThemeError(f'The scheme must be "dark", "light" or "system", but is {chosen!r}.')
    _switch.scheme = chosen
    _switch.follow_system()
    _switch.refresh()


@contextmanager
def in_colours(chosen: Scheme | Literal[""]) -> Iterator[None]:
    """Paint a picture in another theme, or in that of now for "": nobody is told, and the window stays as it is."""
    before = theme()
    _switch.current = _chosen(chosen) if chosen else before
    try:
        yield
    finally:
        _switch.current = before


def font(role: Role, weight: int | None = None, *, zooms: bool = False) -> QFont:
    """The font of a role of type, with figures of equal width, so that numbers do not jump when they change.

    With `zooms` it is for the canvas: without hinting, so that text does not jump while zooming.
    """
    return QFont(_font(role, weight, zooms))


def line_height(role: Role) -> int:
    """Height of a line of this role, in px."""
    return getattr(_themes()["dark"].fonts.scale, role).line  # type: ignore[no-any-return]


def duration(name: Literal["instant", "fast", "normal", "slow"]) -> int:
    """How long a motion lasts, in ms; 0 when motion is reduced."""
    length: int = getattr(metrics().motion, name)
    return 0 if reduced_motion() else length


def easing() -> QEasingCurve.Type:
    """The curve that every motion follows."""
    return getattr(QEasingCurve.Type, metrics().motion.easing)  # type: ignore[no-any-return]


def reduced_motion() -> bool:
    """Whether things should jump instead of moving: the environment, else the preference, else the system's setting."""
    override = os.environ.get("NETSMITH_REDUCED_MOTION")
    if override is not None:
        return override not in ("", "0")
    return motion.system_reduces_motion() if _switch.reduced is None else _switch.reduced


def set_reduced_motion(reduced: bool | None) -> None:
    """Prefer no motion (True), motion (False), or what the system says (None)."""
    _switch.reduced = reduced


def mix(over: QColor, ground: QColor, share: float) -> QColor:
    """`share` of one colour over another, opaque."""
    rest = 1 - share
    return QColor.fromRgbF(
        over.redF() * share + ground.redF() * rest,
        over.greenF() * share + ground.greenF() * rest,
        over.blueF() * share + ground.blueF() * rest,
    )


def faded(colour: QColor, alpha: float) -> QColor:
    """The colour, see-through: alpha from 0 to 1."""
    clear = QColor(colour)
    clear.setAlphaF(alpha)
    return clear


def _chosen(chosen: Scheme) -> Theme:
    """The theme for a choice; the system's contrast setting counts with every choice."""
    app = QGuiApplication.instance()
    name = chosen
    if name == "system":
        light = app is not None and QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Light
        name = "light" if light else "dark"
    return _contrasting(name) if app is not None and _wants_contrast() else _themes()[name]


def _wants_contrast() -> bool:
    hints = QGuiApplication.styleHints()
    if not hasattr(hints, "accessibility"):  # before Qt 6.10
        return False
    return hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast


@cache
def _contrasting(name: str) -> Theme:
    return _themes()[name].high_contrast()


@cache
def _themes() -> Mapping[str, Theme]:
    return load(TOKENS)


def load(path: Path) -> Mapping[str, Theme]:
    """Both themes from a token file. Raises: ThemeError naming the first token that is missing, unread or wrong."""
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ThemeError(f"The look cannot be read from {path}: {error}. Reinstall Netsmith.") from error
    if data.get("version") != TOKENS_VERSION:
        raise ThemeError(f"{path} must be version {TOKENS_VERSION}, but is {data.get('version')!r}.")
    shared = {key: value for key, value in data.items() if key not in ASIDE}
    lengths = {key: shared.pop(key) for key in [field.name for field in fields(Metrics)] if key in shared}
    layouts = lengths.get("layout", {})
    lengths["layout"] = {_layout_name(size): layout for size, layout in layouts.items()}
    own: dict[str, dict[str, Any]] = data.get("theme", {})
    if set(own) != {"dark", "light"}:
        raise ThemeError(f"{path} must hold the themes dark and light, but holds {', '.join(own) or 'none'}.")
    if set(shared.get("glyph", {})) != set(CATEGORIES):
        raise ThemeError(f"{path} must hold one glyph for each of {', '.join(CATEGORIES)}.")
    tree = {"metrics": lengths, "fonts": shared.pop("font", None), "glyphs": shared.pop("glyph", None)} | shared
    return {name: fill(Theme, tree | _renamed(colours) | {"scheme": name}, name) for name, colours in own.items()}


def _renamed(colours: dict[str, Any]) -> dict[str, Any]:
    """`category` is a question to a theme; its answers are `categories`."""
    return {("categories" if key == "category" else key): value for key, value in colours.items()}


def _layout_name(size: str) -> str:
    """The windows' sizes are names in the file that are no identifiers."""
    return {"1440x900": "large", "1280x720": "small"}.get(size, size)


@cache
def _font(role: Role, weight: int | None, zooms: bool) -> QFont:
    fonts = _themes()["dark"].fonts
    if role not in [field.name for field in fields(TypeScales)]:
        raise ThemeError(f"No role of type is named {role!r}.")
    scale: TypeScale = getattr(fonts.scale, role)
    mono = role.startswith("mono")
    result = QFont()
    result.setFamilies(_families(fonts.mono if mono else fonts.ui, mono))
    result.setPixelSize(scale.px)
    result.setWeight(QFont.Weight(weight or scale.weight))
    if zooms:
        result.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    if fonts.tabular_figures and hasattr(result, "setFeature"):
        result.setFeature(QFont.Tag.fromString("tnum"), 1)
    return result


def _families(wished: tuple[str, ...], mono: bool) -> list[str]:
    """Those that are installed, else the system's own: asking Qt for absent families costs a search of them all."""
    installed = set(QFontDatabase.families())
    found = [name for name in wished if name in installed]
    kind = QFontDatabase.SystemFont.FixedFont if mono else QFontDatabase.SystemFont.GeneralFont
    return found or [QFontDatabase.systemFont(kind).family()]
