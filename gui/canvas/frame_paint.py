"""Frames behind the nodes, and notes."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QColor,
    QPainter,
    QPalette,
    QPen,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextOption,
)

from engine.document.project import Frame
from gui.canvas import texts
from gui.theme import CATEGORIES, faded, font, metrics, theme


def frame_rect(frame: Frame) -> QRectF:
    return QRectF(frame.x, frame.y, frame.width, frame.height)


def paint_frame(painter: QPainter, frame: Frame, room: float, zoom: float, hover: bool, selected: bool) -> None:
    """A frame or a note, in scene coordinates; `room` is free for its title above the first node."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if frame.kind == "note":
        _note(painter, frame, zoom, hover)
    else:
        _frame(painter, frame, room, zoom, hover)
    if selected:
        m, grown = metrics(), metrics().node.selection_outset
        radius = (m.radius.tile if frame.kind == "note" else m.radius.frame) + grown
        painter.setBrush(Qt.BrushStyle.NoBrush)
        pen = QPen(theme().accent.base, m.line.selection)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.drawRoundedRect(frame_rect(frame).adjusted(-grown, -grown, grown, grown), radius, radius)


def _frame(painter: QPainter, frame: Frame, free: float, zoom: float, strong: bool) -> None:
    t, m = theme(), metrics()
    colour = _colour(frame.colour)
    rect = frame_rect(frame)
    painter.setBrush(faded(colour, m.node.frame_fill_alpha))
    pen = QPen(faded(colour, 1.0 if strong else m.node.frame_border_alpha), m.line.border)
    pen.setCosmetic(True)
    painter.setPen(pen)
    painter.drawRoundedRect(rect, m.radius.frame, m.radius.frame)
    far = zoom < m.lod.compact
    size = 1 / zoom if zoom < m.lod.full else 1.0
    band = min(free, m.node.frame_title * size)
    if band / size < m.lod.frame_title_min_band:
        return
    painter.save()
    painter.translate(rect.topLeft())
    painter.scale(size, size)
    room = QRectF(m.space.m, m.space.xs / 2, rect.width() / size - 2 * m.space.m, band / size)
    texts.draw_in(painter, room, frame.text, t.text.secondary, "heading" if far else "small", 600)
    painter.restore()


def _colour(name: str) -> QColor:
    """That of a kind of layer, which suits both themes; a colour by its own name, as a file may have; else plain."""
    if name in CATEGORIES:
        return theme().category(name).solid
    return QColor(name) if name and QColor.isValidColorName(name) else theme().canvas.frame


def _note(painter: QPainter, frame: Frame, zoom: float, strong: bool) -> None:
    t, m = theme(), metrics()
    rect = frame_rect(frame)
    pen = QPen(t.border.strong if strong else t.canvas.note_border, m.line.border)
    pen.setCosmetic(True)
    painter.setPen(pen)
    painter.setBrush(t.canvas.note)
    painter.drawRoundedRect(rect, m.radius.tile, m.radius.tile)
    if frame.colour:
        painter.setBrush(faded(_colour(frame.colour), m.node.frame_fill_alpha))
        painter.drawRoundedRect(rect, m.radius.tile, m.radius.tile)
    if zoom < m.lod.compact:
        return
    size = 1 / zoom if zoom < m.lod.full else 1.0  # as large on the screen as at zoom 1: small type is no type
    document = _document(frame.text, rect.width() / size - 2 * m.space.s, t.scheme)
    room = rect.height() / size - 2 * m.space.xs
    painter.save()
    painter.translate(rect.left() + m.space.s * size, rect.top() + m.space.xs * size)
    painter.scale(size, size)
    painter.setClipRect(QRectF(0, 0, rect.width() / size, _whole_lines(document, room)), Qt.ClipOperation.IntersectClip)
    context = QAbstractTextDocumentLayout.PaintContext()
    context.palette.setColor(QPalette.ColorRole.Text, t.text.primary)  # type: ignore[attr-defined]
    document.documentLayout().draw(painter, context)
    painter.restore()


def _whole_lines(document: QTextDocument, room: float) -> float:
    """How far the lines reach that have room as a whole."""
    reach, block = 0.0, document.begin()
    while block.isValid():
        layout = block.layout()
        for i in range(layout.lineCount()):
            line = layout.lineAt(i)
            bottom = layout.position().y() + line.y() + line.height()
            if bottom > room:
                return reach
            reach = bottom
        block = block.next()
    return reach


@lru_cache(maxsize=256)
def _document(text: str, width: float, scheme: str) -> QTextDocument:
    document = QTextDocument()
    document.setDefaultFont(font("small", zooms=True))
    document.setDefaultTextOption(QTextOption(Qt.AlignmentFlag.AlignLeft))
    document.setMarkdown(text, QTextDocument.MarkdownFeature.MarkdownNoHTML)
    document.setIndentWidth(metrics().space.l)
    document.setDocumentMargin(metrics().space.xs)
    _calm(document)
    document.setTextWidth(width)
    document.size()  # lays the lines out, which is done only when someone asks
    return document


def _calm(document: QTextDocument) -> None:
    """Headings are strong and hardly larger: a note is small."""
    block = document.begin()
    while block.isValid():
        if block.blockFormat().headingLevel():
            cursor = QTextCursor(block)
            cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
            form = QTextCharFormat()
            form.setFont(font("heading", zooms=True))
            form.clearProperty(QTextCharFormat.Property.FontSizeAdjustment.value)
            cursor.setCharFormat(form)
        block = block.next()
