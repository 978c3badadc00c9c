"""The inside of a block from top to bottom, as papers draw it: named boxes, and lines beside them for short cuts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from engine.graph.block import Block
from engine.graph.graph import BlockId, Graph, Node, NodeId
from engine.layers.base import Layer
from engine.layers.block import held
from engine.layers.chosen import Chosen
from engine.layers.io import Input, Output
from gui.diagrams.base import STROKE, Diagram, arrow, line_colour, named_box, solid
from gui.theme import metrics

HIGH, GAP, ASIDE = 24.0, 16.0, 12.0
WIDE, NARROWEST = 132.0, 40.0


@dataclass(frozen=True)
class Inside(Diagram):
    """names: how the boxes are called. stand_ins: what a layer is by default that a parameter chooses."""

    graph: Graph = field(default_factory=Graph)
    names: Mapping[NodeId, str] = field(default_factory=dict)
    stand_ins: Mapping[NodeId, Layer] = field(default_factory=dict)

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        boxes = _boxes(self.graph, rect)
        lanes: list[tuple[float, float]] = []
        for edge in sorted(self.graph.edges, key=lambda e: boxes[e.target].top() - boxes[e.source].top()):
            a, b = boxes[edge.source], boxes[edge.target]
            if b.top() - a.bottom() <= GAP + 1:
                arrow(painter, QPointF(a.center().x(), a.bottom()), QPointF(b.center().x(), b.top()))
            else:
                _around(painter, a, b, boxes, lanes)
        for node, where in boxes.items():
            layer = self.stand_ins.get(node, self.graph.nodes[node].layer)
            named_box(painter, where, self.names.get(node, layer.title), solid(layer.category))


def inside(block: Block, blocks: Mapping[BlockId, Block]) -> Inside:
    """The picture of a block. blocks: those that it may hold instances of."""
    graph = block.graph
    names = {node.id: _called(node, block, blocks) for node in graph.nodes.values()}
    rows = len(_rows(graph))
    words = f"the inside of {block.name}: {', '.join(names.values())}"
    return Inside("block", words, rows * (HIGH + GAP) - GAP, graph, names, stand_ins(block))


def stand_ins(block: Block) -> dict[NodeId, Layer]:
    """What the layers that a parameter chooses are by default."""
    defaults = {param.name: param.default for param in block.params if param.kind == "layer"}
    chosen = {n.id: n.layer.param for n in block.graph.nodes.values() if isinstance(n.layer, Chosen)}
    return {node: defaults[name] for node, name in chosen.items() if name in defaults}


def _called(node: Node, block: Block, blocks: Mapping[BlockId, Block]) -> str:
    """What a box is called: after the port, the block, the parameter that chooses it, or the kind of layer."""
    layer = node.layer
    if isinstance(layer, (Input, Output)):
        return node.name
    if isinstance(layer, Chosen):
        return str(layer.param)
    instances = held(layer)
    inner = blocks.get(BlockId(instances[0].block)) if len(instances) == 1 else None
    return inner.name if inner else layer.title


def _rows(graph: Graph) -> list[list[NodeId]]:
    """The nodes by their distance from the inputs, each row in the order of what comes before."""
    depth: dict[NodeId, int] = {}
    for node in graph.order():
        depth[node] = max((depth[e.source] + 1 for e in graph.into(node)), default=0)
    for node in reversed(list(depth)):  # what has no inputs stands right above what it feeds
        after = [depth[e.target] for e in graph.out_of(node)]
        if after and not graph.into(node):
            depth[node] = min(after) - 1
    rows: list[list[NodeId]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for node, row in depth.items():
        rows[row].append(node)
    rank: dict[NodeId, float] = {}
    for nodes in rows:
        nodes.sort(key=lambda n: _middle([rank[e.source] for e in graph.into(n) if e.source in rank]))
        rank.update({n: (i + 0.5) / len(nodes) for i, n in enumerate(nodes)})
    return rows


def _middle(ranks: list[float]) -> float:
    return sum(ranks) / len(ranks) if ranks else 0.5


def _boxes(graph: Graph, rect: QRectF) -> dict[NodeId, QRectF]:
    found: dict[NodeId, QRectF] = {}
    for index, row in enumerate(_rows(graph)):
        room = (rect.width() - 4 * ASIDE - metrics().space.s * (len(row) - 1)) / max(1, len(row))
        wide = max(NARROWEST, min(WIDE, room))
        left = rect.center().x() - (wide * len(row) + metrics().space.s * (len(row) - 1)) / 2
        for place, node in enumerate(row):
            x = left + place * (wide + metrics().space.s)
            found[node] = QRectF(x, rect.top() + index * (HIGH + GAP), wide, HIGH)
    return found


def _around(
    painter: QPainter, a: QRectF, b: QRectF, boxes: Mapping[NodeId, QRectF], lanes: list[tuple[float, float]]
) -> None:
    """A line beside everything between two boxes, at a distance of its own from the other lines there."""
    between = [box for box in boxes.values() if a.bottom() < box.center().y() < b.top()]
    edge = max(box.right() for box in (a, b, *between))
    lane = 1 + sum(top < b.bottom() and a.top() < bottom for top, bottom in lanes)
    lanes.append((a.top(), b.bottom()))
    x = edge + ASIDE * min(lane, 3)
    start, end = QPointF(a.right(), a.center().y()), QPointF(b.right(), b.center().y())
    path = QPainterPath(start)
    turn = min(ASIDE, (end.y() - start.y()) / 2)
    path.lineTo(x - turn, start.y())
    path.quadTo(QPointF(x, start.y()), QPointF(x, start.y() + turn))
    path.lineTo(x, end.y() - turn)
    path.quadTo(QPointF(x, end.y()), QPointF(x - turn, end.y()))
    painter.setPen(QPen(line_colour(), STROKE))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)
    arrow(painter, QPointF(x - turn, end.y()), end)
