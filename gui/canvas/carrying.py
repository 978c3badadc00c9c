"""Layers that are dragged from one side of a split view to the other, out of one block into another."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent

from engine.document.edits import Batch, MoveNodes, RemoveNodes, fresh_ids
from engine.document.fragment import Paste, copy
from engine.graph.graph import NodeId
from gui.canvas.stage import Stage
from gui.canvas.tools.base import snapped
from gui.figures import plural


class Carrying:
    """Says on the other side what letting go of layers there would do, and does it."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._other: Stage | None = None
        self._nodes: tuple[NodeId, ...] = ()
        self._grip = QPointF()

    def begin(self, nodes: Collection[NodeId], start: QPointF) -> None:
        """These layers are dragged, held at this point of the scene."""
        self._nodes, self._other = tuple(nodes), self._stage.beside
        if self._other is not None:
            self._grip = start - self._stage.drawing.bounds(self._nodes).topLeft()

    def show(self, event: QMouseEvent) -> None:
        """Say beside the pointer what would be done, while it is over the other side."""
        if self._other is not None:
            is_over, verb = self.is_over(event), "Copy" if _copies(event) else "Move"
            words = f"{verb} {plural(len(self._nodes), 'layer')} to {self._other.session.block.name}"
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
        places, name = session.project.layout_of(here), other.session.block.name
        if here == there and not _copies(event):
            left = min(places.at(n)[0] for n in self._nodes)
            top = min(places.at(n)[1] for n in self._nodes)
            moved = {n: (x - left + at[0], y - top + at[1]) for n in self._nodes for x, y in [places.at(n)]}
            done, new = session.apply(MoveNodes(moved, here)), list(self._nodes)
        else:
            fragment, verb = copy(session.project, self._nodes, here), "Copy" if _copies(event) else "Move"
            new = fresh_ids(session.project, there, len(fragment.nodes))
            edits = [Paste(fragment, at=at, block=there)]
            rest = () if verb == "Copy" else (RemoveNodes(self._nodes, here, heal=True),)
            words = f"{verb} {plural(len(self._nodes), 'layer')} to {name}"
            done = session.apply(Batch(words, (*edits, *rest)))
        if done:
            other.session.select(new)
            other.surface.setFocus(Qt.FocusReason.MouseFocusReason)

    def _at(self, event: QMouseEvent) -> QPointF:
        assert self._other is not None
        return QPointF(self._other.surface.mapFromGlobal(event.globalPosition().toPoint()))


def _copies(event: QMouseEvent) -> bool:
    return bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
