"""`check`: shapes, cost and problems of every node."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from engine.cli.opening import add_changes, add_file, is_trusted, open_project
from engine.costs.holding import Holdings, evaluate
from engine.costs.memory import GIGABYTE, USABLE, is_bounded, largest_batch, training_memory
from engine.costs.receptive import View, receptive_fields
from engine.document.muting import without_muted
from engine.document.project import Project
from engine.errors import Problem
from engine.graph.graph import NodeId
from engine.graph.shapes import Analysis, BlockShapes, NodeShapes
from engine.tensor import NumberSpec, TensorSpec

COMMANDS = ("check",)
Row = tuple[str, NodeShapes, int, tuple[View, ...]]
"""A node: its path, its shapes, what training keeps of it in bytes, what it sees."""


def declare(commands: Any) -> None:
    """Add the command to the parser."""
    command = commands.add_parser(
        "check",
        help="shapes, parameters, FLOPs, memory and problems of every node",
        epilog='JSON: {"nodes": [{"path", "layer", "outputs": {port: {"shape", "dtype"}, {"number", "kind"} or null}, '
        '"parameters", "flops", "activation_bytes", "kept_bytes", "sees": [{"input", "seen", "of"}]}], '
        '"problems": [{"severity", "path", "port", "message", "hint", "repairs"}], "totals": {"parameters", "flops", '
        '"training_flops", "training_bytes", "memory": {"parameters", "gradients", "state", "copies", "data", '
        '"activations", "passing"}, "largest_batch": {"room_bytes", "device", "batch"} or null}, '
        '"tried": [{"batch", "bytes", "seconds", "device"}] with --dry-run}. Free sizes are strings ("B"); FLOPs and '
        "bytes are for one sample, training_bytes and memory for a whole batch. Nodes inside a block have paths such "
        "as stage.0.conv.",
    )
    add_file(command)
    add_changes(command)
    command.add_argument("--json", action="store_true", help="print everything as JSON")
    command.add_argument("--memory", type=float, metavar="GB", help="find the largest batch for a device of this size")
    command.add_argument("--dry-run", action="store_true", help="make real steps at growing batch sizes and measure")
    command.set_defaults(call=check)


def check(options: argparse.Namespace) -> int:
    """Analyse a project and print what was found. Returns: 1 if the network cannot be trained as it is."""
    from engine.analysis.infer import infer  # torch: not on the way to `--help` or to the window
    from engine.analysis.repairs import with_repairs

    project = open_project(options)
    trusted = is_trusted(options, project)
    analysis = with_repairs(project, infer(project, trusted=trusted), trusted=trusted)
    room = (round(options.memory * GIGABYTE), f"{options.memory:g} GB") if options.memory else None
    tried = _tried(project, analysis, room) if options.dry_run and analysis.is_valid else []
    if options.json:
        found = as_json(project, analysis, room)
        print(json.dumps(found | ({"tried": tried} if options.dry_run else {}), indent=1, ensure_ascii=False))
    else:
        _print_table(project, analysis, room, tried)
    return 0 if analysis.is_valid else 1


def as_json(project: Project, analysis: Analysis, room: tuple[int, str] | None = None) -> dict[str, Any]:
    """The analysis as plain data, in the documented form."""
    memory = training_memory(analysis.main, analysis.held, project.recipe)
    batch = _largest(project, analysis, room)
    space, device = room or (analysis.room, analysis.device)
    largest = None if batch is None else {"room_bytes": space, "device": device, "batch": batch}
    return {
        "nodes": [_node_json(*row) for row in rows(project, analysis)],
        "problems": [_problem_json(problem) for problem in analysis.problems],
        "totals": {
            "parameters": analysis.parameters,
            "flops": analysis.flops,
            "training_flops": analysis.training_flops,
            "training_bytes": analysis.training_bytes,
            "memory": asdict(memory),
            "largest_batch": largest,
        },
    }


def rows(project: Project, analysis: Analysis) -> Iterator[Row]:
    """Every node with its cost, inner ones after their block, in the order of the generated code."""
    blocks = without_muted(project).blocks
    holdings, sees = Holdings(blocks), dict(receptive_fields(blocks, analysis.main))  # of the first of several repeats
    for path, instance, node in walk(project, analysis.main):
        held = analysis.held if instance is analysis.main else holdings.of(instance, (True,) * len(instance.inputs))
        kept = evaluate(held.nodes.get(node, {}), {})
        yield path, instance.nodes[node], kept, sees.pop((instance.block, node), ())


def walk(project: Project, shapes: BlockShapes, prefix: str = "") -> Iterator[tuple[str, BlockShapes, NodeId]]:
    """Every node of an instance and of the blocks inside it, with its path, in the order of the generated code."""
    graph = project.block(shapes.block).graph
    order = (*graph.order(), *(n for n in graph.nodes if n not in set(graph.order())))
    for node in order:
        if node not in shapes.nodes:
            continue
        path, found = prefix + graph.nodes[node].name, shapes.nodes[node]
        yield path, shapes, node
        for index, inner in enumerate(found.repeats):
            place = f"{path}.{index}." if len(found.repeats) > 1 else f"{path}."
            yield from walk(project, inner, place)


def _largest(project: Project, analysis: Analysis, room: tuple[int, str] | None) -> int | None:
    space = room[0] if room else analysis.room
    if not space or not analysis.is_valid or not is_bounded(analysis.held):
        return None
    return largest_batch(analysis.main, analysis.held, project.recipe, round(space * USABLE))


def _tried(project: Project, analysis: Analysis, room: tuple[int, str] | None) -> list[dict[str, Any]]:
    from engine.training.dry_run import dry_run, trial_sizes

    largest = _largest(project, analysis, (min(room[0], analysis.room), "") if room and analysis.room else None)
    return [asdict(tried) for tried in dry_run(project, analysis, trial_sizes(project.recipe.batch_size, largest))]


def _node_json(path: str, shapes: NodeShapes, kept: int, sees: tuple[View, ...]) -> dict[str, Any]:
    return {
        "path": path,
        "layer": shapes.layer.key,
        "outputs": {port: _spec_json(spec) for port, spec in shapes.outputs.items()},
        "parameters": shapes.parameters,
        "flops": shapes.flops,
        "activation_bytes": shapes.activation_bytes,
        "kept_bytes": kept,
        "sees": [asdict(view) for view in sees],
    }


def _spec_json(spec: TensorSpec | None) -> dict[str, Any] | None:
    if isinstance(spec, NumberSpec):
        return {"number": spec.value, "kind": spec.kind}
    return {"shape": list(spec.shape), "dtype": spec.dtype} if spec else None


def _problem_json(problem: Problem) -> dict[str, Any]:
    fields = {name: getattr(problem, name) for name in ("severity", "path", "port", "message", "hint")}
    return {**fields, "repairs": [repair.title for repair in problem.repairs]}


def _shown(outputs: Mapping[str, TensorSpec | None]) -> str:
    return ", ".join(str(spec) if spec else "?" for spec in outputs.values())


def _print_table(
    project: Project, analysis: Analysis, room: tuple[int, str] | None, tried: list[dict[str, Any]]
) -> None:
    from engine.analysis.machine import readable

    table = [
        (path, s.layer.kind_name(), _shown(s.outputs), f"{s.parameters:,}", ", ".join(f"sees {view}" for view in sees))
        for path, s, _, sees in rows(project, analysis)
    ]
    widths = [max((len(row[i]) for row in table), default=0) for i in range(5)]
    for path, layer, shape, count, sees in table:
        print(f"{path:{widths[0]}}  {layer:{widths[1]}}  {shape:{widths[2]}}  {count:>{widths[3]}}  {sees}".rstrip())
    memory = readable(analysis.training_bytes)
    print(f"\n{analysis.parameters:,} parameters, {analysis.flops:,} FLOPs a sample, {memory} to train")
    if analysis.parameters:
        _print_memory(project, analysis, room)
    for found in tried:
        print(f"tried batch {found['batch']:,}: {readable(found['bytes'])}, {found['seconds']:.3g} s a step")
    for problem in analysis.problems:
        where = f"{problem.path}: " if problem.path else ""
        print(f"{problem.severity}: {where}{problem.message} {problem.hint}".rstrip())
        for repair in problem.repairs:
            print(f"  repair: {repair.title}")
    if not analysis.problems:
        print("No problems. Every shape is known.")


def _print_memory(project: Project, analysis: Analysis, room: tuple[int, str] | None) -> None:
    from engine.analysis.machine import readable

    memory = training_memory(analysis.main, analysis.held, project.recipe)
    parts = {name: size for name, size in asdict(memory).items() if size}
    print("memory of a step: " + ", ".join(f"{name} {readable(size)}" for name, size in parts.items()))
    print(f"a training step: {analysis.training_flops:,} FLOPs a sample, forward and back")
    batch = _largest(project, analysis, room)
    if batch is not None:
        space, device = room or (analysis.room, analysis.device)
        where = device if room else f"the {readable(space)} of {device}"
        print(f"largest batch that should fit {where}: {batch:,}")
