"""Project -> Analysis: shapes, cost and problems of every node, without running the network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from engine.analysis import execute, instance
from engine.analysis.advice import advise
from engine.analysis.fit_recipe import fit_recipe, read_data
from engine.analysis.fit_training import fit_training
from engine.analysis.instance import Instances
from engine.analysis.machine import room
from engine.costs.holding import Holdings, Walk
from engine.costs.memory import training_memory
from engine.document.muting import without_muted
from engine.document.project import Project
from engine.errors import Problem
from engine.graph.chain import why_no_chain
from engine.graph.graph import BlockId, Node
from engine.graph.lately import Lately
from engine.graph.shapes import Analysis, BlockShapes, Held
from engine.layers.block import Ports, instance_names

_walks: Lately[Walk] = Lately(200_000)
_GRAVITY = {"error": 0, "warning": 1, "info": 2}


def infer(project: Project, *, trusted: bool = False) -> Analysis:
    """Everything that can be known of the project. Never raises for a bad one: what is wrong becomes a Problem.

    trusted: the user's own Python may run.
    """
    project = without_muted(project)
    block = project.blocks.get(project.main)
    if block is None:
        nothing = BlockShapes(project.main, {}, (), {}, ())
        return Analysis(nothing, {}, (Problem("error", "The project has no main block.", "Open another file."),))
    data = read_data(project, block)
    main = Instances(project, trusted).of(block, block.defaults(), data.inputs, absent=data.absent)
    held = _held(project, main)
    space, device = room(project.recipe.device)
    memory = training_memory(main, held, project.recipe)
    problems = (
        *_broken_sequences(project),
        *_of_all(project, main),
        *data.problems,
        *fit_recipe(project, block, main, data.features),
        *advise(project, block, main),
        *fit_training(project, block, main, data.features, memory),
    )
    return Analysis(
        main=main,
        instances=_instances(main),
        problems=tuple(sorted(problems, key=lambda p: _GRAVITY[p.severity])),
        parameters=main.parameters,
        flops=main.flops,
        training_bytes=memory.total,
        training_flops=main.flops + held.backward,
        held=held,
        room=space,
        device=device,
    )


def _held(project: Project, main: BlockShapes) -> Held:
    """What the main block keeps, found from what it kept the last time."""
    block = project.blocks[main.block]
    held, walk = Holdings(project.blocks).main(main, _walks.take(block.id, block))
    _walks.put(
        block.id, block, walk
    )  # taken out meanwhile: it is changed as it goes on, and other threads infer as well
    return held


def clear_memo() -> None:
    """Forget all that was learned from earlier projects, as a fresh process would have to."""
    execute.clear_memo()
    instance.clear_memo()
    _walks.clear()


def _broken_sequences(project: Project) -> list[Problem]:
    """Blocks that were one layer after the other and no longer are, so that their class is written otherwise."""
    found = []
    for block in project.blocks.values():
        if block.sequence and (reason := why_no_chain(block, partial(_ports, project, block.id))):
            message = f"{block.name} is no longer one layer after the other: {reason}"
            hint = "It is written with a forward of its own until it is again."
            found.append(Problem("warning", message, hint, block.id))
    return found


def _ports(project: Project, block: BlockId, node: Node) -> Ports:
    return project.ports(node, block)


def _of_all(project: Project, main: BlockShapes) -> list[Problem]:
    """The problems of every distinct instance, each told once, with the path where it is met first."""
    found: dict[tuple[str, str, str, str], Problem] = {}
    seen: set[int] = set()
    waiting = [("", main)]
    while waiting:
        prefix, shapes = waiting.pop()
        if id(shapes) in seen:
            continue
        seen.add(id(shapes))
        for wrong in shapes.problems:
            placed = replace(wrong, path=prefix + wrong.path) if wrong.path else wrong
            found.setdefault((wrong.block, wrong.node, wrong.port, wrong.message), placed)
        waiting.extend(reversed(list(_inside(project, prefix, shapes))))
    return list(found.values())


def _inside(project: Project, prefix: str, shapes: BlockShapes) -> Iterator[tuple[str, BlockShapes]]:
    """The distinct instances that stand in this one, each with the beginning of the path of the first of its nodes."""
    for node, number, inner in shapes.inside:
        record = shapes.nodes[node]
        name = project.blocks[shapes.block].graph.nodes[node].name
        yield f"{prefix}{instance_names(name, record.layer, len(record.repeats))[number]}.", inner


def _instances(main: BlockShapes) -> dict[BlockId, tuple[BlockShapes, ...]]:
    found: dict[BlockId, list[BlockShapes]] = {}
    seen: set[int] = set()
    waiting = [main]
    while waiting:
        shapes = waiting.pop()
        if id(shapes) in seen:
            continue
        seen.add(id(shapes))
        found.setdefault(shapes.block, []).append(shapes)
        waiting.extend(inner for _, _, inner in reversed(shapes.inside))
    return {block: tuple(instances) for block, instances in found.items()}
