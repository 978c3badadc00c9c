"""Where in a project one looks, and what is selected there."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal

from engine.document.document import Document
from engine.document.project import Project
from engine.graph.block import Block
from engine.graph.graph import BlockId, NodeId
from engine.layers.base import Layer
from engine.layers.block import held

Step = tuple[BlockId, NodeId, int]
"""A way into a block: through which node of which block, and which of the blocks that the node holds."""


class Place(QObject):
    """A block of the project, the way to it, and a selection in it. Several places may lie in one project.

    block_changed(): another block is on screen. revealed(node): bring it into view.
    """

    selection_changed = Signal()
    block_changed = Signal()
    revealed = Signal(str)

    def __init__(self, document: Document, parent: QObject | None = None, like: Place | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.path: tuple[Step, ...] = like.path if like else ()
        self.selection: tuple[NodeId, ...] = ()
        self._told: tuple[NodeId, ...] = ()

    @property
    def project(self) -> Project:
        return self._document.project

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

    @property
    def chosen_layer(self) -> Layer | None:
        """The layer of the one node that is selected, None if none is or several are."""
        return self.block.graph.nodes[self.selection[0]].layer if len(self.selection) == 1 else None

    def inside(self) -> list[Block]:
        """The blocks on the way to the one on screen, each the inside of a layer of the one before."""
        found = map(self._inside, self.path)
        return [self.project.block(block) for block in found if block is not None]

    @property
    def way(self) -> tuple[tuple[BlockId, NodeId], ...]:
        """The layers on the way to the block on screen, each with the block it stands in, as runs name them."""
        return tuple(step[:2] for step in self.path)

    def select(self, nodes: Iterable[NodeId | str]) -> None:
        """Select these nodes of the block on screen, those that exist."""
        there = self.block.graph.nodes
        chosen = tuple(NodeId(n) for n in nodes if n in there)
        if chosen != self.selection:
            self.selection = self._told = chosen
            self.selection_changed.emit()

    def enter(self, node: NodeId, part: int = 0) -> None:
        """Show the inside of a layer that holds blocks; `part` counts them."""
        step = (self.block_id, node, part)
        if self._inside(step) is not None:
            self._show((*self.path, step))

    def leave(self, depth: int | None = None) -> None:
        """Go back to a level of the breadcrumb, 0 for the main block; one level up by default."""
        self._show(self.path[: max(0, len(self.path) - 1) if depth is None else depth])

    def go(self, path: tuple[Step, ...]) -> None:
        """Show the block to which another place of the same project has led, or what is left of the way there."""
        steps: tuple[Step, ...] = ()
        here = self.project.main
        for step in path:
            inner = self._inside(step)
            if step[0] != here or inner is None:
                break
            steps, here = (*steps, step), inner
        self._show(steps)

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

    def trim(self) -> None:
        """The project is another value: leave blocks that are gone, and forget layers that are."""
        while self.path and self._inside(self.path[-1]) is None:
            self.path = self.path[:-1]
            self.block_changed.emit()
        self.selection = tuple(n for n in self.selection if n in self.block.graph.nodes)

    def tell(self) -> None:
        """Tell of a selection that was trimmed, now that everyone knows the project."""
        if self.selection != self._told:
            self._told = self.selection
            self.selection_changed.emit()

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
