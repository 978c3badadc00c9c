"""Classes from packages under names that are free in the generated text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from engine.codegen.names import Namespace, identifier
from engine.document.project import Project
from engine.graph.block import Block
from engine.layers.outside import OutsideModule


def with_classes_apart(project: Project, blocks: Iterable[Block], taken: Namespace) -> Project:
    """The project with another name for every imported class whose own is taken; the same project if none is.

    Two packages may well have a class of one name, and a block may be called like a class.
    """
    names: dict[str, str] = {}
    for block in blocks:
        changed = []
        for node in map(block.graph.nodes.__getitem__, block.graph.of_kind(OutsideModule)):
            layer = node.layer
            if not isinstance(layer, OutsideModule) or not layer.path:
                continue
            path, own = layer.path, layer.path.rpartition(".")[2]
            if path not in names:
                names[path] = taken.add(own, f"{identifier(path.split('.')[0]).capitalize()}{own}")
            called = names[path] if names[path] != own else ""
            if called != layer.called:
                changed.append(replace(node, layer=layer.with_(called=called)))
        if changed:
            project = project.with_block(replace(block, graph=block.graph.with_nodes(changed)))
    return project
