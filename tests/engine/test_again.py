"""What is known after an edit is what a fresh look at the same project finds: shapes, problems, memory and text."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.analysis.infer import clear_memo, infer
from engine.codegen import classes
from engine.codegen.classes import model_source
from engine.document.edits import Insert, RemoveNodes, Rename, SetParam
from engine.document.muting import Mute
from engine.document.project import MAIN, Project
from engine.graph.block import Block
from engine.graph.graph import BlockId, Edge, Graph, Node, NodeId
from engine.layers.activation import ReLU
from engine.layers.base import Layer

KINDS = ("width", "bias", "name", "insert", "mute", "remove", "inside", "input", "back")
STEPS = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 7)), min_size=1, max_size=8)


def wired(*layers: Layer, block: str = "") -> Graph:
    """Layers one after another, with a short cut from the first to every sum."""
    nodes = {NodeId(f"n{i}"): Node(NodeId(f"n{i}"), f"layer{i}", layer) for i, layer in enumerate(layers)}
    edges, before = set(), None
    for node in nodes.values():
        port = "x" if node.layer.key == "Block" else node.layer.ports_in()[0].name if before else ""
        if before is not None:
            out = "y" if before.layer.key == "Block" else "out"
            edges.add(Edge(before.id, out, node.id, "start" if node.layer.key == "Block" else port))
            if node.layer.key == "Add":
                edges.add(Edge(NodeId("n1"), "out", node.id, port, 1))
        before = node
    return Graph(nodes, frozenset(edges), len(nodes))


def network() -> Project:
    """Two instances of a block, sums, and layers of several kinds."""
    make = Layer.registry
    inner = wired(make["Input"](), make["Conv2d"](out_channels=4), make["ReLU"](), make["Output"]())
    named = {id: Node(id, {"Input": "start", "Output": "y"}.get(n.layer.key, n.name), n.layer)
             for id, n in inner.nodes.items()}  # fmt: skip
    block = Block(BlockId("inner"), "Inner", (), Graph(named, inner.edges, inner.next_id))
    main = wired(make["Input"](), make["Conv2d"](out_channels=4), make["BatchNorm2d"](), make["Add"](),
                 make["Block"](block="inner"), make["Conv2d"](out_channels=4), make["Add"](),
                 make["Block"](block="inner"), make["AdaptiveAvgPool2d"](), make["Flatten"](),
                 make["Linear"](out_features=8), make["Linear"](out_features=10), make["Output"]())  # fmt: skip
    return Project({MAIN: Block(MAIN, "Model", (), main), block.id: block})


def edited(project: Project, kind: str, number: int) -> Project:
    """The project after one of the edits that people make; the same where it cannot be made."""
    nodes = list(project.block().graph.nodes.values())
    convs = [n for n in nodes if n.layer.key == "Conv2d"]
    node = nodes[number % len(nodes)]
    if kind == "width":
        return SetParam(convs[number % len(convs)].id, "out_channels", 3 + number % 3)(project) if convs else project
    if kind == "bias":
        return SetParam(convs[number % len(convs)].id, "bias", number % 2 == 0)(project) if convs else project
    if kind == "name":
        return Rename(node.id, f"other{number}")(project)
    if kind == "insert":
        edges = sorted(project.block().graph.edges)
        return Insert(edges[number % len(edges)], ReLU())(project) if edges else project
    if kind == "inside":
        return SetParam(NodeId("n1"), "out_channels", 3 + number % 3, "inner")(project)
    if kind == "input":
        return SetParam(nodes[0].id, "shape", (1, 8 + number, 8))(project) if nodes[0].layer.key == "Input" else project
    if kind in ("mute", "remove") and node.layer.key not in ("Input", "Output", "Block") and len(nodes) > 4:
        return (Mute([node.id], not node.muted) if kind == "mute" else RemoveNodes([node.id]))(project)
    return project


def known(project: Project) -> tuple[object, ...]:
    analysis = infer(project)
    source = model_source(project, analysis)
    return analysis, source.text, dict(source.node_of_line), dict(source.also), dict(source.gives), source.imports


@pytest.fixture(autouse=True)
def forgetful() -> Iterator[None]:
    yield
    clear_memo()
    classes.clear_memo()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_an_edit_leaves_known_what_a_fresh_look_would_find(steps: list[tuple[str, int]]) -> None:
    project = network()
    seen, found = [project], [known(project)]
    for kind, number in steps:
        project = seen[number % len(seen)] if kind == "back" else edited(project, kind, number)
        seen.append(project)
        found.append(known(project))
    for each, before in zip(seen, found, strict=True):
        clear_memo()
        classes.clear_memo()
        assert known(each) == before
