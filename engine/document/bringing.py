"""Blocks brought from one project into another: the definition once, however often it is used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.document.edits import Batch
from engine.document.fragment import Paste, with_blocks
from engine.document.names import unique
from engine.document.project import Project
from engine.graph.block import Block
from engine.graph.graph import BlockId
from engine.tensor import TensorSpec

_OUTSIDE = BlockId("outside")


@dataclass(frozen=True)
class BringBlock:
    """Add a block of another project, and the blocks that it uses, unless the same are there already."""

    source: Project
    block: BlockId

    @property
    def label(self) -> str:
        return f"Add block {self.source.block(self.block).name}"

    def __call__(self, project: Project) -> Project:
        return brought(project, self.source, self.block)[0]


def is_foreign(edit: object) -> bool:
    """Whether an edit brings in what someone else may have written: trust in one's own code does not cover it."""
    if isinstance(edit, Batch):
        return any(map(is_foreign, edit.edits))
    return isinstance(edit, (BringBlock, Paste))


def brought(project: Project, source: Project, block: BlockId) -> tuple[Project, BlockId]:
    """The project with a block of another one, and the id it has there.

    A block that is there already, with the same layers, wires and parameters, is used as it is; one that was changed
    stays, and what is brought gets another name.
    """
    wanted = {block} | source.uses(block)
    blocks = {b: source.blocks[b] for b in source.blocks if b in wanted}
    main = BlockId(unique(_OUTSIDE, blocks))
    layout = {b: source.layout[b] for b in blocks if b in source.layout}
    piece = Project({**blocks, main: Block(main, "Outside")}, main, layout)
    result, ids = with_blocks(project, piece)
    return result, ids[block]


def fitting_args(block: Block, inputs: Mapping[str, TensorSpec | None]) -> dict[str, Any]:
    """Arguments that make an instance fit what comes in, as far as the block says which of them follow from it."""
    params = {p.name for p in block.params}
    found: dict[str, Any] = {}
    for fit in block.about.fits:
        spec = inputs.get(fit.port)
        if fit.param in params and spec is not None and -spec.rank <= fit.axis < spec.rank:
            size = spec.shape[fit.axis]
            if isinstance(size, int) and fit.of(size) > 0:
                found[fit.param] = fit.of(size)
    return found


def by_itself(source: Project, block: BlockId) -> Project:
    """A project whose main block is one of the source's, with what it uses: how its inside is drawn and looked at."""
    wanted = {block} | source.uses(block)
    return replace(source, blocks={b: source.blocks[b] for b in source.blocks if b in wanted}, main=block)
