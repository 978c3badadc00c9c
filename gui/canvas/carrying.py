"""Layers that are dragged from one side of a split view to the other, out of one block into another."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent

from engine.document.edits import Batch, RemoveNodes, SetFrames, fresh_frame_ids, fresh_ids
from engine.document.fragment import Paste, copy
from engine.document.project import Project
from engine.graph.graph import NodeId
from gui.canvas.along import Load, named_frames
from gui.canvas.rerouting import Rerouting
from gui.canvas.stage import Stage
from gui.canvas.tools.base import snapped
from gui.figures import plural


class Carrying:
    """Says on the other side what letting go of layers there would do, and does it."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._other: Stage | None = None
        self._load, self._nodes = Load(), tuple[NodeId, ...]()
        self._grip = QPointF()

    def begin(self, load: Load, start: QPointF) -> None:
        """This is dragged, held at this point of the scene."""
        self._load, self._nodes, self._other = load, tuple(load.nodes), self._stage.beside
        if self._other is not None:
            self._grip = start - load.bounds(self._stage.drawing).topLeft()

    def _things(self) -> str:
        """3 layers, frame, or how many frames and notes."""
        return plural(len(self._nodes), "layer") if self._nodes else named_frames(self._load.frames.values())

    def show(self, event: QMouseEvent) -> None:
        """Say beside the pointer what would be done, while it is over the other side."""
        if self._other is not None:
            is_over, verb = self.is_over(event), "Copy" if _copies(event) else "Move"
            words = f"{verb} {self._things()} to {self._other.session.block.name}"
            same = self._other.session.block_id == self._stage.session.block_id and verb == "Move"
            self._other.show_tip(words if is_over and not same else "", self._at(event))

    def is_over(self, event: QMouseEvent) -> bool:
        """Whether the pointer is over the other side."""
        return self._other is not None and self._other.surface.rect().contains(self._at(event).toPoint())

    def drop(self, event: QMouseEvent) -> None:
        """Let go of the layers over the other side; what cannot be done there is said, and they stay."""
        if self._other is not None:
            self._other.show_tip("", QPointF())
            self._put(self._other, event)

    def leave(self) -> None:
        """The drag was given up."""
        if self._other is not None:
            self._other.show_tip("", QPointF())

    def _put(self, other: Stage, event: QMouseEvent) -> None:
        session, here, there = self._stage.session, self._stage.session.block_id, other.session.block_id
        corner = other.surface.mapToScene(self._at(event).toPoint()) - self._grip
        at = snapped(corner.x()), snapped(corner.y())
        load = self._load
        if here == there and not _copies(event):
            corner = load.bounds(self._stage.drawing).topLeft()
            moved = load.moved(at[0] - corner.x(), at[1] - corner.y())
            done, new, frames = (
                session.apply(Rerouting(self._stage).moving(moved)),
                list(self._nodes),
                list(load.frames),
            )
        else:
            fragment = copy(session.project, self._nodes, here, load.frames)
            verb = "Copy" if _copies(event) else "Move"
            new = fresh_ids(session.project, there, len(fragment.nodes))
            frames = fresh_frame_ids(session.project, there, len(fragment.frames))
            rest = () if verb == "Copy" else taking(session.project, here, self._nodes, load.frames)
            words = f"{verb} {self._things()} to {other.session.block.name}"
            done = session.apply(Batch(words, (Paste(fragment, at=at, block=there), *rest)))
        if done:
            other.select(new, (), frames)
            other.surface.setFocus(Qt.FocusReason.MouseFocusReason)

    def _at(self, event: QMouseEvent) -> QPointF:
        assert self._other is not None
        return QPointF(self._other.surface.mapFromGlobal(event.globalPosition().toPoint()))


def taking(
    project: Project, block: str, nodes: Collection[NodeId], frames: Collection[str]
) -> tuple[RemoveNodes | SetFrames, ...]:
    """The edits that take layers out of a block, so that the flow through them is kept, and frames and notes."""
    left = tuple(f for f in project.layout_of(block).frames if f.id not in frames)
    layers = (RemoveNodes(tuple(nodes), block, heal=True),) if nodes else ()
    return (*layers, *((SetFrames(left, block, "Delete frame"),) if frames else ()))


def _copies(event: QMouseEvent) -> bool:
    return bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
