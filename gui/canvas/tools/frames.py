"""Frames and notes: dragged by their title with all that is in them, resized by their lower right edges."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent

from engine.document.edits import SetFrames
from engine.document.project import Frame
from gui.canvas.placed import Xy
from gui.canvas.stage import Stage
from gui.canvas.tools.base import Tool
from gui.canvas.tools.move import MoveThings
from gui.canvas.tools.select import adds
from gui.theme import metrics


class MoveFrame(MoveThings):
    """A frame or a note is taken hold of, with all that is selected."""

    def __init__(self, stage: Stage, start: QPointF, frame: Frame, event: QMouseEvent) -> None:
        super().__init__(stage, start, event)
        self._frame = frame
        frames = stage.marks.frames
        self._was_selected = frame.id in frames
        if self._adds:
            stage.select(stage.session.selection, stage.marks.points, frames ^ {frame.id})
        elif not self._was_selected:
            stage.choose(frame=frame.id)

    def anchor(self) -> Xy:
        return self._frame.x, self._frame.y

    def click(self, pos: QPointF, event: QMouseEvent) -> None:
        if self._was_selected and not self._adds:
            self.stage.choose(frame=self._frame.id)

    def begin(self, event: QMouseEvent) -> None:
        marks = self.stage.marks
        if self._frame.id not in marks.frames:
            self.stage.select(self.stage.session.selection, marks.points, marks.frames | {self._frame.id})
        super().begin(event)


class ResizeFrame(Tool):
    """The right or the lower edge of a frame or note is dragged, or both."""

    def __init__(self, stage: Stage, start: QPointF, frame: Frame, event: QMouseEvent) -> None:
        super().__init__(stage, start)
        self._frame, self._adds = frame, adds(event)
        self._before = stage.drawing.frames
        self._wide, self._high = edges_at(stage, start, frame)

    def click(self, pos: QPointF, event: QMouseEvent) -> None:
        stage = self.stage
        if self._adds:
            frames = stage.marks.frames ^ {self._frame.id}
            stage.select(stage.session.selection, stage.marks.points, frames)
        else:
            stage.choose(frame=self._frame.id)

    def move(self, pos: QPointF, event: QMouseEvent) -> None:
        frame, away, m, snap = self._frame, pos - self.start, metrics(), self.stage.snap
        width, height = frame.width, frame.height
        if self._wide:
            width = max(m.node.width_min, snap(width + away.x(), event.modifiers()))
        if self._high:
            height = max(m.node.header, snap(height + away.y(), event.modifiers()))
        changed = replace(frame, width=float(width), height=float(height))
        drawing = self.stage.drawing
        drawing.frames = tuple(changed if f.id == frame.id else f for f in self._before)
        drawing.shift({})
        self.stage.scene.redraw()

    def finish(self, pos: QPointF, event: QMouseEvent) -> None:
        stage = self.stage
        edit = SetFrames(stage.drawing.frames, stage.session.block_id, f"Resize {self._frame.kind}")
        stage.session.apply(edit)

    def cancel(self) -> None:
        self.stage.drawing.frames = self.stage.session.project.layout_of(self.stage.session.block_id).frames
        self.stage.drawing.shift_back((), hurry=True)
        self.stage.settling.start()
        self.stage.scene.redraw()


def frame_tool(stage: Stage, pos: QPointF, frame: Frame, event: QMouseEvent) -> Tool:
    """What a press on a frame or a note begins."""
    tool = ResizeFrame if any(edges_at(stage, pos, frame)) else MoveFrame
    return tool(stage, pos, frame, event)


def edges_at(stage: Stage, pos: QPointF, frame: Frame) -> tuple[bool, bool]:
    """Whether the right and the lower edge of a frame are under a point."""
    grip = metrics().canvas.frame_edge / stage.zoom
    return pos.x() >= frame.x + frame.width - grip, pos.y() >= frame.y + frame.height - grip


def frame_cursor(stage: Stage, pos: QPointF, frame: Frame) -> Qt.CursorShape:
    """What the pointer looks like over a frame's edge."""
    wide, high = edges_at(stage, pos, frame)
    if wide and high:
        return Qt.CursorShape.SizeFDiagCursor
    if wide or high:
        return Qt.CursorShape.SizeHorCursor if wide else Qt.CursorShape.SizeVerCursor
    return Qt.CursorShape.SizeAllCursor
