"""A wire drawn by typing: from the selected layer to a port of another, or to it from one."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from PySide6.QtCore import QObject

from engine.document.edits import Connect
from engine.graph.graph import Edge, NodeId
from gui.canvas.face import Spot
from gui.canvas.look import PortKey
from gui.canvas.stage import Stage
from gui.canvas.tools.connect import candidates, try_shapes
from gui.theme import metrics
from gui.widgets.entry import Entry
from gui.widgets.search_list import SearchList

HINTS = (("Enter", "wire"), ("Shift Enter", "wire, keep open"), ("Esc", "close"))


class WireList(QObject):
    """Lists the ports that could take the wire; those whose shapes do not fit come last, with the reason."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._stage = stage
        self._spots: tuple[Spot, ...] = ()
        self._edges: dict[str, tuple[PortKey, Edge]] = {}
        self._reasons: dict[Edge, str] = {}
        self._opened = 0

    @cached_property
    def list(self) -> SearchList:
        """Made when it is first opened."""
        found = SearchList("Wire to", metrics().popup.search_w, HINTS, self._stage)
        found.query_changed.connect(self.fill)
        found.chosen.connect(self.connect_to)
        found.closed.connect(self._close)
        return found

    def open(self, side: Literal["out", "in"]) -> None:
        """Show the list under the selected layer: where its outputs could go, or what could feed its inputs."""
        (node,) = self._stage.session.selection[-1:]
        face = self._stage.drawing.faces[node]
        free = [s for s in face.ins if not s.wires or s.port.kind == "many"]
        self._spots = face.outs if side == "out" else tuple(free or face.ins)
        self._reasons = {}
        self.list.field.setPlaceholderText(f"Wire {face.name} to" if side == "out" else f"Wire into {face.name}")
        at = self._stage.to_view(self._stage.drawing.rect(NodeId(node)).bottomLeft())
        at.setY(at.y() + metrics().space.s)
        self.list.open_at(at)
        opened, edges = self._opened, [edge for _, edge in self._edges.values()]
        try_shapes(self._stage, edges, lambda found: self._take(opened, found))

    def fill(self, query: str) -> None:
        """The ports whose layer, or whose own name, holds what is typed."""
        drawing, words = self._stage.drawing, query.lower().split()
        found: list[tuple[PortKey, Edge]] = []
        for spot in self._spots:
            for key, edge in candidates(drawing, spot):
                face = drawing.faces[key[0]]
                text = f"{face.name} {face.kind} {key[2]} {spot.port.name}".lower()
                if edge not in drawing.wires and all(word in text for word in words):
                    found.append((key, edge))
        found.sort(key=lambda f: (f[1] in self._reasons, self._distance(f[0][0])))
        self._edges = {str(i): pair for i, pair in enumerate(found)}
        self.list.show_entries([self._entry(i, *pair) for i, pair in self._edges.items()], "", f"{len(found)}", query)
        self.list.describe("", "" if found else "No other port could take it.")

    def _distance(self, node: NodeId) -> float:
        """How far away it is drawn: what is near is meant more often."""
        here = self._stage.drawing.rect(self._spots[0].node).center()
        return float((self._stage.drawing.rect(node).center() - here).manhattanLength())

    def _entry(self, row: str, key: PortKey, edge: Edge) -> Entry:
        face, reason = self._stage.drawing.faces[key[0]], self._reasons.get(edge, "")
        ports = face.ins if key[1] == "in" else face.outs
        name = face.name if len(ports) == 1 else f"{face.name}.{key[2]}"
        own = f"from {edge.source_port}" if key[1] == "in" else f"into {edge.target_port}"
        detail = face.kind if len(self._spots) == 1 else f"{face.kind}  {own}"
        return Entry(row, name, detail, reason.split(".")[0], category=face.category, muted=bool(reason))

    def _take(self, opened: int, reasons: dict[Edge, str]) -> None:
        if opened == self._opened:
            self._reasons = reasons
            self.fill(self.list.query)

    def connect_to(self, row: str, keep_open: bool) -> None:
        """Draw the wire."""
        key, edge = self._edges[row]
        session = self._stage.session
        if session.apply(Connect(edge, session.block_id)) and keep_open:
            face = self._stage.drawing.faces.get(self._spots[0].node)
            self._spots = (face.outs if key[1] == "in" else face.ins) if face else ()
            self.fill(self.list.query)

    def _close(self) -> None:
        self._opened += 1
        self._stage.surface.setFocus()
