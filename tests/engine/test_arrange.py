"""Arranged networks: columns from left to right, nothing on top of anything, straight chains, wires beside layers."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import engine.layers  # noqa: F401 - fills the registry
from engine.graph.arrange import COLUMN_GAP, GRID, ROW_GAP, arrange
from engine.graph.columns import Columns, layered
from engine.graph.graph import Edge, Graph, Node, NodeId
from engine.graph.rows import PORT, descents
from engine.layers.base import Layer

ADD = Layer.find("Add")()
WIDTHS, HEIGHTS = st.sampled_from([112.0, 152.0, 264.0]), st.sampled_from([40.0, 64.0, 120.0])
WIRES = st.lists(st.tuples(st.integers(0, 14), st.integers(1, 5)), max_size=30)


def network(count: int, wires: list[tuple[int, int]]) -> Graph:
    nodes = [NodeId(f"n{i}") for i in range(count)]
    edges = {Edge(nodes[a], "out", nodes[b], "inputs", i) for i, (a, b) in enumerate(wires)}
    return Graph({n: Node(n, n, ADD) for n in nodes}, frozenset(edges))


def steps(pairs: list[tuple[int, int]], count: int = 15) -> Graph:
    """Any wires from earlier to later nodes: where they start, and how far they reach."""
    return network(count, [(a, a + step) for a, step in sorted(set(pairs)) if a + step < count])


def residual(depths: list[int]) -> Graph:
    """Blocks of layers, each with a short cut around it."""
    wires, last = [], 0
    for depth in depths:
        chain = list(range(last, last + depth + 2))
        wires += [*pairwise(chain), (chain[0], chain[-1])]
        last = chain[-1]
    return network(last + 1, wires)


def u_net(depth: int) -> Graph:
    count = 2 * depth + 1
    return network(count, [*pairwise(range(count)), *((i, count - 1 - i) for i in range(depth - 1))])


def dense(count: int) -> Graph:
    return network(count, [(a, b) for a in range(count) for b in range(a + 1, count)])


def inception(branches: list[int]) -> Graph:
    """Branches of different lengths between two layers."""
    wires, free = [], 2
    for length in branches:
        chain = [0, *range(free, free + length), 1]
        wires += pairwise(chain)
        free += length
    return network(free, wires)


NETWORKS = (
    st.lists(st.integers(1, 4), min_size=1, max_size=4).map(residual)
    | st.integers(1, 6).map(u_net)
    | st.integers(2, 8).map(dense)
    | st.lists(st.integers(1, 4), min_size=1, max_size=5).map(inception)
)


def sized(graph: Graph, data: st.DataObject) -> dict[NodeId, tuple[float, float]]:
    return {node: (data.draw(WIDTHS), data.draw(HEIGHTS)) for node in graph.nodes}


def overlaps(graph: Graph, at: dict, sizes: dict, apart: float) -> list[tuple]:
    found = []
    for a in graph.nodes:
        for b in graph.nodes:
            if a < b:
                dx = max(at[a][0], at[b][0]) - min(at[a][0] + sizes[a][0], at[b][0] + sizes[b][0])
                dy = max(at[a][1], at[b][1]) - min(at[a][1] + sizes[a][1], at[b][1] + sizes[b][1])
                found += [(a, b)] * (dx < apart and dy < apart)
    return found


def crossed(graph: Graph, at: dict, sizes: dict) -> list[tuple]:
    """Wires, drawn from port to port as the canvas does, and the layers that they run through."""
    found = []
    for edge in graph.edges:
        start, end = at[edge.source][0] + sizes[edge.source][0], at[edge.target][0]
        top, bottom = at[edge.source][1] + PORT, at[edge.target][1] + PORT
        for node in graph.nodes.keys() - {edge.source, edge.target}:
            (x, y), (width, height) = at[node], sizes[node]
            places = x + width * np.arange(17) / 16
            places = places[(start < places) & (places < end)]
            line = top + (bottom - top) * descents(places, np.full(len(places), start), np.full(len(places), end))
            if ((y < line) & (line < y + height)).any():
                found.append((edge.source, edge.target, node))
    return found


def crossings(columns: Columns) -> int:
    """How many pairs of wires cross between neighbouring columns."""
    place = {v: i for row in columns.rows for i, v in enumerate(row)}
    found = 0
    for row in columns.rows:
        wires = [(place[v], place[w]) for v in row for w in columns.after[v]]
        found += sum((a - c) * (b - d) < 0 for (a, b), (c, d) in combinations(wires, 2))
    return found


@given(WIRES, st.data())
def test_layers_never_lie_on_one_another_and_keep_their_distance(pairs, data):
    graph = steps(pairs)
    sizes = sized(graph, data)
    assert overlaps(graph, arrange(graph, sizes), sizes, ROW_GAP) == []


@given(WIRES, st.data())
def test_every_wire_runs_to_the_right_with_room_for_its_shape(pairs, data):
    graph = steps(pairs)
    sizes = sized(graph, data)
    chips = {node: data.draw(st.sampled_from([60.0, 140.0])) for node in graph.nodes}
    at = arrange(graph, sizes, chips)
    for edge in graph.edges:
        room = at[edge.target][0] - at[edge.source][0] - sizes[edge.source][0]
        assert room >= max(COLUMN_GAP, chips[edge.source] + 24)


@given(WIRES)
def test_no_two_neighbours_in_a_column_would_cross_fewer_wires_the_other_way_round(pairs):
    graph = steps(pairs)
    for columns in layered(graph, list(graph.nodes)):
        for row in columns.rows:
            least = crossings(columns)
            for i in range(len(row) - 1):
                row[i], row[i + 1] = row[i + 1], row[i]
                assert crossings(columns) >= least
                row[i], row[i + 1] = row[i + 1], row[i]


@given(NETWORKS, st.data())
def test_no_wire_runs_through_a_layer(graph, data):
    sizes = sized(graph, data)
    assert crossed(graph, arrange(graph, sizes), sizes) == []


@given(st.integers(1, 12), st.data())
def test_a_chain_is_a_straight_line_through_the_ports(length, data):
    graph = network(length, list(pairwise(range(length))))
    at = arrange(graph, sized(graph, data))
    assert len({y for _, y in at.values()}) == 1


@given(st.lists(st.integers(1, 4), min_size=1, max_size=3), st.data())
def test_short_cuts_and_what_they_pass_are_straight(depths, data):
    graph = residual(depths)
    at = arrange(graph, sized(graph, data))
    joins = [NodeId(f"n{sum(depths[:i]) + i}") for i in range(len(depths) + 1)]
    assert len({at[node][1] for node in joins}) == 1
    for first, depth in zip(joins, depths, strict=False):
        inside = [NodeId(f"n{int(first[1:]) + k}") for k in range(1, depth + 1)]
        assert len({at[node][1] for node in inside}) == 1


@given(WIRES)
def test_the_same_network_is_drawn_the_same_way_on_the_grid(pairs):
    graph = steps(pairs)
    at = arrange(graph, {})
    assert at == arrange(steps(list(reversed(pairs))), {})
    assert all(x % GRID == 0 and y % GRID == 0 for x, y in at.values())
    assert min((x, y) for x, y in at.values())[0] == 0


def test_parts_that_no_wire_joins_lie_below_one_another():
    at = arrange(network(5, [(0, 1), (2, 3)]), {})
    assert at["n0"][1] == at["n1"][1] < at["n2"][1] == at["n3"][1] < at["n4"][1]
    assert at["n0"][0] == at["n2"][0] == at["n4"][0] == 0


def test_a_selection_is_arranged_where_it_is():
    graph = network(5, list(pairwise(range(5))))
    before = {node: (1000.0 + 7 * i, 500.0 + 50 * i) for i, node in enumerate(graph.nodes)}
    at = arrange(graph, {}, only={"n1", "n2"}, positions=before)
    assert at.keys() == {"n1", "n2"}
    assert at["n1"] == (1008.0, 552.0)
    assert at["n2"][1] == 552.0


def test_a_long_chain_folds_into_lines_that_read_like_text():
    graph = network(12, list(pairwise(range(12))))
    sizes = dict.fromkeys(graph.nodes, (152.0, 64.0))
    at = arrange(graph, sizes, fold=1100)
    rows = sorted({y for _, y in at.values()})
    assert len(rows) == 3
    assert [sum(y == row for _, y in at.values()) for row in rows] == [4, 4, 4]
    assert max(x for x, _ in at.values()) + 152 <= 1100
    assert [n for n, _ in sorted(at.items(), key=lambda i: (i[1][1], i[1][0]))] == list(graph.nodes)


def test_a_fold_breaks_where_the_fewest_wires_are():
    graph = residual([2, 2, 2, 2])
    at = arrange(graph, dict.fromkeys(graph.nodes, (152.0, 64.0)), fold=1500)
    broken = [e for e in graph.edges if at[e.target][0] <= at[e.source][0]]
    assert all(len({e.source for e in broken if at[e.source][1] == y}) <= 1 for y in {at[e.source][1] for e in broken})


def test_wires_are_straight_between_the_ports_they_join():
    graph = network(2, [(0, 1)])
    at = arrange(graph, {}, ports={("n0", "out", False): 68.0})
    assert at["n1"][1] + PORT == at["n0"][1] + 68.0


def test_a_circle_is_drawn_all_the_same():
    at = arrange(network(3, [(0, 1), (1, 2), (2, 1)]), {})
    assert at.keys() == {"n0", "n1", "n2"}
    assert overlaps(network(3, []), at, dict.fromkeys(at, (152.0, 64.0)), ROW_GAP) == []


@pytest.mark.parametrize("only", [None, set()])
def test_nothing_is_nowhere(only):
    assert arrange(Graph(), {}, only=only) == {}


def test_what_leads_to_one_layer_alone_stands_right_before_it():
    graph = network(9, [*pairwise(range(6)), (6, 7), (7, 8), (8, 4)])
    at = arrange(graph, dict.fromkeys(graph.nodes, (152.0, 64.0)))
    assert [at[NodeId(f"n{i}")][0] for i in (6, 7, 8)] == [at[NodeId(f"n{i}")][0] for i in (1, 2, 3)]
