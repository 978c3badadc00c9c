"""What is selected, followed along the wires: all that comes before, after, or between."""

from __future__ import annotations

from collections.abc import Iterable

from engine.graph.graph import Edge, NodeId
from gui.canvas.frame_paint import frame_rect
from gui.canvas.stage import Stage


class Choosing:
    """Selects by what the selected layers have to do with the others."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    @property
    def _chosen(self) -> tuple[NodeId, ...]:
        return self._stage.session.selection

    def everything(self) -> None:
        drawing = self._stage.drawing
        self._stage.select(drawing.faces, (r.id for r in drawing.reroutes), (f.id for f in drawing.frames))

    def upstream(self) -> None:
        """The selected layers and all that feeds them, however far back."""
        graph = self._stage.drawing.graph
        self._select({n for node in self._chosen for n in graph.upstream(node)} | set(self._chosen))

    def downstream(self) -> None:
        """The selected layers and all that they feed, however far on."""
        graph = self._stage.drawing.graph
        self._select({n for node in self._chosen for n in graph.downstream(node)} | set(self._chosen))

    def between(self) -> None:
        """The selected layers and all on a way from one of them to another."""
        graph = self._stage.drawing.graph
        before = {n for node in self._chosen for n in graph.upstream(node)}
        after = {n for node in self._chosen for n in graph.downstream(node)}
        self._select((before & after) | set(self._chosen))

    def alike(self) -> None:
        """Every layer of the kinds that are selected."""
        graph = self._stage.drawing.graph
        kinds = {graph.nodes[node].layer.key for node in self._chosen}
        self._select(n for n, node in graph.nodes.items() if node.layer.key in kinds)

    def others(self) -> None:
        """What is not selected, instead of what is."""
        self._select(n for n in self._stage.drawing.faces if n not in self._chosen)

    def wires_of(self, node: NodeId) -> list[Edge]:
        """The wires of a layer: first those that come in, then those that leave, each from the top."""
        drawing = self._stage.drawing
        edges = (*drawing.graph.into(node), *drawing.graph.out_of(node))
        return sorted(
            (e for e in edges if e in drawing.wires),
            key=lambda e: (e.source == node, *reversed(drawing.ends(e)[e.source != node]), e),
        )

    def next_wires(self) -> list[Edge]:
        """The wires among which `next_wire` chooses: those of the selected layer, or of one whose wire is marked."""
        focus, wire = self._stage.marks.focus, self._stage.marks.chosen_wire
        if self._chosen:
            return self.wires_of(self._chosen[-1])
        if wire is None:
            return []
        return self.wires_of(focus if focus in (wire.source, wire.target) and focus else wire.source)

    def next_wire(self) -> None:
        """Mark a wire of the selected layer as a click does; again, and it is the next one."""
        wires, before = self.next_wires(), self._stage.marks.chosen_wire
        if wires:
            self._stage.choose(wire=wires[(wires.index(before) + 1) % len(wires) if before in wires else 0])

    def next_frame(self) -> None:
        """Mark a frame or a note as a click does, and bring it into view; again, and it is the next one."""
        stage = self._stage
        frames = sorted(stage.drawing.frames, key=lambda f: (f.y, f.x, f.id))
        if not frames:
            return
        ids = [f.id for f in frames]
        before = stage.marks.chosen_frame
        frame = frames[(ids.index(before) + 1) % len(ids) if before in ids else 0]
        stage.choose(frame=frame.id)
        if not stage.surface.visible().contains(frame_rect(frame)):
            stage.surface.look_at(frame_rect(frame).center(), animate=True)

    def _select(self, nodes: Iterable[NodeId]) -> None:
        wanted = set(nodes)
        rest = [n for n in self._stage.drawing.graph.nodes if n in wanted and n not in self._chosen]
        self._stage.session.select([*(n for n in self._chosen if n in wanted), *rest])
