"""Soft shadows as nine patches of one cached picture: a blur would cost more than everything else together."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPaintEngine, QPainter, QPixmap

from gui.theme import faded, metrics, theme

LAYERS = 12
VECTORS = (QPaintEngine.Type.SVG, QPaintEngine.Type.Pdf)


def paint_shadow(painter: QPainter, rect: QRectF, dy: int, blur: int, radius: float) -> None:
    """The shadow of a rounded rectangle, dy below it, fading out over `blur`."""
    spread = blur
    ratio = 2.0
    picture = _patch(blur, radius, theme().scheme, ratio)
    corner = spread + radius + 1
    outer = rect.adjusted(-spread, -spread, spread, spread).translated(0, dy)
    xs = (outer.left(), outer.left() + corner, outer.right() - corner, outer.right())
    ys = (outer.top(), outer.top() + corner, outer.bottom() - corner, outer.bottom())
    side = 2 * corner + 1
    cuts = (0.0, corner, corner + 1, side)
    for i in range(3):
        for j in range(3):
            if i == 1 and j == 1:
                continue
            target = QRectF(QPointF(xs[i], ys[j]), QPointF(xs[i + 1], ys[j + 1]))
            source = QRectF(
                QPointF(cuts[i] * ratio, cuts[j] * ratio), QPointF(cuts[i + 1] * ratio, cuts[j + 1] * ratio)
            )
            painter.drawPixmap(target, picture, source)


@cache
def _patch(blur: int, radius: float, scheme: str, ratio: float) -> QPixmap:
    """The smallest rounded rectangle with its shadow; `scheme` is in the key because the colour is the theme's."""
    corner = blur + radius + 1
    side = 2 * corner + 1
    picture = QPixmap(round(side * ratio), round(side * ratio))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.scale(ratio, ratio)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    colour = theme().node.shadow
    painter.setBrush(faded(colour, colour.alphaF() / LAYERS * 1.6))
    for i in range(LAYERS):
        inset = blur * (1 - (1 - i / LAYERS) ** 1.5)
        painter.drawRoundedRect(
            QRectF(inset, inset, side - 2 * inset, side - 2 * inset), corner - inset, corner - inset
        )
    painter.end()
    return picture


def node_shadow(painter: QPainter, rect: QRectF, dragged: bool) -> None:
    """The shadow of a node at rest, or lifted. Vectors have none: its pixels would be seams in a paper."""
    engine = painter.paintEngine()
    if engine is not None and engine.type() in VECTORS:
        return
    depth = metrics().elevation.node_drag if dragged else metrics().elevation.node
    paint_shadow(painter, rect, depth.dy, depth.blur, float(metrics().radius.node))
