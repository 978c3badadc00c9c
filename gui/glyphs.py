"""Signs drawn as vectors: the tiles of the fourteen kinds, status marks, the logo, and the interface's icons."""

from __future__ import annotations

import json
from collections.abc import Callable
from difflib import get_close_matches
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QColor, QFont, QFontDatabase, QIcon, QPainter, QPainterPath, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QAbstractButton, QPushButton

from gui.theme import Theme, metrics, theme, theme_changed
from gui.tokens import ThemeError

Status = Literal["danger", "warn", "ok", "info"]
Tint = Literal["secondary", "primary", "muted", "accent", "on_accent", "danger", "ok"]

RATIOS = (1.0, 1.25, 1.5, 2.0, 3.0)  # device pixel ratios that an icon carries a picture for
LOGO_STROKE = 2.0  # on the grid of the glyphs, where a kind's stroke is 1.6


@cache
def path(data: str) -> QPainterPath:
    """A path from `M x y`, `L x y`, `C x1 y1 x2 y2 x y`, `Z`, and `O cx cy r` circle, `R x y w h` rectangle."""
    result = QPainterPath()
    tokens = data.replace(",", " ")
    for letter in "MLCZOR":
        tokens = tokens.replace(letter, f" {letter} ")
    words = tokens.split()
    while words:
        command = words.pop(0)
        if command not in ARITY:
            raise ThemeError(f"{command!r} is no command of a glyph; {data!r} must be made of M L C Z O R.")
        values = [float(words.pop(0)) for _ in range(ARITY[command])]
        _extend(result, command, values)
    return result


ARITY = {"M": 2, "L": 2, "C": 6, "Z": 0, "O": 3, "R": 4}


def _extend(result: QPainterPath, command: str, v: list[float]) -> None:
    if command == "M":
        result.moveTo(*v)
    elif command == "L":
        result.lineTo(*v)
    elif command == "C":
        result.cubicTo(*v)
    elif command == "O":
        result.addEllipse(QPointF(v[0], v[1]), v[2], v[2])
    elif command == "R":
        result.addRect(*v)
    else:
        result.closeSubpath()


def paint_glyph(painter: QPainter, rect: QRectF, category: str, colour: QColor, stroke: float | None = None) -> None:
    """The sign of a kind, filling `rect`, in one colour."""
    current = theme()
    current.category(category)  # names the kinds there are, should this be none
    glyph = current.glyphs[category]
    width = current.glyph_stroke if stroke is None else stroke
    _on_grid(painter, rect, lambda: _draw(painter, glyph.stroke, glyph.fill, colour, width))


def paint_tile(painter: QPainter, rect: QRectF, category: str) -> None:
    """A rounded tile in the kind's colour with its glyph on it; a tile of 24 has a glyph of 16 and radius 6."""
    colours, node = theme().category(category), metrics().node
    radius = metrics().radius.tile * min(1.0, rect.width() / node.tile)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colours.solid)
    painter.drawRoundedRect(rect, radius, radius)
    painter.restore()
    inset = rect.width() * (1 - node.glyph / node.tile) / 2
    paint_glyph(painter, rect.adjusted(inset, inset, -inset, -inset), category, colours.on)


def paint_mark(painter: QPainter, rect: QRectF, status: Status) -> None:
    """A status told by form as well as by colour: disc and cross, triangle and "!", disc and tick, disc and "i"."""
    colours = theme().status
    if status == "warn":
        _on_grid(painter, rect, lambda: _draw_warning(painter, colours.warn_fill, colours.warn))
        return
    ground, sign = {"danger": colours.danger, "ok": colours.ok, "info": colours.info}[status], MARKS[status]
    _on_grid(painter, rect, lambda: _draw_disc(painter, ground, colours.on, sign))


MARKS = {
    "danger": ("M5.4 5.4 L10.6 10.6 M10.6 5.4 L5.4 10.6", ""),
    "ok": ("M4.8 8.3 L7.1 10.6 L11.2 5.9", ""),
    "info": ("M8 7.4 L8 11.4", "O8 4.9 1"),
}
TRIANGLE = ((8.0, 2.0), (15.0, 14.2), (1.0, 14.2))
WARNING = ("M8 6.6 L8 9.4", "O8 11.8 1")
MARK_STROKE = 1.7


