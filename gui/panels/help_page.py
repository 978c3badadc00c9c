"""The help page of a kind of layer, from top to bottom. One page is filled anew for every layer."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from engine.layers import catalogue
from engine.layers.base import Layer
from gui.diagrams import DiagramView, Known, diagram
from gui.diagrams.inside import inside
from gui.formula import FormulaView
from gui.panels import block_help
from gui.panels import help_words as words
from gui.panels.block_help import BlockSubject, PrintedClass
from gui.panels.help_example import ExampleCard
from gui.panels.help_facts import HelpFacts
from gui.panels.inspect_parts import Tile
from gui.theme import metrics, theme, theme_changed
from gui.widgets import label


class Prose(QLabel):
    """Words as HTML, made anew for every theme. link_wanted(address): a link was pressed."""

    link_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._write: Callable[[], str] = str
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.linkActivated.connect(self.link_wanted)
        theme_changed.connect(self.write)

    def say(self, write: Callable[[], str]) -> None:
        """Show what `write` gives; nothing at all if that is nothing."""
        self._write = write
        self.write()
        self.setHidden(not self.text())

    def write(self) -> None:
        """Say it in the colours of now."""
        colours = self.palette()
        colours.setColor(QPalette.ColorRole.Link, theme().text.link)
        self.setPalette(colours)
        self.setText(self._write())


class LayerPage(QWidget):
    """layer_wanted(key): read on there. add_wanted(key): put that layer, or "example:<key>", onto the canvas."""

    layer_wanted = Signal(str)
    add_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._key = ""
        self._layer: Layer | None = None
        self._tile, self._title, self._kind = Tile(), label("", "title"), label("", "caption", "secondary")
        self.add = QPushButton("Add")
        self.intro, self.body, self.tail = Prose(), Prose(), Prose()
        self.picture, self.formula = DiagramView(), FormulaView()
        self._example_head, self.example = label("Example", "heading"), ExampleCard()
        self._printed_head, self.printed = label("In the code", "heading"), PrintedClass()
        space = metrics().space
        box = QVBoxLayout(self)
        box.setContentsMargins(space.l, space.m, space.l, space.xl)
        box.setSpacing(space.m)
        box.addLayout(self._head())
        for part in (
            self.intro,
            self.picture,
            self.formula,
            self.body,
            self._example_head,
            self.example,
            self._printed_head,
            self.printed,
            self.tail,
        ):
            box.addWidget(part)
        box.addStretch(1)
        for prose in (self.intro, self.body, self.tail):
            prose.link_wanted.connect(self._follow)
        self.add.clicked.connect(lambda: self.add_wanted.emit(self._key))
        self.example.insert_wanted.connect(self.add_wanted)

    def text(self) -> str:
        """Everything the page says, as HTML."""
        return "\n".join(part.text() for part in self.findChildren(QLabel) if not part.isHidden())

    def show_layer(self, layer: Layer) -> None:
        """Show the help of a layer; what has to be worked out comes with `show_facts`."""
        kind = type(layer)
        self._layer, self._key = layer, kind.key
        self._show_head(kind.category, kind.title, words.subtitle(kind))
        self.add.setVisible(kind in catalogue())
        self.add.setToolTip(f"Add a {kind.title} behind what is selected")
        self.add.setAccessibleName(f"Add {kind.title}")
        self.intro.say(lambda: words.about(kind))
        self.picture.show_diagram(diagram(layer, Known()))
        self.formula.show_text(kind.formula)
        self.body.say(lambda: words.body(kind))
        self.tail.say(lambda: words.tail(kind))
        for part, shown in ((self.picture, True), (self.formula, bool(kind.formula))):
            part.setVisible(shown)
        self._show_example(False)
        self.show_class("")

    def show_block(self, subject: BlockSubject) -> None:
        """Show what a block says of itself, and its inside; the class it prints as comes with `show_class`."""
        block = subject.block
        self._layer, self._key = None, subject.key
        self._show_head("block", block.name, subject.kind)
        self.add.setToolTip(f"Add a {block.name} behind what is selected")
        self.add.setAccessibleName(f"Add {block.name}")
        self.add.show()
        self.intro.say(lambda: block_help.about(block))
        self.body.say(lambda: block_help.params(block))
        self.tail.say(lambda: block_help.papers(block))
        self.picture.show_diagram(inside(block, subject.project.blocks))
        self.picture.setVisible(bool(block.graph.nodes))
        self.formula.hide()
        self._show_example(False)
        self.show_class("")

    def show_class(self, text: str) -> None:
        """Show the class that a block prints as."""
        self._printed_head.setVisible(bool(text))
        self.printed.show_class(text)

    def redraw(self, layer: Layer, known: Known) -> None:
        """The same kind of layer with other options or shapes."""
        self._layer = layer
        self.picture.show_diagram(diagram(layer, known))

    def show_facts(self, facts: HelpFacts) -> None:
        """Add what had to be worked out."""
        if self._layer is None:
            return
        if facts.outlines:
            self.formula.show_outlines(facts.outlines)
        self.picture.show_diagram(diagram(self._layer, facts.known))
        if facts.example is not None:
            self.example.show_example(self._key, facts.example)
        self._show_example(facts.example is not None)

    def _show_example(self, shown: bool) -> None:
        self._example_head.setVisible(shown)
        self.example.setVisible(shown)

    def _show_head(self, category: str, title: str, kind: str) -> None:
        self._tile.set_category(category)
        self._title.setText(title)
        self._kind.setText(kind)

    def _head(self) -> QHBoxLayout:
        names, line = QVBoxLayout(), QHBoxLayout()
        names.setSpacing(0)
        names.addWidget(self._title)
        names.addWidget(self._kind)
        line.setSpacing(metrics().space.s)
        line.addWidget(self._tile, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(names, 1)
        line.addWidget(self.add, 0, Qt.AlignmentFlag.AlignTop)
        return line

    def _follow(self, address: str) -> None:
        if address.startswith(words.OPEN):
            self.layer_wanted.emit(address.removeprefix(words.OPEN))
        else:
            QDesktopServices.openUrl(QUrl(address))
