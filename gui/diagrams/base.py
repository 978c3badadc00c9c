"""What the pictures of layers are drawn with: colours by purpose, boxes, arrows, cells and captions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import atan2, cos, pi, sin

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from engine.tensor import TensorSpec
from gui.theme import Role, font, metrics, mix, theme

SOFT, SOFTER = 0.34, 0.16
STROKE, THIN = 1.5, 1.0
HEAD = 6.0  # of an arrow
CELL = 16.0
CELL_GAP = 1.5
LINE = 16.0  # height of a caption


@dataclass(frozen=True)
class Known:
    """What is known of a layer where it stands: shapes by port, in order, and x, y and slope of its curve."""

    inputs: tuple[tuple[str, TensorSpec], ...] = ()
    outputs: tuple[tuple[str, TensorSpec], ...] = ()
    points: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True)
class Diagram:
    """A picture of one layer. `height` in px; `words` say what is seen, for who cannot see it."""

    category: str
    words: str
    height: float = 132.0

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        """Draw it into a rectangle, in the colours of the theme of now."""
        raise NotImplementedError


def solid(category: str) -> QColor:
    """The colour of the kind: what the eye should find."""
    return theme().category(category).solid


def soft(category: str, share: float = SOFT) -> QColor:
    """A tint of it: what belongs to that."""
    return mix(solid(category), theme().bg.field, share)


def ground() -> QColor:
    """What takes no part."""
    return mix(theme().text.muted, theme().bg.field, SOFTER)


def line_colour() -> QColor:
    return theme().border.strong


def on(colour: QColor) -> QColor:
    """Text over a colour: black or white, whichever is stronger."""
    bright = 0.2126 * colour.redF() + 0.7152 * colour.greenF() + 0.0722 * colour.blueF()
    return QColor(Qt.GlobalColor.black if bright > 0.4 else Qt.GlobalColor.white)


def text(
    painter: QPainter,
    where: QRectF,
    words: str,
    role: Role = "caption",
    colour: QColor | None = None,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignCenter,
) -> None:
    """Words in a rectangle, shortened where there is no room."""
    painter.setFont(font(role))
    painter.setPen(colour or theme().text.secondary)
    shown = QFontMetricsF(font(role)).elidedText(words, Qt.TextElideMode.ElideRight, where.width())
    painter.drawText(where, align | Qt.AlignmentFlag.AlignVCenter, shown)


def text_width(words: str, role: Role = "caption") -> float:
    return QFontMetricsF(font(role)).horizontalAdvance(words)


def caption(painter: QPainter, rect: QRectF, words: str) -> QRectF:
    """A line at the lower end. Returns: the room that is left above it."""
    text(painter, QRectF(rect.left(), rect.bottom() - LINE, rect.width(), LINE), words)
    return rect.adjusted(0, 0, 0, -LINE - metrics().space.xs)


def box(painter: QPainter, where: QRectF, fill: QColor, edge: QColor | None = None, radius: float = 4.0) -> None:
    """A rounded box."""
    painter.setPen(QPen(edge, THIN) if edge else Qt.PenStyle.NoPen)
    painter.setBrush(fill)
    painter.drawRoundedRect(where, radius, radius)


def named_box(painter: QPainter, where: QRectF, words: str, fill: QColor, role: Role = "caption") -> None:
    """A box with words in it."""
    box(painter, where, fill, radius=metrics().radius.tile)
    text(painter, where.adjusted(2, 0, -2, 0), words, role, on(fill))


def cell(painter: QPainter, where: QRectF, fill: QColor, edge: QColor | None = None, dashed: bool = False) -> None:
    """One number of a tensor."""
    pen = (
        QPen(edge, THIN, Qt.PenStyle.DotLine if dashed else Qt.PenStyle.SolidLine) if edge else QPen(Qt.PenStyle.NoPen)
    )
    painter.setPen(pen)
    painter.setBrush(fill)
    painter.drawRoundedRect(where, 2, 2)


def cells(left: float, top: float, rows: int, columns: int, side: float = CELL) -> list[list[QRectF]]:
    """The rectangles of a grid, row by row."""
    inner = side - CELL_GAP
    return [[QRectF(left + c * side, top + r * side, inner, inner) for c in range(columns)] for r in range(rows)]


def line(painter: QPainter, a: QPointF, b: QPointF, colour: QColor | None = None, width: float = STROKE) -> None:
    painter.setPen(QPen(colour or line_colour(), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawLine(a, b)


def arrow(painter: QPainter, a: QPointF, b: QPointF, colour: QColor | None = None, width: float = STROKE) -> None:
    """A straight arrow from a to b."""
    ink = colour or line_colour()
    angle = atan2(b.y() - a.y(), b.x() - a.x())
    back = QPointF(b.x() - HEAD * 0.8 * cos(angle), b.y() - HEAD * 0.8 * sin(angle))
    line(painter, a, back, ink, width)
    head = [b] + [QPointF(b.x() - HEAD * cos(angle + s), b.y() - HEAD * sin(angle + s)) for s in (pi / 7, -pi / 7)]
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    painter.drawPolygon(QPolygonF(head))


def bent_arrow(painter: QPainter, points: Sequence[QPointF], colour: QColor | None = None) -> None:
    """An arrow along straight pieces."""
    ink = colour or line_colour()
    path = QPainterPath(points[0])
    for point in points[1:-1]:
        path.lineTo(point)
    painter.setPen(QPen(ink, STROKE, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)
    arrow(painter, points[-2], points[-1], ink)


def sizes_of(spec: TensorSpec) -> str:
    """A shape as it is written everywhere."""
    return str(spec)


def joined(parts: Iterable[str]) -> str:
    """Facts side by side in a caption."""
    return " · ".join(part for part in parts if part)
