"""Frames and notes: dragged by their title, resized by their lower right edges; a frame takes its nodes along."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter

from engine.document.edits import Batch, SetFrames
from engine.document.project import Frame
from engine.graph.graph import NodeId
from gui.canvas.drawing import Drawing
from gui.canvas.guides import Guides
from gui.canvas.placed import Xy
from gui.canvas.rerouting import Rerouting
from gui.canvas.stage import Stage
from gui.canvas.tools.base import Tool
from gui.theme import metrics


class MoveFrame(Tool):
    """Moves or resizes one frame or note."""

    def __init__(self, stage: Stage, start: QPointF, frame: Frame) -> None:
        super().__init__(stage, start)
        self._frame = frame
        self._before = stage.drawing.frames
        grip = metrics().canvas.frame_edge / stage.zoom
        self._wide = start.x() >= frame.x + frame.width - grip
        self._high = start.y() >= frame.y + frame.height - grip
        self._from: dict[NodeId, Xy] = {}
        self._points: dict[str, Xy] = {}
        self._guides: Guides | None = None

    def click(self, pos: QPointF, event: QMouseEvent) -> None:
        self.stage.choose(frame=self._frame.id)

    def begin(self, event: QMouseEvent) -> None:
        if not (self._wide or self._high):
            self._from, self._points = carried(self.stage.drawing, self._frame)
            self._guides = Guides(self.stage, self._from, self._frame)

    def move(self, pos: QPointF, event: QMouseEvent) -> None:
        frame, away, m = self._frame, pos - self.start, metrics()

        def snapped(value: float) -> float:
            return self.stage.snap(value, event.modifiers())

        if self._wide or self._high:
            width = max(m.node.width_min, snapped(frame.width + away.x())) if self._wide else frame.width
            height = max(m.node.header, snapped(frame.height + away.y())) if self._high else frame.height
            changed = replace(frame, width=float(width), height=float(height))
        else:
            dx, dy = snapped(frame.x + away.x()) - frame.x, snapped(frame.y + away.y()) - frame.y
            if self._guides is not None and self.stage.snaps(event.modifiers()):
                dx, dy = self._guides.place((away.x(), away.y()), (dx, dy))
            elif self._guides is not None:
                self._guides.clear()
            changed = replace(frame, x=frame.x + dx, y=frame.y + dy)
        drawing = self.stage.drawing
        drawing.frames = tuple(changed if f.id == frame.id else f for f in self._before)
        dx, dy = changed.x - frame.x, changed.y - frame.y
        points = {id: (x + dx, y + dy) for id, (x, y) in self._points.items()}
        drawing.shift({n: (x + dx, y + dy) for n, (x, y) in self._from.items()}, points)
        self.stage.scene.redraw()

    def paint(self, painter: QPainter, rect: QRectF, zoom: float) -> None:
        if self._guides is not None:
            self._guides.paint(painter)

    def finish(self, pos: QPointF, event: QMouseEvent) -> None:
        stage, block = self.stage, self.stage.session.block_id
        frames = SetFrames(stage.drawing.frames, block)
        places = {n: stage.drawing.at[n] for n in self._from}
        points = {r.id: (r.x, r.y) for r in stage.drawing.reroutes if r.id in self._points}
        noun = self._frame.kind
        label = f"Resize {noun}" if self._wide or self._high else f"Move {noun}"
        stage.session.apply(Batch(label, (frames, *Rerouting(stage).moving(places, points))))

    def cancel(self) -> None:
        self.stage.drawing.frames = self.stage.session.project.layout_of(self.stage.session.block_id).frames
        self.stage.drawing.shift_back(self._from)
        self.stage.scene.redraw()


def carried(drawing: Drawing, frame: Frame) -> tuple[dict[NodeId, Xy], dict[str, Xy]]:
    """The layers and the points of wires that a frame takes along, and where they are; a note takes none."""
    if frame.kind != "frame":
        return {}, {}
    around = QRectF(frame.x, frame.y, frame.width, frame.height)
    inside = [n for n in drawing.nodes_in(around) if around.contains(drawing.rect(n).center())]
    points = {*drawing.points_in(around), *drawing.points_between(inside)}
    return {n: drawing.at[n] for n in inside}, {r.id: (r.x, r.y) for r in drawing.reroutes if r.id in points}


def frame_cursor(stage: Stage, pos: QPointF, frame: Frame) -> Qt.CursorShape:
    """What the pointer looks like over a frame's edge."""
    grip = metrics().canvas.frame_edge / stage.zoom
    wide, high = pos.x() >= frame.x + frame.width - grip, pos.y() >= frame.y + frame.height - grip
    if wide and high:
        return Qt.CursorShape.SizeFDiagCursor
    if wide or high:
        return Qt.CursorShape.SizeHorCursor if wide else Qt.CursorShape.SizeVerCursor
    return Qt.CursorShape.SizeAllCursor
