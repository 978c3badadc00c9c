"""A network drawn with the insides of its blocks in their places, for pictures: each once, in a frame that says ×N."""

from __future__ import annotations

from dataclasses import replace

from engine.document.edits import SetFrames, SetReroutes
from engine.document.project import Frame, Project
from engine.document.ungrouping import Ungroup
from engine.document.wiring import with_graph
from engine.errors import EngineError
from engine.graph.graph import BlockId, NodeId
from engine.layers.block import BlockLayer

MOST = 2000
"""Layers beyond which no further block is unfolded."""


def unfolded(project: Project, block: BlockId | str = "", depth: int = 1) -> tuple[Project, dict[str, list[NodeId]]]:
    """The project with the blocks in a block unfolded so many levels deep, and the layers of each frame by its id.

    A repeated block is drawn once and its frame says how often it stands there. The frames have no place yet: that
    follows from where the layers are put. What cannot be unfolded, as loops and branches cannot, stays a block. Notes
    and other frames and points of wires are left out, since their places would mean nothing.
    """
    if depth < 1:
        return project, {}
    frames: dict[str, Frame] = {}
    members: dict[str, list[NodeId]] = {}
    for _ in range(depth):
        instances = [n for n in project.block(block).graph.nodes.values() if isinstance(n.layer, BlockLayer)]
        for node in instances:
            if len(project.block(block).graph.nodes) > MOST:
                break
            assert isinstance(node.layer, BlockLayer)
            try:
                after = Ungroup(node.id, str(block))(_once(project, block, node.id))
            except EngineError:
                continue
            before = project.block(block).graph.nodes
            inside = [id for id in after.block(block).graph.nodes if id not in before]
            name = f"u{len(members) + 1}"
            for held in members.values():
                if node.id in held:
                    held[held.index(node.id) : held.index(node.id) + 1] = inside
            members[name] = inside
            title = project.block(node.layer.block).name
            frames[name] = Frame(name, f"{title} ×{node.layer.repeat}" if node.layer.repeat != 1 else title, 0, 0, 1, 1)
            project = after
    project = SetReroutes((), str(block))(project)
    return SetFrames(tuple(frames.values()), str(block))(project), members


def _once(project: Project, block: BlockId | str, node: NodeId) -> Project:
    """The same with one instance instead of a row of them."""
    graph = project.block(block).graph
    there = graph.nodes[node]
    assert isinstance(there.layer, BlockLayer)
    return with_graph(
        project, str(block), graph.with_nodes([replace(there, layer=there.layer.with_(repeat=1, shared=False))])
    )
