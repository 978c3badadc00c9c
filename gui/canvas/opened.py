"""Blocks that were opened in their places for a picture: their layers laid out, and a frame around each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.document.edits import MoveNodes, SetFrames
from engine.document.project import Project
from engine.graph.graph import BlockId, NodeId
from engine.graph.shapes import Analysis
from gui.canvas.arranging import laid_out
from gui.canvas.drawing import Drawing
from gui.theme import metrics


def arranged(
    project: Project, analysis: Analysis, block: BlockId | str, members: Mapping[str, list[NodeId]]
) -> Project:
    """The project with the layers of a block in columns, and the frames of its opened blocks around theirs."""
    drawing = Drawing(project, project.block(block).id, analysis)
    places = laid_out(drawing)
    project = MoveNodes(places, str(block))(project)
    drawing = Drawing(project, project.block(block).id, analysis)
    n = metrics().node
    frames = []
    for frame in project.layout_of(block).frames:
        if frame.id in members:
            depth = sum(set(members[frame.id]) > set(other) for other in members.values())
            pad = n.frame_pad / 2 * (1 + depth)
            box = drawing.bounds([m for m in members[frame.id] if m in drawing.faces])
            box = box.adjusted(-pad, -pad - n.frame_title * (1 + depth), pad, pad)
            frame = replace(frame, x=box.x(), y=box.y(), width=box.width(), height=box.height())
        frames.append(frame)
    return SetFrames(tuple(frames), str(block))(project)
