"""The design tokens as frozen dataclasses: names that a type checker knows, values from `tokens.json`.

`fill` is strict both ways: a token that is missing or that no field reads stops the program at its start, with the
token's path, not at some later paint.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from functools import cache
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from PySide6.QtGui import QColor

T = TypeVar("T")


class ThemeError(Exception):
    """The token file and the program disagree."""


@dataclass(frozen=True)
class Grounds:
    window: QColor
    canvas: QColor
    panel: QColor
    raised: QColor
    field: QColor
    hover: QColor
    pressed: QColor
    overlay: QColor
    scrim: QColor


@dataclass(frozen=True)
class Texts:
    primary: QColor
    secondary: QColor
    muted: QColor
    disabled: QColor
    link: QColor


@dataclass(frozen=True)
class Borders:
    subtle: QColor
    default: QColor
    strong: QColor


@dataclass(frozen=True)
class Accent:
    base: QColor
    hover: QColor
    pressed: QColor
    soft: QColor
    on: QColor


@dataclass(frozen=True)
class Focus:
    ring: QColor


@dataclass(frozen=True)
class Statuses:
    danger: QColor
    danger_soft: QColor
    warn: QColor
    warn_fill: QColor
    warn_soft: QColor
    ok: QColor
    ok_soft: QColor
    info: QColor
    info_soft: QColor
    on: QColor


@dataclass(frozen=True)
class CanvasColours:
    grid: QColor
    grid_major: QColor
    frame: QColor
    note: QColor
    note_border: QColor


@dataclass(frozen=True)
class NodeColours:
    fill: QColor
    header_mix: float
    border: QColor
    row_field: QColor
    divider: QColor
    shadow: QColor
    muted_opacity: float


@dataclass(frozen=True)
class WireColours:
    rest: QColor
    hover: QColor
    path: QColor
    dimmed: QColor
    valid: QColor
    invalid: QColor
    chip_fill: QColor
    chip_border: QColor
    chip_text: QColor
    chip_changed: QColor


@dataclass(frozen=True)
class SyntaxColours:
    keyword: QColor
    name: QColor
    call: QColor
    number: QColor
    string: QColor
    comment: QColor
    self: QColor
    line_mark: QColor


@dataclass(frozen=True)
class PlotColours:
    background: QColor
    axis: QColor
    grid: QColor
    crosshair: QColor
    event: QColor
    series: tuple[QColor, ...]


@dataclass(frozen=True)
class Category:
    """The three colours of a kind: its tile, what is written on the tile, and the ground of a node's header."""

    solid: QColor
    on: QColor
    header: QColor


@dataclass(frozen=True)
class Categories:
    io: Category
    linear: Category
    convolution: Category
    pooling: Category
    normalisation: Category
    activation: Category
    regularisation: Category
    recurrent: Category
    attention: Category
    embedding: Category
    merge: Category
    shape: Category
    code: Category
    block: Category


@dataclass(frozen=True)
class RatioHeat:
    kind: str
    centre: float
    span: float
    scale: str
    dark: tuple[QColor, ...]
    light: tuple[QColor, ...]


@dataclass(frozen=True)
class NormHeat:
    map: str
    range: tuple[float, ...]
    scale: str
    limits: str
    alternatives: tuple[str, ...]


@dataclass(frozen=True)
class NotFinite:
    fill: QColor
    on: QColor
    text: str


@dataclass(frozen=True)
class NoValue:
    hatch: str


@dataclass(frozen=True)
class Heat:
    norm: NormHeat
    ratio: RatioHeat
    not_finite: NotFinite
    on_text: tuple[QColor, ...]
    none: NoValue


@dataclass(frozen=True)
class Glyph:
    """SVG-like path data on a square grid: what is stroked and what is filled."""

    stroke: str
    fill: str


def fill(kind: type[T], data: Any, where: str) -> T:
    """Build `kind` (a dataclass, colour, tuple, mapping or plain value) from JSON.

    Raises: ThemeError naming the path of a token that is missing, unread or of another type.
    """
    origin = get_origin(kind)
    if origin is tuple:
        if not isinstance(data, list):
            raise ThemeError(f"{where} must be a list, but is {data!r}.")
        return tuple(fill(get_args(kind)[0], item, f"{where}[{i}]") for i, item in enumerate(data))  # type: ignore[return-value]
    if origin is Mapping:
        return {key: fill(get_args(kind)[1], item, f"{where}.{key}") for key, item in data.items()}  # type: ignore[return-value]
    if origin is Literal:
        if data not in get_args(kind):
            raise ThemeError(f"{where} must be one of {', '.join(get_args(kind))}, but is {data!r}.")
        return data  # type: ignore[no-any-return]
    if kind is QColor:
        return _colour(data, where)  # type: ignore[return-value]
    if hasattr(kind, "__dataclass_fields__"):
        return _group(kind, data, where)
    accepted = (int, float) if kind is float else (kind,)
    if not isinstance(data, accepted) or (isinstance(data, bool) and kind is not bool):
        raise ThemeError(f"{where} must be {kind.__name__}, but is {data!r}.")
    return kind(data)  # type: ignore[call-arg]


def _group(kind: type[T], data: Any, where: str) -> T:
    if not isinstance(data, dict):
        raise ThemeError(f"{where} must be a group of tokens, but is {data!r}.")
    hints = _hints(kind)  # type: ignore[arg-type]  # a class can be hashed
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    needed = [field.name for field in fields(kind) if field.default is MISSING]  # type: ignore[arg-type]
    if lost := [name for name in needed if name not in data]:
        raise ThemeError(f"{where} lacks the tokens {', '.join(lost)}.")
    if unread := [name for name in data if name not in names]:
        raise ThemeError(f"{where} has tokens that nothing reads: {', '.join(unread)}.")
    return kind(**{name: fill(hints[name], data[name], f"{where}.{name}") for name in data})


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _colour(text: Any, where: str) -> QColor:
    """A colour from #RRGGBB or #RRGGBBAA; Qt itself reads the latter as #AARRGGBB."""
    if not isinstance(text, str) or len(text) not in (7, 9) or not text.startswith("#"):
        raise ThemeError(f"{where} must be a colour #RRGGBB or #RRGGBBAA, but is {text!r}.")
    colour = QColor(text[:7])
    if not colour.isValid():
        raise ThemeError(f"{where} must be a colour #RRGGBB or #RRGGBBAA, but is {text!r}.")
    if len(text) == 9:
        colour.setAlpha(int(text[7:], 16))
    return colour
