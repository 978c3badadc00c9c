"""What keeps the optimizers, schedules and phases of a recipe from training this network."""

from __future__ import annotations

import math
from collections.abc import Iterator

from engine.codegen.groups import Way, groups_of, trained_leaves
from engine.document.project import Project
from engine.errors import Problem
from engine.graph.block import Block
from engine.graph.shapes import BlockShapes
from engine.layers.chosen import Chosen
from engine.recipe.base import Optimizer, Schedule
from engine.recipe.phases import Part
from engine.recipe.recipe import Recipe

Words = tuple[str, str]


def fit_optimizers(project: Project, block: Block, main: BlockShapes, samples: int | None) -> list[Problem]:
    """Options that exclude each other, parameters that nobody or the wrong one trains. samples: for training."""
    recipe = project.recipe
    errors: list[Words] = []
    warnings: list[Words] = []
    if not recipe.phases:
        errors += _unfit(project, main, recipe.optimizer, recipe.schedule, (), _steps(recipe, samples, 1))
        warnings += _idle(project, main, recipe.optimizer, ())
    for phase in recipe.parts():
        steps = _steps(recipe, samples, phase.every)
        known = tuple(name for name in phase.trains if name in _learning(block, main))
        wrong = [*_unfit(project, main, phase.optimizer, phase.schedule, known, steps), *_lost(block, main, phase)]
        errors += [(f"{phase.name}: {message}", hint) for message, hint in wrong]
        warnings += _idle(project, main, phase.optimizer, known)
    errors += _together(recipe)
    warnings += _untrained(recipe, block, main)
    found = [Problem("error", message, hint, block.id) for message, hint in errors]
    return found + [Problem("warning", message, hint, block.id) for message, hint in dict.fromkeys(warnings)]


def _steps(recipe: Recipe, samples: int | None, every: int) -> int | None:
    if samples is None:
        return None
    return math.ceil(samples / (recipe.batch_size * recipe.accumulate)) // every * recipe.epochs


def _unfit(
    project: Project,
    main: BlockShapes,
    optimizer: Optimizer,
    schedule: Schedule,
    trains: tuple[str, ...],
    steps: int | None,
) -> Iterator[Words]:
    if unfit := optimizer.why_not():
        yield unfit
    if steps is not None and (unfit := schedule.why_not(steps)):
        yield unfit
    looks = bool(optimizer.belongs) or _may_be_sparse(project)
    kinds = {leaf.kind for leaf in trained_leaves(project, main, trains)} if looks else set()
    if optimizer.belongs and main.known and optimizer.belongs not in kinds:
        what = "weight that is a matrix" if optimizer.belongs == "matrix" else "embedding with sparse gradients"
        yield f"{optimizer.title} has nothing to train: there is no {what}.", "Take AdamW."
    rest = getattr(optimizer, "others", optimizer)
    if "sparse" in kinds and optimizer.belongs != "sparse" and not rest.takes_sparse:
        yield f"{rest.title} cannot follow sparse gradients.", "Take SparseAdam, SGD or Adagrad, or set sparse to off."
    if "sparse" in kinds and project.recipe.clip:
        yield "Sparse gradients cannot be clipped.", "Set clip to 0, or sparse of the embedding to off."
    if not optimizer.has_groups and any(g.way != Way() for g in groups_of(project, main, trains)):
        yield (
            f"{optimizer.title} trains all parameters alike, but some layers have a rate or decay of their own.",
            "Set lr_factor to 1 and weight_decay to unset everywhere, or take AdamW.",
        )
    if optimizer.needs_closure and project.recipe.precision == "float16":
        yield f"{optimizer.title} cannot be used with float16.", "Set precision to float32 or bfloat16."


def _may_be_sparse(project: Project) -> bool:
    """Whether there is a layer that could have sparse gradients; a look at its kinds is cheaper than one at all."""
    kinds = {kind for block in project.blocks.values() for kind in block.graph.kinds}
    return any(issubclass(kind, Chosen) or "sparse" in kind.params for kind in kinds)


def _idle(project: Project, main: BlockShapes, optimizer: Optimizer, trains: tuple[str, ...]) -> Iterator[Words]:
    """Settings of layers that the optimizer does not look at."""
    if "weight_decay" in optimizer.params:
        return
    if any(group.way.decay is not None for group in groups_of(project, main, trains)):
        message = f"{optimizer.title} knows no weight decay, so that of single layers does nothing."
        yield message, "Take an optimizer with weight_decay, such as AdamW."


def _learning(block: Block, main: BlockShapes) -> dict[str, int]:
    """Names of the layers that learn, and how much."""
    nodes = block.graph.nodes
    return {nodes[id].name: shapes.trainable for id, shapes in main.nodes.items() if shapes.trainable}


def _lost(block: Block, main: BlockShapes, phase: Part) -> Iterator[Words]:
    learning = _learning(block, main)
    names = {node.name for node in block.graph.nodes.values()}
    for name in phase.trains:
        if name not in names:
            yield f"there is no layer {name} to train.", f"There are {', '.join(learning) or 'none that learn'}."
        elif name not in learning and main.known:
            yield f"{name} has nothing to train.", f"Layers that learn: {', '.join(learning) or 'none'}."


def _together(recipe: Recipe) -> Iterator[Words]:
    names = [phase.name for phase in recipe.parts()]
    for name in dict.fromkeys(n for n in names if names.count(n) > 1):
        yield f"Two phases are called {name}.", "Give each a name of its own."


def _untrained(recipe: Recipe, block: Block, main: BlockShapes) -> Iterator[Words]:
    """Layers that learn, but in no phase."""
    if not recipe.phases or any(not phase.trains for phase in recipe.parts()):
        return
    trained = {name for phase in recipe.parts() for name in phase.trains}
    left = [name for name in _learning(block, main) if name not in trained]
    if left:
        yield f"{', '.join(left)} is trained in no phase.", "Name it in trains of a phase, or freeze it."
