"""The indexes of a graph after an edit are those that would be made from nothing."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine.layers  # noqa: F401 - fills the registry
from bench.networks import NETWORKS
from engine.document.edits import RemoveNodes
from engine.graph import graph as graphs
from engine.graph.graph import Edge, Graph, Indexes, Node, NodeId
from engine.layers.activation import ReLU

NUMBERS = st.integers(0, 10_000)
EDITS = st.lists(
    st.tuples(st.sampled_from(["add", "cut", "wire", "remove", "insert"]), NUMBERS, NUMBERS), min_size=1, max_size=9
)
SPANS = st.lists(st.tuples(st.integers(0, 29), st.integers(0, 29)), max_size=50)


def drawn(spans: list[tuple[int, int]], shuffled: list[int]) -> Graph:
    """Thirty layers, made in another order than they are wired in."""
    ids = [NodeId(f"n{i}") for i in shuffled]
    edges = {Edge(ids[min(a, b)], "out", ids[max(a, b)], "x", a) for a, b in spans if a != b}
    return Graph({id: Node(id, id, ReLU()) for id in sorted(ids)}, frozenset(edges), len(ids))


def edited(graph: Graph, what: str, i: int, j: int) -> Graph:
    ids, edges = list(graph.nodes), sorted(graph.edges)
    one, other = ids[i % len(ids)], ids[j % len(ids)]
    new = NodeId(f"n{graph.next_id}")
    more = {**graph.nodes, new: Node(new, new, ReLU())}
    if what == "add":
        return replace(graph, nodes=more, next_id=graph.next_id + 1)
    if what == "wire":
        return replace(graph, edges=graph.edges | {Edge(one, "out", other, "x", 99)})
    if what == "remove" and len(ids) > 1:
        left = {id: node for id, node in graph.nodes.items() if id != one}
        return replace(graph, nodes=left, edges=frozenset(e for e in edges if one not in (e.source, e.target)))
    if not edges:
        return graph
    edge = edges[i % len(edges)]
    if what == "cut":
        return replace(graph, edges=graph.edges - {edge})
    wires = {replace(edge, target=new), Edge(new, "out", edge.target, edge.target_port, edge.slot)}
    return replace(graph, nodes=more, edges=graph.edges - {edge} | wires, next_id=graph.next_id + 1)


@settings(max_examples=300, deadline=None)
@given(SPANS, st.permutations(range(30)), EDITS)
def test_indexes_after_an_edit_are_those_made_from_nothing(spans, shuffled, edits):
    graph = drawn(spans, shuffled)
    known = Indexes.of(tuple(graph.nodes), graph.edges)
    for what, i, j in edits:
        graph = edited(graph, what, i, j)
        ids, fresh = tuple(graph.nodes), Indexes.of(tuple(graph.nodes), graph.edges)
        near = known.near(ids, graph.edges)
        assert near is not None or len(known.found[0]) < len(known.ids)
        if near is not None:
            assert near == fresh
        known = near or fresh


def test_a_large_graph_of_a_moment_ago_is_gone_on_from(monkeypatch):
    chain = [(i, i + 1) for i in range(29)] * 3
    graph = drawn([(a, b) for a, b in chain], list(range(30)))
    graph = replace(graph, edges=graph.edges | {replace(e, slot=e.slot + 100 * k) for e in graph.edges for k in (1, 2)})
    assert graph.order()
    monkeypatch.setattr(graphs.Indexes, "of", None)
    for what, i in (("insert", 5), ("remove", 9), ("cut", 3), ("add", 0)):
        before, graph = graph, edited(graph, what, i, 0)  # as undo does, one keeps the graph of before
        assert len(graph.order()) == len(graph.nodes) != 0 < len(before.edges)


@pytest.mark.parametrize("heal", [False, True])
@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(NETWORKS)), st.sets(st.integers(1, 38), min_size=1, max_size=12))
def test_layers_that_are_removed_together_leave_what_is_left_when_they_go_one_after_the_other(heal, name, numbers):
    project = NETWORKS[name](40)
    inner = [id for id, node in project.block().graph.nodes.items() if node.layer.key not in ("Input", "Output")]
    chosen = [id for number, id in enumerate(inner) if number in numbers]
    one_by_one = project
    for node in chosen:
        one_by_one = RemoveNodes([node], heal=heal)(one_by_one)
    together = RemoveNodes(chosen, heal=heal)(project) if chosen else project
    assert together == one_by_one
    assert list(together.layout_of().positions) == list(together.block().graph.nodes)
