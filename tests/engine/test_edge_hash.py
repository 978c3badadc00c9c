"""An edge keeps its hash to itself: nothing else that an edge does may know of it."""

import pickle
from copy import deepcopy
from dataclasses import replace

from engine.graph.graph import Edge, NodeId

EDGE = Edge(NodeId("n1"), "out", NodeId("n2"), "x", 1)


def test_equal_edges_have_equal_hashes_whether_asked_before_or_not():
    hash(EDGE)
    assert hash(EDGE) == hash(Edge(NodeId("n1"), "out", NodeId("n2"), "x", 1))
    assert {EDGE: 1}[Edge(NodeId("n1"), "out", NodeId("n2"), "x", 1)] == 1


def test_a_changed_edge_has_a_hash_of_its_own():
    hash(EDGE)
    other = replace(EDGE, slot=2)
    assert other != EDGE
    assert hash(other) == hash(Edge(NodeId("n1"), "out", NodeId("n2"), "x", 2))
    assert sorted((other, EDGE)) == [EDGE, other]


def test_the_hash_does_not_leave_the_process():
    fresh = pickle.dumps(replace(EDGE))
    hash(EDGE)
    assert pickle.dumps(EDGE) == fresh
    assert not pickle.loads(fresh)._hash
    assert pickle.loads(fresh) == EDGE == deepcopy(EDGE)
