"""Moving layers, frames and points of wires: on the grid, many at once, where they are dragged, one step of undo."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter

from engine.document.edits import Batch, Disconnect, SetFrames
from engine.document.edits import Connect as ConnectEdit
from engine.graph.graph import Edge, NodeId
from gui.canvas.along import Load, load_of
from gui.canvas.carrying import Carrying
from gui.canvas.detail import reach
from gui.canvas.frame_paint import frame_rect
from gui.canvas.framing import with_room
from gui.canvas.guides import Guides
from gui.canvas.placed import Xy
from gui.canvas.placing import on_wire
from gui.canvas.rerouting import Rerouting
from gui.canvas.stage import Stage
from gui.canvas.tools.base import Tool
from gui.canvas.tools.select import adds, toggled
from gui.theme import metrics


class Carry(Tool):
    """Press selects, drag moves all that is selected; points between layers that go together go along."""

    cursor: ClassVar[Qt.CursorShape | None] = Qt.CursorShape.SizeAllCursor

    def __init__(self, stage: Stage, start: QPointF, event: QMouseEvent) -> None:
        super().__init__(stage, start)
        self._adds = adds(event)
        self._rerouting = Rerouting(stage)
        self._from = Load()
        self._guides: Guides | None = None

    def anchor(self) -> Xy:
        """Where what is under the pointer was: it is what goes to the grid."""
        raise NotImplementedError

    def begin(self, event: QMouseEvent) -> None:
        drawing, marks = self.stage.drawing, self.stage.marks
        self._from = load_of(drawing, self.stage.session.selection, marks.points, marks.frames)
        nodes = self._from.nodes
        marks.dragged = frozenset(nodes if len(nodes) <= metrics().canvas.redraw_most else ())
        self._guides = Guides(self.stage, self._from)

    def move(self, pos: QPointF, event: QMouseEvent) -> None:
        drawing, away = self.stage.drawing, pos - self.start
        x0, y0 = self.anchor()
        x, y = self.place((x0 + away.x(), y0 + away.y()), event.modifiers())
        there = self._from.moved(x - x0, y - y0)
        if there != self._now():
            self._redraw()
            drawing.frames = tuple(there.frames.get(f.id, f) for f in drawing.frames)
            drawing.shift(dict(there.nodes), there.points)
            self._redraw()
        self.mark(pos)

    def place(self, at: Xy, keys: Qt.KeyboardModifier) -> Xy:
        """Where what is under the pointer goes to from here: on the grid, or level with something that stays."""
        x, y = self.on_grid(at, keys)
        if self._guides is None:
            return x, y
        if not self.stage.snaps(keys):
            self._guides.clear()
            return x, y
        x0, y0 = self.anchor()
        dx, dy = self._guides.place((at[0] - x0, at[1] - y0), (x - x0, y - y0))
        return x0 + dx, y0 + dy

    def on_grid(self, at: Xy, keys: Qt.KeyboardModifier) -> Xy:
        """Where it goes to if nothing is near that it could be level with."""
        return self.stage.snap(at[0], keys), self.stage.snap(at[1], keys)

    def paint(self, painter: QPainter, rect: QRectF, zoom: float) -> None:
        if self._guides is not None:
            self._guides.paint(painter)

    def _redraw(self) -> None:
        room = reach(self.stage.zoom)
        for frame in self.stage.drawing.frames if self._from.frames else ():
            self.stage.scene.redraw_rest(frame_rect(frame).adjusted(-room, -room, room, room))
        if self.stage.drawing.carry is not None:
            self.stage.scene.redraw_hand(self.stage.zoom)
            return
        self.stage.redraw_nodes(self._from.nodes)
        self.stage.redraw_points(self._from.points)

    def mark(self, pos: QPointF) -> None:
        """Show what would happen if it were let go here."""

    def finish(self, pos: QPointF, event: QMouseEvent) -> None:
        edit = self._rerouting.moving(self._now(), self.stage.session.selection)
        self.clear()
        self.stage.session.apply(edit)

    def _now(self) -> Load:
        """Where everything is now."""
        drawing, load = self.stage.drawing, self._from
        points = {r.id: (r.x, r.y) for r in drawing.reroutes if r.id in load.points}
        frames = {f.id: f for f in drawing.frames if f.id in load.frames}
        return Load({n: drawing.at[n] for n in load.nodes}, points, frames)

    def cancel(self) -> None:
        self.clear()
        self.restore()

    def restore(self) -> None:
        """Draw everything where the project has it."""
        drawing = self.stage.drawing
        drawing.frames = drawing.project.layout_of(drawing.block).frames
        drawing.shift_back(self._from.nodes, hurry=True)
        self.stage.settling.start()
        self.stage.scene.redraw()

    def clear(self) -> None:
        """Nothing is in the hand any more."""
        marks = self.stage.marks
        marks.dragged, marks.drop_wire, marks.drop_point = frozenset(), None, None
        self.stage.scene.redraw()


class MoveThings(Carry):
    """Let go over the other side of a split view, what is dragged goes there."""

    def __init__(self, stage: Stage, start: QPointF, event: QMouseEvent) -> None:
        super().__init__(stage, start, event)
        self._carrying = Carrying(stage)

    def begin(self, event: QMouseEvent) -> None:
        super().begin(event)
        self._carrying.begin(self._from, self.start)

    def move(self, pos: QPointF, event: QMouseEvent) -> None:
        super().move(pos, event)
        self._carrying.show(event)

    def cancel(self) -> None:
        self._carrying.leave()
        super().cancel()

    def finish(self, pos: QPointF, event: QMouseEvent) -> None:
        if self._carrying.is_over(event):
            Carry.cancel(self)
            self._carrying.drop(event)
        else:
            super().finish(pos, event)


class MoveNodesTool(MoveThings):
    """A layer is taken hold of. One without wires that is dropped on a wire goes into it."""

    def __init__(self, stage: Stage, start: QPointF, node: NodeId, event: QMouseEvent) -> None:
        super().__init__(stage, start, event)
        self._node = node
        self._was_selected = node in stage.session.selection
        stage.marks.focus = node
        if self._adds:
            stage.select(toggled(stage.session.selection, node), stage.marks.points, stage.marks.frames)
        elif not self._was_selected:
            stage.select([node])

    def anchor(self) -> Xy:
        nodes = self._from.nodes
        return nodes[self._node] if self._node in nodes else next(iter(nodes.values()))

    def click(self, pos: QPointF, event: QMouseEvent) -> None:
        if self._was_selected and not self._adds:
            self.stage.select([self._node])

    def begin(self, event: QMouseEvent) -> None:
        marks = self.stage.marks
        if self._node not in self.stage.session.selection:
            self.stage.select([*self.stage.session.selection, self._node], marks.points, marks.frames)
        super().begin(event)

    def mark(self, pos: QPointF) -> None:
        """The wire that a lone node would go into."""
        marks, drawing = self.stage.marks, self.stage.drawing
        found: Edge | None = None
        if len(self._from.nodes) == 1 and not self._from.points and not self._from.frames:
            face, graph = drawing.faces[self._node], drawing.graph
            if face.ins and face.outs and not graph.into(self._node) and not graph.out_of(self._node):
                header = drawing.rect(self._node)
                found = drawing.wire_at(QPointF(header.center().x(), header.top() + face.ins[0].y), face.ins[0].y)
        if found != marks.drop_wire:
            self.stage.redraw_wires([marks.drop_wire, found])
            marks.drop_wire = found

    def finish(self, pos: QPointF, event: QMouseEvent) -> None:
        stage, wire = self.stage, self.stage.marks.drop_wire
        if wire is None or self._carrying.is_over(event):
            super().finish(pos, event)
            return
        at, moved, points = on_wire(stage.drawing, wire, QPointF(*stage.drawing.at[self._node]), self._node)
        face, block = stage.drawing.faces[self._node], stage.session.block_id
        frames = SetFrames(with_room(stage.drawing, wire, at, moved, self._node), block)
        moves = (self._rerouting.moving(Load({**moved, self._node: at}, points)), frames)
        self.clear()
        into = Edge(wire.source, wire.source_port, self._node, face.ins[0].port.name)
        out = Edge(self._node, face.outs[0].port.name, wire.target, wire.target_port, wire.slot)
        edits = (*moves, Disconnect(wire, block), ConnectEdit(into, block), ConnectEdit(out, block))
        if not stage.session.apply(Batch(f"Insert {face.name}", edits)):
            self.restore()


class MovePointsTool(Carry):
    """A point of a wire is taken hold of. Alone and dropped on another point of its output, the two become one; dropped
    on another wire of its output, that wire joins it."""

    def __init__(self, stage: Stage, start: QPointF, point: str, event: QMouseEvent) -> None:
        super().__init__(stage, start, event)
        self._point = point
        self._was_selected = point in stage.marks.points
        points = stage.marks.points
        if self._adds:
            stage.select(stage.session.selection, points ^ {point}, stage.marks.frames)
        elif not self._was_selected:
            stage.select((), (point,))
        self._target: str | Edge | None = None

    def anchor(self) -> Xy:
        return self._from.points[self._point]

    def click(self, pos: QPointF, event: QMouseEvent) -> None:
        if self._was_selected and not self._adds:
            self.stage.select((), (self._point,))

    def begin(self, event: QMouseEvent) -> None:
        marks = self.stage.marks
        if self._point not in marks.points:
            self.stage.select(self.stage.session.selection, marks.points | {self._point}, marks.frames)
        super().begin(event)

    @property
    def _is_alone(self) -> bool:
        load = self._from
        return len(load.points) == 1 and not load.nodes and not load.frames

    def on_grid(self, at: Xy, keys: Qt.KeyboardModifier) -> Xy:
        x, y = super().on_grid(at, keys)
        return x, self._rerouting.levelled(self._point, y) if self._is_alone and self.stage.snaps(keys) else y

    def mark(self, pos: QPointF) -> None:
        """What a lone point would become one with."""
        marks = self.stage.marks
        self._target = self._rerouting.target(self._point, pos) if self._is_alone else None
        wire = self._target if isinstance(self._target, Edge) else None
        point = self._target if isinstance(self._target, str) else None
        if (wire, point) != (marks.drop_wire, marks.drop_point):
            self.stage.redraw_wires([marks.drop_wire, wire])
            self.stage.redraw_points([p for p in (marks.drop_point, point) if p])
            marks.drop_wire, marks.drop_point = wire, point

    def finish(self, pos: QPointF, event: QMouseEvent) -> None:
        if self._target is None:
            super().finish(pos, event)
            return
        edit = self._rerouting.joining(self._point, self._target, self._now().points[self._point])
        kept = self._target if isinstance(self._target, str) else self._point
        self.clear()
        if self.stage.session.apply(edit):
            self.stage.select((), (kept,))
        else:
            self.restore()
