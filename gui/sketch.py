"""A network at a glance: its layers as blocks of their kinds' colours, in columns, with arcs for what jumps ahead."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from engine.document.project import Project
from engine.document.ungrouping import Ungroup
from engine.graph.graph import Graph, NodeId
from engine.layers.block import BlockLayer
from gui.theme import metrics, theme

SHORT = {"io", "shape", "activation", "merge", "normalisation", "regularisation"}
GAP, ROW_GAP = 12.0, 8.0
WIDE = 22.0
TALL, LOW = 26.0, 16.0
ARC = 34.0
FEW = 7


def paint_sketch(painter: QPainter, rect: QRectF, graph: Graph, categories: Mapping[NodeId, str] | None = None) -> None:
    """The whole graph within `rect`, smaller where it needs to be. categories: kinds of nodes that are told apart."""
    boxes = place(graph)
    if not boxes:
        return
    bounds = QRectF()
    for box in boxes.values():
        bounds = bounds.united(box)
    if any(_jumps(graph, boxes)):
        bounds.adjust(0, -ARC / 2, 0, 0)
    scale = min(1.0, rect.width() / bounds.width(), rect.height() / bounds.height())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.center())
    painter.scale(scale, scale)
    painter.translate(-bounds.center())
    _paint_wires(painter, graph, boxes)
    painter.setPen(Qt.PenStyle.NoPen)
    for node, box in boxes.items():
        kind = (categories or {}).get(node, graph.nodes[node].layer.category)
        painter.setBrush(theme().category(kind).solid)
        painter.drawRoundedRect(box, metrics().radius.field - 1, metrics().radius.field - 1)
    painter.restore()


def unfolded(project: Project) -> Graph:
    """The main block's graph; where it holds little more than blocks, with what is inside them in their place."""
    graph = project.block().graph
    if len(graph.nodes) < FEW:
        for node in graph.nodes.values():
            if isinstance(node.layer, BlockLayer):
                project = Ungroup(node.id)(project)
        graph = project.block().graph
    return graph


def place(graph: Graph) -> dict[NodeId, QRectF]:
    """A box for every node: a column for each step from the inputs, nodes of one column under one another."""
    depth: dict[NodeId, int] = {}
    for node in graph.order():
        depth[node] = max((depth[e.source] + 1 for e in graph.into(node)), default=0)
    columns: dict[int, list[NodeId]] = {}
    for node, column in depth.items():
        columns.setdefault(column, []).append(node)
    boxes, x = {}, 0.0
    for column in sorted(columns):
        nodes = columns[column]
        sizes = [_size(graph, node) for node in nodes]
        height = sum(h for _, h in sizes) + ROW_GAP * (len(nodes) - 1)
        wide, y = max(w for w, _ in sizes), -height / 2
        for node, (width, tall) in zip(nodes, sizes, strict=True):
            boxes[node] = QRectF(x + (wide - width) / 2, y, width, tall)
            y += tall + ROW_GAP
        x += wide + GAP
    return boxes


def _size(graph: Graph, node: NodeId) -> tuple[float, float]:
    short = graph.nodes[node].layer.category in SHORT
    return (WIDE - 4, LOW) if short else (WIDE, TALL)


def _jumps(graph: Graph, boxes: dict[NodeId, QRectF]) -> list[bool]:
    return [boxes[e.target].left() - boxes[e.source].right() > WIDE + GAP for e in graph.edges]


def _paint_wires(painter: QPainter, graph: Graph, boxes: dict[NodeId, QRectF]) -> None:
    """Straight lines as such: stroked as curves, they would take ten times as long."""
    painter.setPen(QPen(theme().wire.rest, metrics().line.border))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    curves = QPainterPath()
    for edge, jumps in zip(graph.edges, _jumps(graph, boxes), strict=True):
        a, b = boxes[edge.source], boxes[edge.target]
        start, end = QPointF(a.right(), a.center().y()), QPointF(b.left(), b.center().y())
        level = abs(start.y() - end.y()) < LOW
        if level and not jumps:
            painter.drawLine(start, end)
            continue
        curves.moveTo(start)
        bend = QPointF(GAP, ARC) if level else QPointF((end.x() - start.x()) / 2, 0)
        curves.cubicTo(start + QPointF(bend.x(), -bend.y()), end - bend, end)
    painter.drawPath(curves)
