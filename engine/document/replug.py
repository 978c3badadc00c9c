"""Wires whose ends go elsewhere together, each keeping its place among the wires of a many-port."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from engine.document.project import Project
from engine.document.wiring import next_slot, with_edges, with_graph
from engine.errors import EditError
from engine.graph.graph import Edge, NodeId


@dataclass(frozen=True)
class Replug:
    """Take every wire out at one end and plug it in at another port: `moves` are pairs of before and after."""

    moves: tuple[tuple[Edge, Edge], ...]
    block: str = ""

    @property
    def label(self) -> str:
        return "Reconnect" if len(self.moves) == 1 else f"Reconnect {len(self.moves)} wires"

    def __call__(self, project: Project) -> Project:
        graph = project.block(self.block).graph
        old = {before for before, _ in self.moves}
        if not old <= graph.edges:
            raise EditError("This wire is no longer there.")
        self._need_room(project)
        project = with_graph(project, self.block, with_edges(graph, graph.edges - old))
        for before, after in self.moves:
            project = self._plugged(project, before, after)
        return project

    def _need_room(self, project: Project) -> None:
        """Raises: EditError where several of the wires would end at an input for one: all but one would be lost."""
        graph = project.block(self.block).graph
        for (end, name), count in Counter((after.target, after.target_port) for _, after in self.moves).items():
            node = graph.nodes.get(end)
            kinds = {port.name: port.kind for port in project.ports(node, self.block)[0]} if node else {}
            if node and count > 1 and kinds.get(name, "many") != "many":
                raise EditError(f"{node.name} takes one wire at {name}, and these are {count}.")

    def _plugged(self, project: Project, before: Edge, after: Edge) -> Project:
        if reason := project.why_not(after, self.block):
            raise EditError(reason)
        graph = project.block(self.block).graph
        node = graph.nodes[after.target]
        kind = next(p.kind for p in project.ports(node, self.block)[0] if p.name == after.target_port)
        there = graph.feeding(after.target, after.target_port)
        stays = (before.target, before.target_port) == (after.target, after.target_port)
        if kind == "many":
            slot = before.slot if stays else next_slot(graph, after.target, after.target_port)
            return with_graph(project, self.block, with_edges(graph, graph.edges | {replace(after, slot=slot)}))
        return with_graph(project, self.block, with_edges(graph, graph.edges - set(there) | {replace(after, slot=0)}))


def from_port(edges: Iterable[Edge], side: str, node: str, port: str) -> tuple[tuple[Edge, Edge], ...]:
    """The moves that bring all of these wires to another port on the same side as the one they leave."""
    if side == "out":
        return tuple((edge, replace(edge, source=NodeId(node), source_port=port)) for edge in edges)
    return tuple((edge, replace(edge, target=NodeId(node), target_port=port)) for edge in edges)
