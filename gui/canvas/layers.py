"""What lies on the canvas, from the back: the ground, frames, wires and nodes, which lie still, and the gesture."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene, QStyleOptionGraphicsItem, QWidget

from engine.graph.graph import NodeId
from gui.canvas.compact_paint import paint_compact
from gui.canvas.drawing import Drawing
from gui.canvas.face import Face, place
from gui.canvas.far_layer import FarLayer
from gui.canvas.flag_paint import Flag, paint_flags
from gui.canvas.frame_paint import frame_rect, paint_frame
from gui.canvas.ground import paint_ground
from gui.canvas.look import Look, Marks
from gui.canvas.node_paint import paint_node
from gui.canvas.placed import Xy
from gui.canvas.reroute_paint import paint_reroutes
from gui.canvas.sheet import Sheet
from gui.canvas.wire_paint import paint_chips, paint_gone, paint_wires
from gui.theme import metrics, theme

EXTENT = 1_000_000.0
MOST_STAMPS = 320
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
        self.stamps: Stamps | None = None
        self.gone = Gone()
        self.flags: dict[tuple[NodeId, str], Flag] = {}
        self.iced: frozenset[NodeId] = frozenset()
        self.shows_shapes = True
        self._far = FarLayer(drawing)

    def _far_layer(self) -> FarLayer:
        if self._far.drawing is not self.drawing:
            self._far = FarLayer(self.drawing)
        return self._far

    def paint_frames(self, painter: QPainter, rect: QRectF, zoom: float) -> None:
        for frame in sorted(self.drawing.frames, key=lambda f: -f.width * f.height):
            if frame_rect(frame).intersects(rect):
                marks = self.marks
                band = self.drawing.band(frame)
                paint_frame(painter, frame, band, zoom, frame.id == marks.hover_frame, frame.id == marks.chosen_frame)

    def paint_wires(self, painter: QPainter, rect: QRectF, zoom: float) -> None:
        if level(zoom) == "far":
            self._far_layer().paint_wires(painter, self.marks, rect)
            paint_reroutes(painter, self.drawing, self.marks, rect, zoom)
            return
        paint_wires(painter, self.drawing, self.marks, rect, zoom, self.heat)
        paint_reroutes(painter, self.drawing, self.marks, rect, zoom)
        if level(zoom) == "full" and self.shows_shapes:
            paint_chips(painter, self.drawing, self.marks, rect)
        if level(zoom) == "full" and self.flags:
            paint_flags(painter, self.drawing, self.flags, rect)

    def paint_nodes(self, painter: QPainter, rect: QRectF, zoom: float) -> None:
        kind = level(zoom)
        self.gone.paint(painter, rect, zoom)
        if self.stamps is not None:
            self.stamps.begin(zoom)
        if kind == "far":
            self._far_layer().paint_nodes(painter, self.marks, rect, zoom)
            return
        margin = metrics().canvas.shadow_margin / min(zoom, 1.0)
        found = self.drawing.nodes_in(rect.adjusted(-margin, -margin, margin, margin))
        raised = self.marks.dragged or self.marks.selected
        if raised:
            found.sort(key=lambda n: n in raised)
        for node in found:
            if self.stamps is None:
                self.paint_one(painter, node, zoom, kind)
            else:
                self.stamps.paint(painter, self, node, zoom, kind)

    def paint_one(self, painter: QPainter, node: NodeId, zoom: float, kind: str) -> None:
        """A node at its place."""
        painter.save()
        painter.translate(*self.drawing.at[node])
        self.paint_face(painter, node, zoom, kind)
        painter.restore()

    def paint_face(self, painter: QPainter, node: NodeId, zoom: float, kind: str) -> None:
        """A node at the painter's origin."""
        face, look = self.drawing.faces[node], self.look(node)
        if kind == "full":
            paint_node(painter, face, look, self.marks)
        else:
            paint_compact(painter, face, look, zoom)

    def look(self, node: NodeId) -> Look:
        """How a node looks now, its heat included."""
        look = self.marks.look(self.drawing.looks[node], node)
        if node in self.iced:
            look = replace(look, iced=True)
        if plate := self.marks.plates.get(node):
            look = replace(look, plate=plate, severity="error" if plate.is_bad else look.severity)
        return look

    def paint(self, painter: QPainter, rect: QRectF, zoom: float) -> None:
        """Everything, from the back to the front."""
        for part in (self.paint_frames, self.paint_wires, self.paint_nodes):
            part(painter, rect, zoom)


