"""Another layer in a layer's place keeps its wires, also where one input takes many and the other layer has several."""

import pytest

from engine.document.edits import AddNode, Connect, fresh_ids
from engine.document.project import Project
from engine.document.swapping import Swap
from engine.graph.graph import Edge
from engine.layers import Layer

L = Layer.registry


def fed(key: str, count: int) -> tuple[Project, str]:
    """A layer with so many inputs wired in their order. Returns: the project and the layer."""
    project = Project()
    sources = []
    for i in range(count):
        sources += fresh_ids(project)
        project = AddNode(L["Input"](shape=(8,)), f"x{i}")(project)
    (node,) = fresh_ids(project)
    project = AddNode(L[key](), "it")(project)
    ports = [p.name for p in project.ports(project.node(node))[0]]
    for i, source in enumerate(sources):
        project = Connect(Edge(source, "out", node, ports[min(i, len(ports) - 1)]))(project)
    return project, node


@pytest.mark.parametrize(
    ("before", "count", "after", "ends"),
    [
        ("Concat", 3, "Add", ["n1 inputs", "n2 inputs", "n3 inputs"]),
        ("Subtract", 2, "Add", ["n1 inputs", "n2 inputs"]),
        ("MatMul", 2, "Concat", ["n1 inputs", "n2 inputs"]),
        ("Add", 2, "Subtract", ["n1 a", "n2 b"]),
        ("Add", 3, "Subtract", ["n1 a", "n2 b"]),
        ("Concat", 3, "ReLU", ["n1 x"]),
        ("Concat", 2, "LSTM", ["n1 input"]),
        ("MultiheadAttention", 3, "ScaledDotProductAttention", ["n1 query", "n2 key", "n3 value"]),
    ],
)
def test_wires_go_to_the_inputs_that_there_are_in_their_order(before, count, after, ends):
    project, node = fed(before, count)
    graph = Swap(node, L[after]())(project).block().graph
    found = sorted(graph.into(node), key=lambda edge: (edge.slot, edge.source))
    assert [f"{edge.source} {edge.target_port}" for edge in found] == ends


@pytest.mark.parametrize("after", ["LSTM", "RNNCell", "Split"])
def test_a_wire_from_an_output_of_another_name_stays_one_wire(after):
    project, node = fed("ReLU", 1)
    (end,) = fresh_ids(project)
    project = AddNode(L["Concat"](), "end")(project)
    for source in (node, "n1"):
        project = Connect(Edge(source, "out", end, "inputs"))(project)
    graph = Swap(node, L[after]())(project).block().graph
    first = L[after]().ports_out()[0].name
    assert [(e.source, e.source_port) for e in sorted(graph.into(end), key=lambda e: e.slot)] == [
        (node, first),
        ("n1", "out"),
    ]
