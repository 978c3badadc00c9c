"""Text on the canvas: measured once, elided, drawn without hinting so that it does not jump while zooming."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QStaticText

from gui.theme import Role, font

ELLIPSIS = "…"


@lru_cache(maxsize=256)
def face_font(role: Role, weight: int | None = None) -> QFont:
    """The font of a role as the canvas uses it."""
    return font(role, weight, zooms=True)


@lru_cache(maxsize=256)
def _metrics(role: Role, weight: int | None) -> QFontMetricsF:
    return QFontMetricsF(face_font(role, weight))


@lru_cache(maxsize=16384)
def width(text: str, role: Role, weight: int | None = None) -> float:
    """Width of one line, in scene units."""
    return measured(text, role, weight)


def measured(text: str, role: Role, weight: int | None = None) -> float:
    """The same, not remembered: for a text that stands in one place."""
    return _metrics(role, weight).horizontalAdvance(text)


@lru_cache(maxsize=16384)
def elided(text: str, room: float, role: Role, weight: int | None = None) -> str:
    """The text, its end cut off where there is no room for it."""
    if width(text, role, weight) <= room:
        return text
    return _metrics(role, weight).elidedText(text, Qt.TextElideMode.ElideRight, max(0.0, room))


def cut(text: str, room: float, role: Role, weight: int | None = None) -> tuple[str, str]:
    """A name, cut off where there is no room for it, and the number at its end, that tells conv17 from conv18.

    The two are drawn one behind the other: of very many names in any room few beginnings differ, and no numbers.
    """
    if width(text, role, weight) <= room:
        return text, ""
    stem = text.rstrip("0123456789")
    tail = text.removeprefix(stem)
    if tail:
        head = elided(stem, math.floor(room - width(tail, role, weight)), role, weight)
        if head and head != ELLIPSIS:
            return head, tail
    return elided(text, room, role, weight), ""


def longest(ways: Sequence[str], room: float, role: Role, weight: int | None = None) -> str:
    """The first of some ways to say a thing, each shorter than the one before, that has room; the last one if none."""
    return next((words for words in ways if width(words, role, weight) <= room), ways[-1])


@lru_cache(maxsize=8192)
def _static(text: str, role: Role, weight: int | None) -> QStaticText:
    result = QStaticText(text)
    result.setTextFormat(Qt.TextFormat.PlainText)
    result.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
    result.prepare(font=face_font(role, weight))
    return result


def draw(
    painter: QPainter, x: float, baseline: float, text: str, colour: QColor, role: Role, weight: int | None = None
) -> None:
    """One line of text, from its left end on its baseline."""
    painter.setFont(face_font(role, weight))
    painter.setPen(colour)
    painter.drawStaticText(QPointF(x, baseline - _metrics(role, weight).ascent()), _static(text, role, weight))


def draw_cut(
    painter: QPainter,
    x: float,
    baseline: float,
    text: str,
    room: float,
    colour: QColor,
    role: Role,
    weight: int | None = None,
) -> None:
    """A name in so much room, as `cut` cuts it."""
    head, tail = cut(text, room, role, weight)
    draw(painter, x, baseline, head, colour, role, weight)
    if tail:
        draw(painter, x + width(head, role, weight), baseline, tail, colour, role, weight)


def draw_in(
    painter: QPainter,
    rect: QRectF,
    text: str,
    colour: QColor,
    role: Role,
    weight: int | None = None,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> None:
    """One line of text in the middle of a rectangle's height, elided to its width."""
    shown = elided(text, rect.width() + 0.5, role, weight)
    x = rect.left()
    if align != Qt.AlignmentFlag.AlignLeft:
        rest = rect.width() - width(shown, role, weight)
        x += rest if align == Qt.AlignmentFlag.AlignRight else rest / 2
    draw(painter, x, middle(rect.center().y(), role, weight), shown, colour, role, weight)


@lru_cache(maxsize=256)
def _capital(role: Role, weight: int | None) -> float:
    return _metrics(role, weight).capHeight()


def middle(y: float, role: Role, weight: int | None = None) -> float:
    """The baseline on which capitals and figures stand centred at y."""
    return y + _capital(role, weight) / 2


def forget() -> None:
    """Measure anew, as after a change of the fonts."""
    for cached in (face_font, _metrics, width, elided, _static, _capital):
        cached.cache_clear()
