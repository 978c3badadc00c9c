"""What a name of a module says about the graph, in plain data: "stage.1.conv" stands for nodes one in the other."""

from __future__ import annotations

from collections.abc import Mapping

from engine.document.project import Project
from engine.graph.block import Block
from engine.graph.chain import chain_of, is_row
from engine.layers.block import BlockLayer, held, module_names
from engine.training.events import NodePath

Inside = Mapping[str, tuple[str, str, bool]]
"""By the name of a module of a block: the node, the block that it is an instance of or "", and whether it is a row."""


class Outline:
    """The modules of every block. blocks: by their ids. main: where names begin."""

    def __init__(self, main: str, blocks: Mapping[str, Inside]) -> None:
        self.main, self.blocks = main, blocks
        self._paths: dict[str, NodePath | None] = {"": ()}

    def path(self, module: str) -> NodePath | None:
        """The nodes from the main block down to the one whose module it is; None if it is inside of a layer."""
        if module not in self._paths:
            self._paths[module] = self._path(module)
        return self._paths[module]

    def owner(self, name: str) -> tuple[NodePath, str]:
        """The node that a parameter or module belongs to, and what it is called inside of that node's module."""
        path: list[tuple[str, str]] = []
        block, in_row = self.main, False
        parts = name.split(".")
        for place, part in enumerate(parts):
            if in_row and part.isdigit():
                in_row = False
                continue
            found = self.blocks.get(block, {}).get(part)
            if found is None:
                return tuple(path), ".".join(parts[place:])
            path.append((block, found[0]))
            block, in_row = found[1], found[2]
        return tuple(path), ""

    def _path(self, module: str) -> NodePath | None:
        path, rest = self.owner(module)
        return None if rest else path


def outline_of(project: Project) -> Outline:
    """The outline of a project as it is written."""
    return Outline(str(project.main), {str(b): _inside(block) for b, block in project.blocks.items()})


def _inside(block: Block) -> dict[str, tuple[str, str, bool]]:
    found: dict[str, tuple[str, str, bool]] = {}
    for node in block.graph.nodes.values():
        instances = held(node.layer)
        if not instances:
            found[node.name] = (str(node.id), "", False)
        is_a_row = isinstance(node.layer, BlockLayer) and node.layer.repeat != 1 and not node.layer.shared
        for name, instance in zip(module_names(node.name, node.layer), instances):
            found[name] = (str(node.id), instance.block, is_a_row)
    if block.sequence:
        chain = chain_of(block)
        if is_row(block):
            node = chain[0]
            assert isinstance(node.layer, BlockLayer)
            count = node.layer.repeat if isinstance(node.layer.repeat, int) else 1000
            found |= {str(i): (str(node.id), node.layer.block, False) for i in range(count)}
        else:
            found |= {str(i): found[node.name] for i, node in enumerate(chain) if node.name in found}
    return found
