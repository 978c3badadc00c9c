"""How far down every layer stands: straight wires, no overlap, and no wire through a layer."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from functools import lru_cache

from engine.graph.columns import Columns
from engine.graph.graph import NodeId

GRID = 8
PORT = 20  # the first ports of a node are so far below its top
BETWEEN_NODES, NODE_TO_WIRE, BETWEEN_WIRES = 48, 24, 16
_SWEEPS, _STRAIGHT_SWEEPS = 6, 2
_ROUNDS = 40
_BEND_WEIGHT = 100.0  # a long wire rather pushes a node aside than bends

Ports = Mapping[tuple[NodeId, str, bool], float]


def place_rows(
    columns: Columns,
    lefts: list[float],
    width: Callable[[NodeId], float],
    height: Callable[[NodeId], float],
    ports: Ports,
) -> list[float]:
    """The top of every vertex on the grid."""
    heights = [height(name) for name in columns.names]
    gaps = [_gaps(columns, row, heights) for row in columns.rows]
    offsets = _offsets(columns, ports)
    lines = [0.0] * len(columns.column)
    for row, below in zip(columns.rows, gaps, strict=True):
        for i in range(1, len(row)):
            lines[row[i]] = lines[row[i - 1]] + below[i - 1]
    ends = [lefts[columns.column[v]] + width(name) for v, name in enumerate(columns.names)]
    shares = _shares(columns, lefts, ends)
    for sweep in range(_SWEEPS):
        forwards = sweep % 2 == 1
        beside = columns.before if forwards else columns.after
        drawn = shares if sweep >= _STRAIGHT_SWEEPS else {}
        for column in range(len(columns.rows)) if forwards else range(len(columns.rows) - 1, -1, -1):
            _pull(columns, columns.rows[column], gaps[column], beside, drawn, offsets, lines)
    tops = [round((line - PORT) / GRID) * GRID for line in lines]
    _clear(columns, tops, heights, lefts, ends, offsets)
    return [float(top) for top in tops]


def _shares(columns: Columns, lefts: list[float], ends: list[float]) -> dict[int, tuple[int, int, float]]:
    """Per bend the ends of its wire, and which share of the way down the wire has made where it crosses the column."""
    found = {}
    for (source, target), bends in columns.bends.items():
        start, end = ends[source], lefts[columns.column[target]]
        for bend in bends:
            middle = (lefts[columns.column[bend]] + lefts[columns.column[bend] + 1] - 100) / 2
            found[bend] = (source, target, descent(middle, start, end))
    return found


def _gaps(columns: Columns, row: list[int], heights: list[float]) -> list[float]:
    """The least distance between the port lines of neighbours in a column, on the grid."""
    found: list[float] = []
    for upper, lower in itertools.pairwise(row):
        nodes = (upper < columns.count) + (lower < columns.count)
        gap = (BETWEEN_WIRES, NODE_TO_WIRE, BETWEEN_NODES)[nodes]
        below = heights[upper] - PORT if upper < columns.count else 0.0
        found.append(math.ceil((below + gap + (PORT if lower < columns.count else 0.0)) / GRID) * GRID)
    return found


def _offsets(columns: Columns, ports: Ports) -> dict[tuple[int, int], tuple[float, float]]:
    """Per wire how far its two ends lie below the first ports of their nodes, where that is not 0."""
    found = {}
    for wire, edges in columns.ends.items() if ports else ():
        edge = edges[0]
        out = ports.get((edge.source, edge.source_port, False), PORT) - PORT
        into = ports.get((edge.target, edge.target_port, True), PORT) - PORT
        if out or into:
            found[wire] = (out, into)
    return found


def _pull(
    columns: Columns,
    row: list[int],
    gaps: list[float],
    beside: list[list[int]],
    drawn: Mapping[int, tuple[int, int, float]],
    offsets: Mapping[tuple[int, int], tuple[float, float]],
    lines: list[float],
) -> None:
    """Move a column as near as order and distances allow to where its neighbours' wires would be straight."""
    count = columns.count
    wanted, weights = [], []
    for vertex in row:
        others = beside[vertex]
        if vertex >= count:
            weights.append(_BEND_WEIGHT)
            if drawn:
                source, target, share = drawn[vertex]
                wanted.append(lines[source] + (lines[target] - lines[source]) * share)
            else:
                wanted.append(lines[others[0]])
            continue
        weights.append(1.0 if others else 0.1)
        if len(others) == 1 and others[0] not in drawn and not offsets:
            wanted.append(lines[others[0]])
            continue
        bends = [v for v in others if v >= count]
        far = [drawn[v][:2][beside is columns.after] if v in drawn else v for v in bends or others]
        targets = sorted(lines[v] + _shift(offsets, vertex, v) for v in far)
        middle = len(targets) // 2
        if not targets:
            wanted.append(lines[vertex])
        elif len(targets) % 2:
            wanted.append(targets[middle])
        else:
            wanted.append((targets[middle - 1] + targets[middle]) / 2)
    for vertex, line in zip(row, _spread(wanted, weights, gaps) if gaps else wanted, strict=True):
        lines[vertex] = line


