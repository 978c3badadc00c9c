"""From an edit to the shapes of the whole network: chains of residual layers of 50 to 5,000 nodes, and deep blocks."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import engine.layers  # noqa: F401 - fills the registry
from engine.analysis.infer import clear_memo, infer
from engine.document.edits import Insert, SetParam
from engine.document.project import MAIN, Project
from engine.graph.block import Block
from engine.graph.graph import BlockId, Edge, Graph, Node, NodeId
from engine.layers.base import Layer
from engine.layers.dropout import Dropout

LAYERS = (50, 200, 1000, 5000)
WARM_MS = {50: 10.0, 200: 10.0, 1000: 10.0}
COLD_MS = {50: 50.0, 200: 100.0, 1000: 300.0}
DEEP = (10, 100, 1000)
DEEP_MS = 20.0
REPEATS = 15


def network(layers: int, alike: bool = True) -> Project:
    """Convolution, norm, activation and sum, over and over, on the digits; if not alike, of ever another width."""
    nodes: dict[NodeId, Node] = {}
    edges: set[Edge] = set()

    def add(kind: str, *sources: NodeId, **options: Any) -> NodeId:
        layer = Layer.registry[kind](**options)
        id = NodeId(f"n{len(nodes) + 1}")
        nodes[id] = Node(id, f"{kind.lower()}{len(nodes) + 1}", layer)
        for slot, source in enumerate(sources):
            edges.add(Edge(source, "out", id, layer.ports_in()[0].name, slot))
        return id

    last = add("Conv2d", add("Input"), out_channels=16)
    while len(nodes) + 7 <= layers:
        width = 16 if alike else 16 + len(nodes)
        inner = add("ReLU", add("BatchNorm2d", add("Conv2d", last, out_channels=width)))
        last = add("Add", inner, last if alike else inner)
    flat = add("Flatten", add("AdaptiveAvgPool2d", last))
    add("Output", add("Linear", flat, out_features=10))
    return Project(blocks={MAIN: Block(MAIN, "Model", (), Graph(nodes, frozenset(edges), len(nodes) + 1))})


def milliseconds(call: Callable[[int], object], repeats: int = REPEATS) -> float:
    """The median over several calls, each with its own number."""
    times = []
    for number in range(repeats):
        start = time.perf_counter()
        call(number)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def run() -> list[dict[str, Any]]:
    """Rows of the table: what, value, unit, target (None where there is none)."""
    rows = []
    for layers in LAYERS:
        project = network(layers)
        infer(project)
        named = f"{layers:,} layers"
        rows += [_row(f"{named}, {what}", value, target) for what, value, target in _measured(project, layers)]
        unlike = milliseconds(_cold(network(layers, False)), 3)
        rows.append(_row(f"{named}, cold, no two alike", unlike, COLD_MS.get(layers)))
    for times in DEEP:
        project = deep(times)
        infer(project)
        named = f"a block of 10 layers, {times:,} times in a row"
        rows.append(_row(f"{named}, cold", milliseconds(_cold(project), 5), DEEP_MS if times <= 100 else None))
        rows.append(_row(f"{named}, edit inside it", milliseconds(_inside(project)), WARM_MS[50]))
    return rows


def deep(times: int) -> Project:
    """A residual block of ten layers over and over, in the way a person draws a deep network."""
    inner = network(12).block().graph
    kept = [
        id for id, node in inner.nodes.items() if node.layer.key in ("Input", "Conv2d", "BatchNorm2d", "ReLU", "Add")
    ]
    end = NodeId("end")
    nodes = {id: inner.nodes[id] for id in kept} | {end: Node(end, "y", Layer.registry["Output"]())}
    edges = {e for e in inner.edges if e.source in nodes and e.target in nodes}
    edges.add(Edge(kept[-1], "out", end, "x"))
    block = Block(BlockId("stage"), "Stage", (), Graph(nodes, frozenset(edges), len(nodes) + 1))
    layers = {
        "x": Layer.registry["Input"](shape=(16, 8, 8)),
        "deep": Layer.registry["Block"](block="stage", repeat=times),
        "y": Layer.registry["Output"](),
    }
    port = inner.nodes[kept[0]].name
    wires = {Edge(NodeId("x"), "out", NodeId("deep"), port), Edge(NodeId("deep"), "y", NodeId("y"), "x")}
    main = Graph({NodeId(n): Node(NodeId(n), n, made) for n, made in layers.items()}, frozenset(wires), 9)
    return Project(blocks={MAIN: Block(MAIN, "Model", (), main), block.id: block})


def _inside(project: Project) -> Callable[[int], object]:
    conv = next(n for n in project.blocks[BlockId("stage")].graph.nodes.values() if n.layer.key == "Conv2d")

    def call(number: int) -> None:
        infer(SetParam(conv.id, "bias", number % 2 == 0, "stage")(project))

    return call


def _cold(project: Project) -> Callable[[int], object]:
    def call(number: int) -> None:
        clear_memo()
        infer(project)

    return call


def _measured(project: Project, layers: int) -> list[tuple[str, float, float | None]]:
    graph = project.block().graph
    ids = list(graph.nodes)
    wire = min(graph.into(ids[len(ids) // 2]))

    def near_the_end(number: int) -> None:
        infer(SetParam(ids[-2], "out_features", 11 + number)(project))

    def everything_new(number: int) -> None:
        infer(SetParam(ids[0], "shape", (1, 9 + number, 9 + number))(project))

    def wired(number: int) -> None:
        infer(Insert(wire, Dropout(p=0.01 * number))(project))

    def undone(number: int) -> None:
        infer(project)

    return [
        ("cold", milliseconds(_cold(project), 5), COLD_MS.get(layers)),
        ("edit of the head", milliseconds(near_the_end), WARM_MS.get(layers)),
        ("edit of the input's size, every shape new", milliseconds(everything_new), None),
        ("layer put on a wire", milliseconds(wired), WARM_MS.get(layers)),
        ("undo", milliseconds(undone), WARM_MS.get(layers)),
    ]


def _row(what: str, value: float, target: float | None) -> dict[str, Any]:
    return {"what": what, "value": round(value, 2), "unit": "ms", "target": target}


if __name__ == "__main__":
    for row in run():
        goal = f"   target {row['target']}" if row["target"] else ""
        print(f"{row['what']:<55} {row['value']:>9.2f} {row['unit']}{goal}")
