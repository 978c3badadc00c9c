"""How a heat map is painted: cells, names of rows, steps, the line at a step, and the legend."""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QFontMetricsF, QLinearGradient, QPainter, QPen

from gui.plots.heat import HeatScale
from gui.plots.heat_cells import HeatCells
from gui.theme import faded, font, metrics, theme

STOPS = 17  # of the legend's gradient
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Map(Protocol):
    """What is painted of a heat map."""

    title: str
    aside: str
    names: list[str]
    names_width: float
    cells: HeatCells
    selected: int | None
    step: int | None

    def width(self) -> int: ...

    def height(self) -> int: ...


def map_rect(heat: Map) -> QRectF:
    """Where the cells are: rows of whole pixels, as high as there is room for."""
    m, line, rows = metrics().plot, QFontMetricsF(font("caption")), len(heat.names)
    left = math.ceil(min(heat.names_width, heat.width() * m.names_max)) + m.label_gap + 1
    ticks = max(line.horizontalAdvance(label) for _, label in heat.cells.scale.ticks() or [(0.0, "1e-4")])
    legend = m.legend_bar + m.label_gap + round(ticks) + metrics().space.l
    top = float(m.header) if heat.title else float(metrics().space.xs)
    room = heat.height() - top - m.footer
    height = min(room, m.heat_row_max * rows) if rows else room
    whole_rows = height // rows * rows if 0 < rows <= height else height
    return QRectF(left, top, max(heat.width() - left - legend, 1), max(whole_rows, 1))


def paint(painter: QPainter, heat: Map) -> None:
    """All of it."""
    area = map_rect(heat)
    if heat.title:
        _header(painter, heat)
    _cells(painter, heat, area)
    _names(painter, heat, area)
    _steps(painter, heat, area)
    _legend(painter, heat, area)


def _header(painter: QPainter, heat: Map) -> None:
    face = font("small", 600)
    header = QRectF(0, 0, heat.width(), metrics().plot.header - metrics().space.xs)
    painter.setFont(face)
    painter.setPen(theme().text.primary)
    painter.drawText(header, LEFT, heat.title)
    beside = header.adjusted(QFontMetricsF(face).horizontalAdvance(heat.title) + metrics().space.s, 0, 0, 0)
    painter.setFont(font("caption"))
    painter.setPen(theme().text.muted)
    aside = QFontMetricsF(painter.font()).elidedText(heat.aside, Qt.TextElideMode.ElideRight, beside.width())
    painter.drawText(beside, LEFT, aside)


def _cells(painter: QPainter, heat: Map, area: QRectF) -> None:
    painter.fillRect(area, theme().plot.background)
    if heat.cells.image.isNull():
        return
    painter.fillRect(area, QBrush(theme().border.default, Qt.BrushStyle.BDiagPattern))  # seen where cells are clear
    painter.drawImage(area, heat.cells.image)
    rows = len(heat.names)
    pitch = area.height() / rows
    if pitch >= metrics().space.xs:
        gap = faded(theme().bg.panel, metrics().plot.heat_gap_alpha)
        for row in range(1, rows):
            painter.fillRect(QRectF(area.left(), round(area.top() + row * pitch) - 1, area.width(), 1), gap)
    if heat.step is not None:
        at = (heat.cells.column_of(heat.step) + 0.5) / heat.cells.image.width()
        if 0 <= at <= 1:
            x = round(area.left() + at * area.width())
            painter.fillRect(QRectF(x - 1, area.top(), 3, area.height()), faded(theme().bg.panel, 0.6))
            painter.fillRect(QRectF(x, area.top(), 1, area.height()), theme().text.primary)
    if heat.selected is not None:
        width = metrics().line.selection
        painter.setPen(QPen(theme().accent.base, width))
        place = heat.cells.place_of(heat.selected)
        out = width / 2 if pitch < metrics().plot.heat_row else 0.0  # a low row would be hidden under its own ring
        ring = QRectF(area.left(), area.top() + place * pitch, area.width(), max(pitch, width))
        painter.drawRect(ring.adjusted(-out, -out, out, out - 1))


def _names(painter: QPainter, heat: Map, area: QRectF) -> None:
    """Each row's name, or every n-th where rows are low; the selected one always, and strong."""
    rows = len(heat.names)
    if not rows:
        return
    pitch = area.height() / rows
    stride = max(1, math.ceil(metrics().plot.heat_row / pitch))
    width = area.left() - metrics().plot.label_gap
    selected = heat.cells.place_of(heat.selected) if heat.selected is not None else None
    for place in sorted({*range(0, rows, stride), *([selected] if selected is not None else [])}):
        chosen = place == selected
        if not chosen and selected is not None and abs(place - selected) < stride:
            continue
        painter.setFont(font("caption_strong" if chosen else "caption"))
        painter.setPen(theme().text.primary if chosen else theme().text.secondary)
        name = heat.names[int(heat.cells.order[place])]
        text = QFontMetricsF(painter.font()).elidedText(name, Qt.TextElideMode.ElideMiddle, width)
        middle = area.top() + (place + 0.5) * pitch
        painter.drawText(QRectF(0, middle - pitch * stride, width, 2 * pitch * stride), RIGHT, text)


def _steps(painter: QPainter, heat: Map, area: QRectF) -> None:
    painter.setFont(font("caption"))
    painter.setPen(theme().plot.axis)
    below = QRectF(area.left(), area.bottom(), area.width(), metrics().plot.footer)
    grid = heat.cells.grid
    count = grid.columns.shape[1]
    first, last = (grid.first, grid.last) if count else (0, 0)
    painter.drawText(below, LEFT, f"step {first:,}")
    if last != first:
        painter.drawText(below, RIGHT, f"{last:,}")


def _legend(painter: QPainter, heat: Map, area: QRectF) -> None:
    """A bar from the least to the greatest value, labelled at whole decades."""
    scale: HeatScale = heat.cells.scale
    bar = QRectF(area.right() + metrics().space.m, area.top(), metrics().plot.legend_bar, area.height())
    gradient = QLinearGradient(bar.bottomLeft(), bar.topLeft())
    for place in np.linspace(0, 1, STOPS):
        gradient.setColorAt(float(place), scale.at(float(place)))
    painter.fillRect(bar, gradient)
    painter.setFont(font("caption"))
    painter.setPen(theme().plot.axis)
    half = QFontMetricsF(painter.font()).height() / 2
    free = -math.inf  # labels that would lie on the one above are left out
    for share, label in scale.ticks():
        y = min(max(bar.bottom() - share * bar.height(), bar.top() + half), bar.bottom() - half)
        if y - half < free:
            continue
        free = y + half
        beside = QRectF(bar.right() + metrics().plot.label_gap, y - half, heat.width(), 2 * half)
        painter.drawText(beside, LEFT, label)
