"""One layer in another one's place."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace

from engine.document.edits import Connect, Rename, SetLayer
from engine.document.fragment import copy
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


def lost(project: Project, swap: Swap) -> tuple[Edge, ...]:
    """The wires of the layer that is there now for which the other one has no port."""
    graph = project.block(swap.block).graph
    into, out = graph.into(swap.node), graph.out_of(swap.node)
    near = {swap.node, *(e.source for e in into), *(e.target for e in out)}
    piece = copy(project, (n for n in graph.nodes if n in near), swap.block).project  # the rest has no part in it
    try:
        after = Swap(swap.node, swap.layer)(piece).block().graph
    except EditError:
        return ()
    sources = Counter((e.source, e.source_port) for e in after.into(swap.node))
    targets = Counter((e.target, e.target_port) for e in after.out_of(swap.node))
    gone = []
    for edge in (*into, *out):
        kept, end = (targets, edge.target) if edge.source == swap.node else (sources, edge.source)
        key = end, edge.target_port if edge.source == swap.node else edge.source_port
        if kept[key]:
            kept[key] -= 1
        else:
            gone.append(edge)
    return tuple(gone)


def _with_lost(before: Project, after: Project, node: Node, block: str) -> Project:
    """The later project with wires whose ports are gone in the inputs that are free: those of `a + b` are those of Add.

    Only inputs that ask for a wire are filled, between layers of one kind the optional ones as well; the rest goes.
    What read the first output reads the new first one.
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
    return _with_first_output(before, after, node, block)


def _with_first_output(before: Project, after: Project, node: Node, block: str) -> Project:
    old, new = (project.ports(project.node(node.id, block), block)[1] for project in (before, after))
    if not old or not new or old[0].name in {port.name for port in new}:
        return after
    for edge in sorted(before.block(block).graph.out_of(node.id)):
        heir = replace(edge, source_port=new[0].name)
        if edge.source_port == old[0].name and heir not in after.block(block).graph.edges:
            with suppress(EditError):
                after = Connect(heir, block)(after)
    return after


def _free(project: Project, node: NodeId, block: str, optional: bool) -> str | None:
    """The first input that can take one more wire and asks for it."""
    graph = project.block(block).graph
    into = project.ports(graph.nodes[node], block)[0]
    asking = [p for p in into if p.kind != "optional" or optional]
    free = (p for p in asking if p.kind == "many" or not graph.feeding(node, p.name))
    return next((p.name for p in free), None)