def paint_logo(painter: QPainter, rect: QRectF, colour: QColor | None = None) -> None:
    """Three joined dots, in the accent."""
    paint_glyph(painter, rect, "linear", colour or theme().accent.base, LOGO_STROKE)


def paint_sign(painter: QPainter, rect: QRectF, data: str, colour: QColor, width: float) -> None:
    """Any stroked path on the glyphs' grid, filling `rect`."""
    _on_grid(painter, rect, lambda: _draw(painter, data, "", colour, width))


def tile_icon(category: str, size: int | None = None) -> QIcon:
    """The tile as an icon, sharp at every device pixel ratio; `bind_tile` keeps a button or an action up to date."""
    colours = theme().category(category)
    return _tile(category, size or metrics().node.tile, colours.solid.rgba(), colours.on.rgba())


def logo_icon(size: int | None = None) -> QIcon:
    """The logo as the window's icon."""
    side = size or metrics().widget.inspector_tile
    return _vector_icon(side, paint_logo)


def mark_icon(status: Status, size: int | None = None) -> QIcon:
    """A status mark as an icon, for lists and tabs."""
    return _vector_icon(size or metrics().widget.mark, lambda painter, rect: paint_mark(painter, rect, status))


def icon(name: str, tint: Tint = "secondary", size: int | None = None) -> QIcon:
    """An icon of the interface by its Phosphor name: `icon("play")`; accent when on, faint when disabled.

    It is of the theme of this moment: `bind_icon` keeps a button or an action up to date.
    """
    return _icon(name, tint, size or metrics().control.icon, 0, theme().scheme, _tint(theme(), tint).rgba())


def _button_icon(name: str, tint: Tint) -> QIcon:
    """The icon with room before the words that follow it; Qt leaves a button too little."""
    side, room = metrics().control.icon, metrics().space.xs
    return _icon(name, tint, side, room, theme().scheme, _tint(theme(), tint).rgba())


def bind_icon(target: QAction | QAbstractButton, name: str, tint: Tint = "secondary") -> None:
    """Give an action or a button an icon that follows the theme; called again, another icon or tint."""
    for child in target.findChildren(_Follower, options=Qt.FindChildOption.FindDirectChildrenOnly):
        child.retire()
    if isinstance(target, QPushButton) and target.text():
        target.setIconSize(QSize(metrics().control.icon + metrics().space.xs, metrics().control.icon))
        _Follower(target, lambda: _button_icon(name, tint))
    else:
        _Follower(target, lambda: icon(name, tint))


def bind_tile(target: QAction | QAbstractButton, category: str, size: int | None = None) -> None:
    """Give an action or a button a kind's tile that follows the theme."""
    for child in target.findChildren(_Follower, options=Qt.FindChildOption.FindDirectChildrenOnly):
        child.retire()
    _Follower(target, lambda: tile_icon(category, size))


class _Follower(QObject):
    """Repaints its parent's icon when the theme changes, and dies with its parent.

    It asks Qt for the parent: a reference would be a cycle, which a training thread's collector could break.
    """

    def __init__(self, parent: QAction | QAbstractButton, picture: Callable[[], QIcon]) -> None:
        super().__init__(parent)
        self._picture = picture
        theme_changed.connect(self.show_icon)
        self.show_icon()

    def show_icon(self) -> None:
        target = self.parent()
        if isinstance(target, QAction | QAbstractButton):
            target.setIcon(self._picture())

    def retire(self) -> None:
        theme_changed.disconnect(self.show_icon)
        self.setParent(None)
        self.deleteLater()


def _on_grid(painter: QPainter, rect: QRectF, draw: Callable[[], None]) -> None:
    """Draw in the glyphs' own square coordinates, laid over `rect`."""
    grid = theme().glyph_grid
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / grid, rect.height() / grid)
    draw()
    painter.restore()


def _draw(painter: QPainter, stroke: str, fill: str, colour: QColor, width: float) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawPath(path(fill))
    pen = QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path(stroke))


def _draw_disc(painter: QPainter, ground: QColor, on: QColor, sign: tuple[str, str]) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    half = theme().glyph_grid / 2
    painter.drawEllipse(QPointF(half, half), half, half)
    _draw(painter, *sign, on, MARK_STROKE)


