"""A formula in the window: a line of text at first, typeset mathematics as soon as it is there."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QContextMenuEvent, QFontMetrics, QGuiApplication, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from gui.formula.plain import plain
from gui.formula.typeset import Outline
from gui.theme import font, metrics, theme, theme_changed

EM = 17.0  # beside body text of 13: the letters of mathematics are small in their size of type
SMALLEST = 0.6  # of that; below it a wide formula is cut off rather than unreadable
LEADING = 0.75  # between lines, in sizes of type
GAP = 1.6  # between parts that stand in one line


class FormulaView(QWidget):
    """`show_text` what it says, `show_outlines` when they are there. The right button copies the LaTeX."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._latex, self._text = "", ""
        self._outlines: tuple[Outline, ...] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme_changed.connect(self.update)

    @property
    def is_typeset(self) -> bool:
        return bool(self._outlines)

    def show_text(self, latex: str) -> None:
        """Show this formula as a line of text until its outlines come."""
        self._latex, self._text, self._outlines = latex, plain(latex), ()
        self.setAccessibleName(f"Formula: {self._text}")
        self.setToolTip(self._text)
        self.updateGeometry()
        self.update()

    def show_outlines(self, outlines: tuple[Outline, ...]) -> None:
        """Show the formula typeset."""
        self._outlines = outlines
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return round(self._layout(width)[1])

    def sizeHint(self) -> QSize:
        width = max(self.width(), metrics().layout.small.palette)
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(metrics().space.xxl, self.heightForWidth(max(self.width(), metrics().space.xxl)))

    def _layout(self, width: float) -> tuple[list[tuple[QPointF, Outline, float]], float]:
        """Where each part stands with its size of type, and how high all of it is."""
        pad = metrics().space.m
        room = max(1.0, width - 2 * pad)
        if not self._outlines:
            return [], self._text_box(room).height() + 2 * pad
        em = EM * min(1.0, max(SMALLEST, room / (EM * max(part.width for part in self._outlines))))
        placed, y = [], float(pad)
        for line in _lines(self._outlines, room / em):
            y += em * max(part.above for part in line)
            x = float(pad)
            for part in line:
                placed.append((QPointF(x, y), part, em))
                x += (part.width + GAP) * em
            y += em * (max(part.below for part in line) + LEADING)
        return placed, y - em * LEADING + pad

    def _text_box(self, room: float) -> QRectF:
        box = QFontMetrics(font("body")).boundingRect(
            0, 0, round(room), 10_000, Qt.TextFlag.TextWordWrap, self._text or " "
        )
        return QRectF(box)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, radius = QPainter(self), metrics().radius.tile
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().bg.field)
        painter.drawRoundedRect(QRectF(self.rect()), radius, radius)
        placed, _ = self._layout(self.width())
        if not placed:
            pad = metrics().space.m
            painter.setFont(font("body"))
            painter.setPen(theme().text.primary)
            painter.drawText(self.rect().adjusted(pad, pad, -pad, -pad), Qt.TextFlag.TextWordWrap, self._text)
        painter.setBrush(theme().text.primary)
        painter.setPen(Qt.PenStyle.NoPen)
        for at, outline, em in placed:
            painter.save()
            painter.translate(at)
            painter.scale(em, em)
            painter.drawPath(_path(outline))
            painter.restore()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.addAction("Copy as LaTeX", lambda: QGuiApplication.clipboard().setText(self._latex))
        menu.addAction("Copy as text", lambda: QGuiApplication.clipboard().setText(self._text))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())


def _lines(parts: tuple[Outline, ...], room: float) -> list[list[Outline]]:
    """The parts in lines, as many in each as there is room for."""
    lines: list[list[Outline]] = []
    left = 0.0
    for part in parts:
        if lines and part.width <= left:
            lines[-1].append(part)
        else:
            lines.append([part])
            left = room
        left -= part.width + GAP
    return lines


@lru_cache(64)
def _path(outline: Outline) -> QPainterPath:
    """The outline as a path; holes are where outlines cross the other way round."""
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    for command, v in outline.steps:
        if command == "M":
            path.moveTo(*v)
        elif command == "L":
            path.lineTo(*v)
        elif command == "Q":
            path.quadTo(*v)
        elif command == "C":
            path.cubicTo(*v)
        else:
            path.closeSubpath()
    return path
