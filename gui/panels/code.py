"""The Code panel: the model and the whole script, live, in step with the selection."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from engine.codegen.source import Source
from engine.graph.graph import BlockId, NodeId
from gui.panels.code_view import CodeView
from gui.panels.find_bar import FindBar, dense_button
from gui.session import Session
from gui.theme import metrics
from gui.widgets import hairline, label

NO_SCRIPT = "# The script is written when every shape is known. Problems says what is missing.\n"


class CodePanel(QWidget):
    """Tabs Model and Script. export_wanted(): the person wants the text in a file."""

    export_wanted = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Code")
        self._session = session
        self.model, self.script = CodeView("Model code"), CodeView("Script code")
        self.tabs, self.pages = QTabBar(), QStackedWidget()
        self.tabs.setAccessibleName("Model or script")
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        for view, name in ((self.model, "Model"), (self.script, "Script")):
            self.tabs.addTab(name)
            self.pages.addWidget(view)
        self.tabs.currentChanged.connect(self.pages.setCurrentIndex)
        self.finder = FindBar(self.model, self)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        for part in (self._head(), hairline(), self.finder, self.pages):
            box.addWidget(part)
        self.model.line_clicked.connect(lambda line: self._reveal(self._source(self.model), line))
        self.script.line_clicked.connect(lambda line: self._reveal(self._source(self.script), line))
        session.analysed.connect(self.show_code)
        session.completed.connect(self._follow_part)
        session.selection_changed.connect(self.show_selection)
        session.block_changed.connect(self.show_selection)
        self.tabs.currentChanged.connect(self.show_code)
        self.tabs.currentChanged.connect(lambda _: self.finder.serve(self.view))
        self.show_code()

    def show_code(self) -> None:
        """Show the text of the newest analysis, the one that is seen; the other when its tab is chosen."""
        result = self._session.result
        if result is None:
            return
        if self.view is self.model:
            self.model.show_text(result.model.text)
        else:
            self.script.show_text(result.script.text if result.script else NO_SCRIPT)
        self.show_selection()

    def _follow_part(self, part: str) -> None:
        if part == "script" and self.view is self.script:
            self.show_code()

    def show_selection(self) -> None:
        """Mark the lines of the selected nodes and of those with a problem, in the text that is seen."""
        view, result = self.view, self._session.result
        source = self._source(view)
        if result is None or source is None:
            view.mark(())
            return
        problems, block = result.analysis.problems, self._session.block_id
        lines = source.lines_at((block, node) for node in self._session.selection)
        errors = {(BlockId(p.block), NodeId(p.node)) for p in problems if p.severity == "error" and p.node}
        view.mark(lines, source.lines_at(errors))
        if lines and not view.hasFocus() and not self.finder.isVisible():
            view.reveal(min(lines))

    @property
    def view(self) -> CodeView:
        """The text that is seen."""
        return self.model if self.tabs.currentIndex() == 0 else self.script

    def copy(self) -> None:
        """Put the whole text that is seen on the clipboard."""
        QGuiApplication.clipboard().setText(self.view.toPlainText())
        self._session.message.emit(f"{self.tabs.tabText(self.tabs.currentIndex())} code copied", "", None)

    def _source(self, view: CodeView) -> Source | None:
        result = self._session.result
        if result is None:
            return None
        return result.model if view is self.model else result.script

    def _reveal(self, source: Source | None, line: int) -> None:
        place = source.node_of_line.get(line) if source else None
        if place is not None:
            self._session.reveal(*place)

    def _head(self) -> QWidget:
        """The tabs, and at their right what can be done with the text."""
        head = QWidget()
        head.setProperty("ground", "window")
        head.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        line = QHBoxLayout(head)
        line.setContentsMargins(0, 0, metrics().space.s, 0)
        line.setSpacing(metrics().space.xs)
        line.addWidget(self.tabs)
        line.addStretch(1)
        line.addWidget(label("PyTorch", "caption", "muted"))
        for name, tip, call in (
            ("magnifying-glass", "Find in the code  Ctrl+F", self.finder.open),
            ("copy", "Copy code", self.copy),
            ("export", "Export…", self.export_wanted.emit),
        ):
            button = dense_button(name, tip)
            button.clicked.connect(call)
            line.addWidget(button)
        return head
