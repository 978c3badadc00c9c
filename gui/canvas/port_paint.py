"""Ports: a disc, a ring or a capsule whose form says whether it is connected, free, optional, missing or many."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gui.canvas.face import Spot
from gui.canvas.look import PortState
from gui.theme import faded, metrics, theme


def paint_port(painter: QPainter, spot: Spot, state: PortState) -> None:
    """One port, in its node's coordinates."""
    t, c = theme(), metrics().canvas
    at = QPointF(spot.x, spot.y)
    if state == "refused":
        _refused(painter, at)
    elif spot.port.kind == "many":
        _capsule(painter, spot, {"fits": t.wire.valid, "hover": t.accent.base}.get(state, t.wire.rest), state)
    elif state == "fits":
        _halo(painter, at, t.wire.valid, c.port_hover_r)
        _disc(painter, at, t.wire.valid, c.port_hover_r)
    elif state == "hover":
        _halo(painter, at, t.accent.base, c.port_hover_r)
        _disc(painter, at, t.accent.base, c.port_hover_r)
    elif spot.wires:
        _disc(painter, at, t.wire.rest, metrics().node.port_r)
    elif spot.side == "in" and spot.port.kind == "required":
        _ring(painter, at, t.status.warn, metrics().node.port_r)
        _dot(painter, at, t.status.warn)
    else:
        optional = spot.side == "in" and spot.port.kind == "optional"
        _ring(painter, at, t.wire.rest, c.port_optional_r if optional else metrics().node.port_r)


def _disc(painter: QPainter, at: QPointF, colour: QColor, radius: float) -> None:
    ring = metrics().canvas.port_ring
    painter.setPen(QPen(theme().bg.canvas, ring))
    painter.setBrush(colour)
    painter.drawEllipse(at, radius + ring / 2, radius + ring / 2)


def _halo(painter: QPainter, at: QPointF, colour: QColor, radius: float) -> None:
    c = metrics().canvas
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(faded(colour, c.port_halo_alpha))
    painter.drawEllipse(at, radius + c.port_halo, radius + c.port_halo)


def _ring(painter: QPainter, at: QPointF, colour: QColor, radius: float) -> None:
    c = metrics().canvas
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme().bg.canvas)
    painter.drawEllipse(at, radius + c.port_ring, radius + c.port_ring)
    painter.setPen(QPen(colour, c.port_pen))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(at, radius - c.port_pen / 2, radius - c.port_pen / 2)


def _dot(painter: QPainter, at: QPointF, colour: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(at, metrics().canvas.port_dot_r, metrics().canvas.port_dot_r)


def _refused(painter: QPainter, at: QPointF) -> None:
    t, c = theme(), metrics().canvas
    _halo(painter, at, t.wire.invalid, c.port_hover_r)
    _ring(painter, at, t.wire.invalid, c.port_hover_r)
    arm = c.port_dot_r
    painter.setPen(QPen(t.wire.invalid, c.problem_pen, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawLine(QLineF(at.x() - arm, at.y() - arm, at.x() + arm, at.y() + arm))
    painter.drawLine(QLineF(at.x() + arm, at.y() - arm, at.x() - arm, at.y() + arm))


def _capsule(painter: QPainter, spot: Spot, colour: QColor, state: PortState) -> None:
    t, c = theme(), metrics().canvas
    rect = QRectF(spot.x - c.many_w / 2, spot.y - spot.height / 2, c.many_w, spot.height)
    if state != "rest":
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faded(colour, c.port_halo_alpha))
        grown = rect.adjusted(-c.port_halo, -c.port_halo, c.port_halo, c.port_halo)
        painter.drawRoundedRect(grown, grown.width() / 2, grown.width() / 2)
    painter.setPen(QPen(t.bg.canvas, c.port_ring))
    missing = not spot.wires
    painter.setBrush(t.bg.canvas if missing and state == "rest" else colour)
    outer = rect.adjusted(-c.port_ring / 2, -c.port_ring / 2, c.port_ring / 2, c.port_ring / 2)
    painter.drawRoundedRect(outer, outer.width() / 2, outer.width() / 2)
    if missing and state == "rest":
        painter.setPen(QPen(t.status.warn, c.problem_pen))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        inner = rect.adjusted(c.problem_pen / 2, c.problem_pen / 2, -c.problem_pen / 2, -c.problem_pen / 2)
        painter.drawRoundedRect(inner, inner.width() / 2, inner.width() / 2)
    painter.setPen(QPen(t.status.warn if missing and state == "rest" else t.bg.canvas, c.problem_pen))
    at = rect.center()
    painter.drawLine(QLineF(at.x() - c.plus, at.y(), at.x() + c.plus, at.y()))
    painter.drawLine(QLineF(at.x(), at.y() - c.plus, at.x(), at.y() + c.plus))
