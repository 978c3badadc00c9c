"""The flag of a probe on a wire, painted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from engine.graph.graph import NodeId
from engine.training.looked import Seen
from gui.canvas import texts
from gui.canvas.drawing import Drawing
from gui.canvas.face import end_of
from gui.plots.histogram import bars_of, paint_bars
from gui.plots.titled import number
from gui.theme import metrics, theme


@dataclass(frozen=True, eq=False)
class Flag:
    """What a probe shows: bars, the range in words, and whether something is not finite."""

    bars: np.ndarray
    words: str
    is_bad: bool = False


EMPTY = Flag(np.empty(0), "no look yet")


def flag_of(seen: Seen) -> Flag:
    """A flag for a value."""
    bars, _ = bars_of(seen.histogram)
    low, high, bad = seen.figures["low"], seen.figures["high"], int(seen.figures["bad"])
    return Flag(bars, f"{bad:,} not finite" if bad else f"{number(low)} to {number(high)}", bool(bad))


def flag_rect(drawing: Drawing, node: NodeId, port: str) -> QRectF:
    """Where the flag of an output stands: under its wire, right of the node. Empty where there is no such output."""
    face = drawing.faces.get(node)
    spot = face.spot("out", port) if face is not None else None
    if spot is None:
        return QRectF()
    at, m = end_of(spot, drawing.at[node]), metrics()
    return QRectF(at.x() + m.node.port_r + m.node.chip_gap, at.y() + m.node.chip_h, m.canvas.flag_w, m.canvas.flag_h)


def paint_flags(painter: QPainter, drawing: Drawing, flags: dict[tuple[NodeId, str], Flag], rect: QRectF) -> None:
    """Every flag that touches `rect`, on a staff that hangs from its wire."""
    t, m = theme(), metrics()
    for (node, port), flag in flags.items():
        place = flag_rect(drawing, node, port)
        if place.isEmpty() or not place.adjusted(0, -m.node.chip_h, 0, 0).intersects(rect):
            continue
        painter.setPen(QPen(t.accent.base, m.line.border))
        painter.drawLine(QLineF(place.left(), place.top() - m.node.chip_h, place.left(), place.top()))
        painter.setPen(QPen(t.heat.not_finite.fill if flag.is_bad else t.accent.base, m.line.border))
        painter.setBrush(t.wire.chip_fill)
        painter.drawRoundedRect(place, m.radius.field, m.radius.field)
        inside = place.adjusted(m.space.xs, m.space.xs, -m.space.xs, -m.space.xs)
        line = inside.height() / 2
        if len(flag.bars):
            paint_bars(painter, inside.adjusted(0, 0, 0, -line), flag.bars, t.plot.series[0])
        colour = t.status.danger if flag.is_bad else t.text.secondary
        texts.draw(
            painter, inside.left(), texts.middle(inside.bottom() - line / 2, "caption"), flag.words, colour, "caption"
        )
    painter.setBrush(Qt.BrushStyle.NoBrush)
