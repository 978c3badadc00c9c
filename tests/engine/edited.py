"""Projects that were built by edits, and what they look like by names."""

import engine.layers  # noqa: F401 - fills the registry
from engine.document.edits import AddNode, Connect, SetBlockParams
from engine.document.project import Project
from engine.graph.block import BlockParam
from engine.graph.graph import Edge
from engine.layers.base import Layer


def layer(kind: str, **options: object) -> Layer:
    return Layer.find(kind)(**options)


def built(*layers: Layer, wires: str = "", params: tuple[BlockParam, ...] = ()) -> Project:
    """Layers n1, n2, ... 256 apart in the main block, and wires such as "1-2 2-3.inputs"."""
    project = SetBlockParams("", params)(Project())
    for i, each in enumerate(layers):
        project = AddNode(each, at=(256 * i, 0))(project)
    for wire in wires.split():
        source, target = wire.split("-")
        source, _, out = source.partition(".")
        target, _, into = target.partition(".")
        project = Connect(Edge(f"n{source}", out or "out", f"n{target}", into or "x"))(project)
    return project


def wires(project: Project, block: str = "") -> set[str]:
    """Every wire by the names of its layers."""
    graph = project.block(block).graph
    return {
        f"{graph.nodes[e.source].name}.{e.source_port} -> {graph.nodes[e.target].name}.{e.target_port}:{e.slot}"
        for e in graph.edges
    }


def names(project: Project, block: str = "") -> list[str]:
    return [n.name for n in project.block(block).graph.nodes.values()]


LINE = (layer("Input"), layer("Linear"), layer("ReLU"), layer("Linear"), layer("Output"))
CHAIN = built(*LINE, wires="1-2 2-3 3-4 4-5")
