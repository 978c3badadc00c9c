"""Ways out of a problem: edits that were tried, and after which the problem is gone and no other is there instead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain, islice

from engine.analysis.candidates import (
    Place,
    for_block,
    from_hint,
    insertions,
    matching,
    other_kind,
    own_options,
    removal,
    wirings,
)
from engine.analysis.candidates_blocks import fitted
from engine.analysis.candidates_recipe import (
    for_circle,
    for_input,
    for_output,
    for_project,
    for_training,
    for_warning,
)
from engine.analysis.candidates_shapes import batch_first, by_name, other_sizes, own_weights, shared_out, undone
from engine.analysis.candidates_wires import alike
from engine.analysis.execute import outcome
from engine.analysis.infer import infer
from engine.document.project import Project
from engine.errors import EngineError, Problem, Repair
from engine.graph.graph import BlockId, NodeId
from engine.graph.shapes import Analysis, BlockShapes
from engine.layers.block import BlockLayer, Holder, Shared
from engine.layers.chosen import Chosen
from engine.layers.code import CodeLayer, Missing
from engine.layers.io import Input, Output
from engine.layers.outside import OutsideModule
from engine.tensor import TensorSpec

MOST_PROBLEMS = 8
MOST_TRIES = 30
MOST_REPAIRS = 3


def with_repairs(project: Project, analysis: Analysis, *, trusted: bool = False) -> Analysis:
    """The same analysis, its errors with the repairs that help. Bounded work: a few tries for the first few errors.

    trusted: as it was given to `infer`; what hangs on code that may not run is not repaired.
    """
    errors = [p for p in analysis.problems if p.severity != "info"][:MOST_PROBLEMS]
    found = {id(p): _repairs(project, analysis, p, trusted) for p in errors}
    problems = tuple(replace(p, repairs=found[id(p)]) if found.get(id(p)) else p for p in analysis.problems)
    return replace(analysis, problems=problems)


def _repairs(project: Project, analysis: Analysis, problem: Problem, trusted: bool) -> tuple[Repair, ...]:
    """The best of the first stage in which something helps."""
    tries = 0
    for stage in _stages(project, analysis, problem):
        clean: dict[str, tuple[int, Repair]] = {}
        revealing: dict[str, tuple[int, Repair]] = {}
        for repair in islice(stage, MOST_TRIES - tries):
            tries += 1
            if repair.title in clean or len(clean) == MOST_REPAIRS:
                continue
            tried = _tried(project, analysis, problem, repair, trusted)
            if tried is not None:
                (clean if tried[0] else revealing).setdefault(repair.title, (tried[1], repair))
        if clean or revealing:
            best = sorted((clean or revealing).values(), key=lambda found: found[0])
            return tuple(repair for _, repair in best[:MOST_REPAIRS])
    return ()


def _tried(
    project: Project, analysis: Analysis, problem: Problem, repair: Repair, trusted: bool
) -> tuple[bool, int] | None:
    """Whether the edit brings nothing new to light, and how many errors remain; None if it does not help."""
    try:
        after = infer(repair.edit(project), trusted=trusted)
    except EngineError:
        return None
    judged = _judge(project, analysis, problem, after)
    return None if judged is None else (judged, sum(p.severity == "error" for p in after.problems))


def _judge(project: Project, before: Analysis, problem: Problem, after: Analysis) -> bool | None:
    """True if the problem is gone and nothing new is wrong, False if only what it hid came to light, else None."""
    errors = [p for p in after.problems if p.severity == "error"]
    still = errors if problem.severity == "error" else [p for p in after.problems if p.severity == problem.severity]
    if any((p.block, p.node) == (problem.block, problem.node) and _alike(p, problem) for p in still):
        return None
    if problem.node and not _is_shaped(after, problem):
        return None
    known = {(p.block, p.node) for p in before.problems if p.severity == "error"}
    new = [p for p in errors if (p.block, p.node) not in known]
    outputs = {n.id for n in project.block().outputs}
    if not new:
        return True
    return False if all(p.block == project.main and (not p.node or p.node in outputs) for p in new) else None


def _alike(mine: Problem, other: Problem) -> bool:
    """A node has one problem at a time, the project itself may have several."""
    return bool(other.node) or mine.message == other.message


def _is_shaped(after: Analysis, problem: Problem) -> bool:
    """What the node gives, or an Output takes, is known now; or the node is gone."""
    instances = after.instances.get(BlockId(problem.block), ())
    nodes = [i.nodes[NodeId(problem.node)] for i in instances if NodeId(problem.node) in i.nodes]
    return all(node.known and (node.outputs or None not in node.inputs.values()) for node in nodes)


def _stages(project: Project, analysis: Analysis, problem: Problem) -> Iterator[Iterator[Repair]]:
    """Candidates, the likeliest kinds first."""
    block = project.blocks.get(BlockId(problem.block))
    if block is None:
        return
    if not problem.node:
        yield chain(for_training(project), for_project(project, block, analysis))
        return
    instance = _instance(analysis, problem)
    node = block.graph.nodes.get(NodeId(problem.node))
    if instance is None or node is None:
        return
    place = Place(project, problem, block.id, block.graph, node, instance.nodes[node.id], instance)
    if problem.severity == "warning":
        yield for_warning(place)
    elif node.id not in block.graph.order():
        yield for_circle(place)
    elif isinstance(node.layer, Shared):
        yield own_weights(place)
    elif isinstance(node.layer, Missing):
        yield removal(place)
    elif isinstance(node.layer, BlockLayer):
        yield for_block(place)
    elif isinstance(node.layer, Input):
        yield for_input(place)
    elif problem.port and not block.graph.feeding(node.id, problem.port) and _has_port(place):
        yield wirings(place, _fitting(place))
    elif isinstance(node.layer, Output):
        yield for_output(place)
    elif not place.shapes.failed:  # the layer is well, the recipe is not
        yield for_training(project)
    else:
        yield fitted(place, analysis)
        yield chain(*(stage(place) for stage in _in_order(place)))
        yield insertions(place)


def _in_order(place: Place) -> tuple[Callable[[Place], Iterator[Repair]], ...]:
    """What the layer itself says first, then its options, then the other wires, then the layers before it."""
    said = (from_hint, batch_first, by_name, matching, other_kind)
    several = len(place.wires()) > 1
    own = (own_options, other_sizes)
    if several and getattr(place.node.layer, "dim", 1) == 1:
        return (*said, alike, *own, shared_out, undone)
    return (*said, *own, *((alike,) if several else ()), shared_out, undone)


def _has_port(place: Place) -> bool:
    return place.problem.port in {p.name for p in place.project.ports(place.node, place.block)[0]}


def _instance(analysis: Analysis, problem: Problem) -> BlockShapes | None:
    """The instance in which the node has the problem, else the first."""
    instances = analysis.instances.get(BlockId(problem.block), ())
    guilty = (i for i in instances if any((p.node, p.message) == (problem.node, problem.message) for p in i.problems))
    return next(guilty, instances[0] if instances else None)


def _fitting(place: Place) -> list[tuple[NodeId, str]]:
    """Sources that the open port takes: the only one that nobody uses, else the only one there is."""
    graph, port = place.graph, place.problem.port
    behind = graph.downstream(place.node.id) | {place.node.id}
    fitting = [
        (id, name)
        for id, shapes in place.instance.nodes.items()
        if id not in behind
        for name, spec in shapes.outputs.items()
        if spec is not None and _takes(place, port, spec)
    ]
    unused = [source for source in fitting if not graph.out_of(source[0])]
    return unused[:1] if len(unused) == 1 else fitting[:1] if len(fitting) == 1 else []


def _takes(place: Place, port: str, spec: TensorSpec) -> bool:
    """Whether the layer can take this at the port, as far as that can be tried without the rest of the network."""
    layer = place.shapes.layer
    if isinstance(layer, (Holder, Chosen, Shared, Output, CodeLayer, OutsideModule)):
        return True
    kinds = {p.name: p.kind for p in layer.ports_in()}
    given = {**dict.fromkeys(kinds), **place.shapes.inputs, port: (spec,) if kinds[port] == "many" else spec}
    waiting = [name for name, kind in kinds.items() if kind != "optional" and given[name] is None]
    return bool(waiting) or outcome(layer, given).error is None
