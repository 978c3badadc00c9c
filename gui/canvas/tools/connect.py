"""Drawing a wire from either end: what fits is lit, what does not is refused while one drags, with the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter

from engine.document.edits import Batch, Connect, Disconnect
from engine.graph.graph import Edge, NodeId
from gui.canvas.cards import PointerCard
from gui.canvas.drawing import Drawing
from gui.canvas.face import Spot, end_of
from gui.canvas.look import PortKey
from gui.canvas.stage import Stage
from gui.canvas.tools.base import Tool
from gui.canvas.wire_paint import paint_draft
from gui.canvas.wires import draft
from gui.theme import metrics

OpenSearch = Callable[[QPointF, PortKey], object]


class ConnectTool(Tool):
    """A wire in the making. `loose`: the wire whose end was grabbed, to be plugged in elsewhere or dropped."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, stage: Stage, start: QPointF, spot: Spot, card: PointerCard, search: OpenSearch) -> None:
        super().__init__(stage, start)
        self._loose = _grabbed(stage, start, spot)
        if self._loose is not None:
            source = stage.drawing.faces[self._loose.source].spot("out", self._loose.source_port)
            spot = source or spot
        self._spot, self._card, self._search = spot, card, search
        self._key: PortKey = (spot.node, spot.side, spot.port.name)
        self._end = start
        self._target: Spot | None = None
        self._shape_reasons: dict[Edge, str] = {}
        self._candidates: dict[PortKey, Edge] = {}
        self._is_over = False

    @property
    def anchor(self) -> QPointF:
        """Where the wire is fixed."""
        return end_of(self._spot, self.stage.drawing.at[self._spot.node])

    def begin(self, event: QMouseEvent) -> None:
        marks = self.stage.marks
        self._candidates = dict(candidates(self.stage.drawing, self._spot))
        marks.drag_from = self._key
        marks.unplugged = frozenset((self._loose,)) if self._loose else frozenset()
        marks.light(self._candidates)
        marks.hover = marks.hover_wire = marks.hover_port = None
        self.stage.scene.redraw()
        self._ask_shapes()

    def _edge(self, spot: Spot) -> Edge:
        return edge_between(self._spot, spot)

    def _ask_shapes(self) -> None:
        """Until a thread has tried which ports take this shape, all that the course allows are lit."""
        try_shapes(self.stage, self._candidates.values(), self._take_shapes)

    def _take_shapes(self, reasons: dict[Edge, str]) -> None:
        if self._is_over:
            return
        self._shape_reasons = reasons
        self.stage.marks.light(k for k, e in self._candidates.items() if e not in reasons)
        self._judge(self._end)
        self.stage.scene.redraw()

    def move(self, pos: QPointF, event: QMouseEvent) -> None:
        before, refused = self._dirty(), self.stage.marks.refused
        self._judge(pos)
        is_same, scene = self.stage.marks.refused == refused, self.stage.scene
        (scene.redraw_gesture if is_same else scene.redraw)(before.united(self._dirty()))

    def _dirty(self) -> QRectF:
        m = metrics()
        room = m.wire.ctrl_max + m.node.width_max
        around = QRectF(self.anchor, self._end).normalized()
        return around.adjusted(-room, -room, room, room)

    def _judge(self, pos: QPointF) -> None:
        """What the wire would end at here, and what is to be said of it."""
        stage, marks = self.stage, self.stage.marks
        reach = metrics().canvas.snap_port / stage.zoom
        other = "in" if self._spot.side == "out" else "out"
        keys = [
            (n, other, s.port.name)
            for n in stage.drawing.nodes_in(QRectF(pos.x() - reach, pos.y() - reach, 2 * reach, 2 * reach))
            for s in (stage.drawing.faces[n].ins if other == "in" else stage.drawing.faces[n].outs)
        ]
        spot = self._nearest(pos, reach, keys) or self._whole_node(pos, other)
        self._target = spot
        reason = self._reason(spot) if spot else ""
        marks.refused = (spot.node, spot.side, spot.port.name) if spot and reason else None
        self.show_refused(marks.refused is not None)
        self._end = end_of(spot, stage.drawing.at[spot.node]) if spot else pos
        if spot and reason:
            node = stage.view_rect(stage.drawing.rect(spot.node)).toRect()
            self._card.say(stage.to_view(pos), reason, self._advice(), node, spot.side)
        else:
            self._card.hide()

    def _nearest(self, pos: QPointF, reach: float, keys: list[PortKey]) -> Spot | None:
        """The nearest port that fits; one that does not where the pointer is upon it, or where none does."""
        drawing, lit = self.stage.drawing, self.stage.marks.lit or frozenset()
        fitting = drawing.port_at(pos, reach, [key for key in keys if key in lit])
        here = drawing.port_at(pos, metrics().node.port_r + metrics().node.chip_gap, keys)
        return here or fitting or drawing.port_at(pos, reach, keys)

    def _whole_node(self, pos: QPointF, side: str) -> Spot | None:
        """Over a node's body its first port that fits, so that one need not aim."""
        node = self.stage.drawing.node_at(pos)
        if node is None or node == self._spot.node:
            return None
        face = self.stage.drawing.faces[node]
        spots = face.ins if side == "in" else face.outs
        lit = self.stage.marks.lit or frozenset()
        fitting = [s for s in spots if (node, side, s.port.name) in lit]
        free = [s for s in fitting if not s.wires or s.port.kind == "many" or side == "out"]
        return next(iter((*free, *fitting, *spots)), None)

    def _reason(self, spot: Spot) -> str:
        edge = self._edge(spot)
        reason = self.stage.session.why_not(edge)
        if reason:
            return reason
        said = self._shape_reasons.get(edge, "")
        kind = self.stage.drawing.faces[edge.target].kind
        return f"{kind} {said[:1].lower()}{said[1:]}" if said.startswith("Needs ") else said

    def _advice(self) -> str:
        if self._loose is not None:
            return "Let go on the empty canvas to take the wire away."
        spec = self.stage.drawing.spec(self._spot.node, self._spot.port.name) if self._spot.side == "out" else None
        return f"Let go on the empty canvas to see what takes {spec if spec else 'it'}."

    def finish(self, pos: QPointF, event: QMouseEvent) -> None:
        target, session = self._target, self.stage.session
        refused = bool(target and self._reason(target))
        self._clear()
        if target is not None:
            if not refused:
                self._connect(self._edge(target))
        elif self._loose is not None:
            session.apply(Disconnect(self._loose, session.block_id))
        elif self.stage.node_under(pos) is None:
            self._search(pos, self._key)

    def _connect(self, edge: Edge) -> None:
        session, block = self.stage.session, self.stage.session.block_id
        loose = self._loose
        if loose is None:
            session.apply(Connect(edge, block))
        elif replace(loose, slot=0) != edge:
            session.apply(Batch("Reconnect", (Disconnect(loose, block), Connect(edge, block))))

    def cancel(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self._is_over = True
        marks = self.stage.marks
        marks.light(None)
        marks.drag_from = marks.refused = None
        marks.unplugged = frozenset()
        self._card.hide()
        self.stage.scene.redraw()

    def paint(self, painter: QPainter, rect: QRectF, zoom: float) -> None:
        if not self.is_drag:
            return
        gives = self._spot.side == "out"
        a, b = (self.anchor, self._end) if gives else (self._end, self.anchor)
        path = draft((a.x(), a.y()), (b.x(), b.y()), self.stage.drawing.rect(self._spot.node), gives)
        paint_draft(painter, path, self._end, self._target is None, self.stage.marks.refused is not None)


def candidates(drawing: Drawing, spot: Spot) -> Iterator[tuple[PortKey, Edge]]:
    """Every port at the other side of the graph that could take a wire from this one, as far as its course decides."""
    here, forwards = spot.node, spot.side == "out"
    barred = (drawing.graph.upstream(here) if forwards else drawing.graph.downstream(here)) | {here}
    for node, face in drawing.faces.items():
        if node in barred:
            continue
        for other in face.ins if forwards else face.outs:
            yield (node, other.side, other.port.name), edge_between(spot, other)


def try_shapes(stage: Stage, edges: Iterable[Edge], take: Callable[[dict[Edge, str]], object]) -> None:
    """Let a thread find out which wires' shapes do not fit where they would end; `take` is given them with why."""
    session, tried = stage.session, list(edges)
    analysis, project, block = session.analysis, session.project, session.block_id
    if analysis is None or not session.is_current:
        return

    def work() -> dict[Edge, str]:
        from engine.analysis.fits import fits

        reasons = {edge: fits(project, analysis, edge, block) for edge in tried}
        return {edge: reason for edge, reason in reasons.items() if reason}

    session.background.submit("fits", work, take)


def edge_between(one: Spot, other: Spot) -> Edge:
    """The wire between two ports, whichever of them gives."""
    a, b = (one, other) if one.side == "out" else (other, one)
    return Edge(a.node, a.port.name, b.node, b.port.name)


def _grabbed(stage: Stage, start: QPointF, spot: Spot) -> Edge | None:
    """The wire whose end is under the pointer, at an input."""
    if spot.side == "out" or not spot.wires:
        return None
    edges = stage.drawing.graph.feeding(NodeId(spot.node), spot.port.name)
    return min(edges, key=lambda e: abs(stage.drawing.ends(e)[1][1] - start.y()), default=None)
