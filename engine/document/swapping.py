"""One layer in another one's place."""

from __future__ import annotations

from dataclasses import dataclass

from engine.document.edits import Rename, SetLayer
from engine.document.names import free_name, usual_name
from engine.document.project import Project
from engine.graph.graph import NodeId
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
        after = SetLayer(self.node, self.layer, self.block)(project)
        if after is project or node.name.rstrip("0123456789") != usual or type(node.layer) is type(self.layer):
            return after
        return Rename(self.node, free_name(after, self.block, self.layer), self.block)(after)
