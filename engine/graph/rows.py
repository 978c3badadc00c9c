"""How far down every layer stands: straight wires, no overlap, and no wire through a layer."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from engine.graph.columns import Columns
from engine.graph.graph import NodeId

GRID = 8
PORT = 20  # the first ports of a node are so far below its top
BETWEEN_NODES, NODE_TO_WIRE, BETWEEN_WIRES = 48, 24, 16
_ROUNDS = 40
_BEND_WEIGHT = 100.0  # a long wire rather pushes a node aside than bends
_LOOSE = 0.1  # a layer without wires on a side gives way to others there
_CHIP = 100.0  # about what a chip takes of the gap between two columns

Ports = Mapping[tuple[NodeId, str, bool], float]
Offsets = Mapping[tuple[int, int], tuple[float, float]]
Share = tuple[int, int, float]
"""The ends of the wire that bends somewhere, and which share of its way down it has made there."""


def place_rows(
    columns: Columns,
    lefts: list[float],
    width: Callable[[NodeId], float],
    height: Callable[[NodeId], float],
    ports: Ports,
) -> list[float]:
    """The top of every layer on the grid."""
    heights = [height(name) for name in columns.names]
    depths = [_depths(columns, row, heights) for row in columns.rows]
    offsets = _offsets(columns, ports)
    lines = [0.0] * len(columns.column)
    for row, deep in zip(columns.rows, depths, strict=True):
        for vertex, line in zip(row, deep, strict=True):
            lines[vertex] = line
    ends = [lefts[columns.column[v]] + width(name) for v, name in enumerate(columns.names)]
    for shares in ([], _shares(columns, lefts, ends)) if columns.bends else ([],):
        for forwards in (False, True):
            _pull(columns, depths, shares, offsets, forwards, lines)
    tops = [round((line - PORT) / GRID) * float(GRID) for line in lines[: columns.count]]
    return _clear(columns, tops, heights, _crossings(columns, lefts, ends, offsets))


def _shares(columns: Columns, lefts: list[float], ends: list[float]) -> list[Share]:
    """Of every bend, as the wire is drawn in the middle of the gap after that column."""
    lengths = [len(bends) for bends in columns.bends.values()]  # bends are numbered in the order of their wires
    wires = np.repeat(np.array(list(columns.bends), np.int64).reshape(-1, 2), lengths, axis=0)
    column, left = np.array(columns.column, np.int64), np.array(lefts)
    crossed = column[columns.count :]
    middle = (left[crossed] + left[crossed + 1] - _CHIP) / 2
    share = descents(middle, np.array(ends)[wires[:, 0]], left[column[wires[:, 1]]])
    return list(zip(*wires.T.tolist(), share.tolist(), strict=True))


def _depths(columns: Columns, row: list[int], heights: list[float]) -> list[float]:
    """How far the port line of each vertex of a column is at least below that of the first, on the grid."""
    found, deep, count = [0.0], 0.0, columns.count
    for upper, lower in itertools.pairwise(row):
        nodes = (upper < count) + (lower < count)
        gap = (BETWEEN_WIRES, NODE_TO_WIRE, BETWEEN_NODES)[nodes]
        below = heights[upper] - PORT if upper < count else 0.0
        deep += math.ceil((below + gap + (PORT if lower < count else 0.0)) / GRID) * GRID
        found.append(deep)
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
    depths: list[list[float]],
    shares: list[Share],
    offsets: Offsets,
    forwards: bool,
    lines: list[float],
) -> None:
    """Move columns, one after the other, as near as order and distances allow to where wires on one side are straight.

    shares: of bends; without them each bend follows the one before it.
    """
    count, beside = columns.count, columns.before if forwards else columns.after
    order = range(len(depths))
    for column in order if forwards else reversed(order):
        row, wanted = columns.rows[column], []
        for v in row:
            others = beside[v]
            if shares and v >= count:
                source, target, share = shares[v - count]
                wanted.append(lines[source] + (lines[target] - lines[source]) * share)
            elif not others:
                wanted.append(lines[v])
            elif offsets or len(others) > 1 or (shares and others[0] >= count):
                far = _far(others, shares, count, forwards)
                wanted.append(_median([lines[o] + _shift(offsets, v, o) for o in far]))
            else:
                wanted.append(lines[others[0]])
        if len(row) > 1:
            aims = [want - deep for want, deep in zip(wanted, depths[column], strict=True)]
            if sorted(aims) != aims:
                strengths = [_BEND_WEIGHT if v >= count else 1.0 if beside[v] else _LOOSE for v in row]
                wanted = _spread(aims, strengths, depths[column])
        for v, line in zip(row, wanted, strict=True):
            lines[v] = line


def _far(others: list[int], shares: list[Share], count: int, forwards: bool) -> list[int]:
    """The bends among these, or rather the far ends of their wires, or all of them if none bends."""
    bends = [v for v in others if v >= count]
    if bends and shares:
        return [shares[v - count][0] if forwards else shares[v - count][1] for v in bends]
    return bends or others


def _median(values: list[float]) -> float:
    values.sort()
    half = len(values) // 2
    return (values[half] + values[~half]) / 2


def _shift(offsets: Offsets, vertex: int, other: int) -> float:
    if not offsets:
        return 0.0
    if (other, vertex) in offsets:
        out, into = offsets[other, vertex]
        return out - into
    out, into = offsets.get((vertex, other), (0.0, 0.0))
    return into - out


def _spread(aims: list[float], strengths: list[float], depths: list[float]) -> list[float]:
    """The places nearest to the aims, by weighted squares, that keep the order: pools of adjacent violators.

    aims: without the depths, which are added again.
    """
    pools: list[tuple[float, float, int]] = []  # mean of the aims, strength, how many
    for mean, strong in zip(aims, strengths, strict=True):
        size = 1
        while pools and pools[-1][0] > mean:
            upper, upper_strong, upper_size = pools.pop()
            mean = (upper * upper_strong + mean * strong) / (upper_strong + strong)
            strong, size = upper_strong + strong, upper_size + size
        pools.append((mean, strong, size))
    means = [mean for mean, _, size in pools for _ in range(size)]
    return [mean + deep for mean, deep in zip(means, depths, strict=True)]


class Crossings(NamedTuple):
    """Wires and the layers of the columns they cross, each an array of shape (N,).

    early, late: the share of the way down that the wire has made at both sides of the layer. out, into: how far its
    ends are below the tops of the layers they belong to.
    """

    source: np.ndarray
    target: np.ndarray
    node: np.ndarray
    early: np.ndarray
    late: np.ndarray
    out: np.ndarray
    into: np.ndarray

    def below(self, tops: np.ndarray, heights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The layers that wires run through, and the tops that would bring them below those wires."""
        start, end = tops[self.source] + self.out, tops[self.target] + self.into
        first, last = start + (end - start) * self.early, start + (end - start) * self.late
        top, low, high = tops[self.node], np.minimum(first, last), np.maximum(first, last)
        hit = (top < high + GRID) & (top + heights[self.node] > low - GRID)
        return self.node[hit], np.ceil((high[hit] + 2 * GRID) / GRID) * GRID


