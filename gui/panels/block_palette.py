"""Ready blocks in the palette: their rows under headings of their own, and a preview of the one that is looked at."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QVBoxLayout, QWidget

from engine.document.library import Entry
from engine.graph.block import Block
from engine.graph.graph import BlockId
from gui.diagrams.inside import stand_ins
from gui.sketch import paint_sketch
from gui.theme import metrics, theme, theme_changed
from gui.widgets import ElidedLabel, hairline, label, unbroken

SKETCH = 88


def sections(entries: Iterable[Entry]) -> list[tuple[str, list[Entry]]]:
    """The entries under their headings, in their order."""
    return [(heading(tag), list(group)) for tag, group in groupby(entries, key=lambda entry: entry.tag)]


def heading(tag: str) -> str:
    """What people read above the blocks of a tag: "Vision blocks", "Your library", "From wine.netsmith"."""
    if tag == "your library":
        return "Your library"
    return f"From {tag}" if "." in tag else f"{tag.capitalize()} blocks"


class BlockPreview(QWidget):
    """What a ready block is: its inside at a glance, what it does, its parameters and the paper that it follows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Preview")
        self.entry: Entry | None = None
        space = metrics().space
        self.name = ElidedLabel("", "heading")
        self.sketch = _Inside()
        self.about = label("", "small", "secondary")
        self.params = label("", "mono_small")
        self.paper = label("", "caption", "muted")
        box = self._box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, space.s)
        box.setSpacing(space.xs)
        box.addWidget(hairline())
        box.addSpacing(space.xs)
        for part in (self.name, self.sketch, self.about, self.params, self.paper):
            box.addWidget(part)
        box.insertSpacing(box.indexOf(self.about), space.xs)
        for part in (self.about, self.params, self.paper):
            part.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.hide()

    def show_entry(self, entry: Entry | None) -> None:
        """Show this one; nothing for None."""
        self.entry = entry
        self.setVisible(entry is not None)
        if entry is None:
            return
        block = entry.block
        self.name.set_text(block.name)
        self.sketch.show_block(block)
        self.about.setText(unbroken(entry.summary or "Nothing is said of what it does."))
        told = [f"{p.name}\u00a0=\u00a0{p.value_kind.show(p.default)}" for p in block.params]
        self.params.setText(", ".join(told))
        self.params.setVisible(bool(told))
        papers = [_short(r.authors, r.title, r.year) for r in block.about.references]
        self.paper.setText("\n".join(papers))
        self.paper.setVisible(bool(papers))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """As high as its lines are at this width: words that wrap have no height of their own."""
        self._box.invalidate()
        if self.isVisible() and (high := self._box.heightForWidth(self.width())) > 0:
            self.setFixedHeight(high)


def _short(authors: str, title: str, year: int) -> str:
    """A reference in one line: the first author, the title, the year."""
    first, _, others = authors.partition(",")
    return f"{first}{' and others' if others else ''}: {title}, {year}"


class _Inside(QFrame):
    """A block's layers as boxes of their colours."""

    def __init__(self) -> None:
        super().__init__()
        self._block = Block(BlockId("none"), "None")
        self.setFixedHeight(SKETCH)
        self.setAccessibleName("Its inside")
        theme_changed.connect(self.update)

    def show_block(self, block: Block) -> None:
        self._block = block
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(metrics().layout.large.palette, SKETCH)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().bg.canvas)
        painter.drawRoundedRect(self.rect(), metrics().radius.button, metrics().radius.button)
        inset = metrics().space.m
        room = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        kinds = {node: layer.category for node, layer in stand_ins(self._block).items()}
        paint_sketch(painter, room, self._block.graph, kinds)
