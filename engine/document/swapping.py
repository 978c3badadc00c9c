"""One layer in another one's place."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from engine.document.edits import Connect, Rename, SetLayer
from engine.document.names import free_name, usual_name
from engine.document.project import Project
from engine.errors import EditError
from engine.graph.graph import Edge, Node, NodeId
from engine.layers.base import Layer


@dataclass(frozen=True)
class Swap:
    """Put another layer in a node's place with its wires; a name that only said the old kind says the new one."""

    node: NodeId
    layer: Layer
    block: str = ""

    @property
    def label(self) -> str:
        return f"Change to {self.layer.title}"

    def __call__(self, project: Project) -> Project:
        node = project.node(self.node, self.block)
        usual = usual_name(project, self.block, node.layer)
        after = _with_lost(project, SetLayer(self.node, self.layer, self.block)(project), node, self.block)
        if after is project or node.name.rstrip("0123456789") != usual or type(node.layer) is type(self.layer):
            return after
        return Rename(self.node, free_name(after, self.block, self.layer), self.block)(after)


def _with_lost(before: Project, after: Project, node: Node, block: str) -> Project:
    """The later project with wires whose ports are gone in the inputs that are free: those of `a + b` are those of Add.

    Only inputs that ask for a wire are filled, between layers of one kind the optional ones as well; the rest goes.
    """
    alike = after.node(node.id, block).layer.category == node.layer.category
    ports = [p.name for p in before.ports(node, block)[0]]
    wires = sorted(before.block(block).graph.into(node.id), key=lambda e: (ports.index(e.target_port), e.slot))
    kept = Counter((e.source, e.source_port) for e in after.block(block).graph.into(node.id))
    for edge in wires:
        source = edge.source, edge.source_port
        if kept[source]:
            kept[source] -= 1
        elif (port := _free(after, node.id, block, alike)) is not None:
            try:
                after = Connect(Edge(*source, node.id, port), block)(after)
            except EditError:
                continue
    return after


def _free(project: Project, node: NodeId, block: str, optional: bool) -> str | None:
    """The first input that can take one more wire and asks for it."""
    graph = project.block(block).graph
    into = project.ports(graph.nodes[node], block)[0]
    asking = [p for p in into if p.kind != "optional" or optional]
    free = (p for p in asking if p.kind == "many" or not graph.feeding(node, p.name))
    return next((p.name for p in free), None)
