"""A page of Markdown in the type, spacing and colours of the window: Qt's own rendering has no room between parts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import (
    QGuiApplication,
    QImage,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFragment,
    QTextFrameFormat,
    QTextImageFormat,
    QTextLength,
    QTextTable,
)

from gui.theme import Role, font, metrics, theme

WHOLE = 99.0  # per cent of the page's width: its border comes on top
HEADINGS: dict[int, Role] = {1: "title", 2: "heading"}
DRAWN_AT = 2  # pixels of a picture to each of the page
LIGHT, DARK = "-light.png", "-dark.png"


def show_page(document: QTextDocument, markdown: str, folder: Path | None = None) -> None:
    """Fill a document with a page, whose pictures lie in `folder`: those of the theme of now."""
    document.setDefaultFont(font("body"))
    document.setMarkdown(markdown)
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            _dress_table(frame)
    block = document.begin()
    while block.isValid():
        _dress_block(block)
        _dress_words(block)
        if folder is not None:
            _dress_pictures(block, folder)
        block = block.next()


def _dress_block(block: QTextBlock) -> None:
    """Room around it; headings in their type, code on the ground of a field."""
    space, form, cursor = metrics().space, QTextBlockFormat(), QTextCursor(block)
    level = block.blockFormat().headingLevel()
    if level:
        form.setTopMargin(space.xl if level > 1 else 0)
        form.setBottomMargin(space.s)
        _set_font(block, HEADINGS.get(level, "heading"))
    elif cursor.currentTable() is not None:
        form.setTopMargin(0)
    elif block.blockFormat().hasProperty(QTextFormat.Property.BlockCodeFence):
        form.setBackground(theme().bg.field)
        form.setLeftMargin(space.s)
        form.setBottomMargin(0 if _goes_on(block) else space.m)
    else:
        form.setBottomMargin(space.xs if block.textList() else space.m)
    cursor.mergeBlockFormat(form)


def _goes_on(block: QTextBlock) -> bool:
    """Whether the next line belongs to the same piece of code."""
    return block.next().blockFormat().hasProperty(QTextFormat.Property.BlockCodeFence)


def _set_font(block: QTextBlock, role: Role) -> None:
    for fragment in list(_fragments(block)):
        form = QTextCharFormat(fragment.charFormat())
        form.clearProperty(QTextFormat.Property.FontSizeAdjustment)  # Qt's own sizes of headings
        form.setFont(font(role))
        _over(block, fragment).setCharFormat(form)


def _dress_words(block: QTextBlock) -> None:
    """Code in the type of code, links in their colour."""
    for fragment in list(_fragments(block)):
        form, old = QTextCharFormat(), fragment.charFormat()
        if old.fontFixedPitch():
            form.setFont(font("mono"), QTextCharFormat.FontPropertiesInheritanceBehavior.FontPropertiesAll)
        if old.isAnchor():
            form.setForeground(theme().text.link)
        if form.propertyCount():
            _over(block, fragment).mergeCharFormat(form)


def _dress_pictures(block: QTextBlock, folder: Path) -> None:
    """Pictures in the colours of the window, as sharp as the screen: each scaled once, for its pixels."""
    document, ratio = block.document(), QGuiApplication.primaryScreen().devicePixelRatio()
    for fragment in list(_fragments(block)):
        old = fragment.charFormat().toImageFormat()
        if not old.isValid():
            continue
        name = old.name().replace(LIGHT, DARK) if theme().scheme == "dark" else old.name()
        image, form = QImage(str(folder / name)), QTextImageFormat(old)
        width = min(image.width() / DRAWN_AT, metrics().widget.page_picture)
        height = image.height() * width / max(1, image.width())
        image = image.scaledToWidth(round(width * ratio), Qt.TransformationMode.SmoothTransformation)
        image.setDevicePixelRatio(ratio)
        document.addResource(QTextDocument.ResourceType.ImageResource.value, QUrl(name), image)
        form.setName(name)
        form.setWidth(width)
        form.setHeight(height)
        _over(block, fragment).setCharFormat(form)


def _over(block: QTextBlock, fragment: QTextFragment) -> QTextCursor:
    """A cursor over a fragment."""
    cursor = QTextCursor(block)
    cursor.setPosition(fragment.position())
    cursor.setPosition(fragment.position() + fragment.length(), QTextCursor.MoveMode.KeepAnchor)
    return cursor


def _fragments(block: QTextBlock) -> Iterator[QTextFragment]:
    part = block.begin()
    while not part.atEnd():
        yield part.fragment()
        part += 1


def _dress_table(table: QTextTable) -> None:
    """As wide as the page, with hairlines between its rows."""
    form, space = table.format(), metrics().space
    form.setWidth(QTextLength(QTextLength.Type.PercentageLength, WHOLE))
    form.setBorder(metrics().line.hairline)
    form.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
    form.setBorderBrush(theme().border.subtle)
    form.setBorderCollapse(True)
    form.setCellPadding(space.s)
    form.setCellSpacing(0)
    form.setTopMargin(space.xs)
    form.setBottomMargin(space.l)
    table.setFormat(form)
