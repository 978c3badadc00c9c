"""What is known of one node after a walk, and the words for what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.errors import EngineError, Problem, Severity
from engine.graph.block import may_be_left_out
from engine.graph.graph import BlockId, Edge, Graph, Node, NodeId
from engine.graph.shapes import NodeShapes
from engine.layers.base import Port
from engine.tensor import TensorSpec, by_port

OUTSIDE = NodeId("")
"""The root of what is unknown because the block's own inputs are."""


@dataclass(frozen=True, slots=True)
class Record:
    """One node. root: the node whose trouble leaves this one's outputs unknown, None when they are known.

    until: what has to happen to the root, "join fits". inside: the trouble lies in the node's own block.
    """

    shapes: NodeShapes
    problems: tuple[Problem, ...] = ()
    root: NodeId | None = None
    until: str = ""
    inside: bool = False
    absent: bool = False
    """An Input that is left out here."""


def is_troubled(record: Record) -> bool:
    """Whether there is anything to be said of a node."""
    return bool(record.problems) or record.root is not None


def differs(old: Record, new: Record) -> bool:
    """Whether what follows a node has to be looked at again."""
    return old.root != new.root or old.shapes.outputs != new.shapes.outputs


def kept(old: Record | None, new: Record) -> Record:
    """The new record, or the very old one where they are equal, so that nobody takes it for news."""
    if old is None or len(old.shapes.repeats) != len(new.shapes.repeats):
        return new
    same = all(a is b for a, b in zip(old.shapes.repeats, new.shapes.repeats))  # comparing all in them takes long
    return old if same and old == new else new


@dataclass(frozen=True, slots=True)
class Gathered:
    """What arrives at a node. specs: per port as a layer wants it, None where the node has to wait.

    absent: optional ports at which nothing arrives.
    """

    specs: Mapping[str, TensorSpec | tuple[TensorSpec, ...] | None] | None
    shown: Mapping[str, TensorSpec | tuple[TensorSpec, ...] | None]
    problems: tuple[Problem, ...] = ()
    root: NodeId | None = None
    until: str = ""
    absent: frozenset[str] = frozenset()


def problem(
    block: BlockId,
    node: Node,
    message: str,
    hint: str = "",
    *,
    severity: Severity = "error",
    port: str = "",
    detail: str = "",
) -> Problem:
    """A problem of a node, its path still without the blocks around it."""
    return Problem(severity, message, hint, block, node.id, port, node.name, detail)


def gather(
    block: BlockId,
    graph: Graph,
    node: Node,
    ports: tuple[Port, ...],
    records: Mapping[NodeId, Record],
) -> Gathered:
    """The specs at every input port of a node, or why there are none."""
    wires = graph.wiring.into.get(node.id, {})
    given: dict[str, TensorSpec | tuple[TensorSpec, ...] | None] = {}
    problems: list[Problem] = []
    until = ""
    waits: NodeId | None = None
    names, absent = set(), set()
    alone = len(ports) == 1
    for port in ports:
        names.add(port.name)
        edges = wires.get(port.name, ())
        wrong = _wiring_problem(block, graph, node, port, edges, records, alone)
        if wrong is not None:
            problems.append(wrong)
            until = until or (f"{node.name} is connected" if not edges else f"{node.name} is wired right")
            given[port.name] = None
            continue
        if port.kind == "optional" and all(records[edge.source].absent for edge in edges):
            absent.add(port.name)
            given[port.name] = None
            continue
        found = [records[edge.source].shapes.outputs.get(edge.source_port) for edge in edges]
        if None in found:
            waits = records[edges[found.index(None)].source].root if waits is None else waits
        known = tuple(spec for spec in found if spec is not None)
        if port.kind == "many":
            given[port.name] = known if len(known) == len(found) else None
        else:
            given[port.name] = known[0] if known else None
    problems += [_no_such_input(block, node, name) for name in wires if name not in names]
    found_there = by_port(tuple(given.items()))
    if problems:
        return Gathered(None, found_there, tuple(problems), node.id, until or f"{node.name} is wired right")
    return Gathered(None if waits is not None else found_there, found_there, (), waits, absent=frozenset(absent))


