"""What the canvas costs: opening, painting whole, panning and dragging, at 100, 1,000 and 5,000 nodes.

Run by itself: `python -m bench.canvas`. Works without a screen. Times are medians of processor time of the GUI thread.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("NETSMITH_REDUCED_MOTION", "1")

from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from engine.document.project import MAIN, Layout, Project
from engine.graph.block import Block
from engine.graph.graph import Edge, Graph, Node, NodeId
from engine.layers import Layer
from gui.canvas.view import CanvasView
from gui.session import Session

SIZES = (100, 1_000, 5_000)
TARGETS = {("open", 1_000): 150.0, ("repaint whole", 1_000): 4.0}
SCREEN = (1280, 800)
REPEATS = 15
ROW = 40  # layers in a line of the drawing


def network(count: int) -> Project:
    """A chain with skips, drawn in lines that read like text."""
    kinds = ("Conv2d", "BatchNorm2d", "ReLU", "Dropout")
    nodes: dict[NodeId, Node] = {}
    edges: set[Edge] = set()
    places: dict[NodeId, tuple[float, float]] = {}
    for i in range(count):
        kind = "Add" if i % 5 == 4 else kinds[i % 4]
        node = NodeId(f"n{i + 1}")
        nodes[node] = Node(node, f"{kind.lower()}{i}", Layer.registry[kind]())
        places[node] = (256.0 * (i % ROW), 176.0 * (i // ROW))
        port = nodes[node].layer.ports_in()[0].name
        if i:
            edges.add(Edge(NodeId(f"n{i}"), "out", node, port))
        if kind == "Add":
            edges.add(Edge(NodeId(f"n{i - 2}"), "out", node, port, 1))
    graph = Graph(nodes, frozenset(edges), count + 1)
    return Project({MAIN: Block(MAIN, "Model", (), graph)}, MAIN, {MAIN: Layout(places)})


def median_ms(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """Median time of a call, in ms, after one that warms up."""
    work()
    times = []
    for _ in range(repeats):
        start = time.thread_time()
        work()
        times.append((time.thread_time() - start) * 1000)
    return statistics.median(times)


def paint(canvas: CanvasView) -> None:
    """Paint the whole viewport, as the screen would ask for it."""
    viewport = canvas.surface.viewport()
    image = QImage(viewport.size(), QImage.Format.Format_RGB32)
    viewport.render(image)


def measure(count: int) -> list[dict[str, Any]]:
    """Every figure at one size."""
    project, other = network(count), network(3)
    session = Session()
    session.work._soon.stop()  # shapes are another benchmark's business
    session.document.changed.disconnect(session.work._tell)
    session.document.changed.connect(lambda change: session.changed.emit(change))
    canvas = CanvasView(session)
    canvas.resize(*SCREEN)
    canvas.show()
    figures: dict[str, float] = {}

    def opened() -> None:
        session.document.replace(project)
        paint(canvas)

    opening = []
    for _ in range(5):
        session.document.replace(other)
        start = time.thread_time()
        opened()
        opening.append((time.thread_time() - start) * 1000)
    figures["open"] = statistics.median(opening)
    canvas.surface.fit(canvas.drawing.bounds())
    figures["repaint whole"] = median_ms(lambda: paint(canvas))
    centre = canvas.drawing.rect(NodeId(f"n{count // 2}")).center()
    canvas.surface.look_at(centre, 0.5)
    figures["repaint at half size"] = median_ms(lambda: paint(canvas))
    canvas.surface.look_at(centre, 1.0)
    figures["repaint at life size"] = median_ms(lambda: paint(canvas))

    def panned() -> None:
        canvas.surface.pan(QPointF(16, 0))
        QApplication.processEvents()

    figures["pan by 16 px"] = median_ms(panned)
    node = NodeId(f"n{count // 2}")

    def dragged() -> None:
        x, y = canvas.drawing.at[node]
        canvas.redraw_nodes([node])
        canvas.drawing.shift({node: (x + 8, y)})
        canvas.redraw_nodes([node])
        QApplication.processEvents()

    figures["drag by 8 px"] = median_ms(dragged)
    session.close()
    canvas.close()
    return [
        {"what": f"canvas: {what}, {count:,} nodes", "value": value, "unit": "ms", "target": TARGETS.get((what, count))}
        for what, value in figures.items()
    ]


def run() -> list[dict[str, Any]]:
    """Rows of what, value, unit and target."""
    app = QApplication.instance() or QApplication([])
    rows = [row for count in SIZES for row in measure(count)]
    del app
    return rows


if __name__ == "__main__":
    for row in run():
        target = f"   target {row['target']:g}" if row["target"] else ""
        print(f"{row['what']:45} {row['value']:8.2f} {row['unit']}{target}")
