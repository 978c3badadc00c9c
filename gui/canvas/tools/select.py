"""Selecting with a box or a lasso on empty canvas; a click there selects nothing."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QPainter, QPen, QPolygonF

from engine.document.project import Frame
from engine.graph.graph import NodeId
from gui.canvas.frame_paint import frame_rect
from gui.canvas.stage import Stage
from gui.canvas.tools.base import Tool
from gui.theme import faded, metrics, theme

REST_MS = 100


class Gather(Tool):
    """What is gone round is marked at once; all but the canvas hear of it once the pointer rests, since to show it
    everywhere takes longer than a frame."""

    def __init__(self, stage: Stage, start: QPointF, adds: bool) -> None:
        super().__init__(stage, start)
        self._adds = adds
        self._before = stage.session.selection, stage.marks.points, stage.marks.frames
        self._found = self._before
        self._rest = QTimer(stage, interval=REST_MS)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self._tell)

    def gather(self, nodes: list[NodeId], points: Iterable[str], frames: Iterable[str]) -> None:
        """So much is gone round by now."""
        before, points_before, frames_before = self._before if self._adds else ((), frozenset(), frozenset())
        inside = set(nodes)
        base = [n for n in before if n not in inside]
        self._found = (*base, *nodes), points_before.union(points), frames_before.union(frames)
        self.stage.mark(*self._found)
        self._rest.start()

    def _tell(self) -> None:
        self.stage.select(*self._found)

    def drop(self, pos: QPointF, event: QMouseEvent) -> None:
        self._rest.deleteLater()
        super().drop(pos, event)

    def finish(self, pos: QPointF, event: QMouseEvent) -> None:
        self._tell()
        self.stage.scene.redraw()

    def cancel(self) -> None:
        self._rest.deleteLater()
        self.stage.mark(*self._before)
        self.stage.select(*self._before)
        self.stage.scene.redraw()


class BoxSelect(Gather):
    """Everything that the box touches is selected, a frame where it lies in the box whole; with Shift it is added to
    what was."""

    def __init__(self, stage: Stage, start: QPointF, adds: bool) -> None:
        super().__init__(stage, start, adds)
        self._box = QRectF()

    def click(self, pos: QPointF, event: QMouseEvent) -> None:
        if not self._adds:
            self.stage.choose()

    def move(self, pos: QPointF, event: QMouseEvent) -> None:
        old, self._box = self._box, QRectF(self.start, pos).normalized()
        drawing, box = self.stage.drawing, self._box
        self.gather(drawing.nodes_in(box), drawing.points_in(box), drawing.frames_in(box))
        margin = 2 / self.stage.zoom
        self.stage.scene.redraw_gesture(old.united(self._box).adjusted(-margin, -margin, margin, margin))

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


class Lasso(Gather):
    """Ctrl-drag on empty canvas: every node and note whose middle the line goes round, and every frame that it goes
    round as a whole; with Shift it is added to what was."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, stage: Stage, start: QPointF, adds: bool) -> None:
        super().__init__(stage, start, adds)
        self._line = [start]

    def move(self, pos: QPointF, event: QMouseEvent) -> None:
        self._line.append(pos)
        drawing, around = self.stage.drawing, QPolygonF(self._line)
        near = drawing.nodes_in(around.boundingRect())
        fill = Qt.FillRule.WindingFill
        inside = [n for n in near if around.containsPoint(drawing.rect(n).center(), fill)]
        points = [r.id for r in drawing.reroutes if around.containsPoint(QPointF(r.x, r.y), fill)]
        frames = [f.id for f in drawing.frames if self._goes_round(f, around)]
        self.gather(inside, points, frames)
        margin = 2 / self.stage.zoom
        self.stage.scene.redraw_gesture(around.boundingRect().adjusted(-margin, -margin, margin, margin))

    def _goes_round(self, frame: Frame, around: QPolygonF) -> bool:
        rect, fill = frame_rect(frame), Qt.FillRule.WindingFill
        if frame.kind == "note":
            return around.containsPoint(rect.center(), fill)
        corners = rect.topLeft(), rect.topRight(), rect.bottomRight(), rect.bottomLeft()
        return all(around.containsPoint(corner, fill) for corner in corners)

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
