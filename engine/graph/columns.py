"""Which column every layer stands in, and in which order from the top: the combinatorial half of a layered layout."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.graph.graph import Edge, Graph, NodeId

_SWEEPS = 6


@dataclass
class Columns:
    """One connected part of a graph. Vertices are numbers: below `count` a node, from there on a bend of a long wire.

    wires: node to node. rows: per column its vertices from the top. before, after: neighbours one column away; every
    wire of more than one column runs through `bends`. ends: the wires behind (source, target), with their ports.
    """

    names: list[NodeId]
    wires: list[tuple[int, int]]
    ends: dict[tuple[int, int], list[Edge]]
    column: list[int]
    rows: list[list[int]]
    before: list[list[int]]
    after: list[list[int]]
    bends: dict[tuple[int, int], list[int]]

    @property
    def count(self) -> int:
        return len(self.names)


def layered(graph: Graph, chosen: Sequence[NodeId]) -> Iterator[Columns]:
    """The connected parts among these nodes, each with its columns and their order. A circle's wires are left out."""
    here = set(chosen)
    edges = [e for e in graph.edges if e.source in here and e.target in here]
    rank = {node: i for i, node in enumerate(dict.fromkeys((*graph.order(), *graph.nodes)))}
    forward = sorted(
        (e for e in edges if rank[e.source] < rank[e.target]), key=lambda e: (rank[e.source], rank[e.target], e)
    )
    for nodes, wires in _parts(chosen, forward):
        nodes.sort(key=rank.__getitem__)
        columns = _columns(nodes, wires)
        _order(columns)
        _uncross(columns)
        yield columns


def _parts(nodes: Iterable[NodeId], edges: list[Edge]) -> list[tuple[list[NodeId], list[Edge]]]:
    """Nodes and edges of every part that no wire joins to another, in the order of their first nodes."""
    root = {node: node for node in nodes}

    def find(node: NodeId) -> NodeId:
        while root[node] != node:
            root[node] = root[root[node]]
            node = root[node]
        return node

    for edge in edges:
        root[find(edge.target)] = find(edge.source)
    parts: dict[NodeId, tuple[list[NodeId], list[Edge]]] = {}
    for node in root:
        parts.setdefault(find(node), ([], []))[0].append(node)
    for edge in edges:
        parts[find(edge.source)][1].append(edge)
    return list(parts.values())


def _columns(nodes: list[NodeId], edges: list[Edge]) -> Columns:
    number = {node: i for i, node in enumerate(nodes)}
    ends: dict[tuple[int, int], list[Edge]] = {}
    for edge in edges:
        ends.setdefault((number[edge.source], number[edge.target]), []).append(edge)
    wires = list(ends)
    column = _longest_paths(len(nodes), wires)
    before: list[list[int]] = [[] for _ in nodes]
    after: list[list[int]] = [[] for _ in nodes]
    bends: dict[tuple[int, int], list[int]] = {}
    for source, target in wires:
        last, way = source, range(column[source] + 1, column[target])
        for place in way:
            bend = len(column)
            column.append(place)
            before.append([last])
            after.append([])
            after[last].append(bend)
            last = bend
        after[last].append(target)
        before[target].append(last)
        if way:
            bends[source, target] = list(range(len(column) - len(way), len(column)))
    rows: list[list[int]] = [[] for _ in range(max(column, default=-1) + 1)]
    for vertex in (*range(len(nodes), len(column)), *range(len(nodes))):  # a wire over a row of layers, not under it
        rows[column[vertex]].append(vertex)
    return Columns(nodes, wires, ends, column, rows, before, after, bends)


def _longest_paths(count: int, wires: list[tuple[int, int]]) -> list[int]:
    """The column of every node; what only feeds one other stands right before it. Nodes are in topological order.

    A source that feeds several stands right before the first of them.
    """
    column = [0] * count
    out: list[list[int]] = [[] for _ in range(count)]
    is_free = [True] * count  # whether all that leads to a node leads to it alone, so that it can all come nearer
    for source, target in wires:
        out[source].append(target)
    for node in range(count):
        after = column[node] + 1
        for target in out[node]:
            if column[target] < after:
                column[target] = after
            if not is_free[node] or len(out[node]) > 1:
                is_free[target] = False
    for node in range(count - 1, -1, -1):
        if is_free[node] and out[node]:
            column[node] = min([column[target] for target in out[node]]) - 1
    return column


def _order(columns: Columns) -> None:
    """Few crossings: every column in turn sorted by the mean place of its neighbours, forwards and backwards."""
    place = [0.0] * len(columns.column)
    for row in columns.rows:
        _settle(row, place)
    rows = [row for row in columns.rows if len(row) > 1]
    for sweep in range(_SWEEPS):
        beside, way = (columns.before, rows) if sweep % 2 == 0 else (columns.after, rows[::-1])
        moved = False
        for row in way:
            means = [_mean(place, beside[v]) if beside[v] else place[v] for v in row]
            if sorted(means) != means:
                order = sorted(range(len(row)), key=means.__getitem__)
                row[:] = [row[i] for i in order]
                moved = True
                _settle(row, place)
        if not moved and sweep:
            return


def _uncross(columns: Columns) -> None:
    """Swap neighbours in a column as long as fewer wires cross the other way round, which means see only on average."""
    place = {v: i for row in columns.rows for i, v in enumerate(row)}
    swapped = True
    while swapped:
        swapped = False
        for row in columns.rows:
            for i in range(len(row) - 1):
                upper, lower = row[i], row[i + 1]
                if _gain(columns, place, upper, lower) > 0:
                    row[i], row[i + 1] = lower, upper
                    place[upper], place[lower] = i + 1, i
                    swapped = True


def _gain(columns: Columns, place: Mapping[int, int], upper: int, lower: int) -> int:
    """How many wires fewer cross if the second of two neighbours stands over the first."""
    gain = 0
    for beside in (columns.before, columns.after):
        others = sorted([place[v] for v in beside[lower]])
        for v in beside[upper] if others else ():
            gain += bisect_left(others, place[v]) - (len(others) - bisect_right(others, place[v]))
    return gain


def _mean(place: list[float], vertices: list[int]) -> float:
    if len(vertices) == 1:
        return place[vertices[0]]
    return sum([place[v] for v in vertices]) / len(vertices)


def _settle(row: list[int], place: list[float]) -> None:
    """Places are counted from the middle of a column, so that columns of different lengths compare."""
    half = (len(row) - 1) / 2
    for i, vertex in enumerate(row):
        place[vertex] = i - half
