"""Projects as plain data: what stands in a file, in a stable order."""

from __future__ import annotations

from typing import Any

from engine.document.project import Frame, Layout, Project, Reroute
from engine.graph.about import About
from engine.graph.block import Block, BlockParam
from engine.graph.graph import Edge, Graph, Node, NodeId
from engine.layers.code import Missing, freeze
from engine.recipe.recipe import Recipe

ID_PATTERN = r"[A-Za-z_][A-Za-z0-9_-]{0,99}"
EDGE_PATTERN = r"([\w-]+)\.(\w+) -> ([\w-]+)\.(\w+)(?:\[(\d{1,6})\])?"
_EXPLICIT = ("dataset", "losses", "optimizer", "epochs", "batch_size", "seed")


def encode(project: Project) -> dict[str, Any]:
    """A project as plain data, without format and version."""
    return {
        "main": project.main,
        "blocks": {block.id: _block_data(block) for block in project.blocks.values()},
        "layout": {
            b.id: _layout_data(project.layout[b.id], b) for b in project.blocks.values() if b.id in project.layout
        },
        "recipe": recipe_data(project.recipe),
    }


def _block_data(block: Block) -> dict[str, Any]:
    graph = block.graph
    return {
        "name": block.name,
        "help": block.help,
        **({"about": _about_data(block.about)} if block.about != About() else {}),
        **({"sequence": True} if block.sequence else {}),
        **({"returns": block.returns} if block.returns != "tuple" else {}),
        "params": [_param_data(param) for param in block.params],
        "next_id": graph.next_id,
        "nodes": [_node_data(graph, node) for node in graph.nodes.values()],
        "edges": [edge_text(edge) for edge in _sorted(graph)],
    }


def _about_data(about: About) -> dict[str, Any]:
    """What there is of it, without what is empty."""
    data: dict[str, Any] = {"tags": [*about.tags], "aliases": [*about.aliases]}
    data["references"] = [
        {"authors": r.authors, "title": r.title, "year": r.year, **({"arxiv": r.arxiv} if r.arxiv else {})}
        for r in about.references
    ]
    data["fits"] = {fit.param: str(fit) for fit in about.fits}
    return {key: value for key, value in data.items() if value}


def _param_data(param: BlockParam) -> dict[str, Any]:
    default = param.value_kind.to_json(param.default)
    return {"name": param.name, "kind": param.kind, "default": default, "help": param.help}


def _node_data(graph: Graph, node: Node) -> dict[str, Any]:
    data: dict[str, Any] = {"id": node.id, "name": node.name, "layer": node.layer.to_json()}
    if isinstance(node.layer, Missing) and node.layer.ports != wired_ports(node.id, graph.edges):
        data["ports"] = [list(names) for names in node.layer.ports]
    if not node.weights.is_plain:
        data["weights"] = {name: value for name, value in node.weights.to_json().items() if name != "kind"}
    if node.muted:
        data["muted"] = True
    return data


def _sorted(graph: Graph, edges: frozenset[Edge] | None = None) -> list[Edge]:
    rank = {node: i for i, node in enumerate(graph.nodes)}
    return sorted(
        graph.edges if edges is None else edges,
        key=lambda e: (rank[e.source], e.source_port, rank[e.target], e.target_port, e.slot),
    )


def edge_text(edge: Edge) -> str:
    """A wire as in the file: "n1.out -> n2.x", with the place among the wires of a many-port as [1]."""
    slot = f"[{edge.slot}]" if edge.slot else ""
    return f"{edge.source}.{edge.source_port} -> {edge.target}.{edge.target_port}{slot}"


def _layout_data(layout: Layout, block: Block) -> dict[str, Any]:
    nodes = [node for node in block.graph.nodes if node in layout.positions]
    data: dict[str, Any] = {
        "positions": {node: [_short(x) for x in layout.positions[node]] for node in nodes},
        "frames": [_frame_data(frame) for frame in layout.frames],
    }
    if layout.bookmarks:
        views = [{key: _short(getattr(b, key)) for key in ("x", "y", "zoom")} for b in layout.bookmarks]
        data["bookmarks"] = [{"name": b.name, **view} for b, view in zip(layout.bookmarks, views)]
    reroutes = [_reroute_data(r, block.graph) for r in layout.reroutes if r.wires & block.graph.edges]
    if reroutes:
        data["reroutes"] = reroutes
    probes = [f"{probe.node}.{probe.port}" for probe in layout.probes if probe.node in block.graph.nodes]
    if probes:
        data["probes"] = probes
    return data


def _frame_data(frame: Frame) -> dict[str, Any]:
    sizes = {name: _short(getattr(frame, name)) for name in ("x", "y", "width", "height")}
    return {"id": frame.id, "kind": frame.kind, "text": frame.text, **sizes, "colour": frame.colour}


def _reroute_data(reroute: Reroute, graph: Graph) -> dict[str, Any]:
    wires = [edge_text(edge) for edge in _sorted(graph, reroute.wires & graph.edges)]
    return {"id": reroute.id, "x": _short(reroute.x), "y": _short(reroute.y), "wires": wires}


def _short(value: float) -> float | int:
    return int(value) if value == int(value) else value


def recipe_data(recipe: Recipe) -> dict[str, Any]:
    """The options that are not at their default, and always those that people look for."""
    kinds = {name: declared.kind for name, declared in recipe.params.items()}
    shown = [name for name in kinds if name in _EXPLICIT or name in recipe.changed()]
    return {name: kinds[name].to_json(getattr(recipe, name)) for name in shown}


def wired_ports(node: NodeId, edges: frozenset[Edge]) -> Any:
    """The ports that a layer of an unknown kind has by its wires alone: names of inputs, names of outputs."""
    into = sorted({e.target_port for e in edges if e.target == node})
    return freeze((into, sorted({e.source_port for e in edges if e.source == node})))
