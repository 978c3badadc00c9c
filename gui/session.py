"""The only bridge between the engine and what is seen: document, analysis and selection as Qt signals and slots."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from engine.document.diff import Change
from engine.document.document import Document
from engine.document.fragment import Paste
from engine.document.project import Project
from engine.document.trust import Trust
from engine.errors import EngineError
from engine.graph.block import Block
from engine.graph.graph import BlockId, Edge, NodeId
from engine.graph.shapes import Analysis
from engine.layers.block import BlockLayer
from gui.analysed import Analysed, analyse
from gui.background import Background
from gui.project_file import ProjectFile
from gui.runner import Runner


class Session(QObject):
    """One open project. Views read it, call `apply`, and own no state worth saving.

    changed(Change): the project is another one. analysed(): `analysis` and the texts are those of the project now.
    message(text, action, callback): one line for a toast. revealed(node): bring it into view.
    """

    changed = Signal(object)
    analysed = Signal()
    selection_changed = Signal()
    block_changed = Signal()
    revealed = Signal(str)
    message = Signal(str, str, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = Document()
        self.background = Background(self)
        self.trust = Trust()
        self.file = ProjectFile(self.document, self.background, self)
        self.runner = Runner(self.background, self)
        self.result: Analysed | None = None
        self.path: tuple[tuple[BlockId, NodeId], ...] = ()
        self.selection: tuple[NodeId, ...] = ()
        self._soon = QTimer(self, interval=0, singleShot=True)
        self._soon.timeout.connect(self._analyse)
        self.document.changed.connect(self._tell)
        self.file.message.connect(self.message)
        self.runner.message.connect(self.message)
        self._soon.start()

    @property
    def project(self) -> Project:
        return self.document.project

    @property
    def analysis(self) -> Analysis | None:
        """The newest analysis there is; `is_current` says whether it is that of the project now."""
        return self.result.analysis if self.result else None

    @property
    def is_current(self) -> bool:
        return self.result is not None and not Change(self.result.project, self.project).meaning

    @property
    def analysing(self) -> bool:
        """Whether an analysis waits or runs."""
        return self._soon.isActive() or not self.is_current

    @property
    def trusted(self) -> bool:
        """Whether the user's code in this project may run."""
        return self.trust.allows(self.project)

    @property
    def block_id(self) -> BlockId:
        """The block on screen."""
        if not self.path:
            return self.project.main
        block, node = self.path[-1]
        layer = self.project.node(node, block).layer
        assert isinstance(layer, BlockLayer)
        return BlockId(layer.block)

    @property
    def block(self) -> Block:
        return self.project.block(self.block_id)

    def apply(self, edit: Callable[[Project], Project], merge: Hashable = None) -> bool:
        """Change the project; a refusal becomes a message. Returns: whether it was changed."""
        before = self.project
        try:
            self.document.apply(edit, merge)
        except EngineError as error:
            self.message.emit(str(error), "", None)
            return False
        if not self.trusted and self.trust.allows(before) and not isinstance(edit, Paste):
            self.trust.remember(self.project)  # code that one writes oneself; what is pasted is someone else's
        return True

    def undo(self) -> None:
        self.document.undo()

    def redo(self) -> None:
        self.document.redo()

    def select(self, nodes: Iterable[NodeId | str]) -> None:
        """Select these nodes of the block on screen, those that exist."""
        chosen = tuple(NodeId(n) for n in nodes if n in self.block.graph.nodes)
        if chosen != self.selection:
            self.selection = chosen
            self.selection_changed.emit()

    def enter(self, node: NodeId) -> None:
        """Show the inside of an instance of a block."""
        layer = self.block.graph.nodes[node].layer
        if isinstance(layer, BlockLayer) and layer.block in self.project.blocks:
            self._show((*self.path, (self.block_id, node)))

    def leave(self, depth: int | None = None) -> None:
        """Go back to a level of the breadcrumb, 0 for the main block; one level up by default."""
        self._show(self.path[: max(0, len(self.path) - 1) if depth is None else depth])

    def reveal(self, block: BlockId | str, node: NodeId | str) -> None:
        """Go to a node wherever it is: show its block, select it, bring it into view."""
        if block and block != self.block_id:
            found = self._way_to(BlockId(block))
            if found is None:
                return
            self._show(found)
        self.select([node])
        self.revealed.emit(str(node))

    def why_not(self, edge: Edge) -> str | None:
        """Why a wire cannot be drawn on the block on screen, as far as shapes do not matter."""
        return self.project.why_not(edge, self.block_id)

    def trust_project(self) -> None:
        """Remember that the code in this project may run, and look at it again."""
        self.trust.remember(self.project)
        self.result = None
        self._soon.start()

    def train(self, resume: str | None = None) -> None:
        """Start a run of the project as it is now."""
        self.runner.start(
            self.project,
            self.result.analysis if self.is_current and self.result else None,
            trusted=self.trusted,
            resume=resume,
        )

    def close(self) -> None:
        """End the run and the threads."""
        self._soon.stop()
        self.runner.close()
        self.background.close()

    def _tell(self, change: Any) -> None:
        while self.path and not self._exists(self.path[-1]):
            self.path = self.path[:-1]
            self.block_changed.emit()
        before = self.selection  # trimmed first: whoever hears of the change may look at what is selected
        self.selection = tuple(n for n in before if n in self.block.graph.nodes)
        self.changed.emit(change)
        if self.selection != before:
            self.selection_changed.emit()
        if change.meaning:
            self._soon.start()

    def _exists(self, step: tuple[BlockId, NodeId]) -> bool:
        block = self.project.blocks.get(step[0])
        node = block.graph.nodes.get(step[1]) if block else None
        return node is not None and isinstance(node.layer, BlockLayer) and node.layer.block in self.project.blocks

    def _show(self, path: tuple[tuple[BlockId, NodeId], ...]) -> None:
        if path != self.path:
            self.select(())
            self.path = path
            self.block_changed.emit()

    def _way_to(self, block: BlockId) -> tuple[tuple[BlockId, NodeId], ...] | None:
        waiting: list[tuple[BlockId, tuple[tuple[BlockId, NodeId], ...]]] = [(self.project.main, ())]
        seen = set()
        while waiting:
            here, way = waiting.pop(0)
            if here == block:
                return way
            seen.add(here)
            for node in self.project.blocks[here].graph.nodes.values():
                if isinstance(node.layer, BlockLayer) and node.layer.block in self.project.blocks.keys() - seen:
                    waiting.append((BlockId(node.layer.block), (*way, (here, node.id))))
        return None

    def _analyse(self) -> None:
        project, trusted = self.project, self.trusted
        self.background.submit("analysis", lambda: analyse(project, trusted), self._keep, self._fail)

    def _keep(self, result: Analysed) -> None:
        self.result = result
        if self.is_current:
            self.analysed.emit()

    def _fail(self, error: Exception) -> None:
        raise error  # inference never raises for a bad project: this is our own mistake and belongs in the crash dialog
