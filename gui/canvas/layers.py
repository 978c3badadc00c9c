"""What lies on the canvas, from the back: frames, wires, nodes, the gesture. Four items that paint what is exposed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene, QStyleOptionGraphicsItem, QWidget

from engine.graph.graph import NodeId
from gui.canvas.compact_paint import paint_compact
from gui.canvas.drawing import Drawing
from gui.canvas.far_layer import paint_far, paint_far_wires
from gui.canvas.frame_paint import frame_rect, paint_frame
from gui.canvas.look import Marks
from gui.canvas.node_paint import paint_node
from gui.canvas.wire_paint import paint_chips, paint_wires
from gui.theme import metrics

EXTENT = 1_000_000.0
WORLD = QRectF(-EXTENT, -EXTENT, 2 * EXTENT, 2 * EXTENT)


def level(zoom: float) -> str:
    """The level of detail at a zoom: "full", "compact" or "far"."""
    lod = metrics().lod
    return "full" if zoom >= lod.full else "compact" if zoom >= lod.compact else "far"


class Picture:
    """A drawing with its marks and heat: everything that paints one, on the canvas or into a file."""

    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing
        self.marks = Marks()
        self.heat: dict[NodeId, QColor] = {}

    def paint_frames(self, painter: QPainter, rect: QRectF, zoom: float) -> None:
        for frame in sorted(self.drawing.frames, key=lambda f: -f.width * f.height):
            if frame_rect(frame).intersects(rect):
                marks = self.marks
                band = self.drawing.band(frame)
                paint_frame(painter, frame, band, zoom, frame.id == marks.hover_frame, frame.id == marks.chosen_frame)

    def paint_wires(self, painter: QPainter, rect: QRectF, zoom: float) -> None:
        if level(zoom) == "far":
            paint_far_wires(painter, self.drawing, self.marks, rect)
            return
        paint_wires(painter, self.drawing, self.marks, rect, zoom, self.heat)
        if level(zoom) == "full":
            paint_chips(painter, self.drawing, self.marks, rect)

    def paint_nodes(self, painter: QPainter, rect: QRectF, zoom: float) -> None:
        kind = level(zoom)
        if kind == "far":
            paint_far(painter, self.drawing, self.marks, rect, zoom)
            return
        margin = metrics().canvas.shadow_margin / min(zoom, 1.0)
        found = self.drawing.nodes_in(rect.adjusted(-margin, -margin, margin, margin))
        raised = self.marks.dragged or self.marks.selected
        for node in sorted(found, key=lambda n: n in raised):
            self.paint_one(painter, node, zoom, kind)

    def paint_one(self, painter: QPainter, node: NodeId, zoom: float, kind: str) -> None:
        look = self.marks.look(self.drawing.looks[node], node)
        if node in self.marks.plates and (self.drawing.faces[node].has_footer or kind != "full"):
            look = replace(look, plate=self.marks.plates[node])
        painter.save()
        painter.translate(*self.drawing.at[node])
        if kind == "full":
            paint_node(painter, self.drawing.faces[node], look, self.marks)
        else:
            paint_compact(painter, self.drawing.faces[node], look, zoom)
        painter.restore()

    def paint(self, painter: QPainter, rect: QRectF, zoom: float) -> None:
        """Everything, from the back to the front."""
        for part in (self.paint_frames, self.paint_wires, self.paint_nodes):
            part(painter, rect, zoom)


class LayerItem(QGraphicsItem):
    """Calls one function with the exposed rectangle and the zoom."""

    def __init__(self, paint: Callable[[QPainter, QRectF, float], None], z: int) -> None:
        super().__init__()
        self._paint = paint
        self.setZValue(z)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def boundingRect(self) -> QRectF:
        return WORLD

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        self._paint(painter, option.exposedRect, painter.worldTransform().m11())


class LayeredScene(QGraphicsScene):
    """The four layers. `redraw` says what has become dirty."""

    def __init__(self, picture: Picture, gesture: Callable[[QPainter, QRectF, float], None]) -> None:
        super().__init__()
        self.setSceneRect(WORLD)
        self.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)  # four items; what is hit, the drawing knows
        self.picture = picture
        self.layers = [
            LayerItem(lambda p, r, z: self.picture.paint_frames(p, r, z), 0),
            LayerItem(lambda p, r, z: self.picture.paint_wires(p, r, z), 1),
            LayerItem(lambda p, r, z: self.picture.paint_nodes(p, r, z), 2),
            LayerItem(gesture, 3),
        ]
        for layer in self.layers:
            self.addItem(layer)

    def redraw(self, rect: QRectF | None = None) -> None:
        """Paint a rectangle of the scene anew, or everything."""
        if rect is None:
            self.update()
        elif not rect.isEmpty():
            self.update(rect)
