"""Probes on wires: little flags that show how what goes through lies, and in what range."""

from __future__ import annotations

from collections.abc import Iterator

from engine.document.probes import toggled
from engine.document.project import Probe
from gui.canvas.flag_paint import EMPTY, Flag, flag_of, flag_rect
from gui.canvas.stage import Stage


class Probes:
    """The probes of the block on screen, kept in step with the project and the last look."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        session = stage.session
        session.looking.changed.connect(self.follow)
        for signal in (session.changed, session.block_changed):
            signal.connect(self.follow)
        self.follow()

    def why_not(self) -> str:
        """Why nothing can be probed, in words, "" if something can."""
        return "" if next(self._chosen(), None) else "Select a wire, or layers with outputs."

    @property
    def is_there(self) -> bool:
        """Whether what is chosen is probed already."""
        session = self._stage.session
        there = set(session.project.layout_of(session.block_id).probes)
        return bool(there) and next(self._chosen(), None) is not None and all(p in there for p in self._chosen())

    def toggle(self) -> None:
        """Probe what is chosen, or no longer."""
        session, chosen = self._stage.session, list(self._chosen())
        if chosen:
            session.apply(toggled(session.project, session.block_id, chosen))

    def follow(self, _: object = None) -> None:
        """Show what the last look saw."""
        stage, session = self._stage, self._stage.session
        graph = session.block.graph
        probes = [p for p in session.project.layout_of(session.block_id).probes if p.node in graph.nodes]
        before = stage.picture.flags
        after = {(probe.node, probe.port): self._flag(probe) for probe in probes}
        if before or after:
            stage.picture.flags = after
            for node, port in {*before, *after}:
                stage.scene.redraw(flag_rect(stage.drawing, node, port).adjusted(-1, -1, 1, 1))

    def _chosen(self) -> Iterator[Probe]:
        """The output of the chosen wire, else those of the selected layers."""
        session, wire = self._stage.session, self._stage.marks.chosen_wire
        if wire is not None:
            yield Probe(wire.source, wire.source_port)
            return
        nodes, project, block = session.block.graph.nodes, session.project, session.block_id
        for node in session.selection:
            for port in project.ports(nodes[node], block)[1]:
                yield Probe(node, port.name)

    def _flag(self, probe: Probe) -> Flag:
        session = self._stage.session
        last = session.looking.looks.last
        end = (*((str(b), str(n)) for b, n in session.way), (str(session.block_id), str(probe.node)))
        seen = [s for s in last.seen if s.spot.path == end and s.spot.port == probe.port] if last else []
        return flag_of(seen[0]) if seen else EMPTY