@dataclass(frozen=True)
class Gone:
    """Layers and wires of an earlier project that are no longer there, at the places they had."""

    faces: tuple[tuple[Face, Xy], ...] = ()
    wires: tuple[tuple[QPointF, QPointF], ...] = ()

    def paint(self, painter: QPainter, rect: QRectF, zoom: float) -> None:
        if not (self.faces or self.wires):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(metrics().canvas.removed)
        paint_gone(painter, self.wires)
        painter.setOpacity(1.0)
        marks, look = Marks(), Look(diff="removed")
        for face, (x, y) in self.faces:
            if place(face, x, y).intersects(rect):
                painter.save()
                painter.translate(x, y)
                paint_node(painter, face, look, marks) if zoom >= metrics().lod.full else paint_compact(
                    painter, face, look, zoom
                )
                painter.restore()
        painter.restore()


class Stamps:
    """Nodes on whole pixels, as pictures of themselves that are kept while they look the same: then one is but copied.

    While the zoom changes from one frame to the next nothing is kept, since every picture would serve once only.
    """

    def __init__(self) -> None:
        self._zoom = 0.0
        self._keeps = False
        self._kept: OrderedDict[NodeId, tuple[tuple[object, ...], QPixmap]] = OrderedDict()

    def begin(self, zoom: float) -> None:
        """A part is painted: pictures serve if the one before had the same zoom."""
        self._keeps, self._zoom = zoom == self._zoom, zoom
        if not self._keeps:
            self._kept.clear()

    def paint(self, painter: QPainter, picture: Picture, node: NodeId, zoom: float, kind: str) -> None:
        """A node at its place."""
        ratio = painter.device().devicePixelRatio()
        corner = painter.worldTransform().map(QPointF(*picture.drawing.at[node]))
        x, y = math.floor(corner.x() * ratio + 0.5) / ratio, math.floor(corner.y() * ratio + 0.5) / ratio
        painter.save()
        painter.resetTransform()
        if self._keeps:
            margin = math.ceil(metrics().canvas.shadow_margin * max(1.0, zoom))
            stamp = self._stamp(picture, node, zoom, kind, ratio, margin)
            painter.drawPixmap(QPointF(x - margin, y - margin), stamp)
        else:
            painter.translate(x, y)
            painter.scale(zoom, zoom)
            picture.paint_face(painter, node, zoom, kind)
        painter.restore()

    def _stamp(self, picture: Picture, node: NodeId, zoom: float, kind: str, ratio: float, margin: int) -> QPixmap:
        face, marks = picture.drawing.faces[node], picture.marks
        spots = (*face.inlets, *face.outlets) if kind == "full" else ()
        ports = tuple(marks.port((node, spot.side, spot.port.name)) for spot in spots)
        key = (face, picture.look(node), ports, ratio, theme())
        kept = self._kept.get(node)
        if kept is not None and kept[0][0] is face and kept[0][1:] == key[1:]:
            self._kept.move_to_end(node)
            return kept[1]
        wide, high = face.width * zoom + 2 * margin, face.height * zoom + 2 * margin
        stamp = QPixmap(math.ceil(wide * ratio), math.ceil(high * ratio))
        stamp.setDevicePixelRatio(ratio)
        stamp.fill(Qt.GlobalColor.transparent)
        painter = QPainter(stamp)
        painter.translate(margin, margin)
        painter.scale(zoom, zoom)
        picture.paint_face(painter, node, zoom, kind)
        painter.end()
        self._kept[node] = key, stamp
        while len(self._kept) > MOST_STAMPS:
            self._kept.popitem(last=False)
        return stamp


class LayerItem(QGraphicsItem):
    """Calls one function with the exposed rectangle and the zoom."""

    def __init__(self, paint: Callable[[QPainter, QRectF, float], None]) -> None:
        super().__init__()
        self._paint = paint
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def boundingRect(self) -> QRectF:
        return WORLD

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        self._paint(painter, option.exposedRect, painter.worldTransform().m11())


class LayeredScene(QGraphicsScene):
    """A sheet with all that lies still, which the view paints, and over it the gesture, which is an item.

    `redraw` says what has become dirty.
    """

    def __init__(self, picture: Picture, gesture: Callable[[QPainter, QRectF, float], None]) -> None:
        super().__init__()
        picture.stamps = Stamps()
        self.setSceneRect(WORLD)
        self.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)  # one item; what is hit, the drawing knows
        self.picture = picture
        self.sheet = Sheet(self.paint_still)
        self._gesture = LayerItem(gesture)
        self.addItem(self._gesture)

    def paint_still(self, painter: QPainter, rect: QRectF, zoom: float) -> None:
        """Everything under the gesture."""
        paint_ground(painter, rect, zoom)
        self.picture.paint(painter, rect, zoom)

    def redraw(self, rect: QRectF | None = None) -> None:
        """Paint a rectangle of the scene anew, or everything."""
        if rect is None:
            self.sheet.spoil()
            self.update()
        elif not rect.isEmpty():
            self.sheet.spoil(rect)
            self.update(rect)
