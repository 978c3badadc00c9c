"""What a worker is given, in plain data: it may live in another process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.codegen.source import Source
from engine.document.project import Project
from engine.training.events import Steered
from engine.training.outline import Outline

Names = Mapping[tuple[str, str], str]
"""Names of nodes by (block, node)."""


@dataclass(frozen=True)
class Job:
    """One run. batch_size: samples of a step. resume: path of the checkpoint to go on from, "" for none.

    phases: names of the parts of a step, none where it has one loss. parent: id of the run it goes on from, and after
    which of its steps if that is not in the checkpoint. keep_every: epochs between two checkpoints that stay, 0: none.
    outline: which node a module belongs to. steered: what was changed by hand in the run to go on from.
    decays_only_matrices: whether biases and norms are kept from weight decay.
    start: path of the file with which the script begins, "" for none. epochs: how many there are to be from here on,
    0 for as many as the script says.
    """

    source: Source
    run_id: str
    folder: str
    batch_size: int
    names: Names
    resume: str = ""
    norms: bool = True
    phases: tuple[str, ...] = ()
    parent: str = ""
    parent_step: int = 0
    keep_every: int = 0
    outline: Outline = field(default_factory=lambda: Outline("", {}))
    steered: tuple[Steered, ...] = ()
    decays_only_matrices: bool = False
    start: str = ""
    epochs: int = 0


def node_names(project: Project) -> Names:
    """The names of all nodes of all blocks."""
    return {(str(b), str(n.id)): n.name for b, block in project.blocks.items() for n in block.graph.nodes.values()}