def _shift(offsets: Mapping[tuple[int, int], tuple[float, float]], vertex: int, other: int) -> float:
    if not offsets:
        return 0.0
    if (other, vertex) in offsets:
        out, into = offsets[other, vertex]
        return out - into
    out, into = offsets.get((vertex, other), (0.0, 0.0))
    return into - out


def _spread(wanted: list[float], weights: list[float], gaps: list[float]) -> list[float]:
    """The places nearest to those wanted, by weighted squares, that keep the gaps: pools of adjacent violators."""
    total = 0.0
    pools: list[tuple[float, float, int]] = []  # mean of wanted minus gaps above, weight, how many
    for i, (want, weight) in enumerate(zip(wanted, weights, strict=True)):
        if i:
            total += gaps[i - 1]
        mean, heavy, size = want - total, weight, 1
        while pools and pools[-1][0] > mean:
            upper, upper_weight, upper_size = pools.pop()
            mean = (upper * upper_weight + mean * heavy) / (upper_weight + heavy)
            heavy, size = upper_weight + heavy, upper_size + size
        pools.append((mean, heavy, size))
    found, total, i = [], 0.0, 0
    for mean, _, size in pools:
        for _ in range(size):
            if i:
                total += gaps[i - 1]
            found.append(mean + total)
            i += 1
    return found


def _clear(
    columns: Columns,
    tops: list[int],
    heights: list[float],
    lefts: list[float],
    ends: list[float],
    offsets: Mapping[tuple[int, int], tuple[float, float]],
) -> None:
    """Move layers down, below every wire that as it is drawn, from port to port, would run through them.

    Layers under the wires that pass them form an arch, which always exists where a column has one layer. Where pushing
    does not come to an end the drawing stays as compact as it was.
    """
    before = list(tops)
    crossings = _crossings(columns, lefts, ends, offsets)
    nodes = [[v for v in row if v < columns.count] for row in columns.rows]
    for _ in range(_ROUNDS):
        dirty: set[int] = set()
        for source, target, node, early, late, out, into in crossings:
            start, end = tops[source] + PORT + out, tops[target] + PORT + into
            first, last = start + (end - start) * early, start + (end - start) * late
            low, high = (first, last) if first < last else (last, first)
            if tops[node] < high + GRID and tops[node] + heights[node] > low - GRID:
                tops[node] = math.ceil((high + 2 * GRID) / GRID) * GRID
                dirty.add(columns.column[node])
        if not dirty:
            return
        for column in dirty:
            row = nodes[column]
            row.sort(key=tops.__getitem__)
            for upper, lower in itertools.pairwise(row):
                least = math.ceil((tops[upper] + heights[upper] + BETWEEN_NODES) / GRID) * GRID
                tops[lower] = max(tops[lower], least)
    tops[:] = before


def _crossings(
    columns: Columns,
    lefts: list[float],
    ends: list[float],
    offsets: Mapping[tuple[int, int], tuple[float, float]],
) -> list[tuple[int, int, int, float, float, float, float]]:
    """Wires and the nodes of the columns they cross, with the share of the way down at both sides of the node."""
    found = []
    nodes = [[v for v in row if v < columns.count] for row in columns.rows]
    for source, target in columns.wires:
        first, last = columns.column[source], columns.column[target]
        beside = [v for v in nodes[first] if ends[v] > ends[source]]
        if last - first == 1 and not beside:
            continue
        out, into = offsets.get((source, target), (0.0, 0.0))
        start, end = ends[source], lefts[last]
        for column in range(first, last):
            early = descent(lefts[column], start, end)
            for node in nodes[column] if column > first else beside:
                found.append((source, target, node, early, descent(ends[node], start, end), out, into))
    return found


def descent(x: float, start: float, end: float) -> float:
    """Which share of its way down a wire from x = start to end has made at x: a cubic with clamped control points."""
    return 0.0 if x <= start else 1.0 if x >= end else _descent(round(x - start), round(end - start))


@lru_cache(maxsize=65536)
def _descent(x: int, end: int) -> float:
    reach = min(max(end / 2, 24.0), 120.0)
    low, high = 0.0, 1.0
    for _ in range(12):
        t = (low + high) / 2
        here = 3 * (1 - t) * (1 - t) * t * reach + 3 * (1 - t) * t * t * (end - reach) + t**3 * end
        low, high = (t, high) if here < x else (low, t)
    return low * low * (3 - 2 * low)
