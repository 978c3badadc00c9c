"""What loops and branches are called on the canvas and in the panels."""

from __future__ import annotations

from engine.document.project import Project
from engine.graph.graph import BlockId
from engine.layers.base import Layer
from engine.layers.block import BlockLayer, Holder
from engine.layers.control import Branch, Scan, While

_BY = {"training": "if training", "condition": "if", "parameter": "if built so"}


def mark_of(layer: Layer) -> str:
    """The word in the pill of a node: how its blocks are applied; "" for a layer that is applied once."""
    if isinstance(layer, BlockLayer):
        return f"×{layer.repeat}" if isinstance(layer.repeat, int) and layer.repeat > 1 else ""
    if isinstance(layer, Scan):
        return "scan ←" if layer.reverse else "scan"
    if isinstance(layer, While):
        return f"≤ {layer.limit}" if isinstance(layer.limit, int) else "until"
    return _BY[layer.on] if isinstance(layer, Branch) else ""


def control_title(project: Project, layer: Holder) -> str:
    """The blocks of a loop or branch by name."""
    inner = [project.blocks.get(BlockId(instance.block)) for instance in layer.held()]
    return " or ".join(block.name for block in inner if block) or layer.title
