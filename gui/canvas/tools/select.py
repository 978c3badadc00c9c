"""Selecting with a box or a lasso on empty canvas; a click there selects nothing."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPen, QPolygonF

from engine.graph.graph import NodeId
from gui.canvas.stage import Stage
from gui.canvas.tools.base import Tool
from gui.theme import faded, metrics, theme


class BoxSelect(Tool):
    """Everything that the box touches is selected; with Shift it is added to what was."""

    def __init__(self, stage: Stage, start: QPointF, adds: bool) -> None:
        super().__init__(stage, start)
        self._before: tuple[NodeId, ...] = stage.session.selection
        self._points = stage.marks.points
        self._adds = adds
        self._box = QRectF()

    def click(self, pos: QPointF, event: QMouseEvent) -> None:
        if not self._adds:
            self.stage.choose()

    def move(self, pos: QPointF, event: QMouseEvent) -> None:
        old, self._box = self._box, QRectF(self.start, pos).normalized()
        inside = self.stage.drawing.nodes_in(self._box)
        base = [n for n in self._before if n not in inside] if self._adds else []
        points = self._points if self._adds else frozenset()
        self.stage.select([*base, *inside], points.union(self.stage.drawing.points_in(self._box)))
        margin = 2 / self.stage.zoom
        self.stage.scene.redraw_gesture(old.united(self._box).adjusted(-margin, -margin, margin, margin))

    def finish(self, pos: QPointF, event: QMouseEvent) -> None:
        self.stage.scene.redraw()

    def cancel(self) -> None:
        self.stage.select(self._before, self._points)
        self.stage.scene.redraw()

    def paint(self, painter: QPainter, rect: QRectF, zoom: float) -> None:
        if self._box.isEmpty():
            return
        accent = theme().accent.base
        pen = QPen(accent, metrics().line.border)
        pen.setCosmetic(True)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(pen)
        painter.setBrush(faded(accent, metrics().node.halo_alpha))
        painter.drawRect(self._box)


class Lasso(Tool):
    """Ctrl-drag on empty canvas: every node whose middle the line goes round; with Shift it is added to what was."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, stage: Stage, start: QPointF, adds: bool) -> None:
        super().__init__(stage, start)
        self._before: tuple[NodeId, ...] = stage.session.selection
        self._points = stage.marks.points
        self._adds = adds
        self._line = [start]

    def move(self, pos: QPointF, event: QMouseEvent) -> None:
        self._line.append(pos)
        drawing, around = self.stage.drawing, QPolygonF(self._line)
        near = drawing.nodes_in(around.boundingRect())
        fill = Qt.FillRule.WindingFill
        inside = [n for n in near if around.containsPoint(drawing.rect(n).center(), fill)]
        base = [n for n in self._before if n not in inside] if self._adds else []
        points = [r.id for r in drawing.reroutes if around.containsPoint(QPointF(r.x, r.y), fill)]
        self.stage.select([*base, *inside], (self._points if self._adds else frozenset()).union(points))
        margin = 2 / self.stage.zoom
        self.stage.scene.redraw_gesture(around.boundingRect().adjusted(-margin, -margin, margin, margin))

    def finish(self, pos: QPointF, event: QMouseEvent) -> None:
        self.stage.scene.redraw()

    def cancel(self) -> None:
        self.stage.select(self._before, self._points)
        self.stage.scene.redraw()

    def paint(self, painter: QPainter, rect: QRectF, zoom: float) -> None:
        accent = theme().accent.base
        pen = QPen(accent, metrics().line.border)
        pen.setCosmetic(True)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(pen)
        painter.setBrush(faded(accent, metrics().node.halo_alpha))
        painter.drawPolygon(QPolygonF(self._line), Qt.FillRule.WindingFill)


class ChooseWire(Tool):
    """A click on a wire marks it, so that Delete takes it away."""

    def click(self, pos: QPointF, event: QMouseEvent) -> None:
        self.stage.choose(wire=self.stage.wire_under(self.start))


def toggled(selection: tuple[NodeId, ...], node: NodeId) -> tuple[NodeId, ...]:
    """The selection with one node more or less."""
    return tuple(n for n in selection if n != node) if node in selection else (*selection, node)


def adds(event: QMouseEvent) -> bool:
    """Whether the press means "this one too"."""
    modifiers = event.modifiers()
    return bool(modifiers & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier))
