"""The Help tab: the page of the selected layer, or of what was asked for, with a way back."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QToolButton, QVBoxLayout, QWidget

from engine.errors import EngineError
from engine.graph.graph import BlockId
from engine.layers.base import Layer
from engine.layers.block import BlockLayer
from gui.diagrams import Known
from gui.glyphs import bind_icon
from gui.panels.block_help import BlockSubject, printed, ready
from gui.panels.help_facts import HelpFacts, known_of, look_up
from gui.panels.help_page import LayerPage
from gui.session import Session
from gui.theme import metrics
from gui.widgets import label

NOTHING = "Select a layer to read what it does, or press F1 on one in the search list."


class HelpPanel(QWidget):
    """Shows the help of one kind of layer. add_wanted(key): put that layer, or "example:<key>", onto the canvas.

    A page is made when it is seen: selecting layers while another tab is open costs nothing.
    """

    add_wanted = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Help")
        self._session = session
        self._wanted: str | None = None
        self._way: list[str] = []
        self.page = LayerPage()
        self.page.layer_wanted.connect(self.show_layer)
        self.page.add_wanted.connect(self.add_wanted)
        self.back = QToolButton()
        bind_icon(self.back, "arrow-left")
        self.back.setToolTip("Back to the page before (Alt+Left)")
        self.back.setAccessibleName("Back")
        self.back.clicked.connect(self.go_back)
        self.area = QScrollArea()
        self.area.setAccessibleName("Help")
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setProperty("ground", "panel")
        self.area.setWidget(self.page)
        self.nothing = label(NOTHING, "body", "secondary")
        self.nothing.setWordWrap(True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.nothing.setContentsMargins(*(metrics().space.l,) * 4)
        top = QHBoxLayout()
        top.setContentsMargins(metrics().space.s, metrics().space.xs, 0, 0)
        top.addWidget(self.back)
        top.addStretch(1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(top)
        box.addWidget(self.nothing, 1)
        box.addWidget(self.area, 1)
        session.selection_changed.connect(self.show_selection)
        session.analysed.connect(self.follow_node)
        self.show_selection()

    def text(self) -> str:
        """What the page says."""
        self._build()
        return NOTHING if self.area.isHidden() else self.page.text()

    def show_selection(self) -> None:
        """Show the help of the one node that is selected."""
        chosen = self._session.selection
        if len(chosen) == 1:
            self._way = []
            self._show(f"node:{chosen[0]}")
        elif not chosen and self._wanted and self._wanted.startswith("node:"):
            self._way = []
            self._show("")
        elif self._wanted is None:
            self._show("")

    def follow_node(self) -> None:
        """Draw the picture of the selected node anew when its options or its shapes are others."""
        if self._stale or not self.isVisible() or not (self._wanted or "").startswith("node:"):
            return
        subject = self._subject(self._wanted or "")
        layer, block, known = subject
        if layer is None or block is not None or subject == self._drawn:
            return
        if self._drawn is None or type(layer) is not type(self._drawn[0]):
            self._show(self._wanted or "")
            return
        self._drawn = subject
        self.page.redraw(layer, known)
        self._session.background.submit("help", lambda: look_up(layer, known), self._complete)

    def show_layer(self, key: str) -> None:
        """Show the help of a kind of layer, or of one of the user's blocks, "block:<id>"."""
        if self._wanted and self._wanted != key:
            self._way.append(self._wanted)
        self._show(key)

    def go_back(self) -> None:
        """The page that led here."""
        if self._way:
            self._show(self._way.pop())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._build()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Left and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.go_back()
        else:
            super().keyPressEvent(event)

    def _show(self, wanted: str) -> None:
        self._wanted = wanted
        self._stale = True
        if self.isVisible():
            self._build()

    _stale = True
    _drawn: tuple[Layer | None, BlockSubject | None, Known] | None = None

    def _build(self) -> None:
        """The page that is wanted, if it is not there already."""
        if not self._stale:
            return
        self._stale = False
        self._drawn = layer, block, known = self._subject(self._wanted or "")
        self.back.setVisible(bool(self._way))
        self.nothing.setVisible(layer is None)
        self.area.setVisible(layer is not None)
        if layer is None:
            return
        self.area.verticalScrollBar().setValue(0)
        if block is not None:
            self.page.show_block(block)
            self._session.background.submit("help", lambda: printed(block), self._complete_class)
        else:
            self.page.show_layer(layer)
            self._session.background.submit("help", lambda: look_up(layer, known), self._complete)

    def _complete(self, facts: HelpFacts) -> None:
        self.page.show_facts(facts)

    def _complete_class(self, text: str) -> None:
        self.page.show_class(text)

    def _own(self, block: str) -> BlockSubject | None:
        """A block of the project, if it is there."""
        project, id = self._session.project, BlockId(block)
        return BlockSubject(f"block:{block}", project, id, "Your block") if id in project.blocks else None

    def _subject(self, wanted: str) -> tuple[Layer | None, BlockSubject | None, Known]:
        """The layer that the page is about, the block if it is one, and the shapes where it stands."""
        session = self._session
        if wanted.startswith("node:"):
            node = session.block.graph.nodes.get(wanted.removeprefix("node:"))  # type: ignore[call-overload]
            if node is None:
                return None, None, Known()
            if isinstance(node.layer, BlockLayer):
                return node.layer, self._own(node.layer.block), Known()
            record = session.analysis.node(node.id, session.block_id) if session.analysis else None
            if record is None or not record.known or type(record.layer) is not type(node.layer):
                return node.layer, None, Known()
            return record.layer, None, known_of(record)  # its expressions are numbers there
        if wanted.startswith("block:"):
            block = self._own(wanted.removeprefix("block:"))
            return (BlockLayer() if block else None), block, Known()
        if found := ready(wanted):
            return BlockLayer(), found, Known()
        kind = Layer.registry.get(wanted)
        try:
            return (kind() if kind else None), None, Known()
        except EngineError:
            return None, None, Known()
