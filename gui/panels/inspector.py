"""The Inspector: the selected layer's name, problems, options, shapes, cost and gradients."""

from __future__ import annotations

from functools import cached_property
from typing import Any, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from gui.panels.inspect_many import SeveralView
from gui.panels.inspect_node import NodeView
from gui.panels.inspect_project import ProjectView
from gui.session import Session

V = TypeVar("V", bound=QWidget)


class InspectorPanel(QWidget):
    """One layer, several layers, or with nothing selected the block on screen."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Inspector")
        self.setProperty("ground", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._session = session
        self.stack = QStackedWidget()
        self._pages: dict[QWidget, QScrollArea] = {}
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.stack)
        session.selection_changed.connect(self.show_selection)
        session.block_changed.connect(self.show_selection)
        session.changed.connect(self._follow)
        session.analysed.connect(self.show_selection)
        session.completed.connect(self._follow_part)
        self.show_selection()

    @cached_property
    def node(self) -> NodeView:
        """Made when one layer is selected for the first time; the other views when they have something to show."""
        return self._take(NodeView(self._session))

    @cached_property
    def several(self) -> SeveralView:
        return self._take(SeveralView(self._session))

    @cached_property
    def project(self) -> ProjectView:
        return self._take(ProjectView(self._session))

    def _take(self, view: V) -> V:
        scroll = self._pages[view] = QScrollArea()
        scroll.setAccessibleName("Inspector")
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.stack.addWidget(scroll)  # from the outside in: what is put into another widget is dressed anew
        scroll.setWidget(view)
        return view

    def show_selection(self) -> None:
        """Show what is selected now, with the newest that is known of it."""
        there = self._session.block.graph.nodes
        nodes = [there[n] for n in self._session.selection]
        shown: QWidget
        if len(nodes) == 1:
            shown = self.node
            self.node.show_node(nodes[0])
        elif nodes:
            shown = self.several
            self.several.show_nodes(nodes)
        else:
            shown = self.project
            self.project.show_block()
        self.stack.setCurrentWidget(self._pages[shown])

    def _follow_part(self, part: str) -> None:
        if part != "script":
            self.show_selection()

    def _follow(self, change: Any) -> None:
        if change.meaning:
            self.show_selection()
