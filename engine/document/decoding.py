"""Plain data as a project. Nothing is built before it is checked; every error names its place in the file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, cast, get_args

from engine.document.about import read_about
from engine.document.encoding import EDGE_PATTERN, ID_PATTERN, edge_text, wired_ports
from engine.document.names import need_class_name, need_name
from engine.document.plain import keys, number, rows, table, text, whole
from engine.document.project import Bookmark, Frame, Layout, Point, Probe, Project, Reroute
from engine.document.weights import need_tie, need_weights
from engine.document.wiring import need_layer
from engine.errors import EngineError, FileError
from engine.graph.about import About
from engine.graph.block import Block, BlockParam, Returns
from engine.graph.graph import BlockId, Edge, Graph, Node, NodeId
from engine.layers.base import Layer
from engine.layers.code import Missing, freeze
from engine.recipe.recipe import Recipe
from engine.recipe.weights import PLAIN, Weights

_MAY = ("help", "about", "sequence", "returns", "params", "next_id", "edges")
_ID = re.compile(ID_PATTERN)
_EDGE = re.compile(EDGE_PATTERN)


@contextmanager
def at(place: str) -> Iterator[None]:
    """Say in every error of the engine where in the file it is."""
    try:
        yield
    except FileError:
        raise
    except EngineError as error:
        raise FileError(f"{place}: {error.message}", error.hint) from None


def decode(data: Mapping[str, Any]) -> Project:
    """The project that checked-for-plainness data describes. Raises: FileError naming the place."""
    keys(data, "project", need=("main", "blocks"), may=("format", "version", "layout", "recipe"))
    blocks = {BlockId(key): _block(key, raw) for key, raw in table(data["blocks"], "blocks").items()}
    main = text(data["main"], "main")
    if main not in blocks:
        raise FileError(f"main: there is no block {main!r}.", f"Blocks: {', '.join(blocks) or 'none'}.")
    with at("recipe"):
        recipe = Recipe.read(table(data.get("recipe", {}), "recipe"))
    project = Project(blocks, BlockId(main), {}, recipe)
    _check_together(project)
    return _with_layout(project, table(data.get("layout", {}), "layout"))


def _block(key: str, raw: Any) -> Block:
    place = f"blocks.{key}"
    if not _ID.fullmatch(key):
        raise FileError(f"blocks: {key!r} is no id.", "Ids are letters, digits, _ and -, a letter first.")
    data = keys(raw, place, need=("name", "nodes"), may=_MAY)
    declared = rows(data.get("params", []), f"{place}.params")
    params = tuple(_param(item, f"{place}.params[{i}]") for i, item in enumerate(declared))
    edges = _edges(data.get("edges", []), f"{place}.edges")
    nodes: dict[NodeId, Node] = {}
    for i, item in enumerate(rows(data["nodes"], f"{place}.nodes")):
        node = _node(item, f"{place}.nodes[{i}]", edges)
        if node.id in nodes:
            raise FileError(f"{place}.nodes[{i}]: the id {node.id} is used twice.")
        nodes[node.id] = node
    numbers = [int(n[1:]) for n in nodes if re.fullmatch(r"n\d{1,15}", n)]
    least = max(numbers, default=0) + 1
    next_id = whole(data.get("next_id", least), f"{place}.next_id")
    if next_id < least:
        raise FileError(f"{place}.next_id: must be at least {least}, so that no id is used twice, not {next_id}.")
    name, help = text(data["name"], f"{place}.name"), text(data.get("help", ""), f"{place}.help")
    sequence = data.get("sequence", False)
    if not isinstance(sequence, bool):
        raise FileError(f"{place}.sequence: must be true or false.")
    returns = text(data.get("returns", "tuple"), f"{place}.returns")
    if returns not in get_args(Returns):
        raise FileError(f"{place}.returns: must be {', '.join(get_args(Returns))}, not {returns!r}.")
    about = read_about(data["about"], f"{place}.about") if "about" in data else About()
    return Block(BlockId(key), name, params, Graph(nodes, edges, next_id), help, about, sequence, cast(Any, returns))


def _param(raw: Any, place: str) -> BlockParam:
    data = keys(raw, place, need=("name", "kind", "default"), may=("help",))
    words = {name: text(data.get(name, ""), f"{place}.{name}") for name in ("name", "kind", "help")}
    with at(place):
        return BlockParam(words["name"], cast(Any, words["kind"]), data["default"], words["help"])


def _node(raw: Any, place: str, edges: frozenset[Edge]) -> Node:
    data = keys(raw, place, need=("id", "name", "layer"), may=("ports", "weights", "muted"))
    node = NodeId(text(data["id"], f"{place}.id"))
    if not _ID.fullmatch(node):
        raise FileError(f"{place}: {node!r} is no id.", "Ids are letters, digits, _ and -, a letter first.")
    raw_layer = table(data["layer"], f"{place}.layer")
    kind = text(raw_layer.get("kind"), f"{place}.layer.kind")
    if Layer.find(kind) in (None, Missing):
        ports = _ports(data["ports"], f"{place}.ports") if "ports" in data else wired_ports(node, edges)
        missing = Missing(data=freeze(raw_layer), ports=ports)
        return Node(node, text(data["name"], f"{place}.name"), missing, _weights(data, place), _muted(data, place))
    if "ports" in data:
        raise FileError(f"{place}.ports: only a layer of an unknown kind lists its ports.")
    with at(f"{place}.layer"):
        layer = Layer.from_json(raw_layer)
    return Node(node, text(data["name"], f"{place}.name"), layer, _weights(data, place), _muted(data, place))


def _muted(data: Mapping[str, Any], place: str) -> bool:
    muted = data.get("muted", False)
    if not isinstance(muted, bool):
        raise FileError(f"{place}.muted: must be true or false, not {muted!r}.")
    return muted


def _weights(data: Mapping[str, Any], place: str) -> Weights:
    if "weights" not in data:
        return PLAIN
    raw = table(data["weights"], f"{place}.weights")
    with at(f"{place}.weights"):
        return Weights.read(raw)


def _ports(raw: Any, place: str) -> Any:
    sides = rows(raw, place)
    if len(sides) != 2:
        raise FileError(f"{place}: must be two lists of names, those of inputs and of outputs.")
    return freeze([[text(name, place) for name in rows(side, place)] for side in sides])


def _edges(raw: Any, place: str) -> frozenset[Edge]:
    """The wires that a list of texts means; `place` is that of the list."""
    found: set[Edge] = set()
    for i, item in enumerate(rows(raw, place)):
        match = _EDGE.fullmatch(text(item, f"{place}[{i}]"))
        if match is None:
            raise FileError(f"{place}[{i}]: {item!r} is no wire.", 'A wire reads "n1.out -> n2.x".')
        source, source_port, target, target_port, slot = match.groups()
        edge = Edge(NodeId(source), source_port, NodeId(target), target_port, int(slot or 0))
        if edge in found:
            raise FileError(f"{place}[{i}]: the wire {item!r} is there twice.")
        found.add(edge)
    return frozenset(found)


def _check_together(project: Project) -> None:
    """Raises: FileError unless names, layers and wires hold together as every edit keeps them."""
    classes: set[str] = set()
    for block in project.blocks.values():
        place = f"blocks.{block.id}"
        with at(f"{place}.name"):
            need_class_name(block.name, classes)
        classes.add(block.name)
        names: set[str] = set()
        for i, node in enumerate(block.graph.nodes.values()):
            with at(f"{place}.nodes[{i}]"):
                need_name(node.name, names, block.name)
                need_layer(project, block.id, node.layer, node.id)
                need_weights(node, node.weights)
            names.add(node.name)
        for i, node in enumerate(block.graph.nodes.values()):
            with at(f"{place}.nodes[{i}]"):
                need_tie(block.graph, node, node.weights)
    for block in project.blocks.values():
        _check_wires(project, block)


def _those(names: Iterable[str], what: str) -> str:
    return f"Its {what}: {', '.join(sorted(names)) or 'none'}."


def _check_wires(project: Project, block: Block) -> None:
    graph, place = block.graph, f"blocks.{block.id}.edges"
    ports = {node.id: project.ports(node, block.id) for node in graph.nodes.values()}
    kinds = {node: ({p.name: p.kind for p in into}, {p.name for p in out}) for node, (into, out) in ports.items()}
    ends: set[tuple[str, str, int]] = set()
    for edge in sorted(graph.edges):
        wire = edge_text(edge)
        for node in (edge.source, edge.target):
            if node not in kinds:
                raise FileError(f"{place}: the wire {wire!r} ends at {node}, which is no layer of the block.")
        if edge.source_port not in kinds[edge.source][1]:
            message = f"{place}: {wire!r}: {graph.nodes[edge.source].name} has no output {edge.source_port}."
            raise FileError(message, _those(kinds[edge.source][1], "outputs"))
        kind = kinds[edge.target][0].get(edge.target_port)
        if kind is None:
            message = f"{place}: {wire!r}: {graph.nodes[edge.target].name} has no input {edge.target_port}."
            raise FileError(message, _those(kinds[edge.target][0], "inputs"))
        end = (edge.target, edge.target_port, edge.slot if kind == "many" else 0)
        if end in ends or (kind != "many" and edge.slot):
            raise FileError(f"{place}: {wire!r}: {graph.nodes[edge.target].name}.{edge.target_port} is already taken.")
        ends.add(end)
    if len(graph.order()) != len(graph.nodes):
        ahead = set(graph.order())
        names = ", ".join(node.name for node in graph.nodes.values() if node.id not in ahead)
        raise FileError(f"{place}: data goes round in a circle through {names}.")


def _with_layout(project: Project, data: Mapping[str, Any]) -> Project:
    """The project with its drawing. Positions of what is not there are left out: they mean nothing."""
    layouts = {key: _layout(raw, f"layout.{key}") for key, raw in data.items()}
    for block in project.blocks.values():
        if block.id in layouts:
            layout = layouts[block.id]
            positions = {n: layout.positions[n] for n in block.graph.nodes if n in layout.positions}
            for reroute in layout.reroutes:
                _need_wires(block, reroute)
            probes = tuple(probe for probe in layout.probes if probe.node in block.graph.nodes)
            project = project.with_layout(block.id, replace(layout, positions=positions, probes=probes))
    return project


def _need_wires(block: Block, reroute: Reroute) -> None:
    place = f"layout.{block.id}.reroutes: the point {reroute.id}"
    lost = sorted(reroute.wires - block.graph.edges)
    if lost:
        raise FileError(f"{place} stands on {edge_text(lost[0])!r}, which is no wire of the block.")
    if len({(edge.source, edge.source_port) for edge in reroute.wires}) != 1:
        raise FileError(f"{place} must stand on wires of one output.")


def _layout(raw: Any, place: str) -> Layout:
    data = keys(raw, place, need=(), may=("positions", "frames", "bookmarks", "reroutes", "probes"))
    positions = {
        NodeId(node): _point(point, f"{place}.positions.{node}")
        for node, point in table(data.get("positions", {}), f"{place}.positions").items()
    }
    drawn = rows(data.get("frames", []), f"{place}.frames")
    frames = tuple(_frame(item, f"{place}.frames[{i}]") for i, item in enumerate(drawn))
    if len({frame.id for frame in frames}) != len(frames):
        raise FileError(f"{place}.frames: two frames have the same id.")
    kept = rows(data.get("bookmarks", []), f"{place}.bookmarks")
    bookmarks = tuple(_bookmark(item, f"{place}.bookmarks[{i}]") for i, item in enumerate(kept))
    points = rows(data.get("reroutes", []), f"{place}.reroutes")
    reroutes = tuple(_reroute(item, f"{place}.reroutes[{i}]") for i, item in enumerate(points))
    if len({reroute.id for reroute in reroutes}) != len(reroutes):
        raise FileError(f"{place}.reroutes: two points have the same id.")
    looked = rows(data.get("probes", []), f"{place}.probes")
    probes = dict.fromkeys(_probe(item, f"{place}.probes[{i}]") for i, item in enumerate(looked))
    return Layout(positions, frames, bookmarks, reroutes, tuple(probes))


def _probe(raw: Any, place: str) -> Probe:
    node, dot, port = text(raw, place).partition(".")
    if not (node and dot and port):
        raise FileError(f"{place}: must be a node and its output, as in n3.out.")
    return Probe(NodeId(node), port)


def _reroute(raw: Any, place: str) -> Reroute:
    data = keys(raw, place, need=("id", "x", "y", "wires"), may=())
    x, y = (number(data[key], f"{place}.{key}") for key in ("x", "y"))
    return Reroute(text(data["id"], f"{place}.id"), x, y, _edges(data["wires"], f"{place}.wires"))


def _bookmark(raw: Any, place: str) -> Bookmark:
    data = keys(raw, place, need=("name", "x", "y", "zoom"), may=())
    x, y, zoom = (number(data[key], f"{place}.{key}") for key in ("x", "y", "zoom"))
    if zoom <= 0:
        raise FileError(f"{place}.zoom: must be above 0.")
    return Bookmark(text(data["name"], f"{place}.name"), x, y, zoom)


def _point(raw: Any, place: str) -> Point:
    point = rows(raw, place)
    if len(point) != 2:
        raise FileError(f"{place}: must be two numbers, x and y.")
    return number(point[0], place), number(point[1], place)


def _frame(raw: Any, place: str) -> Frame:
    data = keys(raw, place, need=("id", "text", "x", "y", "width", "height"), may=("kind", "colour"))
    name, words, colour = (text(data.get(key, ""), f"{place}.{key}") for key in ("id", "text", "colour"))
    x, y, width, height = (number(data[key], f"{place}.{key}") for key in ("x", "y", "width", "height"))
    if width <= 0 or height <= 0:
        raise FileError(f"{place}: width and height must be above 0.")
    kind = text(data.get("kind", "frame"), f"{place}.kind")
    if kind not in ("frame", "note"):
        raise FileError(f"{place}.kind: must be frame or note, not {kind!r}.")
    return Frame(name, words, x, y, width, height, colour, cast(Any, kind))
