"""Layered layout: columns by longest path, rows by barycentre, wires straight where they can be and around layers.

Long wires are broken into dummy vertices, one in every column they cross, so that they are given room of their own and
never run through a layer. (Without them a count of crossings looks better than the picture.)
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from engine.graph.columns import Columns, layered
from engine.graph.graph import Graph, NodeId
from engine.graph.rows import place_rows

Point = tuple[float, float]
Sizes = Mapping[NodeId, tuple[float, float]]

GRID = 8
COLUMN_GAP, CHIP_GAP, ROW_GAP, PART_GAP = 104, 24, 48, 96
_USUAL = (152.0, 64.0)


@dataclass(frozen=True)
class Metrics:
    """Sizes of what is drawn: every node, the widest shape on its wires, and how far down a port is (20 unless told).

    ports: (node, port, True for an input) -> y below the top of the node.
    """

    sizes: Sizes = field(default_factory=dict)
    chips: Mapping[NodeId, float] = field(default_factory=dict)
    ports: Mapping[tuple[NodeId, str, bool], float] = field(default_factory=dict)

    def width(self, node: NodeId) -> float:
        return self.sizes.get(node, _USUAL)[0]

    def height(self, node: NodeId) -> float:
        return self.sizes.get(node, _USUAL)[1]


def arrange(
    graph: Graph,
    sizes: Sizes,
    chip_widths: Mapping[NodeId, float] | None = None,
    only: Collection[NodeId] | None = None,
    *,
    positions: Mapping[NodeId, Point] | None = None,
    ports: Mapping[tuple[NodeId, str, bool], float] | None = None,
    fold: float | None = None,
) -> dict[NodeId, Point]:
    """Where every node goes, top left corners on a grid of 8.

    only: arrange these among themselves and leave the rest alone; with `positions` they stay where they were as a
    whole. fold: break columns into lines of about this width, as text is. Parts without a wire between them lie below
    one another.
    """
    chosen = [node for node in graph.nodes if only is None or node in only]
    metrics = Metrics(sizes, chip_widths or {}, ports or {})
    found: dict[NodeId, Point] = {}
    top = 0.0
    for columns in layered(graph, chosen):
        part = _folded(columns, _drawn(columns, metrics), metrics, fold)
        up = min(y for _, y in part.values())
        found |= {node: (x, y - up + top) for node, (x, y) in part.items()}
        top = max(found[node][1] + metrics.height(node) for node in part)
        top = _up(top + PART_GAP)
    return _in_place(found, positions) if positions else found


def _up(value: float) -> float:
    return math.ceil(value / GRID) * GRID


def _drawn(columns: Columns, metrics: Metrics) -> dict[NodeId, Point]:
    """One part, with every column as wide as its widest node and the gap after it as its widest shape needs."""
    lefts, x = [], 0.0
    for column in columns.rows:
        lefts.append(x)
        nodes = [columns.names[v] for v in column if v < columns.count]
        wide = max((metrics.width(node) for node in nodes), default=0.0)
        chip = max((metrics.chips.get(node, 0.0) for node in nodes), default=0.0)
        x = _up(x + wide + max(COLUMN_GAP, chip + CHIP_GAP))
    tops = place_rows(columns, lefts, metrics.width, metrics.height, metrics.ports)
    return {columns.names[v]: (lefts[columns.column[v]], tops[v]) for v in range(columns.count)}


def _folded(columns: Columns, part: dict[NodeId, Point], metrics: Metrics, fold: float | None) -> dict[NodeId, Point]:
    """The part broken before columns, so that no line is much wider than `fold`."""
    if fold is None or len(columns.rows) < 2:
        return part
    lines = _lines(columns, part, metrics, fold)
    found: dict[NodeId, Point] = {}
    top = 0.0
    for first, last in zip(lines, [*lines[1:], len(columns.rows)], strict=True):
        nodes = [columns.names[v] for row in columns.rows[first:last] for v in row if v < columns.count]
        left, up = min(part[n][0] for n in nodes), min(part[n][1] for n in nodes)
        found |= {n: (part[n][0] - left, part[n][1] - up + top) for n in nodes}
        top = _up(max(found[n][1] + metrics.height(n) for n in nodes) + PART_GAP)
    return found


def _lines(columns: Columns, part: dict[NodeId, Point], metrics: Metrics, fold: float) -> list[int]:
    """The columns that begin a line, with lines of about one length."""
    spans = []
    for row in columns.rows:
        nodes = [columns.names[v] for v in row if v < columns.count]
        spans.append((min(part[n][0] for n in nodes), max(part[n][0] + metrics.width(n) for n in nodes)))
    broken = [0] * len(spans)
    for source, target in columns.wires:
        for column in range(columns.column[source] + 1, columns.column[target] + 1):
            broken[column] += 1
    widest = _broken(spans, broken, fold)
    for share in (0.6, 0.7, 0.8, 0.9):
        even = _broken(spans, broken, fold * share)
        if len(even) <= len(widest):
            return even
    return widest


def _broken(spans: list[tuple[float, float]], broken: list[int], width: float) -> list[int]:
    """Where lines begin: where the fewest wires are broken in the last third that still fits into the width."""
    starts = [0]
    while True:
        begin = starts[-1]
        fitting = [c for c in range(begin + 1, len(spans)) if spans[c][1] - spans[begin][0] <= width]
        end = (fitting[-1] if fitting else begin) + 1
        if end >= len(spans):
            return starts
        late = range(max(begin + 1, end - max(1, (end - begin) // 3)), end + 1)
        starts.append(min(late, key=lambda c: (broken[c], -c)))


def _in_place(found: dict[NodeId, Point], positions: Mapping[NodeId, Point]) -> dict[NodeId, Point]:
    """The same drawing with its top left corner where that of these nodes was."""
    old = [positions[node] for node in found if node in positions]
    if not old or not found:
        return found
    dx = round((min(x for x, _ in old) - min(x for x, _ in found.values())) / GRID) * GRID
    dy = round((min(y for _, y in old) - min(y for _, y in found.values())) / GRID) * GRID
    return {node: (x + dx, y + dy) for node, (x, y) in found.items()}
