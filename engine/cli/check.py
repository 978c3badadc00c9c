"""`check`: shapes, cost and problems of every node."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from typing import Any

from engine.cli.opening import add_changes, add_file, is_trusted, open_project
from engine.document.project import Project
from engine.errors import Problem
from engine.graph.shapes import Analysis, BlockShapes, NodeShapes
from engine.tensor import NumberSpec, TensorSpec

COMMANDS = ("check",)


def declare(commands: Any) -> None:
    """Add the command to the parser."""
    command = commands.add_parser(
        "check",
        help="shapes, parameters, FLOPs, memory and problems of every node",
        epilog='JSON: {"nodes": [{"path", "layer", "outputs": {port: {"shape", "dtype"}, {"number", "kind"} or null}, '
        '"parameters", "flops", "activation_bytes"}], "problems": [{"severity", "path", "port", "message", "hint", '
        '"repairs"}], "totals": {"parameters", "flops", "training_bytes"}}. Free sizes are strings ("B"); '
        "FLOPs and bytes are for one sample, training_bytes for a whole batch. Nodes inside a block have "
        "paths such as stage.0.conv.",
    )
    add_file(command)
    add_changes(command)
    command.add_argument("--json", action="store_true", help="print everything as JSON")
    command.set_defaults(call=check)


def check(options: argparse.Namespace) -> int:
    """Analyse a project and print what was found. Returns: 1 if the network cannot be trained as it is."""
    from engine.analysis.infer import infer  # torch: not on the way to `--help` or to the window
    from engine.analysis.repairs import with_repairs

    project = open_project(options)
    trusted = is_trusted(options, project)
    analysis = with_repairs(project, infer(project, trusted=trusted), trusted=trusted)
    if options.json:
        print(json.dumps(as_json(project, analysis), indent=1, ensure_ascii=False))
    else:
        _print_table(project, analysis)
    return 0 if analysis.is_valid else 1


def as_json(project: Project, analysis: Analysis) -> dict[str, Any]:
    """The analysis as plain data, in the documented form."""
    return {
        "nodes": [_node_json(path, shapes) for path, shapes in walk(project, analysis.main)],
        "problems": [_problem_json(problem) for problem in analysis.problems],
        "totals": {
            "parameters": analysis.parameters,
            "flops": analysis.flops,
            "training_bytes": analysis.training_bytes,
        },
    }


def walk(project: Project, shapes: BlockShapes, prefix: str = "") -> Iterator[tuple[str, NodeShapes]]:
    """Every node of an instance and of the blocks inside it, with its path, in the order of the generated code."""
    graph = project.block(shapes.block).graph
    order = (*graph.order(), *(n for n in graph.nodes if n not in set(graph.order())))
    for node in order:
        if node not in shapes.nodes:
            continue
        path, found = prefix + graph.nodes[node].name, shapes.nodes[node]
        yield path, found
        for index, inner in enumerate(found.repeats):
            place = f"{path}.{index}." if len(found.repeats) > 1 else f"{path}."
            yield from walk(project, inner, place)


def _node_json(path: str, shapes: NodeShapes) -> dict[str, Any]:
    return {
        "path": path,
        "layer": shapes.layer.key,
        "outputs": {port: _spec_json(spec) for port, spec in shapes.outputs.items()},
        "parameters": shapes.parameters,
        "flops": shapes.flops,
        "activation_bytes": shapes.activation_bytes,
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


def _print_table(project: Project, analysis: Analysis) -> None:
    from engine.analysis.machine import readable

    rows = [(path, s.layer.title, _shown(s.outputs), f"{s.parameters:,}") for path, s in walk(project, analysis.main)]
    widths = [max((len(row[i]) for row in rows), default=0) for i in range(4)]
    for path, layer, shape, count in rows:
        print(f"{path:{widths[0]}}  {layer:{widths[1]}}  {shape:{widths[2]}}  {count:>{widths[3]}}".rstrip())
    memory = readable(analysis.training_bytes)
    print(f"\n{analysis.parameters:,} parameters, {analysis.flops:,} FLOPs a sample, {memory} to train")
    for problem in analysis.problems:
        where = f"{problem.path}: " if problem.path else ""
        print(f"{problem.severity}: {where}{problem.message} {problem.hint}".rstrip())
        for repair in problem.repairs:
            print(f"  repair: {repair.title}")
    if not analysis.problems:
        print("No problems. Every shape is known.")
