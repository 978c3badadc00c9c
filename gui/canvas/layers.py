"""What lies on the canvas, from the back: the ground, frames, wires and nodes, which lie still, and the gesture."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QTransform
from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene, QStyleOptionGraphicsItem, QWidget

from engine.graph.graph import NodeId
from gui.canvas.carry import Part
from gui.canvas.compact_paint import paint_compact
from gui.canvas.covered import under
from gui.canvas.detail import level, reach
from gui.canvas.drawing import Drawing
from gui.canvas.face import Face, Spot, place
from gui.canvas.far_layer import FarLayer
from gui.canvas.far_wires import FarWires
from gui.canvas.flag_paint import Flag, paint_flags
from gui.canvas.frame_paint import frame_rect, paint_frame
from gui.canvas.ground import paint_ground
from gui.canvas.hand import Hand
from gui.canvas.look import Look, Marks
from gui.canvas.node_paint import paint_node
from gui.canvas.placed import MOST_PLACES, Xy
from gui.canvas.port_paint import paint_port
from gui.canvas.reroute_paint import paint_reroutes
from gui.canvas.rough import paint_rough_nodes, paint_rough_wires
from gui.canvas.sheet import AROUND, Sheet
from gui.canvas.stamps import Stamps, stand
from gui.canvas.steps import Steps, at_once
from gui.canvas.wire_paint import paint_chips, paint_ends, paint_gone, paint_wires
from gui.theme import metrics

EXTENT = 1_000_000.0
WORLD = QRectF(-EXTENT, -EXTENT, 2 * EXTENT, 2 * EXTENT)


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
        self._far_wires = FarWires(drawing)

    def _follow_drawing(self) -> None:
        if self._far.drawing is not self.drawing:
            self._far, self._far_wires = FarLayer(self.drawing), FarWires(self.drawing)

    def paint_frames(self, painter: QPainter, rect: QRectF, zoom: float) -> None:
        for frame in sorted(self.drawing.frames, key=lambda f: -f.width * f.height):
            if frame_rect(frame).intersects(rect):
                marks = self.marks
                band = self.drawing.band(frame)
                paint_frame(painter, frame, band, zoom, frame.id == marks.hover_frame, frame.id in marks.frames)

    def _painting_wires(self, painter: QPainter, rect: QRectF, zoom: float, part: Part) -> Iterator[None]:
        is_whole = part in ("all", "rest")
        if self.drawing.flight is not None:
            if is_whole:
                self.drawing.flight.paint(painter, rect, zoom)
            return
        if level(zoom) == "far":
            self._follow_drawing()
            self._far_wires.paint(painter, self.marks, rect, zoom, part)
        else:
            yield from paint_wires(painter, self.drawing, self.marks, rect, zoom, self.heat, part)
        yield
        if is_whole:
            paint_reroutes(painter, self.drawing, self.marks, rect, zoom)
        if level(zoom) == "full" and self.shows_shapes:
            yield from paint_chips(painter, self.drawing, self.marks, rect, part)
        if level(zoom) == "full" and part == "border":
            paint_ends(painter, self.drawing, self.marks, rect)
        if level(zoom) == "full" and self.flags and is_whole:
            paint_flags(painter, self.drawing, self.flags, rect)
        yield

    def _painting_nodes(self, painter: QPainter, rect: QRectF, zoom: float, part: Part) -> Iterator[None]:
        kind = level(zoom)
        if part != "hand":
            self.gone.paint(painter, rect, zoom)
        if self.stamps is not None:
            self.stamps.begin(zoom)
        if kind == "far":
            self._follow_drawing()
            self._far.paint_nodes(painter, self.marks, rect, zoom, part)
            return
        margin = reach(zoom)
        ids, near = self.drawing.boxes()[0], self.drawing.near(rect.adjusted(-margin, -margin, margin, margin), part)
        found = [ids[i] for i in np.flatnonzero(near).tolist()]
        raised = self.marks.dragged or self.marks.selected
        if raised:
            found.sort(key=lambda n: n in raised)
        hidden = under(self.drawing, found, self.marks, self.look)
        for node in found:
            if node in hidden:
                self._paint_ports(painter, node, hidden[node] if kind == "full" else ())
            elif self.stamps is None:
                self.paint_one(painter, node, zoom, kind)
            else:
                self.stamps.paint(painter, self, node, zoom, kind)
            yield

    def paint_one(self, painter: QPainter, node: NodeId, zoom: float, kind: str) -> None:
        """A node at its place."""
        painter.save()
        painter.translate(*self.drawing.at[node])
        self.paint_face(painter, node, zoom, kind)
        painter.restore()

    def _paint_ports(self, painter: QPainter, node: NodeId, spots: Sequence[Spot]) -> None:
        """Some ports of a node whose card is not seen."""
        if not spots:
            return
        painter.save()
        if self.stamps is None:
            painter.translate(*self.drawing.at[node])
        else:
            stand(painter, self.drawing.at[node])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for spot in spots:
            paint_port(painter, spot, self.marks.port((node, spot.side, spot.port.name)))
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
        """Everything, from the back to the front; what is in the hand lies over all that stays."""
        parts: tuple[Part, ...] = ("all",) if self.drawing.carry is None else ("rest", "border", "hand")
        for part in parts:
            self.paint_part(painter, rect, zoom, part)

    def paint_part(self, painter: QPainter, rect: QRectF, zoom: float, part: Part) -> None:
        """Everything of a part."""
        at_once(self.painting(painter, rect, zoom, part))

    def painting(self, painter: QPainter, rect: QRectF, zoom: float, part: Part) -> Steps[None]:
        """Paint everything of a part in steps."""
        if part in ("all", "rest"):
            self.paint_frames(painter, rect, zoom)
        yield from self._painting_wires(painter, rect, zoom, part)
        if part != "border":
            yield from self._painting_nodes(painter, rect, zoom, part)


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
    """A sheet with all that lies still, which the view paints, another with what is in the hand, and over them the
    gesture, which is an item.

    `redraw` says what has become dirty.
    """

    def __init__(self, picture: Picture, gesture: Callable[[QPainter, QRectF, float], None]) -> None:
        super().__init__()
        picture.stamps = Stamps()
        self.setSceneRect(WORLD)
        self.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)  # one item; what is hit, the drawing knows
        self.picture = picture
        shadow = metrics().canvas.shadow_margin
        self.sheet = Sheet(self._paint_rest, slowly=self._painting_rest, rough=self._paint_roughly, reach=shadow)
        self._graph = picture.drawing.graph
        self._hand: Hand | None = None
        self._held = QRectF()
        self._gesture = LayerItem(gesture)
        self.addItem(self._gesture)

    def show(
        self, painter: QPainter, view: QTransform, size: QSize, ratio: float, rect: QRectF, may_wait: bool
    ) -> None:
        """As much of what is under the gesture as is in a rectangle, from what was painted before; as `Sheet.show`."""
        self._take_up(view.m11())
        if self._graph is not self.picture.drawing.graph:
            self._graph = self.picture.drawing.graph
            self.sheet.forget()
        is_quick = level(view.m11()) == "far" or self._hand is not None
        self.sheet.show(painter, view, size, ratio, may_wait and not is_quick)
        if self._hand is not None:
            self._hand.show(painter, view, size, ratio, rect)

    def paint_still(self, painter: QPainter, rect: QRectF, zoom: float) -> None:
        """Everything under the gesture."""
        paint_ground(painter, rect, zoom)
        self.picture.paint(painter, rect, zoom)

    def _painting_rest(self, painter: QPainter, rect: QRectF, zoom: float) -> Iterator[None]:
        """Everything under the gesture that is not in the hand."""
        paint_ground(painter, rect, zoom)
        yield from self.picture.painting(painter, rect, zoom, "all" if self._hand is None else "rest")

    def _paint_rest(self, painter: QPainter, rect: QRectF, zoom: float) -> None:
        for _ in self._painting_rest(painter, rect, zoom):
            pass

    def _paint_roughly(self, painter: QPainter, rects: Sequence[QRectF], zoom: float) -> None:
        painter.save()
        path = QPainterPath()
        for rect in rects:
            path.addRect(rect)
        painter.setClipPath(path, Qt.ClipOperation.IntersectClip)
        for rect in rects:
            paint_ground(painter, rect, zoom)
        paint_rough_wires(painter, self.picture.drawing, rects, zoom)
        painter.restore()
        paint_rough_nodes(painter, self.picture.drawing, rects, zoom)

    def update(self, rect: QRectF | None = None) -> None:  # type: ignore[override]
        """Have a rectangle shown anew, or everything, when the window is painted next.

        Qt's own would have the whole window painted at once, ahead of what is laid out first and then painted again.
        """
        for view in self.views():
            if rect is None:
                view.viewport().update()
            else:
                around = view.viewportTransform().mapRect(rect).toAlignedRect()
                view.viewport().update(around.adjusted(-AROUND, -AROUND, AROUND, AROUND))

    def redraw(self, rect: QRectF | None = None) -> None:
        """Paint a rectangle of the scene anew, or everything."""
        if rect is None:
            self.sheet.spoil()
            self.update()
        elif not rect.isEmpty():
            self.sheet.spoil(rect)
            self.update(rect)
        if self._hand is not None:
            self._hand.spoil(rect)

    def redraw_rest(self, rect: QRectF) -> None:
        """Paint a rectangle of what lies still anew; what is in the hand looks as before."""
        self.sheet.spoil(rect)
        self.update(rect)

    def redraw_looks(self, nodes: Collection[NodeId] | None, zoom: float) -> None:
        """Paint these nodes anew, whose wires look as before; None: everything."""
        faces, room = self.picture.drawing.faces, reach(zoom)
        if nodes is None or len(nodes) > MOST_PLACES:
            self.redraw()
            return
        for node in nodes:
            if node in faces:
                self.redraw(self.picture.drawing.rect(node).adjusted(-room, -room, room, room))

    def redraw_gesture(self, rect: QRectF) -> None:
        """What the gesture draws in a rectangle of the scene is another; all beneath it looks as before."""
        self.update(rect)

    def redraw_hand(self, zoom: float) -> None:
        """What is in the hand is elsewhere, and looks as before."""
        is_new, hand = self._take_up(zoom), self._hand
        if hand is not None:
            stirred, hand.carry.stirred = hand.carry.stirred, []
            for rect in stirred if len(stirred) <= MOST_PLACES else [None]:
                self.redraw(rect)
        if is_new or hand is None:
            self.update()
            return
        self.update(self._held.united(now := hand.bounds(zoom)))
        self._held = now

    def _take_up(self, zoom: float) -> bool:
        """Paint apart what is in the hand. Returns: whether that is something else than before."""
        carry, before = self.picture.drawing.carry, self._hand
        if carry is (before.carry if before else None):
            return False
        self.sheet.forget()
        self._hand = Hand(self.picture, carry) if carry else None
        if self._hand is None or before is not None or self._hand.count > MOST_PLACES:
            self.sheet.spoil()
        else:
            for place in self._hand.places(zoom):
                self.sheet.spoil(place)
        self._held = self._hand.bounds(zoom) if self._hand else QRectF()
        return True
