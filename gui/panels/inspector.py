"""The Inspector: the selected layer's name, problems, options, shapes, cost and gradients."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from gui.panels.inspect_many import SeveralView
from gui.panels.inspect_node import NodeView
from gui.panels.inspect_project import ProjectView
from gui.session import Session


class InspectorPanel(QWidget):
    """One layer, several layers, or with nothing selected the block on screen."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Inspector")
        self.setProperty("ground", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._session = session
        self.node, self.several, self.project = NodeView(session), SeveralView(session), ProjectView(session)
        self.stack = QStackedWidget()
        for view in (self.node, self.several, self.project):
            scroll = QScrollArea()
            scroll.setWidgetResizable(True)
            scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            scroll.setWidget(view)
            self.stack.addWidget(scroll)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.stack)
        session.selection_changed.connect(self.show_selection)
        session.block_changed.connect(self.show_selection)
        session.changed.connect(self._follow)
        session.analysed.connect(self.show_selection)
        session.completed.connect(self._follow_part)
        self.show_selection()

    def show_selection(self) -> None:
        """Show what is selected now, with the newest that is known of it."""
        nodes = [self._session.block.graph.nodes[n] for n in self._session.selection]
        if len(nodes) == 1:
            self.node.show_node(nodes[0])
        elif nodes:
            self.several.show_nodes(nodes)
        else:
            self.project.show_block()
        self.stack.setCurrentIndex(0 if len(nodes) == 1 else 1 if nodes else 2)

    def _follow_part(self, part: str) -> None:
        if part != "script":
            self.show_selection()

    def _follow(self, change: Any) -> None:
        if change.meaning:
            self.show_selection()
