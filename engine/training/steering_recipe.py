"""What was changed in a run, as one edit of the project: the next run begins with it. Torch-free."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from engine.document.block_edits import SetRecipe
from engine.document.edits import Batch, SetParam
from engine.document.project import Project
from engine.document.weight_edits import SetWeights
from engine.graph.graph import NodeId
from engine.training.events import NodePath, Steered
from engine.training.steering_log import SteeringLog
from engine.training.steering_wish import BY_PHASE, COUNTS, phase_of

Edit = Callable[[Project], Project]


def edit_of(project: Project, log: SteeringLog) -> Batch | None:
    """An edit that sets everything to what it was changed to; None if that is how the project is.

    A layer inside a block is changed for all instances of it. What the project does not have any more is left out.
    """
    last: dict[tuple[str, NodePath], Steered] = {}
    for change in log.changes:
        last[change.name, change.node] = change
    edits = tuple(edit for change in last.values() for edit in _edits(project, change, log))
    if not edits:
        return None
    batch = Batch("Begin with what was changed", edits)
    return batch if batch(project) != project else None


def _edits(project: Project, change: Steered, log: SteeringLog) -> Iterator[Edit]:
    phase, option = phase_of(change.name)
    value = int(change.after) if option in COUNTS else change.after
    if option in BY_PHASE:
        names = [part.name for part in project.recipe.phases]  # type: ignore[attr-defined]
        if phase and phase not in names:
            return
        where = f"phases.{names.index(phase)}.optimizer" if names and phase else "optimizer"
        optimizer = project.recipe.optimizer if not phase else project.recipe.parts()[names.index(phase)].optimizer
        if option in optimizer.params:
            yield SetRecipe(f"{where}.{option}", value)
    elif option == "dropout":
        paths = [path for path in log.dropouts if path[: len(change.node)] == change.node]
        for block, node in dict.fromkeys(path[-1] for path in paths):
            name = _share(project, block, node)
            if name:
                yield SetParam(NodeId(node), name, value, block)
    elif option == "frozen":
        block, node = change.node[-1]
        if _has(project, block, node):
            yield SetWeights([NodeId(node)], "frozen", bool(value), block)
    else:
        yield SetRecipe(option, value)


def _has(project: Project, block: str, node: str) -> bool:
    found = project.blocks.get(block)  # type: ignore[call-overload]
    return found is not None and node in found.graph.nodes


def _share(project: Project, block: str, node: str) -> str:
    """The option of a layer that says how much it leaves out."""
    if not _has(project, block, node):
        return ""
    params = project.node(NodeId(node), block).layer.params
    return next((name for name in ("p", "dropout") if name in params), "")
