"""Automatic layout: CPU time for networks of 1,000 and 5,000 layers, alone and with the courses of all wires."""

from __future__ import annotations

import os
import random
import time
from itertools import pairwise
from statistics import median
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtGui import QGuiApplication

import engine.layers  # noqa: F401 - fills the registry
from engine.document.project import MAIN, Layout, Project
from engine.graph.arrange import arrange
from engine.graph.block import Block
from engine.graph.graph import Edge, Graph, Node, NodeId
from engine.layers.base import Layer
from gui.canvas.drawing import Drawing

TARGETS_MS = {1_000: 60.0, 5_000: 400.0}


def network(wires: list[tuple[int, int]]) -> Graph:
    """A graph with these wires between numbered layers."""
    layer = Layer.registry["Add"]()
    ids = [NodeId(f"n{i}") for i in range(max(target for _, target in wires) + 1)]
    edges = frozenset(Edge(ids[a], "out", ids[b], "inputs", i) for i, (a, b) in enumerate(wires))
    return Graph({node: Node(node, node, layer) for node in ids}, edges)


def residual(count: int) -> Graph:
    """Blocks of four layers with a short cut around each."""
    wires = [*pairwise(range(count)), *((i, i + 4) for i in range(0, count - 4, 4))]
    return network(wires)


def branching(count: int) -> Graph:
    """Every layer behind one of the three before it, and some wires that reach further."""
    choose = random.Random(1)
    wires = {(max(0, i - choose.randrange(1, 4)), i) for i in range(1, count)}
    wires |= {(i, min(count - 1, i + choose.randrange(2, 12))) for i in range(0, count - 2, 4)}
    return network(sorted(wires))


def measure(graph: Graph, times: int = 5) -> float:
    """Median CPU milliseconds of a layout; what the graph itself remembers is made before."""
    sizes = {node: (152.0, 64.0 + 24 * (i % 3)) for i, node in enumerate(graph.nodes)}
    graph.order()
    taken = []
    for _ in range(times):
        start = time.process_time()
        arrange(graph, sizes)
        taken.append((time.process_time() - start) * 1000)
    return median(taken)


def courses(graph: Graph, times: int = 5) -> float:
    """Median CPU milliseconds in which every wire of the arranged network finds its course round the layers."""
    at = arrange(graph, dict.fromkeys(graph.nodes, (152.0, 64.0)))
    drawing = Drawing(Project({MAIN: Block(MAIN, "Model", (), graph)}, MAIN, {MAIN: Layout(at)}), MAIN)
    taken = []
    for _ in range(times):
        start = time.process_time()
        drawing.lay_all()
        taken.append((time.process_time() - start) * 1000)
    return median(taken)


def run() -> list[dict[str, Any]]:
    """Rows for every kind and size of network."""
    app = QGuiApplication.instance() or QGuiApplication([])
    rows = []
    for make in (residual, branching):
        for count, target in TARGETS_MS.items():
            what = f"arrange {count:,} layers, {make.__name__}"
            alone, more = measure(make(count)), courses(make(count))
            rows.append({"what": what, "value": round(alone, 1), "unit": "ms", "target": target})
            rows.append(
                {"what": f"{what}, and its wires", "value": round(alone + more, 1), "unit": "ms", "target": target}
            )
    del app
    return rows


if __name__ == "__main__":
    for row in run():
        print(f"{row['what']:<40} {row['value']:8.1f} {row['unit']}   target {row['target']:g}")
