"""Networks of any size that differ in what is hard about them; each holds together and can be trained.

What is measured on one of them alone would only say how well that one was tuned for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import engine.layers  # noqa: F401 - fills the registry
from engine.document.project import MAIN, Layout, Point, Project
from engine.graph.block import Block
from engine.graph.graph import BlockId, Edge, Graph, Node, NodeId
from engine.layers.base import Layer

ACROSS, DOWN = 256.0, 176.0  # from layer to layer on the canvas
LINE = 40  # layers in a line of the drawing
BRANCHES = 24
STAGES = 10  # blocks, each of which stands in many places
KINDS = ("Conv2d", "BatchNorm2d", "ReLU", "Dropout", "GroupNorm", "GELU", "Sigmoid", "AvgPool2d", "LeakyReLU", "Tanh")


class Pen:
    """Adds layers and wires to a graph and remembers where they are drawn."""

    def __init__(self) -> None:
        self.nodes: dict[NodeId, Node] = {}
        self.edges: set[Edge] = set()
        self.places: dict[NodeId, Point] = {}

    def add(self, kind: str, *sources: NodeId, at: Point | None = None, **options: Any) -> NodeId:
        """A layer behind others, in the next place of the line unless told where. Returns: its id."""
        layer = Layer.registry[kind](**options)
        count = len(self.nodes)
        node = NodeId(f"n{count + 1}")
        self.nodes[node] = Node(node, f"{kind.lower()}{count + 1}", layer)
        self.places[node] = at or (ACROSS * (count % LINE), DOWN * (count // LINE))
        for slot, source in enumerate(sources):
            self.edges.add(Edge(source, "out", node, layer.ports_in()[0].name, slot))
        return node

    def instance(self, block: Block, source: NodeId, at: Point | None = None) -> NodeId:
        """An instance of a block with one input behind a layer, and an activation, so that it ends like any layer."""
        node = self.add("Block", at=at, block=block.id)
        self.edges.add(Edge(source, "out", node, block.inputs[0].name))
        end = self.add("ReLU")
        self.edges.add(Edge(node, block.outputs[0].name, end, "x"))
        return end

    def graph(self) -> Graph:
        return Graph(self.nodes, frozenset(self.edges), len(self.nodes) + 1)

    def finished(self, last: NodeId, count: int, blocks: tuple[Block, ...] = ()) -> Project:
        """Exactly so many layers, ten classes of digits at the end."""
        while len(self.nodes) + 5 < count:
            last = self.add("ReLU", last)
        hidden = self.add("Linear", self.add("Flatten", self.add("AdaptiveAvgPool2d", last)), out_features=32)
        self.add("Output", self.add("Linear", hidden, out_features=10))
        main = Block(MAIN, "Model", (), self.graph())
        return Project({MAIN: main, **{block.id: block for block in blocks}}, MAIN, {MAIN: Layout(self.places)})


def skips(count: int) -> Project:
    """A chain of convolution, norm, activation and sum, with a short cut around each, in lines that read like text."""
    pen = Pen()
    last = pen.add("Conv2d", pen.add("Input"), out_channels=16)
    while len(pen.nodes) + 8 <= count:
        inner = pen.add("ReLU", pen.add("BatchNorm2d", pen.add("Conv2d", last, out_channels=16)))
        last = pen.add("Add", inner, last)
    return pen.finished(last, count)


def wide(count: int) -> Project:
    """Twenty-four branches side by side, joined and split again after every three layers."""
    pen, x = Pen(), 0.0
    last = pen.add("Conv2d", pen.add("Input", at=(-2 * ACROSS, 0.0)), at=(-ACROSS, 0.0), out_channels=16)
    while len(pen.nodes) + 3 * BRANCHES + 6 <= count:
        ends = []
        for branch in range(BRANCHES):
            y = DOWN * branch
            conv = pen.add("Conv2d", last, at=(x, y), out_channels=16, kernel_size=1 + 2 * (branch % 3))
            ends.append(pen.add("ReLU", pen.add("BatchNorm2d", conv, at=(x + ACROSS, y)), at=(x + 2 * ACROSS, y)))
        last = pen.add("Add", *ends, at=(x + 3 * ACROSS, 0.0))
        x += 4 * ACROSS
    return pen.finished(last, count)


def blocks(count: int) -> Project:
    """Instances of ten blocks, five of which stand in the five others, between plain layers."""
    held, pen = _stages(), Pen()
    last = pen.add("Conv2d", pen.add("Input"), out_channels=16)
    while len(pen.nodes) + 6 <= count:
        last = pen.instance(held[(len(pen.nodes) // 2) % STAGES], last)
    return pen.finished(last, count, held)


def _stages() -> tuple[Block, ...]:
    """Blocks of about eleven layers; the second half hold one of the first half."""
    found: list[Block] = []
    for stage in range(STAGES):
        pen = Pen()
        last = pen.add("Input", shape=(16, 8, 8))
        for turn in range(3):
            last = pen.add("ReLU", pen.add("BatchNorm2d", pen.add("Conv2d", last, out_channels=16)))
            if stage >= STAGES // 2 and turn == 1:
                last = pen.instance(found[stage - STAGES // 2], last)
        pen.add("Output", last)
        found.append(Block(BlockId(f"stage{stage}"), f"Stage{stage}", (), pen.graph()))
    return tuple(found)


def unlike(count: int) -> Project:
    """A chain in which no two layers are alike: ten kinds in turn, every one of another width or setting."""
    pen = Pen()
    last = pen.add("Input")
    while len(pen.nodes) + 5 <= count:
        turn = len(pen.nodes)
        kind = KINDS[turn % len(KINDS)]
        last = pen.add(kind, last, **_options(kind, turn))
    return pen.finished(last, count)


def _options(kind: str, turn: int) -> dict[str, Any]:
    options: dict[str, dict[str, Any]] = {
        "Conv2d": {"out_channels": 8 + turn},
        "GroupNorm": {"num_groups": 1, "eps": 1e-5 * (1 + turn)},
        "BatchNorm2d": {"momentum": 0.1 / (1 + turn)},
        "Dropout": {"p": 0.5 / (1 + turn)},
        "AvgPool2d": {"kernel_size": 1, "stride": 1},
        "LeakyReLU": {"negative_slope": 0.01 * (1 + turn)},
    }
    return options.get(kind, {})


NETWORKS: dict[str, Callable[[int], Project]] = {"skips": skips, "wide": wide, "blocks": blocks, "unlike": unlike}