def _draw_warning(painter: QPainter, fill: QColor, edge: QColor) -> None:
    corners = QPolygonF([QPointF(x, y) for x, y in TRIANGLE])
    pen = QPen(edge, 1.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(fill)
    painter.drawPolygon(corners)
    _draw(painter, *WARNING, theme().bg.canvas if theme().scheme == "dark" else edge, MARK_STROKE)


def _vector_icon(side: int, draw: Callable[[QPainter, QRectF], None]) -> QIcon:
    result = QIcon()
    for ratio in RATIOS:
        pixmap = blank_pixmap(side, ratio)
        painter = QPainter(pixmap)
        draw(painter, QRectF(0, 0, side, side))
        painter.end()
        result.addPixmap(pixmap)
        result.addPixmap(pixmap, QIcon.Mode.Selected)  # else the style washes it out in a selected row
    return result


def blank_pixmap(side: int, ratio: float, room: int = 0) -> QPixmap:
    """A clear square pixmap that carries its device pixel ratio, `room` wider than high."""
    pixmap = QPixmap(QSize(round((side + room) * ratio), round(side * ratio)))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    return pixmap


def _tint(current: Theme, tint: Tint) -> QColor:
    return {
        "secondary": current.text.secondary,
        "primary": current.text.primary,
        "muted": current.text.muted,
        "accent": current.accent.base,
        "on_accent": current.accent.on,
        "danger": current.status.danger,
        "ok": current.status.ok,
    }[tint]


@cache
def _tile(category: str, side: int, solid: int, on: int) -> QIcon:
    """`solid` and `on` are in the key so that each theme has its own picture."""
    return _vector_icon(side, lambda painter, rect: paint_tile(painter, rect, category))


@cache
def _icon(name: str, tint: Tint, side: int, room: int, scheme: str, rgba: int) -> QIcon:
    """`scheme` and `rgba` are in the key so that each theme, and high contrast, has its own picture."""
    current = theme()
    letter = _letter_of(name)
    looks = (
        (_tint(current, tint), (QIcon.Mode.Normal, QIcon.Mode.Selected), QIcon.State.Off),
        (current.text.disabled, (QIcon.Mode.Disabled,), QIcon.State.Off),
        (current.accent.base, (QIcon.Mode.Normal,), QIcon.State.On),
    )
    result = QIcon()
    for colour, modes, state in looks:
        for ratio in RATIOS:
            pixmap = _letter(letter, colour, side, room, ratio)
            for mode in modes:
                result.addPixmap(pixmap, mode, state)
    return result


def _letter(letter: str, colour: QColor, side: int, room: int, ratio: float) -> QPixmap:
    """One letter of the icon font, as large as the icon: the font's own em square is the icon's square."""
    pixmap = blank_pixmap(side, ratio, room)
    painter = QPainter(pixmap)
    painter.setPen(colour)
    painter.setFont(_icon_font(side))
    painter.drawText(QRectF(0, 0, side, side), Qt.AlignmentFlag.AlignCenter, letter)
    painter.end()
    return pixmap


@cache
def _icon_font(side: int) -> QFont:
    face = QFont(_icon_family())
    face.setPixelSize(side)
    return face


@cache
def _icon_family() -> str:
    """The name of the icon font, once Qt has loaded it."""
    number = QFontDatabase.addApplicationFont(str(_icon_file("phosphor-*.ttf")))
    return QFontDatabase.applicationFontFamilies(number)[0]


@cache
def _letters() -> dict[str, str]:
    """The icon font's letters by the icons' names, in hexadecimal."""
    letters: dict[str, str] = json.loads(_icon_file("phosphor-charmap-*.json").read_text(encoding="utf-8"))
    return letters


def _letter_of(name: str) -> str:
    if name not in _letters():
        close = ", ".join(get_close_matches(name, _letters(), 3)) or "none is close"
        raise ThemeError(f"No icon of Phosphor is named {name!r}; {close}.")
    return chr(int(_letters()[name], 16))


def _icon_file(pattern: str) -> Path:
    """A file of QtAwesome's Phosphor font. Importing the package would load twelve fonts, for 0.2 s of the start."""
    package = find_spec("qtawesome")
    folders = package.submodule_search_locations if package is not None else None
    found = sorted(file for folder in folders or [] for file in (Path(folder) / "fonts").glob(pattern))
    if not found:
        raise ThemeError(f"QtAwesome should hold {pattern}, but does not. Install it again: pip install QtAwesome")
    return found[-1]