def _clear(columns: Columns, tops: list[float], heights: list[float], crossings: Crossings) -> list[float]:
    """Move layers down, below every wire that as it is drawn, from port to port, would run through them.

    Layers under the wires that pass them form an arch, which always exists where a column has one layer. Where pushing
    does not come to an end the drawing stays as compact as it was.
    """
    count = columns.count
    now, high = np.array(tops[:count]), np.array(heights)
    nodes: dict[int, list[int]] = {}
    for _ in range(_ROUNDS):
        pushed, places = crossings.below(now, high)
        if not len(pushed):
            found: list[float] = now.tolist()
            return found
        np.maximum.at(now, pushed, places)
        for column in {columns.column[v] for v in pushed.tolist()}:
            if column not in nodes:
                nodes[column] = [v for v in columns.rows[column] if v < count]
            _keep_apart(nodes[column], now, heights)
    return tops[:count]


def _keep_apart(row: list[int], tops: np.ndarray, heights: list[float]) -> None:
    """Move layers of a column down where they are too near to the one above them."""
    row.sort(key=tops.__getitem__)
    least = -math.inf
    for vertex in row:
        if tops[vertex] < least:
            tops[vertex] = least
        least = math.ceil((tops[vertex] + heights[vertex] + BETWEEN_NODES) / GRID) * GRID


def _crossings(columns: Columns, lefts: list[float], ends: list[float], offsets: Offsets) -> Crossings:
    nodes = [[v for v in row if v < columns.count] for row in columns.rows]
    found: list[int] = []
    counts = []
    for source, target in columns.wires:
        first, last, before = columns.column[source], columns.column[target], len(found)
        if len(nodes[first]) > 1:
            end = ends[source]
            found += [v for v in nodes[first] if ends[v] > end]
        for column in range(first + 1, last):
            found += nodes[column]
        counts.append(len(found) - before)
    wires = np.repeat(np.array(columns.wires, np.int64).reshape(-1, 2), counts, axis=0)
    shifts = np.array([offsets.get(wire, (0, 0)) for wire in columns.wires], float).reshape(-1, 2) + PORT
    (source, target), (out, into), node = wires.T, np.repeat(shifts, counts, axis=0).T, np.array(found, np.int64)
    column, left, right = np.array(columns.column, np.int64), np.array(lefts), np.array(ends)
    start, end = right[source], left[column[target]]
    early, late = descents(left[column[node]], start, end), descents(right[node], start, end)
    return Crossings(source, target, node, early, late, out, into)


def descents(x: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Which share of its way down a wire from x = start to end has made at x: a cubic with clamped control points."""
    x, end = np.rint(x - start), np.rint(end - start)
    reach = np.clip(end / 2, 24.0, 120.0)
    low, high = np.zeros(x.shape), np.ones(x.shape)
    for _ in range(12):
        t = (low + high) / 2
        here = 3 * (1 - t) * (1 - t) * t * reach + 3 * (1 - t) * t * t * (end - reach) + t**3 * end
        before = here < x
        low, high = np.where(before, t, low), np.where(before, high, t)
    return np.where(x <= 0, 0.0, np.where(x >= end, 1.0, low * low * (3 - 2 * low)))
