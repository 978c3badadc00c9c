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
    QRegion,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextOption,
)

from engine.document.project import Frame
from gui.canvas import texts
from gui.theme import CATEGORIES, Role, faded, font, metrics, theme

TINT = 0.2
"""So much of its colour is in the ground of a coloured note: hues are told apart, and words keep a contrast of 4.5."""


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


def note_ground(colour: str) -> QColor:
    """What the words of a note stand on: paper, or white or night with so much of its colour that one knows it."""
    if not colour:
        return theme().canvas.note
    below, own = theme().bg.overlay, _colour(colour)
    pairs = (below.red(), own.red()), (below.green(), own.green()), (below.blue(), own.blue())
    return QColor(*(round(a + (b - a) * TINT) for a, b in pairs))


def _note(painter: QPainter, frame: Frame, zoom: float, strong: bool) -> None:
    t, m = theme(), metrics()
    rect = frame_rect(frame)
    own = _colour(frame.colour) if frame.colour else None
    edge = faded(own, m.node.frame_border_alpha) if own is not None else t.canvas.note_border
    pen = QPen(t.border.strong if strong else edge, m.line.border)
    pen.setCosmetic(True)
    painter.setPen(pen)
    painter.setBrush(note_ground(frame.colour))
    painter.drawRoundedRect(rect, m.radius.tile, m.radius.tile)
    if zoom < m.lod.compact:
        return
    size = 1 / zoom if zoom < m.lod.full else 1.0  # as large on the screen as at zoom 1: small type is no type
    document = _document(frame.text, rect.width() / size - 2 * m.space.s, t.scheme)
    room = rect.height() / size - 2 * m.space.xs
    painter.save()
    painter.translate(rect.left() + m.space.s * size, rect.top() + m.space.xs * size)
    painter.scale(size, size)
    last, is_cut = _last_line(document, room)
    if is_cut and last.isNull():  # not even one line has room
        last = QRectF(document.documentMargin(), 0, 0, rect.height() / size - 2 * m.space.xs)
    painter.setClipRect(QRectF(0, 0, rect.width() / size, last.bottom()), Qt.ClipOperation.IntersectClip)
    if is_cut:
        _ellipsis(painter, last, document.textWidth() - document.documentMargin())
    context = QAbstractTextDocumentLayout.PaintContext()
    context.palette.setColor(QPalette.ColorRole.Text, t.text.primary)  # type: ignore[attr-defined]
    document.documentLayout().draw(painter, context)
    painter.restore()


def _ellipsis(painter: QPainter, line: QRectF, room: float) -> None:
    """Say behind a line that more follows, and leave out of it what has no room beside that."""
    wide = texts.width(texts.ELLIPSIS, "small")
    left = min(line.right(), room - wide)
    baseline = texts.middle(line.center().y(), "small")
    texts.draw(painter, left, baseline, texts.ELLIPSIS, theme().text.primary, "small")
    beside = QRegion(painter.clipBoundingRect().toAlignedRect()) - QRegion(
        QRectF(left, line.top(), room - left, line.height()).toAlignedRect()
    )
    painter.setClipRegion(beside, Qt.ClipOperation.IntersectClip)


def _last_line(document: QTextDocument, room: float) -> tuple[QRectF, bool]:
    """The last line that has room as a whole, where its words stand, and whether there are more lines."""
    last, block = QRectF(), document.begin()
    while block.isValid():
        layout = block.layout()
        for i in range(layout.lineCount()):
            line = layout.lineAt(i)
            here = line.naturalTextRect().translated(layout.position())
            if layout.position().y() + line.y() + line.height() > room:
                return last, True
            last = here
        block = block.next()
    return last, False


def is_text_cut(frame: Frame, free: float, zoom: float) -> bool:
    """Whether there is no room for all words of a note, or for a frame's title; `free` as for `paint_frame`."""
    m, size = metrics(), 1 / zoom if zoom < metrics().lod.full else 1.0
    if frame.kind == "note":
        room = frame.height / size - 2 * m.space.xs
        wide = frame.width / size - 2 * m.space.s
        return zoom < m.lod.compact or _last_line(_document(frame.text, wide, theme().scheme), room)[1]
    role: Role = "heading" if zoom < m.lod.compact else "small"
    is_hidden = min(free, m.node.frame_title * size) / size < m.lod.frame_title_min_band
    return is_hidden or texts.width(frame.text, role, 600) > frame.width / size - 2 * m.space.m


def whole_text(frame: Frame) -> str:
    """All words of a frame or a note, without what Markdown makes of them."""
    return _document(frame.text, frame.width, theme().scheme).toPlainText() if frame.kind == "note" else frame.text


@lru_cache(maxsize=256)
def _document(text: str, width: float, scheme: str) -> QTextDocument:
    document = QTextDocument()
    document.setDefaultFont(font("small", zooms=True))
    option = QTextOption(Qt.AlignmentFlag.AlignLeft)
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)  # a path or an address is one long word
    document.setDefaultTextOption(option)
    document.setMarkdown(text, QTextDocument.MarkdownFeature.MarkdownNoHTML)
    document.setIndentWidth(metrics().space.l)
    document.setDocumentMargin(metrics().space.xs)
    _calm(document)
    document.setTextWidth(width)
    document.size()  # lays the lines out, which is done only when someone asks
    return document


def _calm(document: QTextDocument) -> None:
    """Headings are strong and hardly larger: a note is small. Links are underlined words, on whatever colour."""
    block = document.begin()
    while block.isValid():
        pieces = block.begin()
        while not pieces.atEnd():
            piece = pieces.fragment()
            pieces += 1
            if piece.charFormat().isAnchor():
                cursor, form = QTextCursor(block), QTextCharFormat()
                cursor.setPosition(piece.position())
                cursor.setPosition(piece.position() + piece.length(), QTextCursor.MoveMode.KeepAnchor)
                form.setForeground(theme().text.primary)
                form.setFontUnderline(True)
                cursor.mergeCharFormat(form)
        if block.blockFormat().headingLevel():
            cursor = QTextCursor(block)
            cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
            form = QTextCharFormat()
            form.setFont(font("heading", zooms=True))
            form.clearProperty(QTextCharFormat.Property.FontSizeAdjustment.value)
            cursor.setCharFormat(form)
        block = block.next()