def _no_such_input(block: BlockId, node: Node, port: str) -> Problem:
    return problem(block, node, f"{node.name} has no input {port}.", "Delete the wire.", port=port)


def _wiring_problem(
    block: BlockId,
    graph: Graph,
    node: Node,
    port: Port,
    edges: tuple[Edge, ...],
    records: Mapping[NodeId, Record],
    alone: bool,
) -> Problem | None:
    if not edges:
        if port.kind == "optional":
            return None
        where = "" if alone else f" at {port.name}"
        what = "at least one input" if port.kind == "many" else "an input"
        return problem(block, node, f"{node.name} needs {what}{where}.", "Wire something into it.", port=port.name)
    if len(edges) > 1 and port.kind != "many":
        message = f"{node.name} takes one wire at {port.name}, and gets {len(edges)}."
        return problem(block, node, message, "Delete all but one.", port=port.name)
    for edge in edges:
        if port.kind != "optional" and may_be_left_out(graph.nodes[edge.source]):
            left_out = graph.nodes[edge.source].name
            which = "" if alone else f" {port.name}"
            message = f"{node.name} cannot do without its input{which}, and {left_out} may be left out."
            hint = f"Wire {left_out} into an optional input, or let it be one that is always there."
            return problem(block, node, message, hint, port=port.name)
        source = records.get(edge.source)
        if source is None:
            name = graph.nodes[edge.source].name if edge.source in graph.nodes else edge.source
            return problem(block, node, f"{name} does not come before {node.name}.", "Delete the wire.", port=port.name)
        if edge.source_port not in source.shapes.outputs and not (source.shapes.failed or source.absent):
            message = f"{graph.nodes[edge.source].name} has no output {edge.source_port}."
            return problem(block, node, message, "Delete the wire.", port=port.name)
    return None


def from_error(block: BlockId, graph: Graph, node: Node, error: EngineError, given: Mapping[str, object]) -> Problem:
    """A layer's refusal as a problem; where several wires come in, it says from where each shape comes."""
    message = error.message
    edges = graph.into(node.id)
    if len(edges) > 1:
        message = _with_sources(message, graph, node, given)
    return problem(
        block,
        node,
        message,
        error.hint,
        port=getattr(error, "port", "") or getattr(error, "field", ""),
        detail=error.detail,
    )


def _with_sources(message: str, graph: Graph, node: Node, given: Mapping[str, object]) -> str:
    start, end_of_own = 0, message.find("the others are")
    for port, specs in given.items():
        edges = graph.feeding(node.id, port)
        for edge, spec in zip(edges, specs if isinstance(specs, tuple) else (specs,)):
            text = str(spec)
            place = _found(message, text, start)
            if place < 0 or spec is None or place > end_of_own >= 0:
                continue
            end = place + len(text)
            source = f" from {graph.nodes[edge.source].name}"
            if not message.startswith(" from ", end):
                message = message[:end] + source + message[end:]
                end += len(source)
            start = end
    return message


def _found(message: str, text: str, start: int) -> int:
    """Where the shape stands whole, not as a part of another; -1 where it does not."""
    place = message.find(text, start)
    while place >= 0:
        before, after = message[:place], message[place + len(text) :]
        if not before.endswith((" × ", "·", "(", "must be ", " or ")) and not after.startswith(" × "):
            return place
        place = message.find(text, place + 1)
    return -1


def consequences(
    block: BlockId, graph: Graph, records: Mapping[NodeId, Record], troubled: Iterable[NodeId]
) -> list[Problem]:
    """One line for each root: "pool and 5 more: shapes unknown until join fits". troubled: nodes that may have one."""
    waiting: dict[NodeId, list[NodeId]] = {}
    for node in troubled:
        record = records[node]
        if record.root is not None and record.root != OUTSIDE and (record.root != node or record.inside):
            waiting.setdefault(record.root, []).append(node)
    found = []
    for root, nodes in waiting.items():
        first = graph.nodes[nodes[0]]
        more = f" and {len(nodes) - 1} more: shapes" if len(nodes) > 1 else ": shape"
        until = records[root].until or f"{graph.nodes[root].name} fits"
        found.append(problem(block, first, f"{first.name}{more} unknown until {until}.", severity="info"))
    return found
