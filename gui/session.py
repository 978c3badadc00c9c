"""The only bridge between the engine and what is seen: document, analysis and selection as Qt signals and slots."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from engine.document.bringing import is_foreign
from engine.document.diff import Change
from engine.document.document import Document
from engine.document.project import Project
from engine.document.trust import Trust
from engine.errors import EngineError
from engine.graph.block import Block
from engine.graph.graph import BlockId, Edge, NodeId
from engine.graph.shapes import Analysis
from engine.layers.block import held
from gui.analysed import Analysed, analyse
from gui.background import Background
from gui.habits import Habits
from gui.project_file import ProjectFile
from gui.runner import Runner

Step = tuple[BlockId, NodeId, int]
"""A way into a block: through which node of which block, and which of the blocks that the node holds."""


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
        self.habits = Habits(self)
        self.file = ProjectFile(self.document, self.background, self)
        self.runner = Runner(self.background, self)
        self.result: Analysed | None = None
        self.path: tuple[Step, ...] = ()
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
        inner = self._inside(self.path[-1])
        assert inner is not None
        return inner

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
        if not self.trusted and self.trust.allows(before) and not is_foreign(edit):
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

    def enter(self, node: NodeId, part: int = 0) -> None:
        """Show the inside of a layer that holds blocks; `part` counts them."""
        step = (self.block_id, node, part)
        if self._inside(step) is not None:
            self._show((*self.path, step))

    def inside(self) -> list[Block]:
        """The blocks on the way to the one on screen, each the inside of a layer of the one before."""
        found = map(self._inside, self.path)
        return [self.project.block(block) for block in found if block is not None]

    @property
    def way(self) -> tuple[tuple[BlockId, NodeId], ...]:
        """The layers on the way to the block on screen, each with the block it stands in, as runs name them."""
        return tuple(step[:2] for step in self.path)

    def leave(self, depth: int | None = None) -> None:
        """Go back to a level of the breadcrumb, 0 for the main block; one level up by default."""
        self._show(self.path[: max(0, len(self.path) - 1) if depth is None else depth])

    def show_block(self, block: BlockId | str) -> bool:
        """Show a block, "" for the one on screen. Returns: whether there is a way to it."""
        if block and block != self.block_id:
            found = self._way_to(BlockId(block))
            if found is None:
                return False
            self._show(found)
        return True

    def reveal(self, block: BlockId | str, node: NodeId | str) -> None:
        """Go to a node wherever it is: show its block, select it, bring it into view."""
        if self.show_block(block):
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
        while self.path and self._inside(self.path[-1]) is None:
            self.path = self.path[:-1]
            self.block_changed.emit()
        before = self.selection  # trimmed first: whoever hears of the change may look at what is selected
        self.selection = tuple(n for n in before if n in self.block.graph.nodes)
        self.changed.emit(change)
        if self.selection != before:
            self.selection_changed.emit()
        if change.meaning:
            self._soon.start()

    def _inside(self, step: Step) -> BlockId | None:
        """The block that a step of the path leads into; None where that is no longer there."""
        block = self.project.blocks.get(step[0])
        node = block.graph.nodes.get(step[1]) if block else None
        inner = held(node.layer) if node else ()
        found = BlockId(inner[step[2]].block) if step[2] < len(inner) else None
        return found if found in self.project.blocks else None

    def _show(self, path: tuple[Step, ...]) -> None:
        if path != self.path:
            self.select(())
            self.path = path
            self.block_changed.emit()

    def _way_to(self, block: BlockId) -> tuple[Step, ...] | None:
        waiting: list[tuple[BlockId, tuple[Step, ...]]] = [(self.project.main, ())]
        seen = set()
        while waiting:
            here, way = waiting.pop(0)
            if here == block:
                return way
            seen.add(here)
            for node in self.project.blocks[here].graph.nodes.values():
                for part, instance in enumerate(held(node.layer)):
                    if (inner := BlockId(instance.block)) in self.project.blocks.keys() - seen:
                        waiting.append((inner, (*way, (here, node.id, part))))
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
